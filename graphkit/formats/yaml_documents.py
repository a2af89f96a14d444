"""The documents of a YAML text, which lines of ``---`` or ``...`` separate."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

MAX_DOCUMENTS = 65_536
"""The most documents of a text that are told apart."""

MARKER = r"(?:---|\.\.\.)(?=[ \t\n]|\Z)"
"""What begins a line that ends a document, whatever follows it: a comment, or the next document."""

_MARKER_LINE = re.compile(f"^{MARKER}", re.MULTILINE)
_FIRST_MARKER = re.compile(rf"\A{MARKER}[ \t]*")
_BLANK = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\n)*[ \t]*(?:#[^\n]*)?\Z")
_DIRECTIVES = re.compile(r"(?:[ \t]*(?:#[^\n]*)?\n)*%[^\n]*\n(?:%[^\n]*\n|[ \t]*(?:#[^\n]*)?\n)*\Z")


class YamlDocument(NamedTuple):
    """One document, after so many lines of the text."""

    text: str
    lines_before: int


def yaml_documents(text: str) -> list[YamlDocument]:
    r"""Return the documents of a text that hold anything; at least one.

    >>> [document.text for document in yaml_documents("---\ntitle: A\n--- # end\n")]
    ['   \ntitle: A\n']
    """
    found = [document for document in _between_markers(text) if _BLANK.match(document.text) is None]
    return found or [YamlDocument("", 0)]


def _between_markers(text: str) -> Iterator[YamlDocument]:
    begin = line = 0
    markers = islice(_MARKER_LINE.finditer(text), MAX_DOCUMENTS)
    for place in [*(marker.start() for marker in markers), len(text)]:
        document = _FIRST_MARKER.sub(_spaces, text[begin:place])
        if place < len(text) and _DIRECTIVES.match(document):
            continue  # they belong to the document behind this marker
        yield YamlDocument(document, line)
        line += text.count("\n", begin, place)
        begin = place


def _spaces(match: re.Match[str]) -> str:
    return " " * len(match[0])
