"""Attributes as the plain values that other formats know, losing nothing; labels of nodes and ids of edges."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from graphkit.records.dates import utc_text

NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""A character that XML 1.0 forbids."""

_LABELS = {"article": "title", "provider": "name", "topic": "label"}


def node_label(node: str, data: Mapping[str, Any]) -> str:
    """Return what to write at a node: its title, name or label, else its id."""
    return str(data.get(_LABELS.get(data.get("kind", ""), ""), "")) or node


def edge_id(start: str, target: str, kind: str) -> str:
    """Return an id that no other edge and no node has, the same in every export.

    >>> edge_id("article/a", "topic/b", "about")
    'article/a|about|topic/b'
    """
    return f"{start}|{kind}|{target}"


def plain(value: Any) -> Any:
    """Return a value as JSON knows it: a moment as its text, a tuple as a list."""
    if isinstance(value, datetime):
        return utc_text(value)
    if isinstance(value, Mapping):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    return value


def flat(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """Return attributes that are texts and numbers only: a list becomes the text of a JSON array.

    >>> flat({"label": "AI", "labels": ("AI", "A.I.")})
    {'label': 'AI', 'labels': '["AI", "A.I."]'}
    """
    values = ((name, plain(value)) for name, value in attributes.items())
    return {name: one_line_json(value) if isinstance(value, list | dict) else value for name, value in values}


def one_line_json(value: Any) -> str:
    """Return a value as JSON on one line, with an escape for each character that XML forbids."""
    return NOT_XML.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))
