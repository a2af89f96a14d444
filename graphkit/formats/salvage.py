"""Salvage: the fields of a broken record that can still be read."""

from __future__ import annotations

import re
from typing import Any

from graphkit.formats.broken_entries import LEFT_OF_CIPHERTEXT, TopField, items_of, without_broken_entries
from graphkit.formats.yaml_characters import with_pairs_joined
from graphkit.formats.yaml_faults import YamlError, YamlFault
from graphkit.formats.yaml_loader import load
from graphkit.records.known_fields import TOP_FIELDS
from graphkit.records.positions import Lines

MAX_SALVAGE = 8
"""The fields that are left out of one record before it is given up."""

_TOP_LINE = re.compile(r"^(?:[^\s#-]|\t)", re.MULTILINE)
_TOP_KEY = re.compile(r"^([A-Za-z_]\w*|\"[^\"\n]*\"|'[^'\n]*') *:(?=\s)", re.MULTILINE)


def load_or_salvage(text: str, found: list[YamlFault]) -> tuple[Any, str] | None:
    """Load YAML; where an entry or a field breaks it, leave that out and try again, so that the others are kept.

    Return the value and the text that gave it, which has the same lines; None where nothing can be kept.
    """
    mended: set[TopField] = set()
    for _ in range(MAX_SALVAGE):
        text = with_pairs_joined(text, found)
        try:
            return load(text, found), text
        except YamlError as error:
            field = _field_around(text, error.fault.line)
            block = without_broken_entries(text, field) if error.fault.code == "GK204" and field not in mended else None
            if block is not None:
                mended.add(field)
                text, faults = block
                found += faults
                continue
            shorter = _without_field(text, field)
            lost = _related_items(text if shorter is None else text[field.start : field.end])
            found.append(error.fault._replace(field=field.name, lost_entries=lost))
            if shorter is None:
                return None
            text = shorter
    found[-1] = found[-1]._replace(lost_entries=found[-1].lost_entries + _related_items(text))
    return None


def _field_around(text: str, line: int) -> TopField:
    """Return the top-level field that holds `line`, counted from 1.

    Its name comes with it if it is one that we know, as another may be a piece of a ciphertext.
    """
    offset = Lines(text).start(line)
    start = max((match.start() for match in _TOP_LINE.finditer(text, 0, offset + 1)), default=-1)
    after = _TOP_KEY.search(text, start + 1)
    key = _TOP_KEY.match(text, max(start, 0))
    name = key[1].strip("\"'") if key else ""
    return TopField(name if name in TOP_FIELDS else "", start, after.start() if after else len(text))


def _without_field(text: str, field: TopField) -> str | None:
    """Blank a top-level field; None where no other would be left.

    From a broken `secured` on, everything goes: what follows may be pieces of the ciphertext.
    """
    start, end = field.start, field.end
    if start < 0:
        return None
    if LEFT_OF_CIPHERTEXT.search(text, start, end):
        end = len(text)
    shorter = text[:start] + "\n" * text.count("\n", start, end) + text[end:]
    return shorter if shorter.strip() else None


def _related_items(text: str) -> int:
    """Return the number of related entries that a text lists, one below the other."""
    place = _RELATED.search(text)
    if place is None:
        return 0
    after = _TOP_KEY.search(text, place.end())
    return items_of(text[place.end() : after.start() if after else len(text)])


_RELATED = re.compile(r"^[\"']?related[\"']? *:[ \t]*\n", re.MULTILINE)
