"""Node-link JSON, as NetworkX reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphkit.exporters.json_arrays import write_object
from graphkit.exporters.plain_values import plain

if TYPE_CHECKING:
    import networkx as nx

    from graphkit.exporters.registry import ExportOptions, Files


def write(graph: nx.MultiDiGraph[str], files: Files, options: ExportOptions) -> None:
    """Write what ``networkx.node_link_graph(…, edges="edges")`` reads. A moment is a text, a tuple a list."""
    (stream,) = files.values()
    nodes = ({"id": node, **plain(data)} for node, data in graph.nodes(data=True))
    edges = (
        {"source": start, "target": target, "key": kind, **plain(data)}
        for start, target, kind, data in graph.edges(keys=True, data=True)
    )
    members = {"directed": True, "multigraph": True, "graph": plain(graph.graph)}
    write_object(stream, members, {"nodes": nodes, "edges": edges})
