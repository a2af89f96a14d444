"""Rows: those of nodes and edges, as GraphFrames and everyone else who reads Parquet expects them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphkit.exporters import tables
from graphkit.merge.articles import Article
from graphkit.merge.providers import Provider
from graphkit.merge.topics import Topic
from graphkit.records.attributes import LISTS, ValueType

_TYPES = {
    ValueType.TEXT: "string",
    ValueType.INTEGER: "bigint",
    ValueType.SMALL_INTEGER: "int",
    ValueType.MOMENT: "timestamp",
    ValueType.TEXTS: "array<string>",
    ValueType.VARIANTS: "array<struct<relation:string,url:string>>",
    ValueType.IMAGES: "array<struct<url:string,width:bigint,height:bigint>>",
    ValueType.PLACES: "array<struct<file:string,pointer:string>>",
}
NODES = ", ".join(f"{column.name} {_TYPES[column.type]}" for column in tables.NODES)
"""The schema of nodes; what is unknown, or not of a node's kind, is null."""

EDGES = ", ".join(f"{column.name} {_TYPES[column.type]}" for column in tables.EDGES)
"""The schema of edges."""


def node_row(node: Article | Provider | Topic) -> tuple[Any, ...]:
    """Return the row of a node."""
    kind = _KINDS[type(node)]
    return (
        node.id,
        kind,
        *(_cell(getattr(node, name), type) if of == kind else None for name, type, of in tables.NODES[2:]),
    )


_KINDS: dict[type, str] = {Article: "article", Provider: "provider", Topic: "topic"}


def _cell(value: Any, type: ValueType) -> Any:
    if type is ValueType.IMAGES:
        return [(url, width or None, height or None) for url, width, height in value]
    if type in LISTS:
        return list(value)
    return None if value == "" else value


def edge_rows(start: Article | Topic) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of the edges that an article or a topic has to others."""
    if isinstance(start, Topic):
        for broader in start.broader:
            yield start.id, broader, "broader", None, None, None
        return
    if start.publisher:
        yield start.id, start.publisher, "publisher", start.publisher_label or None, None, None
    if start.distributor:
        yield start.id, start.distributor, "distributor", None, None, None
    for topic in start.topics:
        yield start.id, topic, "about", None, None, None
    for link in start.related:
        yield start.id, link.target, "related", None, link.rank, list(link.sources)
