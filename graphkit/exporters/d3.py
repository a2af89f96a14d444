"""JSON with the names that d3 uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphkit.exporters.json_arrays import member, write_rows
from graphkit.exporters.labels import node_label
from graphkit.exporters.plain_values import plain

if TYPE_CHECKING:
    import networkx as nx

    from graphkit.exporters.export_options import ExportOptions, Files


def write(graph: nx.MultiDiGraph[str], files: Files, options: ExportOptions) -> str:
    """Write nodes and links for d3-force, with ``forceLink(links).id(node => node.id)``."""
    (stream,) = files.values()
    stream.write(b"{\n" + member("graph", plain(graph.graph)))
    nodes = ({"id": node, "name": node_label(node, data), **plain(data)} for node, data in graph.nodes(data=True))
    write_rows(stream, "nodes", nodes)
    stream.write(b",\n")
    links = (
        {"source": start, "target": target, "kind": kind, **plain(data)}
        for start, target, kind, data in graph.edges(keys=True, data=True)
    )
    write_rows(stream, "links", links)
    stream.write(b"\n}\n")
    return ""
