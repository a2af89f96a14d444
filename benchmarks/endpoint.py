"""Measure the endpoint: requests per second beside the Oxigraph server, and a minute of light and deadly queries.

    python benchmarks/endpoint.py [RECORDS] [--seconds N]

Needs `wrk` (Debian: wrk) and the Oxigraph server (PyPI: oxigraph), whose command is taken from OXIGRAPH or the PATH.
Both servers hold the same triples and are asked by turns, each query another one, so that no cache can answer; then
one query again and again, as a popular page asks. Results stand in results/endpoint.json.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import graphkit

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "endpoint.json"
ROUNDS = 5
SECONDS = 3
CLIENTS = 64

LIGHT = "SELECT ?s { ?s a <https://schema.org/VideoObject> } LIMIT 10"
CROSS = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l"
SLOW = f"SELECT (COUNT(*) AS ?n) {{ {CROSS} }}"
HUNGRY = f"SELECT (GROUP_CONCAT(CONCAT(STR(?a), STR(?d), STR(?g))) AS ?x) {{ {CROSS} }}"
JSON_RESULTS = "application/sparql-results+json"

WRK = """
local number = %d
request = function()
  number = number + %d
  local path = "%s?query=%s%%20%%23" .. number
  return wrk.format("GET", path, {["Accept"] = "application/sparql-results+json"})
end
"""


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


@contextmanager
def running(command: list[str], port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the block ends."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield process
    finally:
        process.terminate()
        process.wait(60)


def requests_per_second(target: str, path: str, folder: Path, *, first: int, step: int) -> tuple[float, float]:
    """Return the requests per second and the 99th percentile in milliseconds, of 16 connections in `SECONDS`.

    Each query carries a number in a comment, from `first` on; with a `step` of 0 all are the same.
    """
    script = folder / "light.lua"
    script.write_text(WRK % (first, step, path, quote(LIGHT)))
    done = subprocess.run(
        ["wrk", "-t1", "-c16", f"-d{SECONDS}", "--latency", "-s", str(script), target],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    if "Non-2xx" in done:
        raise SystemExit(f"{target}: not all answers were right\n{done}")
    number, unit = re.findall(r"99%\s+([\d.]+)(us|ms|s)", done)[0]
    return float(re.findall(r"Requests/sec:\s+([\d.]+)", done)[0]), float(number) * {"us": 1e-3, "ms": 1, "s": 1e3}[
        unit
    ]


def throughput(exports: Path, folder: Path) -> dict[str, Any]:
    """Ask both servers by turns and return the medians."""
    oxigraph = os.environ.get("OXIGRAPH") or shutil.which("oxigraph")
    if oxigraph is None or shutil.which("wrk") is None:
        raise SystemExit("needs wrk and the oxigraph server: apt-get install wrk; pip install oxigraph")
    location = folder / "oxigraph"
    subprocess.run(
        [oxigraph, "load", "--location", str(location), "--file", str(exports / "coverage.ttl")],
        check=True,
        capture_output=True,
    )
    ours, theirs = free_port(), free_port()
    found: dict[str, list[tuple[float, float]]] = {}
    with (
        running([sys.executable, "-m", "graphkit", "serve", str(exports), "--port", str(ours)], ours),
        running([oxigraph, "serve-read-only", "--location", str(location), "--bind", f"127.0.0.1:{theirs}"], theirs),
    ):
        for turn in range(ROUNDS):
            for name, port, path in (("graphkit", ours, "/sparql"), ("oxigraph", theirs, "/query")):
                for kind in ("distinct", "same"):
                    target = f"http://127.0.0.1:{port}"
                    first, step = (turn * 10_000_000, 1) if kind == "distinct" else (0, 0)
                    measured = requests_per_second(target, path, folder, first=first, step=step)
                    found.setdefault(f"{name}, {kind} queries", []).append(measured)
    medians = {
        name: {
            "requests_per_second": round(statistics.median(rate for rate, _ in runs)),
            "p99_ms": round(statistics.median(late for _, late in runs), 2),
        }
        for name, runs in found.items()
    }
    ratios = {
        kind: round(
            medians[f"graphkit, {kind} queries"]["requests_per_second"]
            / medians[f"oxigraph, {kind} queries"]["requests_per_second"],
            2,
        )
        for kind in ("distinct", "same")
    }
    return {"medians": medians, "share_of_oxigraph": ratios}


def processes(root: int) -> dict[int, int]:
    """Return the memory in bytes of a process and of all below it, each counted for its own part of what is shared."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if fields[0] != "Z":
                parents[int(entry.name)] = int(fields[1])
    found = {root}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    sizes = {}
    for pid in found:
        try:
            text = Path(f"/proc/{pid}/smaps_rollup").read_text()
        except OSError:
            continue
        sizes[pid] = int(re.findall(r"Pss:\s+(\d+) kB", text)[0]) * 1024
    return sizes


def alive(pids: set[int]) -> set[int]:
    """Return those processes that still run; what nobody has asked after yet does not."""
    found = set()
    for pid in pids:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if state != "Z":
            found.add(pid)
    return found


async def ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, query: str
) -> tuple[int, dict[str, str], bytes]:
    """Send a query on an open connection and return status, headers and body."""
    writer.write(f"GET /sparql?query={quote(query)} HTTP/1.1\r\nHost: a\r\nAccept: {JSON_RESULTS}\r\n\r\n".encode())
    await writer.drain()
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
    return int(head[0].split()[1]), headers, await reader.readexactly(int(headers["content-length"]))


async def client(port: int, number: int, end: float, expected: bytes, counts: Counter[str], late: list[float]) -> None:
    """Ask light queries, and a deadly one in eight, until the end. A 503 with Retry-After is asked again."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    turn = number
    while time.monotonic() < end:
        turn += 1
        if turn % 8 == 0:
            query = (SLOW, HUNGRY, f"{SLOW} # {turn} {number}")[turn // 8 % 3]
            status, headers, body = await ask(reader, writer, query)
            kind = (
                "refused" if "retry-after" in headers else "out of memory" if b"memory" in body else "at the deadline"
            )
            counts[f"deadly, {kind}" if status == 503 else "deadly, wrong"] += 1
            continue
        begun = time.monotonic()
        while True:
            status, headers, body = await ask(reader, writer, f"{LIGHT} # {turn} {number}")
            if status != 503 or "retry-after" not in headers:
                break
            counts["light, asked again"] += 1
            await asyncio.sleep(0.2)
        late.append(time.monotonic() - begun)
        counts["light, right" if (status, body) == (200, expected) else "light, wrong"] += 1
    writer.close()


async def crowd(port: int, seconds: float) -> tuple[Counter[str], list[float]]:
    """Run all clients for so many seconds."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    _, _, expected = await ask(reader, writer, LIGHT)
    writer.close()
    counts: Counter[str] = Counter()
    late: list[float] = []
    end = time.monotonic() + seconds
    await asyncio.gather(*(client(port, number, end, expected, counts, late) for number in range(CLIENTS)))
    return counts, late


def mixed_load(exports: Path, seconds: int) -> dict[str, Any]:
    """Return what a mix of light and deadly queries from many clients came to."""
    port = free_port()
    command = [sys.executable, "-m", "graphkit", "serve", str(exports), "--port", str(port)]
    with running([*command, "--timeout", "2", "--memory", "256"], port) as process:
        asyncio.run(crowd(port, 3))  # as warm before as after
        time.sleep(3)
        before, open_before = processes(process.pid), len(list(Path(f"/proc/{process.pid}/fd").iterdir()))
        counts, late = asyncio.run(crowd(port, seconds))
        time.sleep(3)
        after, open_after = processes(process.pid), len(list(Path(f"/proc/{process.pid}/fd").iterdir()))
        left = set(after)
    late.sort()
    return {
        "clients": CLIENTS,
        "seconds": seconds,
        "counts": dict(sorted(counts.items())),
        "light_p50_ms": round(late[len(late) // 2] * 1000, 1),
        "light_p99_ms": round(late[len(late) * 99 // 100] * 1000, 1),
        "processes": [len(before), len(after)],
        "processes_left_after_the_end": len(alive(left)),
        "megabytes": [round(sum(sizes.values()) / 1e6, 1) for sizes in (before, after)],
        "open_files": [open_before, open_after],
    }


def main() -> None:
    """Measure and write the results."""
    parser = argparse.ArgumentParser()
    parser.add_argument("records", nargs="?", type=Path, default=ROOT / "seeds")
    parser.add_argument("--seconds", type=int, default=60)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        exports = folder / "exports"
        graphkit.export(graphkit.build(chosen.records), exports, page=False)
        found = {
            "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
            "throughput": throughput(exports, folder),
            "mixed_load": mixed_load(exports, chosen.seconds),
        }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(found, indent=2) + "\n")
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
