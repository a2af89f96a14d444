"""Tables with a row for each node and for each edge, and the columns that a build on a cluster writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from graphkit.errors import UsageError
from graphkit.records.attributes import LISTS, NODE_ATTRIBUTES, ValueType

if TYPE_CHECKING:
    import networkx as nx

Row = dict[str, Any]


class Column(NamedTuple):
    """A column: its name, the type of its cells, and the kind of node that has it, empty for all."""

    name: str
    type: ValueType
    of: str = ""


NODES = (
    Column("id", ValueType.TEXT),
    Column("kind", ValueType.TEXT),
    *(
        Column(attribute.name, attribute.type, kind)
        for kind, attributes in NODE_ATTRIBUTES.items()
        for attribute in attributes
    ),
)
EDGES = (
    Column("src", ValueType.TEXT),
    Column("dst", ValueType.TEXT),
    Column("kind", ValueType.TEXT),
    Column("label", ValueType.TEXT, "publisher"),
    Column("rank", ValueType.SMALL_INTEGER, "related"),
    Column("sources", ValueType.PLACES, "related"),
)


def both_tables(graph: nx.MultiDiGraph[str]) -> tuple[tuple[tuple[Column, ...], Iterator[Row]], ...]:
    """Return the columns and rows of nodes, and those of edges."""
    return (NODES, node_rows(graph)), (EDGES, edge_rows(graph))


def node_rows(graph: nx.MultiDiGraph[str]) -> Iterator[Row]:
    """Yield the rows of nodes. An unknown value is None, or an empty list if it is a list that the node's kind has.

    Raises `UsageError` for an attribute that has no column, which would be lost.
    """
    for node, data in graph.nodes(data=True):
        yield _row({"id": node, **data}, NODES, data.get("kind", ""))


def edge_rows(graph: nx.MultiDiGraph[str]) -> Iterator[Row]:
    """Yield the rows of edges, as `node_rows` does those of nodes."""
    for start, target, kind, data in graph.edges(keys=True, data=True):
        yield _row({"src": start, "dst": target, "kind": kind, **data}, EDGES, kind)


def _row(known: Mapping[str, Any], columns: tuple[Column, ...], kind: str) -> Row:
    row = {name: known.get(name, [] if type in LISTS and of == kind else None) for name, type, of in columns}
    if not row.keys() >= known.keys():
        other = min(known.keys() - row.keys())
        raise UsageError(
            f"table: expected the attributes of a graph of graphkit, got {other!r} of {known[columns[0][0]]}"
        )
    return row
