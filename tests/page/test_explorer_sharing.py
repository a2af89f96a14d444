"""The explorer in a real browser, as a person shares it: by its address, as a picture, as a table."""

from __future__ import annotations

import csv
import io
import random
import re
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote, unquote
from xml.etree import ElementTree as ET

import networkx as nx
import pytest
from browsers.explorer import Explore, Exploring
from browsers.opened_pages import HOSTILE
from samples.newsrooms import newsroom, newsroom_page

pytestmark = pytest.mark.browser

SVG = "{http://www.w3.org/2000/svg}"
EVERYTHING = "Showing 40 articles, 5 providers, 4 topics"


# --- pictures ---------------------------------------------------------------------------------------------------------


class Decoded(NamedTuple):
    """A PNG as a browser reads it."""

    width: int
    height: int
    colours: int
    corner: list[int]


DECODE = """
    const decoded = async base64 => {
        const bytes = Uint8Array.from(atob(base64), letter => letter.charCodeAt(0));
        const bitmap = await createImageBitmap(new Blob([bytes], {type: "image/png"}));
        const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d", {willReadFrequently: true});
        context.drawImage(bitmap, 0, 0);
        return context.getImageData(0, 0, bitmap.width, bitmap.height);
    };
"""


def decoded(opened: Exploring, picture: bytes) -> Decoded:
    """Read a PNG in the browser, which knows how."""
    script = f"""async base64 => {{
        {DECODE}
        const {{width, height, data}} = await decoded(base64);
        const colours = new Set(new Uint32Array(data.buffer));
        return [width, height, colours.size, [...data.slice(0, 3)]];
    }}"""
    return Decoded(*opened.run(script, b64encode(picture).decode()))


def unlike(opened: Exploring, one: bytes, other: bytes, left: int = 0, top: int = 0) -> int:
    """Count the pixels in which a PNG differs from a part of another, by more than rounding does."""
    script = f"""async ([pair, left, top]) => {{
        {DECODE}
        const [one, other] = await Promise.all(pair.map(decoded));
        let found = 0;
        for (let y = 0; y < one.height; y += 1) {{
            for (let x = 0; x < one.width; x += 1) {{
                const [at, there] = [4 * (y * one.width + x), 4 * ((y + top) * other.width + x + left)];
                const far = band => !(Math.abs(one.data[at + band] - other.data[there + band]) <= 16);
                if (far(0) || far(1) || far(2)) found += 1;
            }}
        }}
        return found;
    }}"""
    return int(opened.run(script, [[b64encode(picture).decode() for picture in (one, other)], left, top]))


def colours_at(opened: Exploring, picture: bytes, points: list[list[int]]) -> list[list[int]]:
    """Return the colours that a PNG has at some points."""
    script = f"""async ([base64, points]) => {{
        {DECODE}
        const {{width, data}} = await decoded(base64);
        return points.map(([x, y]) => [...data.slice(4 * (y * width + x), 4 * (y * width + x) + 3)]);
    }}"""
    return [list(colour) for colour in opened.run(script, [b64encode(picture).decode(), points])]


def photographed(opened: Exploring) -> bytes:
    """Take a picture of the whole window, without hints, and with neither pointer nor focus on anything."""
    away = opened.button("Send the hints away")
    if away.is_visible():
        away.click()
    # What an entry of the list lights up goes out again, and names stand where the hints were.
    opened.run("() => { document.querySelector('#facts .go').focus(); document.activeElement.blur(); }")
    opened.page.mouse.move(0, 0)
    opened.until_drawn()
    return bytes(opened.page.screenshot(animations="disabled"))


def saved(opened: Exploring, name: str) -> tuple[str, bytes]:
    """Save as a person does; return the name of the file and what it holds."""
    opened.page.locator("#save summary").click()
    with opened.page.expect_download() as download:
        opened.button(name).click()
    return download.value.suggested_filename, Path(download.value.path()).read_bytes()


def link_of(opened: Exploring) -> str:
    """Return the part of the address that a link takes along, asked of the page itself, which knows first."""
    return str(opened.run("() => location.hash"))


# --- the address ------------------------------------------------------------------------------------------------------


def choose_kind(opened: Exploring) -> None:
    opened.choose("kind", "Articles")
    opened.choose("kind", "Topics")


def choose_provider(opened: Exploring) -> None:
    opened.choose("provider", "La Presse Montréal")
    opened.choose("provider", "Robots Weekly")


def choose_topic(opened: Exploring) -> None:
    opened.choose("topic", "Énergie")


def choose_medium(opened: Exploring) -> None:
    opened.choose("medium", "Podcast")


def choose_status(opened: Exploring) -> None:
    opened.choose("status", "Draft")


def choose_time(opened: Exploring) -> None:
    opened.brush(0.2, 0.6)


def move_the_camera(opened: Exploring) -> None:
    opened.hover("article/12")
    opened.page.mouse.wheel(0, -240)
    opened.until_address("view=")


def select_a_provider(opened: Exploring) -> None:
    opened.click("provider/zeit.de")


def show_two_steps(opened: Exploring) -> None:
    opened.double_click("article/13")
    opened.button("2 steps").click()
    opened.until_address("steps=2")
    opened.until_address_follows()


def choose_dark(opened: Exploring) -> None:
    opened.button("Theme: automatic").click()
    opened.button("Theme: light").click()
    opened.until_address("theme=dark")


def do_all_of_it(opened: Exploring) -> None:
    choose_dark(opened)
    opened.choose("kind", "Articles")
    opened.choose("topic", "Public policy")
    opened.choose("topic", "Space flight")
    opened.choose("status", "Published")
    opened.brush(0.05, 0.8)
    show_two_steps(opened)


STEPS: tuple[Callable[[Exploring], None], ...] = (
    choose_kind,
    choose_provider,
    choose_topic,
    choose_medium,
    choose_status,
    choose_time,
    move_the_camera,
    select_a_provider,
    show_two_steps,
    choose_dark,
    do_all_of_it,
)


def seen(opened: Exploring) -> dict[str, Any]:
    """Return what a person sees, but for the pixels."""
    return {
        "shown": opened.shown,
        "chips": opened.chips,
        "card": opened.card,
        "chosen": opened.page.locator("#filters label:has(:checked) .name").all_inner_texts(),
        "days": opened.run("() => [...document.querySelectorAll('#timeline input')].map(input => input.value)"),
        "theme": opened.page.inner_text("#theme"),
        "labels": opened.drawn().labels,
    }


@pytest.mark.parametrize("act", STEPS, ids=lambda act: act.__name__)
def test_a_link_opens_what_it_was_taken_from(open_explorer: Explore, act: Callable[[Exploring], None]) -> None:
    first = open_explorer(newsroom_page())
    untouched = photographed(first)
    act(first)
    picture = photographed(first)
    state = seen(first)
    assert unlike(first, picture, untouched) > 1000
    second = open_explorer(newsroom_page(), address=link_of(first))
    # An address has six digits of the camera, so that the edge of a letter may be smoothed another way.
    assert unlike(second, photographed(second), picture) < 100
    assert seen(second) == state
    assert link_of(second) == link_of(first)


def test_a_link_pasted_over_an_open_page_shows_what_it_tells(open_explorer: Explore) -> None:
    opened = open_explorer(newsroom_page(), address="#status=draft&theme=dark")
    assert opened.chips == ["Draft"]
    address = opened.page.url.partition("#")[0]
    opened.page.goto(f"{address}#node=topic/energy&steps=1&provider=provider/zeit.de")
    opened.until("() => document.getElementById('card-title')")
    assert opened.title == "Énergie"
    assert opened.chips == ["Die Zeit", "Within 1 step"]
    assert opened.page.inner_text("#theme") == "Theme: automatic"
    opened.page.goto(f"{address}#")
    opened.until_closed()
    assert opened.shown == EVERYTHING
    assert opened.chips == []


def test_reloading_keeps_what_is_shown(open_explorer: Explore) -> None:
    opened = open_explorer(newsroom_page())
    do_all_of_it(opened)
    state = seen(opened)
    opened.page.reload()
    opened.ready()
    assert seen(opened) == state


def test_an_untouched_page_has_nothing_to_tell(open_explorer: Explore) -> None:
    opened = open_explorer(newsroom_page())
    opened.choose("status", "Draft")
    opened.choose("status", "Draft")
    opened.click("article/4")
    opened.button("Close the card").click()
    assert link_of(opened) == ""


def nonsense() -> list[str]:
    """Return 200 addresses that name nothing here."""
    some = random.Random(6)
    letters = "abz019 %&=#?/\\+,;:.-_~'\"<>{}[]()\u00e9\u0416\u6f22\U0001f600\u202e\x7f"
    keys = (
        "node",
        "steps",
        "kind",
        "provider",
        "topic",
        "medium",
        "status",
        "from",
        "to",
        "view",
        "theme",
        "__proto__",
    )
    values = (
        *(text for text in HOSTILE if "\ud800" not in text),
        *("", "-1", "0", "1e9", "NaN", "Infinity", "0x10", "null", "undefined", "toString", "%", "%E0%A4%A", "%00"),
        *("article/40", "ARTICLE/1", " article/1", "article/1/", "2021", "2021-13-01", "2021-02-31", "21-1-1"),
        *(
            "2021-08-23T00:00",
            "1,2",
            "1,2,3,4",
            "1,,1",
            "a,b,c",
            "0,0,0",
            "0,0,-1",
            "NaN,NaN,NaN",
            "1e99,0,1",
            "0,0,1e9",
        ),
        *("DARK", "dark ", "x" * 5_000),
    )
    found = [quote(text, safe="%&=#?/,;") for text in values]
    found += [f"{key}={quote(text)}" for key in keys for text in some.sample(values, 7)]
    days = (
        ("2021-13-01", "2021-14-01"),
        ("2022-01-01", "2021-01-01"),
        ("2021-02-31", "2021-02-31"),
        ("x", "2021-01-01"),
    )
    found += [f"from={start}&to={end}" for start, end in days]
    while len(found) < 200:
        found.append("".join(some.choices(letters, k=some.randrange(1, 60))))
    return found[:200]


def test_an_address_of_nonsense_is_passed_over(open_explorer: Explore) -> None:
    """A page may change its address 200 times in ten seconds, so several take turns."""
    addresses = nonsense()
    first = open_explorer(newsroom_page())
    labels = first.drawn().labels
    for start in range(0, len(addresses), 50):
        some = addresses[start : start + 50]
        opened = open_explorer(newsroom_page(), address=f"#{some[0]}")
        states = opened.run(
            """async addresses => {
                const seen = [];
                const see = () => seen.push([
                    document.getElementById("shown").textContent, document.getElementById("facts").innerText,
                    document.getElementById("theme").textContent, document.getElementById("chips").innerText,
                ]);
                see();
                for (const [at, address] of addresses.entries()) {
                    const changed = new Promise(done => addEventListener("hashchange", done, {once: true}));
                    location.hash = `${address}&${at}&status=draft`;
                    await changed;
                    see();
                }
                return seen;
            }""",
            some[1:],
        )
        for address, (shown, facts, theme, chips) in zip(some, states, strict=True):
            told = f"{address!r} was taken for something"
            assert theme == "Theme: automatic", told
            if address == some[0]:
                assert (shown, chips) == (EVERYTHING, ""), told
            else:
                assert shown.startswith("Showing 13 of 40 articles"), told
                assert chips.startswith("Draft"), told
            assert facts.startswith("Coverage as a list"), told
        opened.choose("status", "Draft")
        assert opened.drawn().labels == labels


# --- copying ----------------------------------------------------------------------------------------------------------


def told_after_copying(opened: Exploring) -> str:
    """Copy the link, and return what the page says of it for a while."""
    opened.page.locator("#save summary").click()
    opened.listen()
    opened.button("Copy the link").click()
    return str(opened.page.wait_for_function("() => window.heard[0]").json_value())


def test_the_link_is_copied(open_explorer: Explore) -> None:
    opened = open_explorer(newsroom_page(), permissions=["clipboard-read", "clipboard-write"])
    opened.choose("status", "Draft")
    opened.click("article/8")
    opened.button("Nearer").click()  # the address is told of it only after a while
    assert told_after_copying(opened) == "The address is copied."
    copied = opened.run("() => navigator.clipboard.readText()")
    assert copied == opened.run("() => location.href")
    assert {"status=draft", "node=article/8"} <= set(unquote(copied.partition("#")[2]).split("&"))
    assert "view=" in copied
    assert opened.page.locator("#save ul").is_hidden()


def test_where_nothing_can_be_copied_the_page_says_where_the_address_stands(open_explorer: Explore) -> None:
    script = "Object.defineProperty(navigator, 'clipboard', {value: undefined})"
    opened = open_explorer(newsroom_page(), script=script)
    assert told_after_copying(opened) == "The address in the browser's own bar leads here."


def test_escape_closes_the_menu_and_nothing_else(open_explorer: Explore) -> None:
    opened = open_explorer(newsroom_page())
    opened.click("article/8")
    opened.page.locator("#save summary").click()
    assert opened.button("Table, CSV").is_visible()
    opened.press("Escape")
    assert opened.button("Table, CSV").is_hidden()
    assert opened.title == "Wind park: first tests"


# --- PNG --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ratio", [1, 2])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_png_holds_the_stage_as_it_is_seen(open_explorer: Explore, ratio: int, theme: str) -> None:
    opened = open_explorer(newsroom_page(), device_scale_factor=ratio, address=f"#theme={theme}&node=article/8")
    name, picture = saved(opened, "Picture, PNG")
    assert name == "coverage.png"
    found = decoded(opened, picture)
    box = opened.page.locator("#canvas").bounding_box()
    assert (found.width, found.height) == (round(box["width"] * ratio), round(box["height"] * ratio))
    assert found.colours > 50
    paper = opened.run("() => getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)")
    assert found.corner == paper
    opened.run("() => document.querySelectorAll('#zoom, #legend, #hints').forEach(one => { one.hidden = true; })")
    left, top = round(box["x"] * ratio), round(box["y"] * ratio)
    whole = opened.page.screenshot(animations="disabled")
    # Where the stage ends between two pixels, the browser stretches the canvas to the next.
    assert unlike(opened, picture, whole, left, top) < 0.01 * found.width * found.height


def test_a_png_shows_only_what_passes(open_explorer: Explore) -> None:
    opened = open_explorer(newsroom_page())
    _, everything = saved(opened, "Picture, PNG")
    opened.choose("status", "Draft")
    opened.until_drawn()
    _, drafts = saved(opened, "Picture, PNG")
    assert unlike(opened, everything, drafts) > 1000
    assert decoded(opened, drafts)[:2] == decoded(opened, everything)[:2]


# --- SVG --------------------------------------------------------------------------------------------------------------


def assert_harmless(root: ET.Element) -> None:
    """It holds shapes and texts of SVG, and refers to nothing."""
    assert {one.tag for one in root.iter()} <= {f"{SVG}{name}" for name in ("svg", "rect", "circle", "path", "text")}
    for one in root.iter():
        for key, value in one.attrib.items():
            assert not key.startswith(("on", "{", "href", "style")), key
            assert "url(" not in value, value
            assert ":" not in value, value


def test_an_svg_holds_the_picture_and_nothing_else(open_explorer: Explore) -> None:
    opened = open_explorer(newsroom_page())
    name, picture = saved(opened, "Picture, SVG")
    assert name == "coverage.svg"
    root = ET.fromstring(picture)
    assert_harmless(root)
    box = opened.page.locator("#canvas").bounding_box()
    assert [float(number) for number in root.attrib["viewBox"].split()] == pytest.approx(
        [0, 0, box["width"], box["height"]], abs=0.1
    )
    drawn = opened.drawn()
    assert {node for node in opened.atlas.nodes if drawn.shows(node)} == set(newsroom())
    assert {"Robots", "Public policy", "Énergie", "Space flight"} <= set(drawn.labels)
    opened.choose("kind", "Topics")
    drawn = opened.drawn()
    assert {node for node in opened.atlas.nodes if drawn.shows(node)} == {
        node for node, facts in newsroom().nodes(data=True) if facts["kind"] == "topic"
    }


def test_an_svg_looks_like_the_stage(open_explorer: Explore, tmp_path: Path) -> None:
    opened = open_explorer(newsroom_page(), address="#theme=dark")
    _, picture = saved(opened, "Picture, SVG")
    _, stage = saved(opened, "Picture, PNG")
    file = tmp_path / "coverage.svg"
    file.write_bytes(picture)
    size = decoded(opened, stage)
    page = opened.page.context.browser.new_page(viewport={"width": size.width, "height": size.height})
    page.goto(file.as_uri())
    shot = page.screenshot()
    page.close()
    assert decoded(opened, shot).corner == size.corner
    box = opened.page.locator("#canvas").bounding_box()
    spots = {node: opened.spot_of(node) for node in ("article/0", "article/23", "topic/robots", "provider/zeit.de")}
    points = [[round(x - box["x"]), round(y - box["y"])] for x, y in spots.values()]
    colours = colours_at(opened, shot, points)
    assert colours == colours_at(opened, stage, points)
    assert len(set(map(tuple, colours))) == len(points)


def test_hostile_texts_are_texts_in_an_svg(open_explorer: Explore) -> None:
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for number, text in enumerate(HOSTILE):
        graph.add_node(f"article/{number}", kind="article", title=text)
    _, picture = saved(open_explorer(graph), "Picture, SVG")
    root = ET.fromstring(picture)
    assert {one.tag for one in root.iter()} == {f"{SVG}{name}" for name in ("svg", "rect", "circle", "path", "text")}
    assert any("<" in "".join(one.itertext()) for one in root.iter(f"{SVG}text"))


# --- CSV --------------------------------------------------------------------------------------------------------------


def rows_of(table: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(table.decode("utf-8-sig"), newline="")))


def named(graph: nx.MultiDiGraph[str], nodes: list[str]) -> set[str]:
    return {str(graph.nodes[node].get("name") or graph.nodes[node].get("label")) for node in nodes}


def led_to(graph: nx.MultiDiGraph[str], node: str, edge: str) -> list[str]:
    return [target for _, target, kind in graph.out_edges(node, keys=True) if kind == edge]


def test_a_csv_has_a_row_for_all_that_passes(open_explorer: Explore) -> None:
    graph = newsroom()
    opened = open_explorer(newsroom_page())
    name, table = saved(opened, "Table, CSV")
    assert name == "coverage.csv"
    assert table.startswith(b"\xef\xbb\xbf")  # spreadsheets take it for UTF-8 by this
    rows = rows_of(table)
    assert {row["id"] for row in rows} == set(graph)
    assert len(rows) == len(graph)
    for row in rows:
        node, facts = row["id"], graph.nodes[row["id"]]
        assert row["kind"] in {facts["kind"], facts.get("media"), "other"}
        assert row["title"] == (facts.get("title") or facts.get("name") or facts.get("label"))
        date = facts.get("published_at")
        assert row["published"] == (f"{date:%Y-%m-%dT%H:%MZ}" if date else "")
        assert set(filter(None, [row["provider"]])) == named(graph, led_to(graph, node, "publisher"))
        assert set(filter(None, row["topics"].split("; "))) == named(graph, led_to(graph, node, "about"))
        assert row["quality"] == str(facts.get("quality", ""))
        assert row["heat"] == str(facts.get("heat", ""))
        assert row["status"] == facts.get("status", "")
        if facts["kind"] == "article":
            assert row["url"] == facts.get("url", "")


def test_a_csv_leaves_out_what_does_not_pass(open_explorer: Explore) -> None:
    graph = newsroom()
    opened = open_explorer(newsroom_page(), address="#status=draft&kind=article&from=2018-01-01&to=2021-12-31")
    _, table = saved(opened, "Table, CSV")
    passing = {
        node
        for node, facts in graph.nodes(data=True)
        if facts.get("status") == "draft" and "published_at" in facts and 2018 <= facts["published_at"].year <= 2021
    }
    assert {row["id"] for row in rows_of(table)} == passing
    assert f"Showing {len(passing)} of 40 articles" in opened.shown


def test_no_cell_of_a_csv_is_a_formula_and_all_come_back(open_explorer: Explore) -> None:
    texts = (
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        '=HYPERLINK("https://example.com","x")',
        "=cmd|' /C calc'!A0",
        'a "quoted", b',
        "a, b; c",
        "tab\there",
        "two\nlines",
        "' already",
        *HOSTILE,
    )
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for number, text in enumerate(texts):
        graph.add_node(f"article/{number}", kind="article", title=text, status=text)
    _, table = saved(open_explorer(graph), "Table, CSV")
    rows = rows_of(table)
    cells = [cell for row in rows for cell in row.values()]
    assert all(len(row) == 10 and None not in row for row in rows)
    calculated = [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert [cell for cell in calculated if not re.fullmatch(r"-\d+", cell)] == []
    title_of = {row["id"]: row["title"] for row in rows}
    assert set(title_of) == set(graph)
    for number, text in enumerate(texts[:9]):
        expected = " ".join(text.split())
        assert title_of[f"article/{number}"] in {expected, f"'{expected}"}


@pytest.mark.parametrize("view", ["9e7,9e7,1", "0,0,99", "0,0,1e-300", "1e7,1e7,1e-9"])
def test_a_camera_from_which_nothing_is_seen_comes_back_to_the_picture(open_explorer: Explore, view: str) -> None:
    opened = open_explorer(newsroom_page(), address=f"#view={view}")
    drawn = opened.drawn()
    assert sum(map(len, drawn.nodes.values())) > 0 or drawn.circles
    assert opened.pixels().drawn > 1000


def test_the_picture_cannot_be_lost_by_dragging(open_explorer: Explore) -> None:
    opened = open_explorer(newsroom_page())
    box = opened.page.locator("#canvas").bounding_box()
    for _ in range(8):
        far = (box["x"] + box["width"] - 20, box["y"] + box["height"] - 60)
        opened.drag((box["x"] + 20, box["y"] + 20), far, steps=3)
    opened.until_address("view=")
    assert opened.drawn().circles
