"""Run graphkit beside other tools on the same records: python benchmarks/peers/rdf/run.py FOLDER [--only NAME …].

The plain program and graphkit read the records; the mapping engines get tables that `prepare.py` has made of them. That
is not timed. Each run is a whole process, its children counted in. The triples of each are compared with graphkit's; an
engine's own spelling of times and numbers counts as another triple. Results go to `results/peers.json`.
`--install` makes the peers' virtual environments, below `.venv-peers`.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pyoxigraph as ox

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent.parent
sys.path.insert(0, str(HERE.parent.parent))

from compare import machine  # noqa: E402
from prepare import prepare  # noqa: E402

ENVIRONMENTS = ROOT / ".venv-peers"
RESULTS = ROOT / "benchmarks" / "results" / "peers.json"
PEERS = {"Morph-KGC": "morph_kgc", "SDM-RDFizer": "rdfizer", "kglab": "kglab", "maplib": "maplib"}
PACKAGES = {"Morph-KGC": "morph-kgc", "SDM-RDFizer": "rdfizer", "kglab": "kglab", "maplib": "maplib"}


class Run(NamedTuple):
    """What a run took: seconds, seconds of processors, MB of its largest process; and why it failed."""

    wall: float
    cpu: float
    memory: float
    failure: str = ""


def measured(command: list[str], limit: float) -> Run:
    """Run a command, at most `limit` seconds."""
    before, start = os.times(), time.perf_counter()
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    try:
        _, said = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        return Run(limit, 0, 0, f"not done after {limit:.0f} s")
    wall, after = time.perf_counter() - start, os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    failure = (said.strip().splitlines() or [f"exit code {process.returncode}"])[-1][:60] if process.returncode else ""
    return Run(wall, cpu, 0, failure)


def commands(folder: Path, tables: Path, out: Path) -> dict[str, tuple[list[str], Path]]:
    """Return each command with the file that it writes."""
    build = [
        sys.executable,
        "-m",
        "graphkit",
        "build",
        str(folder),
        "--no-graph",
        "--no-cache",
        "--jobs",
        "1",
        "--quiet",
    ]
    plain = [sys.executable, str(ROOT / "benchmarks" / "plain_rdflib.py"), str(folder), str(out / "plain.ttl")]
    found = {
        "graphkit": ([*build, "--out", str(out / "graphkit")], out / "graphkit" / "coverage.ttl"),
        "plain rdflib program": (plain, out / "plain.ttl"),
    }
    for name, module in PEERS.items():
        python = ENVIRONMENTS / module / "bin" / "python"
        target = out / f"{module}.nt"
        found[name] = ([str(python), str(HERE / f"by_{module}.py"), str(tables), str(target)], target)
    return found


def triples(path: Path) -> set[str]:
    """Return the triples in a file; a line that is none counts as one that nobody else has."""
    if path.suffix == ".ttl":
        return {str(quad.triple) for quad in ox.parse(path.read_bytes(), ox.RdfFormat.TURTLE)}
    found: set[str] = set()
    for line in path.read_bytes().split(b"\n"):
        try:
            found.update(str(quad.triple) for quad in ox.parse(line, ox.RdfFormat.N_TRIPLES))
        except SyntaxError:
            found.add(f"no triple: {line!r}")
    return found


def table(found: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of the report, at most 80 columns wide."""
    yield f"{found['records']}; ratios are to graphkit"
    yield f"{'':<22}{'wall s':>9}{'ratio':>7}{'CPU s':>9}{'ratio':>7}{'triples':>10}{'other':>9}"
    own = found["runs"]["graphkit"]
    for name, run in found["runs"].items():
        if run["failure"]:
            yield f"{name:<22}{run['failure']}"
            continue
        ratios = (
            f"{run['wall']:>9.2f}{run['wall'] / own['wall']:>7.1f}{run['cpu']:>9.2f}{run['cpu'] / own['cpu']:>7.1f}"
        )
        yield f"{name:<22}{ratios}{run['triples']:>10,}{run['other']:>9,}"


def install() -> None:
    """Make a virtual environment for each peer."""
    pins = dict(line.split("==") for line in (HERE / "requirements.txt").read_text().splitlines() if "==" in line)
    for name, module in PEERS.items():
        folder = ENVIRONMENTS / module
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        package = PACKAGES[name]
        subprocess.run([str(folder / "bin" / "pip"), "install", "-q", f"{package}=={pins[package]}"], check=True)


def main() -> None:
    """Run all, print the report and write it as JSON."""
    parser = argparse.ArgumentParser(description="Run graphkit beside other tools on the same records.")
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "seeds")
    parser.add_argument("--only", nargs="+", default=[])
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--limit", type=float, default=900)
    parser.add_argument("--install", action="store_true")
    options = parser.parse_args()
    if options.install:
        install()
    with tempfile.TemporaryDirectory() as work:
        tables, out = Path(work, "tables"), Path(work, "out")
        out.mkdir()
        count = prepare(options.folder, tables)
        chosen = commands(options.folder.resolve(), tables, out)
        chosen = {name: one for name, one in chosen.items() if not options.only or name in (*options.only, "graphkit")}
        runs: dict[str, list[Run]] = {name: [] for name in chosen}
        for _ in range(options.rounds):
            for name, (command, _) in chosen.items():
                runs[name].append(measured(command, options.limit))
        expected = triples(chosen["graphkit"][1])
        told: dict[str, Any] = {
            "records": f"{options.folder.name}, {count:,} triples",
            "machine": machine(),
            "runs": {},
        }
        for name, (_, target) in chosen.items():
            run = min(runs[name], key=lambda one: (bool(one.failure), one.wall))
            got = triples(target) if not run.failure and target.exists() else set()
            told["runs"][name] = {**run._asdict(), "triples": len(got), "other": len(expected ^ got)}
            del told["runs"][name]["memory"]
    print("\n".join(table(told)))
    RESULTS.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
