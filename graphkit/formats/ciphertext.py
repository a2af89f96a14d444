"""Ciphertext: the value of `secured` is taken out before anything else can read it.

The loader drops the field anyway. But where a quote is missing, or an indent, its line may become part of another
field's text, and that goes into the graph.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

NAME = r"[^\w\n]*secured[\"'\\\s]*:"
"""What begins a line that holds a ciphertext, whatever surrounds it: the field's name, and a colon."""

# A line that can go without a change for its neighbours: what follows must be a field of its own.
_LINE = re.compile(rb'\nsecured: "[!#-\[\]-~]*"(?=\n+(?:[A-Za-z_]|\Z))')

# A ciphertext may be written in any alphabet (base64, base64url, a token with dots): it is known by its place.
# Quotes, brackets and commas around it stay, as they may belong to the value around the field.
_FIRST_WORD = r"(?![&*!#\[{])[^\s\"']*[^\s\"',\]}]"
_NEXT_WORD = r"(?!-[ \t]*(?:\n|\Z))[^\s\"',:\[\]{}#&*!][^\s\"',:\[\]{}]*"
_CIPHERTEXT = re.compile(
    r"^(?P<key>[ \t]*+(?:-[ \t]++)*+(?:secured|'secured'|\"secured\")[ \t]*+:[ \t]*+[\[{]*+(?P<quote>[\"'])?+)"
    rf"(?:{_FIRST_WORD}(?(quote)(?:[ \t]+{_NEXT_WORD})*))?"
    rf"(?:[ \t]*\n(?(quote)[ \t]*|[ \t]+)(?:(?P<inner>[\"']){_NEXT_WORD}(?P=inner)"
    rf"|{_NEXT_WORD}(?(quote)(?:[ \t]+{_NEXT_WORD})*))(?=[\"'\]}},]*[ \t]*(?:\n|\Z)))*"
    r"(?=[\"'\]},]*[ \t]*(?:[ \t]#[^\n]*)?(?:\n|\Z))",
    re.MULTILINE,
)


def without_secured_line(data: bytes) -> bytes:
    """Remove the line with the ciphertext, usually the last one, if a field of its own follows it."""
    place = data.rfind(b'\nsecured: "')
    line = _LINE.match(data, place) if place >= 0 else None
    return data if line is None else data[: line.start()] + data[line.end() :]


def without_ciphertext(text: str) -> str:
    """Blank the value of every line that looks like a `secured` field, so that columns and lines stay."""
    return _CIPHERTEXT.sub(_blank, text) if "secured" in text else text


def _blank(match: re.Match[str]) -> str:
    lines = match[0][len(match["key"]) :].split("\n")
    first = "~".ljust(len(lines[0])) if lines[0] else ""
    return match["key"] + "\n".join([first, *(" " * len(line) for line in lines[1:])])


def empty_secured(root: Any) -> None:
    """Empty each node under a `secured` key, and all nodes inside it, wherever aliases repeat them."""
    secured: list[Any] = []
    for node in _nodes([root]):
        if isinstance(node, yaml.MappingNode):
            secured += [value for key, value in node.value if key.value == "secured"]
    for node in list(_nodes(secured)):
        node.value = "" if isinstance(node, yaml.ScalarNode) else []


def _nodes(waiting: list[Any]) -> Iterator[Any]:
    """Yield the nodes and all inside them, each once."""
    waiting = list(waiting)
    seen: set[int] = set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        if isinstance(node, yaml.MappingNode):
            waiting += [part for pair in node.value for part in pair]
        elif isinstance(node, yaml.SequenceNode):
            waiting += node.value
