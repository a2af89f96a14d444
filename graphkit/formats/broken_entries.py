"""Broken entries: which items and fields of a block of YAML break it, so that the others are kept.

A block is cut where its lines are indented alike, and each part is loaded on its own. Of a broken part the same is
tried inside; what is broken all the same is left out.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from graphkit.formats.yaml_faults import YamlError, YamlFault
from graphkit.formats.yaml_loader import load
from graphkit.records.faults import FieldPath, field_name
from graphkit.records.known_fields import TOP_FIELDS

KNOWN_NAMES = TOP_FIELDS | frozenset({"name", "domain", "url", "width", "height", "isCached"})
"""Names that a message may show. Any other may be a piece of a ciphertext."""

_ITEM = re.compile(r" *-(?=\s|$)")
_FIELD = re.compile(r" *(?P<name>[A-Za-z_]\w*|\"[^\"]*\"|'[^']*') *:(?P<value>\s.*|)$")
_BLOCK_KEY = re.compile(r"[^\n:]+:[ \t]*(?:#[^\n]*)?\n")
_MAX_DEPTH = 16

LEFT_OF_CIPHERTEXT = re.compile(r"secured[\"']?\s*:(?!\s*~)")
"""A field `secured` whose value was not blanked."""


class TopField(NamedTuple):
    """A field of a record: its name, empty if it is none that we know, and where its text begins and ends."""

    name: str
    start: int
    end: int


def items_of(block: str) -> int:
    """Return the number of items in a list, whose lines are given."""
    lines = block.split("\n")
    return sum(_ITEM.match(lines[start]) is not None for start, _ in _parts(lines, 0, len(lines)))


def without_broken_entries(text: str, field: TopField) -> tuple[str, list[YamlFault]] | None:
    """Return a text without what is broken in a top-level field, and the faults; None where nothing can be told apart.

    The text keeps its lines; an item that is left out leaves its dash, so that the others keep their numbers.
    """
    body = text.find("\n", max(field.start, 0)) + 1
    if field.start < 0 or not 0 < body < field.end or _BLOCK_KEY.fullmatch(text, field.start, body) is None:
        return None
    if LEFT_OF_CIPHERTEXT.search(text, field.start, field.end):
        return None
    lines = text[body : field.end].split("\n")
    faults: list[YamlFault] = []
    _mend(lines, 0, len(lines), (field.name,) if field.name else (), text.count("\n", 0, body), faults, 0)
    return (text[:body] + "\n".join(lines) + text[field.end :], faults) if faults else None


def _mend(
    lines: list[str], first: int, last: int, path: FieldPath, before: int, faults: list[YamlFault], depth: int
) -> None:
    for number, (start, end) in enumerate(_parts(lines, first, last)):
        fault = _fault_of(lines[start:end])
        if fault is None:
            continue
        item, name = _ITEM.match(lines[start]), ""
        if item is not None:
            here, dash = (*path, number), item.end() - 1
            lines[start] = f"{lines[start][:dash]} {lines[start][dash + 1 :]}"
            inner = start
        else:
            field = _FIELD.match(lines[start])
            assert field is not None
            name = field["name"].strip("\"'")
            here, dash = (*path, name) if name in KNOWN_NAMES and depth == len(path) - 1 else path, -1
            inner = start + 1 if not field["value"].strip() else end
        if inner < end and depth < _MAX_DEPTH:
            _mend(lines, inner, end, here, before, faults, depth + 1)
        if _fault_of(lines[start:end]) is not None:
            # What follows a broken `secured` may be pieces of the ciphertext.
            stop = last if item is None and name == "secured" else end
            lines[start:stop] = [""] * (stop - start)
            faults.append(fault._replace(line=before + start + fault.line, field=field_name(here)))
        if dash >= 0:
            lines[start] = f"{lines[start]:<{dash}}"[:dash] + "-" + lines[start][dash + 1 :]


def _parts(lines: list[str], first: int, last: int) -> list[tuple[int, int]]:
    """Return where the items of a list, or the fields of a mapping, begin and end; none where it is neither."""
    begin = next((number for number in range(first, last) if lines[number].strip()), last)
    if begin == last:
        return []
    form = _ITEM if _ITEM.match(lines[begin]) else _FIELD
    indent = _indent(lines[begin])
    starts = [number for number in range(begin, last) if _indent(lines[number]) == indent and form.match(lines[number])]
    return list(zip(starts, [*starts[1:], last], strict=True)) if starts and starts[0] == begin else []


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _fault_of(lines: list[str]) -> YamlFault | None:
    """Return what is wrong with lines on their own; an alias may stand for something elsewhere."""
    try:
        load("\n".join(lines), [])
    except YamlError as error:
        return None if error.fault.got == "an alias of nothing" else error.fault
    return None
