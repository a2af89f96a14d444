"""Parsing: from a file's bytes to its records, whichever format they are in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from graphkit.diagnostics.diagnostic import Diagnostic
from graphkit.diagnostics.found_diagnostics import KEPT, FoundDiagnostics
from graphkit.formats.input_format import Place
from graphkit.formats.recognition import BY_NAME, format_by_content
from graphkit.records.entry import RecordEntry
from graphkit.records.faults import FieldPath


class Reading(NamedTuple):
    """What a file gave: its records, None for a rejected one, each with its JSON Pointer in the file.

    Of diagnostics and of rejected records only the first are kept; `by_code` counts all diagnostics, `rejected_related`
    all related entries that are rejected, and `omitted` the rejected records that are not among the records.
    """

    records: tuple[tuple[str, RecordEntry | None], ...]
    diagnostics: tuple[Diagnostic, ...]
    by_code: dict[str, int] = {}  # noqa: RUF012 - as in any named tuple, nobody changes it
    rejected_related: int = 0
    omitted: int = 0


def read(data: bytes, format: str, source: str, *, lines_before: int | None = None) -> Reading:
    """Read all records in `data`; `format` is the name of the `InputFormat` that the file's name gave, or ``any``.

    The content decides. Only a portion of a file of JSON Lines, with the number of lines before it, is read as such.
    """
    diagnostics = FoundDiagnostics()
    records: list[tuple[str, RecordEntry | None]] = []
    rejected = 0
    reader = format_by_content(data, format) if lines_before is None else BY_NAME[format]
    for pointer, record in reader.read(data, source, diagnostics, lines_before or 0):
        rejected += record is None
        if record is not None or rejected <= KEPT:
            records.append((pointer, record))
    by_code, omitted = dict(sorted(diagnostics.by_code.items())), max(0, rejected - KEPT)
    return Reading(tuple(records), diagnostics.first(), by_code, diagnostics.rejected_related, omitted)


def places(data: bytes, format: str, paths: Sequence[FieldPath]) -> list[Place]:
    """Return line and column, from 1, of the values at paths in what `read` reads; see `InputFormat`."""
    return format_by_content(data, format).places(data, paths)
