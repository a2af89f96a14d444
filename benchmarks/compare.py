"""Compare graphkit with a plain PyYAML + rdflib program: same records, same triples, side by side in one run.

    python benchmarks/compare.py [FOLDER] [--rounds 5]

Runs take turns, so that a machine that is busy for a while slows all of them; of each the median counts. What is
timed in process has a process of its own, so that none runs in the heap that another has left behind; whatever
graphkit has remembered is forgotten before each run. Ratios are printed only after both
have been seen to give the same set of triples. The numbers also go to `results/compare.json`.
"""

from __future__ import annotations

import argparse
import gc
import inspect
import json
import multiprocessing
import os
import pkgutil
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from importlib.metadata import distributions
from itertools import pairwise
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import plain_rdflib
import pyoxigraph as ox

import graphkit
from graphkit.formats import parsing, yaml_record
from graphkit.garbage_collection import collector_paused
from graphkit.graph.construction import to_graph
from graphkit.merge import articles, mentions
from graphkit.pipeline import api
from graphkit.rdf import serialization
from graphkit.records.entry import ProviderEntry, TopicEntry
from graphkit.sources import contents, finding
from graphkit.urls import canonical_url

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "corpus"
SEEDS = ROOT / "seeds"
RESULTS = ROOT / "benchmarks" / "results" / "compare.json"
SEED_COPIES = 15
TARGET = 10


class Cost(NamedTuple):
    """What one run took: seconds on the clock, and seconds of CPU."""

    wall: float
    cpu: float


# The records


@contextmanager
def corpus(named: Path | None) -> Iterator[tuple[Path, str]]:
    """Give the folder to read and the words for it."""
    if named is not None:
        yield named, f"the folder {named.name}"
    elif SHARED.is_dir():
        yield SHARED, "the shared corpus"
    else:
        with tempfile.TemporaryDirectory() as folder:
            copy_seeds(Path(folder))
            yield Path(folder), f"{SEED_COPIES} copies of seeds/ with other hosts (no shared corpus here)"


def copy_seeds(folder: Path) -> None:
    """Copy the demonstration records several times, with other hosts, so that their articles differ."""
    for number in range(SEED_COPIES):
        for path in SEEDS.rglob("*"):
            if path.is_file():
                target = folder / str(number) / path.relative_to(SEEDS)
                target.parent.mkdir(parents=True, exist_ok=True)
                host = rb"://\1.copy%d.example" % number
                target.write_bytes(re.sub(rb"://([A-Za-z0-9.-]+)", host, path.read_bytes()))


# In process


def load_all() -> list[dict[str, Any]]:
    """Import every module of graphkit; return what stands in each."""
    names = [module.name for module in pkgutil.walk_packages(graphkit.__path__, "graphkit.")]
    return [vars(import_module(name)) for name in names if not name.endswith("__main__")]


class Memory:
    """All that graphkit remembers from one run to the next.

    `tables` are the functions that load a data table once, `results` those that keep what they have found,
    `stores` the dicts in its modules, each with what is in it when nothing has been read yet.
    """

    def __init__(self) -> None:
        values = {id(value): value for module in load_all() for value in module.values()}.values()
        functions = [value for value in values if hasattr(value, "cache_clear")]
        self.tables = [function for function in functions if not inspect.signature(function).parameters]
        self.results = [function for function in functions if function not in self.tables]
        self.stores = [(value, dict(value)) for value in values if type(value) is dict]

    def forget(self) -> None:
        """Forget all results."""
        for function in self.results:
            function.cache_clear()
        for store, empty in self.stores:
            store.clear()
            store.update(empty)
        gc.collect()

    def table_seconds(self) -> float:
        """Return what it takes to load the data tables, as each process does once."""
        self.forget()
        for function in self.tables:
            function.cache_clear()
        start = time.perf_counter()
        for function in self.tables:
            function()
        # The suffix list is read at the first question.
        canonical_url.canonical("https://amp.example.co.uk/?amp=1")
        return time.perf_counter() - start


def by_graphkit(folder: Path) -> bytes:
    """Build with graphkit, to Turtle."""
    return serialization.rdf_bytes(api.build(folder).graph)


def by_graphkit_alone(folder: Path) -> bytes:
    """Build with graphkit, to Turtle, without yaml-rs."""
    with patch.object(yaml_record, "load_plain", lambda _: None):
        return by_graphkit(folder)


def by_plain_program(folder: Path) -> bytes:
    """Build with the plain program, to Turtle."""
    return plain_rdflib.build(folder)[1]


IN_PROCESS: dict[str, Callable[[Path], bytes]] = {
    "plain": by_plain_program,
    "graphkit": by_graphkit,
    "graphkit, no yaml-rs": by_graphkit_alone,
}


def timed(build: Callable[[Path], bytes], folder: Path) -> Cost:
    """Run a build and return what it took."""
    wall, cpu = time.perf_counter(), time.process_time()
    build(folder)
    return Cost(time.perf_counter() - wall, time.process_time() - cpu)


class Worker:
    """A process in which one program is built again and again, one run at a time."""

    def __init__(self, name: str, folder: Path) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, other = context.Pipe()
        self.process = context.Process(target=work, args=(name, folder, other), daemon=True)
        self.process.start()

    def ask(self, what: str) -> Any:
        """Have the worker do one of the things that `work` lists, and return what it gives."""
        self.pipe.send(what)
        return self.pipe.recv()

    def run(self) -> Cost:
        """Build once and return what it took."""
        return Cost(*self.ask("time"))

    def stop(self) -> None:
        """End the process."""
        self.pipe.send("stop")
        self.process.join()


def work(name: str, folder: Path, pipe: Connection) -> None:
    """Serve one worker: ``bytes`` of a build, ``time`` of one, ``stages``, ``tables``, until ``stop``."""
    memory = Memory()
    build = IN_PROCESS[name]
    for what in iter(pipe.recv, "stop"):
        if what == "tables":
            pipe.send(memory.table_seconds())
            continue
        memory.forget()
        if what == "bytes":
            pipe.send(build(folder))
        else:
            pipe.send(timed(build, folder) if what == "time" else stage_seconds(folder))


def stage_seconds(folder: Path) -> dict[str, float]:
    """Return the seconds of each stage of graphkit."""
    marks = [("", time.perf_counter())]

    def done(stage: str) -> None:
        marks.append((stage, time.perf_counter()))

    with collector_paused():
        files = finding.find([folder]).files
        contents = [contents.read_bytes(file) for file in files]
        done("find and read")
        readings = [parsing.read(data, file.format, file.name) for file, data in zip(files, contents, strict=True)]
        done("decode")
        found: list[mentions.Mention] = []
        topics: list[mentions.TopicMention] = []
        for file, reading in zip(files, readings, strict=True):
            for pointer, record in reading.records:
                if isinstance(record, TopicEntry | ProviderEntry):
                    topics.append(mentions.TopicMention(file.name, pointer, record))
                elif record is not None:
                    found.extend(mentions.mentions_of(record, file.name, pointer))
        done("identify")
        merged = articles.merge(mentions.Corpus(tuple(found), tuple(topics)))
        done("merge")
        graph = to_graph(merged)
        done("graph")
        serialization.rdf_bytes(graph)
        done("Turtle")
    return {stage: end - start for (_, start), (stage, end) in pairwise(marks)}


# Whole commands


def run(arguments: list[str]) -> Cost:
    """Run a command to its end and return what it took."""
    start = time.perf_counter()
    process = subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"compare: {' '.join(arguments[1:])}: expected exit code 0, got {process.returncode}")
    return Cost(wall, usage.ru_utime + usage.ru_stime)


def commands(folder: Path, out: Path) -> dict[str, list[str]]:
    """Return the commands to compare; they write below `out`."""
    build = [sys.executable, "-m", "graphkit", "build", str(folder), "--quiet", "--out"]
    plain = [sys.executable, plain_rdflib.__file__, str(folder), str(out / "plain.ttl")]
    return {
        "plain": plain,
        "graphkit build --no-page": [*build, str(out / "bare"), "--no-page"],
        "graphkit build": [*build, str(out / "full")],
    }


STARTS = {
    "python -c pass": [sys.executable, "-c", "pass"],
    "import graphkit": [sys.executable, "-c", "import graphkit"],
    "graphkit --help": [sys.executable, "-m", "graphkit", "--help"],
}


# All together


def in_turns(rounds: int, runs: Mapping[str, Callable[[], Cost]]) -> dict[str, Cost]:
    """Run all of them in turns and return the medians."""
    costs: dict[str, list[Cost]] = {name: [] for name in runs}
    for number in range(rounds):
        # Every other round goes backwards: none always comes after the same one.
        for name in list(runs)[:: -1 if number % 2 else 1]:
            costs[name].append(runs[name]())
    return {name: Cost(*map(statistics.median, zip(*taken, strict=True))) for name, taken in costs.items()}


def triples(turtle: bytes) -> set[ox.Triple]:
    """Return the triples in Turtle, literals as they are written."""
    return {quad.triple for quad in ox.parse(turtle, ox.RdfFormat.TURTLE)}


def check_equal(plain: bytes, ours: bytes, what: str) -> int:
    """Return how many triples both have; end the program where they differ."""
    expected, got = triples(plain), triples(ours)
    if expected != got:
        for sign, only in (("-", expected - got), ("+", got - expected)):
            for line in sorted(map(str, only))[:10]:
                print(sign, line, file=sys.stderr)
        sys.exit(f"compare: {what}: expected the plain program's triples (-), got others (+); no numbers")
    return len(got)


def measure(folder: Path, words: str, rounds: int) -> dict[str, Any]:
    """Check that all give the same triples, then measure; return the numbers, ready for JSON."""
    workers = {name: Worker(name, folder) for name in IN_PROCESS}
    # One run of each warms up what a process loads once.
    outputs = {name: worker.ask("bytes") for name, worker in workers.items()}
    count = 0
    for name, output in outputs.items():
        count = check_equal(outputs["plain"], output, name)
    if outputs["graphkit"] != outputs["graphkit, no yaml-rs"]:
        sys.exit("compare: expected the same bytes with yaml-rs and without, got others; no numbers")
    report = api.build(folder).report
    in_process = in_turns(rounds, {name: worker.run for name, worker in workers.items()})
    stages = [workers["graphkit"].ask("stages") for _ in range(rounds)]
    tables = statistics.median(workers["graphkit"].ask("tables") for _ in range(rounds))
    for worker in workers.values():
        worker.stop()
    with tempfile.TemporaryDirectory() as out:
        listed = commands(folder, Path(out))
        whole = in_turns(rounds, {name: partial(run, arguments) for name, arguments in listed.items()})
        plain = Path(out, "plain.ttl").read_bytes()
        for name in ("bare", "full"):
            check_equal(plain, Path(out, name, "coverage.ttl").read_bytes(), name)
    starts = in_turns(rounds, {name: partial(run, arguments) for name, arguments in STARTS.items()})
    return {
        "corpus": words,
        "records": report["records"]["read"],
        "mentions": report["records"]["read"] + report["related"]["read"],
        "triples": count,
        "rounds": rounds,
        "machine": machine(),
        "in_process": {name: cost._asdict() for name, cost in in_process.items()},
        "tables": tables,
        "stages": {stage: statistics.median(taken[stage] for taken in stages) for stage in stages[0]},
        "commands": {name: cost._asdict() for name, cost in whole.items()},
        "starts": {name: cost._asdict() for name, cost in starts.items()},
    }


def machine() -> dict[str, Any]:
    """Return what the numbers depend on."""
    packages = ("graphkit", "pyyaml", "yaml-rs", "networkx", "rdflib", "pyoxigraph", "ada-url")
    installed = {found.metadata["Name"].lower(): found.version for found in distributions()}
    return {
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "packages": {name: installed.get(name, "absent") for name in packages},
    }


def table(found: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of the report, each at most 80 columns wide."""
    on = found["machine"]
    counts = ", ".join(f"{found[name]:,} {name}" for name in ("records", "mentions", "triples"))
    yield f"{counts}; both programs give the same triples"
    yield f"from {found['corpus']}"
    yield f"{on['system']}, {on['cores']} cores, Python {on['python']}, yaml-rs {on['packages']['yaml-rs']}"
    yield f"medians of {found['rounds']} runs that took turns; ratios are to the plain program"
    yield ""
    costs = {name: Cost(**cost) for name, cost in found["in_process"].items()}
    yield from rows("In process, read to Turtle", costs)
    plain, ours, tables = costs["plain"].wall, costs["graphkit"].wall, found["tables"]
    ratio, ratio_with_tables = plain / ours, (plain + tables) / (ours + tables)
    verdict = "met" if ratio >= TARGET else "MISSED"
    yield f"  Budget: at least {TARGET} times as fast: {verdict} ({ratio:.1f})."
    yield f"  Data tables (suffix list, …), loaded once a process by both: {tables:.3f} s;"
    yield f"  with them counted in, the ratio is {ratio_with_tables:.1f}."
    yield ""
    total = sum(found["stages"].values())
    yield f"{'Stages of graphkit':<36}{'wall s':>9}{'partition':>9}"
    for stage, seconds in found["stages"].items():
        yield f"  {stage:<34}{seconds:>9.3f}{seconds / total:>9.0%}"
    yield ""
    yield from rows("Whole commands", {name: Cost(**cost) for name, cost in found["commands"].items()})
    yield ""
    yield f"{'Start':<36}{'wall s':>9}{'CPU s':>18}"
    for name, cost in found["starts"].items():
        yield f"  {name:<34}{cost['wall']:>9.3f}{cost['cpu']:>18.3f}"


def rows(heading: str, costs: Mapping[str, Cost]) -> Iterator[str]:
    """Yield the lines of one table, with ratios to the plain program."""
    yield f"{heading:<36}{'wall s':>9}{'ratio':>9}{'CPU s':>9}{'ratio':>9}"
    plain = costs["plain"]
    for name, (wall, cpu) in costs.items():
        yield f"  {name:<34}{wall:>9.3f}{plain.wall / wall:>9.1f}{cpu:>9.3f}{plain.cpu / cpu:>9.1f}"


def main() -> None:
    """Measure, print the report and write it as JSON."""
    parser = argparse.ArgumentParser(description="Compare graphkit with a plain PyYAML + rdflib program.")
    parser.add_argument("folder", nargs="?", type=Path, help="the records; else the shared corpus or seeds/")
    parser.add_argument("--rounds", type=int, default=5, help="how often each is run")
    options = parser.parse_args()
    if options.folder is not None and not options.folder.is_dir():
        parser.error(f"{options.folder}: expected a folder")
    with corpus(options.folder and options.folder.resolve()) as (folder, words):
        found = measure(folder, words, options.rounds)
    print("\n".join(table(found)))
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
