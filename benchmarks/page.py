"""Measure the explorer beside pyvis, sigma and force-graph, on the same synthetic coverage graphs.

    python benchmarks/page.py [--nodes 1000 10000 100000] [--rounds 3] [--limit 120] [--only NAME …] [--pictures FOLDER]

Needs Chromium, taken from CHROMIUM or the PATH, and Node with npm for sigma and force-graph, which are installed into
peers/ in the versions that its lockfile fixes; without npm only pyvis is measured beside the explorer. Each page is one
file opened from disk, offline, in a browser of its own without a graphics processor, by turns; of each number the
median counts. A peer's page that fails once or takes longer than half a minute is not opened again, and a
peer that shows nothing within the limit is not tried with a larger graph.

All but pyvis, which lays out by itself, get the places of the explorer's layout; only the explorer's time to make a
page holds the layout. The *first draw* is the end of the first frame with a picture in it, from the start of the
navigation; `peers/watch.js` finds it in the same way on all pages. *Frames* are those in which the page drew while a
real mouse dragged its picture for three seconds, the *pause* the longest time between two frames then. In the explorer
a *search* is one more letter typed and a *filter* a click on a value: from the event until the page is laid out, and
until the frame that shows it has ended.

A run of all sizes and pages leaves its figures in results/page.json; with --pictures each page's first screenshot is
kept. Exits with 1 where the explorer misses a budget, and with 2 where there is no Chromium.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import math
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import networkx as nx
from coverage_graphs import coverage_graph
from playwright.async_api import Browser, Error, Page, ViewportSize, async_playwright
from pyvis.edge import Edge
from pyvis.network import Network
from pyvis.node import Node

from graphkit.page.explorer import explore, placed_nodes
from graphkit.page.explorer.layout import Layout, lay_out

ROOT = Path(__file__).resolve().parent.parent
PEERS = ROOT / "benchmarks" / "peers"
EXPLORER = ROOT / "graphkit" / "page" / "explorer"
RESULTS = ROOT / "benchmarks" / "results" / "page.json"
SIZES = [1_000, 10_000, 100_000]
LIMIT = 120
SLOW = 30
"""A page whose run took so many seconds is not measured again; the explorer always is."""

WINDOW = ViewportSize(width=1280, height=800)
PANNING = 3.0
LEAST_MOVED = 0.002
"""The share of the window's pixels that are others after its picture was dragged, at the least."""

# No graphics processor, which the machines that run this have not. Chromium then does WebGL, which sigma needs, in
# software. Told to do so from the start (`--use-angle=swiftshader`) sigma begins later with few nodes, and is about
# twice as fast with many; all pages get the same browser.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]

COLORS = {"article": "#4878d0", "provider": "#d65f5f", "topic": "#6acc64"}
RADII = {"article": 3, "provider": 5, "topic": 8}


class Budget(NamedTuple):
    """What the explorer must keep at one size: seconds to lay out and to draw first, megabytes, frames a second."""

    first: float
    megabytes: float
    frames: float = 0
    layout: float = math.inf
    bytes_a_node: float = math.inf
    search: float = math.inf


BUDGETS = {
    1_000: Budget(0.5, 0.3),
    10_000: Budget(1, 1.6, layout=2, bytes_a_node=130, search=0.030),
    100_000: Budget(4, 14, frames=12, layout=30),
}

Places = Mapping[str, tuple[int, int]]


# The pages


def laid_out(graph: nx.MultiDiGraph[str]) -> tuple[dict[str, tuple[int, int]], float]:
    """Return the place of each node in the explorer, and the seconds that its layout took."""
    seconds = math.inf

    def timed(*given: Any) -> Layout:
        nonlocal seconds
        start = time.perf_counter()
        layout = lay_out(*given)
        seconds = time.perf_counter() - start
        return layout

    with mock.patch.object(placed_nodes, "lay_out", timed):
        nodes = placed_nodes.placed_nodes(graph)  # the positions of the page itself
    places = zip(nodes.layout.x.tolist(), nodes.layout.y.tolist(), strict=True)
    return dict(zip(nodes.ids, places, strict=True)), seconds


def name_of(known: Mapping[str, Any]) -> str:
    """Return the text for a node."""
    return str(known.get("title") or known.get("name") or known["label"])


def by_graphkit(graph: nx.MultiDiGraph[str], _: Places) -> str:
    """Return the explorer's page."""
    return explore(graph)


def by_pyvis(graph: nx.MultiDiGraph[str], _: Places) -> str:
    """Return the page of pyvis with its defaults, layout included.

    Its lists are filled directly, with what `add_node` and `add_edge` put there: the latter compares with all edges
    there are, to keep one between two nodes, which takes hours for the largest graph.
    """
    network = Network(cdn_resources="in_line")
    for node, known in graph.nodes(data=True):
        color = COLORS[known["kind"]]
        network.nodes.append(Node(node, "dot", label=name_of(known), font_color=False, color=color).options)
    first: dict[frozenset[str], tuple[str, str]] = {}
    for edge in graph.edges():
        first.setdefault(frozenset(edge), edge)
    network.edges.extend(Edge(source, target, network.directed).options for source, target in first.values())
    return str(network.generate_html())


def by_force_graph(graph: nx.MultiDiGraph[str], places: Places, *, lean: bool = False) -> str:
    """Return a page of force-graph with fixed places."""
    nodes = [
        {
            "id": node,
            "name": name_of(known),
            "color": COLORS[known["kind"]],
            "fx": places[node][0],
            "fy": places[node][1],
        }
        for node, known in graph.nodes(data=True)
    ]
    links = [{"source": source, "target": target} for source, target in graph.edges()]
    xs, ys = zip(*places.values(), strict=True)
    left, right, top, bottom = min(xs), max(xs), min(ys), max(ys)
    zoom = 0.95 * min(WINDOW["width"] / (right - left), WINDOW["height"] / (bottom - top))
    middle = [(left + right) / 2, (top + bottom) / 2]
    data = {"nodes": nodes, "links": links, "middle": middle, "zoom": zoom, "lean": lean}
    return page_of("force-graph", data)


def by_force_graph_lean(graph: nx.MultiDiGraph[str], places: Places) -> str:
    """Return a page of force-graph with fixed places, squares for nodes, and nothing that answers to the mouse."""
    return by_force_graph(graph, places, lean=True)


def by_sigma(graph: nx.MultiDiGraph[str], places: Places) -> str:
    """Return a page of sigma and graphology with its defaults."""
    nodes = []
    for node, known in graph.nodes(data=True):
        x, y = places[node]
        kind = known["kind"]
        attributes = {"x": x, "y": -y, "size": RADII[kind], "label": name_of(known), "color": COLORS[kind]}
        nodes.append({"key": node, "attributes": attributes})
    edges = [{"source": source, "target": target} for source, target in graph.edges()]
    return page_of("sigma", {"nodes": nodes, "edges": edges})


def page_of(peer: str, data: Mapping[str, Any]) -> str:
    """Return one file with the bundle of a peer and its data."""
    script = bundle(peer).replace("</script", "<\\/script")
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return f"""<!DOCTYPE html>
<html lang="en"><meta charset="utf-8"><title>{peer}</title>
<style>html, body, #graph {{ margin: 0; width: 100%; height: 100%; overflow: hidden }}</style>
<div id="graph"></div>
<script type="application/json" id="data">{text}</script>
<script>{script}</script>
</html>
"""


def install_peers() -> str:
    """Install the peers where they are not yet; return what is in the way of having them."""
    missing = [program for program in ("node", "npm") if shutil.which(program) is None]
    if missing:
        return f"no {' and no '.join(missing)} on the PATH"
    # npm writes this file last.
    if not (PEERS / "node_modules" / ".package-lock.json").is_file():
        command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        if subprocess.run(command, cwd=PEERS, stdout=sys.stderr).returncode:  # noqa: PLW1510  # told below
            return f"`npm ci` failed in {PEERS.relative_to(ROOT)}"
    return ""


def bundle(peer: str) -> str:
    """Return the script of a peer with its libraries."""
    options = ["--bundle", "--minify", "--format=iife", "--log-level=error"]
    command = [str(PEERS / "node_modules" / ".bin" / "esbuild"), f"{peer}.js", *options]
    return subprocess.run(command, cwd=PEERS, check=True, capture_output=True, text=True).stdout


OURS = "graphkit"
CONTENDERS: dict[str, Callable[[nx.MultiDiGraph[str], Places], str]] = {
    OURS: by_graphkit,
    "force-graph": by_force_graph,
    "force-graph, lean": by_force_graph_lean,
    "sigma": by_sigma,
    "pyvis": by_pyvis,
}
BUNDLED = [name for name in CONTENDERS if name not in (OURS, "pyvis")]
"""The pages that need Node."""


# In the browser


class NothingDrawn(Exception):
    """The page threw before it drew, and does not go on."""


async def measure_page(
    file: Path, executable: str, limit: float, *, answers: bool, picture: Path | None
) -> dict[str, Any]:
    """Open a page in a fresh browser and return what was found; `failed` says how far it got.

    With `answers`, searches and clicks are measured too.
    """
    found: dict[str, Any] = {"errors": [], "outside": []}
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=FLAGS)
        context = await browser.new_context(viewport=WINDOW, offline=True)
        page = await context.new_page()
        page.set_default_timeout(0)  # the limit is for all of it together
        page.on("pageerror", lambda error: found["errors"].append(error.message))
        page.on("request", lambda request: note_outside(found, request.url))
        await page.add_init_script(path=PEERS / "watch.js")
        stage = "nothing"
        start = time.monotonic()
        try:
            async with asyncio.timeout(limit):
                found["first"] = await first_draw(page, file)
                stage = "no panning"
                await pan(page, found, picture)
                stage = "no search"
                if answers:
                    await page.locator("#search:enabled").wait_for()
                    found["searches"] = await page.evaluate(SEARCHES)
                    found["clicks"] = await page.evaluate(CLICKS)
        except TimeoutError:
            found["failed"] = f"{stage} in {limit:g} s"
        except NothingDrawn:
            found["failed"] = f"{stage}: {found['errors'][0]}"
        except (Error, ExceptionGroup) as error:
            first = error.exceptions[0] if isinstance(error, ExceptionGroup) else error
            found["failed"] = f"{stage}: {first}"
        found["took"] = time.monotonic() - start
        found["memory"] = await memory_of(browser)
        await browser.close()
    return found


async def first_draw(page: Page, file: Path) -> float:
    """Open a file and return the seconds from the start of the navigation to the end of its first frame.

    The page says it on its console, as it may be busy for long with what comes after.
    """
    async with page.expect_console_message(lambda message: message.text.startswith((FIRST, NONE))) as said:
        await page.goto(file.as_uri(), wait_until="commit")
    text = (await said.value).text
    if text == NONE:
        raise NothingDrawn
    return float(text.removeprefix(FIRST)) / 1000


async def pan(page: Page, found: dict[str, Any], picture: Path | None) -> None:
    """Drag the picture with the mouse; add the frames, and how much of the window is filled and has moved."""
    await page.wait_for_timeout(1000)
    marks = await page.evaluate("performance.getEntriesByType('mark').map(({name, startTime}) => [name, startTime])")
    found["marks"] = {name: start / 1000 for name, start in marks}
    before = await page.screenshot(path=picture)
    x, y = await page.evaluate(GRIP)
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.evaluate("watch.start()")
    start = time.monotonic()
    async with asyncio.TaskGroup() as moves:
        while (passed := time.monotonic() - start) < PANNING:
            # Round and round, 400 pixels a second. No mouse waits for a page, so none of these moves is waited for.
            turn = 4 * passed
            moves.create_task(page.mouse.move(x + 100 - 100 * math.cos(turn), y + 100 * math.sin(turn)))
            await asyncio.sleep(1 / 60)
        panning = await page.evaluate("watch.stop()")
    await page.mouse.move(x + 150, y + 60)
    await page.wait_for_timeout(300)
    after = await page.screenshot()
    await page.mouse.up()
    pictures = [base64.b64encode(one).decode() for one in (before, after)]
    judge = await page.context.new_page()
    found["filled"], found["moved"] = await judge.evaluate(DIFFERENCES, pictures)
    await judge.close()
    if found["moved"] < LEAST_MOVED:
        raise Error("the picture stood still")
    found["panning"] = panning


def note_outside(found: Mapping[str, Any], address: str) -> None:
    """Keep an address that a page asked for elsewhere."""
    if address.startswith("http"):
        found["outside"].append(address)


FIRST = "first picture: "
NONE = "no picture"

# What each letter takes while 30 words of titles are typed.
SEARCHES = r"""
async () => {
    const box = document.querySelector("#search");
    const titles = [...document.querySelectorAll("#facts .name")].map(({textContent}) => textContent);
    const known = new Set(titles.flatMap((title) => title.match(/\p{L}{4,}/gu) ?? []));
    const words = [...known].filter((_, at) => at % Math.max(1, Math.floor(known.size / 30)) === 0).slice(0, 30);
    const typed = (text) => watch.timed(() => {
        box.value = text;
        box.dispatchEvent(new Event("input"));
    });
    const all = [];
    for (const word of words) {
        for (let end = 1; end <= word.length; end += 1) {
            all.push(await typed(word.slice(0, end)));
        }
    }
    await typed("");
    return all;
}
"""

# What each value takes that is chosen among the filters, and given up again.
CLICKS = """
async () => {
    const all = [];
    for (const box of document.querySelectorAll("#facets input[type=checkbox]")) {
        all.push(await watch.timed(() => box.click()), await watch.timed(() => box.click()));
    }
    return all;
}
"""

# A spot on the picture near a corner, where there is no node that would be dragged instead.
GRIP = """
() => {
    const largest = [...document.querySelectorAll("canvas")]
        .map((canvas) => canvas.getBoundingClientRect())
        .reduce((one, other) => one.width * one.height < other.width * other.height ? other : one);
    const corners = [[0.04, 0.9], [0.04, 0.1], [0.8, 0.9], [0.8, 0.1]];
    const spots = corners.map(([x, y]) => [largest.x + x * largest.width, largest.y + y * largest.height]);
    return spots.find(([x, y]) => document.elementFromPoint(x, y)?.matches("canvas")) ?? spots[0];
}
"""

# The share of the first picture that is not its background, and the share that is another in the second.
DIFFERENCES = """
async (pictures) => {
    const [before, after] = await Promise.all(pictures.map(async (picture) => {
        const bitmap = await createImageBitmap(await (await fetch(`data:image/png;base64,${picture}`)).blob());
        const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
        context.drawImage(bitmap, 0, 0);
        return new Uint32Array(context.getImageData(0, 0, bitmap.width, bitmap.height).data.buffer);
    }));
    const counts = new Map();
    for (const pixel of before) {
        counts.set(pixel, (counts.get(pixel) ?? 0) + 1);
    }
    let moved = 0;
    before.forEach((pixel, index) => { moved += pixel !== after[index]; });
    return [1 - Math.max(...counts.values()) / before.length, moved / before.length];
}
"""


async def memory_of(browser: Browser) -> float | None:
    """Return the most megabytes that a process of the browser for pages or graphics has held; None if unknown."""
    most = 0.0
    with suppress(Error, OSError, StopIteration):
        session = await browser.new_browser_cdp_session()
        for process in (await session.send("SystemInfo.getProcessInfo"))["processInfo"]:
            if process["type"] in ("renderer", "GPU"):
                most = max(most, peak_of(process["id"]))
    return most or None


def peak_of(process: int) -> float:
    """Return the most megabytes that a process has held."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


# All together


def measure_size(
    nodes: int, options: argparse.Namespace, executable: str, folder: Path, beaten: dict[str, str]
) -> dict[str, Any]:
    """Measure all pages of one graph, by turns; return the medians.

    `beaten` says of a peer where it has shown nothing before; those that show nothing now are added.
    """
    graph = coverage_graph(nodes)
    places, layout = laid_out(graph)
    files: dict[str, Path] = {}
    made: dict[str, float] = {}
    for name in options.only:
        start = time.perf_counter()
        html = CONTENDERS[name](graph, places)
        made[name] = time.perf_counter() - start
        files[name] = folder / f"{name}-{nodes}.html"
        files[name].write_text(html, encoding="utf-8")
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in options.only}
    for number in range(options.rounds):
        for name in options.only[:: -1 if number % 2 else 1]:
            again = name == OURS or not any("failed" in run or run["took"] > SLOW for run in runs[name])
            if name in beaten or not again:
                continue
            page = measure_page(
                files[name],
                executable,
                options.limit,
                answers=name == OURS and number == 0,
                picture=options.pictures and options.pictures / f"{name}-{nodes}.png",
            )
            runs[name].append(asyncio.run(page))
            print(f"{nodes:,} nodes, {name}: run {number + 1}, {runs[name][-1]['took']:.0f} s", file=sys.stderr)
    found = {name: {"failed": beaten[name]} if name in beaten else medians(runs[name]) for name in options.only}
    for name in options.only:
        if name != OURS and "first" not in found[name]:
            beaten.setdefault(name, f"not tried: nothing at {nodes:,} nodes")
    return {
        "nodes": graph.number_of_nodes(),
        "edges": graph.number_of_edges(),
        "layout": layout,
        "pages": {
            name: {"bytes": file.stat().st_size, "made": made[name], **found[name]} for name, file in files.items()
        },
    }


def medians(runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the medians of what the runs of one page have found, or why there are none."""
    failed = [run for run in runs if "failed" in run]
    found: dict[str, Any] = {"failed": failed[0]["failed"]} if failed else {}
    good = [run for run in runs if "first" in run]
    if good:
        found["first"] = statistics.median(run["first"] for run in good)
    marked = [run["marks"]["graphkit:drawn"] for run in runs if "graphkit:drawn" in run.get("marks", ())]
    if marked:
        found["marked"] = statistics.median(marked)
    panned = [run for run in runs if "panning" in run]
    if panned:
        found["frames"] = statistics.median(run["panning"]["frames"] / run["panning"]["seconds"] for run in panned)
        found["drawn"] = statistics.median(run["panning"]["drawn"] / run["panning"]["seconds"] for run in panned)
        found["longest"] = statistics.median(run["panning"]["longest"] for run in panned)
        found["filled"] = min(run["filled"] for run in panned)
        found["moved"] = min(run["moved"] for run in panned)
    for name, kind in (("search", "searches"), ("filter", "clicks")):
        times = [pair for run in runs for pair in run.get(kind, ())]
        for ending, milliseconds in zip(("", "_shown"), zip(*times, strict=True), strict=False):
            found[f"{name}{ending}"] = statistics.median(milliseconds) / 1000
            found[f"{name}{ending}_largest"] = max(milliseconds) / 1000
    known = [run["memory"] for run in runs if run.get("memory")]
    if known:
        found["memory"] = statistics.median(known)
    found["outside"] = len({address for run in runs for address in run["outside"]})
    found["runs"] = len(runs)
    return found


def missed(size: Mapping[str, Any], budget: Budget) -> list[str]:
    """Return the budgets that the explorer misses at one size."""
    page = size["pages"][OURS]
    figures = {
        "first draw, s": (page.get("first", math.inf), budget.first),
        "MB": (page["bytes"] / 1e6, budget.megabytes),
        "bytes a node": (page["bytes"] / size["nodes"], budget.bytes_a_node),
        "layout, s": (size["layout"], budget.layout),
        "slowest search, ms": (1000 * page.get("search_largest", math.inf), 1000 * budget.search),
    }
    faults = [f"{name}: {got:.3g}, at most {most:.3g}" for name, (got, most) in figures.items() if got > most]
    frames = page.get("drawn", 0)
    if frames < budget.frames:
        faults.append(f"frames a second: {frames:.3g}, at least {budget.frames:.3g}")
    if "failed" in page:
        faults.append(page["failed"])
    if page["outside"]:
        faults.append(f"requests: {page['outside']}, at most 0")
    return faults


def table(sizes: Sequence[Mapping[str, Any]], budgets: Sequence[Budget | None]) -> str:
    """Return all figures as a table of at most 80 columns, the budgets below the explorer's figures."""
    lines = []
    for size, budget in zip(sizes, budgets, strict=True):
        layout = f"{size['layout']:.2f} s{at_most(budget.layout if budget else math.inf)}"
        lines.append(f"\n{size['nodes']:,} nodes, {size['edges']:,} edges; the explorer's layout {layout}")
        lines.append(f"{'page':<22}{'MB':>8}{'made s':>9}{'first draw s':>14}{'frames/s':>10}{'pause s':>10}")
        for name, page in size["pages"].items():
            row = f"{name:<22}{page['bytes'] / 1e6:>8.2f}{page['made']:>9.2f}"
            row += f"{page['first']:>14.2f}" if "first" in page else ""
            if "drawn" in page:
                row += f"{page['drawn']:>10.1f}{page['longest']:>10.2f}"
            if "failed" in page:
                row += f"  {page['failed'].splitlines()[0]}"
            lines.append(row[:80].rstrip())
            if name == OURS and budget:
                most, first = f"<= {budget.megabytes:g}", f"<= {budget.first:g}"
                frames = f">= {budget.frames:g}" if budget.frames else ""
                lines.append(f"{'  its budget':<22}{most:>8}{'':9}{first:>14}{frames:>10}".rstrip())
        if own := size["pages"].get(OURS):
            lines += own_lines(own, size["nodes"], budget)
    return "\n".join(lines)


def own_lines(page: Mapping[str, Any], nodes: int, budget: Budget | None) -> list[str]:
    """Return what is measured of the explorer only."""
    bytes_a_node, search = (budget.bytes_a_node, budget.search) if budget else (math.inf, math.inf)
    lines = [f"{page['bytes'] / nodes:.0f} bytes a node{at_most(bytes_a_node)}"]
    for name, most in (("search", 1000 * search), ("filter", math.inf)):
        if name in page:
            endings = ("", "_largest", "_shown", "_shown_largest")
            median, largest, shown, last_shown = (1000 * page[f"{name}{ending}"] for ending in endings)
            figures = f"{median:.1f} ms, longest {largest:.1f}{at_most(most)}"
            lines.append(f"{name} {figures}; shown after {shown:.0f}, longest {last_shown:.0f}")
    return [f"{OURS}: {line}" for line in lines]


def at_most(most: float) -> str:
    """Return a budget in brackets, if there is one."""
    return f" (<= {most:g})" if most < math.inf else ""


def versions(executable: str) -> dict[str, str]:
    """Return what was measured, with versions."""
    chromium = subprocess.run([executable, "--version"], check=True, capture_output=True, text=True).stdout.split()
    found = {"chromium": next((word for word in chromium if word[0].isdigit()), "unknown"), "pyvis": version("pyvis")}
    for folder, wanted in ((PEERS, ("force-graph", "graphology", "sigma")), (EXPLORER, ("d3-",))):
        locked = json.loads((folder / "package-lock.json").read_text())["packages"]
        names = [name.removeprefix("node_modules/") for name in locked]
        found |= {name: locked[f"node_modules/{name}"]["version"] for name in names if name.startswith(wanted)}
    return found


def main() -> int:
    """Measure and print; return the exit code."""
    parser = argparse.ArgumentParser(description="Measure the explorer beside pyvis, sigma and force-graph.")
    parser.add_argument("--nodes", nargs="+", type=int, default=SIZES, help="about how many each graph has, rising")
    parser.add_argument("--rounds", type=int, default=3, help="how often each page is opened")
    parser.add_argument("--limit", type=float, default=LIMIT, help="the most seconds that a page is given")
    parser.add_argument("--only", nargs="+", choices=CONTENDERS, default=list(CONTENDERS), help="the pages")
    parser.add_argument("--pictures", type=Path, help="a folder for a screenshot of each page")
    options = parser.parse_args()
    executable = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if executable is None:
        print("expected Chromium in CHROMIUM or on the PATH, got none", file=sys.stderr)
        return 2
    if any(name in BUNDLED for name in options.only) and (why := install_peers()):
        print(f"{why}: sigma and force-graph are left out", file=sys.stderr)
        options.only = [name for name in options.only if name not in BUNDLED]
    with tempfile.TemporaryDirectory() as folder:
        beaten: dict[str, str] = {}
        sizes = [measure_size(nodes, options, executable, Path(folder), beaten) for nodes in options.nodes]
    budgets = [BUDGETS.get(nodes) for nodes in options.nodes]
    print(table(sizes, budgets))
    if options.nodes == SIZES and options.only == list(CONTENDERS):
        found = {
            "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
            "versions": versions(executable),
            "rounds": options.rounds,
            "limit": options.limit,
            "sizes": sizes,
        }
        RESULTS.write_text(json.dumps(rounded(found), indent=2) + "\n", encoding="utf-8")
    else:
        print(f"\n{RESULTS.relative_to(ROOT)} is left as it is: it is for all sizes and all pages")
    faults = [
        f"{size['nodes']:,} nodes, {fault}"
        for size, budget in zip(sizes, budgets, strict=True)
        if budget and OURS in options.only
        for fault in missed(size, budget)
    ]
    for fault in faults:
        print(f"missed budget: {fault}")
    return 1 if faults else 0


def rounded(value: Any) -> Any:
    """Return a value with its numbers at four digits."""
    if isinstance(value, dict):
        return {name: rounded(one) for name, one in value.items()}
    if isinstance(value, list):
        return [rounded(one) for one in value]
    return float(f"{value:.4g}") if isinstance(value, float) else value


if __name__ == "__main__":
    sys.exit(main())
