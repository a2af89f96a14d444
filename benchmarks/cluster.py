"""Measure builds on Spark beside those of the local engine: python benchmarks/cluster.py [--sizes 1000 10000 100000].

Both read the same JSON Lines on the same two cores, Spark as `local[2]`; both must give the same triples. What Spark
moves between tasks is told by its event log, stage by stage. Results go to `results/cluster.json`.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from compare import machine
from scale import corpus

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "cluster.json"

BY_SPARK = """
import sys
from graphkit.cluster import build
build([sys.argv[1]], sys.argv[2], master="local[2]")
"""


PR_SET_CHILD_SUBREAPER = 36
PLAIN = "--conf spark.eventLog.compress=false --conf spark.eventLog.rolling.enabled=false"


def timed(command: list[str], **environment: str) -> tuple[float, float]:
    """Run a command; return its seconds, and those of all its processors."""
    before, start = os.times(), time.perf_counter()
    subprocess.run(command, check=True, env={**os.environ, **environment}, stderr=subprocess.DEVNULL)
    wall = time.perf_counter() - start
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()  # Java outlives the Python that started it, for a moment
    after = os.times()
    return wall, after.children_user + after.children_system - before.children_user - before.children_system


def digest(lines: Iterable[bytes]) -> tuple[int, str]:
    """Return how many lines there are, and a hash of them in any order."""
    total = count = 0
    for line in lines:
        total ^= int.from_bytes(hashlib.blake2b(line.rstrip(b"\n"), digest_size=16).digest(), "big")
        count += 1
    return count, f"{total:032x}"


def lines_of(parts: Iterable[Path]) -> Iterator[bytes]:
    """Yield the lines of packed parts."""
    for part in parts:
        with gzip.open(part) as stream:
            yield from stream


def stages_of(log: Path) -> list[dict[str, Any]]:
    """Return what each stage did, in order: its operation, its tasks, their seconds, and the bytes they moved."""
    found: dict[int, Counter[str]] = defaultdict(Counter)
    names: dict[int, str] = {}
    events = [json.loads(line) for path in sorted(log.glob("*")) for line in path.read_bytes().splitlines()]
    for event in events:
        if event["Event"] == "SparkListenerStageCompleted":
            names[event["Stage Info"]["Stage ID"]] = event["Stage Info"]["Stage Name"].partition(" at ")[0]
        metrics = event.get("Task Metrics") if event["Event"] == "SparkListenerTaskEnd" else None
        if metrics:
            read, written = metrics["Shuffle Read Metrics"], metrics["Shuffle Write Metrics"]
            found[event["Stage ID"]].update(
                {
                    "tasks": 1,
                    "milliseconds": metrics["Executor Run Time"],
                    "input bytes": metrics["Input Metrics"]["Bytes Read"],
                    "output bytes": metrics["Output Metrics"]["Bytes Written"],
                    "shuffle bytes written": written["Shuffle Bytes Written"],
                    "shuffle bytes read": read["Local Bytes Read"] + read["Remote Bytes Read"],
                }
            )
    return [{"operation": names.get(stage, ""), **found[stage]} for stage in sorted(found)]


def size_of(folder: Path) -> int:
    """Return the bytes of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def measure(size: int, work: Path) -> dict[str, Any]:
    """Build both ways, compare the triples and return the numbers."""
    folder = corpus(work, size, "jsonl")
    out = work / "cluster-out"
    shutil.rmtree(out, ignore_errors=True)
    log = out / "log"
    log.mkdir(parents=True)
    local = [
        sys.executable,
        "-m",
        "graphkit",
        "build",
        str(folder),
        "--quiet",
        "--no-graph",
        "--no-cache",
        "--jobs",
        "2",
    ]
    here = timed([*local, "--format", "nt", "--out", str(out / "local")])
    settings = f"--conf spark.eventLog.enabled=true --conf spark.eventLog.dir=file:{log} {PLAIN} pyspark-shell"
    script = [sys.executable, "-c", BY_SPARK, str(folder), str(out / "spark")]
    spark = timed(script, PYSPARK_SUBMIT_ARGS=settings)
    with (out / "local" / "coverage.nt").open("rb") as stream:
        expected = digest(stream)
    got = digest(lines_of(sorted((out / "spark" / "coverage.nt").glob("part-*.nt.gz"))))
    if got != expected:
        sys.exit(f"cluster: expected the local engine's {expected[0]:,} triples, got {got[0]:,} others; no numbers")
    stages = stages_of(log)
    made = {name: size_of(out / "spark" / name) for name in ("coverage.nt", "nodes", "edges")}
    read = size_of(folder)
    shutil.rmtree(out)
    moved = sum(stage["shuffle bytes written"] for stage in stages)
    return {
        "records": size,
        "triples": got[0],
        "local": here,
        "spark": spark,
        "records' bytes": read,
        "shuffle bytes": moved,
        "output bytes": made,
        "stages": stages,
    }


def main() -> None:
    """Measure, print a table and write it as JSON."""
    # Java is no child of this process, nor are its Pythons: as orphans they come here, and their time is counted.
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    parser = argparse.ArgumentParser(description="Measure builds on Spark beside the local engine.")
    parser.add_argument("--sizes", nargs="+", type=int, default=[1_000, 10_000, 100_000])
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "graphkit-scale")
    options = parser.parse_args()
    print(
        f"{'records':>9}{'triples':>11}{'local s':>9}{'Spark s':>9}{'ratio':>7}"
        f"{'read B':>9}{'shuffled B':>12}{'written B':>11}  a record"
    )
    found = []
    for size in options.sizes:
        one = measure(size, options.work)
        found.append(one)
        seconds = f"{one['local'][0]:>9.1f}{one['spark'][0]:>9.1f}{one['spark'][0] / one['local'][0]:>7.1f}"
        bytes_each = (one["records' bytes"], one["shuffle bytes"], sum(one["output bytes"].values()))
        each = "".join(f"{number / size:>{width},.0f}" for number, width in zip(bytes_each, (9, 12, 11), strict=True))
        print(f"{size:>9,}{one['triples']:>11,}{seconds}{each}", flush=True)
    for less, more in pairwise(found):
        # What is left of a start that costs the same at any size.
        extra = [more[which][1] - less[which][1] for which in ("local", "spark")]
        number = more["records"] - less["records"]
        print(
            f"from {less['records']:,} to {more['records']:,}: processor seconds for each further million records: "
            f"{extra[0] / number * 1e6:,.0f} local, {extra[1] / number * 1e6:,.0f} Spark"
        )
    RESULTS.write_text(json.dumps({"machine": machine(), "runs": found}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
