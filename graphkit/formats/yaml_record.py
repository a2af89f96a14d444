"""One record in YAML text, with line and column for every fault.

Coverage repeats itself: a related entry is written in dozens of files, to the letter. Where all lines of a record are
plain (see `is_plain`), it is cut into its head and its related entries, and each distinct entry is decoded once. Any
other record is read as a whole by the reference loader, which gives the same entries.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

import msgspec

from graphkit.diagnostics.diagnostic import Diagnostic
from graphkit.diagnostics.found_diagnostics import KEPT, FoundDiagnostics
from graphkit.diagnostics.quoting import quoted_words
from graphkit.files.compression import BOM
from graphkit.formats.ciphertext import without_ciphertext, without_secured_line
from graphkit.formats.fast_yaml import record_of, related_of
from graphkit.formats.input_format import InputFormat, Place, Records
from graphkit.formats.plain_yaml import load_plain
from graphkit.formats.salvage import load_or_salvage
from graphkit.formats.utf8_text import text_of
from graphkit.formats.yaml_characters import replace_forbidden
from graphkit.formats.yaml_documents import YamlDocument, yaml_documents
from graphkit.formats.yaml_faults import YamlFault
from graphkit.formats.yaml_limits import MAX_NODES
from graphkit.formats.yaml_loader import positions
from graphkit.records.decoding import decode, decode_entry
from graphkit.records.entry import Entry, RecordEntry
from graphkit.records.faults import FieldPath, FoundFaults, diagnosed
from graphkit.records.known_fields import TOP_FIELDS

_SECTION_END = re.compile(rb"\n(?=[^ \n])")
_FIELD_FIRST = re.compile(rb"\n*[A-Za-z_]")


def read_yaml(text: str, source: str, diagnostics: FoundDiagnostics, *, lines_before: int = 0) -> RecordEntry | None:
    """Read one record from YAML text that begins after `lines_before` lines of its file."""
    found: list[YamlFault] = []
    text = without_ciphertext(replace_forbidden(text, found))
    loaded = load_or_salvage(text, found)
    diagnostics += [
        Diagnostic(
            *(source, fault.line + lines_before, fault.column, fault.field, fault.code, fault.expected, fault.got),
            rejects=loaded is None and fault is found[-1],
        )
        for fault in found
    ]
    for fault in found:
        listed = min(fault.lost_entries, KEPT)
        diagnostics.extend(
            Diagnostic(
                source, fault.line + lines_before, fault.column, f"related[{number}]", fault.code, *_LOST, rejects=True
            )
            for number in range(listed)
        )
        diagnostics.count_also(Counter({(fault.code, True): fault.lost_entries - listed}))
    if loaded is None:
        return None
    raw, text = loaded
    if not isinstance(raw, dict):
        diagnostics.append(
            Diagnostic(source, lines_before + 1, 1, "", "GK210", "a mapping of fields", quoted_words(raw), rejects=True)
        )
        return None
    faults = FoundFaults()
    record = decode(raw, faults)
    diagnostics.count_also(faults.omitted)
    places = positions(text, [fault.path for fault in faults]) if faults else []
    diagnostics += [
        diagnosed(fault, source, line + lines_before, column)
        for fault, (line, column) in zip(faults, places, strict=True)
    ]
    return record


_LOST = ("a field that can be read around it", "a broken one")


def yaml_places(text: str, paths: Sequence[FieldPath]) -> list[Place]:
    """Return line and column, from 1, of the values at paths of the record in a text; 0 where there is none."""
    loaded = load_or_salvage(without_ciphertext(replace_forbidden(text, [])), [])
    if loaded is None or not isinstance(loaded[0], dict):
        return [(0, 0)] * len(paths)
    return positions(loaded[1], list(paths))


def normalised(data: bytes) -> bytes:
    r"""Return the bytes of a text without a byte order mark, its lines ended by ``\n``."""
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return data.removeprefix(BOM)


def read_plain(data: bytes) -> RecordEntry | None:
    """Read a record from YAML whose lines are all plain, without a fault; None where it needs the general way.

    What repeats itself is found before it is decoded: bytes are compared faster than text.
    """
    if not data.endswith(b"\n"):
        data += b"\n"
    if len(data) > MAX_NODES and 3 * data.count(b"\n") > MAX_NODES:  # a line may hold a mapping, a key and a value
        return None
    head, entries = _cut(without_secured_line(data))
    related = []
    for entry_data in entries:
        entry = _plain_entry(entry_data)
        if entry is None:
            return None
        related.append(entry)
    try:
        text = head.decode()
    except UnicodeDecodeError:
        return None
    entry = record_of(text, tuple(related))
    if entry is not None:
        return entry
    raw = load_plain(text)
    if type(raw) is not dict or "secured" in raw or (entries and "related" in raw):
        return None
    faults = FoundFaults()
    record = decode(raw, faults)
    if record is None or faults:
        return None
    if not entries:
        return record
    return msgspec.structs.replace(record, related=tuple(related)) if isinstance(record, Entry) else None


def _cut(data: bytes) -> tuple[bytes, list[bytes]]:
    """Cut plain lines into a head and related entries."""
    start = data.find(b"\nrelated:\n")
    if start < 0 or not _FIELD_FIRST.match(data):
        return data, []
    body = start + len(b"\nrelated:")
    end = _section_end(data, body)
    before, *entries = data[body:end].split(b"\n  - ")
    if before.strip(b"\n") or not entries or not (end == len(data) or _FIELD_FIRST.match(data, end)):
        return data, []
    return data[: start + 1] + data[end:], entries


def _section_end(data: bytes, start: int) -> int:
    """Return where the next line begins that is not indented."""
    lines = data.count(b"\n", start)
    if lines == data.count(b"\n ", start) + len(data) - len(data.rstrip(b"\n")):  # there is none, as most often
        return len(data)
    match = _SECTION_END.search(data, start)
    return match.end() if match else len(data)


@lru_cache(maxsize=16_384)
def _plain_entry(data: bytes) -> Entry | None:
    """Decode one related entry, without its dash; None where it is not plain or has a fault."""
    try:
        text = data.rstrip(b" \n").decode() + "\n"
    except UnicodeDecodeError:
        return None
    entry = related_of(text)
    if entry is not None:
        return entry
    raw = load_plain(f"  - {text}")
    if type(raw) is not list or len(raw) != 1 or type(raw[0]) is not dict:
        return None
    faults = FoundFaults()
    entry = decode_entry(raw[0], ("related", 0), faults)
    return None if faults else entry


def _read(data: bytes, source: str, diagnostics: FoundDiagnostics, _: int) -> Records:
    record = read_plain(normalised(data))
    if record is not None:
        yield "", record
        return
    text = text_of(data, source, diagnostics)
    if text is None:
        yield "", None
        return
    documents = yaml_documents(text)
    for number, document in enumerate(documents):
        pointer = f"/{number}" if len(documents) > 1 else ""
        yield pointer, read_yaml(document.text, source, diagnostics, lines_before=document.lines_before)


def _places(data: bytes, paths: Sequence[FieldPath]) -> list[Place]:
    text = text_of(data, "", FoundDiagnostics())
    if text is None:
        return [(0, 0)] * len(paths)
    documents = yaml_documents(text)
    found = []
    for path in paths:
        number, inside = (path[0], path[1:]) if len(documents) > 1 else (0, path)
        document = documents[number] if isinstance(number, int) and number < len(documents) else YamlDocument("", 0)
        line, column = yaml_places(document.text, [inside])[0]
        found.append((line + document.lines_before, column) if line else (0, 0))
    return found


_FIRST_FIELD = re.compile(
    rb"(?:\s*(?:#[^\n]*)?\n)*(?:%s)[ \t]*:\s" % b"|".join(name.encode() for name in sorted(TOP_FIELDS))
)


def _matches(data: bytes) -> bool:
    return _FIRST_FIELD.match(data.removeprefix(BOM)) is not None


YAML = InputFormat("yaml", ("yaml", "yml"), 16 << 20, _read, _places, _matches)
