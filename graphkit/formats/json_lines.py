"""JSON Lines files: a record in each line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

import msgspec

from graphkit.diagnostics.diagnostic import Diagnostic
from graphkit.diagnostics.found_diagnostics import FoundDiagnostics
from graphkit.files.compression import BOM
from graphkit.formats.fast_json import record_of_json
from graphkit.formats.input_format import InputFormat, Place, Records
from graphkit.formats.json_text import BROKEN, JsonDocument, json_places
from graphkit.records.faults import FieldPath

MAX_LINE = 16 << 20
"""The longest line that is read, in bytes."""


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
        yield pointer, None if document.value is BROKEN else document.record(document.value, ())
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


def is_json_lines(data: bytes) -> bool:
    """Return whether content is JSON Lines, by its first lines."""
    if not data[:4096].lstrip(BOM + b" \t\r\n").startswith(b"{"):
        return False
    lines = list(islice((line for line in data.removeprefix(BOM).split(b"\n") if line.strip()), 3))
    # Of a record spread over lines none is whole; of lines that are records, at least one of the first.
    return len(lines) > 1 and any(map(_is_object, lines))


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(msgspec.json.decode(line), dict)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False


JSON_LINES = InputFormat("jsonlines", ("jsonl",), 1 << 33, _read, _places, is_json_lines)
