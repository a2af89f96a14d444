"""The command line: arguments in, exit codes and text out. The only place that exits.

Data goes to standard output; progress, diagnostics and errors go to standard error.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graphkit import __version__
from graphkit.errors import Diagnostic, GraphkitError, NothingReadable, visible

if TYPE_CHECKING:
    import networkx as nx

    from graphkit.pipeline import Progress

EXIT_STRICT = 1
EXIT_USAGE = 2
EXIT_NOTHING = 3
EXIT_PIPE = 141  # as the shell shows a command that SIGPIPE has ended
SHOWN_DIAGNOSTICS = 50

app = typer.Typer(
    help="Build a knowledge graph of news coverage from Markdown records.",
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

SourcesArgument = Annotated[
    list[str],
    typer.Argument(metavar="SOURCES", help="Files, folders, patterns, or - for standard input."),
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Print no progress and no diagnostics.")]
StrictOption = Annotated[bool, typer.Option("--strict", help="Exit with 1 if there are diagnostics.")]


def main() -> None:
    """Run the command line; a broken pipe and an interrupt end it without a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a terminal that knows no ü still shows something
    try:
        app(prog_name="graphkit")
    except KeyboardInterrupt:
        sys.exit(130)


@app.callback(invoke_without_command=True)
def root(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False,
) -> None:
    """Build a knowledge graph of news coverage from Markdown records."""
    if version:
        print(f"graphkit {__version__}")
        raise typer.Exit


@app.command(short_help="Build the graph and export it.")
def build(
    sources: SourcesArgument,
    out: Annotated[Path, typer.Option("--out", "-o", help="The folder to write to.")] = Path("exports"),
    formats: Annotated[
        str, typer.Option("--format", "-f", help="More formats, by commas: nt, nq, trig, rdf, jsonld.")
    ] = "ttl",
    gzip: Annotated[bool, typer.Option("--gzip", help="Compress the RDF files (.gz).")] = False,
    base: Annotated[
        str, typer.Option("--base", help="The base IRI of the resources; https://w3id.org/graphkit/id/ by default.")
    ] = "",
    published_only: Annotated[
        bool, typer.Option("--published-only", help="Leave out records marked unpublished or removed.")
    ] = False,
    page: Annotated[bool, typer.Option("--page/--no-page", help="Write coverage.html.")] = True,
    strict: StrictOption = False,
    quiet: QuietOption = False,
) -> None:
    """Build the graph and write coverage.ttl, coverage.html and report.json."""
    with _errors():
        from graphkit import pipeline, rdf
        from graphkit.sources import REPORT
        from graphkit.vocab import DEFAULT_BASE

        wanted = [rdf.check_format(name.strip()) for name in formats.split(",") if name.strip()]
        rdf.check_base(base or DEFAULT_BASE)
        with _progress("Reading", quiet=quiet) as progress:
            built = pipeline.build(
                sources,
                published_only=published_only,
                leave_out=[out, out / REPORT],
                progress=progress,
            )
        _print_diagnostics(built.diagnostics, quiet=quiet)
        written = pipeline.export(built, out, formats=wanted, gzip=gzip, base=base or DEFAULT_BASE, page=page)
        if not quiet:
            _print_summary(built.report, written)
        _end(built.diagnostics, strict=strict)


@app.command(short_help="Read all records and print what is wrong.")
def check(sources: SourcesArgument, strict: StrictOption = False, quiet: QuietOption = False) -> None:
    """Read all records and print the diagnostics; write nothing."""
    with _errors():
        from graphkit import pipeline

        with _progress("Checking", quiet=quiet) as progress:
            found = pipeline.check(sources, progress=progress)
        if not quiet:
            for diagnostic in found.diagnostics:
                print(diagnostic)
            records = sum(not mention.parent for mention in found.corpus.mentions) + len(found.corpus.topics)
            _say(
                f"{_many(found.files['found'], 'file')}, {_many(records, 'good record')}, "
                f"{found.rejected:,} rejected, {_many(len(found.diagnostics), 'diagnostic')}"
            )
        _end(found.diagnostics, strict=strict)


@app.command(short_help="Print counts, top providers and topics.")
def stats(
    sources: SourcesArgument,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    top: Annotated[int, typer.Option("--top", min=1, help="How many providers and topics.")] = 10,
    quiet: QuietOption = False,
) -> None:
    """Print counts by kind, the top providers and topics, and the time span."""
    with _errors():
        from graphkit.analysis import statistics
        from graphkit.files import json_text

        numbers = statistics(_graph(sources, quiet=quiet), top=top)
        if json:
            print(json_text(numbers), end="")
        else:
            _print_statistics(numbers)


@app.command(short_help="Show how a URL is recognised.")
def explain(
    url: Annotated[str, typer.Argument(help="Any address, as a record gives it.")],
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show the canonical URL, the match key, every rule that fired and the article's id."""
    with _errors():
        from graphkit.files import json_text
        from graphkit.identity import article_id
        from graphkit.urls import MAX_URL, POLICY_VERSION, receipt

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


@app.command(short_help="Draw the graph as one HTML file.")
def draw(
    sources: SourcesArgument,
    out: Annotated[Path, typer.Option("--out", "-o", help="The HTML file to write.")],
    around: Annotated[str, typer.Option("--around", help="An id, a URL or a title to draw around.")] = "",
    hops: Annotated[int, typer.Option("--hops", min=0, help="How many steps around it.")] = 1,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most this many nodes.")] = 500,
    quiet: QuietOption = False,
) -> None:
    """Draw the graph, or the part around one node, as one HTML file."""
    with _errors():
        from graphkit import files, page

        graph = _graph(sources, quiet=quiet)
        files.write_text(out, page.draw(graph, around=around or None, hops=hops, limit=limit))
        if not quiet:
            _say(f"wrote {out}")


def _graph(sources: list[str], *, quiet: bool) -> nx.MultiDiGraph[str]:
    """Return the graph of an export (its folder, or an RDF file in it) or else of records."""
    from graphkit import pipeline
    from graphkit.exported import find_export, read_graph
    from graphkit.rdf import FORMATS

    if len(sources) == 1:
        path = Path(sources[0])
        export = find_export(path) if path.is_dir() else None
        if path.is_file() and path.name.removesuffix(".gz").rpartition(".")[2] in FORMATS:
            export = path
        if export is not None:
            return read_graph(export)
    with _progress("Reading", quiet=quiet) as progress:
        built = pipeline.build(sources, progress=progress)
    _print_diagnostics(built.diagnostics, quiet=quiet)
    return built.graph


@contextmanager
def _errors() -> Iterator[None]:
    """Turn an error into one sentence on standard error and its exit code."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has gone, as `graphkit check … | head` does. What is left to flush has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(EXIT_PIPE) from None
    except NothingReadable as error:
        _say(f"graphkit: {error}")
        raise typer.Exit(EXIT_NOTHING) from None
    except GraphkitError as error:
        _say(f"graphkit: {error}")
        raise typer.Exit(EXIT_USAGE) from None


def _end(diagnostics: tuple[Diagnostic, ...], *, strict: bool) -> None:
    if strict and diagnostics:
        raise typer.Exit(EXIT_STRICT)


def _say(text: str) -> None:
    print(visible(text), file=sys.stderr)


@contextmanager
def _progress(what: str, *, quiet: bool) -> Iterator[Progress | None]:
    """Show a progress bar on a terminal, one plain line in a pipe, and nothing when quiet."""
    if quiet:
        yield None
    elif sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
            task = bars.add_task(what, total=None)
            yield (
                lambda done, total: (
                    bars.update(task, completed=done, total=total) if done % 64 == 0 or done == total else None
                )
            )
    else:
        last = [0]

        def remember(_: int, total: int) -> None:
            last[0] = total

        yield remember
        _say(f"{what}: {_many(last[0], 'file')}")


def _print_diagnostics(diagnostics: tuple[Diagnostic, ...], *, quiet: bool) -> None:
    if quiet:
        return
    for diagnostic in diagnostics[:SHOWN_DIAGNOSTICS]:
        print(diagnostic, file=sys.stderr)
    if len(diagnostics) > SHOWN_DIAGNOSTICS:
        _say(f"… and {len(diagnostics) - SHOWN_DIAGNOSTICS:,} more; `graphkit check` prints them all")


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _print_summary(report: dict[str, Any], written: list[Path]) -> None:
    records, related, graph = report["records"], report["related"], report["graph"]
    _say(f"records   {_sum(records)}")
    _say(f"related   {_sum(related)}")
    _say(
        f"graph     {_many(graph['articles'], 'article')}, {_many(graph['providers'], 'provider')}, "
        f"{_many(graph['topics'], 'topic')}, {_many(graph['related'], 'relation')}"
    )
    number = sum(report["diagnostics"]["by_code"].values())
    if number:
        _say(f"faults    {_many(number, 'diagnostic')}, all in report.json")
    for path in written:
        _say(f"wrote     {path}")


def _sum(counts: dict[str, int]) -> str:
    left_out = f"; {counts['left_out']:,} left out" if counts.get("left_out") else ""
    return (
        f"{counts['read']:,} read = {counts['added']:,} added + {counts['merged']:,} merged "
        f"+ {counts['rejected']:,} rejected{left_out}"
    )


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
