"""Node-link JSON, as NetworkX reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphkit.exporters.json_arrays import member, write_rows
from graphkit.exporters.plain_values import plain

if TYPE_CHECKING:
    import networkx as nx

    from graphkit.exporters.export_options import ExportOptions, Files


def write(graph: nx.MultiDiGraph[str], files: Files, options: ExportOptions) -> str:
    """Write what ``networkx.node_link_graph(…, edges="edges")`` reads. A moment is a text, a tuple a list."""
    (stream,) = files.values()
    stream.write(b"{\n" + member("directed", True) + member("multigraph", True) + member("graph", plain(graph.graph)))
    write_rows(stream, "nodes", ({"id": node, **plain(data)} for node, data in graph.nodes(data=True)))
    stream.write(b",\n")
    edges = (
        {"source": start, "target": target, "key": kind, **plain(data)}
        for start, target, kind, data in graph.edges(keys=True, data=True)
    )
    write_rows(stream, "edges", edges)
    stream.write(b"\n}\n")
    return ""
