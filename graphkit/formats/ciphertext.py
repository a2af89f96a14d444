"""Ciphertext: the value of `secured` is taken out before anything else can read it.

The loader drops the field anyway. But where a quote is missing, or an indent, its line may become part of another
field's text, and that goes into the graph.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from graphkit.records.text_values import SECURED_NAME

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


def check_swallowed(root: Any, text: str) -> Iterator[yaml.ScalarNode]:
    """Cut each block text before a line that begins with the name `secured`, and yield the block.

    The line is part of the text for the parser, not for the person who wrote it: an indent is wrong, or a quote is
    missing. Raises `MarkedYAMLError` where the text is no block, as nobody knows what else it swallowed.
    """
    if SECURED_AT_START.search(text) is None:  # as nearly always
        return
    secured: set[int] = set()
    for node in _nodes([root]):
        if isinstance(node, yaml.MappingNode):
            secured |= {id(inner) for key, value in node.value if key.value == "secured" for inner in _nodes([value])}
    for node in _nodes([root]):
        if not isinstance(node, yaml.ScalarNode) or id(node) in secured:
            continue
        start, end = node.start_mark.index, node.end_mark.index
        before = text.rfind("\n", 0, start)
        lines = SECURED_AT_START.finditer(text, max(before, 0), end)
        if all(found.end() <= start for found in lines):
            continue
        if node.style not in ("|", ">"):
            raise yaml.MarkedYAMLError(None, None, SWALLOWED, node.start_mark)
        place = _SECURED.search(node.value)
        node.value = node.value[: place.start()] if place else ""
        yield node


SECURED_AT_START = re.compile(rf"(?:\A|[\n\x85\u2028\u2029]){SECURED_NAME}")
SWALLOWED = "found secured inside of another text"
_SECURED = re.compile(rf"(?:^|\s){SECURED_NAME}", re.MULTILINE)


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
