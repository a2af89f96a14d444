"""Forms: from a file's bytes to its records, whichever form they have: Markdown, YAML, JSON or JSON Lines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, NamedTuple

import msgspec

from graphkit.diagnostics.diagnostic import Diagnostic
from graphkit.diagnostics.quoting import quoted_words
from graphkit.formats import fast_path, yaml_text
from graphkit.formats.front_matter import places as front_places
from graphkit.formats.front_matter import read_markdown, read_plain, read_yaml
from graphkit.records.decoding import decode
from graphkit.records.entry import Entry, TopicEntry
from graphkit.records.faults import FieldFault, FieldPath, diagnosed
from graphkit.records.positions import Lines

MAX_LINE = 16 << 20
"""The longest JSON line, or JSON record, that is read, in bytes."""


class Reading(NamedTuple):
    """What a file gave: its records, None for a rejected one, each with its JSON Pointer in the file."""

    records: tuple[tuple[str, Entry | TopicEntry | None], ...]
    diagnostics: tuple[Diagnostic, ...]


def read(data: bytes, form: str, source: str, *, lines_before: int = 0) -> Reading:
    """Read all records in `data`; `form` is a value of `sources.FORMS`, or ``any`` to go by the content.

    A portion of a file of JSON Lines comes with the number of lines before it.
    """
    if form == "any":
        form = _form_by_content(data)
    diagnostics: list[Diagnostic] = []
    if form == "json":
        records = tuple(_json_document(data, source, diagnostics))
    elif form == "jsonlines":
        records = tuple(_json_lines(data, source, diagnostics, lines_before))
    else:
        record = read_plain(data, is_markdown=form == "markdown")
        text = _text(data, source, diagnostics) if record is None else None
        if text is not None:
            reader = read_markdown if form == "markdown" else read_yaml
            record = reader(text, source, diagnostics)
        records = (("", record),)
    return Reading(records, tuple(diagnostics))


def places(data: bytes, form: str, paths: Sequence[FieldPath]) -> list[tuple[int, int]]:
    """Return line and column, from 1, of the values at paths in what `read` reads; 0 where there is no such text.

    A path begins with the steps of a record's JSON Pointer. Of a value that is absent, the place is that of what is
    around it.
    """
    if form == "any":
        form = _form_by_content(data)
    if form == "jsonlines":
        lines = data.removeprefix(b"\xef\xbb\xbf").split(b"\n")
        found = []
        for number, *path in paths:
            assert isinstance(number, int)
            _, column = _json_places(lines[number], [tuple(path)])[0] if number < len(lines) else (0, 0)
            found.append((number + 1, column) if column else (0, 0))
        return found
    if form == "json":
        return _json_places(data, paths)
    text = _text(data, "", [])
    return [(0, 0)] * len(paths) if text is None else front_places(text, paths, markdown=form == "markdown")


def _json_places(data: bytes, paths: Sequence[FieldPath]) -> list[tuple[int, int]]:
    text = _text(data, "", [])
    if text is None or _Document(data.removeprefix(b"\xef\xbb\xbf"), "", []).value is _BROKEN:
        return [(0, 0)] * len(paths)
    offsets, _ = _json_offsets(text, set(paths))
    lines = Lines(text)
    return [lines.place(_nearest(path, offsets)) for path in paths]


def _form_by_content(data: bytes) -> str:
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start.startswith(b"["):
        return "json"
    if not start.startswith(b"{"):
        return "markdown"
    lines = list(islice((line for line in data.removeprefix(b"\xef\xbb\xbf").split(b"\n") if line.strip()), 3))
    # Of a record spread over lines none is whole; of lines that are records, at least one of the first.
    return "jsonlines" if len(lines) > 1 and any(map(_is_object, lines)) else "json"


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(msgspec.json.decode(line), dict)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False


def _text(data: bytes, source: str, diagnostics: list[Diagnostic]) -> str | None:
    text = _decoded(data, source, diagnostics)
    if text is None:
        return None
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return text.removeprefix("\ufeff")


def _decoded(data: bytes, source: str, diagnostics: list[Diagnostic], *, lines_before: int = 0) -> str | None:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line, column = _place(data[: error.start].decode("utf-8"), error.start)
        got = f"the byte 0x{data[error.start]:02X}"
        diagnostics.append(Diagnostic(source, line + lines_before, column, "", "GK201", "UTF-8", got, rejects=True))
        return None


def _place(text: str, offset: int) -> tuple[int, int]:
    """Return line and column of an offset, from 1; a lone carriage return ends a line too."""
    before = text[:offset].replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
    return before.count("\n") + 1, len(before) - before.rfind("\n")


def _json_lines(
    data: bytes, source: str, diagnostics: list[Diagnostic], lines_before: int
) -> Iterator[tuple[str, Entry | TopicEntry | None]]:
    if not lines_before:
        data = data.removeprefix(b"\xef\xbb\xbf")
    for number, line in enumerate(data.split(b"\n"), lines_before):
        if not line.strip():
            continue
        pointer = f"/{number}"
        if len(line) > MAX_LINE:
            expected = f"a line of at most {MAX_LINE >> 20} MiB"
            got = f"{len(line) / (1 << 20):,.1f} MiB"
            diagnostics.append(Diagnostic(source, number + 1, 1, "", "GK106", expected, got, rejects=True))
            yield pointer, None
            continue
        entry = fast_path.record_of_json(line)
        if entry is not None:
            yield pointer, entry
            continue
        document = _Document(line.removesuffix(b"\r"), source, diagnostics, lines_before=number)
        yield pointer, None if document.value is _BROKEN else document.record(document.value, ())
        document.report()


def _json_document(
    data: bytes, source: str, diagnostics: list[Diagnostic]
) -> Iterator[tuple[str, Entry | TopicEntry | None]]:
    document = _Document(data.removeprefix(b"\xef\xbb\xbf"), source, diagnostics)
    value = document.value
    if value is _BROKEN:
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


_BROKEN = object()


class _Document:
    """JSON text with its value and its faults, located together: looking for places reads the whole text."""

    def __init__(self, data: bytes, source: str, diagnostics: list[Diagnostic], *, lines_before: int = 0) -> None:
        self.data = data
        self.source = source
        self.diagnostics = diagnostics
        self.lines_before = lines_before
        self.faults: list[FieldFault] = []
        self.has_repeated_keys = False
        self.value = self.decoded()

    def decoded(self) -> Any:
        try:
            value = msgspec.json.decode(self.data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return self.decoded_leniently()
        # Each key stands before `":`. What repeats is lost in the value, and so in what is written from it.
        self.has_repeated_keys = self.data.count(b'":') != msgspec.json.encode(value).count(b'":')
        return value

    def decoded_leniently(self) -> Any:
        """Decode by the reader of the standard library: it takes half a surrogate pair, NaN and 1e999.

        Return _BROKEN after a diagnostic where it takes the text no more than msgspec does.
        """
        text = _decoded(self.data, self.source, self.diagnostics, lines_before=self.lines_before)
        if text is None:
            return _BROKEN
        try:
            value = json.loads(text)
        except json.JSONDecodeError as error:
            # No more than one character of the text: it may be the ciphertext.
            sign = text[error.pos : error.pos + 1]
            got = f"the character {sign!r}" if sign.strip() else "the end of the text" if not sign else "white space"
            if error.msg.startswith("Unterminated string"):
                got = "a text that is not closed"
            self.diagnose("GK209", "valid JSON", got, _place(text, error.pos))
        except RecursionError:
            got = "more"
            self.diagnose("GK205", _NESTING, got, _place(text, _too_deep(text)))
        except ValueError:  # a number of thousands of digits
            self.diagnose("GK209", "numbers of a usual length", "one of thousands of digits", (1, 1))
        else:
            self.has_repeated_keys = True  # perhaps
            return value
        return _BROKEN

    def diagnose(self, code: str, expected: str, got: str, place: tuple[int, int]) -> None:
        line, column = place
        line += self.lines_before
        self.diagnostics.append(Diagnostic(self.source, line, column, "", code, expected, got, rejects=True))

    def record(self, value: Any, path: FieldPath) -> Entry | TopicEntry | None:
        """Decode one record, which stands at `path`."""
        found: list[FieldFault] = []
        record = None
        if not isinstance(value, dict):
            found.append(FieldFault("GK210", (), "a mapping of fields", quoted_words(value), rejects=True))
        else:
            too_deep = [key for key, item in value.items() if _depth(item) >= yaml_text.MAX_DEPTH]
            found += [FieldFault("GK205", (key,), _NESTING, "more") for key in too_deep]
            if too_deep:
                value = {key: item for key, item in value.items() if key not in too_deep}
            record = decode(value, found)
        self.faults += [fault._replace(path=(*path, *fault.path)) for fault in found]
        return record

    def report(self) -> None:
        """Turn the faults into diagnostics, each with its place in the text."""
        if not self.faults and not self.has_repeated_keys:
            return
        text = self.data.decode("utf-8")
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        offsets, repeated = _json_offsets(text, {fault.path for fault in self.faults})
        found = [(fault, _nearest(fault.path, offsets)) for fault in self.faults]
        found += [(FieldFault("GK207", path, "each key once", "it again"), offset) for path, offset in repeated]
        lines = Lines(text)
        for fault, offset in found:
            line, column = lines.place(offset)
            self.diagnostics.append(diagnosed(fault, self.source, line + self.lines_before, column))


_NESTING = f"at most {yaml_text.MAX_DEPTH} levels of nesting"
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],]|[^\s{}\[\],:"]+', re.DOTALL)


def _json_offsets(text: str, paths: set[FieldPath]) -> tuple[dict[FieldPath, int], list[tuple[FieldPath, int]]]:
    """Return where the values at `paths`, and around them, begin in JSON text, and where a key stands again.

    Nothing is said of what is inside a `secured` field.
    """
    wanted = {path[:length] for path in paths for length in range(len(path) + 1)}
    offsets: dict[FieldPath, int] = {}
    repeated: list[tuple[FieldPath, int]] = []
    path: list[Any] = []  # where the next value stands
    keys: list[set[str]] = []  # of each open mapping the keys so far
    before_key = False
    for match in _TOKEN.finditer(text):
        sign = match[0][0]
        if sign in "}]":
            path.pop()
            keys.pop()
            before_key = False
        elif sign == ",":
            before_key = isinstance(path[-1], str)
            if not before_key:
                path[-1] += 1
        elif before_key:
            path[-1] = json.loads(match[0])
            if path[-1] in keys[-1] and "secured" not in path[:-1]:
                repeated.append((tuple(path), match.start()))
            keys[-1].add(path[-1])
            before_key = False
        else:
            here = tuple(path)
            if here in wanted:
                offsets[here] = match.start()
            if sign in "{[":
                before_key = sign == "{"
                path.append("" if before_key else 0)
                keys.append(set())
    return offsets, repeated


def _nearest(path: FieldPath, offsets: dict[FieldPath, int]) -> int:
    """Return the offset of a value, or that of the nearest one around it."""
    while path not in offsets:
        path = path[:-1]
    return offsets[path]


def _too_deep(text: str) -> int:
    """Return the offset of the first bracket that opens one level too many."""
    depth = 0
    for match in _TOKEN.finditer(text):
        depth += (match[0][0] in "{[") - (match[0][0] in "}]")
        if depth > yaml_text.MAX_DEPTH:
            return match.start()
    return 0  # pragma: no cover - the text is known to be that deep


def _depth(value: Any) -> int:
    """Return how deep lists and mappings are nested in a value; at most one level more than allowed."""
    depth = 0
    level = [value] if isinstance(value, dict | list) else []
    while level and depth <= yaml_text.MAX_DEPTH:
        depth += 1
        level = [
            item
            for parent in level
            for item in (parent.values() if isinstance(parent, dict) else parent)
            if isinstance(item, dict | list)
        ]
    return depth
