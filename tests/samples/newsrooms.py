"""A small newsroom and synthetic graphs, and the explorers of both."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from importlib import util

import networkx as nx
from paths import ROOT

from graphkit.page.explorer import explore

PROVIDERS = {
    "forbes.com": "Forbes",
    "theverge.com": "The Verge",
    "lapresse.ca": "La Presse Montréal",
    "zeit.de": "Die Zeit",
    "youtube.com/robots": "Robots Weekly",
}
TOPICS = {
    "robots": "Robots",
    "policy": "Public policy",
    "energy": "Énergie",
    "space": "Space flight",
}
FIRST = datetime(2016, 10, 3, 8, 0, tzinfo=UTC)
LAST = datetime(2023, 5, 30, 18, 0, tzinfo=UTC)
STORIES, STORY = 10, 4


def newsroom() -> nx.MultiDiGraph[str]:
    """Return 40 articles in ten stories over seven years, of five providers on four topics.

    Story `n` is articles `4n` to `4n + 3`: all list the first as related, a few hours apart. Article 0 is the oldest
    and article 39 the newest; article 21 has no date, article 22 no address, article 23 a foreign kind of media.
    """
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for domain, name in PROVIDERS.items():
        graph.add_node(f"provider/{domain}", kind="provider", name=name, names=(name,), domain=domain.partition("/")[0])
    for word, label in TOPICS.items():
        graph.add_node(f"topic/{word}", kind="topic", label=label, labels=(label,))
    graph.add_edge("topic/space", "topic/policy", "broader")
    domains, words = list(PROVIDERS), list(TOPICS)
    between = (LAST - FIRST - timedelta(hours=9)) / (STORIES - 1)
    for number in range(STORIES * STORY):
        story, place = divmod(number, STORY)
        title = f"{SUBJECTS[story]}: {ANGLES[place]}"
        domain, word = domains[(4 * story + 3 * place) % 5], words[story % 4]
        graph.add_node(
            f"article/{number}",
            kind="article",
            title=title,
            titles=(title, f"{title}, as it was called before") if place == 1 else (title,),
            excerpt=f"What {ANGLES[place]} of {SUBJECTS[story]} say, told on page {100 + number}.",
            published_at=FIRST + story * between + timedelta(hours=3 * place),
            url=f"https://www.{domain}/stories/{number}?from=home&page=2",
            media="video" if domain.startswith("youtube") else "article",
            status=("published", "published", "draft")[number % 3],
            quality=80 + number,
            heat=1000 + number,
            variants=(("amphtml", f"https://amp.{domain}/stories/{number}"),),
            sources=((f"news/{number}.md", ""),),
        )
        graph.add_edge(f"article/{number}", f"provider/{domain}", "publisher", label=PROVIDERS[domain])
        graph.add_edge(f"article/{number}", f"topic/{word}", "about")
        if place:
            where = ((f"news/{number}.md", "/related/0"),)
            graph.add_edge(f"article/{number}", f"article/{number - place}", "related", rank=0, sources=where)
            graph.nodes[f"article/{number - place}"]["sources"] += where
    del graph.nodes["article/21"]["published_at"]
    del graph.nodes["article/22"]["url"]
    graph.nodes["article/23"]["media"] = "podcast"
    return graph


@cache
def newsroom_page() -> str:
    """Return the explorer of the newsroom."""
    return explore(newsroom())


SUBJECTS = (
    "Harbour crane",
    "City budget",
    "Wind park",
    "Moon lander",
    "Delivery drone",
    "School reform",
    "Heat pump",
    "Space debris",
    "Kitchen robot",
    "Rent control",
)
ANGLES = ("first tests", "critics", "costs", "neighbours")


@cache
def synthetic(nodes: int) -> nx.MultiDiGraph[str]:
    """Return a synthetic coverage graph of the benchmarks, of about so many nodes. It is only read."""
    file = ROOT / "benchmarks" / "coverage_graphs.py"
    found = util.spec_from_file_location(file.stem, file)
    assert found
    assert found.loader
    module = util.module_from_spec(found)
    found.loader.exec_module(module)
    graph: nx.MultiDiGraph[str] = module.coverage_graph(nodes)
    return graph


@cache
def synthetic_page(nodes: int) -> str:
    """Return the explorer of a synthetic graph."""
    return explore(synthetic(nodes), title=f"{nodes} nodes")
