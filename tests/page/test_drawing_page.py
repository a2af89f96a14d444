"""The drawn page in a real browser: it asks for nothing, runs nothing that came with the data, and can be used."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import networkx as nx
import pytest
from browsers.opened_pages import HOSTILE, Opened, Opener

from graphkit.page.drawing import draw


class Drawing(Opened):
    """A drawn page, its nodes by their ids."""

    def index_of(self, node: str) -> int:
        return int(self.run("node => graphkit.data.facts.findIndex(({id}) => id === node)", node))

    def spot_of(self, node: str) -> tuple[float, float]:
        x, y = self.run(
            """index => {
                const {x, y} = graphkit.network.canvasToDOM(graphkit.network.getPosition(index));
                const box = document.querySelector("#canvas canvas").getBoundingClientRect();
                return [box.x + x, box.y + y];
            }""",
            self.index_of(node),
        )
        return float(x), float(y)

    def click_node(self, node: str) -> None:
        """Click, and wait until vis-network, which first waits for a second click, tells the page of it."""
        self.run("() => { window.told = false; graphkit.network.once('click', () => { window.told = true; }); }")
        self.page.mouse.click(*self.spot_of(node))
        self.page.wait_for_function("() => window.told")

    @property
    def panel(self) -> str:
        return str(self.page.inner_text("#panel"))

    @property
    def selected(self) -> list[str]:
        return list(self.run("() => graphkit.network.getSelectedNodes().map((id) => graphkit.data.facts[id].id)"))


@pytest.fixture
def show(open_page: Opener) -> Callable[..., Drawing]:
    """Open a drawn page."""

    def open_drawing(text: str, **options: Any) -> Drawing:
        opened = open_page(text, **options)
        made = Drawing(opened.page, opened.requests, opened.complaints)
        made.until_drawn()  # the picture takes its size in the first frame
        return made

    return open_drawing


def newsroom() -> nx.MultiDiGraph[str]:
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for name, domain in (("Forbes", "forbes.com"), ("The Verge", "theverge.com")):
        graph.add_node(f"provider/{domain}", kind="provider", name=name, names=(name,), domain=domain)
    graph.add_node("topic/robots", kind="topic", label="Robots", labels=("Robots",))
    graph.add_node("topic/policy", kind="topic", label="Policy", labels=("Policy",))
    for number in range(8):
        node = f"article/{number}"
        title = f"Story {number}, with a title that is a good deal longer than the picture has room for"
        graph.add_node(
            node,
            kind="article",
            title=title,
            titles=(title, f"Story {number} as it was called before"),
            excerpt=f"What story {number} says.",
            published_at=datetime(2021, 8, 23, 11, number, tzinfo=UTC),
            url=f"https://www.example.com/story/{number}?a=1&b=2",
            quality=80 + number,
            media="video" if number % 3 == 0 else "article",
        )
        graph.add_edge(node, f"provider/{('forbes.com', 'theverge.com')[number % 2]}", "publisher")
        graph.add_edge(node, f"topic/{('robots', 'policy')[number // 4]}", "about")
        if number:
            graph.add_edge(node, f"article/{number - 1}", "related", rank=0)
    return graph


def hostile_graph() -> nx.MultiDiGraph[str]:
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for number, text in enumerate(HOSTILE):
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
            media=text,
            status=text,
        )
        graph.add_node(provider, kind="provider", name=text, names=(text, f"{text} too"), domain=text, platform=text)
        graph.add_node(topic, kind="topic", label=text, labels=(text, f"{text} too"), keywords=(text,))
        graph.add_edge(article, provider, "publisher", label=text)
        graph.add_edge(article, topic, "about")
        graph.add_edge(article, f"article/{(number + 1) % len(HOSTILE)}", "related", rank=number)
    graph.add_node(HOSTILE[0], kind="article", title="An id that is markup")
    graph.add_node("__proto__", kind="topic", label="An id that JavaScript has")
    graph.add_edge(HOSTILE[0], "__proto__", HOSTILE[0])
    return graph


# --- safe -------------------------------------------------------------------------------------------------------------


def assert_nothing_ran(opened: Drawing) -> None:
    assert opened.run("() => typeof window.__pwned") == "undefined"
    foreign = "img, iframe, object, embed, form, base, link, math, meta[http-equiv=refresh], svg[onload], style + style"
    assert opened.run("selector => document.querySelectorAll(selector).length", foreign) == 0
    assert opened.run("() => document.scripts.length") == 3
    handlers = (
        "() => [...document.querySelectorAll('*')].flatMap(e => e.getAttributeNames()).filter(n => /^on/.test(n))"
    )
    assert opened.run(handlers) == []


@pytest.mark.browser
def test_hostile_texts_run_nothing_wherever_they_stand(show: Any) -> None:
    opened = show(draw(hostile_graph(), title="".join(HOSTILE)))
    assert opened.run("() => graphkit.data.nodes.length") == 3 * len(HOSTILE) + 2
    assert_nothing_ran(opened)
    titles = opened.run(
        """() => graphkit.data.nodes.map(({id}) => {
            graphkit.select(id);
            return document.querySelector("#panel h2").textContent;
        })"""
    )
    assert "<script>window.__pwned=1</script>" in titles
    assert "An id that is markup" in titles
    assert_nothing_ran(opened)
    for text in HOSTILE:
        opened.page.fill("#search", text.replace("\ud800", "").replace("\x00", ""))
        assert_nothing_ran(opened)


@pytest.mark.browser
def test_hostile_texts_run_nothing_in_tooltips(show: Any) -> None:
    graph = hostile_graph()
    opened = show(draw(graph, around="article/6", hops=1, title=HOSTILE[6]))
    opened.run("() => graphkit.clear()")
    for node in ("article/6", "provider/6", "topic/6", "article/5", "article/7"):
        opened.page.mouse.move(*opened.spot_of(node))
        tooltip = opened.page.locator("div.vis-tooltip")
        tooltip.wait_for(state="visible")
        number = int(node.partition("/")[2])
        opened.page.wait_for_function(
            "text => document.querySelector('div.vis-tooltip').textContent === text", arg=HOSTILE[number]
        )
        opened.page.mouse.move(2, 200)
        tooltip.wait_for(state="hidden")
        assert_nothing_ran(opened)


@pytest.mark.browser
def test_hostile_texts_run_nothing_in_the_heading_of_a_neighbourhood(show: Any) -> None:
    for number in (0, 1, 5, 15):
        opened = show(draw(hostile_graph(), around=f"article/{number}", limit=2, title=HOSTILE[number]))
        assert HOSTILE[number] in opened.page.text_content("#notice")
        assert opened.page.title() == opened.page.text_content("h1") == HOSTILE[number]
        assert_nothing_ran(opened)


@pytest.mark.browser
def test_only_web_addresses_become_links(show: Any) -> None:
    graph = newsroom()
    bad = (
        "javascript:window.__pwned=1",
        "data:text/html,x",
        "vbscript:x",
        "file:///etc/passwd",
        "JAVASCRIPT:alert(1)",
    )
    for number, url in enumerate(bad):
        graph.nodes[f"article/{number}"]["url"] = url
    opened = show(draw(graph))
    links = opened.run(
        """() => graphkit.data.nodes.flatMap(({id}) => {
            graphkit.select(id);
            return [...document.querySelectorAll("a")].map((a) => [graphkit.data.facts[id].id, a.href, a.rel]);
        })"""
    )
    assert sorted(links) == [
        *([f"article/{n}", f"https://www.example.com/story/{n}?a=1&b=2", "noopener noreferrer"] for n in (5, 6, 7)),
        ["provider/forbes.com", "https://forbes.com/", "noopener noreferrer"],
        ["provider/theverge.com", "https://theverge.com/", "noopener noreferrer"],
    ]


@pytest.mark.browser
def test_the_script_makes_no_link_even_of_data_that_was_tampered_with(show: Any) -> None:
    opened = show(draw(newsroom()))
    count = opened.run(
        """() => {
            graphkit.data.facts[0].url = "javascript:window.__pwned=1";
            graphkit.select(0);
            return document.querySelectorAll("a").length;
        }"""
    )
    assert count == 0


@pytest.mark.browser
def test_the_browser_enforces_the_policy(show: Any) -> None:
    opened = show(draw(newsroom()))
    opened.run(
        """async () => {
            window.violations = [];
            document.addEventListener("securitypolicyviolation", (e) => violations.push(e.effectiveDirective));
            const script = document.createElement("script");
            try { script.text = "window.__pwned = 1"; document.head.append(script); } catch { violations.push("typed"); }
            try { document.body.innerHTML = "<b>x</b>"; } catch { violations.push("typed"); }
            const style = document.createElement("style");
            style.textContent = "body { display: none }";
            document.head.append(style);
            style.remove();
            script.remove();
        }"""
    )
    for expected in ("typed", "require-trusted-types-for", "style-src-elem"):  # the browser tells of them later
        opened.page.wait_for_function("expected => violations.includes(expected)", arg=expected)
    assert opened.run("() => typeof window.__pwned") == "undefined"
    assert opened.page.is_visible("body")
    opened.complaints.clear()  # what the browser said about the attempts above


# --- usable -----------------------------------------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.parametrize("node", ["article/5", "provider/forbes.com", "topic/policy"])
def test_a_click_on_a_node_shows_its_facts(show: Any, node: str) -> None:
    graph = newsroom()
    opened = show(draw(graph))
    opened.click_node(node)
    facts = graph.nodes[node]
    assert opened.selected == [node]
    assert opened.page.inner_text("#panel h2") == facts.get("title", facts.get("name", facts.get("label")))


@pytest.mark.browser
def test_the_panel_tells_all_about_an_article(show: Any) -> None:
    opened = show(draw(newsroom()))
    opened.click_node("article/5")
    panel = opened.panel
    for text in (
        "Story 5, with a title that is a good deal longer than the picture has room for",
        "What story 5 says.",
        "23 August 2021, 11:05 UTC",
        "85",
        "Story 5 as it was called before",
        "The Verge",
        "Policy",
        "Story 4, with a title",
    ):
        assert text in panel
    assert opened.page.get_attribute("#panel a", "href") == "https://www.example.com/story/5?a=1&b=2"


@pytest.mark.browser
def test_a_click_beside_the_nodes_and_escape_clear_the_selection(show: Any) -> None:
    opened = show(draw(newsroom()))
    for by_click in (True, False):
        opened.click_node("article/5")
        assert opened.selected == ["article/5"]
        if by_click:
            opened.page.mouse.click(30, 100)
        else:
            opened.page.keyboard.press("Escape")
        opened.page.wait_for_function("() => graphkit.network.getSelectedNodes().length === 0")
        assert "Choose a node" in opened.panel


@pytest.mark.browser
def test_related_coverage_leads_on(show: Any) -> None:
    opened = show(draw(newsroom()))
    opened.click_node("article/5")
    opened.page.click("#panel button:has-text('Story 4')")
    assert opened.selected == ["article/4"]
    assert opened.page.inner_text("#panel h2").startswith("Story 4")


@pytest.mark.browser
def test_the_search_box_finds_and_selects_with_the_mouse(show: Any) -> None:
    opened = show(draw(newsroom()))
    opened.page.fill("#search", "VERGE")
    found = opened.page.locator("#found [role=option]")
    assert found.all_inner_texts() == ["The Verge"]
    found.first.click()
    assert opened.selected == ["provider/theverge.com"]
    assert opened.page.locator("#found").is_hidden()


@pytest.mark.browser
def test_the_search_box_dims_what_does_not_fit_and_says_when_nothing_does(show: Any) -> None:
    opened = show(draw(newsroom()))
    opacities = """() => {
        const {nodes} = graphkit.network.body.data;
        return graphkit.data.facts.filter((_, id) => nodes.get(id).opacity === 1).map(({id}) => id);
    }"""
    opened.page.fill("#search", "policy")
    assert opened.run(opacities) == ["topic/policy"]
    opened.page.fill("#search", "no such thing")
    assert opened.page.inner_text("#found") == "Nothing found in the picture"
    assert opened.run(opacities) == []
    opened.page.fill("#search", "")
    assert len(opened.run(opacities)) == 12


@pytest.mark.browser
def test_everything_can_be_reached_with_the_keyboard(show: Any) -> None:
    opened = show(draw(newsroom()))
    press = opened.page.keyboard.press
    press("/")
    opened.page.keyboard.type("before", delay=1)
    assert opened.page.get_attribute("#search", "aria-expanded") == "true"
    assert opened.page.locator("#found [role=option]").count() == 8
    press("ArrowDown")
    press("ArrowDown")
    press("ArrowUp")
    active = opened.page.get_attribute("#search", "aria-activedescendant")
    title = opened.page.inner_text(f"#{active}")
    press("Enter")
    assert opened.page.inner_text("#panel h2") == title
    opened.page.focus("#panel a")
    press("Tab")  # to the first of the neighbours, its provider
    press("Enter")
    assert opened.selected[0].startswith("provider/")
    press("Escape")
    assert opened.selected == []
    opened.page.focus("#canvas")
    press("0")
    before = opened.run("() => [graphkit.network.getViewPosition().x, graphkit.network.getScale()]")
    press("ArrowRight")
    press("+")
    after = opened.run("() => [graphkit.network.getViewPosition().x, graphkit.network.getScale()]")
    assert after[0] > before[0]
    assert after[1] > before[1]
    press("0")
    assert opened.run("() => graphkit.network.getScale()") == pytest.approx(before[1])


@pytest.mark.browser
def test_a_neighbourhood_opens_with_its_centre_selected(show: Any) -> None:
    opened = show(draw(newsroom(), around="Robots"))
    assert opened.selected == ["topic/robots"]
    assert opened.page.inner_text("#panel h2") == "Robots"
    assert opened.page.inner_text("#notice") == "5 nodes within 1 step of “Robots”"


@pytest.mark.browser
def test_above_the_limit_the_page_says_how_much_it_shows(show: Any) -> None:
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for number in range(1233):
        graph.add_node(f"article/{number}", kind="article", title=f"Story {number}")
        graph.add_edge(f"article/{number}", "topic/all", "about")
    graph.nodes["topic/all"].update(kind="topic", label="All", labels=("All",))
    opened = show(draw(graph))
    assert opened.page.inner_text("#notice") == "Showing the 500 busiest of 1,234 nodes"
    assert opened.run("() => graphkit.network.body.data.nodes.length") == 500
    opened.run("id => graphkit.select(id)", opened.index_of("topic/all"))
    assert "and 714 more that are not in the picture" in opened.panel


@pytest.mark.browser
def test_an_empty_graph_says_so(show: Any) -> None:
    opened = show(draw(nx.MultiDiGraph()))
    assert opened.page.inner_text("#blank") == "This graph is empty. There is nothing to draw."
    assert opened.page.locator("canvas").count() == 0


@pytest.mark.browser
def test_the_legend_tells_the_kinds_that_are_there(show: Any) -> None:
    opened = show(draw(newsroom()))
    shown = opened.page.locator("#legend li:visible").all_inner_texts()
    assert [" ".join(text.split()) for text in shown] == [
        "Article 5",
        "Video 3",
        "Provider 2",
        "Topic 2",
        "published by",
        "about",
        "related coverage",
    ]


@pytest.mark.browser
def test_light_and_dark_follow_the_reader_also_while_the_page_is_open(show: Any) -> None:
    paper = "() => getComputedStyle(document.body).backgroundColor"
    fill = "() => graphkit.network.body.data.nodes.get(0).color.background"
    dark = show(draw(newsroom()), color_scheme="dark")
    light = show(draw(newsroom()), color_scheme="light")
    assert light.run(paper) != dark.run(paper)
    assert light.run(fill) != dark.run(fill)
    light.page.emulate_media(color_scheme="dark")
    light.page.wait_for_function(
        "fill => graphkit.network.body.data.nodes.get(0).color.background === fill", arg=dark.run(fill)
    )
    assert light.run(paper) == dark.run(paper)


@pytest.mark.browser
@pytest.mark.parametrize("width", [1280, 768, 390, 320])
def test_the_page_fits_its_window(show: Any, width: int) -> None:
    graph = newsroom()
    graph.nodes["article/5"]["title"] = "Unbreakable" * 30
    graph.nodes["article/5"]["excerpt"] = "https://example.com/" + "x" * 300
    opened = show(draw(graph, title="Heading" * 30), width=width)
    opened.run("id => graphkit.select(id)", opened.index_of("article/5"))
    assert opened.run("() => document.documentElement.scrollWidth") <= width
    canvas = opened.page.locator("#canvas").bounding_box()
    assert canvas["width"] > 0.6 * width or width > 760
    assert canvas["height"] > 300
    assert opened.page.locator("#search").bounding_box()["width"] <= width


@pytest.mark.browser
def test_a_tap_selects_on_a_phone(show: Any) -> None:
    opened = show(draw(newsroom()), width=390)
    opened.click_node("provider/forbes.com")
    assert opened.selected == ["provider/forbes.com"]


@pytest.mark.browser
def test_labels_are_drawn_whole_and_none_over_another(show: Any) -> None:
    opened = show(draw(newsroom()))
    drawn = opened.run(
        """async () => {
            const context = document.querySelector("#canvas canvas").getContext("2d");
            const drawn = [];
            const original = context.fillText;
            context.fillText = function (text, x, y) {
                const at = graphkit.network.canvasToDOM({x, y});
                const half = context.measureText(text).width * graphkit.network.getScale() / 2;
                drawn.push([text, at.x - half, at.x + half, at.y]);
                return original.apply(this, arguments);
            };
            await new Promise((done) => {
                graphkit.network.once("afterDrawing", done);  // after the page's own, which draws the labels
                graphkit.network.redraw();
            });
            return drawn;
        }"""
    )
    labels = {text: (left, right, middle) for text, left, right, middle in drawn}
    assert {"Forbes", "The Verge", "Robots", "Policy"} <= set(labels)
    width = opened.page.locator("#canvas").bounding_box()["width"]
    boxes = list(labels.values())
    for number, (left, right, middle) in enumerate(boxes):
        assert 0 <= left < right <= width
        for other_left, other_right, other_middle in boxes[:number]:
            assert right <= other_left or other_right <= left or abs(middle - other_middle) >= 11
