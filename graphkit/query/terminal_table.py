"""Tables of RDF terms as a person reads them in a terminal."""

from __future__ import annotations

import io

import pyoxigraph as ox

from graphkit.diagnostics.quoting import visible
from graphkit.rdf.vocabulary import XSD, compact

LONG_IRI = 60
"""A longer IRI is shortened in its middle."""

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple

NUMBER_TYPES = frozenset(
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
        table.add_column(Text(visible(name)), overflow="fold", justify="right" if numbers else "left")
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
        return visible(term.value if isinstance(term, ox.Literal) else str(term))
    short = term.value.removeprefix(base) if base else term.value
    short = visible(compact(short) if short == term.value else short)
    return short if len(short) <= LONG_IRI else f"{short[: LONG_IRI - 24]}…{short[-23:]}"


def _is_number(term: Term | None) -> bool:
    return term is None or (isinstance(term, ox.Literal) and term.datatype.value in NUMBER_TYPES)
