"""The facts in the panel next to a drawing: plain values, no HTML."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import networkx as nx

from graphkit.page.node_display import name_of, web_address
from graphkit.records.attributes import NODE_ATTRIBUTES, ValueType

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_MOST_NOT_DRAWN = 20  # neighbours outside the picture that one list of one node names


class _NeighbourList(NamedTuple):
    """A list of neighbours: the kind of edge, and the headings if the node is its source or its target."""

    edge: str
    outgoing: str
    incoming: str


_LISTS = (
    _NeighbourList("publisher", "Provider", "Published"),
    _NeighbourList("distributor", "Distributed by", "Distributed"),
    _NeighbourList("broader", "Broader topic", "Narrower topics"),
    _NeighbourList("about", "Topics", "Coverage"),
    _NeighbourList("related", "Related coverage", "Named as related by"),
)


def panel_facts(graph: nx.MultiDiGraph[str], nodes: Sequence[str]) -> list[dict[str, Any]]:
    """Return the facts of each of `nodes`, in their order; neighbours among them are given by index."""
    index_of = {node: index for index, node in enumerate(nodes)}
    return [_facts(graph, node, index_of) for node in nodes]


def _facts(graph: nx.MultiDiGraph[str], node: str, index_of: Mapping[str, int]) -> dict[str, Any]:
    known = graph.nodes[node]
    name = name_of(node, known)
    others = {str(text) for key in ("titles", "names", "labels") for text in known.get(key, ())}
    facts = {
        "id": node,
        "what": _what(known),
        "name": name,
        "url": web_address(known),
        "excerpt": str(known.get("excerpt", "")).strip(),
        "rows": _rows(known),
        "others": sorted(others - {name, ""}),
        "lists": _lists(graph, node, index_of),
    }
    return {key: value for key, value in facts.items() if value}


def _what(known: Mapping[str, Any]) -> str:
    kind = str(known.get("kind", "article"))
    return (str(known.get("media", "article")) if kind == "article" else kind).capitalize()


def _rows(known: Mapping[str, Any]) -> list[list[str]]:
    """Return the attributes that have a label, each with its value in words."""
    rows = [
        [attribute.label, _words(known[attribute.name], attribute.type)]
        for attributes in NODE_ATTRIBUTES.values()
        for attribute in attributes
        if attribute.label and known.get(attribute.name) is not None
    ]
    return [row for row in rows if row[1] and row != ["Status", "published"]]


def _words(value: Any, type: ValueType) -> str:
    match type:
        case ValueType.MOMENT:
            return _date(value)
        case ValueType.TEXTS:
            return ", ".join(map(str, value))
        case _:
            return str(value)


def _date(moment: datetime | None) -> str:
    """Write a moment for people, in UTC and without a locale.

    >>> _date(datetime(2021, 8, 23, 11, 22, tzinfo=UTC))
    '23 August 2021, 11:22 UTC'
    """
    if moment is None:
        return ""
    moment = moment.astimezone(UTC) if moment.tzinfo else moment
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}, {moment:%H:%M} UTC"


def _lists(graph: nx.MultiDiGraph[str], node: str, index_of: Mapping[str, int]) -> list[dict[str, Any]]:
    outgoing = sorted(graph.out_edges(node, keys=True, data=True), key=_by_rank)
    incoming = sorted(graph.in_edges(node, keys=True, data=True), key=_by_rank)
    lists = []
    for edge, heading_out, heading_in in _LISTS:
        lists += [
            _list(graph, heading_out, [target for _, target, key, _ in outgoing if key == edge], index_of),
            _list(graph, heading_in, [source for source, _, key, _ in incoming if key == edge], index_of),
        ]
    return [one for one in lists if len(one) > 1]


def _by_rank(edge: tuple[str, str, str, dict[str, Any]]) -> tuple[int, str, str]:
    source, target, _, known = edge
    return (known.get("rank", 0), source, target)


def _list(
    graph: nx.MultiDiGraph[str], heading: str, others: Iterable[str], index_of: Mapping[str, int]
) -> dict[str, Any]:
    drawn = [index_of[other] for other in others if other in index_of]
    names = [name_of(other, graph.nodes[other]) for other in others if other not in index_of]
    parts = {"nodes": drawn, "names": names[:_MOST_NOT_DRAWN], "more": max(0, len(names) - _MOST_NOT_DRAWN)}
    return {"heading": heading, **{key: value for key, value in parts.items() if value}}
