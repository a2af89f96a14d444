"""``graphkit build``: read records, write the graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from graphkit.cli import options
from graphkit.cli.terminal import (
    counted,
    diagnostic_count,
    exit_if_strict,
    print_diagnostics,
    say,
    say_skipped,
    showing_stages,
)
from graphkit.errors import UsageError

if TYPE_CHECKING:
    from graphkit.pipeline.api import Published


_LOCAL_ONLY = {"formats": "--format", "provenance": "--provenance", "page": "--page", "patch": "--patch"}
"""Options for output that Spark does not write."""


def build(
    context: typer.Context,
    sources: options.SourcesArgument,
    out: options.ExportFolderOption = "exports",
    formats: options.SyntaxesOption = "ttl",
    provenance: Annotated[
        bool, typer.Option("--provenance", help="TriG and N-Quads too, a named graph for each source file.")
    ] = False,
    gzip: options.GzipOption = False,
    base: options.BaseOption = "",
    title: options.TitleOption = "",
    licence: options.LicenceOption = "",
    creators: options.CreatorsOption = None,
    published_only: options.PublishedOnlyOption = False,
    follow_links: options.FollowLinksOption = False,
    identity: options.IdentityOption = None,
    page: options.PageOption = None,
    no_graph: options.NoGraphOption = False,
    jobs: options.JobsOption = 0,
    patch: options.PatchOption = False,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Read everything again, and remember nothing.")] = False,
    engine: Annotated[
        str, typer.Option("--engine", help="local, or spark: on a cluster, see the README.", metavar="local|spark")
    ] = "local",
    master: Annotated[str, typer.Option("--master", help="The Spark master, such as spark://host:7077.")] = "",
    force: options.ForceOption = False,
    strict: options.StrictOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """Build the graph and write coverage.ttl, coverage.html and report.json."""
    from graphkit.rdf.vocabulary import DEFAULT_BASE

    if engine == "spark":
        from graphkit.pipeline import spark

        _check_for_spark(context)
        report = spark.build(
            sources,
            out,
            master=master or (f"local[{jobs}]" if jobs else ""),
            base=base or DEFAULT_BASE,
            published_only=published_only,
            title=title,
            licence=licence,
            creators=creators or (),
            identity=identity,
        )
        if not quiet:
            _print_counts(report)
            say(f"wrote     {out}")
        exit_if_strict(strict=strict, faults=report["diagnostics"]["by_code"])
        return
    if engine != "local":
        raise UsageError(f"engine: expected local or spark, got {engine!r}")
    if master:
        raise UsageError(f"master: expected --engine spark with it, got {master} for the local engine")
    from graphkit.pipeline import api
    from graphkit.pipeline.local.worker_pool import cores

    with showing_stages(quiet=quiet) as progress:
        published = api.publish(
            sources,
            out,
            formats=[*options.comma_separated(formats), *(("trig", "nq") if provenance else ())],
            gzip=gzip,
            base=base or DEFAULT_BASE,
            page=page,
            graph=False if no_graph else None,
            published_only=published_only,
            follow_links=follow_links,
            jobs=jobs or cores(),
            cache=not no_cache,
            patch=patch,
            title=title,
            licence=licence,
            creators=creators or (),
            progress=progress,
            identity=identity,
            force=force,
        )
    print_diagnostics(published.diagnostics, published.report, published.listing, quiet=quiet)
    if not quiet:
        _print_summary(published)
    exit_if_strict(strict=strict, faults=published.diagnostics)


def _check_for_spark(context: typer.Context) -> None:
    """Refuse options that Spark would ignore, but accept those that ask for what it does anyway, such as --gzip."""
    sources = {name: context.get_parameter_source(name) for name in context.params}
    given = {name: context.params[name] for name, source in sources.items() if source and source.name == "COMMANDLINE"}
    refused = [
        option
        for name, option in _LOCAL_ONLY.items()
        if given.get(name) and not (name == "formats" and given[name].replace(" ", "") == "nt")
    ]
    if refused:
        raise UsageError(
            f"engine: expected local with {', '.join(refused)}, got spark, which writes packed N-Triples and Parquet"
        )
    if given.get("follow_links"):
        raise UsageError("engine: expected local with --follow-links, got spark, which does not know where links lead")
    if given.get("jobs") and given.get("master"):
        raise UsageError("jobs: expected none beside --master, which says how many by itself (local[N]), got both")


def _print_summary(published: Published) -> None:
    say(f"files     {published.read:,} read, {published.reused:,} reused")
    say_skipped(published.listing)
    _print_counts(published.report)
    for path in published.written:
        say(f"wrote     {path}")
    for path in published.removed:
        say(f"removed   {path}, of an earlier build")
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
    uses = report.get("identity")
    if uses is not None:
        unused = [text for text, number in uses.items() if not number]
        say(f"identity  {counted(len(uses) - len(unused), 'rule')} of identity.toml used, {len(unused)} not")
        for text in unused:
            say(f"          not used: {text}")
    number = diagnostic_count(report)
    if number:
        listed = len(report["diagnostics"]["list"])
        say(f"faults    {counted(number, 'diagnostic')}, {'all' if listed == number else f'{listed:,}'} in report.json")


def _balance(counts: dict[str, int]) -> str:
    left_out = f"; {counts['left_out']:,} left out" if counts.get("left_out") else ""
    return (
        f"{counts['read']:,} read = {counts['added']:,} added + {counts['merged']:,} merged "
        f"+ {counts['rejected']:,} rejected{left_out}"
    )
