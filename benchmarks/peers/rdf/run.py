"""Run graphkit beside other tools on the same records, in turns, and hold their triples together.

    python benchmarks/peers/rdf/run.py FOLDER [--only NAME …] [--rounds 1] [--limit 900] [--out JSON] [--install]

The plain program and graphkit read the records; the mapping engines get tables that `prepare.py` has made of them,
which is not timed. Each run is a whole process, and so are its costs: seconds, seconds of the processor with those of
its children, and the most memory that it and its children had together. What is written down is the median of the
rounds. Peers run in one process, as graphkit does with the command line that is the default here; `--graphkit` gives
another.

The triples of each are compared with graphkit's, term for term. *Respelled* are those missing triples of which an extra
one says the same otherwise: a moment with `+00:00` for `Z`.

`--install` makes a virtual environment for each peer, and one for graphkit and the plain program, below `.venv-peers`;
what cannot be installed, fails or takes longer than `--limit` seconds is reported so, with the reason.
"""

from __future__ import annotations

import argparse
import json
import os
import select
import shlex
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import dropwhile
from pathlib import Path
from typing import Any, NamedTuple

import pyoxigraph as ox

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent.parent
sys.path.insert(0, str(HERE.parent.parent))

from compare import machine  # noqa: E402
from scale import family, proportional_bytes  # noqa: E402

ENVIRONMENTS = ROOT / ".venv-peers"
RESULTS = ROOT / "benchmarks" / "results" / "peers.json"
PEERS = {"Morph-KGC": "morph_kgc", "SDM-RDFizer": "rdfizer", "kglab": "kglab", "maplib": "maplib"}
PACKAGES = {"Morph-KGC": "morph-kgc", "SDM-RDFizer": "rdfizer", "kglab": "kglab", "maplib": "maplib"}
NAMES = ("graphkit", "plain program", *PEERS)
BUILD = "{python} -m graphkit build {folder} --out {out} --no-page --no-cache --jobs 1 --quiet"
POLL = 0.05
TRACEBACK = "Traceback (most recent call last):\n"
XSD_DATE_TIME = "http://www.w3.org/2001/XMLSchema#dateTime"

VERSIONS = """
import json, sys
from importlib.metadata import distributions
wanted = {"morph-kgc", "rdfizer", "kglab", "maplib", "duckdb", "pandas", "polars", "pyoxigraph", "rdflib"}
found = {(one.metadata["Name"] or "").lower().replace("_", "-"): one.version for one in distributions()}
print(json.dumps({name: found[name] for name in sorted(wanted & found.keys())}))
"""


class Run(NamedTuple):
    """What a run took: seconds, seconds of processors, MB of all its processes; and why it failed."""

    wall: float
    cpu: float
    memory: float
    failure: str = ""


class Counts(NamedTuple):
    """How the triples of one file stand to those that are expected."""

    triples: int
    same: int
    missing: int
    extra: int
    respelled: int


def measured(command: list[str], folder: Path, limit: float) -> Run:
    """Run a command in a folder, at most `limit` seconds; then it is ended with all its children."""
    with tempfile.TemporaryFile() as said:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=said, stderr=said, start_new_session=True
        )
        most, failure = 0, ""
        ending = select.poll()
        handle = os.pidfd_open(process.pid)
        ending.register(handle, select.POLLIN)
        while not ending.poll(POLL * 1000):
            most = max(most, memory(process.pid))
            if time.perf_counter() - start > limit:
                failure = f"not done after {limit:g} s"
                os.killpg(process.pid, signal.SIGKILL)
                break
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        os.close(handle)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode and not failure:
            said.seek(0)
            failure = reason(said.read().decode("utf-8", "replace"), process.returncode, folder)
    return Run(wall, usage.ru_utime + usage.ru_stime, most / 1e6, failure)


def reason(said: str, code: int, folder: Path) -> str:
    """Return why a program failed, by its last words, without the paths of this machine."""
    _, traceback, last = said.replace(f"{ROOT}/", "").replace(f"{folder}/", "").rpartition(TRACEBACK)
    lines = [line for line in last.splitlines() if line.strip()]
    # An error of Python may have several lines: those after the frames, which are indented.
    words = list(dropwhile(lambda line: line.startswith(" "), lines)) if traceback else lines[-1:]
    return f"exit code {code}: {' '.join(' '.join(words).split())[:200]}" if words else f"exit code {code}"


def memory(pid: int) -> int:
    """Return the bytes that a process and its children have, or the most that one of them had so far.

    Not the peak that a process leaves behind: to that counts what its parent had when it was started.
    """
    pids = list(family(pid))
    if len(pids) == 1:  # adding up what it has now would hold it up
        return peak_bytes(pid)
    return max(sum(map(proportional_bytes, pids)), *map(peak_bytes, pids))


def peak_bytes(pid: int) -> int:
    """Return the most memory that a process had so far."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:")), 0)


def commands(folder: Path, tables: Path, out: Path, build: str) -> dict[str, tuple[list[str], Path]]:
    """Return each command with the file that it writes."""
    python = str(python_of("graphkit"))
    places = {"python": python, "folder": str(folder), "out": str(out / "graphkit")}
    plain = out / "plain.ttl"
    found = {
        "graphkit": ([word.format(**places) for word in shlex.split(build)], out / "graphkit" / "coverage.ttl"),
        "plain program": (
            [python, str(ROOT / "benchmarks" / "plain_rdflib.py"), str(folder), str(plain)],
            plain,
        ),
    }
    for name, module in PEERS.items():
        target = out / f"{module}.nt"
        found[name] = ([str(python_of(module)), str(HERE / f"by_{module}.py"), str(tables), str(target)], target)
    return found


def python_of(module: str) -> Path:
    """Return the Python of a peer's virtual environment."""
    return ENVIRONMENTS / module / "bin" / "python"


def triples(path: Path) -> set[ox.Triple | str]:
    """Return the triples in a file; a line that is none counts as one that nobody else has."""
    data = path.read_bytes()
    form = ox.RdfFormat.TURTLE if path.suffix == ".ttl" else ox.RdfFormat.N_TRIPLES
    try:
        return {quad.triple for quad in ox.parse(data, form)}
    except SyntaxError:
        if form == ox.RdfFormat.TURTLE:
            raise
    found: set[ox.Triple | str] = set()
    for line in data.split(b"\n"):
        try:
            found.update(quad.triple for quad in ox.parse(line, form))
        except SyntaxError:
            found.add(f"no triple: {line!r}")
    return found


def compared(expected: set[ox.Triple | str], got: set[ox.Triple | str]) -> Counts:
    """Count which triples are the same, and which are not."""
    missing, extra = expected - got, got - expected
    respelled = len(set(map(value, missing)) & set(map(value, extra)))
    return Counts(len(got), len(expected & got), len(missing), len(extra), respelled)


def value(triple: ox.Triple | str) -> object:
    """Return what a triple says, however it spells a moment."""
    if isinstance(triple, str) or not isinstance(triple.object, ox.Literal):
        return triple
    if triple.object.datatype.value != XSD_DATE_TIME:
        return triple
    try:
        moment = datetime.fromisoformat(triple.object.value)
    except ValueError:
        return triple
    return triple.subject, triple.predicate, moment.astimezone(UTC) if moment.tzinfo else moment


def installed(names: list[str]) -> dict[str, str]:
    """Make a virtual environment for each of these peers; return why those failed that did."""
    lines = (HERE / "requirements.txt").read_text(encoding="utf-8").splitlines()
    pins = {line.split("==")[0]: line for line in lines if "==" in line}
    failures = {}
    wanted = {
        "graphkit": ("graphkit", ["--constraint", str(ROOT / "constraints.txt"), "--editable", str(ROOT)]),
        **{name: (PEERS[name], [pins[PACKAGES[name]]]) for name in names},
    }
    for name, (module, what) in wanted.items():
        pip = [str(python_of(module)), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *what]
        for command in ([sys.executable, "-m", "venv", str(ENVIRONMENTS / module)], pip):
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
            if done.returncode:
                failures[name] = f"not installed: {reason(done.stdout, done.returncode, ROOT)}"
                break
    return failures


def absent(names: list[str]) -> dict[str, str]:
    """Return which of these peers, and of graphkit itself, have no virtual environment."""
    modules = {"graphkit": "graphkit", "plain program": "graphkit", **{name: PEERS[name] for name in names}}
    return {name: "not installed: see --install" for name, module in modules.items() if not python_of(module).exists()}


def versions(module: str) -> dict[str, str]:
    """Return the versions of what a peer works with."""
    done = subprocess.run([python_of(module), "-c", VERSIONS], stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, str] = json.loads(done.stdout)
    return found


def median(runs: list[Run]) -> Run:
    """Return the median cost of runs, or the first that failed."""
    for run in runs:
        if run.failure:
            return run
    return Run(*(statistics.median(costs) for costs in zip(*(run[:3] for run in runs), strict=True)))


def measure(folder: Path, names: list[str], failures: dict[str, str], options: argparse.Namespace) -> dict[str, Any]:
    """Run all, in turns, and compare what they wrote."""
    with tempfile.TemporaryDirectory() as work:
        tables, out = Path(work, "tables"), Path(work, "out")
        out.mkdir()
        # It reads all files, so that what is timed is no disk.
        preparing = [sys.executable, str(HERE / "prepare.py"), str(folder), str(tables)]
        prepared = int(subprocess.run(preparing, stdout=subprocess.PIPE, text=True, check=True).stdout)
        chosen = {name: pair for name, pair in commands(folder, tables, out, options.graphkit).items() if name in names}
        rounds: dict[str, list[Run]] = {name: [] for name in chosen}
        for _ in range(options.rounds):
            for name, (command, target) in chosen.items():
                target.unlink(missing_ok=True)
                run = Run(0, 0, 0, failures[name]) if name in failures else measured(command, out, options.limit)
                if not run.failure and not target.exists():
                    run = run._replace(failure="wrote nothing")
                rounds[name].append(run)
                if run.failure:
                    failures[name] = run.failure  # once is enough
        if "graphkit" in failures:
            sys.exit(f"run: graphkit: {failures['graphkit']}; no numbers")
        expected = triples(chosen["graphkit"][1])
        if len(expected) != prepared:
            sys.exit(f"run: expected tables of graphkit's {len(expected):,} triples, got {prepared:,}; no numbers")
        runs = {}
        for name, (_, target) in chosen.items():
            run = median(rounds[name])
            counts = {} if run.failure else compared(expected, triples(target))._asdict()
            runs[name] = run._asdict() | counts
        report = json.loads((out / "graphkit" / "report.json").read_text(encoding="utf-8"))
    return {
        "corpus": folder.name,
        "records": report["records"]["read"],
        "triples": len(expected),
        "rounds": options.rounds,
        "limit": options.limit,
        "graphkit": options.graphkit,
        "machine": machine(),
        "versions": {
            name: versions(PEERS[name]) for name in names if name in PEERS and python_of(PEERS[name]).exists()
        },
        "runs": runs,
    }


def table(found: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines of the report, at most 80 columns wide."""
    yield f"{found['records']:,} records, {found['triples']:,} triples, from {found['corpus']}"
    yield f"medians of {found['rounds']}; ratios are to graphkit; engines get decoded and merged records"
    yield ""
    yield f"{'':<16}{'wall s':>12}{'ratio':>9}{'CPU s':>12}{'ratio':>9}{'MB':>12}{'ratio':>9}"
    own = found["runs"]["graphkit"]
    done = {name: run for name, run in found["runs"].items() if not run["failure"]}
    for name, run in done.items():
        costs = (f"{run[cost]:>12,.2f}{run[cost] / own[cost]:>9.2f}" for cost in ("wall", "cpu"))
        yield f"{name:<16}{''.join(costs)}{run['memory']:>12,.0f}{run['memory'] / own['memory']:>9.2f}"
    yield ""
    columns = Counts._fields
    yield f"{'':<16}" + "".join(f"{column:>12}" for column in columns)
    for name, run in done.items():
        yield f"{name:<16}" + "".join(f"{run[column]:>12,}" for column in columns)
    failed = {name: run["failure"] for name, run in found["runs"].items() if run["failure"]}
    if failed:
        yield ""
    for name, failure in failed.items():
        yield f"{name:<16}{failure[:64]}"


def main() -> None:
    """Run all, print the report and write it as JSON."""
    parser = argparse.ArgumentParser(description="Run graphkit beside other tools on the same records.")
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "seeds")
    parser.add_argument("--only", nargs="+", choices=NAMES, default=NAMES, help="what to run beside graphkit")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--limit", type=float, default=900, help="the seconds that each run may take")
    parser.add_argument("--out", type=Path, default=RESULTS, help="where to write the results")
    parser.add_argument("--graphkit", default=BUILD, metavar="COMMAND", help="how to build (default: %(default)s)")
    parser.add_argument("--install", action="store_true", help="make the peers' virtual environments first")
    options = parser.parse_args()
    if not options.folder.is_dir():
        parser.error(f"{options.folder}: expected a folder")
    if options.rounds < 1:
        parser.error(f"--rounds: expected 1 or more, got {options.rounds}")
    names = [name for name in NAMES if name == "graphkit" or name in options.only]
    peers = [name for name in names if name in PEERS]
    failures = installed(peers) if options.install else {}
    found = measure(options.folder.resolve(), names, absent(peers) | failures, options)
    print("\n".join(table(found)))
    options.out.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
