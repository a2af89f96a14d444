"""Front matter: the record at the beginning of a Markdown file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from graphkit.diagnostics.diagnostic import Diagnostic
from graphkit.diagnostics.quoting import quoted, without_long_words
from graphkit.formats.input_format import InputFormat, Place, Records
from graphkit.formats.utf8_text import text_of
from graphkit.formats.yaml_record import normalised, read_plain, read_yaml, yaml_places
from graphkit.records.entry import Entry, TopicEntry
from graphkit.records.faults import FieldPath

_OPEN = re.compile(r"\s*---[ \t]*\n")
_CLOSE = re.compile(r"\n(?:---|\.\.\.)[ \t]*(?=\n|\Z)")


class FrontMatter(NamedTuple):
    """The YAML of a Markdown file, after so many lines of it."""

    text: str
    lines_before: int
    is_closed: bool


def front_matter_of(text: str) -> FrontMatter | None:
    """Return the front matter of a Markdown file; None where there is none."""
    opening = _OPEN.match(text)
    if opening is None:
        return None
    closing = _CLOSE.search(text, opening.end() - 1)
    front = text[opening.end() : closing.start() + 1] if closing else text[opening.end() :]
    return FrontMatter(front, text.count("\n", 0, opening.end()), closing is not None)


def read_markdown(text: str, source: str, diagnostics: list[Diagnostic]) -> Entry | TopicEntry | None:
    """Read the record in the front matter of `text`; None where there is none to keep.

    `source` names the file in the diagnostics, which are appended.
    """
    front = front_matter_of(text)
    if front is None:
        # A long word may be a piece of a ciphertext, in a file that was cut.
        line = without_long_words(text.strip().partition("\n")[0])
        got = quoted(line, limit=40) if line else "an empty file"
        diagnostics.append(Diagnostic(source, 1, 1, "", "GK202", "front matter that opens with ---", got, rejects=True))
        return None
    if not front.is_closed:
        where = text.count("\n") + 1
        diagnostics.append(Diagnostic(source, where, 1, "", "GK203", "a closing --- line", "the end of the file"))
    return read_yaml(front.text, source, diagnostics, lines_before=front.lines_before)


def _read_plain(data: bytes) -> Entry | TopicEntry | None:
    """Read the record as `read_plain` does; None also where the end of the front matter is not clear at once."""
    if not data.startswith(b"---\n"):
        return None
    end = data.find(b"\n---\n", 3)
    if end < 0 or data.find(b"\n---", 3, end) >= 0 or data.find(b"\n...", 3, end) >= 0:
        return None
    return read_plain(data[4 : end + 1]) if _is_text(data[end + 5 :]) else None


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _read(data: bytes, source: str, diagnostics: list[Diagnostic], _: int) -> Records:
    record = _read_plain(normalised(data))
    if record is None and (text := text_of(data, source, diagnostics)) is not None:
        record = read_markdown(text, source, diagnostics)
    yield "", record


def _places(data: bytes, paths: Sequence[FieldPath]) -> list[Place]:
    text = text_of(data, "", [])
    front = None if text is None else front_matter_of(text)
    if front is None:
        return [(0, 0)] * len(paths)
    found = yaml_places(front.text, paths)
    return [(line + front.lines_before, column) if line else (0, 0) for line, column in found]


MARKDOWN = InputFormat("markdown", ("md", "markdown", "txt"), 16 << 20, _read, _places)
