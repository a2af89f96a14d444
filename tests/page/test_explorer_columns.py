"""The explorer's blocks: whatever the graph holds comes back from the page, and nothing breaks the reading."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import networkx as nx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from oracles.explorer_blocks import EDGES, Held, held
from samples.examples import examples
from samples.newsrooms import synthetic, synthetic_page

import graphkit
from graphkit.page.explorer import explore, varints
from graphkit.page.explorer.columns import WHOLE
from graphkit.page.explorer.url_compression import packed, words_of

Graph = nx.MultiDiGraph  # its parameter is for type checkers only
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
LAST = datetime.max.replace(tzinfo=UTC)


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
            LAST,
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
        "names": st.lists(TEXTS, max_size=2).map(tuple),
        "labels": st.lists(TEXTS, max_size=2).map(tuple),
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
        "platform": TEXTS,
        "categories": st.lists(TEXTS, max_size=2).map(tuple),
        "keywords": st.lists(TEXTS, max_size=2).map(tuple),
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
    return max(-(2**50), min(2**50, int(value))) if isinstance(value, int) else None


def stamp(moment: datetime) -> str:
    """Return a moment in UTC as a card shows it; nothing where it is in no year from 1 to 9999."""
    try:
        there = moment.astimezone(UTC) if moment.tzinfo else moment
    except OverflowError:
        return ""
    return f"{there.year:04}-{there.month:02}-{there.day:02} {there.hour:02}:{there.minute:02} UTC"


def more(facts: dict[str, Any]) -> dict[str, str]:
    """Return what else a card tells, by its labels."""
    updated = facts.get("updated_at")
    kind = facts.get("kind", "article")
    told = {
        "Updated": stamp(updated) if updated else "",
        "Language": plain(facts.get("language", "")),
        "Platform": plain(facts.get("platform", "")),
        "Section": plain(", ".join(facts.get("categories", ()))),
        "Keywords": plain(", ".join(facts.get("keywords", ()))),
        "Kind": "" if kind in ("article", "provider", "topic") else kind,
    }
    return {label: text for label, text in told.items() if text}


@examples(60)
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
        images = [plain(image["url"]) for image in facts.get("images", ())]
        assert read.images == ([] if images == [""] else images)
        url = facts.get("url", "")
        assert read.url == (plain(url) if url.startswith("https://") else "")
        others = {plain(other) for key in ("titles", "names", "labels") for other in facts.get(key, ())}
        assert set(read.others) == others - {read.name, ""}
        assert read.more == more(facts)
        own = sorted({place for place in facts.get("sources", ()) if "/related/" not in place[1]})
        assert read.own == [f"{file} {pointer}".strip() for file, pointer in own]
        assert page.files_of(node) >= {file for file, _ in facts.get("sources", ())}
        for kind in EDGES:
            targets = [target for _, target, key in graph.out_edges(node, keys=True) if key == kind]
            if kind == "related":
                ranks = [graph[node][target]["related"]["rank"] for target in read.links["related"]]
                assert ranks == sorted(ranks)
            assert sorted(read.links[kind]) == sorted(targets)


@examples(30)
@given(graphs())
def test_no_text_ends_a_block_and_no_attribute_goes_along_unasked(graph: Graph[str]) -> None:
    text = explore(graph)
    assert text.count("<script") == text.count("</script>") == 4
    assert "never written" not in repr(held(text))


@pytest.mark.parametrize("sign", ["\x00", "\n", "\x01", "\x1d", "\x1e", "\x1f", "\x85", "\u2028", "\ud800", "<", "…"])
def test_no_sign_in_any_text_moves_another_text(sign: str) -> None:
    text = f"a{sign}b"
    graph: Graph[str] = nx.MultiDiGraph()
    # A node after it is read rightly only where nothing of it was taken for a mark.
    for number, node in enumerate((f"article/{text}", "article/z")):
        graph.add_node(node, kind="article", title=text, titles=(text, f"{text}2"), excerpt=f"{text}3", media=text)
        graph.add_node(
            node, url=f"https://example.com/{text}", variants=((text, f"https://example.com/{number}{text}"),)
        )
        graph.add_node(node, status=text, language=text, categories=(text,), images=({"url": text},))
        graph.add_node(node, sources=((f"{text}.md", f"/{text}"),))
    page = held(explore(graph, title=text))
    assert sorted(page.by_id) == sorted([plain(f"article/{text}"), "article/z"])
    for number, node in enumerate((plain(f"article/{text}"), "article/z")):
        read = page.by_id[node]
        assert (read.name, read.others, read.excerpt) == (plain(text), [plain(f"{text}2")], plain(f"{text}3"))
        assert (read.media, read.status) == (plain(text), plain(text))
        assert read.url == plain(f"https://example.com/{text}")
        assert read.variants == [(plain(text), plain(f"https://example.com/{number}{text}"))]
        assert read.images == [plain(text)]
        assert read.own == [plain(f"{text}.md /{text}")]
        assert read.more == {"Language": plain(text), "Section": plain(text)}


@pytest.mark.parametrize("numbers", [(10**30, -(10**30), 7), (-(10**400), 10**400, 7), (2**53 + 1, 7, -7)])
def test_a_number_that_no_browser_knows_leaves_those_after_it_right(numbers: tuple[int, ...]) -> None:
    graph: Graph[str] = nx.MultiDiGraph()
    for at, number in enumerate(numbers):
        graph.add_node(f"article/{at}", kind="article", title="T", quality=number, heat=number)
    page = held(explore(graph))
    for at, number in enumerate(numbers):
        read = page.by_id[f"article/{at}"]
        assert read.quality == read.heat == known(number)


def test_the_last_moment_there_is_stays_in_its_minute() -> None:
    graph: Graph[str] = nx.MultiDiGraph()
    graph.add_node("article/1", kind="article", title="T", published_at=LAST, updated_at=LAST)
    read = held(explore(graph)).by_id["article/1"]
    assert read.minutes == (LAST - EPOCH) // timedelta(minutes=1)
    assert read.more == {"Updated": "9999-12-31 23:59 UTC"}


# --- sources ------------------------------------------------------------------------------------------------------------


def listing(*, also: tuple[tuple[str, str], ...] = (), listed_in: str = "a.md") -> Held:
    """Return the page of two articles: the record a.md is about the first and lists the other as related."""
    graph: Graph[str] = nx.MultiDiGraph()
    place = (listed_in, "/related/0")
    graph.add_node("article/1", kind="article", title="One", sources=(("a.md", ""),))
    graph.add_node("article/2", kind="article", title="Two", sources=tuple(sorted({place, *also})))
    graph.add_edge("article/1", "article/2", "related", rank=0, sources=(place,))
    return held(explore(graph))


def test_a_source_that_follows_from_a_link_is_not_written_twice() -> None:
    page = listing(also=(("b.md", ""),))
    assert page.by_id["article/2"].files == {"b.md"}
    assert page.files_of("article/2") == {"a.md", "b.md"}


def test_a_source_that_mentions_an_article_beside_links_is_told_apart_from_its_own() -> None:
    page = listing(also=(("b.md", ""), ("c.md", "/related/3")))
    assert page.by_id["article/2"].own == ["b.md"]
    assert page.by_id["article/2"].rest == ["c.md"]
    assert page.files_of("article/2") == {"a.md", "b.md", "c.md"}


def test_sources_are_all_written_where_links_would_tell_of_others() -> None:
    page = listing(also=(("b.md", "/value/7"), ("b.md", "/related/1")), listed_in="index.json")
    read = page.by_id["article/2"]
    assert not read.rest_follows
    assert read.own == ["b.md /value/7"]
    assert page.files_of("article/2") == {"b.md", "index.json"}


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


@pytest.mark.engine
def test_neighbours_in_the_file_are_of_one_area_and_in_the_order_of_time() -> None:
    page = held(synthetic_page(1_000))
    assert [node.area for node in page.nodes] == sorted(node.area for node in page.nodes)
    for area in {node.area for node in page.nodes}:
        articles = [node for node in page.nodes if node.area == area and node.sort not in ("provider", "topic")]
        dates = [node.minutes or 0 for node in articles]
        assert dates == sorted(dates)


# --- small ------------------------------------------------------------------------------------------------------------


@pytest.mark.engine
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


@pytest.mark.engine
@pytest.mark.parametrize("excerpt", ["機" * 200, "word " * 5 + "x" * 200, f"{'x' * 89} {'y' * 80}", "x" * 91])
def test_an_excerpt_is_cut_at_a_space_or_else_anywhere(excerpt: str) -> None:
    graph: Graph[str] = nx.MultiDiGraph()
    graph.add_nodes_from((f"article/{number}" for number in range(WHOLE + 1)), kind="article", excerpt=excerpt)
    cut = held(explore(graph)).by_id["article/0"].excerpt
    assert cut.endswith("…")
    assert excerpt.startswith(cut[:-1])
    assert 80 < len(cut) <= 91


@pytest.mark.engine
@pytest.mark.parametrize("excerpt", ["x" * 90, "short", ""])
def test_a_short_excerpt_is_whole_on_a_large_page_too(excerpt: str) -> None:
    graph: Graph[str] = nx.MultiDiGraph()
    graph.add_nodes_from((f"article/{number}" for number in range(WHOLE + 1)), kind="article", excerpt=excerpt)
    assert held(explore(graph)).by_id["article/0"].excerpt == excerpt


def test_endless_lists_are_cut_after_their_first() -> None:
    graph: Graph[str] = nx.MultiDiGraph()
    urls = tuple(f"https://example.com/{number}" for number in range(1_000))
    graph.add_node("article/1", kind="article", title="One", titles=urls, images=tuple({"url": url} for url in urls))
    graph.add_node("article/1", variants=tuple(("original", url) for url in urls))
    read = held(explore(graph)).by_id["article/1"]
    for texts in (read.images, [url for _, url in read.variants]):
        assert 0 < len(texts) < 20
        assert texts == list(urls[: len(texts)])
    assert 0 < len(read.others) < 20


def test_however_many_files_speak_of_a_node_all_are_there() -> None:
    graph: Graph[str] = nx.MultiDiGraph()
    own = [(f"a{number:04}.md", "") for number in range(1_000)]
    mentions = [(f"b{number:04}.md", "/related/0") for number in range(1_000)]
    graph.add_node("article/1", kind="article", title="One", sources=(*own, *mentions))
    read = held(explore(graph)).by_id["article/1"]
    assert read.own == [file for file, _ in own]
    assert read.rest == [file for file, _ in mentions]


@pytest.mark.untraced
@pytest.mark.engine
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
