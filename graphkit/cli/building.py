"""The commands that read records: build and check."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, TypedDict

import typer

from graphkit.cli.terminal import (
    EXIT_STRICT,
    CreatorsOption,
    JobsOption,
    LicenceOption,
    QuietOption,
    SourcesArgument,
    StrictOption,
    TitleOption,
    end,
    errors,
    many,
    print_diagnostics,
    say,
    showing_progress,
    showing_stages,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphkit.pipeline.api import Published


class Described(TypedDict):
    """What the options say of the dataset."""

    title: str
    licence: str
    creators: list[str]


_LOCAL_ONLY = {
    "formats": "--format",
    "provenance": "--provenance",
    "page": "--page",
    "patch": "--patch",
}
"""What a cluster does not write."""


def build(
    context: typer.Context,
    sources: SourcesArgument,
    out: Annotated[str, typer.Option("--out", "-o", help="The folder to write to.")] = "exports",
    formats: Annotated[
        str, typer.Option("--format", "-f", help="More formats, by commas: nt, nq, trig, rdf, jsonld, void.")
    ] = "ttl",
    provenance: Annotated[
        bool, typer.Option("--provenance", help="TriG and N-Quads too, a named graph for each source file.")
    ] = False,
    gzip: Annotated[bool, typer.Option("--gzip", help="Compress the RDF files (.gz).")] = False,
    base: Annotated[
        str, typer.Option("--base", help="The base IRI of the resources; https://w3id.org/graphkit/id/ by default.")
    ] = "",
    title: TitleOption = "",
    licence: LicenceOption = "",
    creators: CreatorsOption = None,
    published_only: Annotated[
        bool, typer.Option("--published-only", help="Leave out records marked unpublished or removed.")
    ] = False,
    page: Annotated[
        bool | None,
        typer.Option("--page/--no-page", help="Write coverage.html; by default up to 100,000 nodes."),
    ] = None,
    no_graph: Annotated[
        bool, typer.Option("--no-graph", help="Never hold the graph: no page, and bounded memory.")
    ] = False,
    jobs: JobsOption = 0,
    patch: Annotated[
        bool, typer.Option("--patch", help="Write the difference to the last build: coverage.patch.rq and N-Quads.")
    ] = False,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Read everything again, and remember nothing.")] = False,
    engine: Annotated[
        str, typer.Option("--engine", help="local, or spark: on a cluster, see the README.", metavar="local|spark")
    ] = "local",
    master: Annotated[str, typer.Option("--master", help="The Spark master, such as spark://host:7077.")] = "",
    strict: StrictOption = False,
    quiet: QuietOption = False,
) -> None:
    """Build the graph and write coverage.ttl, coverage.html and report.json."""
    with errors():
        from graphkit.errors import UsageError

        described: Described = {"title": title, "licence": licence, "creators": creators or []}
        if engine == "spark":
            asked = {name: value for name, value in context.params.items() if _is_given(context, name)}
            _check_served(asked)
            master = master or (f"local[{jobs}]" if jobs else "")
            told = _build_by_spark(
                sources, out, described, master=master, base=base, published_only=published_only, quiet=quiet
            )
            if strict and told["diagnostics"]["by_code"]:
                raise typer.Exit(EXIT_STRICT)
            return
        if engine != "local":
            raise UsageError(f"engine: expected local or spark, got {engine!r}")
        if master:
            raise UsageError(f"master: expected --engine spark with it, got {master} for the local engine")
        from graphkit.pipeline import api
        from graphkit.pipeline.local.worker_pool import cores
        from graphkit.rdf import serialization
        from graphkit.rdf.vocabulary import DEFAULT_BASE

        wanted = api.check_formats(name.strip() for name in formats.split(",") if name.strip())
        if provenance:
            wanted += ["trig", "nq"]
        serialization.check_base(base or DEFAULT_BASE)
        with showing_stages(quiet=quiet) as progress:
            made = api.publish(
                sources,
                out,
                formats=wanted,
                gzip=gzip,
                base=base or DEFAULT_BASE,
                page=page,
                graph=False if no_graph else None,
                published_only=published_only,
                jobs=jobs or cores(),
                cache=not no_cache,
                patch=patch,
                **described,
                progress=progress,
            )
        print_diagnostics(made.diagnostics, quiet=quiet)
        if not quiet:
            _print_summary(made)
        end(made.diagnostics, strict=strict)


def _build_by_spark(
    sources: list[str], out: str, described: Described, *, master: str, base: str, published_only: bool, quiet: bool
) -> dict[str, Any]:
    from graphkit.pipeline.spark import build as build_on_cluster
    from graphkit.rdf.vocabulary import DEFAULT_BASE

    told = build_on_cluster(
        sources, out, master=master, base=base or DEFAULT_BASE, published_only=published_only, **described
    )
    if not quiet:
        _print_counts(told)
        say(f"wrote     {out}")
    return told


def _is_given(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _check_served(asked: Mapping[str, Any]) -> None:
    """Refuse what a cluster would leave out. Options that ask for what it does anyway, such as --gzip, are served."""
    from graphkit.errors import UsageError

    refused = [
        shown
        for name, shown in _LOCAL_ONLY.items()
        if asked.get(name) and not (name == "formats" and asked[name].replace(" ", "") == "nt")
    ]
    if refused:
        raise UsageError(
            f"engine: expected local with {', '.join(refused)}, got spark, which writes packed N-Triples and Parquet"
        )
    if asked.get("jobs") and asked.get("master"):
        raise UsageError("jobs: expected none beside --master, which says how many by itself (local[N]), got both")


def check(sources: SourcesArgument, strict: StrictOption = False, quiet: QuietOption = False) -> None:
    """Read all records and print the diagnostics; write nothing."""
    with errors():
        from graphkit.pipeline import api

        with showing_progress("Checking", quiet=quiet) as progress:
            found = api.check(sources, progress=progress)
        if not quiet:
            for diagnostic in found.diagnostics:
                print(diagnostic)
            records = sum(not mention.parent for mention in found.corpus.mentions) + len(found.corpus.topics)
            say(
                f"{many(found.files['found'], 'file')}, {many(records, 'good record')}, "
                f"{found.totals.counts.get('rejected', 0):,} rejected, {many(len(found.diagnostics), 'diagnostic')}"
            )
        end(found.diagnostics, strict=strict)


def _print_summary(made: Published) -> None:
    say(f"files     {made.read:,} read, {made.reused:,} reused")
    _print_counts(made.report)
    for path in made.written:
        say(f"wrote     {path}")
    if made.page_left_out:
        say("no page   the graph has more than 100,000 nodes; --page writes it all the same")


def _print_counts(report: dict[str, Any]) -> None:
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


def _sum(counts: dict[str, int]) -> str:
    left_out = f"; {counts['left_out']:,} left out" if counts.get("left_out") else ""
    return (
        f"{counts['read']:,} read = {counts['added']:,} added + {counts['merged']:,} merged "
        f"+ {counts['rejected']:,} rejected{left_out}"
    )
