"""``graphkit stats``: a graph in numbers."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from graphkit.cli.input_graph import input_graph
from graphkit.cli.options import FollowLinksOption, IdentityOption, JsonOption, QuietOption, SourcesArgument
from graphkit.diagnostics.quoting import for_terminal


def stats(
    sources: SourcesArgument,
    json: JsonOption = False,
    top: Annotated[int, typer.Option("--top", min=1, help="How many providers and topics.")] = 10,
    follow_links: FollowLinksOption = False,
    identity: IdentityOption = None,
    quiet: QuietOption = False,
) -> None:
    """Print counts by kind, the top providers and topics, and the time span."""
    from graphkit.files.atomic import json_text
    from graphkit.graph.statistics import statistics

    numbers = statistics(input_graph(sources, follow_links=follow_links, identity=identity, quiet=quiet), top=top)
    if json:
        print(json_text(numbers), end="")
    else:
        _print_statistics(numbers)


def _print_statistics(numbers: dict[str, Any]) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    def table(title: str, rows: list[tuple[str, int]], unit: str) -> Table:
        made = Table(box=box.SIMPLE_HEAD, min_width=40)
        made.add_column(title, overflow="fold")
        made.add_column(unit, justify="right")
        for name, number in rows:
            made.add_row(Text(for_terminal(name)), f"{number:,}")
        return made

    console = Console(highlight=False)
    console.print(table("node", [*numbers["nodes"].items()], "number"))
    console.print(table("edge", [*numbers["edges"].items()], "number"))
    for what in ("provider", "topic"):
        rows = [(row["name"] or row["id"], row["articles"]) for row in numbers[f"{what}s"]]
        console.print(table(what, rows, "articles"))
    span = numbers["published"]
    if span:
        console.print(f"Published from {span['first']} to {span['last']}", soft_wrap=True)
