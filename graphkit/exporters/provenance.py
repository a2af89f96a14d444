"""Quads: a named graph for each source file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphkit.errors import UsageError
from graphkit.rdf.serialization import rdf_bytes

if TYPE_CHECKING:
    import networkx as nx

    from graphkit.exporters.registry import ExportOptions, Files


def write(graph: nx.MultiDiGraph[str], files: Files, options: ExportOptions) -> None:
    """Write TriG and N-Quads. Raises `UsageError` if a relation lacks the files that list it."""
    related = [bool(data.get("sources")) for *_, kind, data in graph.edges(keys=True, data=True) if kind == "related"]
    if not all(related):
        raise UsageError(
            "provenance: expected relations that tell which files list them, as coverage.nq and coverage.trig do, got "
            f"{related.count(False):,} of {len(related):,} that do not; graphkit build --provenance writes both files"
        )
    for name, stream in files.items():
        stream.write(rdf_bytes(graph, format=name.rpartition(".")[2], base=options.base))
