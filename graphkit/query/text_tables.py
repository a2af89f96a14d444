"""Tables of query results as Markdown, and as CSV for spreadsheets."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

import pyoxigraph as ox

from graphkit.diagnostics.quoting import visible
from graphkit.files.spreadsheet_cells import harmless
from graphkit.query.terminal_table import NUMBER_TYPES, Term

_MARKS = re.compile(r"([\\`*_\[\]{}()#+!|~^$-])")
_BREAK = re.compile(r"\r\n|\r|\n")
_PLAIN_IRI = re.compile(r"https?://[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]+")


def markdown_lines(names: list[str], results: ox.QuerySolutions) -> Iterator[str]:
    """Yield the lines of a table in Markdown, in which no text is taken for HTML or Markdown."""
    yield f"| {' | '.join(_escaped(name) for name in names)} |\n|{' --- |' * len(names)}\n"
    for solution in results:
        yield f"| {' | '.join(_cell(term) for term in solution)} |\n"


def _cell(term: Term | None) -> str:
    if isinstance(term, ox.NamedNode) and _PLAIN_IRI.fullmatch(term.value):
        return f"<{term.value}>"
    if term is None:
        return ""
    return _escaped(str(term) if isinstance(term, ox.Triple | ox.BlankNode) else term.value)


def _escaped(text: str) -> str:
    lines = (visible(line) for line in _BREAK.split(text))
    safe = (line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") for line in lines)
    return "<br>".join(_MARKS.sub(r"\\\1", line) for line in safe)


def spreadsheet_lines(names: list[str], results: ox.QuerySolutions) -> Iterator[str]:
    """Yield the lines of CSV with a byte order mark; an apostrophe precedes a text that would be a formula."""
    line = io.StringIO()
    writer = csv.writer(line)
    writer.writerow(names)
    yield "\ufeff" + line.getvalue()
    for solution in results:
        line.seek(0)
        line.truncate()
        writer.writerow([_value(term) for term in solution])
        yield line.getvalue()


_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")


def _value(term: Term | None) -> str:
    if term is None:
        return ""
    if isinstance(term, ox.Triple | ox.BlankNode):
        return str(term)
    if isinstance(term, ox.Literal) and term.datatype.value in NUMBER_TYPES and _NUMBER.fullmatch(term.value):
        return term.value
    return harmless(term.value)
