"""Cytoscape.js JSON, which Cytoscape reads too (.cyjs)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphkit.exporters.json_arrays import member, write_rows
from graphkit.exporters.labels import edge_id, node_label
from graphkit.exporters.plain_values import plain

if TYPE_CHECKING:
    import networkx as nx

    from graphkit.exporters.export_options import ExportOptions, Files


def write(graph: nx.MultiDiGraph[str], files: Files, options: ExportOptions) -> str:
    """Write the options of a Cytoscape.js graph: its elements and its data. A node's `name` is there to be shown."""
    (stream,) = files.values()
    stream.write(b"{\n" + member("data", plain(graph.graph)) + b'"elements": {\n')
    nodes = (
        {"data": {"id": node, "name": node_label(node, data), **plain(data)}} for node, data in graph.nodes(data=True)
    )
    write_rows(stream, "nodes", nodes)
    stream.write(b",\n")
    edges = (
        {
            "data": {
                "id": edge_id(start, target, kind),
                "source": start,
                "target": target,
                "kind": kind,
                **plain(data),
            }
        }
        for start, target, kind, data in graph.edges(keys=True, data=True)
    )
    write_rows(stream, "edges", edges)
    stream.write(b"\n}\n}\n")
    return ""
