"""The NetworkX graph: kinds, attributes, order, and what other tools make of it."""

from __future__ import annotations

import gc
import io
from datetime import UTC, datetime
from typing import Any

import msgspec
import networkx as nx
import pytest
from hypothesis import given
from paths import ROOT
from samples.examples import examples
from samples.generated_records import CORPORA, Raw, corpus_of

import graphkit
from graphkit.garbage_collection import collector_paused
from graphkit.graph.construction import _edges, to_graph
from graphkit.identity.folding import topic_id
from graphkit.merge.articles import Merged, merge
from graphkit.merge.mentions import Corpus, TopicMention, mentions_of
from graphkit.records.entry import Entry, Image, TopicEntry
from graphkit.urls.canonical_url import POLICY_VERSION

MOMENT = datetime(2021, 8, 23, 11, 22, tzinfo=UTC)


def full() -> Merged:
    """Return one of each kind with every attribute, and an article of which next to nothing is known."""
    article = Entry(
        title="One",
        excerpt="An excerpt.",
        published_at=MOMENT,
        updated_at=MOMENT.replace(day=24),
        web_url="https://www.example.com/a",
        original_url="https://msn.com/x",
        amp_url="https://www.example.com/a/amp",
        cdn_url="https://x.cdn.ampproject.org/c/s/www.example.com/a",
        media="article",
        quality=87,
        heat=0,
        status="published",
        categories=("news",),
        language="en-us",
        provider_name="Example on MSN",
        provider_domain="msn.com",
        topics=("Computer Vision", "computer vision"),
        images=(
            Image("https://example.com/j.jpg", 1200, 754),
            Image("https://example.com/i.jpg", 0, 7),
            Image("https://example.com/h.jpg"),
        ),
        related=(Entry(title="Two", provider_name="IGN", provider_domain="youtube.com"),),
    )
    topic = TopicEntry("Computer Vision", labels=("CV",), parent="AI", keywords=("image",))
    mentions = tuple(mentions_of(article, "2021/a.md", ""))
    return merge(Corpus(mentions, (TopicMention("topics.yaml", "", topic),)))


def test_every_attribute_is_there_as_a_plain_value() -> None:
    graph = to_graph(full())
    nodes = {
        data.get("title") or data.get("name") or data["label"]: (node, data) for node, data in graph.nodes(data=True)
    }
    assert nodes["One"][1] == {
        "kind": "article",
        "title": "One",
        "titles": ("One",),
        "excerpt": "An excerpt.",
        "published_at": MOMENT,
        "updated_at": MOMENT.replace(day=24),
        "url": "https://www.example.com/a",
        "variants": (
            ("amphtml", "https://www.example.com/a/amp"),
            ("cachedCopy", "https://x.cdn.ampproject.org/c/s/www.example.com/a"),
            ("original", "https://msn.com/x"),
        ),
        "media": "article",
        "quality": 87,
        "heat": 0,
        "status": "published",
        "categories": ("news",),
        "language": "en-us",
        "images": (
            {"url": "https://example.com/h.jpg"},
            {"url": "https://example.com/i.jpg", "height": 7},
            {"url": "https://example.com/j.jpg", "width": 1200, "height": 754},
        ),
        "sources": (("2021/a.md", ""),),
    }
    assert nodes["Two"][1] == {
        "kind": "article",
        "title": "Two",
        "titles": ("Two",),
        "sources": (("2021/a.md", "/related/0"),),
    }
    assert nodes["Example"] == (
        "provider/msn.com/example",
        {
            "kind": "provider",
            "name": "Example",
            "names": ("Example",),
            "domain": "msn.com",
            "platform": "MSN",
        },
    )
    assert nodes["MSN"] == (
        "provider/msn.com",
        {"kind": "provider", "name": "MSN", "names": ("MSN",), "domain": "msn.com"},
    )
    assert nodes["IGN"] == (
        "provider/youtube.com/ign",
        {
            "kind": "provider",
            "name": "IGN",
            "names": ("IGN",),
            "domain": "youtube.com",
            "platform": "YouTube",
        },
    )
    assert nodes["Computer Vision"] == (
        "topic/computer-vision",
        {
            "kind": "topic",
            "label": "Computer Vision",
            "labels": ("CV", "Computer Vision", "computer vision"),
            "keywords": ("image",),
        },
    )
    assert nodes["AI"] == ("topic/ai", {"kind": "topic", "label": "AI", "labels": ("AI",)})
    one, two = nodes["One"][0], nodes["Two"][0]
    assert sorted(graph.edges(keys=True, data=True), key=lambda edge: edge[:3]) == sorted(
        [
            (one, "provider/msn.com/example", "publisher", {"label": "Example on MSN"}),
            (one, "provider/msn.com", "distributor", {}),
            (one, "topic/computer-vision", "about", {}),
            (one, two, "related", {"rank": 0, "sources": (("2021/a.md", "/related/0"),)}),
            (two, "provider/youtube.com/ign", "publisher", {"label": "IGN"}),
            ("topic/computer-vision", "topic/ai", "broader", {}),
        ],
        key=lambda edge: edge[:3],
    )
    assert graph.graph == {"policy": POLICY_VERSION}


def test_no_two_edges_share_their_attributes() -> None:
    graph = to_graph(full())
    data = [id(attributes) for _, _, attributes in graph.edges(data=True)]
    assert len(data) == len(set(data))


@given(CORPORA)
@examples(100)
def test_the_graph_is_the_one_that_networkx_would_make_edge_by_edge(records: list[Raw]) -> None:
    merged = merge(corpus_of(records))
    graph = to_graph(merged)
    expected: nx.MultiDiGraph[str] = nx.MultiDiGraph(policy=POLICY_VERSION)
    expected.add_nodes_from(graph.nodes(data=True))
    for source, target, kind, attributes in _edges(merged, graph):
        expected.add_edge(source, target, key=kind, **attributes)
    # As lists: their order counts.
    assert list(graph.nodes(data=True)) == list(expected.nodes(data=True))
    assert list(graph.edges(keys=True, data=True)) == list(expected.edges(keys=True, data=True))
    assert list(graph.in_edges(keys=True, data=True)) == list(expected.in_edges(keys=True, data=True))
    ahead, back = graph.succ, graph.pred
    assert all(ahead[source][target][kind] is back[target][source][kind] for source, target, kind in graph.edges)


def test_two_edges_lead_from_one_node_to_another_where_two_kinds_are_said() -> None:
    merged = full()
    articles = tuple(msgspec.structs.replace(article, distributor=article.publisher) for article in merged.articles)
    graph = to_graph(msgspec.structs.replace(merged, articles=articles))
    for article in articles:
        for edges in (graph.succ[article.id][article.publisher], graph.pred[article.publisher][article.id]):
            assert list(edges) == ["publisher", "distributor"]


def test_a_publisher_without_a_label_is_an_edge_without_one() -> None:
    entry = Entry(title="T", web_url="https://example.com/a", provider_domain="example.com")
    graph = to_graph(merge(Corpus(tuple(mentions_of(entry, "a.md", "")))))
    ((_, provider, kind, data),) = graph.edges(keys=True, data=True)
    assert (provider, kind, data) == ("provider/example.com", "publisher", {})
    assert graph.nodes[provider] == {
        "kind": "provider",
        "name": "example.com",
        "names": ("example.com",),
        "domain": "example.com",
    }


ATTRIBUTES: dict[str, dict[str, Any]] = {
    "article": {
        "title": str, "titles": tuple, "excerpt": str, "published_at": datetime, "updated_at": datetime, "url": str,
        "variants": tuple, "media": str, "quality": int, "heat": int, "status": str, "categories": tuple,
        "language": str, "images": tuple, "sources": tuple,
    },
    "provider": {"name": str, "names": tuple, "domain": str, "platform": str},
    "topic": {"label": str, "labels": tuple, "keywords": tuple},
}  # fmt: skip
NEEDED = {"article": {"sources"}, "provider": {"name", "names"}, "topic": {"label", "labels"}}
EDGES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "publisher": ("article", "provider", {"label": str}),
    "distributor": ("article", "provider", {}),
    "about": ("article", "topic", {}),
    "related": ("article", "article", {"rank": int, "sources": tuple}),
    "broader": ("topic", "topic", {}),
}


def check(graph: nx.MultiDiGraph[str]) -> None:
    """Check kinds, types, order, and that what is unknown is absent."""
    for node, data in graph.nodes(data=True):
        kind = data["kind"]
        assert node.startswith(f"{kind}/")
        assert NEEDED[kind] <= data.keys() - {"kind"} <= ATTRIBUTES[kind].keys()
        for name, value in data.items():
            if name != "kind":
                assert type(value) is ATTRIBUTES[kind][name], (name, value)
                assert value not in ("", ()), name
        for name in ("titles", "names", "labels", "keywords", "categories", "variants", "sources"):
            assert list(data.get(name, ())) == sorted(set(data.get(name, ()))), name
        images = data.get("images", ())
        assert [image["url"] for image in images] == sorted({image["url"] for image in images})
        for image in images:
            assert {"url"} <= image.keys() <= {"url", "width", "height"}
            assert all(image[side] > 0 for side in image.keys() - {"url"})
        for one, many in (("title", "titles"), ("name", "names"), ("label", "labels")):
            assert one not in data or data[one] in data[many]
        for moment in ("published_at", "updated_at"):
            assert moment not in data or data[moment].tzinfo is UTC
        if "url" in data:
            assert data["url"] not in {address for _, address in data.get("variants", ())}
    nodes = list(graph)
    order = ["article", "provider", "topic"]
    assert nodes == sorted(nodes, key=lambda node: (order.index(graph.nodes[node]["kind"]), node))
    for start, target, kind, data in graph.edges(keys=True, data=True):
        kinds = (graph.nodes[start]["kind"], graph.nodes[target]["kind"])
        assert kinds == EDGES[kind][:2]
        assert start != target
        assert data.keys() == EDGES[kind][2].keys() or (kind, data) == ("publisher", {})
        assert all(type(data[name]) is EDGES[kind][2][name] for name in data)
    for kind in ("publisher", "distributor"):
        starts = [start for start, _, key in graph.edges(keys=True) if key == kind]
        assert len(starts) == len(set(starts)), f"at most one {kind}"


@examples(150)
@given(CORPORA)
def test_any_graph_keeps_to_the_kinds_and_types(records: list[Raw]) -> None:
    check(to_graph(merge(corpus_of(records))))


def test_the_seeds_keep_to_the_kinds_and_types() -> None:
    graph = graphkit.build(ROOT / "seeds").graph
    check(graph)
    assert {kind for _, _, kind in graph.edges(keys=True)} == set(EDGES)


def test_networkx_takes_it_as_it_is() -> None:
    graph = graphkit.build(ROOT / "seeds").graph
    linked = nx.node_link_data(graph, edges="edges")
    again: Any = nx.node_link_graph(linked, edges="edges")
    assert nx.utils.graphs_equal(again, graph)
    assert list(again.nodes) == list(graph.nodes)
    assert list(again.edges(keys=True)) == list(graph.edges(keys=True))
    assert nx.utils.graphs_equal(graph.copy(), graph)


def test_its_structure_goes_through_graphml() -> None:
    graph = to_graph(full())
    plain: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    plain.add_nodes_from((node, {"kind": data["kind"]}) for node, data in graph.nodes(data=True))
    plain.add_edges_from((start, target, kind) for start, target, kind in graph.edges(keys=True))
    buffer = io.BytesIO()
    nx.write_graphml(plain, buffer)
    buffer.seek(0)
    again: Any = nx.read_graphml(buffer, force_multigraph=True)
    assert set(again.edges(keys=True)) == set(graph.edges(keys=True))


def test_every_edge_end_is_described() -> None:
    graph = to_graph(full())
    assert all("kind" in data for _, data in graph.nodes(data=True))
    assert topic_id("AI") in graph


@pytest.mark.parametrize("enabled", [True, False])
def test_the_collector_is_as_it_was_afterwards(enabled: bool) -> None:
    before = gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        with collector_paused():
            assert not gc.isenabled()
        assert gc.isenabled() is enabled
        with pytest.raises(KeyError), collector_paused():
            raise KeyError
        assert gc.isenabled() is enabled
    finally:
        (gc.enable if before else gc.disable)()
