"""JSON with the names that d3 uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphkit.exporters.json_arrays import write_object
from graphkit.exporters.plain_values import node_label, plain

if TYPE_CHECKING:
    import networkx as nx

    from graphkit.exporters.registry import ExportOptions, Files


def write(graph: nx.MultiDiGraph[str], files: Files, options: ExportOptions) -> None:
    """Write nodes and links for d3-force, with ``forceLink(links).id(node => node.id)``."""
    (stream,) = files.values()
    nodes = ({"id": node, "name": node_label(node, data), **plain(data)} for node, data in graph.nodes(data=True))
    links = (
        {"source": start, "target": target, "kind": kind, **plain(data)}
        for start, target, kind, data in graph.edges(keys=True, data=True)
    )
    write_object(stream, {"graph": plain(graph.graph)}, {"nodes": nodes, "links": links})
