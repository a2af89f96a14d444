"""Front matter: from the text of a Markdown file to its record, with line and column for every fault.

Coverage repeats itself: a related entry is written in dozens of files, to the letter. Where all lines of a
record are plain (see `yamltext.is_plain`), it is cut into its head and its related entries, and each distinct
entry text is decoded once. Whatever is not plain takes the long way over the reference loader, which gives
the same record.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import msgspec

from graphkit.diagnostics.diagnostic import Diagnostic
from graphkit.diagnostics.quoting import quoted, quoted_words, without_long_words
from graphkit.formats import fast_path, yaml_text
from graphkit.formats.yaml_text import YamlError, YamlFault
from graphkit.records.decoding import RECORD_FIELDS, TOPIC_FIELDS, decode, decode_entry
from graphkit.records.entry import Entry, TopicEntry
from graphkit.records.faults import FieldFault, FieldPath, diagnosed
from graphkit.records.positions import Lines

MAX_SALVAGE = 8

_OPEN = re.compile(r"\s*---[ \t]*\n")
_CLOSE = re.compile(r"\n(?:---|\.\.\.)[ \t]*(?=\n|\Z)")
# A line that can go without a change for its neighbours: what follows must be a field of its own.
_SECURED = re.compile(rb'\nsecured: "[!#-\[\]-~]*"(?=\n+(?:[A-Za-z_]|\Z))')
_SECTION_END = re.compile(rb"\n(?=[^ \n])")
_FIELD_FIRST = re.compile(rb"\n*[A-Za-z_]")
_TOP_LINE = re.compile(r"^(?:[^\s#-]|\t)", re.MULTILINE)
_TOP_KEY = re.compile(r"^([A-Za-z_]\w*|\"[^\"\n]*\"|'[^'\n]*') *:(?=\s)", re.MULTILINE)
# A ciphertext may be written in any alphabet (base64, base64url, a token with dots): it is known by its place.
# Quotes, brackets and commas around it stay, as they may belong to what is around the field.
_FIRST_WORD = r"(?![&*!#\[{])[^\s\"']*[^\s\"',\]}]"
_NEXT_WORD = r"(?!-[ \t]*(?:\n|\Z))[^\s\"',:\[\]{}#&*!][^\s\"',:\[\]{}]*"
_CIPHERTEXT = re.compile(
    r"^(?P<key>[ \t]*+(?:-[ \t]++)*+(?:secured|'secured'|\"secured\")[ \t]*+:[ \t]*+[\[{]*+(?P<quote>[\"'])?+)"
    rf"(?:{_FIRST_WORD}(?(quote)(?:[ \t]+{_NEXT_WORD})*))?"
    rf"(?:[ \t]*\n(?(quote)[ \t]*|[ \t]+)(?:(?P<inner>[\"']){_NEXT_WORD}(?P=inner)"
    rf"|{_NEXT_WORD}(?(quote)(?:[ \t]+{_NEXT_WORD})*))(?=[\"'\]}},]*[ \t]*(?:\n|\Z)))*"
    r"(?=[\"'\]},]*[ \t]*(?:[ \t]#[^\n]*)?(?:\n|\Z))",
    re.MULTILINE,
)
_LEFT_OF_CIPHERTEXT = re.compile(r"secured[\"']?\s*:(?!\s*~)")


def read_markdown(text: str, source: str, diagnostics: list[Diagnostic]) -> Entry | TopicEntry | None:
    """Read the record in the front matter of `text`; None where there is none to keep.

    `source` names the file in the diagnostics, which are appended.
    """
    opening = _OPEN.match(text)
    if opening is None:
        # A long word may be a piece of a ciphertext, in a file that was cut.
        line = without_long_words(text.strip().partition("\n")[0])
        got = quoted(line, limit=40) if line else "an empty file"
        diagnostics.append(Diagnostic(source, 1, 1, "", "GK202", "front matter that opens with ---", got, rejects=True))
        return None
    closing = _CLOSE.search(text, opening.end() - 1)
    front = text[opening.end() : closing.start() + 1] if closing else text[opening.end() :]
    first_line = text.count("\n", 0, opening.end())
    if closing is None:
        where = text.count("\n") + 1
        diagnostics.append(Diagnostic(source, where, 1, "", "GK203", "a closing --- line", "the end of the file"))
    return read_yaml(front, source, diagnostics, lines_before=first_line)


def read_yaml(
    text: str, source: str, diagnostics: list[Diagnostic], *, lines_before: int = 0
) -> Entry | TopicEntry | None:
    """Read one record from YAML text that begins after `lines_before` lines of its file."""
    report = _Reporter(source, lines_before, diagnostics)
    text = _without_ciphertext(report.forbidden(text))
    found: list[YamlFault] = []
    loaded = _load_or_salvage(text, found)
    report.yaml(found, rejects=loaded is None)
    if loaded is None:
        return None
    raw, text = loaded
    if not isinstance(raw, dict):
        diagnostics.append(
            Diagnostic(source, lines_before + 1, 1, "", "GK210", "a mapping of fields", quoted_words(raw), rejects=True)
        )
        return None
    faults: list[FieldFault] = []
    record = decode(raw, faults)
    report.fields(faults, text)
    return record


def places(text: str, paths: Sequence[FieldPath], *, markdown: bool) -> list[tuple[int, int]]:
    """Return line and column, from 1, of the values at paths of the record in a text; 0 where there is none.

    Of a value that is absent, the place is that of what is around it.
    """
    nowhere = [(0, 0)] * len(paths)
    lines_before = 0
    if markdown:
        opening = _OPEN.match(text)
        if opening is None:
            return nowhere
        closing = _CLOSE.search(text, opening.end() - 1)
        lines_before = text.count("\n", 0, opening.end())
        text = text[opening.end() : closing.start() + 1] if closing else text[opening.end() :]
    loaded = _load_or_salvage(_without_ciphertext(yaml_text.replace_forbidden(text, [])), [])
    if loaded is None or not isinstance(loaded[0], dict):
        return nowhere
    found = yaml_text.positions(loaded[1], list(paths))
    return [(line + lines_before, column) for line, column in found]


def read_plain(data: bytes, *, is_markdown: bool) -> Entry | TopicEntry | None:
    """Read the record of a file whose lines are all plain, without any fault; None where it needs the long way.

    What repeats itself is found before it is decoded: bytes are compared faster than text.
    """
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    data = data.removeprefix(b"\xef\xbb\xbf")
    if not is_markdown:
        return _read_plain(data)
    if not data.startswith(b"---\n"):
        return None
    end = data.find(b"\n---\n", 3)
    if end < 0 or data.find(b"\n---", 3, end) >= 0 or data.find(b"\n...", 3, end) >= 0:
        return None
    return _read_plain(data[4 : end + 1]) if _is_text(data[end + 5 :]) else None


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _read_plain(data: bytes) -> Entry | TopicEntry | None:
    """Read a record from YAML; see `read_plain`."""
    if not data.endswith(b"\n"):
        data += b"\n"
    head, entries = _cut(_without_secured(data))
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
    entry = fast_path.record_of(text, tuple(related))
    if entry is not None:
        return entry
    raw = yaml_text.fast_load(text)
    if type(raw) is not dict or "secured" in raw or (entries and "related" in raw):
        return None
    faults: list[FieldFault] = []
    record = decode(raw, faults)
    if record is None or faults:
        return None
    if not entries:
        return record
    return msgspec.structs.replace(record, related=tuple(related)) if isinstance(record, Entry) else None


def _without_secured(data: bytes) -> bytes:
    """Take out the line with the ciphertext, which most often is the last, where that line stands by itself."""
    place = data.rfind(b'\nsecured: "')
    line = _SECURED.match(data, place) if place >= 0 else None
    return data if line is None else data[: line.start()] + data[line.end() :]


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
    entry = fast_path.related_of(text)
    if entry is not None:
        return entry
    raw = yaml_text.fast_load(f"  - {text}")
    if type(raw) is not list or len(raw) != 1 or type(raw[0]) is not dict:
        return None
    faults: list[FieldFault] = []
    entry = decode_entry(raw[0], ("related", 0), faults)
    return None if faults else entry


def _without_ciphertext(text: str) -> str:
    """Blank the value of every line that looks like a `secured` field, so that columns and lines stay.

    The loader drops the field anyway. But where a quote is missing, or an indent, its line may become part of
    another field's text, and that goes into the graph.
    """
    return _CIPHERTEXT.sub(_blank, text) if "secured" in text else text


def _blank(match: re.Match[str]) -> str:
    lines = match[0][len(match["key"]) :].split("\n")
    first = "~".ljust(len(lines[0])) if lines[0] else ""
    return match["key"] + "\n".join([first, *(" " * len(line) for line in lines[1:])])


def _load_or_salvage(text: str, found: list[YamlFault]) -> tuple[Any, str] | None:
    """Load YAML; where a field breaks it, leave out that field and try again, so that the others are kept.

    Return the value and the text that gave it, which has the same lines; None where nothing can be kept.
    """
    for _ in range(MAX_SALVAGE):
        try:
            return yaml_text.load(text, found), text
        except YamlError as error:
            name, shorter = _without_field(text, error.fault.line)
            found.append(error.fault._replace(field=name))
            if shorter is None:
                return None
            text = shorter
    return None


def _without_field(text: str, line: int) -> tuple[str, str | None]:
    """Blank the top-level field that holds `line`, counted from 1; None where no other field would be left.

    From a broken `secured` on, everything goes: what follows may be pieces of the ciphertext. The name of the
    field comes with it if it is one that we know, as another may be such a piece.
    """
    offset = Lines(text).starts[line - 1]
    start = max((match.start() for match in _TOP_LINE.finditer(text, 0, offset + 1)), default=-1)
    if start < 0:
        return "", None
    after = _TOP_KEY.search(text, start + 1)
    end = after.start() if after else len(text)
    if _LEFT_OF_CIPHERTEXT.search(text, start, end):
        end = len(text)
    key = _TOP_KEY.match(text, start)
    name = key[1].strip("\"'") if key else ""
    shorter = text[:start] + "\n" * text.count("\n", start, end) + text[end:]
    return name if name in RECORD_FIELDS | TOPIC_FIELDS else "", shorter if shorter.strip() else None


class _Reporter:
    """Turns faults of one text into diagnostics with the file's lines."""

    def __init__(self, source: str, lines_before: int, diagnostics: list[Diagnostic]) -> None:
        self.source = source
        self.lines_before = lines_before
        self.diagnostics = diagnostics

    def forbidden(self, text: str) -> str:
        found: list[YamlFault] = []
        cleaned = yaml_text.replace_forbidden(text, found)
        self.yaml(found, rejects=False)
        return cleaned

    def yaml(self, found: list[YamlFault], *, rejects: bool) -> None:
        for index, fault in enumerate(found):
            self.diagnostics.append(
                Diagnostic(
                    self.source,
                    fault.line + self.lines_before,
                    fault.column,
                    fault.field,
                    fault.code,
                    fault.expected,
                    fault.got,
                    rejects=rejects and index == len(found) - 1,
                )
            )

    def fields(self, faults: list[FieldFault], text: str) -> None:
        if not faults:
            return
        places = yaml_text.positions(text, [fault.path for fault in faults])
        for fault, (line, column) in zip(faults, places, strict=True):
            self.diagnostics.append(diagnosed(fault, self.source, line + self.lines_before, column))
