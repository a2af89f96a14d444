"""``graphkit build``: read records, write the graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, TypedDict

import typer

from graphkit.cli.options import (
    BaseOption,
    CreatorsOption,
    ExportFolderOption,
    GzipOption,
    JobsOption,
    LicenceOption,
    NoGraphOption,
    PageOption,
    PatchOption,
    PublishedOnlyOption,
    QuietOption,
    SourcesArgument,
    StrictOption,
    SyntaxesOption,
    TitleOption,
    comma_separated,
)
from graphkit.cli.terminal import counted, exit_if_strict, print_diagnostics, reported_errors, say, showing_stages
from graphkit.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from graphkit.pipeline.api import Published


class DatasetOptions(TypedDict):
    """The options that describe the dataset."""

    title: str
    licence: str
    creators: list[str]


_LOCAL_ONLY = {
    "formats": "--format",
    "provenance": "--provenance",
    "page": "--page",
    "patch": "--patch",
}
"""Options for what a cluster does not write."""


def build(
    context: typer.Context,
    sources: SourcesArgument,
    out: ExportFolderOption = "exports",
    formats: SyntaxesOption = "ttl",
    provenance: Annotated[
        bool, typer.Option("--provenance", help="TriG and N-Quads too, a named graph for each source file.")
    ] = False,
    gzip: GzipOption = False,
    base: BaseOption = "",
    title: TitleOption = "",
    licence: LicenceOption = "",
    creators: CreatorsOption = None,
    published_only: PublishedOnlyOption = False,
    page: PageOption = None,
    no_graph: NoGraphOption = False,
    jobs: JobsOption = 0,
    patch: PatchOption = False,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Read everything again, and remember nothing.")] = False,
    engine: Annotated[
        str, typer.Option("--engine", help="local, or spark: on a cluster, see the README.", metavar="local|spark")
    ] = "local",
    master: Annotated[str, typer.Option("--master", help="The Spark master, such as spark://host:7077.")] = "",
    strict: StrictOption = False,
    quiet: QuietOption = False,
) -> None:
    """Build the graph and write coverage.ttl, coverage.html and report.json."""
    with reported_errors():
        dataset: DatasetOptions = {"title": title, "licence": licence, "creators": creators or []}
        if engine == "spark":
            _check_for_spark({name: value for name, value in context.params.items() if _is_given(context, name)})
            master = master or (f"local[{jobs}]" if jobs else "")
            report = _build_by_spark(
                sources, out, dataset, master=master, base=base, published_only=published_only, quiet=quiet
            )
            exit_if_strict(strict=strict, faults=report["diagnostics"]["by_code"])
            return
        if engine != "local":
            raise UsageError(f"engine: expected local or spark, got {engine!r}")
        if master:
            raise UsageError(f"master: expected --engine spark with it, got {master} for the local engine")
        from graphkit.pipeline import api
        from graphkit.pipeline.local.worker_pool import cores
        from graphkit.rdf.vocabulary import DEFAULT_BASE

        with showing_stages(quiet=quiet) as progress:
            published = api.publish(
                sources,
                out,
                formats=[*comma_separated(formats), *(("trig", "nq") if provenance else ())],
                gzip=gzip,
                base=base or DEFAULT_BASE,
                page=page,
                graph=False if no_graph else None,
                published_only=published_only,
                jobs=jobs or cores(),
                cache=not no_cache,
                patch=patch,
                **dataset,
                progress=progress,
            )
        print_diagnostics(published.diagnostics, quiet=quiet)
        if not quiet:
            _print_summary(published)
        exit_if_strict(strict=strict, faults=published.diagnostics)


def _build_by_spark(
    sources: list[str], out: str, dataset: DatasetOptions, *, master: str, base: str, published_only: bool, quiet: bool
) -> dict[str, Any]:
    from graphkit.pipeline import spark
    from graphkit.rdf.vocabulary import DEFAULT_BASE

    report = spark.build(
        sources, out, master=master, base=base or DEFAULT_BASE, published_only=published_only, **dataset
    )
    if not quiet:
        _print_counts(report)
        say(f"wrote     {out}")
    return report


def _is_given(context: typer.Context, name: str) -> bool:
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def _check_for_spark(given: Mapping[str, Any]) -> None:
    """Refuse options that Spark would ignore. Those that ask for what it does anyway, such as --gzip, are accepted."""
    refused = [
        option
        for name, option in _LOCAL_ONLY.items()
        if given.get(name) and not (name == "formats" and given[name].replace(" ", "") == "nt")
    ]
    if refused:
        raise UsageError(
            f"engine: expected local with {', '.join(refused)}, got spark, which writes packed N-Triples and Parquet"
        )
    if given.get("jobs") and given.get("master"):
        raise UsageError("jobs: expected none beside --master, which says how many by itself (local[N]), got both")


def _print_summary(published: Published) -> None:
    say(f"files     {published.read:,} read, {published.reused:,} reused")
    _print_counts(published.report)
    for path in published.written:
        say(f"wrote     {path}")
    if published.page_left_out:
        say("no page   the graph has more than 100,000 nodes; --page writes it all the same")


def _print_counts(report: dict[str, Any]) -> None:
    graph = report["graph"]
    say(f"records   {_balance(report['records'])}")
    say(f"related   {_balance(report['related'])}")
    say(
        f"graph     {counted(graph['articles'], 'article')}, {counted(graph['providers'], 'provider')}, "
        f"{counted(graph['topics'], 'topic')}, {counted(graph['related'], 'relation')}"
    )
    number = sum(report["diagnostics"]["by_code"].values())
    if number:
        say(f"faults    {counted(number, 'diagnostic')}, all in report.json")


def _balance(counts: dict[str, int]) -> str:
    left_out = f"; {counts['left_out']:,} left out" if counts.get("left_out") else ""
    return (
        f"{counts['read']:,} read = {counts['added']:,} added + {counts['merged']:,} merged "
        f"+ {counts['rejected']:,} rejected{left_out}"
    )
