"""The commands that read records: build and check."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from graphkit.cli.terminal import (
    QuietOption,
    SourcesArgument,
    StrictOption,
    end,
    errors,
    many,
    print_diagnostics,
    say,
    showing_progress,
)


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
    with errors():
        from graphkit import pipeline, rdf
        from graphkit.sources import REPORT
        from graphkit.vocab import DEFAULT_BASE

        wanted = [rdf.check_format(name.strip()) for name in formats.split(",") if name.strip()]
        rdf.check_base(base or DEFAULT_BASE)
        with showing_progress("Reading", quiet=quiet) as progress:
            built = pipeline.build(
                sources,
                published_only=published_only,
                leave_out=[out, out / REPORT],
                progress=progress,
            )
        print_diagnostics(built.diagnostics, quiet=quiet)
        written = pipeline.export(built, out, formats=wanted, gzip=gzip, base=base or DEFAULT_BASE, page=page)
        if not quiet:
            _print_summary(built.report, written)
        end(built.diagnostics, strict=strict)


def check(sources: SourcesArgument, strict: StrictOption = False, quiet: QuietOption = False) -> None:
    """Read all records and print the diagnostics; write nothing."""
    with errors():
        from graphkit import pipeline

        with showing_progress("Checking", quiet=quiet) as progress:
            found = pipeline.check(sources, progress=progress)
        if not quiet:
            for diagnostic in found.diagnostics:
                print(diagnostic)
            records = sum(not mention.parent for mention in found.corpus.mentions) + len(found.corpus.topics)
            say(
                f"{many(found.files['found'], 'file')}, {many(records, 'good record')}, "
                f"{found.rejected:,} rejected, {many(len(found.diagnostics), 'diagnostic')}"
            )
        end(found.diagnostics, strict=strict)


def _print_summary(report: dict[str, Any], written: list[Path]) -> None:
    records, related, graph = report["records"], report["related"], report["graph"]
    say(f"records   {_sum(records)}")
    say(f"related   {_sum(related)}")
    say(
        f"graph     {many(graph['articles'], 'article')}, {many(graph['providers'], 'provider')}, "
        f"{many(graph['topics'], 'topic')}, {many(graph['related'], 'relation')}"
    )
    number = sum(report["diagnostics"]["by_code"].values())
    if number:
        say(f"faults    {many(number, 'diagnostic')}, all in report.json")
    for path in written:
        say(f"wrote     {path}")


def _sum(counts: dict[str, int]) -> str:
    left_out = f"; {counts['left_out']:,} left out" if counts.get("left_out") else ""
    return (
        f"{counts['read']:,} read = {counts['added']:,} added + {counts['merged']:,} merged "
        f"+ {counts['rejected']:,} rejected{left_out}"
    )
