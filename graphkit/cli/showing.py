"""The commands that show a graph or a part of it: stats, explain, explore and draw."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graphkit.cli.terminal import QuietOption, SourcesArgument, errors, print_diagnostics, say, showing_progress
from graphkit.diagnostics.quoting import visible
from graphkit.errors import GraphkitError

if TYPE_CHECKING:
    import networkx as nx


def stats(
    sources: SourcesArgument,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    top: Annotated[int, typer.Option("--top", min=1, help="How many providers and topics.")] = 10,
    quiet: QuietOption = False,
) -> None:
    """Print counts by kind, the top providers and topics, and the time span."""
    with errors():
        from graphkit.files.atomic import json_text
        from graphkit.graph.statistics import statistics

        numbers = statistics(_graph(sources, quiet=quiet), top=top)
        if json:
            print(json_text(numbers), end="")
        else:
            _print_statistics(numbers)


def explain(
    url: Annotated[str, typer.Argument(metavar="URL", help="Any address, as a record gives it.")],
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the canonical URL, the match key, every rule that fired and the article's id."""
    with errors():
        from graphkit.files.atomic import json_text
        from graphkit.identity.identification import article_id
        from graphkit.urls.canonical_url import MAX_URL, POLICY_VERSION, receipt

        found = receipt(url)
        if not found.url:
            raise GraphkitError(f"URL: expected a web address (http or https), got {url!r}")
        if len(found.url) > MAX_URL:
            raise GraphkitError(f"URL: expected at most {MAX_URL:,} characters, got {len(found.url):,}")
        facts: dict[str, Any] = {
            "given": url,
            "canonical": found.url,
            "key": found.key,
            "id": article_id(found.key),
            "policy": POLICY_VERSION,
        }
        rules = [{"rule": rule.name, "detail": rule.detail} for rule in found.rules]
        if json:
            print(json_text({**facts, "rules": rules}), end="")
            return
        for name, value in facts.items():
            print(visible(f"{name:<10} {value}"))
        for index, rule in enumerate(found.rules):
            print(visible(f"{'' if index else 'rules':<10} {rule.name}: {rule.detail}"))
        if not rules:
            print(f"{'rules':<10} none fired")


def explore(
    sources: SourcesArgument,
    out: Annotated[Path, typer.Option("--out", "-o", help="The HTML file to write.")],
    title: Annotated[str, typer.Option("--title", help="What the page is called.")] = "Coverage graph",
    quiet: QuietOption = False,
) -> None:
    """Write one HTML file to explore all of the graph in, offline."""
    with errors():
        from graphkit import page
        from graphkit.files import atomic

        atomic.write_text(out, page.explore(_graph(sources, quiet=quiet), title=title))
        if not quiet:
            say(f"wrote {out}")


def draw(
    sources: SourcesArgument,
    out: Annotated[Path, typer.Option("--out", "-o", help="The HTML file to write.")],
    around: Annotated[str, typer.Option("--around", help="An id, a URL or a title to draw around.")] = "",
    hops: Annotated[int, typer.Option("--hops", min=0, help="How many steps around it.")] = 1,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most this many nodes.")] = 500,
    quiet: QuietOption = False,
) -> None:
    """Draw a small graph, or the part around one node, as one HTML file."""
    with errors():
        from graphkit import page
        from graphkit.files import atomic

        graph = _graph(sources, quiet=quiet)
        atomic.write_text(out, page.draw(graph, around=around or None, hops=hops, limit=limit))
        if not quiet:
            say(f"wrote {out}")


def _graph(sources: list[str], *, quiet: bool) -> nx.MultiDiGraph[str]:
    """Return the graph of an export (its folder, or an RDF file in it) or else of records."""
    from graphkit.pipeline import api
    from graphkit.rdf.graph_reader import find_export, read_graph
    from graphkit.rdf.serialization import FORMATS

    if len(sources) == 1:
        path = Path(sources[0])
        export = find_export(path) if path.is_dir() else None
        if path.is_file() and path.name.removesuffix(".gz").rpartition(".")[2] in FORMATS:
            export = path
        if export is not None:
            return read_graph(export)
    with showing_progress("Reading", quiet=quiet) as progress:
        built = api.build(sources, progress=progress)
    print_diagnostics(built.diagnostics, quiet=quiet)
    return built.graph


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
            made.add_row(Text(visible(name)), f"{number:,}")
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
