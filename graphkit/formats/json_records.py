"""JSON files: one record, or many in lists and pages of results."""

from __future__ import annotations

from graphkit.diagnostics.found_diagnostics import FoundDiagnostics
from graphkit.files.compression import BOM
from graphkit.formats.envelopes import records_in
from graphkit.formats.input_format import InputFormat, Records
from graphkit.formats.json_lines import are_lines
from graphkit.formats.json_text import BROKEN, JsonDocument, json_places


def _read(data: bytes, source: str, diagnostics: FoundDiagnostics, _: int) -> Records:
    document = JsonDocument(data.removeprefix(BOM), source, diagnostics)
    value = document.value
    if value is BROKEN:
        yield "", None
    else:
        for path, item in records_in(value, document.faults):
            yield "".join(f"/{step}" for step in path), document.record(item, path)
    document.report()


def _matches(data: bytes) -> bool:
    return data[:4096].lstrip(BOM + b" \t\r\n").startswith((b"[", b"{")) and not are_lines(data)


JSON = InputFormat("json", ("json",), 1 << 30, _read, json_places, _matches)
