"""The explorer in a real browser, as a person reads in it: arrives, searches, narrows, looks at one thing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from math import hypot
from typing import Any

import networkx as nx
import pytest
from browsers.explorer import Explore, Exploring
from samples.newsrooms import newsroom, newsroom_page, synthetic, synthetic_page

pytestmark = pytest.mark.browser

STAGE = "#canvas"
FACETS = ("kind", "provider", "topic", "medium", "status")
FROM, TO = "#timeline input[aria-label='From this day']", "#timeline input[aria-label='To this day']"
THREE_HINTS = ["Scroll to come nearer", "Click a shape to read", "Press / to search"]


# --- what must be there, of the graph ---------------------------------------------------------------------------------


def of_kind(graph: nx.MultiDiGraph[str], kind: str) -> list[str]:
    return [node for node, facts in graph.nodes(data=True) if facts["kind"] == kind]


def led_to(graph: nx.MultiDiGraph[str], node: str, edge: str) -> list[str]:
    return [target for _, target, kind in graph.out_edges(node, keys=True) if kind == edge]


def day_of(graph: nx.MultiDiGraph[str], node: str) -> date | None:
    moment = graph.nodes[node].get("published_at")
    return moment.date() if moment else None


def named(graph: nx.MultiDiGraph[str], node: str) -> str:
    facts = graph.nodes[node]
    return str(facts.get("title") or facts.get("name") or facts.get("label"))


def values_of(graph: nx.MultiDiGraph[str], node: str, facet: str) -> list[str]:
    """Return what an article counts for in a facet."""
    facts = graph.nodes[node]
    if facet == "kind":
        return ["Articles"]
    if facet == "provider":
        return sorted({named(graph, hub) for edge in ("publisher", "distributor") for hub in led_to(graph, node, edge)})
    if facet == "topic":
        return [named(graph, hub) for hub in led_to(graph, node, "about")]
    return [str(facts["media" if facet == "medium" else "status"]).capitalize()]


def passing(
    graph: nx.MultiDiGraph[str],
    chosen: Mapping[str, Iterable[str]] | None = None,
    days: tuple[date, date] | None = None,
) -> list[str]:
    """Return the articles that have one of the values chosen in each facet, and were published on the days."""

    def timely(node: str) -> bool:
        day = day_of(graph, node)
        return days is None or (day is not None and days[0] <= day <= days[1])

    return [
        node
        for node in of_kind(graph, "article")
        if timely(node) and all(set(values_of(graph, node, facet)) & set(of) for facet, of in (chosen or {}).items())
    ]


def counts(graph: nx.MultiDiGraph[str], articles: Iterable[str], facet: str) -> dict[str, int]:
    return dict(Counter(value for node in articles for value in values_of(graph, node, facet)))


def hubs_of(graph: nx.MultiDiGraph[str], articles: Iterable[str]) -> tuple[set[str], set[str]]:
    """Return the providers and topics that articles lead to."""
    some = list(articles)
    return (
        {hub for node in some for hub in led_to(graph, node, "publisher")},
        {hub for node in some for hub in led_to(graph, node, "about")},
    )


def many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def sentence_of(graph: nx.MultiDiGraph[str], articles: list[str]) -> str:
    """Return what is said above the list while some articles pass."""
    providers, topics = map(len, hubs_of(graph, articles))
    everything = many(len(of_kind(graph, "article")), "article")
    return f"Showing {len(articles)} of {everything}, {many(providers, 'provider')}, {many(topics, 'topic')}"


def titles(graph: nx.MultiDiGraph[str], articles: Iterable[str]) -> set[str]:
    return {named(graph, node) for node in articles}


def by_date(graph: nx.MultiDiGraph[str], articles: Iterable[str]) -> list[datetime]:
    return sorted(date for node in articles if (date := graph.nodes[node].get("published_at")))


def assert_shows(
    opened: Exploring, graph: nx.MultiDiGraph[str], articles: list[str], *, at_all_times: list[str] | None = None
) -> None:
    """Everything tells of these articles only: sentence, list, picture, areas, timeline.

    The timeline tells of those `at_all_times`: it shows what else there is to brush over.
    """
    assert opened.shown == sentence_of(graph, articles)
    assert set(opened.listed) == titles(graph, articles)
    drawn = opened.drawn()
    providers, topics = hubs_of(graph, articles)
    assert {node for node in opened.atlas.nodes if drawn.shows(node)} == {*articles, *providers, *topics}
    assert area_counts(drawn.labels) == len(articles)
    blue, grey = opened.bars("some"), opened.bars("all")
    assert {left for left, _ in blue} <= {left for left, _ in grey}
    assert len(blue) == len(days_apart(by_date(graph, articles if at_all_times is None else at_all_times)))


def days_apart(dates: list[datetime]) -> list[datetime]:
    """Return the first date of each story: in the newsroom stories are months apart."""
    return [date for before, date in pairwise([datetime(1900, 1, 1, tzinfo=UTC), *dates]) if (date - before).days > 30]


def area_counts(labels: list[str]) -> int:
    """Return how many articles the areas say that they hold."""
    return sum(int(found[1].replace(",", "")) for label in labels if (found := re.match(r"([\d,]+)( · |$)", label)))


# --- arrives ----------------------------------------------------------------------------------------------------------


def test_one_sentence_says_what_there_is(reading: Exploring) -> None:
    assert reading.sentence == "40 articles · 5 providers · 4 topics · Oct 2016 – May 2023"
    assert reading.shown == "Showing 40 articles, 5 providers, 4 topics"


def test_communities_are_drawn_and_named_with_their_counts(reading: Exploring) -> None:
    drawn = reading.drawn()
    topics = {named(newsroom(), topic) for topic in of_kind(newsroom(), "topic")}
    assert topics <= set(drawn.labels)
    assert area_counts(drawn.labels) == 40
    assert len(drawn.circles) == len(reading.atlas.areas) >= 4
    assert all(drawn.shows(node) for node in reading.atlas.nodes)
    assert reading.pixels("over").drawn > 0  # the names


def test_facets_give_their_values_with_counts(reading: Exploring) -> None:
    graph = newsroom()
    articles = of_kind(graph, "article")
    assert [legend.inner_text() for legend in reading.page.locator("#facets legend").all()] == [
        "Kind",
        "Provider",
        "Topic",
        "Medium",
        "Status",
    ]
    assert reading.facet("kind") == {"Articles": 40, "Providers": 5, "Topics": 4}
    for facet in FACETS[1:]:
        shown = reading.facet(facet)
        assert shown == counts(graph, articles, facet)
        assert list(shown.values()) == sorted(shown.values(), reverse=True)


def test_a_long_facet_shows_its_largest_and_more_when_asked(open_explorer: Explore) -> None:
    opened = open_explorer(synthetic_page(1000))
    graph = synthetic(1000)
    everything = counts(graph, of_kind(graph, "article"), "provider")
    few = opened.facet("provider")
    assert 1 < len(few) < 12
    assert few.items() <= everything.items()
    assert sorted(few.values()) == sorted(everything.values())[-len(few) :]
    opened.page.locator("#facet-provider .more").click()
    assert len(opened.facet("provider")) > 10 * len(few)
    wanted = next(name for name, count in sorted(everything.items()) if count == 1)
    opened.page.fill("#facet-provider input[type=search]", wanted.upper())
    assert opened.facet("provider") == {wanted: 1}


def test_the_timeline_is_a_histogram_of_the_articles(reading: Exploring) -> None:
    graph = newsroom()
    bars = reading.bars("all")
    assert reading.bars("some") == bars
    dates = by_date(graph, of_kind(graph, "article"))
    days = list(days_apart(dates))
    assert len(bars) == len(days) == 10
    # One story lacks a date: its bar is lower, all others are as high as one another.
    heights = [height for _, height in bars]
    assert heights.index(min(heights)) == 5
    assert len(set(heights)) == 2
    # The bars stand as the days do, to the width of one.
    first, last = bars[0][0], bars[-1][0]
    for (left, _), day in zip(bars, days, strict=True):
        part = (day - days[0]) / (days[-1] - days[0])
        assert left == pytest.approx(first + part * (last - first), abs=(last - first) / 60)


def test_the_list_gives_the_newest_first_and_those_without_a_date_last(reading: Exploring) -> None:
    graph = newsroom()
    dated = sorted(
        (node for node in of_kind(graph, "article") if day_of(graph, node)),
        key=lambda node: graph.nodes[node]["published_at"],
        reverse=True,
    )
    assert reading.listed == [named(graph, node) for node in [*dated, "article/21"]]
    assert "Forbes" in reading.page.inner_text("#facts .list > li:first-child")
    assert "30 May 2023" in reading.page.inner_text("#facts .list > li:first-child")


def test_the_list_gives_the_most_related_first_when_asked(reading: Exploring) -> None:
    reading.button("Most related").click()
    related = {named(newsroom(), f"article/{4 * story}") for story in range(10)}
    assert set(reading.listed[:10]) == related
    assert "3 related" in reading.page.inner_text("#facts .list > li:first-child")
    reading.button("Newest").click()
    assert reading.listed[0] == named(newsroom(), "article/39")


@pytest.mark.parametrize("nodes", [1000, 10_000])
def test_a_large_graph_is_neither_empty_nor_a_hairball(open_explorer: Explore, nodes: int) -> None:
    opened = open_explorer(synthetic_page(nodes))
    pixels, drawn = opened.pixels(), opened.drawn()
    box = opened.page.locator(STAGE).bounding_box()
    assert 0.1 < pixels.drawn / (box["width"] * box["height"]) < 0.95
    assert pixels.colours > 20
    graph = synthetic(nodes)
    assert drawn.edges < graph.number_of_edges() / 4
    assert 5 < len(drawn.labels) < 150
    assert area_counts(drawn.labels) > len(of_kind(graph, "article")) / 2


def test_links_and_names_of_nodes_come_with_nearness(open_explorer: Explore) -> None:
    opened = open_explorer(synthetic_page(10_000))
    graph = synthetic(10_000)
    providers = of_kind(graph, "provider")
    hub = max(providers, key=graph.in_degree)
    far = opened.drawn()
    assert far.edges == 0  # there would be a hairball
    assert not titles(graph, providers) & set(far.labels)
    opened.hover(hub)
    for _ in range(3):
        opened.page.mouse.wheel(0, -500)
    opened.until_address_follows()
    opened.leave()  # what the pointer is on would stand out
    near = opened.drawn()
    assert near.camera.k > 5 * far.camera.k
    assert near.shows(hub)
    assert near.edges > 0
    assert titles(graph, providers) & set(near.labels)


def test_the_first_picture_is_drawn_before_the_names_are_read(open_explorer: Explore) -> None:
    opened = open_explorer(newsroom_page())
    drawn, ready = opened.run(
        "() => ['graphkit:drawn', 'graphkit:ready'].map(name => performance.getEntriesByName(name)[0].startTime)"
    )
    assert drawn < ready


@pytest.mark.parametrize("kind", ["article", "provider", "topic"])
def test_a_single_node_fills_no_empty_canvas(open_explorer: Explore, kind: str) -> None:
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    graph.add_node("only", kind=kind, title="Alone", name="Alone", label="Alone")
    opened = open_explorer(graph)
    assert opened.pixels().drawn > 100
    assert "Alone" in opened.drawn().labels
    assert opened.listed == ["Alone"]
    opened.click("only")
    assert opened.title == "Alone"


def test_three_short_hints_are_there_at_first(reading: Exploring) -> None:
    assert reading.hints == THREE_HINTS


def test_a_hint_goes_away_once_it_was_followed(reading: Exploring) -> None:
    reading.hover("article/8")
    reading.page.mouse.wheel(0, -400)
    reading.until("() => document.querySelectorAll('#hints li').length === 2")
    assert reading.hints == THREE_HINTS[1:]
    reading.click("article/8")
    assert reading.hints == THREE_HINTS[2:]
    reading.press("/")
    assert reading.hints == []
    assert not reading.page.is_visible("#hints")


def test_all_hints_go_away_when_sent(reading: Exploring) -> None:
    reading.page.click("#hints button")
    assert reading.hints == []
    assert not reading.page.is_visible("#hints")


# --- searches ---------------------------------------------------------------------------------------------------------


def test_the_search_finds_in_all_texts_whatever_the_case_and_accents(reading: Exploring) -> None:
    for typed, found in (
        ("moon lander: costs", "Moon lander: costs"),  # a title
        ("page 117", "Delivery drone: critics"),  # an excerpt
        ("verge", "The Verge"),  # a provider
        ("space flight", "Space flight"),  # a topic
        ("costs moon", "Moon lander: costs"),  # words in any order
        ("MONTREAL", "La Presse Montréal"),
        ("montréal", "La Presse Montréal"),
        ("monTRE\u0301al", "La Presse Montréal"),  # an accent on its own
        ("energie", "Énergie"),
        ("éNERGIE", "Énergie"),
    ):
        reading.search(typed)
        assert reading.found[0] == found == reading.active
        reading.press("Enter")
        assert reading.title == found


def test_the_search_follows_each_letter(reading: Exploring) -> None:
    reading.page.click("#search")
    told = []
    for letter in "wind park: nei":
        reading.page.keyboard.type(letter)
        told.append(int(reading.page.inner_text("#tally").split()[0]))
    assert told == sorted(told, reverse=True)
    assert told[0] > 20
    assert told[-1] == 1
    assert reading.found == ["Wind park: neighbours"]
    for _ in range(3):
        reading.press("Backspace")
    assert sorted(reading.found) == sorted(
        f"Wind park: {angle}" for angle in ("costs", "critics", "first tests", "neighbours")
    )


def test_arrow_keys_go_through_what_is_found_and_enter_takes_it(reading: Exploring) -> None:
    reading.search("heat pump")
    offered = reading.found
    assert len(offered) == 4
    assert reading.active == offered[0]
    reading.press("ArrowDown", "ArrowDown")
    assert reading.active == offered[2]
    reading.press("ArrowUp")
    assert reading.active == offered[1]
    reading.press("ArrowUp", "ArrowUp")
    assert reading.active == offered[3]
    reading.press("ArrowDown", "ArrowDown")
    assert reading.active == offered[1]
    reading.press("Enter")
    assert reading.title == offered[1]
    assert reading.found == []


def test_a_click_takes_what_is_found(reading: Exploring) -> None:
    reading.search("heat pump")
    second = reading.found[1]
    reading.page.locator("#found li").nth(1).click()
    assert reading.title == second


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_enter_flies_to_what_is_found(open_explorer: Explore, motion: str) -> None:
    graph = synthetic(1000)
    opened = open_explorer(synthetic_page(1000), reduced_motion=motion)
    node = max(of_kind(graph, "article"), key=lambda node: hypot(*opened.atlas.nodes[node][:2]))
    before = opened.drawn().camera.k
    opened.search(named(graph, node))
    opened.press("Enter")
    assert opened.title == named(graph, node)
    opened.until_address("view=")  # once it is there
    box = opened.page.locator(STAGE).bounding_box()
    assert opened.spot_of(node) == pytest.approx((box["x"] + box["width"] / 2, box["y"] + box["height"] / 2), abs=2)
    drawn = opened.drawn()
    assert drawn.camera.k > before
    assert named(graph, node)[:20] in {label[:20] for label in drawn.labels}


def test_nothing_found_is_said(reading: Exploring) -> None:
    reading.search("zzz")
    assert reading.found == ["Nothing found"]
    assert reading.page.inner_text("#tally") == "0 found"
    reading.press("Enter")
    assert reading.title == ""
    reading.search("   ")
    assert reading.found == []


def test_what_is_found_stands_out_from_the_picture(reading: Exploring) -> None:
    before = reading.pixels("over")
    reading.search("heat pump")
    assert reading.dims
    during = reading.pixels("over")
    assert during.digest != before.digest
    assert set(reading.found) <= set(reading.drawn().labels)
    reading.press("Escape")
    assert not reading.dims
    assert reading.pixels("over").digest == before.digest


def test_what_the_filters_hide_is_found_all_the_same(reading: Exploring) -> None:
    reading.choose("status", "Draft")
    assert "Harbour crane: first tests" not in reading.listed
    reading.search("harbour crane: first")
    reading.press("Enter")
    assert reading.title == "Harbour crane: first tests"
    assert reading.drawn().shows("article/0")


# --- narrows ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "facet, value",
    [("provider", "Forbes"), ("topic", "Énergie"), ("medium", "Podcast"), ("medium", "Video"), ("status", "Draft")],
)
def test_a_facet_narrows_and_all_counts_follow(reading: Exploring, facet: str, value: str) -> None:
    graph = newsroom()
    grey = reading.bars("all")
    reading.choose(facet, value)
    articles = passing(graph, {facet: [value]})
    assert 0 < len(articles) < 40
    assert_shows(reading, graph, articles)
    assert reading.bars("all") == grey
    assert reading.chips == [value]
    providers, topics = map(len, hubs_of(graph, articles))
    assert reading.facet("kind") == {"Articles": len(articles), "Providers": providers, "Topics": topics}
    for other in FACETS[1:]:
        # What stands beside a choice of the same facet tells how many would come with it.
        expected = counts(graph, of_kind(graph, "article") if other == facet else articles, other)
        assert {name: count for name, count in reading.facet(other).items() if count} == expected


def test_choices_within_a_facet_add_and_facets_restrict_one_another(reading: Exploring) -> None:
    graph = newsroom()
    reading.choose("provider", "Forbes")
    reading.choose("provider", "Die Zeit")
    assert_shows(reading, graph, passing(graph, {"provider": ["Forbes", "Die Zeit"]}))
    reading.choose("topic", "Robots")
    articles = passing(graph, {"provider": ["Forbes", "Die Zeit"], "topic": ["Robots"]})
    assert_shows(reading, graph, articles)
    assert sorted(reading.chips) == ["Die Zeit", "Forbes", "Robots"]
    for facet, own in (
        ("provider", {"topic": ["Robots"]}),
        ("topic", {"provider": ["Forbes", "Die Zeit"]}),
        ("status", {"provider": ["Forbes", "Die Zeit"], "topic": ["Robots"]}),
    ):
        expected = counts(graph, passing(graph, own), facet)
        assert {name: count for name, count in reading.facet(facet).items() if count} == expected


def test_kinds_narrow_the_picture_and_the_list(reading: Exploring) -> None:
    reading.choose("kind", "Providers")
    assert reading.shown == "Showing 0 of 40 articles, 5 providers, 0 topics"
    assert set(reading.drawn().nodes) == {"provider"}
    assert sorted(reading.listed) == ["Die Zeit", "Forbes", "La Presse Montréal", "Robots Weekly", "The Verge"]
    reading.choose("kind", "Topics")
    assert reading.shown == "Showing 0 of 40 articles, 5 providers, 4 topics"
    assert set(reading.drawn().nodes) == {"provider", "topic"}
    assert reading.facet("kind") == {"Articles": 40, "Providers": 5, "Topics": 4}


def test_filters_that_nothing_passes_say_so(reading: Exploring) -> None:
    reading.choose("medium", "Podcast")
    reading.choose("topic", "Robots")
    assert not passing(newsroom(), {"medium": ["Podcast"], "topic": ["Robots"]})
    assert reading.shown == "Showing 0 of 40 articles, 0 providers, 0 topics"
    assert reading.card == "Nothing passes these filters."
    reading.button("Clear all").click()
    assert len(reading.listed) == 40


def test_filters_move_no_node_and_not_the_camera(reading: Exploring) -> None:
    reading.hover("topic/space")
    reading.page.mouse.wheel(0, -150)
    reading.until_address("view=")
    before, address = reading.drawn(), reading.address["view"]
    for facet, value in (("topic", "Robots"), ("status", "Published"), ("kind", "Articles")):
        reading.choose(facet, value)
        after = reading.drawn()
        assert after.outlines < before.outlines
    reading.brush(0, 0.6)
    assert reading.drawn().outlines < before.outlines
    assert reading.address["view"] == address
    reading.button("Clear all").click()
    assert reading.drawn().outlines == before.outlines


def test_chips_are_taken_off_one_by_one(reading: Exploring) -> None:
    graph = newsroom()
    reading.choose("topic", "Robots")
    reading.choose("status", "Draft")
    reading.brush(0, 0.5)
    *chips, span = reading.chips
    assert chips == ["Robots", "Draft"]
    assert span.startswith("3 Oct 2016 – ")
    reading.button("Remove the filter Robots").click()
    assert reading.chips == ["Draft", span]
    assert not reading.page.locator("#facet-topic input:checked").count()
    reading.button(f"Remove the filter {span}").click()
    assert reading.chips == ["Draft"]
    assert_shows(reading, graph, passing(graph, {"status": ["Draft"]}))
    reading.button("Remove the filter Draft").click()
    assert reading.chips == []
    assert len(reading.listed) == 40
    assert not reading.page.is_visible("#chips")


def test_all_chips_are_taken_off_at_once(reading: Exploring) -> None:
    before = reading.drawn().outlines
    reading.choose("topic", "Robots")
    assert reading.button("Clear all").count() == 0  # the chip itself does that
    reading.choose("kind", "Articles")
    reading.brush(0.2, 0.9)
    reading.button("Clear all").click()
    assert reading.chips == []
    assert reading.page.locator("#facets input:checked").count() == 0
    assert reading.shown == "Showing 40 articles, 5 providers, 4 topics"
    assert reading.drawn().outlines == before


def test_a_choice_is_taken_back_where_it_was_made(reading: Exploring) -> None:
    reading.choose("topic", "Robots")
    assert reading.page.locator("#facet-topic input:checked").count() == 1
    reading.choose("topic", "Robots")
    assert reading.chips == []
    assert len(reading.listed) == 40


def days_in(reading: Exploring) -> tuple[date, date]:
    """Return the first and the last day of the span, as they stand beside the timeline."""
    first, last = (date.fromisoformat(reading.page.input_value(box)) for box in (FROM, TO))
    return first, last


def test_brushing_the_timeline_narrows_to_the_days_under_it(reading: Exploring) -> None:
    graph = newsroom()
    reading.brush(0.3, 0.7)
    first, last = days_in(reading)
    whole = date(2023, 5, 30) - date(2016, 10, 3)
    assert (first - date(2016, 10, 3)) / whole == pytest.approx(0.3, abs=0.03)
    assert (last - date(2016, 10, 3)) / whole == pytest.approx(0.7, abs=0.03)
    articles = passing(graph, days=(first, last))
    assert 4 <= len(articles) < 24
    assert_shows(reading, graph, articles, at_all_times=of_kind(graph, "article"))
    assert reading.chips == [f"{first.day} {first:%b %Y} – {last.day} {last:%b %Y}"]
    for facet in FACETS[1:]:
        assert {name: count for name, count in reading.facet(facet).items() if count} == counts(graph, articles, facet)


def test_the_brush_can_be_moved_and_taken_off(reading: Exploring) -> None:
    reading.brush(0, 0.3)
    first, last = days_in(reading)
    box = reading.page.locator("#timeline .selection").bounding_box()
    y = box["y"] + box["height"] / 2
    reading.drag(*((box["x"] + part * box["width"], y) for part in (0.5, 1, 1.5)))
    moved_first, moved_last = days_in(reading)
    assert moved_first > first
    assert moved_last - moved_first == pytest.approx(last - first, abs=timedelta(days=60))
    everything = reading.page.locator("#timeline .overlay").bounding_box()
    reading.page.mouse.click(everything["x"] + everything["width"] * 0.95, y)
    assert reading.chips == []
    assert reading.page.locator("#timeline .selection").bounding_box() is None
    assert len(reading.listed) == 40


def test_presets_reach_back_from_the_newest_article(reading: Exploring) -> None:
    graph = newsroom()
    everything = of_kind(graph, "article")
    newest = by_date(graph, everything)[-1].date()
    for preset, days in (("Last year", 365), ("Last month", 30), ("Last week", 7)):
        reading.button(preset).click()
        assert days_in(reading) == (newest - timedelta(days=days - 1), newest)
        assert_shows(reading, graph, passing(graph, days=days_in(reading)), at_all_times=everything)
    reading.button("All").click()
    assert reading.chips == []
    assert len(reading.listed) == 40


def test_dates_can_be_filled_in(reading: Exploring) -> None:
    graph = newsroom()
    reading.page.fill(FROM, "2018-01-01")
    reading.page.fill(TO, "2019-12-31")
    assert reading.chips == ["1 Jan 2018 – 31 Dec 2019"]
    articles = passing(graph, days=(date(2018, 1, 1), date(2019, 12, 31)))
    assert_shows(reading, graph, articles, at_all_times=of_kind(graph, "article"))
    assert reading.page.locator("#timeline .selection").bounding_box() is not None


def test_dates_can_be_typed_by_the_keyboard(reading: Exploring) -> None:
    reading.page.focus(FROM)
    reading.page.keyboard.type("01152019")
    reading.press("Tab")
    assert reading.page.input_value(FROM) == "2019-01-15"
    assert reading.chips == ["15 Jan 2019 – 30 May 2023"]


def test_dates_in_the_wrong_order_change_nothing(reading: Exploring) -> None:
    reading.page.fill(TO, "2019-12-31")
    reading.page.fill(FROM, "2020-01-01")
    assert reading.chips == ["3 Oct 2016 – 31 Dec 2019"]


def week() -> nx.MultiDiGraph[str]:
    """Return eight articles on eight days."""
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for number in range(8):
        moment = datetime(2021, 8, 20 + number, 12, tzinfo=UTC)
        graph.add_node(f"article/{number}", kind="article", title=f"Day {number}", published_at=moment)
    return graph


RECORD = """() => {
    window.told = [];
    const note = () => {
        const chip = document.querySelector("#chips span");
        window.told.push([chip ? chip.textContent : "", document.getElementById("shown").textContent]);
    };
    new MutationObserver(note).observe(document.getElementById("chips"), {childList: true});
    window.named = [];
    const play = document.querySelector("#timeline .play");
    new MutationObserver(() => window.named.push(play.textContent)).observe(play, {childList: true});
}"""


def test_playing_moves_a_window_over_all_days_and_stops(open_explorer: Explore) -> None:
    opened = open_explorer(week())
    opened.run(RECORD)
    opened.button("Play").click()
    opened.until("() => document.querySelector('#timeline .play').textContent === 'Play'")
    assert opened.run("() => window.named") == ["Stop", "Play"]
    told = opened.run("() => window.told")
    assert [chip for chip, _ in told] == [f"{20 + day} Aug 2021" for day in range(8)]
    assert {shown for _, shown in told} == {"Showing 1 of 8 articles, 0 providers, 0 topics"}
    assert opened.listed == ["Day 7"]


def test_playing_can_be_stopped(open_explorer: Explore) -> None:
    opened = open_explorer(newsroom())
    opened.pause()
    opened.button("Play").click()
    first = opened.chips
    opened.page.clock.run_for(500)
    played = opened.chips
    assert played != first
    opened.button("Stop").click()
    assert opened.chips == played
    opened.page.clock.run_for(60_000)
    assert opened.chips == played
    assert opened.button("Play").is_visible()


def test_going_back_after_playing_leads_to_before_it(open_explorer: Explore) -> None:
    opened = open_explorer(week())
    opened.page.fill(TO, "2021-08-22")
    opened.button("Play").click()
    opened.until("() => document.querySelector('#timeline .play').textContent === 'Play'")
    assert opened.chips == ["25 Aug 2021 – 27 Aug 2021"]
    opened.press("Escape")
    opened.until("() => document.querySelector('#chips span')?.textContent === '20 Aug 2021 – 22 Aug 2021'")
    opened.press("Escape")
    opened.until("() => document.getElementById('chips').hidden")


def test_playing_moves_the_window_that_was_brushed(open_explorer: Explore) -> None:
    opened = open_explorer(week())
    opened.page.fill(FROM, "2021-08-21")
    opened.page.fill(TO, "2021-08-23")
    opened.run(RECORD)
    opened.button("Play").click()
    opened.until("() => document.querySelector('#timeline .play').textContent === 'Play'")
    told = [chip for chip, _ in opened.run("() => window.told")]
    assert told == [f"{22 + step} Aug 2021 – {24 + step} Aug 2021" for step in range(4)]  # the first stood there


# --- looks at one thing -----------------------------------------------------------------------------------------------


def test_hovering_dims_the_rest(reading: Exploring) -> None:
    graph = newsroom()
    before, over = reading.pixels(), reading.pixels("over")
    assert before.opacity == 1
    for node in ("article/17", "provider/zeit.de", "topic/energy"):
        reading.hover(node)
        dimmed = reading.pixels()
        assert dimmed.opacity < 0.4
        assert dimmed._replace(opacity=1) == before
        assert reading.pixels("over").digest != over.digest
        around = {named(graph, other) for other in nx.all_neighbors(graph, node)}
        assert {named(graph, node)} < set(reading.drawn().labels) <= around | {named(graph, node)}
        reading.leave()
        assert not reading.dims
        assert reading.pixels("over").digest == over.digest


def test_hovering_over_the_list_shows_where_it_is(reading: Exploring) -> None:
    name = reading.listed[3]
    reading.page.locator("#facts .list .go").nth(3).hover()
    assert reading.dims
    assert reading.drawn().labels == [name]
    reading.leave()
    assert not reading.dims


def test_a_click_opens_a_card_with_all_that_is_known(reading: Exploring) -> None:
    reading.click("article/9")
    assert reading.title == "Wind park: critics"
    facts = newsroom().nodes["article/9"]
    card = reading.card
    provider = named(newsroom(), led_to(newsroom(), "article/9", "publisher")[0])
    moment = facts["published_at"]
    for text in (
        provider,
        f"{moment.day} {moment:%b %Y, %H:%M} UTC",
        "What critics of Wind park say, told on page 109.",
        "Énergie",
        "Quality\n89",
        "Heat\n1,009",
        "Status\nPublished",
        "Wind park: critics, as it was called before",
        "news/9.md",
    ):
        assert text in card
    host = str(facts["url"]).split("/")[2]
    original = reading.page.get_by_role("link", name=f"Open original at {host}")
    assert original.get_attribute("href") == facts["url"]
    assert "noopener" in original.get_attribute("rel").split()
    variant = reading.page.locator("#facts a", has_text="amp.")
    assert variant.get_attribute("href") == facts["variants"][0][1]
    assert all("noopener" in link.get_attribute("rel") for link in reading.page.locator("#facts a").all())
    assert reading.address["node"] == ["article/9"]


def test_only_web_addresses_can_be_opened(open_explorer: Explore) -> None:
    graph = newsroom()
    for number, url in enumerate(("javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "mailto:a@b.c")):
        graph.nodes[f"article/{number}"].update(url=url, variants=(("amphtml", url), ("original", "http://a.example/")))
    opened = open_explorer(graph)
    for number in range(4):
        opened.click(f"article/{number}")
        assert opened.title == named(graph, f"article/{number}")
        assert [link.get_attribute("href") for link in opened.page.locator("#facts a").all()] == ["http://a.example/"]
        assert "Open original" not in opened.card
    opened.click("article/22")
    assert opened.title == "School reform: costs"
    assert "Open original" not in opened.card


def related_in_card(opened: Exploring) -> list[tuple[str, str]]:
    """Return the related coverage in a card: each name with what stands beside it, the provider left out."""
    entries = opened.page.locator("#facts ol.list > li").all()
    return [
        (entry.locator(".name").inner_text(), entry.locator(".meta").inner_text().partition(" · ")[0])
        for entry in entries
    ]


def test_related_coverage_stands_in_the_order_of_time_with_the_lag_to_the_first(reading: Exploring) -> None:
    reading.click("article/8")
    assert related_in_card(reading) == [
        ("This one", "first"),
        ("Wind park: critics", "+3 h"),
        ("Wind park: costs", "+6 h"),
        ("Wind park: neighbours", "+9 h"),
    ]
    reading.page.get_by_role("button", name="Wind park: costs").first.click()
    assert related_in_card(reading) == [("Wind park: first tests", "first"), ("This one", "+6 h")]


def test_related_coverage_without_a_date_stands_last(reading: Exploring) -> None:
    reading.click("article/20")
    assert related_in_card(reading) == [
        ("This one", "first"),
        ("School reform: costs", "+6 h"),
        ("School reform: neighbours", "+9 h"),
        ("School reform: critics", "no date"),
    ]


def test_lags_are_told_in_the_unit_that_fits(open_explorer: Explore) -> None:
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    first = datetime(2021, 1, 1, tzinfo=UTC)
    lags = {
        timedelta(): "first",
        timedelta(minutes=40): "+40 min",
        timedelta(hours=5): "+5 h",
        timedelta(days=3): "+3 days",
        timedelta(days=152): "+5 months",
        timedelta(days=1826): "+5 years",
    }
    for lag, text in reversed(lags.items()):
        graph.add_node(f"article/{text}", kind="article", title=text, published_at=first + lag)
        graph.add_edge("article/first", f"article/{text}", "related", rank=0)
    opened = open_explorer(graph)
    opened.click("article/+3 days")
    assert related_in_card(opened) == [("first", "first"), ("This one", "+3 days")]
    opened.click("article/first")
    assert related_in_card(opened)[1:] == [(text, text) for text in list(lags.values())[1:]]


def test_a_card_says_why_it_is_in_the_graph(reading: Exploring) -> None:
    reading.click("article/8")
    why = reading.page.locator("#facts .why > li").all_inner_texts()
    assert why[0] == "news/8.md"
    assert [re.sub(r"\s+", " ", text) for text in why[1:]] == [
        f"listed by Wind park: {angle} news/{number}.md"
        for number, angle in ((9, "critics"), (10, "costs"), (11, "neighbours"))
    ]
    reading.page.locator("#facts .why button").first.click()
    assert reading.title == "Wind park: critics"
    assert reading.page.locator("#facts .why > li").all_inner_texts() == ["news/9.md"]


def test_a_card_leads_on_to_provider_and_topic_and_back_to_their_coverage(reading: Exploring) -> None:
    graph = newsroom()
    reading.click("article/8")
    provider = named(graph, led_to(graph, "article/8", "publisher")[0])
    reading.page.locator("#facts .line button").click()
    assert reading.title == provider
    published = passing(graph, {"provider": [provider]})
    assert set(reading.listed) == titles(graph, published)
    dates = [
        graph.nodes[node].get("published_at")
        for name in reading.listed
        for node in published
        if named(graph, node) == name
    ]
    known = [date for date in dates if date]
    assert known == sorted(known, reverse=True)
    reading.page.locator("#facts .list button").first.click()
    reading.page.locator("#facts .topics button").first.click()
    assert reading.title in {named(graph, topic) for topic in of_kind(graph, "topic")}
    assert set(reading.listed) >= titles(graph, passing(graph, {"topic": [reading.title]}))


def test_a_click_in_the_list_opens_the_card_and_brings_the_node_into_view(open_explorer: Explore) -> None:
    opened = open_explorer(synthetic_page(1000))
    name = opened.listed[5]
    opened.page.locator("#facts .list button").nth(5).click()
    assert opened.title == name
    drawn = opened.drawn()
    assert drawn.shows(opened.address["node"][0])
    assert name[:20] in {label[:20] for label in drawn.labels}


def test_a_click_beside_everything_closes_the_card(reading: Exploring) -> None:
    reading.click("article/8")
    assert reading.title
    reading.page.mouse.click(*reading.empty_spot())
    assert reading.title == ""
    assert len(reading.listed) == 40


def test_close_closes_the_card(reading: Exploring) -> None:
    reading.click("article/8")
    reading.button("Close the card").click()
    assert reading.title == ""
    assert len(reading.listed) == 40


def around(graph: nx.MultiDiGraph[str], node: str, steps: int) -> set[str]:
    return set(nx.ego_graph(graph.to_undirected(), node, radius=steps))


def assert_shows_around(opened: Exploring, graph: nx.MultiDiGraph[str], node: str, steps: int) -> None:
    near = around(graph, node, steps)
    kinds = Counter(graph.nodes[one]["kind"] for one in near)
    everything = many(len(of_kind(graph, "article")), "article")
    assert opened.shown == (
        f"Showing {kinds['article']} of {everything}, {many(kinds['provider'], 'provider')}, {many(kinds['topic'], 'topic')}"
    )
    drawn = opened.drawn()
    assert {one for one in opened.atlas.nodes if drawn.shows(one)} == near
    assert opened.chips == [f"Within {many(steps, 'step')}"]


@pytest.mark.parametrize("node", ["article/13", "provider/forbes.com", "topic/policy"])
def test_a_double_click_shows_the_neighbourhood_at_one_to_three_steps(reading: Exploring, node: str) -> None:
    graph = newsroom()
    reading.double_click(node)
    assert reading.title == named(graph, node)
    assert_shows_around(reading, graph, node, 1)
    assert len(around(graph, node, 1)) < len(around(graph, node, 2)) < len(graph)
    for steps, name in ((2, "2 steps"), (3, "3 steps"), (1, "1 step")):
        reading.button(name).click()
        assert reading.title == named(graph, node)
        assert_shows_around(reading, graph, node, steps)
    reading.button("Everything").click()
    assert reading.title == named(graph, node)
    assert reading.shown == "Showing 40 articles, 5 providers, 4 topics"


def test_a_neighbourhood_is_taken_off_as_any_filter(reading: Exploring) -> None:
    reading.double_click("article/13")
    reading.button("Remove the filter Within 1 step").click()
    assert reading.title == "Moon lander: critics"
    assert reading.shown == "Showing 40 articles, 5 providers, 4 topics"


def back_by_escape(opened: Exploring) -> None:
    opened.press("Escape")


def back_by_browser(opened: Exploring) -> None:
    opened.page.go_back()


@pytest.mark.parametrize("back", [back_by_escape, back_by_browser], ids=["escape", "browser"])
def test_going_back_leads_through_all_that_was_seen(reading: Exploring, back: Callable[[Exploring], None]) -> None:
    graph = newsroom()
    states = []

    def state() -> tuple[Any, ...]:
        return reading.title, reading.shown, reading.chips, reading.listed, reading.drawn().outlines

    def reached(wanted: tuple[Any, ...]) -> None:
        reading.until("shown => document.getElementById('shown').textContent === shown", wanted[1])
        reading.until("title => (document.getElementById('card-title')?.textContent ?? '') === title", wanted[0])
        assert state() == wanted

    states.append(state())
    reading.choose("status", "Published")
    states.append(state())
    reading.brush(0, 0.8)
    states.append(state())
    reading.click("article/9")
    states.append(state())
    reading.page.locator("#facts .topics button").click()
    states.append(state())
    reading.button("1 step").click()
    states.append(state())
    assert [title for title, *_ in states] == ["", "", "", "Wind park: critics", "Énergie", "Énergie"]
    assert len({shown for _, shown, *_ in states}) == 4
    for wanted in states[-2::-1]:
        back(reading)
        reached(wanted)
    for wanted in states[1:]:
        reading.page.go_forward()
        reached(wanted)
    assert titles(graph, ["article/9"]) == {states[3][0]}


def test_going_back_leads_to_where_the_picture_was(reading: Exploring) -> None:
    before = reading.drawn().camera
    reading.double_click("article/13")
    reading.until_address("view=")
    assert reading.drawn().camera != before
    reading.press("Escape")
    reading.until("() => document.getElementById('shown').textContent === 'Showing 40 articles, 5 providers, 4 topics'")
    assert tuple(reading.drawn().camera) == pytest.approx(tuple(before))
    reading.page.go_forward()
    reading.until("() => document.getElementById('shown').textContent.includes(' of ')")
    assert reading.drawn().camera != before


def test_going_back_at_once_leads_to_where_the_picture_was(reading: Exploring) -> None:
    reading.hover("article/4")
    reading.page.mouse.wheel(0, -300)
    near = reading.drawn().camera
    reading.click("article/4")  # before the address tells of the camera
    reading.until_address("view=")
    reading.press("Escape")
    reading.until_closed()
    assert tuple(reading.drawn().camera) == pytest.approx(tuple(near), rel=1e-3)


def test_escape_closes_what_a_link_led_to(open_explorer: Explore) -> None:
    opened = open_explorer(newsroom(), address="#node=article/4&steps=1")
    assert opened.title == "City budget: first tests"
    assert_shows_around(opened, newsroom(), "article/4", 1)
    opened.press("Escape")
    opened.until("() => document.getElementById('shown').textContent === 'Showing 40 articles, 5 providers, 4 topics'")
    assert opened.title == "City budget: first tests"
    opened.press("Escape")
    opened.until_closed()
    assert len(opened.listed) == 40
    opened.press("Escape")
    assert len(opened.listed) == 40


# --- dates at the edge ------------------------------------------------------------------------------------------------


def dated(*dates: datetime | None) -> nx.MultiDiGraph[str]:
    """Return articles of one provider with these dates, all listing the first as related."""
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    graph.add_node("provider/a.example", kind="provider", name="A", names=("A",), domain="a.example")
    for number, moment in enumerate(dates):
        known = {"published_at": moment} if moment else {}
        graph.add_node(f"article/{number}", kind="article", title=f"Story {number}", media="article", **known)
        graph.add_edge(f"article/{number}", "provider/a.example", "publisher")
        if number:
            graph.add_edge(f"article/{number}", "article/0", "related", rank=0)
    return graph


EPOCH, FAR = datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 12, 31, 23, 59, tzinfo=UTC)


def test_without_any_date_the_page_says_so(open_explorer: Explore) -> None:
    opened = open_explorer(dated(None, None, None))
    assert opened.sentence == "3 articles · 1 provider · 0 topics"
    assert opened.page.inner_text("#timeline") == "No article here has a date."
    assert len(opened.listed) == 3
    opened.click("article/0")
    assert [meta for _, meta in related_in_card(opened)] == ["no date"] * 3


def test_all_dates_on_one_day_give_one_bar(open_explorer: Explore) -> None:
    moment = datetime(2021, 8, 23, 9, tzinfo=UTC)
    opened = open_explorer(dated(moment, moment, moment))
    assert opened.sentence == "3 articles · 1 provider · 0 topics · Aug 2021"
    assert len(opened.bars("all")) == 1
    opened.brush(0.2, 0.7)
    assert opened.chips == ["23 Aug 2021"]
    assert len(opened.listed) == 3
    opened.click("article/0")
    assert [meta for _, meta in related_in_card(opened)] == ["first"] * 3


def test_playing_a_single_day_shows_that_day(open_explorer: Explore) -> None:
    moment = datetime(2021, 8, 23, 9, tzinfo=UTC)
    opened = open_explorer(dated(moment, moment, moment))
    opened.button("Play").click()
    opened.until("() => document.querySelector('#timeline .play').textContent === 'Play'")
    assert opened.chips == ["23 Aug 2021"]
    assert len(opened.listed) == 3


def test_1970_and_2100_are_dates_as_others(open_explorer: Explore) -> None:
    opened = open_explorer(dated(EPOCH, FAR, datetime(2021, 8, 23, tzinfo=UTC)))
    assert opened.sentence == "3 articles · 1 provider · 0 topics · Jan 1970 – Dec 2100"
    assert opened.listed == ["Story 1", "Story 2", "Story 0"]
    (first, _), (middle, _), (last, _) = opened.bars("all")
    assert (middle - first) / (last - first) == pytest.approx(51.6 / 131, abs=0.05)
    opened.brush(0, 0.1)
    assert opened.listed == ["Story 0"]
    opened.brush(0.9, 1)
    assert opened.listed == ["Story 1"]
    opened.button("Last week").click()
    assert opened.chips == ["25 Dec 2100 – 31 Dec 2100"]
    opened.button("All").click()
    opened.click("article/0")
    assert "1 Jan 1970, 00:00 UTC" in opened.card
    assert related_in_card(opened) == [("This one", "first"), ("Story 2", "+52 years"), ("Story 1", "+131 years")]


def test_the_first_moment_of_1970_stands_between_its_neighbours(open_explorer: Explore) -> None:
    opened = open_explorer(dated(EPOCH, EPOCH - timedelta(days=200), EPOCH + timedelta(days=200), None))
    order = ["Story 2", "Story 0", "Story 1", "Story 3"]
    assert opened.listed == order
    opened.click("provider/a.example")
    assert opened.listed == order


def test_a_few_dates_far_away_leave_room_for_the_rest(open_explorer: Explore) -> None:
    usual = [datetime(2021, 8, 1, tzinfo=UTC) + timedelta(days=day) for day in range(120)]
    opened = open_explorer(dated(EPOCH, *usual, FAR))
    assert len(opened.bars("all")) > 40
    opened.brush(0, 0.5)
    assert opened.chips[0].startswith("1 Jan 1970 – ")
    opened.brush(0.5, 1)
    assert opened.chips[0].endswith(" – 31 Dec 2100")
    assert opened.listed[0] == "Story 121"
