"""The command that keeps exports current."""

from __future__ import annotations

import signal
import time
from threading import Event
from typing import Annotated

import typer

from graphkit.cli.terminal import JobsOption, QuietOption, SourcesArgument, errors, many, say

EXIT_TERMINATED = 143  # as the shell shows a command that SIGTERM has ended


def watch(
    sources: SourcesArgument,
    out: Annotated[str, typer.Option("--out", "-o", help="The folder to write to.")] = "exports",
    formats: Annotated[
        str, typer.Option("--format", "-f", help="More formats, by commas: nt, nq, trig, rdf, jsonld.")
    ] = "ttl",
    gzip: Annotated[bool, typer.Option("--gzip", help="Compress the RDF files (.gz).")] = False,
    base: Annotated[str, typer.Option("--base", help="The base IRI of the resources.")] = "",
    published_only: Annotated[
        bool, typer.Option("--published-only", help="Leave out records marked unpublished or removed.")
    ] = False,
    page: Annotated[
        bool | None,
        typer.Option("--page/--no-page", help="Write coverage.html; by default up to 100,000 nodes."),
    ] = None,
    patch: Annotated[bool, typer.Option("--patch", help="Write the difference to the build before.")] = False,
    debounce: Annotated[
        int, typer.Option("--debounce", min=1, help="How many milliseconds of quiet end a burst of changes.")
    ] = 300,
    jobs: JobsOption = 0,
    quiet: QuietOption = False,
) -> None:
    """Build, and build again whenever the sources change, until it is interrupted."""
    with errors():
        from pathlib import Path

        from graphkit import pipeline, rdf, watching
        from graphkit.engine.crew import cores
        from graphkit.errors import GraphkitError
        from graphkit.vocab import DEFAULT_BASE

        wanted = [rdf.check_format(name.strip()) for name in formats.split(",") if name.strip()]
        rdf.check_base(base or DEFAULT_BASE)

        def build() -> None:
            try:
                made = pipeline.publish(
                    sources,
                    out,
                    formats=wanted,
                    gzip=gzip,
                    base=base or DEFAULT_BASE,
                    page=page,
                    published_only=published_only,
                    jobs=jobs or cores(),
                    patch=patch,
                )
            except GraphkitError as error:
                say(f"{time.strftime('%H:%M:%S')}  {error}")
                return
            if not quiet:
                faults = f", {many(len(made.diagnostics), 'diagnostic')}" if made.diagnostics else ""
                articles = many(made.report["graph"]["articles"], "article")
                files = f"{made.read:,} read, {made.reused:,} reused"
                say(f"{time.strftime('%H:%M:%S')}  {files}; {articles}{faults}; {out}")

        stop = Event()
        ended = []

        def end(*_: object) -> None:
            ended.append(EXIT_TERMINATED)
            stop.set()

        signal.signal(signal.SIGTERM, end)
        try:
            watching.watch(watching.Sources(sources, Path(out)), build, stop, debounce=debounce)
        except KeyboardInterrupt:
            say("stopped")
        if ended:
            raise typer.Exit(EXIT_TERMINATED)
