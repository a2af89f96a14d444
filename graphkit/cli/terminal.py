"""The terminal: what all commands print alike, and the exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from graphkit.diagnostics.diagnostic import Diagnostic
from graphkit.diagnostics.quoting import visible
from graphkit.errors import GraphkitError, NothingReadable, StoreError

if TYPE_CHECKING:
    from rich.progress import TaskID

    from graphkit.pipeline.api import Progress, Stages

EXIT_STRICT = 1
EXIT_USAGE = 2
EXIT_NOTHING = 3
EXIT_STORE = 4
EXIT_PIPE = 141  # as the shell shows a command that SIGPIPE has ended
SHOWN_DIAGNOSTICS = 50

SourcesArgument = Annotated[
    list[str],
    typer.Argument(metavar="SOURCES...", help="Files, folders, patterns, or - for standard input."),
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Print no progress and no diagnostics.")]
StrictOption = Annotated[bool, typer.Option("--strict", help="Exit with 1 if there are diagnostics.")]


@contextmanager
def errors() -> Iterator[None]:
    """Turn an error into one sentence on standard error and its exit code."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has gone, as `graphkit check … | head` does. What is left to flush has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(EXIT_PIPE) from None
    except NothingReadable as error:
        say(f"graphkit: {error}")
        raise typer.Exit(EXIT_NOTHING) from None
    except StoreError as error:
        for line in f"graphkit: {error}".split("\n"):  # one line, and one for each thing that is lost
            say(line)
        raise typer.Exit(EXIT_STORE) from None
    except GraphkitError as error:
        say(f"graphkit: {error}")
        raise typer.Exit(EXIT_USAGE) from None


def end(diagnostics: tuple[Diagnostic, ...], *, strict: bool) -> None:
    """End with 1 where diagnostics were not to be."""
    if strict and diagnostics:
        raise typer.Exit(EXIT_STRICT)


def say(text: str) -> None:
    """Print a sentence on standard error."""
    print(visible(text), file=sys.stderr)


TitleOption = Annotated[str, typer.Option("--title", help="What the dataset is called; Coverage graph by default.")]
LicenceOption = Annotated[
    str, typer.Option("--licence", help="The dataset's licence: an IRI, or an identifier of SPDX such as CC-BY-4.0.")
]
CreatorsOption = Annotated[
    list[str] | None, typer.Option("--creator", help="Who has made the dataset, a name or an IRI; may be repeated.")
]

JobsOption = Annotated[
    int, typer.Option("--jobs", "-j", min=0, help="How many processes to use; 0, the default, is one for each core.")
]


@contextmanager
def showing_stages(*, quiet: bool) -> Iterator[Stages | None]:
    """Show a progress bar for each stage on a terminal, one plain line in a pipe, and nothing when quiet."""
    if quiet:
        yield None
    elif sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

        columns = (TextColumn("{task.description:<9}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
            tasks: dict[str, TaskID] = {}

            def show(stage: str, done: int, total: int) -> None:
                if stage not in tasks:
                    tasks[stage] = bars.add_task(stage, total=total)
                bars.update(tasks[stage], completed=done, total=total)

            yield show
    else:
        files = [0]

        def remember(stage: str, _: int, total: int) -> None:
            if stage == "Reading":
                files[0] = total

        yield remember
        say(f"Reading: {many(files[0], 'file')}")


@contextmanager
def showing_progress(what: str, *, quiet: bool) -> Iterator[Progress | None]:
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
        say(f"{what}: {many(last[0], 'file')}")


def print_diagnostics(diagnostics: tuple[Diagnostic, ...], *, quiet: bool) -> None:
    """Print the first diagnostics on standard error."""
    if quiet:
        return
    for diagnostic in diagnostics[:SHOWN_DIAGNOSTICS]:
        print(diagnostic, file=sys.stderr)
    if len(diagnostics) > SHOWN_DIAGNOSTICS:
        say(f"… and {len(diagnostics) - SHOWN_DIAGNOSTICS:,} more; `graphkit check` prints them all")


def many(number: int, noun: str) -> str:
    """Return a number with its noun."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
