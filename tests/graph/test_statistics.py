"""Numbers about a graph."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import networkx as nx
import pytest
from paths import ROOT

import graphkit
from graphkit.graph.statistics import most_linked, statistics


def made() -> nx.MultiDiGraph[str]:
    """Return a graph of four articles, three providers and two topics."""
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(policy="1")
    days = {"a": 3, "b": 1, "c": 2}
    for name in "abcd":
        data: dict[str, Any] = {"kind": "article", "title": name}
        if name in days:
            data |= {
                "published_at": datetime(2021, 8, days[name], tzinfo=UTC),
                "media": "video" if name == "a" else "article",
            }
        graph.add_node(f"article/{name}", **data)
    for name in ("Zed", "Abel", "Mid"):
        graph.add_node(f"provider/{name.lower()}", kind="provider", name=name)
    for label in ("AI", "Law"):
        graph.add_node(f"topic/{label.lower()}", kind="topic", label=label)
    for article, provider in (("a", "zed"), ("b", "zed"), ("c", "abel"), ("d", "mid")):
        graph.add_edge(f"article/{article}", f"provider/{provider}", "publisher")
    graph.add_edge("article/a", "provider/mid", "distributor")
    graph.add_edge("article/a", "topic/ai", "about")
    graph.add_edge("article/b", "topic/law", "about")
    graph.add_edge("article/c", "topic/law", "about")
    graph.add_edge("article/a", "article/b", "related", rank=0)
    graph.add_edge("article/b", "article/a", "related", rank=0)
    graph.add_edge("topic/law", "topic/ai", "broader")
    return graph


def test_a_graph_has_these_numbers() -> None:
    assert statistics(made()) == {
        "nodes": {"article": 4, "provider": 3, "topic": 2},
        "edges": {"about": 3, "broader": 1, "distributor": 1, "publisher": 4, "related": 2},
        "media": {"article": 2, "unknown": 1, "video": 1},
        "published": {"first": "2021-08-01T00:00:00Z", "last": "2021-08-03T00:00:00Z"},
        "providers": [
            {"id": "provider/zed", "name": "Zed", "articles": 2},
            {"id": "provider/abel", "name": "Abel", "articles": 1},
            {"id": "provider/mid", "name": "Mid", "articles": 1},
        ],
        "topics": [
            {"id": "topic/law", "name": "Law", "articles": 2},
            {"id": "topic/ai", "name": "AI", "articles": 1},
        ],
    }


def test_an_empty_graph_has_no_numbers() -> None:
    empty: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    assert statistics(empty) == {
        "nodes": {},
        "edges": {},
        "media": {},
        "published": {},
        "providers": [],
        "topics": [],
    }


@pytest.mark.parametrize("top,names", [(0, []), (1, ["Zed"]), (2, ["Zed", "Abel"]), (9, ["Zed", "Abel", "Mid"])])
def test_only_the_top_is_listed(top: int, names: list[str]) -> None:
    assert [row["name"] for row in statistics(made(), top=top)["providers"]] == names
    assert [row["name"] for row in most_linked(made(), "publisher", "name", top=top)] == names


def test_equal_names_stand_in_the_order_of_ids() -> None:
    graph = made()
    graph.nodes["provider/mid"]["name"] = graph.nodes["provider/abel"]["name"] = ""
    assert [row["id"] for row in most_linked(graph, "publisher", "name", top=9)] == [
        "provider/zed",
        "provider/abel",
        "provider/mid",
    ]


def test_the_numbers_of_the_seeds_are_plain_and_agree_with_the_report() -> None:
    built = graphkit.build(ROOT / "seeds")
    numbers = statistics(built.graph)
    assert json.loads(json.dumps(numbers)) == numbers
    assert numbers["nodes"] == {kind: built.report["graph"][f"{kind}s"] for kind in ("article", "provider", "topic")}
    assert numbers["edges"]["related"] == built.report["graph"]["related"]
    assert sum(numbers["media"].values()) == numbers["nodes"]["article"]
