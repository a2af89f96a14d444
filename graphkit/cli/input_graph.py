"""The graph that a command works on: read from an export, or else built from records."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from graphkit.cli.terminal import print_diagnostics, showing_files

if TYPE_CHECKING:
    import networkx as nx


def input_graph(
    sources: list[str], *, follow_links: bool = False, identity: Path | None = None, quiet: bool
) -> nx.MultiDiGraph[str]:
    """Return the graph of an export (its folder, or an RDF file in it) or else of records."""
    from graphkit.errors import UsageError
    from graphkit.files.compression import ending_of
    from graphkit.pipeline import api
    from graphkit.rdf.graph_reader import find_export, read_graph
    from graphkit.rdf.syntaxes import EXPORT_SYNTAXES

    if len(sources) == 1:
        path = Path(sources[0])
        export = find_export(path) if path.is_dir() else None
        if path.is_file() and ending_of(path.name) in EXPORT_SYNTAXES:
            export = path
        if export is not None:
            if identity is not None:
                raise UsageError(f"identity: expected records to build from, got the export {export}")
            return read_graph(export)
    with showing_files("Reading", quiet=quiet) as progress:
        built = api.build(sources, follow_links=follow_links, progress=progress, identity=identity)
    print_diagnostics(built.diagnostics, built.report, built.listing, quiet=quiet)
    return built.graph
