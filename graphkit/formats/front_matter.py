"""Front matter: the record at the beginning of a Markdown file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple

from graphkit.diagnostics.diagnostic import Diagnostic
from graphkit.diagnostics.found_diagnostics import FoundDiagnostics
from graphkit.diagnostics.quoting import quoted, without_long_words
from graphkit.formats.input_format import InputFormat, Place, Records
from graphkit.formats.utf8_text import text_of
from graphkit.formats.yaml_documents import MARKER
from graphkit.formats.yaml_record import normalised, read_plain, read_yaml, yaml_places
from graphkit.records.entry import RecordEntry
from graphkit.records.faults import FieldPath
from graphkit.records.known_fields import TOP_FIELDS

_REST = r"[ \t]*(?:#[^\n]*)?(?=\n|\Z)"
_OPEN = re.compile(rf"(?:\s*\n)?(?P<indent>[ \t]*)---{_REST}\n")
_INDENTED_CLOSE = re.compile(rf"\n[ \t]+---{_REST}")

# Another opening line, or what follows the closing one, before a field that records have.
_FIELDS = "|".join(sorted(TOP_FIELDS))
_ANOTHER = re.compile(
    rf"(?:\A|^[ \t]*---{_REST})\n+(?P<field>[ \t]*[\"']?(?:{_FIELDS})[\"']?[ \t]*:(?=\s))", re.MULTILINE
)


class FrontMatter(NamedTuple):
    """The YAML of a Markdown file, after so many lines of it.

    `end` is where the closing line ends. It is `closed` by a line like the opening one, by an indented line, or not.
    """

    text: str
    lines_before: int
    end: int
    closed: Closing


class Closing(Enum):
    """How front matter ends."""

    PROPERLY = ""
    INDENTED = "an indented one"
    NOT = "the end of the file"


def front_matter_of(text: str) -> FrontMatter | None:
    """Return the front matter of a Markdown file; None where there is none."""
    opening = _OPEN.match(text)
    if opening is None:
        return None
    start, indent = opening.end(), opening["indent"]
    closing = re.compile(rf"\n(?:{MARKER}|{indent}---{_REST})").search(text, start - 1)
    closed = Closing.PROPERLY
    if closing is None:
        closing = _INDENTED_CLOSE.search(text, start - 1)
        closed = Closing.INDENTED if closing else Closing.NOT
    end = closing.start() + 1 if closing else len(text)
    after = text.find("\n", end) if closing else len(text)
    return FrontMatter(text[start:end], text.count("\n", 0, start), after if after >= 0 else len(text), closed)


def read_markdown(text: str, source: str, diagnostics: FoundDiagnostics) -> RecordEntry | None:
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
    if front.closed is not Closing.PROPERLY:
        where = front.lines_before + front.text.count("\n") + 1
        got = front.closed.value
        diagnostics.append(Diagnostic(source, where, 1, "", "GK203", "a closing --- line", got))
    return read_yaml(front.text, source, diagnostics, lines_before=front.lines_before)


def _read_plain(data: bytes) -> RecordEntry | None:
    """Read the record as `read_plain` does; None also where the end of the front matter is not clear at once."""
    if not data.startswith(b"---\n"):
        return None
    end = data.find(b"\n---\n", 3)
    if end < 0 or data.find(b"\n---", 3, end) >= 0 or data.find(b"\n...", 3, end) >= 0:
        return None
    body = data[end + 4 :]
    # A body that may hold another record is looked at as text.
    return read_plain(data[4 : end + 1]) if _is_text(body) and not _ANOTHER.search(body.decode()) else None


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def _read(data: bytes, source: str, diagnostics: FoundDiagnostics, _: int) -> Records:
    record = _read_plain(normalised(data))
    if record is not None:
        yield "", record
        return
    text = text_of(data, source, diagnostics)
    if text is None:
        yield "", None
        return
    yield "", read_markdown(text, source, diagnostics)
    front = front_matter_of(text)
    if front is not None:
        for number, another in enumerate(_ANOTHER.finditer(text[front.end :]), 1):
            line = text.count("\n", 0, front.end + another.start("field")) + 1
            expected, got = "one record in a Markdown file", "another; a YAML file may hold several"
            diagnostics.append(Diagnostic(source, line, 1, "", "GK211", expected, got, rejects=True))
            yield f"/{number}", None


def _places(data: bytes, paths: Sequence[FieldPath]) -> list[Place]:
    text = text_of(data, "", FoundDiagnostics())
    front = None if text is None else front_matter_of(text)
    if front is None:
        return [(0, 0)] * len(paths)
    found = yaml_places(front.text, paths)
    return [(line + front.lines_before, column) if line else (0, 0) for line, column in found]


MARKDOWN = InputFormat("markdown", ("md", "markdown", "txt"), 16 << 20, _read, _places)
