"""The explorer in a real browser, given what nobody wishes for: it shows it sensibly, runs nothing, asks for nothing."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import quote

import networkx as nx
import pytest
from browsers.explorer import Explore, Exploring
from browsers.opened_pages import HOSTILE, Opened, Opener
from samples.newsrooms import newsroom, newsroom_page

from graphkit.page.explorer import explore

pytestmark = pytest.mark.browser

MORNING = datetime(2021, 8, 23, 9, tzinfo=UTC)


def coverage(titles: list[str], dates: list[datetime | None] | None = None) -> nx.MultiDiGraph[str]:
    """Return articles of one provider on one topic, each listing the one before it as related."""
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    graph.add_node("provider/a.example", kind="provider", name="A", names=("A",), domain="a.example")
    graph.add_node("topic/t", kind="topic", label="T", labels=("T",))
    for number, title in enumerate(titles):
        moment = dates[number] if dates else MORNING + timedelta(hours=number)
        known = {"published_at": moment} if moment else {}
        graph.add_node(f"article/{number}", kind="article", title=title, media="article", **known)
        graph.add_edge(f"article/{number}", "provider/a.example", "publisher")
        graph.add_edge(f"article/{number}", "topic/t", "about")
        if number:
            graph.add_edge(f"article/{number}", f"article/{number - 1}", "related", rank=0)
    return graph


def node_in_address(opened: Exploring) -> str:
    """Return the node that the address tells of, asked of the page itself, which knows first."""
    return str(opened.run("() => new URLSearchParams(location.hash.slice(1)).get('node')"))


def assert_can_be_read(opened: Exploring, graph: nx.MultiDiGraph[str]) -> None:
    """Picture, list and a card are there."""
    articles = [node for node, facts in graph.nodes(data=True) if facts["kind"] == "article"]
    assert opened.pixels().drawn > 200
    drawn = opened.drawn()
    assert all(drawn.shows(node) for node in graph)
    assert len(opened.listed) == len(articles)
    assert opened.page.locator("#blank").is_hidden()
    for node in list(graph)[:3]:
        opened.click(node)
        assert node_in_address(opened) == node
        assert opened.title
        opened.button("Close the card").click()
    assert opened.page.locator("#shown").inner_text().startswith("Showing ")


# --- little, and odd dates --------------------------------------------------------------------------------------------


def test_an_empty_graph_says_so(open_explorer: Explore) -> None:
    opened = open_explorer(nx.MultiDiGraph())
    assert opened.sentence == "0 articles · 0 providers · 0 topics"
    assert opened.page.get_by_role("alert").inner_text() == (
        "This graph is empty: there is nothing to explore. Build it from some records first."
    )
    assert opened.page.inner_text("#blank") == "There is nothing to explore."


@pytest.mark.parametrize(
    "facts",
    [
        {"kind": "article", "title": "The only one", "published_at": MORNING},
        {"kind": "article"},
        {"kind": "provider", "name": "Nobody writes here", "domain": "a.example"},
        {"kind": "topic", "label": "Nobody writes of this"},
        {"kind": "something else", "title": "A kind of its own"},
        {},
    ],
    ids=lambda facts: str(facts.get("kind")),
)
def test_one_node_is_shown_as_any(open_explorer: Explore, facts: dict[str, Any]) -> None:
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    graph.add_node("one", **facts)
    opened = open_explorer(graph)
    assert opened.pixels().drawn > 200
    assert opened.drawn().shows("one")
    name = facts.get("title") or facts.get("name") or facts.get("label") or "one"
    assert opened.listed == [name]
    opened.click("one")
    assert opened.title == name
    assert opened.page.locator(".steps button").all_inner_texts() == ["Everything"]
    opened.press("ArrowLeft", "ArrowRight", "Escape")
    opened.until_closed()
    assert opened.listed == [name]


DATES: dict[str, list[datetime | None]] = {
    "none": [None] * 6,
    "all equal": [MORNING] * 6,
    "1970 and 2100": [datetime(1970, 1, 1, tzinfo=UTC), datetime(2100, 12, 31, 23, 59, tzinfo=UTC), None] * 2,
    "one": [None, None, MORNING, None, None, None],
    "year 1 and 9999": [datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, tzinfo=UTC)] * 3,
}


@pytest.mark.parametrize("dates", DATES.values(), ids=DATES)
def test_any_dates_leave_a_page_to_read(open_explorer: Explore, dates: list[datetime | None]) -> None:
    graph = coverage([f"Story {number}" for number in range(6)], dates)
    opened = open_explorer(graph)
    assert_can_be_read(opened, graph)
    known = [date for date in dates if date]
    assert bool(opened.bars("all")) == bool(known)
    if not known:
        return
    opened.brush(0, 1)
    assert len(opened.listed) == len(known)
    for name in opened.page.locator("#timeline .controls button").all_inner_texts():
        if name != "Play":
            opened.button(name).click()
            assert opened.listed
    opened.button("All").click()
    assert len(opened.listed) == 6


# --- much -------------------------------------------------------------------------------------------------------------


def test_a_hub_with_50_000_edges_can_be_looked_at(open_explorer: Explore) -> None:
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    graph.add_node("topic/all", kind="topic", label="Everything", labels=("Everything",))
    for number in range(50_000):
        node = f"article/{number}"
        graph.add_node(node, kind="article", title=f"Story {number}", published_at=MORNING + timedelta(minutes=number))
        graph.add_edge(node, "topic/all", "about")
    opened = open_explorer(graph)
    assert opened.pixels().drawn > 50_000
    assert opened.shown == "Showing 50,000 articles, 0 providers, 1 topic"
    opened.search("everything")
    opened.press("Enter")
    assert opened.title == "Everything"
    assert opened.listed[0] == "Story 49999"
    assert opened.pixels("over").drawn > 10_000
    opened.page.locator("#facts .more").click()
    assert len(opened.listed) == 112
    opened.press("Escape")
    opened.until_closed()
    opened.search("story 12345")
    opened.press("Enter")
    assert opened.title == "Story 12345"
    assert opened.drawn().labels


def test_titles_of_5_000_characters_are_shortened(open_explorer: Explore) -> None:
    titles = ["x" * 5_000, "word " * 1_000, "漢字" * 2_500, "👩‍🚀" * 1_700, "\u0301" * 5_000, "m" * 4_999 + " end"]
    graph = coverage(titles)
    for node in ("provider/a.example", "topic/t"):
        graph.nodes[node].update(name="n" * 5_000, label="l" * 5_000)
    opened = open_explorer(graph, width=900)
    assert_can_be_read(opened, graph)
    for node in graph:
        opened.click(node)
        assert len(opened.title) <= 300
        assert opened.page.locator("#card-title").bounding_box()["height"] < 600  # of a window of 800
        assert opened.run("() => document.documentElement.scrollWidth") == 900
    labels = opened.drawn().labels
    assert labels
    assert max(map(len, labels)) <= 150


def test_a_node_that_is_its_own_neighbour_is_shown_once(open_explorer: Explore) -> None:
    graph = coverage(["One", "Two"])
    graph.add_edge("article/0", "article/0", "related", rank=0)
    opened = open_explorer(graph)
    assert_can_be_read(opened, graph)
    opened.click("article/0")
    assert [text for text in opened.listed if text in {"One", "This one"}] == ["This one"]


# --- any script -------------------------------------------------------------------------------------------------------

ARABIC, HEBREW = "أخبار اليوم: سباق الفضاء يبدأ من جديد", "חדשות: רובוט חדש במטבח של העתיד"


def test_texts_from_right_to_left_stand_so(open_explorer: Explore) -> None:
    graph = coverage([ARABIC, HEBREW, "From left to right"])
    graph.nodes["provider/a.example"]["name"] = "صحيفة الشرق"
    opened = open_explorer(graph)
    assert_can_be_read(opened, graph)
    assert {ARABIC, HEBREW} <= set(opened.listed)
    direction = "selector => getComputedStyle(document.querySelector(selector)).direction"
    for number, expected in enumerate(("rtl", "rtl", "ltr")):
        opened.click(f"article/{number}")
        assert opened.run(direction, "#card-title") == expected
    assert opened.run(direction, "body") == "ltr"
    opened.search("الفضاء")
    assert opened.found == [ARABIC]
    opened.press("Enter")
    assert opened.title == ARABIC
    assert ARABIC[:12] in " ".join(opened.drawn().labels)


def test_emoji_and_marks_stay_whole(open_explorer: Explore) -> None:
    titles = ["👩‍🚀🚀🌍 to space", "👨‍👩‍👧‍👦 at home", "🇺🇳 flags 🏴󠁧󠁢󠁳󠁣󠁴󠁿", "t̴̢͎e̷̲̊x̵̢͗t̸̛̲ that crawls", "𝕬𝖘𝖙𝖗𝖆𝖑 letters", "🎉" * 200]
    graph = coverage(titles)
    opened = open_explorer(graph)
    assert_can_be_read(opened, graph)
    assert set(opened.listed) == set(titles)
    opened.search("🚀")
    assert opened.found == [titles[0]]
    opened.press("Enter")
    assert opened.title == titles[0]
    for node in graph:
        opened.click(node)
        text = "".join(opened.drawn().labels)
        assert "\ufffd" not in text
        assert not re.search("[\ud800-\udfff]", text)


# --- hostile texts ----------------------------------------------------------------------------------------------------


@cache
def attacks() -> list[str]:
    """Return 500 texts that run, ask for something or break the page where they are taken for anything but text."""
    ways = (
        lambda text: text,
        html.escape,
        lambda text: html.escape(html.escape(text)),
        lambda text: quote(text, errors="replace"),
        lambda text: "".join(f"&#{ord(letter)};" for letter in text),
        lambda text: "".join(f"&#x{ord(letter):x}" for letter in text),
        lambda text: "".join(f"\\u{ord(letter) & 0xFFFF:04x}" for letter in text),
        lambda text: text.swapcase(),
        lambda text: f'">{text}<"',
        lambda text: f"'>{text}<'",
        lambda text: f"</title></style></textarea></noscript></script>{text}",
        lambda text: f"*/-->]]>{text}<!--<![CDATA[/*",
        lambda text: f"\x1f{text}\x1e\x1d\x01\n\r\n{text}",
        lambda text: text.replace("<", "<\x00").replace("script", "scr\tipt"),
        lambda text: f"{text}\u202e{text[::-1]}",
    )
    found = list(dict.fromkeys(way(text) for way in ways for text in HOSTILE))
    assert len(found) >= 500
    return found[:500]


def hostile_graph() -> nx.MultiDiGraph[str]:
    """Return a graph with all of them in every field that holds text: an article, a provider and a topic for each."""
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    texts = attacks()
    for number, text in enumerate(texts):
        article, provider, topic = f"article/{number}", f"provider/{number}", f"topic/{number}"
        graph.add_node(
            article,
            kind="article",
            title=text,
            titles=(text, f"{text} again"),
            excerpt=text,
            url=text,
            language=text,
            categories=(text,),
            keywords=(text,),
            media=text,
            status=text,
            variants=((text, text), ("amphtml", f"javascript:{text}"), ("original", f"https://a.example/?{text}")),
            images=({"url": text, "caption": text}, {"url": f"https://a.example/{text}", "caption": text}),
            sources=((text, text),),
            published_at=MORNING + timedelta(hours=number),
        )
        graph.add_node(
            provider, kind="provider", name=text, names=(text, f"{text} too"), domain=text, platform=text, url=text
        )
        graph.add_node(topic, kind="topic", label=text, labels=(text, f"{text} too"), keywords=(text,), url=text)
        graph.add_edge(article, provider, "publisher", label=text)
        graph.add_edge(article, topic, "about")
        graph.add_edge(article, f"article/{(number + 1) % len(texts)}", "related", rank=number, sources=((text, text),))
    return graph


class Names(NamedTuple):
    """The names of elements and attributes."""

    tags: set[str]
    attributes: set[str]


def names_in(opened: Opened) -> Names:
    tags, attributes = opened.run(
        """() => {
            const all = [...document.querySelectorAll("*")];
            return [all.map(element => element.localName), all.flatMap(element => element.getAttributeNames())];
        }"""
    )
    return Names(set(tags), set(attributes))


def assert_nothing_ran(opened: Opened, usual: Names) -> None:
    assert opened.run("() => typeof window.__pwned") == "undefined"
    assert opened.run("() => document.scripts.length") == 1  # the page's own; the data are gone once they are read
    found = names_in(opened)
    assert found.tags <= usual.tags
    assert found.attributes <= usual.attributes
    protocols = opened.run("() => [...document.querySelectorAll('a[href]')].map(link => link.protocol)")
    assert set(protocols) <= {"http:", "https:"}


WALK = """plan => {
    const seen = [];
    for (const node of plan) {
        document.querySelector(`#facts [data-node="${node}"]`).click();
        const facts = document.getElementById("facts");
        seen.push([
            document.getElementById("card-title").textContent,
            [...new Set([...facts.querySelectorAll("*")].map(element => element.localName))],
            [...new Set([...facts.querySelectorAll("*")].flatMap(element => element.getAttributeNames()))],
            [...facts.querySelectorAll("a")].map(link => link.protocol),
        ]);
    }
    return seen;
}"""
# A browser lets a page change its address only so often.
WITHOUT_ADDRESSES = "History.prototype.pushState = History.prototype.replaceState = () => {}"


@pytest.fixture
def usual(open_explorer: Explore) -> Names:
    """Return the names of all elements and attributes that the page has of records without any malice."""
    graph = newsroom()
    graph.nodes["article/0"].update(images=({"url": "https://a.example/1.png"},), language="en")
    opened = open_explorer(graph)
    seen = [names_in(opened)]
    opened.search("nothing of this kind")
    seen.append(names_in(opened))
    for title in ("Harbour crane: first tests", "Harbour crane: critics", "Robots", "Die Zeit"):
        opened.search(title)
        seen.append(names_in(opened))
        opened.press("Enter")
        assert opened.title == title
        opened.page.locator("#facets label").first.click()
        seen.append(names_in(opened))
    return Names(*(set[str]().union(*of) for of in zip(*seen, strict=True)))


def test_500_hostile_texts_run_nothing_in_any_field(open_explorer: Explore, usual: Names) -> None:
    page = explore(hostile_graph(), title="".join(HOSTILE))
    opened = open_explorer(page, script=WITHOUT_ADDRESSES)
    assert_nothing_ran(opened, usual)
    assert opened.sentence.startswith("500 articles · 500 providers · 500 topics")
    assert opened.pixels().drawn > 10_000
    assert len(opened.listed) == 40
    place = {node: at for at, node in enumerate(opened.atlas.nodes)}
    newest = len(attacks()) - 1
    plan = [place[f"article/{newest}"]]
    for number in range(newest, -1, -1):
        article = place[f"article/{number}"]
        plan += [place[f"provider/{number}"], article, place[f"topic/{number}"], article]
        plan += [place[f"article/{number - 1}"]] if number else []
    seen = opened.run(WALK, plan)
    for (title, found, names, protocols), at in zip(seen, plan, strict=True):
        assert title, at
        assert set(found) <= usual.tags
        assert set(names) <= usual.attributes
        assert set(protocols) <= {"http:", "https:"}
        assert title == " ".join(title.split()), at
    titles = [title for title, *_ in seen]
    assert {"<script>window.__pwned=1</script>", "&lt;script&gt;window.__pwned=1&lt;/script&gt;"} <= set(titles)
    assert len(set(titles)) > 400
    assert_nothing_ran(opened, usual)


def test_500_hostile_texts_run_nothing_while_one_uses_the_page(open_explorer: Explore, usual: Names) -> None:
    opened = open_explorer(explore(hostile_graph()), script=WITHOUT_ADDRESSES)
    found = opened.run(
        """texts => {
            const box = document.getElementById("search");
            const counts = texts.map(text => {
                box.value = text;
                box.dispatchEvent(new Event("input"));
                return document.querySelectorAll("#found li:not([aria-disabled])").length;
            });
            box.dispatchEvent(new Event("blur"));
            return counts;
        }""",
        attacks(),
    )
    assert sum(map(bool, found)) > 400
    assert_nothing_ran(opened, usual)
    for facet in ("provider", "topic", "medium", "status"):
        opened.page.locator(f"#facet-{facet} .more").click()
        assert opened.page.locator(f"#facet-{facet} label").count() == 200
        assert_nothing_ran(opened, usual)
        for label in opened.page.locator(f"#facet-{facet} label").all()[:4]:
            label.click()
            assert_nothing_ran(opened, usual)
        opened.button("Clear all").click()
    for node in ("article/1", "provider/5", "topic/7", "article/300"):
        opened.hover(node)
        assert opened.pixels("over").drawn > 0
        assert_nothing_ran(opened, usual)


def test_hostile_ids_run_nothing_and_can_be_told_in_an_address(open_explorer: Explore) -> None:
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    texts = [text for text in HOSTILE if text.isprintable()]
    for number, text in enumerate(texts):
        graph.add_node(text, kind="article", title=f"Story {number}")
        graph.add_edge(text, texts[0], "related", rank=0) if number else None
    opened = open_explorer(graph)
    for number in range(0, len(texts), 3):
        opened.search(f"Story {number}")
        opened.press("Enter")
        assert opened.title == f"Story {number}"
        assert node_in_address(opened) == texts[number]
    assert opened.run("() => typeof window.__pwned") == "undefined"
    again = open_explorer(graph, address=str(opened.run("() => location.hash")))
    assert again.title == opened.title


def test_only_web_addresses_become_links(open_explorer: Explore) -> None:
    addresses = (
        "javascript:window.__pwned=1",
        "JaVaScRiPt:window.__pwned=1",
        " javascript:window.__pwned=1",
        "java\nscript:window.__pwned=1",
        "data:text/html,<script>window.__pwned=1</script>",
        "vbscript:x",
        "file:///etc/passwd",
        "blob:https://a.example/x",
        "//a.example/x",
        "https:",
        "http://",
        "https://a.example:x/",
    )
    graph = coverage([f"Story {number}" for number in range(len(addresses))])
    for number, address in enumerate(addresses):
        graph.nodes[f"article/{number}"].update(
            url=address, variants=(("amphtml", address), ("original", "https://b.example/")), images=({"url": address},)
        )
    graph.nodes["provider/a.example"]["url"] = addresses[0]
    opened = open_explorer(graph)
    for number in range(len(addresses)):
        opened.click(f"article/{number}")
        assert opened.title == f"Story {number}"
        links = [link.get_attribute("href") for link in opened.page.locator("#facts a").all()]
        assert links == ["https://b.example/"], addresses[number]
        assert opened.page.locator("#facts .image button").count() == 0
    opened.click("provider/a.example")
    assert all("javascript" not in link.get_attribute("href") for link in opened.page.locator("#facts a").all())


# --- images -----------------------------------------------------------------------------------------------------------

SERVED = "https://coverage.example/"
ADDRESS = "https://images.example/picture.png?size=large"


def illustrated() -> nx.MultiDiGraph[str]:
    graph = coverage(["With an image", "Without"])
    graph.nodes["article/0"]["images"] = ({"url": ADDRESS, "caption": "A picture"}, {"url": "https://images.example/2"})
    return graph


def test_an_image_is_asked_for_only_when_a_person_wants_it(open_explorer: Explore) -> None:
    """The page comes from a server here: a file has no address that it could tell the image's server."""
    opened = open_explorer(illustrated())
    asked: list[dict[str, str]] = []
    svg = "<svg xmlns='http://www.w3.org/2000/svg' width='40' height='30'><rect width='40' height='30'/></svg>"

    def answer(route: Any) -> None:
        asked.append({**route.request.all_headers(), "address": route.request.url})
        route.fulfill(body=svg, content_type="image/svg+xml")

    opened.page.route("https://images.example/**", answer)
    opened.page.route(SERVED, lambda route: route.fulfill(body=opened.text, content_type="text/html; charset=utf-8"))
    before = list(opened.requests)
    opened.page.goto(SERVED)
    opened.ready()
    opened.click("article/0")
    assert opened.title == "With an image"
    assert opened.page.locator("img").count() == 0
    assert asked == []
    opened.button("Show the image from images.example").click()
    opened.until("() => document.querySelector('#facts img')?.naturalWidth === 40")
    assert [one["address"] for one in asked] == [ADDRESS]
    assert "referer" not in asked[0]
    assert "cookie" not in asked[0]
    opened.click("article/1")
    assert opened.page.locator("img").count() == 0
    opened.click("article/0")
    assert opened.page.locator("img").count() == 0  # each time anew
    assert opened.requests[len(before) :] == [SERVED, ADDRESS]
    opened.requests[:] = before


def test_an_image_that_does_not_come_is_told(open_explorer: Explore) -> None:
    opened = open_explorer(illustrated())
    opened.page.route("https://images.example/**", lambda route: route.fulfill(status=404, body="gone"))
    opened.click("article/0")
    opened.button("Show the image from images.example").click()
    opened.until("() => document.getElementById('facts').innerText.includes('The image could not be loaded.')")
    assert opened.page.locator("img").count() == 0
    assert opened.requests.count(ADDRESS) == 1
    opened.requests.remove(ADDRESS)
    opened.complaints[:] = [text for text in opened.complaints if "404" not in text]  # the browser's own


# --- a browser or a page that cannot ----------------------------------------------------------------------------------


def test_a_browser_without_decompression_is_told_so_in_a_sentence(open_page: Opener) -> None:
    opened = open_page(newsroom_page(), script="delete window.DecompressionStream")
    told = opened.page.get_by_role("alert")
    told.wait_for()
    assert told.inner_text().startswith("This browser is too old to unpack the graph: it lacks DecompressionStream.")
    assert opened.page.inner_text("#sentence") == "40 articles · 5 providers · 4 topics · Oct 2016 – May 2023"
    assert opened.page.inner_text("#shown") == ""


def test_a_browser_without_scripts_is_told_so(open_page: Opener) -> None:
    opened = open_page(newsroom_page(), java_script_enabled=False)
    assert "The explorer needs JavaScript" in opened.page.inner_text("#panel")


def cut(text: str, block: str) -> str:
    """Return the page with a block that ends half way."""
    found = re.search(rf'(<script type="text/plain" id="{block}">)([^<]*)', text)
    assert found
    return text.replace(found[2], found[2][: len(found[2]) // 8 * 4])


def garbled(text: str, block: str) -> str:
    """Return the page with a block that is not base64."""
    return re.sub(rf'(<script type="text/plain" id="{block}">)', r"\1*?", text)


def emptied(text: str, block: str) -> str:
    """Return the page with a block that holds nothing."""
    return re.sub(rf'(<script type="text/plain" id="{block}">)[^<]*', r"\1", text)


def ended(text: str, block: str) -> str:
    """Return a page that ends within a block, as a download that broke off."""
    return text[: text.index(f'id="{block}">') + 60]


# A page that ends before its script cannot say anything.
DAMAGES = [
    (damage, block)
    for damage in (cut, garbled, emptied, ended)
    for block in ("shape", "names", "details")
    if (damage, block) != (ended, "shape")
]


# The browser tells of a promise that nobody keeps in a task after the one in which it broke.
NOTE_FAILURE = "addEventListener('unhandledrejection', () => setTimeout(() => { window.failed = true; }))"


@pytest.mark.parametrize("damage, block", DAMAGES, ids=[f"{block}-{damage.__name__}" for damage, block in DAMAGES])
def test_a_damaged_page_says_so(open_page: Opener, damage: Any, block: str) -> None:
    opened = open_page(damage(newsroom_page(), block), script=NOTE_FAILURE)
    opened.page.wait_for_function("() => window.failed")
    told = opened.page.get_by_role("alert")
    assert told.inner_text() == (
        "This page is damaged or incomplete, so its graph cannot be read. "
        "Write it again from the records, or fetch it again."
    )
    assert opened.page.inner_text("#sentence").startswith("40 articles")
    assert len(opened.complaints) == 1
    assert opened.complaints.pop().startswith("error: ")
