"""The explorer's blocks: whatever the graph holds comes back from the page, and nothing breaks the reading."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import networkx as nx
import pytest
from explorer_blocks import EDGES, Held, held
from exploring import synthetic, synthetic_page
from hypothesis import example, given, settings
from hypothesis import strategies as st

import graphkit
from graphkit.page import explore
from graphkit.page.explorer import varints
from graphkit.page.explorer.columns import WHOLE
from graphkit.page.explorer.slugs import packed, words_of

Graph = nx.MultiDiGraph  # its parameter is for type checkers only
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def plain(text: str) -> str:
    """Return a text as a page shows it: one line without control characters."""
    signs = ("\u2028", "\u2029")
    kept = [
        " " if ord(sign) < 32 or 127 <= ord(sign) < 160 or sign in signs or 0xD800 <= ord(sign) < 0xE000 else sign
        for sign in text
    ]
    return " ".join("".join(kept).split())


# --- whatever a graph holds comes back ----------------------------------------------------------------------------------

TEXTS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        ["", "\x1f\x1e\x1d\x01!!", "a\nb", "\ud800", "</script>", "*", "C++ & C#", "العربية", "👩‍🚀", "x" * 5_000]
    ),
)
MOMENTS = st.one_of(
    st.datetimes(timezones=st.just(UTC)),
    st.datetimes(),
    st.sampled_from(
        [
            datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
            datetime(9999, 12, 31, 23, 59, tzinfo=timezone(-timedelta(hours=11))),
            datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC),
        ]
    ),
)
ADDRESSES = st.one_of(
    TEXTS,
    TEXTS.map("https://example.com/{}".format),
    TEXTS.map(lambda text: f"https://a.org/{'-'.join(words_of(text))}/x"),
)
FILES = st.sampled_from(["a.md", "b.md", "news/c.json"])
PLACES = st.lists(st.tuples(FILES, st.sampled_from(["", "/value/3", "/related/0"])), max_size=3, unique=True).map(tuple)
NUMBERS = st.one_of(st.integers(), st.booleans(), st.floats(), st.none())
FACTS = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.sampled_from(["article", "article", "provider", "topic", "thing"]),
        "title": TEXTS,
        "name": TEXTS,
        "label": TEXTS,
        "titles": st.lists(TEXTS, max_size=3).map(tuple),
        "excerpt": TEXTS,
        "url": ADDRESSES,
        "variants": st.lists(st.tuples(st.sampled_from(["amphtml", "original"]), ADDRESSES), max_size=3).map(tuple),
        "images": st.lists(ADDRESSES.map(lambda url: {"url": url}), max_size=3).map(tuple),
        "media": TEXTS,
        "status": TEXTS,
        "published_at": MOMENTS,
        "updated_at": MOMENTS,
        "quality": NUMBERS,
        "heat": NUMBERS,
        "sources": PLACES,
        "language": TEXTS,
        "categories": st.lists(TEXTS, max_size=2).map(tuple),
        "secret": st.just("never written"),
    },
)


@st.composite
def graphs(draw: st.DrawFn) -> Graph[str]:
    count = draw(st.integers(0, 8))
    graph: Graph[str] = nx.MultiDiGraph()
    for node in range(count):
        graph.add_node(f"n/{node}", **draw(FACTS))
    ends = st.integers(0, max(0, count - 1))
    for source, target, kind in draw(
        st.lists(st.tuples(ends, ends, st.sampled_from([*EDGES, "other"])), max_size=20 if count else 0)
    ):
        facts: dict[str, Any] = {"rank": draw(st.integers(0, 3)), "sources": draw(PLACES)} if kind == "related" else {}
        graph.add_edge(f"n/{source}", f"n/{target}", kind, **facts)
    return graph


def known(value: object) -> int | None:
    return max(-(2**52), min(2**52, int(value))) if isinstance(value, int) else None


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_any_graph_comes_back_from_its_page(graph: Graph[str]) -> None:
    page = held(explore(graph))
    assert sorted(page.by_id) == sorted(graph)
    for node, facts in graph.nodes(data=True):
        read = page.by_id[node]
        called = [text for key in ("title", "name", "label") if (text := str(facts.get(key, "")).strip())]
        name = plain(called[0]) if called else node
        assert read.name == (name or "(no name)") or (len(name) > 300 and name.startswith(read.name[:-1].rstrip()))
        kind = facts.get("kind", "article")
        if kind in ("provider", "topic"):
            assert read.sort == kind
        else:
            assert read.media == plain(str(facts.get("media", "")))
            assert read.sort == (
                facts.get("media", "article")
                if kind == "article" and facts.get("media", "article") in ("article", "video")
                else "other"
            )
        assert read.status == plain(str(facts.get("status", "")))
        assert read.quality == known(facts.get("quality"))
        assert read.heat == known(facts.get("heat"))
        moment = facts.get("published_at")
        if moment is None:
            assert read.minutes is None
        else:
            moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            assert read.minutes == (moment - EPOCH) // timedelta(minutes=1)
        assert read.excerpt == plain(facts.get("excerpt", ""))
        assert read.variants == [(kind, plain(url)) for kind, url in facts.get("variants", ())]
        assert read.images == [
            plain(image["url"]) for image in facts.get("images", ()) if plain(image["url"])
        ] or not all(plain(image["url"]) for image in facts.get("images", ()))
        assert read.url in ("", plain(facts.get("url", "")), f"https://{facts.get('domain')}/")
        others = {plain(other) for other in facts.get("titles", ())}
        assert set(read.others) == others - {read.name, ""}
        assert page.files_of(node) >= {file for file, _ in facts.get("sources", ())}
        for kind in EDGES:
            targets = [target for _, target, key in graph.out_edges(node, keys=True) if key == kind]
            if kind == "related":
                ranks = [graph[node][target]["related"]["rank"] for target in read.links["related"]]
                assert ranks == sorted(ranks)
            assert sorted(read.links[kind]) == sorted(targets)


@settings(max_examples=30, deadline=None)
@given(graphs())
def test_no_text_ends_a_block_and_no_attribute_goes_along_unasked(graph: Graph[str]) -> None:
    text = explore(graph)
    assert text.count("<script") == text.count("</script>") == 4
    assert "never written" not in repr(held(text))


def test_the_seeds_come_back_with_every_source(seeds: Any) -> None:
    graph = graphkit.build(seeds).graph
    page = held(explore(graph))
    for node, facts in graph.nodes(data=True):
        assert page.files_of(node) == {file for file, _ in facts.get("sources", ())}


def test_most_sources_of_real_records_follow_from_the_links(shared_corpus: Any) -> None:
    graph = graphkit.build(shared_corpus).graph
    page = held(explore(graph))
    assert all(
        page.files_of(node) == {file for file, _ in facts.get("sources", ())} for node, facts in graph.nodes(data=True)
    )
    articles = [node for node in page.nodes if node.sort not in ("provider", "topic")]
    assert sum(node.rest_follows for node in articles) > 0.9 * len(articles)


def test_neighbours_in_the_file_are_of_one_area_and_in_the_order_of_time() -> None:
    page = held(synthetic_page(1_000))
    assert [node.area for node in page.nodes] == sorted(node.area for node in page.nodes)
    for area in {node.area for node in page.nodes}:
        articles = [node for node in page.nodes if node.area == area and node.sort not in ("provider", "topic")]
        dates = [node.minutes or 0 for node in articles]
        assert dates == sorted(dates)


# --- small ------------------------------------------------------------------------------------------------------------


def test_a_large_page_has_beginnings_of_excerpts_and_no_images_and_says_so() -> None:
    graph: Graph[str] = nx.MultiDiGraph()
    excerpt = "Words that go on and on " * 10
    for number in range(WHOLE + 1):
        graph.add_node(f"article/{number}", kind="article", title=f"T{number}", excerpt=excerpt)
    graph.add_node("article/0", images=({"url": "https://example.com/i.jpg"},))
    large = explore(graph)
    read = held(large).by_id["article/0"]
    assert read.excerpt.endswith("…")
    assert excerpt.startswith(read.excerpt[:-1])
    assert 45 <= len(read.excerpt) <= 91
    assert read.images == []
    assert "Excerpts are shortened and images left out, as the graph has more than 2,500 articles." in large
    graph.remove_node(f"article/{WHOLE}")
    whole = explore(graph)
    read = held(whole).by_id["article/0"]
    assert read.excerpt == excerpt.strip()
    assert read.images == ["https://example.com/i.jpg"]
    assert "Excerpts are shortened" not in whole


def test_a_page_of_10_000_nodes_takes_at_most_130_bytes_a_node() -> None:
    graph = synthetic(10_000)
    titles = [title for _, title in graph.nodes(data="title") if title]
    assert 40 < sum(map(len, titles)) / len(titles) < 90, "titles as long as real ones"
    assert len(synthetic_page(10_000).encode()) <= 130 * graph.number_of_nodes()


# --- numbers and addresses ----------------------------------------------------------------------------------------------


def decoded(data: bytes) -> list[int]:
    values, value, shift = [], 0, 0
    for byte in data:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            values.append(value)
            value, shift = 0, 0
    assert shift == 0
    return values


@given(st.lists(st.integers(0, 2**60)))
def test_varints_come_back(values: list[int]) -> None:
    assert decoded(varints.unsigned(values)) == values


@given(st.lists(st.integers(-(2**60), 2**60)))
def test_signed_varints_come_back_and_steps_add_up(values: list[int]) -> None:
    folded = decoded(varints.signed(varints.steps(values)))
    last, found = 0, []
    for value in folded:
        last += -(value + 1) // 2 if value % 2 else value // 2
        found.append(last)
    assert found == values


@given(st.text("abcAB '’-0123.é", max_size=40), st.text("abc-/0123.", max_size=40))
@example("A b c", "https://example.com/x-a-b-c.html")
def test_an_address_comes_back_from_the_words_of_its_title(title: str, rest: str) -> None:
    words = words_of(title)
    for address in (rest, f"https://a.org/{'-'.join(words)}", f"/{'-'.join(words[1:])}/{rest}"):
        short = packed(address, words)
        assert len(short) <= len(address)
        start = short.find("\x01")
        if start >= 0:
            first, many = ord(short[start + 1]) - 32, ord(short[start + 2]) - 32
            short = short[:start] + "-".join(words[first : first + many]) + short[start + 3 :]
        assert short == address


@pytest.mark.parametrize("nodes", [0, 1])
def test_the_smallest_graphs_come_back(nodes: int) -> None:
    graph: Graph[str] = nx.MultiDiGraph()
    graph.add_nodes_from(["article/1"][:nodes])
    page: Held = held(explore(graph))
    assert [node.name for node in page.nodes] == ["article/1"][:nodes]
