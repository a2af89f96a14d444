"""GraphML, as NetworkX writes it, for Gephi, yEd and all that read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from graphkit.exporters.labels import edge_id, node_label
from graphkit.exporters.plain_values import flat, xml_note, xml_safe

if TYPE_CHECKING:
    import networkx as nx

    from graphkit.exporters.export_options import ExportOptions, Files


def write(graph: nx.MultiDiGraph[str], files: Files, options: ExportOptions) -> str:
    """Write the graph. Each node has a `label` to be shown, each edge its `kind` and an id of its own."""
    import networkx as nx
    from networkx.readwrite.graphml import GraphMLWriter

    def attributes(data: Mapping[str, Any]) -> dict[str, Any]:
        return xml_safe(flat(data), line_ends=True)

    shown: nx.MultiDiGraph[str] = nx.MultiDiGraph(**attributes(graph.graph))
    for node, data in graph.nodes(data=True):
        shown.add_node(node, **attributes({"label": node_label(node, data), **data}))
    for start, target, kind, data in graph.edges(keys=True, data=True):
        own = {"id": edge_id(start, target, kind), "kind": kind}
        shown.add_edge(start, target, kind, **attributes({**own, **data}))
    # Not write_graphml: with lxml at hand it gives other bytes than without.
    writer = GraphMLWriter(encoding="utf-8", edge_id_from_attribute="id")
    writer.add_graph_element(shown)
    (stream,) = files.values()
    writer.dump(stream)
    return xml_note(shown)
