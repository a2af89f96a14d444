"""Node-link JSON, as NetworkX reads it, and the same with the names that d3 uses."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, TYPE_CHECKING, Any

from graphkit.exporters.flat import plain
from graphkit.exporters.jsonrows import member, write_rows
from graphkit.exporters.labels import node_label

if TYPE_CHECKING:
    import networkx as nx

Row = dict[str, Any]


def write(graph: nx.MultiDiGraph[str], stream: IO[bytes]) -> None:
    """Write what ``networkx.node_link_graph(…, edges="edges")`` reads. A moment is a text, a tuple a list."""
    stream.write(b"{\n" + member("directed", True) + member("multigraph", True) + member("graph", plain(graph.graph)))
    write_rows(stream, "nodes", ({"id": node, **plain(data)} for node, data in graph.nodes(data=True)))
    stream.write(b",\n")
    edges = (
        {"source": start, "target": target, "key": kind, **plain(data)}
        for start, target, kind, data in graph.edges(keys=True, data=True)
    )
    write_rows(stream, "edges", edges)
    stream.write(b"\n}\n")


def write_d3(graph: nx.MultiDiGraph[str], stream: IO[bytes]) -> None:
    """Write nodes and links for d3-force, with ``forceLink(links).id(node => node.id)``."""
    stream.write(b"{\n" + member("graph", plain(graph.graph)))
    write_rows(stream, "nodes", _named(graph))
    stream.write(b",\n")
    links = (
        {"source": start, "target": target, "kind": kind, **plain(data)}
        for start, target, kind, data in graph.edges(keys=True, data=True)
    )
    write_rows(stream, "links", links)
    stream.write(b"\n}\n")


def _named(graph: nx.MultiDiGraph[str]) -> Iterator[Row]:
    for node, data in graph.nodes(data=True):
        yield {"id": node, "name": node_label(node, data), **plain(data)}
