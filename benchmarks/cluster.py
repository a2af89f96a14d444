"""Measure builds on Spark beside those of the local engine: python benchmarks/cluster.py [--sizes 1000 10000 100000].

Both read the same JSON Lines on the same two cores, Spark as `local[2]`; both must give the same triples. What Spark
moves between tasks is told by its event log. Results go to `results/cluster.json`.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
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


def timed(command: list[str], **environment: str) -> tuple[float, float]:
    """Run a command; return its seconds, and those of all its processors."""
    before, start = os.times(), time.perf_counter()
    subprocess.run(command, check=True, env={**os.environ, **environment}, stderr=subprocess.DEVNULL)
    wall, after = time.perf_counter() - start, os.times()
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


def shuffled(log: Path) -> Counter[str]:
    """Return the bytes that tasks read and wrote, by kind."""
    totals: Counter[str] = Counter()
    for path in log.rglob("*"):
        if path.is_file() and not path.name.startswith("."):
            for line in path.read_bytes().splitlines():
                event = json.loads(line)
                metrics = event.get("Task Metrics") if event.get("Event") == "SparkListenerTaskEnd" else None
                if metrics:
                    totals["shuffle bytes"] += metrics["Shuffle Write Metrics"]["Shuffle Bytes Written"]
                    totals["input bytes"] += metrics["Input Metrics"]["Bytes Read"]
                    totals["output bytes"] += metrics["Output Metrics"]["Bytes Written"]
                    totals["tasks"] += 1
    return totals


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
    settings = f"--conf spark.eventLog.enabled=true --conf spark.eventLog.dir=file:{log} pyspark-shell"
    script = [sys.executable, "-c", BY_SPARK, str(folder), str(out / "spark")]
    spark = timed(script, PYSPARK_SUBMIT_ARGS=settings)
    with (out / "local" / "coverage.nt").open("rb") as stream:
        expected = digest(stream)
    got = digest(lines_of(sorted((out / "spark" / "coverage.nt").glob("part-*.nt.gz"))))
    if got != expected:
        sys.exit(f"cluster: expected the local engine's {expected[0]:,} triples, got {got[0]:,} others; no numbers")
    moved = shuffled(log)
    shutil.rmtree(out)
    return {"records": size, "triples": got[0], "local": here, "spark": spark, **moved}


def main() -> None:
    """Measure, print a table and write it as JSON."""
    parser = argparse.ArgumentParser(description="Measure builds on Spark beside the local engine.")
    parser.add_argument("--sizes", nargs="+", type=int, default=[1_000, 10_000, 100_000])
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "graphkit-scale")
    options = parser.parse_args()
    print(f"{'records':>9}{'triples':>11}{'local s':>9}{'Spark s':>9}{'ratio':>7}{'shuffled MB':>13}{'a record':>10}")
    found = []
    for size in options.sizes:
        one = measure(size, options.work)
        found.append(one)
        moved = one["shuffle bytes"]
        seconds = f"{one['local'][0]:>9.1f}{one['spark'][0]:>9.1f}{one['spark'][0] / one['local'][0]:>7.1f}"
        print(f"{size:>9,}{one['triples']:>11,}{seconds}{moved / 1e6:>13,.1f}{moved / size:>8,.0f} B", flush=True)
    RESULTS.write_text(json.dumps({"machine": machine(), "runs": found}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
