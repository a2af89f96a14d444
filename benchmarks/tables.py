"""Make the README's tables of what was measured: python benchmarks/tables.py [--write].

Each table stands between two comments in the README that name it, and is made from files in `results/`. Without
`--write` they are printed.
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
        share = f"{run['same'] / ours['triples']:.1%}" if run["same"] < ours["triples"] else "all"
        yield [
            name,
            f"{run['wall']:.2f}",
            f"{run['cpu']:.2f}",
            f"{run['cpu'] / ours['cpu']:.2f}",
            f"{run['memory']:,.0f}",
            share,
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


TABLES = {"peers": peers, "scale-md": scale, "scale-jsonl": scale}


def table(name: str) -> str:
    """Return a table as Markdown."""
    rows = list(TABLES[name](json.loads((RESULTS / f"{name}.json").read_text("utf-8"))))
    rows.insert(1, ["---"] * len(rows[0]))
    return "\n".join("|" + "|".join(f" {cell} " if cell else " " for cell in row) + "|" for row in rows)


def place(name: str) -> re.Pattern[str]:
    """Match where a table stands in the README, with its comments."""
    return re.compile(rf"(<!-- table: {name} -->\n).*?(\n<!-- end -->)", re.DOTALL)


def main() -> None:
    """Print the tables, or put them in their places."""
    parser = argparse.ArgumentParser(description="Make the README's tables of what was measured.")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    text = README.read_text("utf-8")
    for name in TABLES:
        if not options.write:
            print(f"{name}\n\n{table(name)}\n")
            continue
        if not place(name).search(text):
            raise SystemExit(f"README.md: expected a place for the table {name}, got none")
        text = place(name).sub(lambda found, name=name: found[1] + table(name) + found[2], text)  # type: ignore[misc]
    if options.write:
        README.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
