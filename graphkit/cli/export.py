"""``graphkit export``: write an export in the formats of other tools."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from graphkit.cli.options import ForceOption, QuietOption, comma_separated
from graphkit.cli.terminal import say
from graphkit.errors import UsageError
from graphkit.exporters.registry import OF_ANY_GRAPH, checked_format, missing_package


def export(
    data: Annotated[Path, typer.Argument(metavar="DIR", help="The folder that build wrote to, or an RDF file of it.")],
    formats: Annotated[str, typer.Option("--format", "-f", help=f"By commas: {', '.join(OF_ANY_GRAPH)}, or all.")] = "",
    provenance: Annotated[
        bool, typer.Option("--provenance", help="TriG and N-Quads, a named graph for each source file.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="The folder to write to; that of the export by default.")
    ] = None,
    bom: Annotated[bool, typer.Option("--bom", help="Begin CSV with a byte order mark, for old spreadsheets.")] = False,
    force: ForceOption = False,
    quiet: QuietOption = False,
) -> None:
    """Write an export in the forms of graph tools, databases and catalogues."""
    from graphkit.exporters.export_files import write_formats
    from graphkit.garbage_collection import collector_paused
    from graphkit.rdf.graph_reader import find_export, read_export
    from graphkit.rdf.syntaxes import FASTEST, QUADS

    names = comma_separated(formats)
    # "all" leaves out formats whose package is not installed; a format asked for by name must be there.
    missing = {name: missing_package(name) for name in OF_ANY_GRAPH if name not in names} if "all" in names else {}
    every = [name for name in OF_ANY_GRAPH if not missing.get(name)]
    wanted = [format for name in names for format in (every if name == "all" else (checked_format(name),))]
    if provenance:
        wanted.append("provenance")
    if not wanted:
        raise UsageError(f"format: expected all, --provenance, or some of {', '.join(OF_ANY_GRAPH)}; got none")
    # Quads first, though they take longer to read: only they contain which files list a relation.
    found = find_export(data, dict.fromkeys((*QUADS, *FASTEST))) if data.is_dir() else data
    if found is None:
        raise UsageError(f"{data}: expected a folder with coverage.ttl or another RDF file, as graphkit build makes")
    folder = out or found.parent
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder}: expected a folder to write to, got a file")
    say(f"reading   {found}", quiet=quiet)
    with collector_paused():
        graph, base = read_export(found)
        written = write_formats(graph, folder, wanted, base=base, bom=bom, force=force)
    if not quiet:
        for path in written.files:
            say(f"wrote     {path}")
        for note in written.notes:
            say(f"note      {note}")
    for name, why in missing.items():
        if why:
            say(f"left out  {name}: {why}")
