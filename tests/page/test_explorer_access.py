"""The explorer in a real browser, for everyone: by keyboard, screen reader and touch, in light and dark, on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from importlib import resources
from math import dist

import networkx as nx
import pytest
from browsers.explorer import Camera, Explore, Exploring
from samples.newsrooms import newsroom, newsroom_page, synthetic_page

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 740, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
EVERYTHING = "Showing 40 articles, 5 providers, 4 topics"


@pytest.fixture
def phone(open_explorer: Explore) -> Exploring:
    """Return the same on a phone."""
    return open_explorer(newsroom_page(), **PHONE)


# --- what axe-core finds ----------------------------------------------------------------------------------------------


@cache
def axe() -> str:
    pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")
    return resources.files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")


def faults(opened: Exploring, **rules: dict[str, bool]) -> list[str]:
    """Return all that axe-core has against the page as it stands."""
    opened.run(f"() => {{ {axe()} }}")
    return list(
        opened.run(
            """async rules => {
                const {violations} = await axe.run({rules});
                return violations.flatMap(({id, nodes}) => nodes.map(node => `${id}: ${node.target}: ${node.failureSummary}`));
            }""",
            {name.replace("_", "-"): how for name, how in rules.items()},
        )
    )


SAID = {
    "button",
    "link",
    "checkbox",
    "combobox",
    "searchbox",
    "listbox",
    "option",
    "dialog",
    "application",
    "Date",
    "DisclosureTriangle",
}


def spoken(opened: Exploring) -> list[tuple[str, str]]:
    """Return role and name of all that a screen reader is told of."""
    session = opened.page.context.new_cdp_session(opened.page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    return [
        (node["role"]["value"], node.get("name", {}).get("value", "").strip()) for node in nodes if not node["ignored"]
    ]


def at_first(opened: Exploring) -> None:
    assert opened.hints


def searching(opened: Exploring) -> None:
    opened.search("crane")
    assert len(opened.found) == 4


def searching_in_vain(opened: Exploring) -> None:
    opened.search("nowhere to be found")
    assert opened.found == ["Nothing found"]


def at_an_article(opened: Exploring) -> None:
    opened.click("article/9")
    assert opened.title == "Wind park: critics"


def at_a_provider(opened: Exploring) -> None:
    opened.click("provider/zeit.de")
    assert opened.title == "Die Zeit"


def at_a_topic(opened: Exploring) -> None:
    opened.click("topic/policy")
    assert opened.title == "Public policy"


def narrowed(opened: Exploring) -> None:
    opened.choose("provider", "Die Zeit")
    opened.choose("status", "Draft")
    opened.brush(0.2, 0.9)
    assert len(opened.chips) == 3


def with_nothing_left(opened: Exploring) -> None:
    opened.choose("medium", "Podcast")
    opened.choose("topic", "Space flight")
    assert "Nothing passes" in opened.card


def at_two_steps(opened: Exploring) -> None:
    opened.double_click("article/13")
    opened.button("2 steps").click()
    assert opened.chips == ["Within 2 steps"]


def with_help(opened: Exploring) -> None:
    opened.button("Help").click()
    assert opened.page.get_by_role("dialog").is_visible()


def with_the_menu(opened: Exploring) -> None:
    opened.page.locator("#save summary").click()
    assert opened.button("Table, CSV").is_visible()


STATES: tuple[Callable[[Exploring], None], ...] = (
    at_first,
    searching,
    searching_in_vain,
    at_an_article,
    at_a_provider,
    at_a_topic,
    narrowed,
    with_nothing_left,
    at_two_steps,
    with_help,
    with_the_menu,
)


@pytest.mark.parametrize("reach", STATES, ids=lambda reach: reach.__name__)
def test_axe_finds_nothing_and_all_that_can_be_used_has_a_name(
    reading: Exploring, reach: Callable[[Exploring], None]
) -> None:
    reach(reading)
    assert faults(reading) == []
    found = spoken(reading)
    assert {"button", "heading"} <= {role for role, _ in found}
    assert [role for role, name in found if role in SAID and not name] == []


@pytest.mark.parametrize("reach", [at_first, searching, at_an_article, narrowed], ids=lambda reach: reach.__name__)
def test_axe_finds_nothing_in_the_dark(open_explorer: Explore, reach: Callable[[Exploring], None]) -> None:
    opened = open_explorer(newsroom_page(), color_scheme="dark")
    reach(opened)
    assert faults(opened) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_on_a_phone_where_targets_must_be_large(open_explorer: Explore, theme: str) -> None:
    opened = open_explorer(newsroom_page(), address=f"#theme={theme}", **PHONE)
    for tab in ("Read", "Filter", "Time"):
        opened.tap(opened.button(tab))
        assert faults(opened, target_size={"enabled": True}) == [], tab
    opened.page.goto(f"{opened.page.url.partition('#')[0]}#theme={theme}&node=article/9&status=published&steps=2")
    opened.until("() => document.getElementById('card-title')")
    assert faults(opened, target_size={"enabled": True}) == []


def test_axe_finds_nothing_where_there_is_nothing(open_explorer: Explore) -> None:
    assert faults(open_explorer(nx.MultiDiGraph())) == []


def test_axe_finds_nothing_where_areas_are_far_away(open_explorer: Explore) -> None:
    assert faults(open_explorer(synthetic_page(1000))) == []


# --- by keyboard ------------------------------------------------------------------------------------------------------

FOCUSABLE = "a[href], button:not(:disabled), input:not(:disabled), summary, [tabindex='0']"


def focused(opened: Exploring) -> str:
    return str(opened.run("() => document.activeElement.id || document.activeElement.textContent"))


def neighbours(graph: nx.MultiDiGraph[str], node: str) -> set[str]:
    return set(nx.all_neighbors(graph, node))


def name_of(graph: nx.MultiDiGraph[str], node: str) -> str:
    facts = graph.nodes[node]
    return str(facts.get("title") or facts.get("name") or facts.get("label"))


def node_of(graph: nx.MultiDiGraph[str], name: str) -> str:
    (found,) = (node for node in graph if name_of(graph, node) == name)
    return found


@pytest.mark.parametrize("address", ["", "#node=article/9&steps=2&status=published&provider=provider/zeit.de"])
def test_the_tab_key_reaches_everything_and_shows_where_it_is(open_explorer: Explore, address: str) -> None:
    opened = open_explorer(newsroom_page(), address=address)
    many = opened.run(
        """selector => {
            const all = [...document.querySelectorAll(selector)];
            window.left = new Set(all.filter(element => element.checkVisibility({visibilityProperty: true})));
            return window.left.size;
        }""",
        FOCUSABLE,
    )
    assert many > 30
    for _ in range(many + 30):  # a date has several parts
        opened.press("Tab")
        faint = opened.run(
            """() => {
                const reached = document.activeElement;
                window.left.delete(reached);
                if (reached === document.body) return "";
                const {outlineStyle, outlineWidth} = getComputedStyle(reached);
                const {left, right, top, bottom} = reached.getBoundingClientRect();
                const [x, y] = [(left + right) / 2, (top + bottom) / 2];
                const inside = x > 0 && y > 0 && x < innerWidth && y < innerHeight;
                const marked = outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
                const own = reached.type === "date"; // the browser marks the part of the date that one is at
                return inside && (marked || own) ? "" : reached.outerHTML;
            }"""
        )
        assert faint == ""
    assert opened.run("() => [...window.left].map(element => element.outerHTML)") == []


def test_a_story_is_found_and_read_by_keyboard_alone(reading: Exploring) -> None:
    graph = newsroom()
    reading.press("/")
    assert focused(reading) == "search"
    reading.page.keyboard.type("wind park")
    reading.press("ArrowDown")
    chosen = reading.active
    assert chosen in reading.found
    reading.press("Enter")
    assert reading.title == chosen
    assert focused(reading) == "canvas"
    assert reading.drawn().shows(node_of(graph, chosen))
    reading.press("Enter")
    assert reading.chips == ["Within 1 step"]
    reading.press("Enter")
    assert reading.chips == ["Within 2 steps"]
    reading.press("Enter")
    assert reading.chips == ["Within 3 steps"]
    reading.press("Enter")
    assert reading.chips == []
    assert reading.title == chosen
    reading.press("Escape")
    reading.until("() => document.getElementById('chips').innerText.includes('Within 3 steps')")


@pytest.mark.parametrize("start", ["topic/policy", "provider/zeit.de", "article/8"])
def test_arrow_keys_walk_to_the_neighbour_on_that_side(open_explorer: Explore, start: str) -> None:
    graph = newsroom()
    opened = open_explorer(newsroom_page())
    address, at = opened.page.url, opened.atlas.nodes
    moved = 0
    for key, (dx, dy) in {
        "ArrowLeft": (-1, 0),
        "ArrowRight": (1, 0),
        "ArrowUp": (0, -1),
        "ArrowDown": (0, 1),
    }.items():
        opened.page.goto(f"{address}#node={start}")
        opened.until("name => document.getElementById('card-title')?.textContent === name", name_of(graph, start))
        opened.press(key)
        reached = node_of(graph, opened.title)

        def along(node: str, dx: int = dx, dy: int = dy) -> int:
            return (at[node].x - at[start].x) * dx + (at[node].y - at[start].y) * dy

        if reached == start:
            assert not [node for node in neighbours(graph, start) if along(node) > 0]
            continue
        moved += 1
        assert reached in neighbours(graph, start)
        assert along(reached) > 0
        assert opened.drawn().shows(reached)
        opened.until_address(f"node={reached}")
    assert moved >= 2


def test_arrow_keys_move_the_picture_where_nothing_is_selected(reading: Exploring) -> None:
    before = reading.drawn().camera
    reading.press("ArrowRight")
    right = reading.drawn().camera
    assert (right.left - before.left) * before.k == pytest.approx(80, abs=3)
    assert right.top == pytest.approx(before.top, abs=3)
    reading.press("ArrowLeft", "ArrowDown")
    down = reading.drawn().camera
    assert (down.top - before.top) * before.k == pytest.approx(80, abs=3)
    assert down.left == pytest.approx(before.left, abs=3)


def test_plus_minus_and_zero_change_the_size(reading: Exploring) -> None:
    before = reading.drawn().camera
    reading.press("+")
    assert reading.drawn().camera.k == pytest.approx(1.5 * before.k, rel=0.02)
    reading.press("-", "-")
    assert reading.drawn().camera.k == pytest.approx(before.k / 1.5, rel=0.02)
    reading.press("0")
    assert reading.drawn().camera.k == pytest.approx(before.k, rel=0.02)
    assert reading.drawn().camera.left == pytest.approx(before.left, abs=3)


def test_enter_selects_what_is_most_linked_in_view(reading: Exploring) -> None:
    graph = newsroom()
    reading.press("Enter")
    most = max(graph.degree(node) for node in graph if node.startswith(("topic", "provider")))
    assert graph.degree(node_of(graph, reading.title)) == most


def test_question_mark_helps_and_escape_goes_back_to_where_one_was(reading: Exploring) -> None:
    reading.click("article/8")
    reading.press("?")
    dialog = reading.page.get_by_role("dialog", name="How to get about")
    assert dialog.is_visible()
    assert reading.run("() => document.querySelector('dialog').contains(document.activeElement)")
    for key in ("/", "↑", "Enter", "Esc", "+", "−", "0", "?"):
        assert dialog.locator("kbd").get_by_text(key, exact=True).count() == 1
    reading.press("Escape")
    assert dialog.is_hidden()
    assert focused(reading) == "canvas"
    assert reading.title == "Wind park: first tests"


def test_keys_are_letters_while_one_types(reading: Exploring) -> None:
    before = reading.drawn().camera
    reading.press("/")
    reading.page.keyboard.type("a/+-0?")
    assert reading.page.input_value("#search") == "a/+-0?"
    assert reading.page.get_by_role("dialog").is_hidden()
    assert reading.drawn().camera == before
    reading.press("Escape")
    assert reading.page.input_value("#search") == ""
    reading.press("Escape")
    assert focused(reading) != "search"


def test_keys_of_the_browser_are_left_to_it(reading: Exploring) -> None:
    before = reading.drawn().camera
    reading.press("Control+Equal", "Control+Minus", "Alt+ArrowUp", "Control+0")
    assert reading.drawn().camera == before


def test_the_list_opens_cards_and_the_focus_is_not_lost(reading: Exploring) -> None:
    reading.page.locator("#facts .list button").nth(3).focus()
    reading.press("Enter")
    assert reading.title
    assert focused(reading) == "panel"
    reading.press("Tab")
    assert focused(reading) == "Close"
    reading.press("Enter")
    assert reading.title == ""
    assert focused(reading) == "panel"


def test_a_filter_is_chosen_and_removed_by_keyboard(reading: Exploring) -> None:
    box = reading.page.get_by_role("checkbox", name=re.compile("^Draft"))
    box.focus()
    reading.press("Space")
    assert reading.chips == ["Draft"]
    assert box.is_checked()
    assert reading.run("() => document.activeElement.type") == "checkbox"
    reading.button("Remove the filter Draft").focus()
    reading.press("Enter")
    assert reading.chips == []
    assert not box.is_checked()


# --- for a screen reader ----------------------------------------------------------------------------------------------


def test_the_list_tells_all_that_the_picture_shows(reading: Exploring) -> None:
    graph = newsroom()
    titles = {facts["title"] for _, facts in graph.nodes(data=True) if facts["kind"] == "article"}
    buttons = reading.page.get_by_role("complementary", name="Coverage").get_by_role("list").get_by_role("button")
    said = [" ".join(text.split()) for text in buttons.all_inner_texts()]
    assert len(said) == len(titles)
    assert all(any(text.startswith(title) for text in said) for title in titles)
    named = [name for role, name in spoken(reading) if role == "button"]
    assert all(any(name.startswith(title) for name in named) for title in titles)
    reading.choose("topic", "Robots")
    named = [name for role, name in spoken(reading) if role == "button"]
    kept = {title for title in titles if any(name.startswith(title) for name in named)}
    assert kept == {
        graph.nodes[node]["title"] for node in neighbours(graph, "topic/robots") if node.startswith("article")
    }


def test_the_page_has_named_parts(reading: Exploring) -> None:
    page = reading.page
    for role, name in (
        ("search", None),
        ("main", None),
        ("banner", None),
        ("region", "Filters"),
        ("region", "Picture"),
        ("region", "Timeline"),
        ("complementary", "Coverage"),
        ("group", "Provider"),
    ):
        assert page.get_by_role(role, **({"name": name, "exact": True} if name else {})).count() == 1, (role, name)
    assert page.get_by_role("heading", level=1).inner_text() == "Coverage graph"
    picture = page.get_by_role("application")
    assert "list beside it" in picture.get_attribute("aria-label")
    assert "Arrow keys walk" in page.locator(f"#{picture.get_attribute('aria-describedby')}").text_content()
    reading.click("article/8")
    card = page.get_by_role("complementary", name="What is selected")
    assert card.get_by_role("heading", level=2).inner_text() == "Wind park: first tests"


def test_counts_are_spoken_as_they_change(reading: Exploring) -> None:
    reading.listen()
    assert reading.page.get_by_role("status").filter(has_text=EVERYTHING).count() == 1
    reading.choose("status", "Draft")
    assert reading.run("() => window.heard") == [reading.shown]
    assert reading.shown.startswith("Showing 13 of 40 articles")
    reading.search("w")
    assert (
        reading.run("() => window.heard").pop()
        == reading.page.get_by_role("status").filter(has_text="found").inner_text()
    )
    reading.page.keyboard.type("ind park")
    assert reading.run("() => window.heard").pop() == "4 found"


def test_the_search_says_which_result_is_meant(reading: Exploring) -> None:
    reading.search("robot")
    box = reading.page.get_by_role("combobox")
    assert box.get_attribute("aria-expanded") == "true"
    for _ in range(3):
        option = reading.page.locator(f"#{box.get_attribute('aria-activedescendant')}")
        assert option.get_attribute("aria-selected") == "true"
        assert option.inner_text().strip() == reading.active
        reading.press("ArrowDown")
    reading.press("Escape")
    assert box.get_attribute("aria-expanded") == "false"
    assert box.get_attribute("aria-activedescendant") is None


# --- motion -----------------------------------------------------------------------------------------------------------


def test_with_reduced_motion_the_camera_arrives_at_once(reading: Exploring) -> None:
    before = reading.drawn().camera
    reading.pause()
    reading.press("+")
    assert reading.drawn().camera.k == pytest.approx(1.5 * before.k, rel=0.02)
    assert reading.run("() => getComputedStyle(document.getElementById('base')).transitionDuration") == "0s"


def test_where_motion_is_welcome_the_camera_flies(open_explorer: Explore) -> None:
    opened = open_explorer(newsroom_page(), reduced_motion="no-preference")
    before = opened.drawn().camera
    opened.pause()
    opened.press("+")
    opened.page.clock.run_for(120)
    assert 1.02 * before.k < opened.drawn().camera.k < 1.48 * before.k
    opened.page.clock.run_for(2_000)
    assert opened.drawn().camera.k == pytest.approx(1.5 * before.k, rel=0.02)


def test_names_come_when_the_camera_has_arrived(open_explorer: Explore) -> None:
    opened = open_explorer(newsroom_page(), reduced_motion="no-preference")
    providers = {name_of(newsroom(), node) for node in newsroom() if node.startswith("provider")}
    opened.pause()
    opened.press("+")
    for _ in range(3):
        assert not providers & set(opened.drawn().labels)
        opened.page.clock.run_for(50)
    opened.page.clock.run_for(2_000)
    assert providers & set(opened.drawn().labels)


# --- light and dark ---------------------------------------------------------------------------------------------------

# Okabe and Ito, Color Universal Design.
OKABE_ITO = {
    "orange": (230, 159, 0),
    "sky blue": (86, 180, 233),
    "bluish green": (0, 158, 115),
    "yellow": (240, 228, 66),
    "blue": (0, 114, 178),
    "vermillion": (213, 94, 0),
    "reddish purple": (204, 121, 167),
    "black": (0, 0, 0),
}
OF_SORT = {
    "article": {"blue", "sky blue"},
    "video": {"vermillion"},
    "other": {"reddish purple"},
    "provider": {"orange"},
    "topic": {"bluish green"},
}


def numbers(text: str) -> tuple[float, ...]:
    return tuple(float(number) for number in re.findall(r"[\d.]+", text))


def brightness(opened: Exploring) -> float:
    return sum(numbers(opened.run("() => getComputedStyle(document.body).backgroundColor"))[:3]) / 3


def test_the_page_is_light_or_dark_as_the_system_is(open_explorer: Explore) -> None:
    opened = open_explorer(newsroom_page())
    light, picture = brightness(opened), opened.pixels()
    assert light > 200
    opened.page.emulate_media(color_scheme="dark")
    opened.until("() => matchMedia('(prefers-color-scheme: dark)').matches")
    assert brightness(opened) < 60
    assert opened.pixels().digest != picture.digest
    opened.page.emulate_media(color_scheme="light")
    opened.until("() => matchMedia('(prefers-color-scheme: light)').matches")
    assert brightness(opened) == light
    assert opened.pixels() == picture


def test_the_theme_can_be_chosen_against_the_system(open_explorer: Explore) -> None:
    opened = open_explorer(newsroom_page(), color_scheme="dark")
    dark, picture = brightness(opened), opened.pixels()
    opened.button("Theme: automatic").click()
    assert opened.page.inner_text("#theme") == "Theme: light"
    assert brightness(opened) > 200
    assert dark < 60
    assert opened.pixels().digest != picture.digest
    opened.page.emulate_media(color_scheme="light")
    opened.button("Theme: light").click()
    assert brightness(opened) == dark
    assert opened.pixels() == picture
    opened.button("Theme: dark").click()
    assert opened.page.inner_text("#theme") == "Theme: automatic"
    assert brightness(opened) > 200


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_kinds_have_the_colours_of_okabe_and_ito(open_explorer: Explore, theme: str) -> None:
    root = open_explorer(newsroom_page(), address=f"#theme={theme}").drawn().root
    fills = {one.attrib["class"]: numbers(one.attrib["fill"])[:3] for one in root.iter() if "class" in one.attrib}
    assert set(fills) == set(OF_SORT)
    for sort, fill in fills.items():
        assert min(OKABE_ITO, key=lambda name: dist(OKABE_ITO[name], fill)) in OF_SORT[sort], (sort, fill)


def test_each_kind_has_a_shape_of_its_own(reading: Exploring) -> None:
    root = reading.drawn().root
    shapes = {}
    for one in root.iter():
        if "class" not in one.attrib:
            continue
        outline = one.attrib["d"].partition("z")[0]
        corners = [numbers(corner) for corner in re.split("[ML]", outline)[1:]]
        level = any(abs(a[1] - b[1]) < 0.2 for a, b in zip(corners, [*corners[1:], corners[0]], strict=True))
        shapes[one.attrib["class"]] = "round" if "a" in outline else (len(corners), level)
    assert set(shapes) == set(OF_SORT)
    assert len(set(shapes.values())) == len(shapes)
    assert shapes["article"] == "round"
    legend = reading.page.locator("#legend svg").all()
    assert len({icon.inner_html() for icon in legend}) == len(legend) == len(shapes)


# --- on a phone, by touch ---------------------------------------------------------------------------------------------

ROOMS = {"Read": "#panel", "Filter": "#filters", "Time": "#timeline"}


def assert_fits(opened: Exploring) -> None:
    assert opened.run("() => [document.documentElement.scrollWidth, innerWidth]") == [360, 360]
    overhanging = """() => [...document.querySelectorAll("body *")].filter(element => {
        if (element.closest(".unseen, #over, #base") || element.closest("svg")) return false;
        const {left, right, width} = element.getBoundingClientRect();
        return width && (left < -0.5 || right > innerWidth + 0.5);
    }).map(element => element.outerHTML)"""
    assert opened.run(overhanging) == []


def assert_can_be_hit(opened: Exploring) -> None:
    """All that can be tapped is 24 pixels wide and high; a link in running text is as high as its line."""
    small = """() => [...document.querySelectorAll("button, summary, input, .away, .plain a")].filter(element => {
        const target = element.closest("label") ?? element;
        const {width, height} = target.getBoundingClientRect();
        return width && (width < 24 || height < 24);
    }).map(element => element.outerHTML)"""
    assert opened.run(small) == []


def touch(opened: Exploring, *moments: list[tuple[float, float]]) -> None:
    """Put fingers on the screen, move them and lift them."""
    session = opened.page.context.new_cdp_session(opened.page)
    with opened.awaiting("touchend"):
        for number, fingers in enumerate(moments):
            points = [{"x": x, "y": y, "id": finger} for finger, (x, y) in enumerate(fingers)]
            session.send(
                "Input.dispatchTouchEvent", {"type": "touchMove" if number else "touchStart", "touchPoints": points}
            )
        session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    session.detach()


def middle_of(opened: Exploring) -> tuple[float, float]:
    box = opened.page.locator("#canvas").bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_a_phone_has_room_for_everything(phone: Exploring) -> None:
    assert phone.page.locator("#canvas").bounding_box()["height"] > 250
    for tab, room in ROOMS.items():
        phone.tap(phone.button(tab))
        assert phone.button(tab).get_attribute("aria-pressed") == "true"
        assert [place for place in ROOMS.values() if phone.page.locator(place).is_visible()] == [room]
        box = phone.page.locator(room).bounding_box()
        assert box["height"] > 150
        assert box["y"] + box["height"] <= 740
        assert_fits(phone)
        assert_can_be_hit(phone)


def test_a_phone_shows_the_card_with_its_ways_on(phone: Exploring) -> None:
    phone.tap(phone.button("Filter"))
    phone.tap(phone.spot_of("article/9"))
    assert phone.title == "Wind park: critics"
    assert phone.page.locator("#panel").is_visible()
    assert_fits(phone)
    assert_can_be_hit(phone)
    phone.tap(phone.button("2 steps"))
    assert phone.chips == ["Within 2 steps"]
    assert_fits(phone)
    phone.tap(phone.button("Remove the filter Within 2 steps"))
    phone.tap(phone.button("Close the card"))
    assert phone.title == ""


def test_a_phone_narrows_and_finds(phone: Exploring) -> None:
    phone.tap(phone.button("Filter"))
    phone.tap(phone.page.locator("#facet-status label", has_text="Draft"))
    assert phone.chips == ["Draft"]
    phone.tap(phone.button("Time"))
    phone.tap(phone.button("Last year"))
    assert len(phone.chips) == 2
    assert_fits(phone)
    assert_can_be_hit(phone)
    phone.tap(phone.page.locator("#search"))
    phone.page.keyboard.type("crane")
    assert len(phone.found) == 4
    assert_fits(phone)
    phone.tap(phone.page.locator("#found li").nth(1))
    assert phone.title.startswith("Harbour crane")
    phone.tap(phone.page.locator("#save summary"))
    assert_fits(phone)
    phone.tap(phone.page.locator("#save summary"))
    phone.tap(phone.button("Help"))
    assert phone.page.get_by_role("dialog").is_visible()
    assert_fits(phone)


def test_two_fingers_apart_bring_the_picture_nearer(phone: Exploring) -> None:
    x, y = middle_of(phone)
    before = phone.drawn().camera
    touch(phone, *([(x - apart, y), (x + apart, y)] for apart in (30, 40, 50, 60)))
    after = phone.drawn().camera
    assert after.k == pytest.approx(2 * before.k, rel=0.1)
    middle_before = before.left + 180 / before.k
    assert after.left + 180 / after.k == pytest.approx(middle_before, abs=8 / before.k)
    assert phone.run("() => visualViewport.scale") == 1
    assert phone.title == ""


def test_a_finger_drags_the_picture(phone: Exploring) -> None:
    x, y = middle_of(phone)
    before = phone.drawn().camera
    touch(phone, *([(x + moved, y + moved / 2)] for moved in (0, 20, 40, 60)))
    after = phone.drawn().camera
    moved = Camera((before.left - after.left) * before.k, (before.top - after.top) * before.k, after.k / before.k)
    assert moved == pytest.approx((60, 30, 1), abs=6)
    assert phone.run("() => [scrollX, scrollY]") == [0, 0]
    assert phone.title == ""


def test_a_tap_beside_everything_closes_the_card(phone: Exploring) -> None:
    phone.tap(phone.spot_of("topic/robots"))
    assert phone.title == "Robots"
    phone.tap(phone.empty_spot())
    assert phone.title == ""


# --- any screen -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ratio", [1, 1.5, 2, 3])
def test_the_picture_has_all_pixels_of_the_screen(open_explorer: Explore, ratio: float) -> None:
    opened = open_explorer(newsroom_page(), device_scale_factor=ratio)
    box = opened.page.locator("#canvas").bounding_box()
    for canvas in ("base", "over"):
        size = opened.run(
            "id => { const {width, height} = document.getElementById(id); return [width, height]; }", canvas
        )
        assert size == pytest.approx([box["width"] * ratio, box["height"] * ratio], abs=0.6)
    assert opened.pixels().colours > 20


def test_the_picture_is_drawn_without_webgl(reading: Exploring) -> None:
    assert reading.run("() => document.createElement('canvas').getContext('webgl2')") is None
    assert reading.pixels().drawn > 1000
    assert reading.pixels("over").drawn > 1000


def test_the_picture_follows_the_size_of_the_window(reading: Exploring) -> None:
    graph = newsroom()
    for width, height in ((1600, 1000), (700, 500), (360, 740), (1280, 800)):
        reading.page.set_viewport_size({"width": width, "height": height})
        reading.until(
            """() => {
                const {width, height} = document.getElementById("base");
                const box = document.getElementById("canvas").getBoundingClientRect();
                return Math.abs(box.width - width) < 1 && Math.abs(box.height - height) < 1;
            }"""
        )
        drawn = reading.drawn()
        assert {node for node in graph if drawn.shows(node)} == set(graph)
