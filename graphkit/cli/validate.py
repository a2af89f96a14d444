"""``graphkit validate``: check RDF against the shapes of an export."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from graphkit.cli.options import ForceOption, QuietOption
from graphkit.cli.terminal import counted, exit_if_strict, say, width
from graphkit.diagnostics.quoting import for_terminal, quoted
from graphkit.errors import UsageError

if TYPE_CHECKING:
    from graphkit.validation import Finding, Validation

FORMATS = ("table", "ttl", "sarif", "github")
TABLE_ROWS = 200
"""Nobody reads a longer table to its end."""


def validate(
    data: Annotated[
        Path, typer.Argument(metavar="DATA", help="An export folder, an RDF file or a folder of them.")
    ] = Path("exports"),
    records: Annotated[
        list[str] | None,
        typer.Option("--records", "-r", metavar="SOURCES", help="The records it was built from, to tell their lines."),
    ] = None,
    format: Annotated[
        str, typer.Option("--format", "-f", help="table, ttl (SHACL), sarif (2.1.0) or github (annotations).")
    ] = "table",
    out: Annotated[Path | None, typer.Option("--out", "-o", help="The file to write, not standard output.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 if there are findings.")] = False,
    force: ForceOption = False,
    quiet: QuietOption = False,
) -> None:
    """Hold RDF against the shapes of an export and tell where each finding came from."""
    from graphkit import validation

    if format not in FORMATS:
        raise UsageError(f"format: expected one of {', '.join(FORMATS)}, got {quoted(format)}")
    found = validation.validate(data, records=records or ())
    if out is not None:
        from graphkit.files.atomic import replacing
        from graphkit.files.written_beginnings import check_alike

        with replacing(out) as stream:
            stream.write(_report(found, format, 120).encode("utf-8", "replace"))
            stream.flush()
            check_alike(out, Path(stream.name), force=force)
    elif format != "table" or found.findings:
        sys.stdout.write(_report(found, format, width()))
    if not quiet:
        shown = len(found.findings) if out is not None or format != "table" else TABLE_ROWS
        if len(found.findings) > shown:
            say(f"… the first {shown:,}; --format ttl prints them all")
        say(
            f"{counted(found.triples, 'triple')} of {counted(found.subjects, 'subject')} held against the shapes: "
            f"{counted(len(found.findings), 'finding') if found.findings else 'no findings'}"
        )
        if out is not None:
            say(f"wrote {out}")
    exit_if_strict(strict=strict, faults=found.findings)


def _report(found: Validation, format: str, columns: int) -> str:
    from graphkit import __version__
    from graphkit.validation import reports
    from graphkit.validation.shapes import bundled

    if format == "ttl":
        return reports.turtle(found.findings)
    if format == "sarif":
        return reports.sarif(found.findings, bundled(), found.base, version=__version__)
    return reports.github(found.findings, found.base) if format == "github" else _table(found, columns)


def _table(found: Validation, width: int) -> str:
    """Render the findings as a table: where each came from, and what is wrong."""
    import io

    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from graphkit.validation.reports import statement

    table = Table(box=box.SIMPLE_HEAD)
    table.add_column("where", overflow="fold", ratio=2)
    table.add_column("finding", overflow="fold", ratio=3)
    for finding in found.findings[:TABLE_ROWS]:
        table.add_row(Text(_where(finding)), Text(f"{finding.message}\n{statement(finding, found.base)}\n"))
    stream = io.StringIO()
    Console(file=stream, width=width, highlight=False, force_terminal=sys.stdout.isatty() or None).print(table)
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines()) + "\n"


def _where(finding: Finding) -> str:
    """Return the first source, how many more there are, and the place in the RDF."""
    lines = [str(place) for place in finding.sources[:1]]
    if finding.sources[1:]:
        lines.append(f"and {counted(len(finding.sources) - 1, 'more place')}")
    if finding.at.file:
        lines.append(str(finding.at))
    return "\n".join(map(for_terminal, lines))
