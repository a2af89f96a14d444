"""Salvage: the fields of a broken record that can still be read."""

from __future__ import annotations

import re
from typing import Any

from graphkit.formats.yaml_characters import with_pairs_joined
from graphkit.formats.yaml_faults import YamlError, YamlFault
from graphkit.formats.yaml_loader import load
from graphkit.records.known_fields import TOP_FIELDS
from graphkit.records.positions import Lines

MAX_SALVAGE = 8
"""The fields that are left out of one record before it is given up."""

_TOP_LINE = re.compile(r"^(?:[^\s#-]|\t)", re.MULTILINE)
_TOP_KEY = re.compile(r"^([A-Za-z_]\w*|\"[^\"\n]*\"|'[^'\n]*') *:(?=\s)", re.MULTILINE)
_LEFT_OF_CIPHERTEXT = re.compile(r"secured[\"']?\s*:(?!\s*~)")


def load_or_salvage(text: str, found: list[YamlFault]) -> tuple[Any, str] | None:
    """Load YAML; where a field breaks it, leave out that field and try again, so that the others are kept.

    Return the value and the text that gave it, which has the same lines; None where nothing can be kept.
    """
    for _ in range(MAX_SALVAGE):
        text = with_pairs_joined(text, found)
        try:
            return load(text, found), text
        except YamlError as error:
            name, shorter = _without_field(text, error.fault.line)
            found.append(error.fault._replace(field=name))
            if shorter is None:
                return None
            text = shorter
    return None


def _without_field(text: str, line: int) -> tuple[str, str | None]:
    """Blank the top-level field that holds `line`, counted from 1; None where no other field would be left.

    From a broken `secured` on, everything goes: what follows may be pieces of the ciphertext. The name of the
    field comes with it if it is one that we know, as another may be such a piece.
    """
    offset = Lines(text).start(line)
    start = max((match.start() for match in _TOP_LINE.finditer(text, 0, offset + 1)), default=-1)
    if start < 0:
        return "", None
    after = _TOP_KEY.search(text, start + 1)
    end = after.start() if after else len(text)
    if _LEFT_OF_CIPHERTEXT.search(text, start, end):
        end = len(text)
    key = _TOP_KEY.match(text, start)
    name = key[1].strip("\"'") if key else ""
    shorter = text[:start] + "\n" * text.count("\n", start, end) + text[end:]
    return name if name in TOP_FIELDS else "", shorter if shorter.strip() else None
