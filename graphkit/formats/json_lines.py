"""JSON Lines files: a record in each line, or several in a list or a page of results."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import islice

import msgspec

from graphkit.diagnostics.diagnostic import Diagnostic
from graphkit.diagnostics.found_diagnostics import FoundDiagnostics
from graphkit.files.compression import BOM
from graphkit.formats.envelopes import records_in
from graphkit.formats.fast_json import record_of_json
from graphkit.formats.input_format import InputFormat, Place, Records
from graphkit.formats.json_text import BROKEN, JsonDocument, json_places
from graphkit.records.faults import FieldPath

MAX_LINE = 16 << 20
"""The longest line that is read, in bytes."""

LOOKED_AT = 20
"""The number of lines by which JSON Lines are recognized."""


def _read(data: bytes, source: str, diagnostics: FoundDiagnostics, lines_before: int) -> Records:
    if not lines_before:
        data = data.removeprefix(BOM)
    for number, line in enumerate(_lines(data), lines_before):
        if not line.strip():
            continue
        pointer = f"/{number}"
        if len(line) > MAX_LINE:
            expected = f"a line of at most {MAX_LINE >> 20} MiB"
            got = f"{len(line) / (1 << 20):,.1f} MiB"
            diagnostics.append(Diagnostic(source, number + 1, 1, "", "GK106", expected, got, rejects=True))
            yield pointer, None
            continue
        entry = record_of_json(line)
        if entry is not None:
            yield pointer, entry
            continue
        document = JsonDocument(line.removesuffix(b"\r"), source, diagnostics, lines_before=number)
        if document.value is BROKEN:
            yield pointer, None
        else:
            for path, item in records_in(document.value, document.faults):
                yield "/".join((pointer, *map(str, path))), document.record(item, path)
        document.report()


def _lines(data: bytes) -> Iterator[bytes]:
    """Yield lines one by one: a list of short ones takes many times their size."""
    start = 0
    while (end := data.find(b"\n", start)) >= 0:
        yield data[start:end]
        start = end + 1
    yield data[start:]


def _places(data: bytes, paths: Sequence[FieldPath]) -> list[Place]:
    lines = data.removeprefix(BOM).split(b"\n")
    found = []
    for number, *path in paths:
        assert isinstance(number, int)
        _, column = json_places(lines[number], [tuple(path)])[0] if number < len(lines) else (0, 0)
        found.append((number + 1, column) if column else (0, 0))
    return found


def are_lines(data: bytes, *, whole: bool = True) -> bool | None:
    """Return whether JSON is JSON Lines, by its first lines; None if only the name of the file can tell.

    Unless it is the `whole` content, it is the first part of a file too large to be decoded for this.
    """
    start = data[:4096].lstrip(BOM + b" \t\r\n")
    if not start.startswith((b"[", b"{")):
        return None
    stripped = (line.strip() for line in _lines(data.removeprefix(BOM)))
    first, *others = islice(filter(None, stripped), LOOKED_AT)
    if not others and (not whole or len(first) > MAX_LINE):
        return False  # a line that may not be that long
    if not others:
        return None
    if is_json(first):
        return True  # no JSON text has more behind its value
    if any(line.startswith(b"{") and is_json(line) for line in others):
        # The first line is broken, or one record of a list has a line of its own.
        return not (whole and is_json(data.removeprefix(BOM)))
    return False if first.endswith((b"{", b"[", b",", b":")) else None


def is_json(data: bytes) -> bool:
    """Return whether data is one JSON text, as graphkit reads it."""
    try:
        msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        try:
            json.loads(data)  # accepts NaN, which pandas writes
        except (ValueError, RecursionError):
            return False
    return True


def _matches(data: bytes) -> bool:
    return are_lines(data) is True


JSON_LINES = InputFormat("jsonlines", ("jsonl", "ndjson", "jl"), 1 << 33, _read, _places, _matches)
