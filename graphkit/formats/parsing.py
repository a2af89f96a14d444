"""Parsing: from a file's bytes to its records, whichever format they are in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from graphkit.diagnostics.diagnostic import Diagnostic
from graphkit.formats.input_format import InputFormat, Place
from graphkit.formats.recognition import ANY, BY_NAME, format_by_content
from graphkit.records.entry import Entry, TopicEntry
from graphkit.records.faults import FieldPath


class Reading(NamedTuple):
    """What a file gave: its records, None for a rejected one, each with its JSON Pointer in the file."""

    records: tuple[tuple[str, Entry | TopicEntry | None], ...]
    diagnostics: tuple[Diagnostic, ...]


def read(data: bytes, format: str, source: str, *, lines_before: int = 0) -> Reading:
    """Read all records in `data`; `format` is the name of an `InputFormat`, or ``any`` to go by the content.

    A portion of a file of JSON Lines comes with the number of lines before it.
    """
    diagnostics: list[Diagnostic] = []
    records = tuple(_format(format, data).read(data, source, diagnostics, lines_before))
    return Reading(records, tuple(diagnostics))


def places(data: bytes, format: str, paths: Sequence[FieldPath]) -> list[Place]:
    """Return line and column, from 1, of the values at paths in what `read` reads; see `InputFormat`."""
    return _format(format, data).places(data, paths)


def _format(name: str, data: bytes) -> InputFormat:
    return format_by_content(data) if name == ANY else BY_NAME[name]
