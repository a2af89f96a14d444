"""XML graph: a copy of a graph for GraphML and GEXF, whose attributes XML keeps."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any

from graphkit.exporters.plain_values import NOT_XML, edge_id, flat, node_label, one_line_json

if TYPE_CHECKING:
    import networkx as nx

EXACT = ".json"
"""The ending of the name under which an attribute's exact text is kept as JSON."""

_LINE_END = re.compile("\r\n?")


def xml_graph(graph: nx.MultiDiGraph[str], *, line_ends: bool) -> nx.MultiDiGraph[str]:
    """Return a copy with `xml_safe` attributes, a `label` for each node, and an `id` and a `kind` for each edge."""
    import networkx as nx

    shown: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for node, data in graph.nodes(data=True):
        shown.add_node(node, **xml_safe({"label": node_label(node, data), **data}, line_ends=line_ends))
    for start, target, kind, data in graph.edges(keys=True, data=True):
        attributes = {"id": edge_id(start, target, kind), "kind": kind, **data}
        shown.add_edge(start, target, kind, **xml_safe(attributes, line_ends=line_ends))
    return shown


def xml_safe(attributes: Mapping[str, Any], *, line_ends: bool) -> dict[str, Any]:
    r"""Return `flat` attributes in which XML keeps every text.

    A character that XML 1.0 forbids becomes U+FFFD, and the exact text is added as JSON, under a name that ends in
    EXACT. The same goes for carriage returns if `line_ends` are read as line feeds, as in the text of an element.

    >>> xml_safe({"title": "bell \x07"}, line_ends=False)
    {'title': 'bell \ufffd', 'title.json': '"bell \\u0007"'}
    """
    safe: dict[str, Any] = {}
    for name, value in flat(attributes).items():
        safe[name] = value
        if isinstance(value, str):
            safe[name] = NOT_XML.sub("\ufffd", _LINE_END.sub("\n", value) if line_ends else value)
            if safe[name] != value:
                safe[name + EXACT] = one_line_json(value)
    return safe


def xml_note(graph: nx.MultiDiGraph[str]) -> str:
    """Return a sentence on the texts of an `xml_graph` that XML does not keep, or ""."""
    nodes = (data for _, data in graph.nodes(data=True))
    edges = (data for *_, data in graph.edges(data=True))
    number = sum(name.endswith(EXACT) for data in chain([graph.graph], nodes, edges) for name in data)
    texts = "1 text holds" if number == 1 else f"{number:,} texts hold"
    return f"{texts} characters that XML does not keep; NAME.json has the exact text, as JSON" if number else ""
