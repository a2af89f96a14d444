"""Forms: from a file's bytes to its records, whichever form they have: Markdown, YAML, JSON or JSON Lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from graphkit import yamltext
from graphkit.errors import Diagnostic, quoted
from graphkit.frontmatter import read_markdown, read_yaml
from graphkit.records import Entry, Fault, TopicEntry, decode, field_name
from graphkit.yamltext import YamlError

MAX_LINE = 16 << 20
"""The longest JSON line, or JSON record, that is read, in bytes."""

MAX_LOCATED = 4 << 20
"""The longest JSON text, in characters, in which the line of a fault is looked for."""


class Reading(NamedTuple):
    """What a file gave: its records, None for a rejected one, each with its JSON Pointer in the file."""

    records: tuple[tuple[str, Entry | TopicEntry | None], ...]
    diagnostics: tuple[Diagnostic, ...]


def read(data: bytes, form: str, source: str) -> Reading:
    """Read all records in `data`; `form` is one of the values of `sources.FORMS`, or ``any`` to go by the content."""
    if form == "any":
        form = _form_by_content(data)
    diagnostics: list[Diagnostic] = []
    if form == "json":
        records = tuple(_json_document(data, source, diagnostics))
    elif form == "jsonlines":
        records = tuple(_json_lines(data, source, diagnostics))
    else:
        text = _text(data, source, diagnostics)
        record = None
        if text is not None:
            reader = read_markdown if form == "markdown" else read_yaml
            record = reader(text, source, diagnostics)
        records = (("", record),)
    return Reading(records, tuple(diagnostics))


def _form_by_content(data: bytes) -> str:
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"["):
        return "json"
    if not start.startswith(b"{"):
        return "markdown"
    lines = [line for line in data.splitlines() if line.strip()]
    return "jsonlines" if len(lines) > 1 and all(line.rstrip().endswith(b"}") for line in lines[:3]) else "json"


def _text(data: bytes, source: str, diagnostics: list[Diagnostic]) -> str | None:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
        got = f"the byte 0x{data[error.start]:02X}"
        diagnostics.append(Diagnostic(source, line, column, "", "GK201", "UTF-8", got, rejects=True))
        return None
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.removeprefix("\ufeff")


def _json_lines(
    data: bytes, source: str, diagnostics: list[Diagnostic]
) -> Iterator[tuple[str, Entry | TopicEntry | None]]:
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if not line.strip():
            continue
        if len(line) > MAX_LINE:
            got = f"{len(line) >> 20:,} MiB"
            expected = f"a line of at most {MAX_LINE >> 20} MiB"
            diagnostics.append(Diagnostic(source, number, 1, "", "GK106", expected, got, rejects=True))
            yield f"/{number - 1}", None
            continue
        value = _json_value(line, source, diagnostics, lines_before=number - 1)
        if value is _BROKEN:
            yield f"/{number - 1}", None
        else:
            yield f"/{number - 1}", _json_record(value, (), line, source, diagnostics, lines_before=number - 1)


def _json_document(
    data: bytes, source: str, diagnostics: list[Diagnostic]
) -> Iterator[tuple[str, Entry | TopicEntry | None]]:
    data = data.removeprefix(b"\xef\xbb\xbf")
    value = _json_value(data, source, diagnostics)
    if value is _BROKEN:
        yield "", None
    elif isinstance(value, dict) and isinstance(value.get("value"), list):
        for index, item in enumerate(value["value"]):
            yield f"/value/{index}", _json_record(item, ("value", index), data, source, diagnostics)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield f"/{index}", _json_record(item, (index,), data, source, diagnostics)
    else:
        yield "", _json_record(value, (), data, source, diagnostics)


_BROKEN = object()
_BYTE = re.compile(r"\(byte (\d+)\)")


def _json_value(data: bytes, source: str, diagnostics: list[Diagnostic], *, lines_before: int = 0) -> Any:
    """Decode JSON, or return _BROKEN after a diagnostic."""
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        found = _BYTE.search(str(error))
        place = int(found[1]) if found else getattr(error, "start", 0)
        before = data[:place]
        line = before.count(b"\n") + 1 + lines_before
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
        if isinstance(error, RecursionError):
            code, expected, got = "GK205", f"at most {yamltext.MAX_DEPTH} levels of nesting", "more"
        elif isinstance(error, UnicodeDecodeError):
            code, expected, got = "GK201", "UTF-8", f"the byte 0x{data[place]:02X}"
        else:
            code, expected, got = "GK209", "valid JSON", _BYTE.sub("", str(error)).strip().lower()
        diagnostics.append(Diagnostic(source, line, column, "", code, expected, got, rejects=True))
        return _BROKEN


def _json_record(
    value: Any,
    path: tuple[str | int, ...],
    data: bytes,
    source: str,
    diagnostics: list[Diagnostic],
    *,
    lines_before: int = 0,
) -> Entry | TopicEntry | None:
    faults: list[Fault] = []
    record = None
    if not isinstance(value, dict):
        faults.append(Fault("GK210", (), "a mapping of fields", quoted(value), rejects=True))
    elif _depth(value) > yamltext.MAX_DEPTH:
        expected = f"at most {yamltext.MAX_DEPTH} levels of nesting"
        faults.append(Fault("GK205", (), expected, "more", rejects=True))
    else:
        record = decode(value, faults)
    if faults:
        places = _json_positions(data, [(*path, *fault.path) for fault in faults])
        for fault, (line, column) in zip(faults, places, strict=True):
            diagnostics.append(
                Diagnostic(
                    source,
                    line + lines_before if line else 0,
                    column,
                    field_name((*path, *fault.path)),
                    fault.code,
                    fault.expected,
                    fault.got,
                    fault.rejects,
                )
            )
    return record


def _json_positions(data: bytes, paths: list[tuple[str | int, ...]]) -> list[tuple[int, int]]:
    text = data.decode("utf-8")
    if len(text) > MAX_LOCATED:
        return [(0, 0)] * len(paths)
    try:
        # YAML forbids tabs where JSON allows them; a space is as wide.
        return yamltext.positions(text.replace("\t", " ").replace("\r\n", "\n"), paths)
    except YamlError:  # pragma: no cover - positions answers (0, 0)
        return [(0, 0)] * len(paths)


def _depth(value: Any) -> int:
    """Return how deep lists and mappings are nested in a value, counted level by level."""
    depth = 0
    level = [value]
    while level and depth <= yamltext.MAX_DEPTH:
        depth += 1
        level = [
            item
            for parent in level
            for item in (parent.values() if isinstance(parent, dict) else parent)
            if isinstance(item, dict | list)
        ]
    return depth
