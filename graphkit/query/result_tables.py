"""Tables of query results: for a terminal, as Markdown, and as CSV for spreadsheets."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

import pyoxigraph as ox

from graphkit.diagnostics.quoting import for_terminal, visible
from graphkit.files.spreadsheet_cells import harmless
from graphkit.rdf.vocabulary import XSD, compact

LONG_IRI = 60
"""A longer IRI is shortened in its middle."""

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple

_NUMBER_TYPES = frozenset(
    XSD + name for name in ("integer", "decimal", "double", "float", "int", "long", "nonNegativeInteger")
)


def terminal_table(names: list[str], rows: list[list[Term | None]], *, base: str, width: int) -> str:
    """Return a table of at most `width` columns. Ids below `base` and CURIEs stand for IRIs."""
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD)
    for column, name in enumerate(names):
        numbers = bool(rows) and all(_is_number(row[column]) for row in rows)
        table.add_column(Text(for_terminal(name)), overflow="fold", justify="right" if numbers else "left")
    for row in rows:
        table.add_row(*(Text(_short(term, base)) for term in row))
    console = Console(file=io.StringIO(), width=width, highlight=False, color_system=None)
    with console.capture() as captured:
        console.print(table)
    return "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())


def _short(term: Term | None, base: str) -> str:
    """Return a term on one line, short, with nothing in it that a terminal obeys."""
    if term is None:
        return ""
    if not isinstance(term, ox.NamedNode):
        return for_terminal(term.value if isinstance(term, ox.Literal) else str(term))
    short = term.value.removeprefix(base) if base else term.value
    short = for_terminal(compact(short) if short == term.value else short)
    return short if len(short) <= LONG_IRI else f"{short[: LONG_IRI - 24]}…{short[-23:]}"


def _is_number(term: Term | None) -> bool:
    return term is None or (isinstance(term, ox.Literal) and term.datatype.value in _NUMBER_TYPES)


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
    if isinstance(term, ox.Literal) and term.datatype.value in _NUMBER_TYPES and _NUMBER.fullmatch(term.value):
        return term.value
    return harmless(term.value)
