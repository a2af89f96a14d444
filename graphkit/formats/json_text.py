"""JSON text: its value, the records in it, and the line and column of each fault."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from operator import itemgetter
from typing import Any

import msgspec

from graphkit.diagnostics.diagnostic import Diagnostic
from graphkit.diagnostics.found_diagnostics import KEPT, FoundDiagnostics
from graphkit.diagnostics.quoting import quoted_words
from graphkit.files.compression import BOM
from graphkit.formats.input_format import MAX_DEPTH, Place
from graphkit.formats.utf8_text import decoded, place_of, text_of
from graphkit.records.decoding import decode
from graphkit.records.entry import RecordEntry
from graphkit.records.faults import FieldFault, FieldPath, FoundFaults, diagnosed, tallied
from graphkit.records.positions import Lines

MAX_MEMORY = 2 << 30
"""The most memory, about, that the lists and mappings of a text may take: `[{},{},…]` takes 30 times its size."""

BROKEN = object()
"""The value of text that is not JSON."""


class JsonDocument:
    """JSON text with its value and its faults, which are located together: finding places reads the whole text."""

    def __init__(self, data: bytes, source: str, diagnostics: FoundDiagnostics, *, lines_before: int = 0) -> None:
        self.data = data
        self.source = source
        self.diagnostics = diagnostics
        self.lines_before = lines_before
        self.faults: list[FieldFault] = []
        self.has_repeated_keys = False
        self.value = self._decoded()

    def _decoded(self) -> Any:
        if _memory_for(self.data) > MAX_MEMORY:
            expected = "lists and mappings that fit into memory; JSON Lines may hold any number of records"
            self._diagnose("GK106", expected, "too many", (1, 1))
            return BROKEN
        try:
            value = msgspec.json.decode(self.data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return self._decoded_leniently()
        # Each key is followed by `":`. A repeated key is lost in the value, and so in the JSON written from it.
        self.has_repeated_keys = self.data.count(b'":') != msgspec.json.encode(value).count(b'":')
        return value

    def _decoded_leniently(self) -> Any:
        """Decode by the standard library, which accepts half a surrogate pair, NaN (a missing value) and 1e999.

        Return BROKEN after a diagnostic if it refuses the text too.
        """
        text = decoded(self.data, self.source, self.diagnostics, lines_before=self.lines_before)
        if text is None:
            return BROKEN
        try:
            value = json.loads(text, parse_constant=_CONSTANTS.get)
        except json.JSONDecodeError as error:
            # No more than one character of the text: it may be the ciphertext.
            sign = text[error.pos : error.pos + 1]
            got = f"the character {sign!r}" if sign.strip() else "the end of the text" if not sign else "white space"
            if error.msg.startswith("Unterminated string"):
                got = "a text that is not closed"
            self._diagnose("GK209", "valid JSON", got, place_of(text, error.pos))
        except RecursionError:
            got = "more"
            self._diagnose("GK205", _NESTING, got, place_of(text, _too_deep(text)))
        except ValueError:  # a number of thousands of digits
            self._diagnose("GK209", "numbers of a usual length", "one of thousands of digits", (1, 1))
        else:
            self.has_repeated_keys = True  # perhaps
            return value
        return BROKEN

    def _diagnose(self, code: str, expected: str, got: str, place: tuple[int, int]) -> None:
        line, column = place
        line += self.lines_before
        self.diagnostics.append(Diagnostic(self.source, line, column, "", code, expected, got, rejects=True))

    def record(self, value: Any, path: FieldPath) -> RecordEntry | None:
        """Decode the record at `path`."""
        found = FoundFaults()
        record = None
        if not isinstance(value, dict):
            found.append(FieldFault("GK210", (), "a mapping of fields", quoted_words(value), rejects=True))
        else:
            too_deep = [key for key, item in value.items() if _depth(item) >= MAX_DEPTH]
            found += (FieldFault("GK205", (key,), _NESTING, "more") for key in too_deep)
            if too_deep:
                value = {key: item for key, item in value.items() if key not in too_deep}
            record = decode(value, found)
        self.diagnostics.count_also(found.omitted)
        if len(self.faults) < KEPT:  # records are read in order, so these are the first
            self.faults += [fault._replace(path=(*path, *fault.path)) for fault in found]
        else:
            self.diagnostics.count_also(Counter(map(tallied, found)))
        return record

    def report(self) -> None:
        """Turn the faults into diagnostics, each with its place in the text."""
        if not self.faults and not self.has_repeated_keys:
            return
        text = self.data.decode("utf-8")
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        offsets, repeated, omitted = _offsets_of(text, {fault.path for fault in self.faults})
        found = [(_nearest(fault.path, offsets), fault) for fault in self.faults]
        found += [(offset, FieldFault("GK207", path, "each key once", "it again")) for path, offset in repeated]
        self.diagnostics.count_also(Counter({("GK207", False): omitted}))
        lines = Lines(text)
        for offset, fault in sorted(found, key=itemgetter(0)):
            line, column = lines.place(offset)
            self.diagnostics.append(diagnosed(fault, self.source, line + self.lines_before, column))


def json_places(data: bytes, paths: Sequence[FieldPath]) -> list[Place]:
    """Return line and column of the value at each path, or of the value around it; 0 if the text is not JSON."""
    text = text_of(data, "", FoundDiagnostics())
    if text is None or JsonDocument(data.removeprefix(BOM), "", FoundDiagnostics()).value is BROKEN:
        return [(0, 0)] * len(paths)
    offsets, _, _ = _offsets_of(text, set(paths))
    lines = Lines(text)
    return [lines.place(_nearest(path, offsets)) for path in paths]


_CONSTANTS = {"NaN": None, "Infinity": float("inf"), "-Infinity": float("-inf")}
_NESTING = f"at most {MAX_DEPTH} levels of nesting"
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],]|[^\s{}\[\],:"]+', re.DOTALL)


def _offsets_of(text: str, paths: set[FieldPath]) -> tuple[dict[FieldPath, int], list[tuple[FieldPath, int]], int]:
    """Return the offsets of the values at `paths`, and around them, in JSON text, and those of repeated keys.

    Only the first of these are given, and how many others there are. Keys inside a `secured` field are not reported.
    """
    wanted = {path[:length] for path in paths for length in range(len(path) + 1)}
    offsets: dict[FieldPath, int] = {}
    repeated: list[tuple[FieldPath, int]] = []
    omitted = 0
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
                if len(repeated) < KEPT:
                    repeated.append((tuple(path), match.start()))
                else:
                    omitted += 1
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
    return offsets, repeated, omitted


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
        if depth > MAX_DEPTH:
            return match.start()
    return 0  # pragma: no cover - the text is known to be that deep


def _memory_for(data: bytes) -> int:
    """Return the memory that the lists and mappings of a text may take, about, whatever is in them."""
    if len(data) * 100 < MAX_MEMORY:  # no text takes more
        return 0
    return 200 * data.count(b"{") + 80 * data.count(b"[") + 58 * data.count(b",")


def _depth(value: Any) -> int:
    """Return how deep lists and mappings are nested in a value; at most one level more than allowed."""
    depth = 0
    level = [value] if isinstance(value, dict | list) else []
    while level and depth <= MAX_DEPTH:
        depth += 1
        level = [
            item
            for parent in level
            for item in (parent.values() if isinstance(parent, dict) else parent)
            if isinstance(item, dict | list)
        ]
    return depth
