"""Cytoscape.js JSON, which Cytoscape reads too (.cyjs)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from graphkit.exporters.json_arrays import write_object
from graphkit.exporters.plain_values import edge_id, node_label, plain

if TYPE_CHECKING:
    import networkx as nx

    from graphkit.exporters.registry import ExportOptions, Files


def write(graph: nx.MultiDiGraph[str], files: Files, options: ExportOptions) -> None:
    """Write the options of a Cytoscape.js graph: its data and its elements. The `name` of a node is its label."""
    (stream,) = files.values()
    nodes = (
        {"data": {"id": node, "name": node_label(node, data), **plain(data)}} for node, data in graph.nodes(data=True)
    )
    edges = (
        {"data": {"id": edge_id(start, target, kind), "source": start, "target": target, "kind": kind, **plain(data)}}
        for start, target, kind, data in graph.edges(keys=True, data=True)
    )
    stream.write(b'{\n"data": ' + msgspec.json.encode(plain(graph.graph)) + b',\n"elements": ')
    write_object(stream, {}, {"nodes": nodes, "edges": edges})
    stream.write(b"}\n")
