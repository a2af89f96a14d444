"""Labels of nodes and ids of edges in the formats of other tools."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_NAMES = {"article": "title", "provider": "name", "topic": "label"}


def node_label(node: str, data: Mapping[str, Any]) -> str:
    """Return what to write at a node: its title, name or label, else its id."""
    return str(data.get(_NAMES.get(data.get("kind", ""), ""), "")) or node


def edge_id(start: str, target: str, kind: str) -> str:
    """Return an id that no other edge and no node has, the same in every export.

    >>> edge_id("article/a", "topic/b", "about")
    'article/a|about|topic/b'
    """
    return f"{start}|{kind}|{target}"
