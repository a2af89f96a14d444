"""GraphML, as NetworkX writes it, for Gephi, yEd and others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graphkit.exporters.xml_graph import xml_graph, xml_note, xml_safe

if TYPE_CHECKING:
    import networkx as nx

    from graphkit.exporters.registry import ExportOptions, Files


def write(graph: nx.MultiDiGraph[str], files: Files, options: ExportOptions) -> str | None:
    """Write the graph. Each node has a `label`, each edge its `kind` and an id of its own."""
    from networkx.readwrite.graphml import GraphMLWriter

    shown = xml_graph(graph, line_ends=True)
    shown.graph.update(xml_safe(graph.graph, line_ends=True))
    # Not write_graphml, which writes other bytes if lxml is installed.
    writer = GraphMLWriter(encoding="utf-8", edge_id_from_attribute="id")
    writer.add_graph_element(shown)
    (stream,) = files.values()
    writer.dump(stream)
    return xml_note(shown)
