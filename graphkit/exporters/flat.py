"""Flat: attributes as single values, for forms that know no lists. Nothing is lost on the way."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from graphkit.identity.identification import utc_text

EXACT = ".json"
"""What follows an attribute's name where its exact text stands beside it, as JSON."""

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
    """Return attributes with texts, numbers and nothing else: a list stands as the text of a JSON array.

    >>> flat({"label": "AI", "labels": ("AI", "A.I.")})
    {'label': 'AI', 'labels': '["AI", "A.I."]'}
    """
    values = ((name, plain(value)) for name, value in attributes.items())
    return {name: json_text(value) if isinstance(value, list | dict) else value for name, value in values}


def json_text(value: Any) -> str:
    """Return a value as JSON on one line, with an escape for each character that XML forbids."""
    return _NOT_XML.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))


def xml_safe(attributes: Mapping[str, Any], *, line_ends: bool) -> dict[str, Any]:
    r"""Return flat attributes of which XML gives every text back.

    A character that XML 1.0 forbids becomes U+FFFD, and the exact text stands beside it, as JSON, under a name that
    ends in EXACT. So do carriage returns where `line_ends` are read as line feeds, as in the text of an element.

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
                safe[name + EXACT] = json_text(value)
        else:
            safe[name] = value
    return safe


def replaced(attributes: Mapping[str, Any]) -> int:
    """Return how many texts stand beside their exact form."""
    return sum(name.endswith(EXACT) for name in attributes)
