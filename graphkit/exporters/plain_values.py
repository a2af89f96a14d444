"""Attributes as the plain values that other formats know. Nothing is lost on the way."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from itertools import chain
from typing import TYPE_CHECKING, Any

from graphkit.records.dates import utc_text

if TYPE_CHECKING:
    import networkx as nx

EXACT = ".json"
"""The end of the name under which the exact text of an attribute is kept, as JSON."""

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LINE_END = re.compile("\r\n?")


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
    return _NOT_XML.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))


def xml_safe(attributes: Mapping[str, Any], *, line_ends: bool) -> dict[str, Any]:
    r"""Return flat attributes in which XML keeps every text.

    A character that XML 1.0 forbids becomes U+FFFD, and the exact text is added as JSON, under a name that ends in
    EXACT. The same goes for carriage returns if `line_ends` are read as line feeds, as in the text of an element.

    >>> xml_safe({"title": "bell \x07"}, line_ends=False)
    {'title': 'bell \ufffd', 'title.json': '"bell \\u0007"'}
    """
    safe: dict[str, Any] = {}
    for name, value in attributes.items():
        if isinstance(value, str):
            shown = _NOT_XML.sub("\ufffd", value)
            if line_ends:
                shown = _LINE_END.sub("\n", shown)
            safe[name] = shown
            if shown != value:
                safe[name + EXACT] = one_line_json(value)
        else:
            safe[name] = value
    return safe


def xml_note(graph: nx.MultiDiGraph[str]) -> str:
    """Return a sentence on the texts of a graph of `xml_safe` attributes that have their exact form beside them."""
    nodes = (data for _, data in graph.nodes(data=True))
    edges = (data for *_, data in graph.edges(data=True))
    number = sum(name.endswith(EXACT) for data in chain([graph.graph], nodes, edges) for name in data)
    texts = "1 text holds" if number == 1 else f"{number:,} texts hold"
    return f"{texts} characters that XML does not keep; NAME.json has the exact text, as JSON" if number else ""
