"""Make the tables of what was measured: python benchmarks/tables.py [--write].

Each table stands between two comments that name it, in the README or in a page of `docs/`, and is made from files in
`results/`. Without `--write` they are printed.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results"
README = ROOT / "README.md"


def peers(told: dict[str, Any]) -> Iterator[list[str]]:
    """Yield the rows of what other tools take, beside graphkit."""
    ours = told["runs"]["graphkit"]
    yield ["", "seconds", "CPU", "ratio", "MB", "triples as ours"]
    for name, run in told["runs"].items():
        if run["failure"]:
            yield [name, run["failure"], "", "", "", ""]
            continue
        partition = f"{run['same'] / ours['triples']:.1%}" if run["same"] < ours["triples"] else "all"
        yield [
            name,
            f"{run['wall']:.2f}",
            f"{run['cpu']:.2f}",
            f"{run['cpu'] / ours['cpu']:.2f}",
            f"{run['memory']:,.0f}",
            partition,
        ]


def scale(told: dict[str, Any]) -> Iterator[list[str]]:
    """Yield the rows of builds from small to large."""
    yield ["records", "", "seconds", "CPU", "MB"]
    for size, runs in told["sizes"].items():
        for place, (name, run) in enumerate(runs.items()):
            yield [
                "" if place else f"{int(size):,}",
                name,
                f"{run['wall']:.1f}",
                f"{run['cpu']:.1f}",
                f"{run['memory']:,.0f}",
            ]


def stores(told: dict[str, Any]) -> Iterator[list[str]]:
    """Yield the rows of what triple stores made of exports."""
    yield ["store", "triples", "loaded", "there as here", "questions equal", "seconds", "MB"]
    for found in told["corpora"].values():
        for name, run in sorted(found.items()):
            yield [
                name,
                f"{run['triples']:,}",
                "yes" if run["loaded"] else "no",
                "all" if run["equal"] else "not all",
                f"{run['questions_equal']} of {run['questions_asked']}",
                f"{run['seconds']:.1f}",
                f"{run['megabytes']}",
            ]


def kills(told: dict[str, Any]) -> Iterator[list[str]]:
    """Yield the rows of uploads and stores that were killed."""
    yield ["store", "triples", "upload killed", "store killed", "equal in the end"]
    for name, run in sorted(told["killed"].items()):
        killed = [one["killed"] for one in run["each"] if one["was_running"]]
        yield [
            name,
            f"{run['triples']:,}",
            f"{killed.count('upload')} times",
            f"{killed.count('store')} times",
            f"{run['equal']} of {run['tries']}",
        ]


def crashes(told: dict[str, Any]) -> Iterator[list[str]]:
    """Yield the rows of what killed builds left."""
    yield ["", "kills", "exports whole", "all processes ended", "the next build right", "nothing left aside"]
    for name, scene in told["scenes"].items():
        yield [name, *(f"{scene[word]}" for word in ("kills", "whole", "ended", "right", "clean"))]


TABLES = {
    "peers": peers,
    "scale-md": scale,
    "scale-jsonl": scale,
    "crashes": crashes,
    "stores": stores,
    "stores kills": kills,
}

ELSEWHERE = dict.fromkeys(("stores", "stores kills"), ROOT / "docs" / "stores.md")
"""The tables that do not stand in the README."""


def table(name: str) -> str:
    """Return a table as Markdown; the first word of its name is that of the file."""
    rows = list(TABLES[name](json.loads((RESULTS / f"{name.partition(' ')[0]}.json").read_text("utf-8"))))
    rows.insert(1, ["---"] * len(rows[0]))
    return "\n".join("|" + "|".join(f" {cell} " if cell else " " for cell in row) + "|" for row in rows)


def place(name: str) -> re.Pattern[str]:
    """Match where a table stands in its file, with its comments."""
    return re.compile(rf"(<!-- table: {name} -->\n).*?(\n<!-- end -->)", re.DOTALL)


def file(name: str) -> Path:
    """Return the file that a table stands in."""
    return ELSEWHERE.get(name, README)


def main() -> None:
    """Print the tables, or put them in their places."""
    parser = argparse.ArgumentParser(description="Make the tables of what was measured.")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    for name in TABLES:
        if not options.write:
            print(f"{name}\n\n{table(name)}\n")
            continue
        text = file(name).read_text("utf-8")
        if not place(name).search(text):
            raise SystemExit(f"{file(name).name}: expected a place for the table {name}, got none")
        text = place(name).sub(lambda found, name=name: found[1] + table(name) + found[2], text)  # type: ignore[misc]
        file(name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
