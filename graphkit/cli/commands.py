"""The commands, in the order that ``graphkit --help`` lists them, and how the process ends."""

from __future__ import annotations

import atexit
import os
import sys
import threading
from contextlib import suppress
from typing import Annotated

import typer

from graphkit import __version__
from graphkit.cli import (
    build,
    check,
    draw,
    explain,
    explore,
    export,
    queries,
    query,
    serve,
    stats,
    upload,
    validate,
    watch,
)
from graphkit.cli.standard_streams import StandardStreams
from graphkit.cli.terminal import EXIT_CODES, EXIT_PIPE, EXIT_STRICT, fault_of_system, reported_errors, say
from graphkit.errors import GraphkitError

app = typer.Typer(
    help="Build a knowledge graph of news coverage from Markdown records.",
    no_args_is_help=True,
    add_completion=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command, summary in (
    (build.build, "Build the graph and export it."),
    (watch.watch, "Build again whenever the sources change."),
    (check.check, "Read all records and print what is wrong."),
    (stats.stats, "Print counts, top providers and topics."),
    (explain.explain, "Show how a URL is recognised."),
    (explore.explore, "Write a page to explore the whole graph in."),
    (draw.draw, "Draw a small graph, or the part around a node."),
    (queries.queries, "List the bundled questions."),
    (query.query, "Ask a question of an export or any RDF."),
    (export.export, "Write an export in the forms of other tools."),
    (validate.validate, "Hold RDF against the shapes of an export."),
    (serve.serve, "Serve SPARQL and pages over HTTP."),
    (upload.upload, "Take exports to a triple store."),
):
    app.command(short_help=summary)(reported_errors()(command))


@app.callback(invoke_without_command=True)
def root(version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False) -> None:
    """Build a knowledge graph of news coverage from Markdown records."""
    if version:
        print(f"graphkit {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command line; a broken pipe and an interrupt end it without a traceback."""
    streams = StandardStreams()
    try:
        app(prog_name="graphkit")
    except KeyboardInterrupt:
        sys.exit(130)
    except SystemExit as ending:
        _end_at_once(_exit_code(ending.code, streams))
    except OSError as error:  # of what is printed outside of commands, such as help
        if streams.output_fault is None:
            say(f"graphkit: {fault_of_system(error)}")
        _end_at_once(_exit_code(0 if streams.output_fault else EXIT_CODES[GraphkitError], streams))


def _exit_code(code: str | int | None, streams: StandardStreams) -> str | int | None:
    """Return the exit code of a command that ends with `code`, after what became of its output."""
    streams.flush()
    fault = streams.output_fault
    if streams.reader_has_gone:
        code = EXIT_PIPE
    elif fault is not None and code in (None, 0, EXIT_STRICT):
        say(f"graphkit: {fault_of_system(fault)}")
        code = EXIT_CODES[GraphkitError]
    if fault is not None or streams.reader_has_gone:
        streams.abandon()
    return code


def _end_at_once(code: str | int | None) -> None:
    """End the process without freeing its objects one by one, which takes a tenth of a build's time.

    Functions registered with `atexit` run first. The process ends normally where other threads run.
    """
    if not (code is None or isinstance(code, int)) or threading.active_count() > 1:
        sys.exit(code)
    with suppress(OSError, ValueError):
        atexit._run_exitfuncs()  # noqa: SLF001 - as the interpreter does
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code or 0)
