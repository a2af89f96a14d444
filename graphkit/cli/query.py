"""``graphkit query``: ask a question of an export or of any RDF."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from graphkit.cli.options import ForceOption, QuietOption
from graphkit.cli.terminal import say, width
from graphkit.diagnostics.quoting import quoted, reason_of
from graphkit.errors import UsageError

if TYPE_CHECKING:
    from graphkit.query.data import Data, Results
    from graphkit.query.questions import Question
    from graphkit.query.results import Written
    from graphkit.query.sinks import Sink


def query(
    query: Annotated[str, typer.Argument(metavar="QUERY", help="A bundled question, a file, or - for standard input.")],
    data: Annotated[
        Path, typer.Argument(metavar="DATA", help="An export folder, an RDF file, a folder of them or a store.")
    ] = Path("exports"),
    parameters: Annotated[
        list[str] | None, typer.Option("--parameter", "-p", metavar="NAME=VALUE", help="Set a parameter.")
    ] = None,
    format: Annotated[
        str,
        typer.Option(
            "--format",
            "-f",
            help="SELECT and ASK: table, csv, tsv, json, xml, markdown; SELECT also spreadsheet, CSV without formulas. "
            "CONSTRUCT and DESCRIBE: ttl, nt, nq, trig, rdf, jsonld, n3, table. "
            "Unless given: table on a terminal, else csv or ttl.",
        ),
    ] = "",
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="The file to write; its ending names the format.")
    ] = None,
    service: Annotated[bool, typer.Option("--service", help="Let SERVICE call other machines.")] = False,
    keep: Annotated[bool, typer.Option("--keep/--no-keep", help="Keep large data loaded, in .store beside it.")] = True,
    force: ForceOption = False,
    quiet: QuietOption = False,
) -> None:
    """Ask a bundled question, or any SPARQL query, and print the answer."""
    from graphkit.query.parameters import assignments, bind

    asked = _asked(query)
    values = assignments(parameters or ())
    format = _checked_format(format, out)
    from graphkit.query.opening import open_data
    from graphkit.rdf.vocabulary import DEFAULT_BASE

    with _interruptible():
        progress = say if sys.stderr.isatty() and not quiet else None
        opened = open_data(data, keep=keep, notify=None if quiet else say, progress=progress)
        bound = bind(asked, values, base=opened.base or DEFAULT_BASE)
        results = opened.query(bound.text, bound.substitutions, name=bound.name, service=service)
    written = _write(opened, results, bound.name, format, out, force=force)
    if quiet:
        return
    if written.empty:
        import pyoxigraph as ox

        say(f"{bound.name}: no {'rows' if isinstance(results, ox.QuerySolutions) else 'triples'}")
    if written.cut:
        from graphkit.query.results import TABLE_ROWS

        say(f"… the first {TABLE_ROWS:,} rows; --format csv prints them all")
    if out is not None:
        say(f"wrote {out}")


def _asked(query: str) -> Question:
    """Return a bundled question, or the one in a file or on standard input."""
    from graphkit.query.questions import bundled, find, read_question

    if query == "-":
        return read_question(_decoded(sys.stdin.buffer.read(), "standard input"), "standard input")
    path = Path(query)
    is_file = path.exists() or os.sep in query or query.endswith((".rq", ".sparql"))
    if not is_file or any(question.name == query for question in bundled()):
        return find(query)
    try:
        return read_question(_decoded(path.read_bytes(), query), query)
    except OSError as error:
        raise UsageError(f"{query}: expected a file with a query, got: {reason_of(error)}") from error


def _decoded(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{name}:{line}: expected a query in UTF-8, got {error.reason}") from None


def _checked_format(format: str, out: Path | None) -> str:
    from graphkit.query.results import ALL, ENDINGS

    if not format and out is not None:
        ending = out.name.rpartition(".")[2] if "." in out.name else ""
        format = ENDINGS.get(ending, ending)
        if format not in ALL:
            raise UsageError(f"{out}: expected --format, or a name that ends with one of {', '.join(ALL)}")
    if format and format not in ALL:
        raise UsageError(f"format: expected one of {', '.join(ALL)}, got {quoted(format)}")
    return format


def _write(opened: Data, results: Results, name: str, format: str, out: Path | None, *, force: bool) -> Written:
    from graphkit.files.atomic import replacing
    from graphkit.files.written_beginnings import check_alike
    from graphkit.query.results import default_format
    from graphkit.query.results import write as write_results
    from graphkit.query.sinks import TerminalSink

    terminal = out is None and sys.stdout.isatty()
    format = format or default_format(results, terminal=terminal)

    def write(sink: Sink, columns: int = 120) -> Written:
        with _interruptible():
            try:
                return write_results(results, format, sink, base=opened.base, width=columns)
            except BrokenPipeError:
                raise
            except (RuntimeError, ValueError, OSError) as error:
                raise opened.failure(error, name) from error

    if out is not None:
        import tempfile

        # To an unnamed file first: Ctrl-C ends the process at once, and would leave a named one behind.
        folder = out.parent if out.parent.is_dir() else None
        with tempfile.TemporaryFile(dir=folder) as whole:
            written = write(whole)
            whole.seek(0)
            with replacing(out) as stream:
                shutil.copyfileobj(whole, stream, 1 << 20)
                stream.flush()
                check_alike(out, Path(stream.name), force=force)
        return written
    sys.stdout.flush()
    shown = TerminalSink(sys.stdout.buffer) if terminal else None
    written = write(shown or sys.stdout.buffer, width())
    if shown is not None:
        shown.end()
    return written


@contextmanager
def _interruptible() -> Iterator[None]:
    """Let Ctrl-C end the process while the engine works: Python's own handler would wait for it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
