"""Tables: a row for each node and for each edge, the columns of which are those of a build on a cluster."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

from graphkit.errors import UsageError

if TYPE_CHECKING:
    import networkx as nx

Row = dict[str, Any]


class Kind(Enum):
    """What the cells of a column hold."""

    TEXT = "text"
    INTEGER = "integer"
    RANK = "rank"
    MOMENT = "moment"
    TEXTS = "texts"
    VARIANTS = "variants"
    IMAGES = "images"
    PLACES = "places"


class Column(NamedTuple):
    """A column: its name, what its cells hold, and the kind of node that has it, empty for all."""

    name: str
    holds: Kind
    of: str = ""


LISTS = frozenset({Kind.TEXTS, Kind.VARIANTS, Kind.IMAGES, Kind.PLACES})

NODES = (
    Column("id", Kind.TEXT),
    Column("kind", Kind.TEXT),
    Column("title", Kind.TEXT, "article"),
    Column("titles", Kind.TEXTS, "article"),
    Column("excerpt", Kind.TEXT, "article"),
    Column("published_at", Kind.MOMENT, "article"),
    Column("updated_at", Kind.MOMENT, "article"),
    Column("url", Kind.TEXT, "article"),
    Column("variants", Kind.VARIANTS, "article"),
    Column("media", Kind.TEXT, "article"),
    Column("quality", Kind.INTEGER, "article"),
    Column("heat", Kind.INTEGER, "article"),
    Column("status", Kind.TEXT, "article"),
    Column("categories", Kind.TEXTS, "article"),
    Column("language", Kind.TEXT, "article"),
    Column("images", Kind.IMAGES, "article"),
    Column("sources", Kind.PLACES, "article"),
    Column("name", Kind.TEXT, "provider"),
    Column("names", Kind.TEXTS, "provider"),
    Column("domain", Kind.TEXT, "provider"),
    Column("platform", Kind.TEXT, "provider"),
    Column("label", Kind.TEXT, "topic"),
    Column("labels", Kind.TEXTS, "topic"),
    Column("keywords", Kind.TEXTS, "topic"),
)
EDGES = (
    Column("src", Kind.TEXT),
    Column("dst", Kind.TEXT),
    Column("kind", Kind.TEXT),
    Column("label", Kind.TEXT, "publisher"),
    Column("rank", Kind.RANK, "related"),
    Column("sources", Kind.PLACES, "related"),
)


def node_rows(graph: nx.MultiDiGraph[str]) -> Iterator[Row]:
    """Yield the rows of nodes. What is unknown is None, or an empty list where the node's kind has such.

    Raises `UsageError` for an attribute that has no column, which would be lost.
    """
    for node, data in graph.nodes(data=True):
        yield _row({"id": node, **data}, NODES, data.get("kind", ""))


def edge_rows(graph: nx.MultiDiGraph[str]) -> Iterator[Row]:
    """Yield the rows of edges, as `node_rows` does those of nodes."""
    for start, target, kind, data in graph.edges(keys=True, data=True):
        yield _row({"src": start, "dst": target, "kind": kind, **data}, EDGES, kind)


def _row(known: Mapping[str, Any], columns: tuple[Column, ...], kind: str) -> Row:
    row = {name: known.get(name, [] if holds in LISTS and of == kind else None) for name, holds, of in columns}
    if not row.keys() >= known.keys():
        other = min(known.keys() - row.keys())
        raise UsageError(
            f"table: expected the attributes of a graph of graphkit, got {other!r} of {known[columns[0][0]]}"
        )
    return row
