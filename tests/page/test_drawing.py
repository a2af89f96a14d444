"""The drawn page as text: what is chosen, where it is placed, and that the same graph gives the same bytes."""

from __future__ import annotations

import copy
import hashlib
import json
import os
import random
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples.examples import examples

from graphkit.errors import UsageError
from graphkit.page.drawing import draw
from graphkit.page.drawing.force_layout import NodeBox, Spring, positions
from graphkit.page.drawing.selection import find_node, select_nodes

PROVIDERS = ("Forbes", "The Verge", "Le Monde", "NHK", "Spiegel", "El País", "Ars Technica", "Wired")
TOPICS = ("Computer Vision", "C++", "C#", "Jeux vidéo", "機械学習", "Robotics", "Policy")


def coverage(*, articles: int = 40, seed: int = 1) -> nx.MultiDiGraph[str]:
    """A varied graph: articles, videos and courses, some without date or URL, with topics and relations."""
    rng = random.Random(seed)
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(policy="1")
    for name in PROVIDERS:
        domain = f"{re.sub('[^a-z]', '', name.lower())}.com"
        graph.add_node(f"provider/{domain}", kind="provider", name=name, names=(name,), domain=domain)
    graph.add_node(
        "provider/youtube.com/ign",
        kind="provider",
        name="IGN",
        names=("IGN", "IGN Daily"),
        domain="youtube.com",
        platform="YouTube",
    )
    for number, label in enumerate(TOPICS):
        graph.add_node(f"topic/{number}", kind="topic", label=label, labels=(label, label.lower()))
    graph.add_edge("topic/1", "topic/0", "broader")
    providers = sorted(node for node in graph if node.startswith("provider/"))
    names: list[str] = []
    for number in range(articles):
        node = f"article/example.com/{number:04}"
        title = f"Story {number}: how readers meet the news"
        facts: dict[str, Any] = {"kind": "article", "title": title, "titles": (title, f"{title} (live)")}
        facts |= {"media": rng.choice(("article", "article", "video", "course")), "quality": number}
        if number % 5:
            facts["published_at"] = datetime(2021, 8, 23, 11, 22, tzinfo=UTC) + timedelta(hours=number)
            facts["url"] = f"https://www.example.com/story/{number}"
            facts["variants"] = (("amphtml", f"https://www.example.com/story/{number}/amp"),)
        graph.add_node(node, **facts)
        publisher, distributor = rng.sample(providers, 2)
        graph.add_edge(node, publisher, "publisher", label="as written")
        if number % 7 == 0:
            graph.add_edge(node, distributor, "distributor")
        for topic in rng.sample(range(len(TOPICS)), rng.randint(0, 3)):
            graph.add_edge(node, f"topic/{topic}", "about")
        for rank, other in enumerate(rng.sample(names, min(len(names), rng.randint(0, 4)))):
            graph.add_edge(node, other, "related", rank=rank, sources=(("a.md", f"/related/{rank}"),))
        names.append(node)
    graph.add_node("article/example.com/alone", kind="article", title="Alone")
    return graph


def filled_in_another_order(graph: nx.MultiDiGraph[str], seed: int) -> nx.MultiDiGraph[str]:
    rng = random.Random(seed)
    nodes: list[Any] = list(graph.nodes(data=True))
    edges: list[Any] = list(graph.edges(keys=True, data=True))
    rng.shuffle(nodes)
    rng.shuffle(edges)
    made: nx.MultiDiGraph[str] = nx.MultiDiGraph(**graph.graph)
    for node, facts in nodes:
        made.add_node(node, **dict(sorted(facts.items(), reverse=True)))
    for source, target, kind, facts in edges:
        made.add_edge(source, target, kind, **facts)
    return made


def content(page: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert found
    value: dict[str, Any] = json.loads(found[1])
    return value


def notice(page: str) -> str:
    found = re.search(r'<p id="notice"[^>]*>(.*?)</p>', page)
    assert found
    return found[1]


def drawn(page: str) -> set[str]:
    return {facts["id"] for facts in content(page)["facts"]}


def facts_of(page: str, node: str) -> dict[str, Any]:
    return next(facts for facts in content(page)["facts"] if facts["id"] == node)


# --- the same graph, the same bytes ---------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [500, 20])
def test_the_order_in_which_a_graph_was_filled_does_not_show(limit: int) -> None:
    graph = coverage()
    pages = {draw(filled_in_another_order(graph, seed), limit=limit) for seed in range(4)}
    assert pages == {draw(graph, limit=limit)}


@pytest.mark.engine
def test_another_process_with_another_hash_seed_draws_the_same_bytes() -> None:
    program = (
        "import hashlib, runpy; names = runpy.run_path(__import__('sys').argv[1]);"
        "print(hashlib.sha256(names['draw'](names['coverage']()).encode()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", program, __file__],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert digests == {hashlib.sha256(draw(coverage()).encode()).hexdigest()}


def test_the_layout_is_the_same_to_the_last_digit_as_when_this_test_was_written() -> None:
    spots = [NodeBox(20, 15, hub=number < 6) for number in range(60)]
    springs = [Spring(number, number * number % 6, 1.0 + number % 3) for number in range(6, 60)]
    digest = hashlib.sha256(repr(positions(spots, springs)).encode()).hexdigest()
    assert digest[:16] == "6cfe2bddee3101f1"


def test_drawing_leaves_the_graph_as_it_is() -> None:
    graph = coverage()
    before = copy.deepcopy(graph)
    draw(graph, around="topic/0", hops=2)
    assert list(graph.nodes(data=True)) == list(before.nodes(data=True))
    assert list(graph.edges(keys=True, data=True)) == list(before.edges(keys=True, data=True))
    assert graph.graph == before.graph


def test_importing_the_page_does_not_import_pyvis() -> None:
    program = "import sys, graphkit.page; print('pyvis' in sys.modules or 'IPython' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "False"


# --- what is chosen ---------------------------------------------------------------------------------------------


def test_a_small_graph_is_drawn_whole() -> None:
    graph = coverage()
    page = draw(graph)
    assert drawn(page) == set(graph)
    assert len(content(page)["edges"]) == graph.number_of_edges()
    assert notice(page) == f"{len(graph)} nodes, {graph.number_of_edges()} links"


@pytest.mark.engine
def test_above_the_limit_the_busiest_nodes_are_drawn_and_the_page_says_so() -> None:
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for number in range(1233):
        graph.add_edge(f"article/{number:04}", "topic/all", "about")
    for number in range(499):
        graph.add_edge("article/0000", f"article/{number + 1:04}", "related")
    page = draw(graph)
    assert drawn(page) == {"topic/all", *(f"article/{number:04}" for number in range(499))}
    assert notice(page) == "Showing the 500 busiest of 1,234 nodes"


def test_nothing_is_said_to_be_left_out_at_the_limit_itself() -> None:
    graph = coverage()
    assert "Showing" not in notice(draw(graph, limit=len(graph)))
    assert "Showing" in notice(draw(graph, limit=len(graph) - 1))


@pytest.mark.parametrize(
    "hops, expected",
    [(0, {"c"}), (1, {"b", "c", "d"}), (2, {"a", "b", "c", "d", "e"}), (9, {"a", "b", "c", "d", "e"})],
)
def test_hops_are_counted_along_edges_either_way(hops: int, expected: set[str]) -> None:
    path: nx.MultiDiGraph[str] = nx.MultiDiGraph([("a", "b"), ("b", "c"), ("c", "d"), ("e", "d")])
    path.add_node("far away")
    assert set(select_nodes(path, around="c", hops=hops, limit=500).nodes) == expected


def test_the_nearest_come_first_where_the_neighbourhood_is_above_the_limit() -> None:
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph([("centre", "near 1"), ("near 2", "centre"), ("near 1", "far")])
    graph.add_edges_from(("far", f"leaf {number}") for number in range(9))
    chosen = select_nodes(graph, around="centre", hops=3, limit=3)
    assert chosen.nodes == ("centre", "near 1", "near 2")
    page = draw(graph, around="centre", hops=3, limit=3)
    assert notice(page) == "Showing the 3 nearest and busiest of 13 nodes within 3 steps of “centre”"
    assert content(page)["centre"] == 0


@pytest.mark.parametrize("options", [{"limit": 0}, {"hops": -1}, {"around": "nobody knows this"}])
def test_arguments_that_cannot_be_served_are_usage_errors(options: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match=r"expected .*, got "):
        draw(coverage(), **options)


def test_an_empty_graph_gives_a_page_that_says_so() -> None:
    page = draw(nx.MultiDiGraph())
    assert notice(page) == "This graph is empty. There is nothing to draw."
    assert content(page)["nodes"] == []


# --- finding a node -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, node",
    [
        ("provider/youtube.com/ign", "provider/youtube.com/ign"),
        ("https://www.example.com/story/3", "article/example.com/0003"),
        ("https://www.example.com/story/3/amp", "article/example.com/0003"),
        ("http://m.example.com:80/story/3?utm_source=x#top", "article/example.com/0003"),
        ("example.com/story/3", "article/example.com/0003"),
        ("Story 7: how readers meet the news", "article/example.com/0007"),
        ("story 7:  HOW readers meet the news", "article/example.com/0007"),
        ("Story 7: how readers meet the news (live)", "article/example.com/0007"),
        ("FORBES", "provider/forbes.com"),
        ("forbes.com", "provider/forbes.com"),
        ("ign daily", "provider/youtube.com/ign"),
        ("c++", "topic/1"),
        ("機械", "topic/4"),
        ("vision", "topic/0"),
    ],
)
def test_a_node_is_found_by_id_url_title_and_name(text: str, node: str) -> None:
    assert find_node(coverage(), text) == node


def test_a_whole_name_wins_over_a_part_of_others() -> None:
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    graph.add_node("topic/art", kind="topic", label="Art", labels=("Art",))
    graph.add_node("topic/artists", kind="topic", label="Artists", labels=("Artists",))
    assert find_node(graph, "art") == "topic/art"


def test_a_text_that_fits_several_nodes_names_at_most_five_of_them() -> None:
    with pytest.raises(UsageError) as caught:
        find_node(coverage(), "readers")
    message = str(caught.value)
    assert "expected the id, URL, title or name of one node, got 'readers'" in message
    assert "fits 40 nodes" in message
    assert message.count("article/") == 5


def test_a_text_that_fits_no_node_brings_near_ones() -> None:
    with pytest.raises(UsageError, match=r"got 'Forbs'; near it: 'Forbes' \(provider/forbes\.com\)"):
        find_node(coverage(), "Forbs")


@pytest.mark.parametrize("text", ["", "  ", "zzzzzzzzzz", "javascript:alert(1)", "https://", "\x1b[31m"])
def test_a_text_that_names_nothing_is_a_usage_error_that_shows_it(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        find_node(coverage(), text)
    assert repr(text) in str(caught.value)


# --- what the page holds --------------------------------------------------------------------------------------------


def test_the_policy_lets_nothing_in_or_out_and_names_the_scripts_by_their_hashes() -> None:
    page = draw(coverage())
    found = re.search(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', page)
    assert found
    policy = dict(part.split(" ", 1) for part in found[1].replace("&#x27;", "'").split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["base-uri"] == policy["form-action"] == policy["trusted-types"] == "'none'"
    assert not re.search(r"unsafe|\*|https?:|data:", found[1])
    assert len(re.findall(r"'sha256-[\w+/]{43}='", policy["script-src"])) == 2
    assert re.fullmatch(r"'sha256-[\w+/]{43}='", policy["style-src"])
    assert page.index("Content-Security-Policy") < page.index("<style>") < page.index("<script")


def test_the_page_points_to_nothing_outside_itself() -> None:
    page = draw(coverage())
    markup = re.sub(r"(<script[^>]*>|<style>).*?(</script>|</style>)", "", page, flags=re.DOTALL)
    assert not re.search(r"https?:|//|\bsrc=|\bhref=|<link|<iframe|<img|@import|url\(", markup)
    style = page[page.index("<style>") : page.index("</style>")]
    assert not re.search(r"url\(|@import|https?:", style)
    assert not re.search(r"sourceMappingURL|cdnjs|jsdelivr|unpkg|bootstrap", page)


def test_the_heading_is_escaped_and_stays_one_line() -> None:
    page = draw(coverage(), title='A "<b>bold</b>" $title\n& more \x00\ud800')
    heading = "A &quot;&lt;b&gt;bold&lt;/b&gt;&quot; $title &amp; more"
    assert f"<title>{heading}</title>" in page
    assert f'<h1 dir="auto">{heading}</h1>' in page


@given(text=st.text(st.characters(exclude_categories=())))
@examples(25)
def test_any_text_comes_through_the_page_as_it_was(text: str) -> None:
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    graph.add_node("article/a", kind="article", title=f"x{text}x", excerpt=f"x{text}x")
    page = draw(graph)
    page.encode()
    (facts,) = content(page)["facts"]
    assert facts["excerpt"] == re.sub("[\ud800-\udfff]", "\ufffd", f"x{text}x")
    data = page[page.index('id="data">') + 10 : page.index("</script>")]
    assert not re.search("[<>&\u2028\u2029]", data)


def test_pyvis_holds_what_is_drawn() -> None:
    page = content(draw(coverage()))
    assert page["options"]["physics"] == {"enabled": False}
    assert {edge["arrows"] for edge in page["edges"]} == {"to"}
    assert all(isinstance(node["x"], int) and isinstance(node["y"], int) for node in page["nodes"])
    assert {node["group"]: node["shape"] for node in page["nodes"]} == {
        "article": "dot",
        "video": "triangle",
        "other": "hexagon",
        "provider": "square",
        "topic": "diamond",
    }


def test_labels_are_short_and_the_panel_has_the_whole_title() -> None:
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    graph.add_node("article/a", kind="article", title="word " * 60)
    page = content(draw(graph))
    assert len(page["nodes"][0]["label"]) <= 34
    assert page["facts"][0]["name"] == ("word " * 60).strip()


def test_the_panel_has_the_facts_of_an_article() -> None:
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    graph.add_node(
        "article/a",
        kind="article",
        title="Title",
        titles=("Older title", "Title"),
        excerpt="What it says",
        published_at=datetime(2021, 8, 23, 11, 22, tzinfo=UTC),
        url="https://www.example.com/a",
        media="video",
        quality=87,
        status="draft",
    )
    graph.add_node("provider/p", kind="provider", name="Provider", names=("Provider",), domain="p.com")
    graph.add_node("topic/t", kind="topic", label="Topic", labels=("Topic",))
    graph.add_edge("article/a", "provider/p", "publisher")
    graph.add_edge("article/a", "topic/t", "about")
    for rank, other in enumerate("cb"):
        graph.add_node(f"article/{other}", kind="article", title=other)
        graph.add_edge("article/a", f"article/{other}", "related", rank=rank)
    page = draw(graph)
    assert facts_of(page, "article/a") == {
        "id": "article/a",
        "what": "Video",
        "name": "Title",
        "url": "https://www.example.com/a",
        "excerpt": "What it says",
        "rows": [["Published", "23 August 2021, 11:22 UTC"], ["Quality", "87"], ["Status", "draft"]],
        "others": ["Older title"],
        "lists": [
            {"heading": "Provider", "nodes": [3]},
            {"heading": "Topics", "nodes": [4]},
            {"heading": "Related coverage", "nodes": [2, 1]},
        ],
    }
    alone = facts_of(draw(graph, around="article/a", hops=0), "article/a")
    assert alone["lists"][2] == {"heading": "Related coverage", "names": ["c", "b"]}


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JavaScript://example.com/%0aalert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//example.com/",
        "http://",
        "https://[",
        " javascript:alert(1)",
        "",
    ],
)
def test_what_is_no_web_address_is_no_link(url: str) -> None:
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    graph.add_node("article/a", kind="article", title="Title", url=url)
    assert "url" not in facts_of(draw(graph), "article/a")


def test_a_provider_links_to_its_domain_unless_it_is_a_channel_of_a_platform() -> None:
    page = draw(coverage())
    assert facts_of(page, "provider/forbes.com")["url"] == "https://forbes.com/"
    assert "url" not in facts_of(page, "provider/youtube.com/ign")


# --- the layout ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("articles", [0, 1, 40, 460])
def test_no_node_lies_on_another(articles: int) -> None:
    nodes = content(draw(coverage(articles=articles)))["nodes"]
    for one, other in combinations(nodes, 2):
        apart = max(abs(one["x"] - other["x"]), abs(one["y"] - other["y"]))
        assert apart > one["size"] + other["size"], (one["label"], other["label"])


def test_the_layout_is_compact_and_wider_than_high() -> None:
    nodes = content(draw(coverage(articles=460)))["nodes"]
    width = max(node["x"] for node in nodes) - min(node["x"] for node in nodes)
    height = max(node["y"] for node in nodes) - min(node["y"] for node in nodes)
    assert height < width < 2 * height
    assert width * height < len(nodes) * 120 * 120


def test_articles_lie_nearer_to_their_own_provider_than_to_others() -> None:
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for number in range(120):
        graph.add_edge(f"article/{number:03}", f"provider/{number % 6}", "publisher")
    for number in range(6):
        graph.add_node(f"provider/{number}", kind="provider", name=str(number))
    page = content(draw(graph))
    place = {facts["id"]: node for facts, node in zip(page["facts"], page["nodes"], strict=True)}

    def distance(article: str, number: int) -> float:
        one, other = place[article], place[f"provider/{number}"]
        return float((one["x"] - other["x"]) ** 2 + (one["y"] - other["y"]) ** 2)

    at_home = 0
    for number in range(120):
        distances = [distance(f"article/{number:03}", provider) for provider in range(6)]
        at_home += distances.index(min(distances)) == number % 6
    assert at_home > 100


@pytest.mark.parametrize("count", [0, 1, 2, 3, 50])
def test_nodes_without_links_get_places_of_their_own(count: int) -> None:
    places = positions([NodeBox(8, 8, hub=False)] * count, [])
    assert len(set(places)) == count


def test_links_to_itself_and_parallel_links_do_no_harm() -> None:
    spots = [NodeBox(8, 8, hub=True), NodeBox(8, 8, hub=False)]
    (x, y), (other_x, other_y) = positions(spots, [Spring(0, 0, 1.0), Spring(0, 1, 1.0), Spring(1, 0, 1.0)])
    assert max(abs(x - other_x), abs(y - other_y)) >= 15
