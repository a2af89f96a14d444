"""JSON files: one record, a list of records, or a page of results with its records under `value`."""

from __future__ import annotations

from graphkit.diagnostics.found_diagnostics import FoundDiagnostics
from graphkit.files.compression import BOM
from graphkit.formats.input_format import InputFormat, Records
from graphkit.formats.json_lines import is_json_lines
from graphkit.formats.json_text import BROKEN, JsonDocument, json_places


def _read(data: bytes, source: str, diagnostics: FoundDiagnostics, _: int) -> Records:
    document = JsonDocument(data.removeprefix(BOM), source, diagnostics)
    value = document.value
    if value is BROKEN:
        yield "", None
    elif isinstance(value, dict) and isinstance(value.get("value"), list):
        for index, item in enumerate(value["value"]):
            yield f"/value/{index}", document.record(item, ("value", index))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield f"/{index}", document.record(item, (index,))
    else:
        yield "", document.record(value, ())
    document.report()


def _matches(data: bytes) -> bool:
    return data[:4096].lstrip(BOM + b" \t\r\n").startswith((b"[", b"{")) and not is_json_lines(data)


JSON = InputFormat("json", ("json",), 1 << 30, _read, json_places, _matches)
