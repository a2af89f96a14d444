"""``graphkit watch``: keep exports current."""

from __future__ import annotations

import signal
import time
from contextlib import suppress
from threading import Event
from typing import TYPE_CHECKING, Annotated

import typer

from graphkit.cli import options
from graphkit.cli.terminal import counted, diagnostic_count, say
from graphkit.errors import GraphkitError, IdentityFileError, NothingReadable, OutputError, UsageError

if TYPE_CHECKING:
    from graphkit.pipeline.api import Published

EXIT_TERMINATED = 143  # the shell's code for a command that SIGTERM ended


def watch(
    sources: Annotated[list[str], typer.Argument(metavar="SOURCES...", help="Files, folders or patterns.")],
    out: options.ExportFolderOption = "exports",
    formats: options.SyntaxesOption = "ttl",
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
    patch: options.PatchOption = False,
    debounce: Annotated[
        int, typer.Option("--debounce", min=1, help="How many milliseconds of quiet end a burst of changes.")
    ] = 300,
    jobs: options.JobsOption = 0,
    force: options.ForceOption = False,
    quiet: options.QuietOption = False,
) -> None:
    """Build, and build again whenever the sources change, until it is interrupted."""
    from graphkit.identity.identity_file import identity_paths
    from graphkit.pipeline import api, build_files, watcher
    from graphkit.pipeline.local.worker_pool import cores
    from graphkit.rdf import serialization
    from graphkit.rdf.vocabulary import DEFAULT_BASE

    wanted = build_files.check_formats(options.comma_separated(formats))
    serialization.check_base(base or DEFAULT_BASE)
    last_fault = ""

    def build() -> bool:
        nonlocal last_fault
        try:
            published = api.publish(
                sources,
                out,
                formats=wanted,
                gzip=gzip,
                base=base or DEFAULT_BASE,
                page=page,
                graph=False if no_graph else None,
                published_only=published_only,
                follow_links=follow_links,
                jobs=jobs or cores(),
                patch=patch,
                title=title,
                licence=licence,
                creators=creators or (),
                identity=identity,
                force=force,
            )
        except (GraphkitError, OSError) as error:
            if isinstance(error, UsageError) and not isinstance(error, OutputError | IdentityFileError):
                raise  # it will never succeed
            if str(error) != last_fault:  # a fault that lasts is reported once
                last_fault = str(error)
                for line in last_fault.split("\n") if isinstance(error, IdentityFileError) else [last_fault]:
                    _say_now(line)
            return isinstance(error, NothingReadable)
        last_fault = ""
        if not quiet:
            _say_now(_summary(published, out))
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
        watcher.watch(
            [*sources, *identity_paths(sources, identity)],
            out,
            build,
            stop,
            debounce=debounce,
            follow_links=follow_links,
        )
    if terminated:
        raise typer.Exit(EXIT_TERMINATED)
    say("stopped", quiet=quiet)


def _say_now(sentence: str) -> None:
    say(f"{time.strftime('%H:%M:%S')}  {sentence}")


def _summary(published: Published, out: str) -> str:
    number = diagnostic_count(published.report)
    faults = f", {counted(number, 'diagnostic')}" if number else ""
    articles = counted(published.report["graph"]["articles"], "article")
    return f"{published.read:,} read, {published.reused:,} reused; {articles}{faults}; {out}"
