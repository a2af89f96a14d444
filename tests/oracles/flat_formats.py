"""The graph back from its other forms, by readers that know nothing of how graphkit writes them."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from xml.etree import ElementTree as ET

import networkx as nx

Graph = nx.MultiDiGraph

PAIRS = ("variants", "sources")
TEXTS = ("titles", "categories", "names", "labels", "keywords")
MOMENTS = ("published_at", "updated_at")
SHOWN = {"article": "title", "provider": "name", "topic": "label"}


def attributes(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return the attributes that JSON, or flat attributes, tell."""
    known = dict(told)
    for name in [name for name in known if name.endswith(".json")]:
        known[name.removesuffix(".json")] = json.loads(known.pop(name))
    for name in (*PAIRS, *TEXTS, "images"):
        if name in known:
            listed = json.loads(known[name]) if isinstance(known[name], str) else known[name]
            known[name] = tuple(tuple(one) if name in PAIRS else one for one in listed)
    for name in MOMENTS:
        if name in known:
            known[name] = datetime.fromisoformat(known[name])
    return known


def graph_of(
    nodes: Iterable[tuple[str, Mapping[str, Any]]],
    edges: Iterable[tuple[str, str, str, Mapping[str, Any]]],
    about: Mapping[str, Any],
) -> Graph[str]:
    """Return the graph that nodes and edges tell."""
    graph: Graph[str] = nx.MultiDiGraph(**about)
    graph.add_nodes_from((node, attributes(told)) for node, told in nodes)
    for start, target, kind, told in edges:
        assert not graph.has_edge(start, target, kind)
        graph.add_edge(start, target, kind, **attributes(told))
    return graph


def all_of(graph: Graph[str]) -> tuple[Any, ...]:
    """Return all that a graph holds: nodes in their order, edges in an order of their own."""
    edges = sorted(graph.edges(keys=True, data=True), key=lambda edge: edge[:3])
    return dict(graph.graph), list(graph.nodes(data=True)), edges


def without(told: Mapping[str, Any], *names: str) -> dict[str, Any]:
    """Return what is told but for some names, and their exact forms."""
    left_out = {name + end for name in names for end in ("", ".json")}
    return {name: value for name, value in told.items() if name not in left_out}


def own_label(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is told without the label that is there to be shown alone."""
    return dict(told) if attributes(told)["kind"] == "topic" else without(told, "label")


def from_graphml(data: bytes) -> Graph[str]:
    read = nx.read_graphml(io.BytesIO(data), force_multigraph=True)
    nodes = ((node, own_label(told)) for node, told in read.nodes(data=True))
    edges = ((a, b, told["kind"], without(told, "id", "kind")) for a, b, told in read.edges(data=True))
    return graph_of(nodes, edges, attributes({k: v for k, v in read.graph.items() if not k.endswith("_default")}))


def from_gexf(data: bytes) -> Graph[str]:
    read = nx.read_gexf(io.BytesIO(data))
    about = ET.fromstring(data).findtext(".//{*}description", "")
    nodes = ((node, own_label(without(told, "start", "articles"))) for node, told in read.nodes(data=True))
    edges = ((a, b, told["kind"], without(told, "id", "kind", "start")) for a, b, told in read.edges(data=True))
    return graph_of(nodes, edges, json.loads(about.removeprefix("Coverage graph ")))


def from_node_link(data: bytes) -> Graph[str]:
    read: Graph[str] = nx.node_link_graph(json.loads(data), edges="edges")  # type: ignore[assignment]  # it says so
    return graph_of(read.nodes.items(), read.edges(keys=True, data=True), read.graph)


def from_cytoscape(document: Mapping[str, Any]) -> Graph[str]:
    """Take `name` for the shown one where a node's kind has none of its own."""
    elements = document.get("elements", document)
    told = [one.get("data", one) for one in elements["nodes"]]
    nodes = ((one["id"], without(_own_name(one), "id")) for one in told)
    links = [one.get("data", one) for one in elements["edges"]]
    edges = (
        (one["source"], one["target"], one["kind"], without(one, "id", "source", "target", "kind")) for one in links
    )
    return graph_of(nodes, edges, document["data"])


def from_d3(document: Mapping[str, Any]) -> Graph[str]:
    nodes = ((one["id"], without(_own_name(one), "id")) for one in document["nodes"])
    edges = (
        (one["source"], one["target"], one["kind"], without(one, "source", "target", "kind"))
        for one in document["links"]
    )
    return graph_of(nodes, edges, document["graph"])


def _own_name(told: Mapping[str, Any]) -> dict[str, Any]:
    return dict(told) if told["kind"] == "provider" else without(told, "name")


def from_rows(nodes: Iterable[Mapping[str, Any]], edges: Iterable[Mapping[str, Any]]) -> Graph[str]:
    """Return the graph of two tables; None and the empty list are unknown."""
    known = [{name: value for name, value in row.items() if value not in (None, [])} for row in (*nodes, *edges)]
    return graph_of(
        ((row["id"], without(row, "id")) for row in known if "id" in row),
        ((row["src"], row["dst"], row["kind"], without(row, "src", "dst", "kind")) for row in known if "src" in row),
        {},
    )


def from_csv(nodes: bytes, edges: bytes, *, encoding: str = "utf-8") -> Graph[str]:
    """Return the graph of two CSV files; a cell that is empty is unknown."""
    tables = [csv.DictReader(io.StringIO(data.decode(encoding), newline="")) for data in (nodes, edges)]
    cells = ([{name: _cell(name, text) for name, text in row.items() if text} for row in table] for table in tables)
    return from_rows(*cells)


def _cell(name: str, text: str) -> Any:
    if name in ("quality", "heat", "rank"):
        return int(text)
    return text[1:] if text.startswith("'") and text[1:2] in "=+-@\t\r\n＝＋－＠" else text
