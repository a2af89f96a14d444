"""Key comparison: how the match keys of two addresses differ."""

from __future__ import annotations

import re

_PARTS = re.compile(r"([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.DOTALL)


def key_difference(first: str, second: str) -> str:
    """Return in which parts two match keys differ, empty where they are equal.

    >>> key_difference("a.com/x?id=1", "a.com/x?id=2&page=3")
    'their parameter id (1, 2), their parameter page (none, 3)'
    """
    ones, others = _parts(first), _parts(second)
    differing = [name for name in {**ones, **others} if ones.get(name) != others.get(name)]
    return ", ".join(f"their {name} ({ones.get(name) or 'none'}, {others.get(name) or 'none'})" for name in differing)


def _parts(key: str) -> dict[str, str]:
    match = _PARTS.fullmatch(key)
    assert match is not None, "the pattern matches any text"
    host, path, query, fragment = match.groups()
    parts = {"host": host, "path": path}
    for parameter in query.split("&") if query else ():
        name, equals, value = parameter.partition("=")
        name, value = f"parameter {name}", value or equals or "no value"
        parts[name] = f"{parts[name]}&{value}" if name in parts else value
    if fragment:
        parts["fragment"] = fragment
    return {name: value for name, value in parts.items() if value} | {"host": host}
