"""Front matter: from the text of a Markdown file to its record, with line and column for every fault.

Coverage repeats itself: a related entry is written in dozens of files, to the letter. Where all lines of a record
are plain (see `yamltext.is_plain`), it is cut into its head and its related entries, and each distinct entry text is
decoded once. Whatever is not plain takes the long way over the reference loader, which gives the same record.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import msgspec

from graphkit import yamltext
from graphkit.errors import Diagnostic, quoted
from graphkit.records import Entry, Fault, TopicEntry, decode, decode_entry, field_name
from graphkit.yamltext import YamlError, YamlFault

MAX_SALVAGE = 8

_OPEN = re.compile(r"\s*---[ \t]*\n")
_CLOSE = re.compile(r"\n(?:---|\.\.\.)[ \t]*(?=\n|\Z)")
_SECURED = re.compile(r'\nsecured: "[A-Za-z0-9+/=;]*"(?=\n)')
_SECTION_END = re.compile(r"\n(?=[^ \n])")
_TOP_KEY = re.compile(r"^[^\s#-][^\n]*", re.MULTILINE)


def read_markdown(text: str, source: str, diagnostics: list[Diagnostic]) -> Entry | TopicEntry | None:
    """Read the record in the front matter of `text`; None where there is none to keep.

    `source` names the file in the diagnostics, which are appended.
    """
    opening = _OPEN.match(text)
    if opening is None:
        line = text.strip().partition("\n")[0]
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
    record = _read_plain(text)
    if record is not None:
        return record
    report = _Reporter(source, lines_before, diagnostics)
    text = report.forbidden(text)
    found: list[YamlFault] = []
    raw = _load_or_salvage(text, found)
    report.yaml(found, rejects=raw is None)
    if raw is None:
        return None
    if not isinstance(raw, dict):
        diagnostics.append(
            Diagnostic(source, lines_before + 1, 1, "", "GK210", "a mapping of fields", quoted(raw), rejects=True)
        )
        return None
    faults: list[Fault] = []
    record = decode(raw, faults)
    report.fields(faults, text)
    return record


def _read_plain(text: str) -> Entry | TopicEntry | None:
    """Read a record of plain lines without any fault; None where it needs the long way."""
    if not text.endswith("\n"):
        text += "\n"
    head, entries = _cut(_SECURED.sub("", text, count=1))
    related = []
    for entry_text in entries:
        entry = _plain_entry(entry_text)
        if entry is None:
            return None
        related.append(entry)
    raw = yamltext.fast_load(head)
    if type(raw) is not dict or (entries and "related" in raw):
        return None
    faults: list[Fault] = []
    record = decode(raw, faults)
    if record is None or faults:
        return None
    if not entries:
        return record
    return msgspec.structs.replace(record, related=tuple(related)) if isinstance(record, Entry) else None


def _cut(text: str) -> tuple[str, list[str]]:
    """Cut plain text into its head and the texts of its related entries."""
    start = text.find("\nrelated:\n")
    if start < 0:
        return text, []
    body = start + len("\nrelated:")
    end_match = _SECTION_END.search(text, body)
    end = end_match.end() if end_match else len(text)
    before, *entries = text[body:end].split("\n  - ")
    if before.strip():
        return text, []
    return text[: start + 1] + text[end:], entries


@lru_cache(maxsize=16_384)
def _plain_entry(text: str) -> Entry | None:
    """Decode the text of one related entry, without its dash; None where it is not plain or has a fault."""
    raw = yamltext.fast_load(f"  - {text.rstrip()}\n")
    if type(raw) is not list or len(raw) != 1 or type(raw[0]) is not dict:
        return None
    faults: list[Fault] = []
    entry = decode_entry(raw[0], ("related", 0), faults)
    return None if faults else entry


def _load_or_salvage(text: str, found: list[YamlFault]) -> Any:
    """Load YAML; where a field breaks it, leave out that field and try again, so that the others are kept.

    Return None where nothing can be kept.
    """
    for _ in range(MAX_SALVAGE):
        try:
            return yamltext.load(text, found)
        except YamlError as error:
            found.append(error.fault)
            shorter = _without_field(text, error.start_line)
            if shorter is None or error.fault.code != "GK204":
                return None
            text = shorter
    return None


def _without_field(text: str, line: int) -> str | None:
    """Blank the top-level field that holds `line`, counted from 1; None where there is no such field.

    From a broken `secured` on, everything goes: what follows may be pieces of the ciphertext.
    """
    starts = [match.start() for match in _TOP_KEY.finditer(text)]
    offset = _line_offset(text, line)
    index = next((i for i in range(len(starts) - 1, -1, -1) if starts[i] <= offset), None)
    if index is None or len(starts) < 2:
        return None
    end = starts[index + 1] if index + 1 < len(starts) else len(text)
    if text.startswith("secured", starts[index]):
        end = len(text)
    return text[: starts[index]] + "\n" * text.count("\n", starts[index], end) + text[end:]


def _line_offset(text: str, line: int) -> int:
    offset = 0
    for _ in range(line - 1):
        found = text.find("\n", offset)
        if found < 0:
            break
        offset = found + 1
    return offset


class _Reporter:
    """Turns faults of one text into diagnostics with the file's lines."""

    def __init__(self, source: str, lines_before: int, diagnostics: list[Diagnostic]) -> None:
        self.source = source
        self.lines_before = lines_before
        self.diagnostics = diagnostics

    def forbidden(self, text: str) -> str:
        found: list[YamlFault] = []
        cleaned = yamltext.replace_forbidden(text, found)
        self.yaml(found, rejects=False)
        return cleaned

    def yaml(self, found: list[YamlFault], *, rejects: bool) -> None:
        for index, fault in enumerate(found):
            self.diagnostics.append(
                Diagnostic(
                    self.source,
                    fault.line + self.lines_before if fault.line else self.lines_before + 1,
                    fault.column or 1,
                    fault.field,
                    fault.code,
                    fault.expected,
                    fault.got,
                    rejects=rejects and index == len(found) - 1,
                )
            )

    def fields(self, faults: list[Fault], text: str) -> None:
        if not faults:
            return
        places = yamltext.positions(text, [fault.path for fault in faults])
        for fault, (line, column) in zip(faults, places, strict=True):
            self.diagnostics.append(
                Diagnostic(
                    self.source,
                    line + self.lines_before if line else 0,
                    column,
                    field_name(fault.path),
                    fault.code,
                    fault.expected,
                    fault.got,
                    fault.rejects,
                )
            )
