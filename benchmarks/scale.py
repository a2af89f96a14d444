"""Measure builds from a thousand to a million records: cores, cache, memory, and how cost grows.

    python benchmarks/scale.py [--sizes 1000 10000 100000 1000000] [--work FOLDER] [--rounds 1]

Corpora are made by `corpora.py`, below `--work`, and used again if they are there; their files are read once before
each run. Each run is a whole process; its time is taken from outside, its memory is the largest sum, over all its
processes, of what they do not share. Results go to `results/scale-md.json` and `scale-jsonl.json`, and pictures of them
beside these. What counts are ratios: machines differ.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import corpora
from compare import machine

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "scale.json"
CHANGED = 10
LARGE = 100_000
"""Above so many records only what needs two processes is measured."""
PAGE = os.sysconf("SC_PAGE_SIZE")
POLL = 0.1
LOOK_AGAIN = 1.05
"""How much is shared is looked at where so many times as much is held: a look takes a third of a second for 8 GB."""

WITH_GRAPH = """
import os, sys
from graphkit import publish
if __name__ == "__main__":
    made = publish(sys.argv[1], sys.argv[2], page=False, graph=True, jobs=2, cache=False)
    print(made.graph.number_of_nodes(), flush=True)
    os._exit(0)  # as the command line does: to free a graph is not to build one
"""


class Run(NamedTuple):
    """What one run took: seconds, seconds of all its processors, and the most memory in MB."""

    wall: float
    cpu: float
    memory: float


def measured(arguments: list[str]) -> Run:
    """Run a command to its end, watching the memory of it and of all its children."""
    start = time.perf_counter()
    process = subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    most = looked = shared = 0
    looked_at: list[int] = []
    while True:
        done, status, usage = os.wait4(process.pid, os.WNOHANG)
        if done:
            break
        alive = list(family(process.pid))
        resident = sum(map(resident_bytes, alive))
        if alive != looked_at or resident > LOOK_AGAIN * looked:
            shared = resident - sum(map(proportional_bytes, alive))
            looked_at, looked = alive, resident
        most = max(most, resident - shared)
        time.sleep(POLL)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"scale: {' '.join(arguments[1:])}: expected exit code 0, got {process.returncode}")
    return Run(wall, usage.ru_utime + usage.ru_stime, most / 1e6)


def family(pid: int) -> Iterator[int]:
    """Yield the numbers of a process and of all its descendants."""
    yield pid
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return
    for child in children:
        yield from family(int(child))


def resident_bytes(pid: int) -> int:
    """Return the memory of a process, all that it shares counted too."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
    except OSError:
        return 0


def proportional_bytes(pid: int) -> int:
    """Return the memory of a process, what it shares counted in part."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)


def graphkit(folder: Path, out: Path, *options: str) -> list[str]:
    """Return the command that builds."""
    return [sys.executable, "-m", "graphkit", "build", str(folder), "--quiet", "--out", str(out), *options]


def runs(folder: Path, out: Path, size: int) -> Iterator[tuple[str, Run]]:
    """Yield the runs on a corpus, each with its name."""

    def fresh() -> Path:
        shutil.rmtree(out, ignore_errors=True)
        warm(folder)
        return out

    is_large = size > LARGE
    if not is_large:
        yield "one process", measured(graphkit(folder, fresh(), "--no-graph", "--no-cache", "--jobs", "1"))
    yield "two processes", measured(graphkit(folder, fresh(), "--no-graph", "--no-cache", "--jobs", "2"))
    with tempfile.NamedTemporaryFile("w", suffix=".py") as script:
        script.write(WITH_GRAPH)
        script.flush()
        yield "two, and the NetworkX graph", measured([sys.executable, script.name, str(folder), str(fresh())])
    if is_large or not any(folder.glob("*/*.md")):
        shutil.rmtree(out)
        return
    yield "two, remembering", measured(graphkit(folder, fresh(), "--no-page", "--jobs", "2"))
    time.sleep(2.5)  # what changed a moment ago is not trusted to stay
    numbers = range(0, size, size // CHANGED)
    corpora.change(folder, numbers, mark=f"changed {time.time_ns()}")
    yield f"two, {CHANGED} files changed", measured(graphkit(folder, out, "--no-page", "--jobs", "2"))
    cached = {name: (out / name).read_bytes() for name in ("coverage.ttl", "report.json")}
    yield "two, nothing changed", measured(graphkit(folder, out, "--no-page", "--jobs", "2"))
    measured(graphkit(folder, fresh(), "--no-page", "--no-cache", "--jobs", "2"))
    for name, data in cached.items():
        if (out / name).read_bytes() != data:
            sys.exit(f"scale: {name}: expected the bytes of a build without cache, got others; no numbers")
    shutil.rmtree(out)


def warm(folder: Path) -> None:
    """Read all files, so that what is timed is a build and not a disk."""
    for path in folder.rglob("*"):
        if path.is_file():
            path.read_bytes()


def corpus(work: Path, size: int, form: str) -> Path:
    """Return a corpus of a size, made if it is not there."""
    folder = work / f"{form}-{size}"
    if not (folder / "made").exists():
        shutil.rmtree(folder, ignore_errors=True)
        corpora.write_corpus(folder / "corpus", size, form=form, processes=2)
        (folder / "made").touch()
    return folder / "corpus"


def exponent(found: dict[int, dict[str, Run]], name: str, first: int) -> float:
    """Return by which power of its size the cost of a build grows, from size `first` to the largest."""
    last = max(found)
    if last == first or first not in found:
        return math.nan
    return math.log(found[last][name].wall / found[first][name].wall) / math.log(last / first)


def table(found: dict[int, dict[str, Run]]) -> Iterator[str]:
    """Yield the lines of the report, at most 80 columns wide."""
    for size, by_name in found.items():
        yield f"{f'{size:,} records':<30}{'wall s':>10}{'CPU s':>10}{'MB':>10}{'records/s':>12}"
        for name, run in by_name.items():
            yield f"  {name:<28}{run.wall:>10.2f}{run.cpu:>10.2f}{run.memory:>10,.0f}{size / run.wall:>12,.0f}"
    first = 10_000 if 10_000 in found else min(found)
    for name in (name for name in found[max(found)] if name in found[first]):
        yield f"growth from {first:,}: {name}: size to the power of {exponent(found, name, first):.3f}"


def picture(found: dict[int, dict[str, Run]], path: Path) -> None:
    """Draw time and memory by size."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "graphkit"
    mpl.rcParams["svg.fonttype"] = "none"
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(10, 4), layout="constrained")
    for axis, field, label in ((axes[0], "wall", "seconds"), (axes[1], "memory", "MB, all processes")):
        for name in next(iter(found.values())):
            sizes = [size for size in found if name in found[size]]
            axis.plot(sizes, [getattr(found[size][name], field) for size in sizes], marker="o", label=name)
        axis.set(xscale="log", yscale="log", xlabel="records", ylabel=label)
        axis.grid(visible=True, which="major", alpha=0.3)
    axes[0].legend(fontsize="small")
    on = machine()
    figure.suptitle(f"graphkit build, {on['system']}, {on['cores']} cores, Python {on['python']}", fontsize="medium")
    figure.savefig(path, metadata={"Date": None})


def main() -> None:
    """Measure, print the report, and write it as JSON and as a picture."""
    parser = argparse.ArgumentParser(description="Measure builds from a thousand to a million records.")
    parser.add_argument("--sizes", nargs="+", type=int, default=[1_000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "graphkit-scale")
    parser.add_argument("--form", choices=("md", "jsonl"), default="md")
    options = parser.parse_args()
    found: dict[int, dict[str, Run]] = {}
    for size in options.sizes:
        found[size] = {}
        for name, run in runs(corpus(options.work, size, options.form), options.work / "out", size):
            found[size][name] = run
            print(f"{size:>9,} {name:<30}{run.wall:>9.2f} s{run.cpu:>9.2f} s{run.memory:>8,.0f} MB", flush=True)
    print("\n".join(table(found)))
    told: dict[str, Any] = {"machine": machine(), "sizes": {}}
    for size, by_name in found.items():
        told["sizes"][size] = {name: run._asdict() for name, run in by_name.items()}
    path = RESULTS.with_name(f"scale-{options.form}.json")
    path.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    picture(found, path.with_suffix(".svg"))


if __name__ == "__main__":
    main()
