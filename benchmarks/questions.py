"""Time every bundled question: graphkit's answer, pyoxigraph's own `store.query` and rdflib's, in one run.

    python benchmarks/questions.py [RECORDS]

The records are built first. Each question is asked in turn by each of the three, `ROUNDS` times (rdflib once, as it
takes seconds); the medians stand in results/questions.json with the machine. That all give the same results is for the
tests to show.
"""

from __future__ import annotations

import json
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import rdflib

import graphkit
from graphkit.query.opening import open_data
from graphkit.query.parameters import bind
from graphkit.query.questions import Question, bundled

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "questions.json"
ROUNDS = 15


def timed(work: Callable[[], object]) -> float:
    """Return the milliseconds that `work` takes."""
    begun = time.perf_counter()
    work()
    return (time.perf_counter() - begun) * 1000


def drained(results: Any) -> object:
    """Read results to their end."""
    return bool(results) if isinstance(results, ox.QueryBoolean) else list(results)


def measure(records: Path) -> dict[str, Any]:
    """Return the medians of each question in milliseconds."""
    with tempfile.TemporaryDirectory() as folder:
        graphkit.export(graphkit.build(records), folder, page=False)
        data = open_data(Path(folder))
        store = ox.Store()
        store.bulk_load(path=Path(folder) / "coverage.ttl")
        graph = rdflib.Graph().parse(Path(folder) / "coverage.ttl")
        rows = []
        for question in bundled():
            text = question.text

            def asked(one: Question = question) -> object:
                bound = bind(one, {})
                return drained(data.query(bound.text, bound.substitutions))

            def engine_s(text: str = text) -> object:
                return drained(store.query(text))

            def rdflib_s(text: str = text) -> object:
                return list(graph.query(text))

            pairs = [(timed(engine_s), timed(asked)) for _ in range(ROUNDS)]
            engine, ours = (statistics.median(times) for times in zip(*pairs, strict=True))
            plain = timed(rdflib_s)
            added = statistics.median(with_us - without for without, with_us in pairs)
            rows.append(
                {
                    "name": question.name,
                    "graphkit_ms": round(ours, 3),
                    "pyoxigraph_ms": round(engine, 3),
                    "added_ms": round(added, 3),
                    "rdflib_ms": round(plain, 1),
                }
            )
            print(f"{question.name:26}{rows[-1]['graphkit_ms']:10.2f}{added:10.3f}{plain:12.1f}")
        return {
            "machine": f"{platform.machine()}, Python {platform.python_version()}",
            "triples": len(store),
            "rounds": ROUNDS,
            "added_ms_median": round(statistics.median(row["added_ms"] for row in rows), 3),
            "added_ms_largest": max(row["added_ms"] for row in rows),
            "times_rdflib": round(sum(row["rdflib_ms"] for row in rows) / sum(row["graphkit_ms"] for row in rows), 1),
            "questions": rows,
        }


def main() -> None:
    """Measure and write the results."""
    records = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "seeds"
    print(f"{'question':26}{'ms':>10}{'added':>10}{'rdflib ms':>12}")
    found = measure(records)
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(found, indent=2) + "\n")
    print(
        f"the wrapper adds {found['added_ms_median']} ms at the median; rdflib: {found['times_rdflib']} times as long"
    )


if __name__ == "__main__":
    main()
