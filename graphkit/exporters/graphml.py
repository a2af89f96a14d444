"""GraphML, as NetworkX writes it, for Gephi, yEd and all that read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, TYPE_CHECKING, Any

from graphkit.exporters.flat import flat, replaced, xml_safe
from graphkit.exporters.labels import edge_id, node_label

if TYPE_CHECKING:
    import networkx as nx


def write(graph: nx.MultiDiGraph[str], stream: IO[bytes]) -> int:
    """Write the graph; return how many texts stand beside their exact form, see `xml_safe`.

    Each node has a `label` to be shown, each edge its `kind` and an id of its own.
    """
    import networkx as nx
    from networkx.readwrite.graphml import GraphMLWriter

    told = 0

    def attributes(data: Mapping[str, Any]) -> dict[str, Any]:
        nonlocal told
        safe = xml_safe(flat(data), line_ends=True)
        told += replaced(safe)
        return safe

    shown: nx.MultiDiGraph[str] = nx.MultiDiGraph(**attributes(graph.graph))
    for node, data in graph.nodes(data=True):
        shown.add_node(node, **attributes({"label": node_label(node, data), **data}))
    for start, target, kind, data in graph.edges(keys=True, data=True):
        own = {"id": edge_id(start, target, kind), "kind": kind}
        shown.add_edge(start, target, kind, **attributes({**own, **data}))
    # Not write_graphml: with lxml at hand it gives other bytes than without.
    writer = GraphMLWriter(encoding="utf-8", edge_id_from_attribute="id")
    writer.add_graph_element(shown)
    writer.dump(stream)
    return told
