"""Explorers in a real browser, as a person has them: the tests read what is seen, said and saved, not the script."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any, NamedTuple
from urllib.parse import parse_qs
from xml.etree import ElementTree as ET

import networkx as nx
from oracles.explorer_blocks import SORTS, held

from browsers.opened_pages import Opened, Opener
from graphkit.page.explorer import explore

# --- what the page holds ----------------------------------------------------------------------------------------------


class Placed(NamedTuple):
    """A node as the layout placed it, in the units of the layout."""

    x: int
    y: int
    sort: int
    radius: int


class Atlas(NamedTuple):
    """What the blocks of a page say of places: discs of areas as x, y and radius, and the nodes by their ids."""

    areas: list[tuple[int, int, int]]
    nodes: dict[str, Placed]


def atlas_of(text: str) -> Atlas:
    """Read the places out of a page's blocks."""
    page = held(text)
    areas = [(area["x"], area["y"], area["r"]) for area in page.header["areas"]]
    return Atlas(areas, {one.id: Placed(one.x, one.y, SORTS.index(one.sort), one.radius) for one in page.nodes})


# --- what is drawn ----------------------------------------------------------------------------------------------------


class Camera(NamedTuple):
    """Where the top left corner of the stage lies in the layout, and the pixels that a unit of it takes."""

    left: float
    top: float
    k: float


class Drawn:
    """The picture as one saves it: Save, Picture, SVG."""

    def __init__(self, text: str, atlas: Atlas) -> None:
        self.atlas = atlas
        self.root = ET.fromstring(text)

    def _all(self, name: str) -> list[ET.Element]:
        return list(self.root.iter(f"{{http://www.w3.org/2000/svg}}{name}"))

    @property
    def labels(self) -> list[str]:
        """All lines of text, in the order in which room was found for them."""
        return ["".join(one.itertext()) for one in self._all("text")]

    @property
    def circles(self) -> list[tuple[float, float, float]]:
        """The discs of the areas that are on the stage."""
        return [
            (float(one.attrib["cx"]), float(one.attrib["cy"]), float(one.attrib["r"])) for one in self._all("circle")
        ]

    @cached_property
    def nodes(self) -> dict[str, list[tuple[float, float]]]:
        """Where each sort of node is drawn: the point at which its outline begins."""
        return {
            path.attrib["class"]: [
                (float(x), float(y)) for x, y in re.findall(r"M(-?[\d.]+) (-?[\d.]+)", path.attrib["d"])
            ]
            for path in self._all("path")
            if "class" in path.attrib
        }

    @property
    def edges(self) -> int:
        """How many links are drawn."""
        return sum(path.attrib["d"].count("M") for path in self._all("path") if "class" not in path.attrib)

    @property
    def outlines(self) -> set[tuple[str, float, float]]:
        """All nodes that are drawn, with their places."""
        return {(sort, x, y) for sort, places in self.nodes.items() for x, y in places}

    @cached_property
    def camera(self) -> Camera:
        """The camera, of those that would draw the largest disc where it is, that fits the most of what is drawn."""
        cx, cy, r = max(self.circles, key=lambda circle: circle[2])
        cameras = [Camera(x - cx * of / r, y - cy * of / r, r / of) for x, y, of in self.atlas.areas]
        discs = [self._discs(camera) for camera in cameras]
        fitting = [camera for camera, fits in zip(cameras, discs, strict=True) if fits == max(discs)]
        return fitting[0] if len(fitting) == 1 else max(fitting, key=self._fit)

    def _discs(self, camera: Camera) -> int:
        drawn = [
            ((x - camera.left) * camera.k, (y - camera.top) * camera.k, r * camera.k) for x, y, r in self.atlas.areas
        ]
        return sum(
            any(max(abs(a - b) for a, b in zip(one, circle, strict=True)) < 3 for one in drawn)
            for circle in self.circles
        )

    def _fit(self, camera: Camera) -> int:
        drawn = {(sort, round(x / 4), round(y / 4)) for sort, x, y in self.outlines}
        fits = 0
        for node in self.atlas.nodes.values():
            sort = SORTS[node.sort]
            x, y = self._begin(camera, node)
            places = {(sort, round((x + dx) / 4), round((y + dy) / 4)) for dx in (-1, 1) for dy in (-1, 1)}
            fits += not drawn.isdisjoint(places)
        return fits

    @staticmethod
    def _begin(camera: Camera, node: Placed) -> tuple[float, float]:
        """Return where the outline of a node begins: shapes.ts says where that is of each sort."""
        dx, dy = ((-1.0, 0.0), (0.0, -1.25), (-0.55, -0.95), (-0.9, -0.9), (0.0, -1.25))[node.sort]
        radius = max(0.9, node.radius * camera.k)
        return (node.x - camera.left) * camera.k + dx * radius, (node.y - camera.top) * camera.k + dy * radius

    def shows(self, node: str) -> bool:
        """Whether a node is drawn."""
        placed = self.atlas.nodes[node]
        x, y = self._begin(self.camera, placed)
        places = self.nodes.get(SORTS[placed.sort], [])
        return any(abs(x - other_x) < 1.5 and abs(y - other_y) < 1.5 for other_x, other_y in places)


class Pixels(NamedTuple):
    """A canvas counted: pixels that are drawn on, the colours there, and a number that tells two pictures apart."""

    drawn: int
    colours: int
    digest: int
    opacity: float


# --- the page ---------------------------------------------------------------------------------------------------------


class Exploring(Opened):
    """An explorer and what a person can see and do there."""

    text = ""

    # What is said

    @property
    def sentence(self) -> str:
        return str(self.page.inner_text("#sentence"))

    @property
    def shown(self) -> str:
        """The line above the list: how much passes the filters."""
        return str(self.page.inner_text("#shown"))

    @property
    def card(self) -> str:
        """All that the card says, or the list where nothing is selected."""
        return str(self.page.inner_text("#facts"))

    @property
    def title(self) -> str:
        """The title on the card; empty where there is no card."""
        return " ".join(self.page.locator("#card-title").all_inner_texts())

    @property
    def listed(self) -> list[str]:
        """The names in the list beside the picture, from the top."""
        return list(self.page.locator("#facts .list > li .name").all_inner_texts())

    @property
    def chips(self) -> list[str]:
        """The filters that stand over the picture."""
        return list(self.page.locator("#chips span:first-child").all_inner_texts())

    @property
    def hints(self) -> list[str]:
        return list(self.page.locator("#hints:not([hidden]) li").all_inner_texts())

    @property
    def found(self) -> list[str]:
        """What the search offers; nothing where it is closed."""
        return [text.strip() for text in self.page.locator("#found:not([hidden]) li").all_inner_texts()]

    @property
    def active(self) -> str:
        """What Enter would take of what the search offers."""
        return " ".join(self.page.locator("#found:not([hidden]) li[aria-selected=true]").all_inner_texts()).strip()

    def facet(self, name: str) -> dict[str, int]:
        """The values of a facet that are offered, with their counts."""
        rows: list[str] = self.page.locator(f"#facet-{name} label").all_inner_texts()
        pairs = [row.rsplit("\n", 1) for row in rows]
        return {value.strip(): int(count.replace(",", "")) for value, count in pairs}

    def bars(self, which: str) -> list[tuple[float, float]]:
        """The bars of the timeline, `all` or `some`, as left edges and heights; none where no article has a date."""
        paths = [path.get_attribute("d") or "" for path in self.page.locator(f"#timeline path.{which}").all()]
        found = re.findall(r"M([\d.]+) ([\d.]+)V([\d.]+)", "".join(paths))
        return [(float(left), float(bottom) - float(top)) for left, bottom, top in found]

    @property
    def address(self) -> dict[str, list[str]]:
        """The part of the address after "#"."""
        return parse_qs(str(self.page.url).partition("#")[2])

    # What is seen

    def drawn(self) -> Drawn:
        """Save the picture as SVG, and take it before it goes to the disk. Pointer and focus stay where they are."""
        text = self.run(
            """() => {
                const {createObjectURL} = URL;
                let saved = null;
                URL.createObjectURL = blob => createObjectURL.call(URL, saved = blob);
                HTMLAnchorElement.prototype.click = () => {};
                document.getElementById("save-svg").click();
                URL.createObjectURL = createObjectURL;
                delete HTMLAnchorElement.prototype.click;
                return saved.text();
            }"""
        )
        return Drawn(text, self.atlas)

    def pixels(self, which: str = "base") -> Pixels:
        """Count a canvas, once what was asked for is drawn: `base` holds the picture, `over` what stands out from it."""
        self.until_drawn()
        return Pixels(
            *self.run(
                """which => {
                    const canvas = document.getElementById(which);
                    const copy = new OffscreenCanvas(canvas.width, canvas.height);  // Chromium warns of reading the own
                    const context = copy.getContext("2d", {willReadFrequently: true});
                    context.drawImage(canvas, 0, 0);
                    const {data} = context.getImageData(0, 0, canvas.width, canvas.height);
                    let drawn = 0, digest = 0;
                    const colours = new Set();
                    for (let at = 0; at < data.length; at += 4) {
                        if (!data[at + 3]) continue;
                        drawn += 1;
                        const colour = (data[at] << 16) | (data[at + 1] << 8) | data[at + 2];
                        colours.add(colour);
                        digest = (Math.imul(digest, 31) + colour + at) | 0;
                    }
                    return [drawn, colours.size, digest, Number(getComputedStyle(canvas).opacity)];
                }""",
                which,
            )
        )

    @cached_property
    def atlas(self) -> Atlas:
        return atlas_of(self.text)

    def spot_of(self, node: str) -> tuple[float, float]:
        """Return the point of the window at which a node is drawn."""
        camera, placed = self.drawn().camera, self.atlas.nodes[node]
        box = self.page.locator("#canvas").bounding_box()
        return box["x"] + (placed.x - camera.left) * camera.k, box["y"] + (placed.y - camera.top) * camera.k

    def empty_spot(self) -> tuple[float, float]:
        """Return a point of the stage with nothing there: a corner, which no disc of an area reaches."""
        box = self.page.locator("#canvas").bounding_box()
        return box["x"] + 4, box["y"] + box["height"] / 2 if box["width"] < 500 else box["y"] + 60

    # What is done

    def ready(self) -> None:
        """Wait until the page can be used and is drawn: the timeline is laid out in the frame after all else."""
        self.page.wait_for_function("() => performance.getEntriesByName('graphkit:ready').length > 0")
        self.until_drawn()

    def until(self, condition: str, argument: object = None) -> None:
        """Wait for a condition, written as a function: the page's policy forbids to evaluate anything else."""
        self.page.wait_for_function(condition, arg=argument)

    def until_closed(self) -> None:
        """Wait until there is no card: what goes back by the browser's history comes later."""
        self.until("() => !document.getElementById('card-title')")

    def until_address(self, part: str) -> None:
        """Wait until the address tells of something."""
        self.until("part => decodeURIComponent(location.hash).includes(part)", part)

    def until_address_follows(self) -> None:
        """Wait until the address tells where the camera is, which it does once that rests; to two pixels."""
        left, top, k = self.drawn().camera
        box = self.page.locator("#canvas").bounding_box()
        self.until(
            """([x, y, k]) => {
                const view = new URLSearchParams(location.hash.slice(1)).get("view") ?? "";
                const [toldX, toldY, toldK] = view.split(",").map(Number);
                return Math.abs(toldX - x) * k < 2 && Math.abs(toldY - y) * k < 2 && Math.abs(toldK / k - 1) < 0.02;
            }""",
            [left + box["width"] / 2 / k, top + box["height"] / 2 / k, k],
        )

    @contextmanager
    def awaiting(self, event: str) -> Iterator[None]:
        """Wait until an event that what is done here leads to has come, and whoever listens has done with it."""
        self.run(
            """event => {
                window.came = false;
                addEventListener(event, () => setTimeout(() => { window.came = true; }), {capture: true, once: true});
            }""",
            event,
        )
        yield
        self.until("() => window.came")

    def pause(self) -> None:
        """Stop the clock of the page."""
        self.page.clock.install(time=0)
        self.page.clock.pause_at(60_000)

    def listen(self) -> None:
        """Note from now on, in `heard`, all that a screen reader is told of as it changes."""
        self.run(
            """() => {
                window.heard = [];
                for (const one of document.querySelectorAll("[role=status]")) {
                    new MutationObserver(() => window.heard.push(one.textContent)).observe(one, {childList: true});
                }
            }"""
        )

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def hover(self, node: str) -> None:
        self.page.mouse.move(*self.spot_of(node))

    def leave(self) -> None:
        """Take the pointer off the picture."""
        self.page.mouse.move(2, 2)

    @property
    def dims(self) -> bool:
        """Whether something stands out from a dimmed picture, once what was asked for is drawn."""
        return self.pixels().opacity < 1

    def click(self, node: str) -> None:
        self.page.mouse.click(*self.spot_of(node))

    def tap(self, target: Any) -> None:
        """Tap an element or a point of the window; the browser makes a click of it once the finger is off."""
        with self.awaiting("click"):
            if isinstance(target, tuple):
                self.page.touchscreen.tap(*target)
            else:
                target.tap()

    def double_click(self, node: str) -> None:
        self.page.mouse.dblclick(*self.spot_of(node))

    def choose(self, facet: str, value: str) -> None:
        """Click a value of a facet."""
        self.page.locator(f"#facet-{facet} label").filter(has=self.page.get_by_text(value, exact=True)).click()

    def search(self, text: str) -> None:
        """Type into the search box, a key at a time; what stood there goes."""
        self.page.click("#search")
        self.press("ControlOrMeta+A", "Backspace")
        self.page.keyboard.type(text)

    def drag(self, *points: tuple[float, float], steps: int = 1) -> None:
        """Drag from the first point of the window over the others, and wait until the page takes clicks again.

        d3 lets no click through after a drag until its next task, so that the end of one is not taken for the other.
        """
        start, *others = points
        self.page.mouse.move(*start)
        self.page.mouse.down()
        for point in others:
            self.page.mouse.move(*point, steps=steps)
        self.page.mouse.up()
        self.run("() => new Promise(done => setTimeout(done))")

    def brush(self, start: float, end: float) -> None:
        """Drag over the timeline, from one part of its width (0 to 1) to another."""
        box = self.page.locator("#timeline .overlay").bounding_box()
        y = box["y"] + box["height"] / 2
        self.drag(*((box["x"] + part * box["width"], y) for part in (start, (start + end) / 2, end)))

    def button(self, name: str) -> Any:
        return self.page.get_by_role("button", name=name, exact=True)


Explore = Callable[..., Exploring]


def exploring(open_page: Opener) -> Explore:
    """Return what opens the explorer of a graph, or a page that is made already, and waits until it can be used."""

    def open_explorer(graph: nx.MultiDiGraph[str] | str, **options: Any) -> Exploring:
        text = graph if isinstance(graph, str) else explore(graph)
        opened = open_page(text, **options)
        made = Exploring(opened.page, opened.requests, opened.complaints)
        made.text = text
        made.ready()
        return made

    return open_explorer
