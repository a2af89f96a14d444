"""The command that keeps exports current."""

from __future__ import annotations

import signal
import time
from contextlib import suppress
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer

from graphkit.cli.terminal import (
    CreatorsOption,
    JobsOption,
    LicenceOption,
    QuietOption,
    TitleOption,
    errors,
    many,
    say,
)
from graphkit.errors import GraphkitError

if TYPE_CHECKING:
    from graphkit.pipeline.api import Published

EXIT_TERMINATED = 143  # as the shell shows a command that SIGTERM has ended


def watch(
    sources: Annotated[list[str], typer.Argument(metavar="SOURCES...", help="Files, folders or patterns.")],
    out: Annotated[str, typer.Option("--out", "-o", help="The folder to write to.")] = "exports",
    formats: Annotated[
        str, typer.Option("--format", "-f", help="More formats, by commas: nt, nq, trig, rdf, jsonld, void.")
    ] = "ttl",
    gzip: Annotated[bool, typer.Option("--gzip", help="Compress the RDF files (.gz).")] = False,
    base: Annotated[str, typer.Option("--base", help="The base IRI of the resources.")] = "",
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
    patch: Annotated[bool, typer.Option("--patch", help="Write the difference to the build before.")] = False,
    debounce: Annotated[
        int, typer.Option("--debounce", min=1, help="How many milliseconds of quiet end a burst of changes.")
    ] = 300,
    jobs: JobsOption = 0,
    quiet: QuietOption = False,
) -> None:
    """Build, and build again whenever the sources change, until it is interrupted."""
    with errors():
        from graphkit.errors import MissingExtra, NothingReadable, OutputError, UsageError
        from graphkit.pipeline import api, watcher
        from graphkit.pipeline.local.worker_pool import cores
        from graphkit.rdf import serialization
        from graphkit.rdf.vocabulary import DEFAULT_BASE

        wanted = api.check_formats(name.strip() for name in formats.split(",") if name.strip())
        serialization.check_base(base or DEFAULT_BASE)
        fault = ""

        def complain(error: Exception) -> None:
            nonlocal fault
            if str(error) != fault:  # the same fault is told once, however often it is tried again
                fault = str(error)
                _say_now(fault)

        def build() -> bool:
            nonlocal fault
            try:
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
                    patch=patch,
                    title=title,
                    licence=licence,
                    creators=creators or (),
                )
            except NothingReadable as error:
                complain(error)
                return True
            except (GraphkitError, OSError) as error:
                if isinstance(error, UsageError | MissingExtra) and not isinstance(error, OutputError):
                    raise  # it will never go well
                complain(error)
                return False
            fault = ""
            if not quiet:
                _say_now(_told(made, out))
            return True

        stop = Event()
        terminated = False

        def end(*_: object) -> None:
            nonlocal terminated
            terminated = True
            stop.set()
            raise KeyboardInterrupt  # so that a build ends at once, and cleans up

        signal.signal(signal.SIGTERM, end)
        with suppress(KeyboardInterrupt):
            watcher.watch(sources, out, build, stop, debounce=debounce)
        if terminated:
            raise typer.Exit(EXIT_TERMINATED)
        if not quiet:
            say("stopped")


def _say_now(sentence: str) -> None:
    say(f"{time.strftime('%H:%M:%S')}  {sentence}")


def _told(made: Published, out: str) -> str:
    faults = f", {many(len(made.diagnostics), 'diagnostic')}" if made.diagnostics else ""
    articles = many(made.report["graph"]["articles"], "article")
    return f"{made.read:,} read, {made.reused:,} reused; {articles}{faults}; {out}"
