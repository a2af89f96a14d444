"""The nodes of a graph in the order of the explorer's page, each with its place in the layout."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from math import isqrt
from typing import Any, NamedTuple

import networkx as nx
import numpy as np

from graphkit.page.explorer.layout import Layout, lay_out
from graphkit.page.node_display import name_of, sort_of
from graphkit.page.standalone_html import one_line

SORTS = ("article", "video", "other", "provider", "topic")
EDGES = ("publisher", "distributor", "about", "related", "broader")
HUBS = frozenset({"provider", "topic"})

_NAME = 300  # characters; longer names are cut, as no list has room for them

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class PlacedNodes(NamedTuple):
    """The nodes in the order of the page, with their layout, and the links of each kind by positions in that order."""

    ids: list[str]
    facts: list[Mapping[str, Any]]
    sorts: list[str]
    radii: list[int]
    layout: Layout
    links: dict[str, list[list[int]]]
    ranks: dict[tuple[int, int], Mapping[str, Any]]


def placed_nodes(graph: nx.MultiDiGraph[str]) -> PlacedNodes:
    """Lay out a graph and sort its nodes: by area, then articles by date, then hubs."""
    ids = sorted(graph)
    index_of = {node: index for index, node in enumerate(ids)}
    sorts = [sort_of(graph.nodes[node]) for node in ids]
    radii = [_radius(sort, graph.degree(node)) for node, sort in zip(ids, sorts, strict=True)]
    edges = sorted(
        (index_of[source], index_of[target], EDGES.index(kind))
        for source, target, kind in graph.edges(keys=True)
        if kind in EDGES
    )
    table = np.array(edges, dtype=np.int32).reshape(-1, 3)
    layout = lay_out(ids, np.array(radii, dtype=np.int32), table[:, 0], table[:, 1], table[:, 2])

    area = layout.community.tolist()
    dates = [minutes_of(graph.nodes[node].get("published_at")) for node in ids]
    order = sorted(range(len(ids)), key=lambda at: (area[at], sorts[at] in HUBS, dates[at] or 0, ids[at]))
    place_of = {at: place for place, at in enumerate(order)}
    links: dict[str, list[list[int]]] = {kind: [[] for _ in ids] for kind in EDGES}
    ranks: dict[tuple[int, int], Mapping[str, Any]] = {}
    for source, target, kind in edges:
        links[EDGES[kind]][place_of[source]].append(place_of[target])
        if EDGES[kind] == "related":
            ranks[place_of[source], place_of[target]] = graph[ids[source]][ids[target]]["related"]
    for source, targets in enumerate(links["related"]):
        targets.sort(key=lambda target: (ranks[source, target].get("rank", 0), target))
    return PlacedNodes(
        ids=[ids[at] for at in order],
        facts=[graph.nodes[ids[at]] for at in order],
        sorts=[sorts[at] for at in order],
        radii=[radii[at] for at in order],
        layout=Layout(layout.x[order], layout.y[order], layout.community[order], layout.circles),
        links=links,
        ranks=ranks,
    )


def _radius(sort: str, degree: int) -> int:
    """Return half the drawn width of a node, in units of the layout: hubs grow with their links."""
    if sort in HUBS:
        return 12 + min(44, 2 * isqrt(degree))
    return 8 + min(6, isqrt(degree))


def shown_name(node: str, facts: Mapping[str, Any]) -> str:
    """Return the name of a node on one line, shortened if need be."""
    name = one_line(name_of(node, facts)) or "(no name)"
    return name if len(name) <= _NAME else name[: _NAME - 1].rstrip() + "…"


def minutes_of(moment: datetime | None) -> int | None:
    """Return whole minutes since 1970 in UTC."""
    if moment is None:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (moment - EPOCH) // timedelta(minutes=1)  # exact; seconds as a float are not in the year 9999
