"""Measure the explorer beside pyvis, sigma and force-graph, on the same synthetic coverage graphs.

    python benchmarks/page.py [--nodes 1000 10000 100000] [--rounds 3] [--limit 120] [--only NAME …]

Needs Chromium, taken from CHROMIUM or the PATH, and Node with npm for the peers, whose versions
`peers/package-lock.json` fixes; without npm only pyvis is measured beside the explorer. Each page is one file opened
from disk, offline, in a browser of its own without a graphics processor, by turns; of each number the median counts.
All but pyvis, which lays out by itself, get the places of the explorer's layout.

The *first draw* is the end of the first frame with a picture in it, from the start of the navigation; `peers/watch.js`
finds it in the same way on all pages. *Frames* are those in which the page drew while a real mouse dragged its picture
for three seconds. A *search* is one more letter typed, until the list of what fits stands on the page. Results stand in
results/page.json. Exits with 1 where the explorer misses a budget.
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

import networkx as nx
import numpy as np
from coverage_graphs import coverage_graph
from playwright.async_api import Browser, Error, Page, ViewportSize, async_playwright
from pyvis.edge import Edge
from pyvis.network import Network
from pyvis.node import Node

from graphkit.page.explorer import explore
from graphkit.page.explorer.layout import KINDS, lay_out

ROOT = Path(__file__).resolve().parent.parent
PEERS = ROOT / "benchmarks" / "peers"
RESULTS = ROOT / "benchmarks" / "results" / "page.json"
SIZES = [1_000, 10_000, 100_000]
LIMIT = 120
SLOW = 30
"""A peer that took so many seconds is not measured again."""

WINDOW = ViewportSize(width=1280, height=800)
PANNING = 3.0
# As in tests/test_page.py: no graphics processor, which the machines that run this have not.
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
# With it sigma gets WebGL in software, which is the best that it can have without a graphics processor.
SOFTWARE_WEBGL = [*(flag for flag in FLAGS if flag != "--disable-gpu"), "--use-angle=swiftshader"]
SOFTWARE_WEBGL += ["--enable-unsafe-swiftshader", "--ignore-gpu-blocklist"]

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

Graph = nx.MultiDiGraph  # its parameter is for type checkers only
Places = Mapping[str, tuple[float, float]]


# The pages


class Contender(NamedTuple):
    """A page that is measured: what makes it of a graph and its places, and what the browser is started with."""

    make: Callable[[nx.MultiDiGraph[str], Places], str]
    flags: Sequence[str] = FLAGS


def laid_out(graph: nx.MultiDiGraph[str]) -> tuple[dict[str, tuple[float, float]], float]:
    """Return the place of each node in the explorer, and the seconds that its layout took."""
    ids = sorted(graph)
    index_of = {node: index for index, node in enumerate(ids)}
    edges = sorted(
        (index_of[source], index_of[target], KINDS.index(kind)) for source, target, kind in graph.edges(keys=True)
    )
    table = np.array(edges, dtype=np.int32)
    radii = np.array([9 if graph.nodes[node]["kind"] == "article" else 18 for node in ids], dtype=np.int32)
    start = time.perf_counter()
    layout = lay_out(ids, radii, table[:, 0], table[:, 1], table[:, 2])
    seconds = time.perf_counter() - start
    return dict(zip(ids, zip(layout.x.tolist(), layout.y.tolist(), strict=True), strict=True)), seconds


def name_of(known: Mapping[str, Any]) -> str:
    """Return the text for a node."""
    return str(known.get("title") or known.get("name") or known["label"])


def by_graphkit(graph: nx.MultiDiGraph[str], _: Places) -> str:
    """Return the explorer's page."""
    return explore(graph)


def by_pyvis(graph: nx.MultiDiGraph[str], _: Places) -> str:
    """Return the page of pyvis with its defaults, layout included.

    Its lists are filled directly: `add_edge` compares with all edges there are, which takes hours for the largest
    graph.
    """
    network = Network(cdn_resources="in_line")
    for node, known in graph.nodes(data=True):
        color = COLORS[known["kind"]]
        network.nodes.append(Node(node, "dot", label=name_of(known), font_color=False, color=color).options)
    for source, target in graph.edges():
        network.edges.append(Edge(source, target, network.directed).options)
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


def install_peers() -> bool:
    """Install the peers where they are not yet; return whether they can be had."""
    if not (PEERS / "node_modules").is_dir():
        if shutil.which("npm") is None:
            return False
        subprocess.run(["npm", "ci", "--silent", "--ignore-scripts"], cwd=PEERS, check=True)
    return True


def bundle(peer: str) -> str:
    """Return the script of a peer with its libraries."""
    options = ["--bundle", "--minify", "--format=iife", "--log-level=error"]
    command = [str(PEERS / "node_modules" / ".bin" / "esbuild"), f"{peer}.js", *options]
    return subprocess.run(command, cwd=PEERS, check=True, capture_output=True, text=True).stdout


CONTENDERS = {
    "graphkit": Contender(by_graphkit),
    "force-graph": Contender(by_force_graph),
    "force-graph, lean": Contender(by_force_graph_lean),
    "sigma": Contender(by_sigma),
    "sigma, software WebGL": Contender(by_sigma, SOFTWARE_WEBGL),
    "pyvis": Contender(by_pyvis),
}


# In the browser


async def measure_page(file: Path, flags: Sequence[str], executable: str, limit: float) -> dict[str, Any]:
    """Open a page in a fresh browser and return what was found; `failed` says what went wrong."""
    found: dict[str, Any] = {"errors": [], "outside": []}
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable, args=list(flags))
        context = await browser.new_context(viewport=WINDOW, offline=True)
        page = await context.new_page()
        page.set_default_timeout(1000 * limit)
        page.on("pageerror", lambda error: found["errors"].append(error.message))
        page.on("request", lambda request: note_outside(found, request.url))
        await page.add_init_script(path=PEERS / "watch.js")
        stage = "nothing drawn"
        try:
            async with asyncio.timeout(limit):
                found["first"] = await first_draw(page, file)
            stage = "no panning"
            async with asyncio.timeout(limit):
                await pan(page, found)
            if await page.locator("#search[role=combobox]").count():
                found["searches"] = await page.evaluate(SEARCHES)
        except (Error, TimeoutError) as error:
            timely = isinstance(error, Error) and "imeout" not in error.message
            found["failed"] = f"{stage}: {error}" if timely else f"{stage} in {limit:g} s"
            if found["errors"]:
                found["failed"] = f"{stage}: {found['errors'][0]}"
        found["memory"] = await memory_of(browser)
        await browser.close()
    return found


async def first_draw(page: Page, file: Path) -> float:
    """Open a file and return the seconds from the start of the navigation to the end of its first frame.

    The page says it on its console, as it may be busy for long with what comes after.
    """
    async with page.expect_console_message(lambda message: message.text.startswith(FIRST)) as said:
        await page.goto(file.as_uri(), wait_until="commit")
    return float((await said.value).text.removeprefix(FIRST)) / 1000


async def pan(page: Page, found: dict[str, Any]) -> None:
    """Drag the picture with the mouse; add the frames, and how much of the window is filled and has moved."""
    await page.wait_for_timeout(1000)
    marks = await page.evaluate("performance.getEntriesByType('mark').map(({name, startTime}) => [name, startTime])")
    found["marks"] = {name: start / 1000 for name, start in marks}
    before = await page.screenshot()
    x, y = await page.evaluate(GRIP)
    await page.mouse.move(x, y)
    await page.mouse.down()
    await page.evaluate("watch.start()")
    start = time.monotonic()
    moves = []
    while (passed := time.monotonic() - start) < PANNING:
        # Round and round, 400 pixels a second. A mouse does not wait for the page, so neither is it waited for here.
        turn = 4 * passed
        moves.append(asyncio.create_task(page.mouse.move(x + 100 - 100 * math.cos(turn), y + 100 * math.sin(turn))))
        await asyncio.sleep(1 / 60)
    found["panning"] = await page.evaluate("watch.stop()")
    await asyncio.gather(*moves)
    await page.mouse.move(x + 150, y + 60)
    await page.wait_for_timeout(300)
    after = await page.screenshot()
    await page.mouse.up()
    pictures = [base64.b64encode(picture).decode() for picture in (before, after)]
    judge = await page.context.new_page()
    found["filled"], found["moved"] = await judge.evaluate(DIFFERENCES, pictures)


def note_outside(found: Mapping[str, Any], address: str) -> None:
    """Keep an address that a page asked for elsewhere."""
    if address.startswith("http"):
        found["outside"].append(address)


FIRST = "first picture: "

# The seconds that each letter takes while words of titles are typed, until the list of what fits is laid out.
SEARCHES = """
async () => {
    const box = document.querySelector("#search");
    const list = document.querySelector("#found");
    const names = [...document.querySelectorAll("#facts .go .name")].map(({textContent}) => textContent);
    const words = names.flatMap((name) => name.split(" ")).filter((word) => word.length > 3).slice(0, 30);
    const seconds = [];
    for (const word of words) {
        for (let end = 1; end <= word.length; end += 1) {
            box.value = word.slice(0, end);
            const start = performance.now();
            box.dispatchEvent(new Event("input"));
            list.getBoundingClientRect();
            seconds.push((performance.now() - start) / 1000);
        }
        await new Promise((done) => setTimeout(done));
    }
    box.value = "";
    box.dispatchEvent(new Event("input"));
    return seconds;
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
    nodes: int, rounds: int, only: Sequence[str], executable: str, folder: Path, limit: float
) -> dict[str, Any]:
    """Measure all pages of one graph, by turns; return the medians."""
    graph = coverage_graph(nodes)
    places, layout = laid_out(graph)
    files: dict[str, Path] = {}
    made: dict[str, float] = {}
    for name in only:
        start = time.perf_counter()
        html = CONTENDERS[name].make(graph, places)
        made[name] = time.perf_counter() - start
        files[name] = folder / f"{name}-{nodes}.html"
        files[name].write_text(html, encoding="utf-8")
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in only}
    for number in range(rounds):
        for name in only[:: -1 if number % 2 else 1]:
            # What has failed or taken long once is not waited for again.
            if not any("failed" in run or run["first"] > SLOW for run in runs[name]):
                flags = CONTENDERS[name].flags
                runs[name].append(asyncio.run(measure_page(files[name], flags, executable, limit)))
                print(f"{nodes:,} nodes, {name}: run {number + 1}", file=sys.stderr)
    return {
        "nodes": graph.number_of_nodes(),
        "edges": graph.number_of_edges(),
        "layout": layout,
        "pages": {
            name: {"bytes": files[name].stat().st_size, "made": made[name], **medians(runs[name])} for name in only
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
    panned = [run for run in runs if "moved" in run]
    if panned:
        found["frames"] = statistics.median(run["panning"]["frames"] / run["panning"]["seconds"] for run in panned)
        found["drawn"] = statistics.median(run["panning"]["drawn"] / run["panning"]["seconds"] for run in panned)
        found["longest"] = statistics.median(run["panning"]["longest"] for run in panned)
        found["filled"] = min(run["filled"] for run in panned)
        found["moved"] = min(run["moved"] for run in panned)
    searches = [seconds for run in runs for seconds in run.get("searches", ())]
    if searches:
        found["search"] = statistics.median(searches)
        found["search_largest"] = max(searches)
    known = [run["memory"] for run in runs if run.get("memory")]
    if known:
        found["memory"] = statistics.median(known)
    found["outside"] = len({address for run in runs for address in run["outside"]})
    found["runs"] = len(runs)
    return found


def missed(size: Mapping[str, Any], budget: Budget) -> list[str]:
    """Return the budgets that the explorer misses at one size."""
    page = size["pages"]["graphkit"]
    figures = {
        "first draw, s": (page.get("first", math.inf), budget.first),
        "MB": (page["bytes"] / 1e6, budget.megabytes),
        "bytes a node": (page["bytes"] / size["nodes"], budget.bytes_a_node),
        "layout, s": (size["layout"], budget.layout),
        "slowest search, s": (page.get("search_largest", 0), budget.search),
        "frames a second": (budget.frames, page.get("drawn", 0)),
    }
    return [f"{name}: {got:.3g} against {most:.3g}" for name, (got, most) in figures.items() if got > most]


def table(sizes: Sequence[Mapping[str, Any]]) -> str:
    """Return all figures as a table of at most 80 columns."""
    lines = []
    for size in sizes:
        lines.append(f"\n{size['nodes']:,} nodes, {size['edges']:,} edges; laid out in {size['layout']:.2f} s")
        lines.append(f"{'page':<22}{'MB':>7}{'made s':>9}{'first s':>9}{'frames/s':>10}{'longest s':>11}")
        for name, page in size["pages"].items():
            row = f"{name:<22}{page['bytes'] / 1e6:>7.2f}{page['made']:>9.2f}"
            row += f"{page['first']:>9.2f}" if "first" in page else f"{'-':>9}"
            if "drawn" in page:
                row += f"{page['drawn']:>10.1f}{page['longest']:>11.2f}"
            elif "failed" in page:
                row += f"  {page['failed'].splitlines()[0][: 80 - len(row) - 2]}"
            lines.append(row)
        own = size["pages"].get("graphkit", {})
        if "search" in own:
            lines.append(
                f"graphkit: {own['bytes'] / size['nodes']:.0f} bytes a node; a search takes "
                f"{1000 * own['search']:.1f} ms, the slowest {1000 * own['search_largest']:.1f} ms"
            )
    return "\n".join(lines)


def versions(executable: str) -> dict[str, str]:
    """Return what was measured, with versions."""
    chromium = subprocess.run([executable, "--version"], check=True, capture_output=True, text=True).stdout.strip()
    locked = json.loads((PEERS / "package-lock.json").read_text())["packages"]
    peers = {name: locked[f"node_modules/{name}"]["version"] for name in ("force-graph", "graphology", "sigma")}
    return {"chromium": chromium, "pyvis": version("pyvis"), **peers}


def main() -> int:
    """Measure and print; return the exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--nodes", nargs="+", type=int, default=SIZES)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--limit", type=float, default=LIMIT)
    parser.add_argument("--only", nargs="+", choices=CONTENDERS, default=list(CONTENDERS))
    options = parser.parse_args()
    executable = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if executable is None:
        print("expected Chromium in CHROMIUM or on the PATH, got none", file=sys.stderr)
        return 2
    only = options.only
    if not install_peers():
        print("no npm: the explorer is measured beside pyvis only", file=sys.stderr)
        only = [name for name in only if name in ("graphkit", "pyvis")]
    with tempfile.TemporaryDirectory() as folder:
        sizes = [
            measure_size(nodes, options.rounds, only, executable, Path(folder), options.limit)
            for nodes in options.nodes
        ]
    print(table(sizes))
    if options.nodes == SIZES and only == list(CONTENDERS):
        found = {
            "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
            "versions": versions(executable),
            "rounds": options.rounds,
            "limit": options.limit,
            "sizes": sizes,
        }
        RESULTS.write_text(json.dumps(rounded(found), indent=2) + "\n", encoding="utf-8")
    faults = [
        f"{size['nodes']:,} nodes: {fault}"
        for nodes, size in zip(options.nodes, sizes, strict=True)
        if nodes in BUDGETS and "graphkit" in only
        for fault in missed(size, BUDGETS[nodes])
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
