"""Measure builds on Spark beside those of the local engine: python benchmarks/cluster.py [--sizes 1000 10000 100000].

Both read the same JSON Lines on the same two cores, Spark as `local[2]`; both must give the same triples. What Spark
moves between tasks is told by its event log, stage by stage. With `--kill` the largest corpus is built on a standalone
cluster too, a master and two workers, one of which is killed in the middle. Results go to `results/cluster.json`;
with `--only-kill` what is there of builds without a loss stays.
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
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from compare import machine
from scale import corpus

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "cluster.json"

sys.path.insert(0, str(ROOT / "tests"))

from foreign.spark_cluster import standalone  # noqa: E402  # it lies beside the tests, which use it too

BY_SPARK = """
import sys
from graphkit.pipeline.spark import build
build([sys.argv[1]], sys.argv[2], master=sys.argv[3])
"""

PR_SET_CHILD_SUBREAPER = 36
PLAIN = "--conf spark.eventLog.compress=false --conf spark.eventLog.rolling.enabled=false"
KILLED_AFTER = 6
"""So many of Spark's jobs are done when a worker is killed: shares are counted, and not yet reduced."""


Process = subprocess.Popen[bytes]


class Run(NamedTuple):
    """What a command took, in seconds: by the clock, and of all processors."""

    wall: float
    cpu: float


def timed(command: list[str], meanwhile: Callable[[Process], None] | None = None, **environment: str) -> Run:
    """Run a command, and do something meanwhile; show what it says if it fails."""
    before, start = os.times(), time.perf_counter()
    with tempfile.TemporaryFile() as said, counting_workers() as of_workers:
        process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=said, stderr=said)
        if meanwhile is not None:
            meanwhile(process)
        code = process.wait()
        wall = time.perf_counter() - start
        said.seek(0)
        if code:
            sys.exit(f"cluster: {command[0]} ended with {code}:\n{said.read().decode(errors='replace')[-4000:]}")
        with contextlib.suppress(ChildProcessError):
            while meanwhile is None:  # else there may be children of another kind, which stay
                os.wait()  # Java outlives the Python that started it, for a moment
    after = os.times()
    others = after.children_user + after.children_system - before.children_user - before.children_system
    return Run(wall, others + sum(of_workers.values()))


@contextlib.contextmanager
def counting_workers() -> Iterator[dict[int, float]]:
    """Give the processor seconds of Spark's Python workers below this process, by number, as last seen.

    Their parent, a daemon of pyspark, ignores their end, so nobody else is told them.
    """
    seen: dict[int, float] = {}
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.3):
            numbers = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdigit()]
            processes = {number: stat for number in numbers if (stat := stat_of(number))}
            for number, stat in processes.items():
                parent = processes.get(stat.parent)
                if parent and is_daemon(number) and is_daemon(stat.parent) and is_below(os.getpid(), number, processes):
                    seen[number] = stat.seconds

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


class Stat(NamedTuple):
    """What the system says of a process: its parent, and the seconds it has used."""

    parent: int
    seconds: float


def stat_of(number: int) -> Stat | None:
    """Return what the system says of a process, or None where it has gone."""
    try:
        fields = Path(f"/proc/{number}/stat").read_text("utf-8", "replace").rpartition(") ")[2].split()
    except OSError:
        return None
    return Stat(int(fields[1]), (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"))


def is_daemon(number: int) -> bool:
    """Tell whether a process is a daemon of pyspark, or a worker that such a one has forked."""
    try:
        return b"pyspark.daemon" in Path(f"/proc/{number}/cmdline").read_bytes()
    except OSError:
        return False


def is_below(ancestor: int, number: int, processes: dict[int, Stat]) -> bool:
    """Tell whether a process descends from another."""
    while number in processes and number != ancestor:
        number = processes[number].parent
    return number == ancestor


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
    for event in events(log):
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


def built_here(folder: Path, out: Path) -> tuple[Run, tuple[int, str]]:
    """Build by the local engine; return what it took, and the digest of its triples."""
    options = ["--quiet", "--no-graph", "--no-cache", "--jobs", "2", "--format", "nt", "--out", str(out)]
    took = timed([sys.executable, "-m", "graphkit", "build", str(folder), *options])
    with (out / "coverage.nt").open("rb") as stream:
        return took, digest(stream)


def built_by_spark(
    folder: Path, out: Path, log: Path, master: str, meanwhile: Callable[[Process], None] | None = None
) -> tuple[Run, tuple[int, str]]:
    """Build by Spark; return what it took, and the digest of its triples."""
    log.mkdir(parents=True)
    settings = f"--conf spark.eventLog.enabled=true --conf spark.eventLog.dir=file:{log} {PLAIN} pyspark-shell"
    command = [sys.executable, "-c", BY_SPARK, str(folder), str(out), master]
    took = timed(command, meanwhile, PYSPARK_SUBMIT_ARGS=settings, PYTHONPATH=str(ROOT))
    return took, digest(lines_of(sorted((out / "coverage.nt").glob("part-*.nt.gz"))))


def check_same(expected: tuple[int, str], got: tuple[int, str]) -> None:
    """End the program where triples differ."""
    if got != expected:
        sys.exit(f"cluster: expected the local engine's {expected[0]:,} triples, got {got[0]:,} others; no numbers")


def measure(size: int, work: Path) -> dict[str, Any]:
    """Build both ways, compare the triples and return the numbers."""
    folder = corpus(work, size, "jsonl")
    out = work / "cluster-out"
    shutil.rmtree(out, ignore_errors=True)
    here, expected = built_here(folder, out / "local")
    spark, got = built_by_spark(folder, out / "spark", out / "log", "local[2]")
    check_same(expected, got)
    stages = stages_of(out / "log")
    made = {name: size_of(out / "spark" / name) for name in ("coverage.nt", "nodes", "edges")}
    shutil.rmtree(out)
    return {
        "records": size,
        "triples": got[0],
        "same triples": True,  # or there would be no numbers
        "local": here._asdict(),
        "spark": spark._asdict(),
        "bytes of records": size_of(folder),
        "shuffle bytes written": sum(stage["shuffle bytes written"] for stage in stages),
        "shuffle bytes read": sum(stage["shuffle bytes read"] for stage in stages),
        "output bytes": made,
        "stages": stages,
    }


def lose_a_worker(size: int, work: Path) -> dict[str, Any]:
    """Build on a standalone cluster of which a worker is killed in the middle; compare the triples."""
    import pyspark

    folder = corpus(work, size, "jsonl")
    out = work / "cluster-out"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    log = out / "log"
    _, expected = built_here(folder, out / "local")
    killed_at = 0.0
    environment = {"PYTHONPATH": str(ROOT), "SPARK_LOCAL_IP": "127.0.0.1"}
    os.environ.update(environment)  # for workers, whose Pythons import graphkit
    with standalone(out, Path(pyspark.__file__).parent) as cluster:

        def kill(build: Process) -> None:
            nonlocal killed_at
            start = time.perf_counter()
            while sum(event["Event"] == "SparkListenerJobEnd" for event in events(log)) < KILLED_AFTER:
                if build.poll() is not None:
                    return
                time.sleep(0.2)
            cluster.workers[0].kill()
            killed_at = time.perf_counter() - start

        took, got = built_by_spark(folder, out / "spark", log, cluster.master, kill)
    check_same(expected, got)
    if not killed_at:
        sys.exit("cluster: the build ended before a worker could be killed; no numbers")
    happened = Counter(event["Event"] for event in events(log))
    done = stages_of(log)
    shutil.rmtree(out)
    return {
        "records": size,
        "workers": 2,
        "triples": got[0],
        "same triples": True,  # or there would be no numbers
        "seconds": took.wall,
        "seconds until a worker was killed": killed_at,
        "executors lost": happened["SparkListenerExecutorRemoved"],
        "jobs": happened["SparkListenerJobEnd"],
        "tasks": sum(stage["tasks"] for stage in done),
    }


def events(log: Path) -> Iterator[dict[str, Any]]:
    """Yield the events that an event log has by now; its last line may be half written."""
    for path in sorted(log.glob("*")):
        for line in path.read_bytes().splitlines(keepends=True):
            if line.endswith(b"\n"):
                yield json.loads(line)


def main() -> None:
    """Measure, print a table and write it as JSON."""
    parser = argparse.ArgumentParser(description="Measure builds on Spark beside the local engine.")
    parser.add_argument("--sizes", nargs="+", type=int, default=[1_000, 10_000, 100_000])
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "graphkit-scale")
    parser.add_argument("--kill", action="store_true", help="Lose a worker of a standalone cluster too.")
    parser.add_argument("--only-kill", action="store_true", help="Measure nothing else.")
    options = parser.parse_args()
    work = options.work.resolve()
    told = json.loads(RESULTS.read_text("utf-8")) if options.only_kill else {"machine": on_machine()}
    if not options.only_kill:
        # Java is no child of this process, nor are its Pythons: as orphans they come here, and their time is counted.
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        told["runs"] = found = []
        print(f"{'':>9}{'':>11}{'seconds':>18}{'':>7}{'processor':>14}{'bytes a record':>36}")
        heads = ("records", "triples", "local", "Spark", "ratio", "local", "Spark", "read", "shuffled", "written")
        widths = (9, 11, 9, 9, 7, 7, 7, 12, 12, 12)
        print("".join(f"{head:>{width}}" for head, width in zip(heads, widths, strict=True)))
        for size in options.sizes:
            one = measure(size, work)
            found.append(one)
            here, spark = one["local"], one["spark"]
            seconds = f"{here['wall']:>9.1f}{spark['wall']:>9.1f}{spark['wall'] / here['wall']:>7.1f}"
            cpu = f"{here['cpu']:>7.1f}{spark['cpu']:>7.1f}"
            each = (one["bytes of records"], one["shuffle bytes written"], sum(one["output bytes"].values()))
            moved = "".join(f"{number / size:>12,.0f}" for number in each)
            print(f"{size:>9,}{one['triples']:>11,}{seconds}{cpu}{moved}", flush=True)
        for less, more in pairwise(found):
            # What is left of a start that costs the same at any size.
            number = more["records"] - less["records"]
            extra = [(more[which]["cpu"] - less[which]["cpu"]) / number * 1e6 for which in ("local", "spark")]
            print(
                f"from {less['records']:,} to {more['records']:,}: processor seconds for each further million records: "
                f"{extra[0]:,.0f} local, {extra[1]:,.0f} Spark"
            )
        write(told)
    if options.kill or options.only_kill:
        told["worker killed"] = lost = lose_a_worker(max(options.sizes), work)
        print(
            f"{lost['records']:,} records on a master and two workers, one killed after "
            f"{lost['seconds until a worker was killed']:.0f} s: the same triples in {lost['seconds']:.0f} s"
        )
        write(told)


def on_machine() -> dict[str, Any]:
    """Return what the numbers depend on."""
    import pyspark

    found = machine()
    return {**found, "packages": {**found["packages"], "pyspark": pyspark.__version__}}


def write(told: dict[str, Any]) -> None:
    """Write the results."""
    RESULTS.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
