"""Messages, progress bars and exit codes of all commands."""

from __future__ import annotations

import errno
import shutil
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from graphkit.diagnostics.diagnostic import Diagnostic
from graphkit.diagnostics.quoting import for_terminal, reason_of
from graphkit.errors import GraphkitError, NothingReadable, StoreError

if TYPE_CHECKING:
    from rich.progress import TaskID

    from graphkit.pipeline.api import Progress
    from graphkit.pipeline.local.build_options import StageProgress
    from graphkit.sources.finding import SourceListing

EXIT_STRICT = 1
EXIT_CODES: dict[type[GraphkitError], int] = {NothingReadable: 3, StoreError: 4, GraphkitError: 2}
EXIT_PIPE = 141  # the shell's code for a command that SIGPIPE ended
SHOWN_DIAGNOSTICS = 50


@contextmanager
def reported_errors() -> Iterator[None]:
    """Turn an error into one sentence on standard error and its exit code."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:  # the reader has gone, as in `graphkit check … | head`
        raise typer.Exit(EXIT_PIPE) from None
    except GraphkitError as error:
        text = f"graphkit: {error}"
        for line in text.split("\n") if isinstance(error, StoreError) else [text]:  # a line for each lost triple
            say(line)
        raise typer.Exit(next(code for kind, code in EXIT_CODES.items() if isinstance(error, kind))) from None
    except OSError as error:
        warnings.simplefilter("ignore", RuntimeWarning)  # of what the error cut short
        say(f"graphkit: {fault_of_system(error)}")
        raise typer.Exit(EXIT_CODES[GraphkitError]) from None


def fault_of_system(error: OSError) -> str:
    """Return one sentence about an error of the operating system that no command expected."""
    if error.errno in (errno.EMFILE, errno.ENFILE):
        return f"expected to open one more file, got: {reason_of(error)}; `ulimit -n` raises the limit"
    try:
        Path.cwd()
    except OSError:
        return "expected a working folder, got one that was deleted: change to another folder"
    name = error.filename if isinstance(error.filename, str) and error.filename else "output"
    return f"{name}: expected a place that can be read or written, got: {reason_of(error)}"


def exit_if_strict(*, strict: bool, faults: object) -> None:
    """Exit with 1 if `strict` and there are faults."""
    if strict and faults:
        raise typer.Exit(EXIT_STRICT)


def say(text: str, *, quiet: bool = False) -> None:
    """Print a sentence on standard error, unless `quiet`."""
    if not quiet:
        print(for_terminal(text), file=sys.stderr)


def counted(number: int, noun: str) -> str:
    """Return a number with its noun.

    >>> counted(1, "file"), counted(1200, "file")
    ('1 file', '1,200 files')
    """
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def print_diagnostics(
    diagnostics: tuple[Diagnostic, ...], report: dict[str, Any], listing: SourceListing, *, quiet: bool
) -> None:
    """Print the first diagnostics on standard error, and how many more a report counts."""
    if quiet:
        return
    from graphkit.sources.finding import placed

    for diagnostic in placed(diagnostics[:SHOWN_DIAGNOSTICS], listing):
        print(diagnostic, file=sys.stderr)
    left = diagnostic_count(report) - min(len(diagnostics), SHOWN_DIAGNOSTICS)
    if left:
        say(f"… and {left:,} more; `graphkit check` prints the first 100 of each file")


def say_skipped(listing: SourceListing) -> None:
    """Print how many files were not read because of their names, and the first of them."""
    if listing.unread_count:
        more = listing.unread_count - len(listing.unread)
        names = ", ".join(listing.unread) + (f" and {more:,} more" if more else "")
        say(f"skipped   {counted(listing.unread_count, 'file')} without the ending of a record file: {names}")


def diagnostic_count(report: dict[str, Any]) -> int:
    """Return the number of all diagnostics of a build."""
    return sum(report["diagnostics"]["by_code"].values())


def width() -> int:
    """Return how many columns the terminal has."""
    return shutil.get_terminal_size().columns


@contextmanager
def progress_bars(*, of_bytes: bool = False) -> Iterator[StageProgress]:
    """Show a progress bar for each stage on standard error; with `of_bytes`, in mebibytes and with their speed."""
    from rich import progress as rp
    from rich.console import Console

    amount = [rp.DownloadColumn(binary_units=True), rp.TransferSpeedColumn()] if of_bytes else [rp.MofNCompleteColumn()]
    columns = (rp.TextColumn("{task.description:<9}"), rp.BarColumn(), *amount, rp.TimeRemainingColumn())
    with rp.Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        tasks: dict[str, TaskID] = {}

        def show(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bars.add_task(stage, total=total)
            bars.update(tasks[stage], completed=done, total=total)

        yield show


@contextmanager
def showing_stages(first: str = "Reading", *, quiet: bool) -> Iterator[StageProgress | None]:
    """Show a progress bar for each stage on a terminal, a line for the first one in a pipe, nothing if `quiet`."""
    if quiet:
        yield None
    elif sys.stderr.isatty():
        with progress_bars() as show:
            yield show
    else:
        files = {first: 0}
        yield lambda stage, _, total: files.update({stage: total})
        say(f"{first}: {counted(files[first], 'file')}")


@contextmanager
def showing_files(what: str, *, quiet: bool) -> Iterator[Progress | None]:
    """Show the progress of a single stage, which reports file by file, as `showing_stages` does."""
    with showing_stages(what, quiet=quiet) as show:
        yield show and (lambda done, total: show(what, done, total) if done % 64 == 0 or done == total else None)
