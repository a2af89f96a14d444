"""Query results, written in any format.

Solutions of any number are streamed, in every format except ``table``. Triples are sorted, so that the same query gives
the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from xml.parsers import expat

import msgspec
import pyoxigraph as ox

from graphkit.errors import UsageError
from graphkit.query.data import Results
from graphkit.query.result_tables import Term, markdown_lines, spreadsheet_lines, terminal_table
from graphkit.query.sinks import BufferedSink, Sink
from graphkit.rdf.syntaxes import QUADS, RDF, RESULTS
from graphkit.rdf.vocabulary import PREFIXES, TYPE

SOLUTIONS = ("table", *RESULTS, "markdown", "spreadsheet")
"""The formats of a SELECT. `csv` is the W3C's; `spreadsheet` is CSV that no spreadsheet takes for formulas."""
BOOLEANS = ("table", *RESULTS, "markdown")
"""The formats of an ASK; all but `json` and `xml` hold the bare word."""
GRAPHS = (*RDF, "table")
"""The formats of a CONSTRUCT or DESCRIBE."""
ALL = tuple(dict.fromkeys((*SOLUTIONS, *GRAPHS)))

ENDINGS: Mapping[str, str] = MappingProxyType({"md": "markdown", "srj": "json", "srx": "xml", "txt": "table"})
"""Endings of files that are not the format's own name."""

_NAMELESS = re.compile(rb"<[^\s<>\"'/]*:[\s/>]")

TABLE_ROWS = 1_000
"""A terminal's table is measured before it is drawn, so it has at most so many rows."""


class Written(msgspec.Struct, frozen=True):
    """What was written: whether the results were empty, and whether a table was cut after TABLE_ROWS."""

    empty: bool = False
    cut: bool = False


def formats_of(results: Results) -> tuple[str, ...]:
    """Return the formats that results can be written in."""
    if isinstance(results, ox.QueryBoolean):
        return BOOLEANS
    return SOLUTIONS if isinstance(results, ox.QuerySolutions) else GRAPHS


def default_format(results: Results, *, terminal: bool) -> str:
    """Return the format for a person at a terminal, or else for a program."""
    if terminal:
        return "table"
    return "ttl" if isinstance(results, ox.QueryTriples) else "csv"


def write(results: Results, format: str, sink: Sink, *, base: str = "", width: int = 80) -> Written:
    """Write results in one of the formats. In a table, ids below `base` and CURIEs stand for IRIs.

    Raises `UsageError` for a format that such results cannot have, before anything is written.

    >>> import sys, graphkit
    >>> data = graphkit.open_data("exports")
    >>> write(data.query("SELECT (1 + 1 AS ?two) {}"), "tsv", sys.stdout.buffer) # doctest: +SKIP
    ?two
    2
    Written(empty=False, cut=False)
    """
    offered = formats_of(results)
    if format not in offered:
        raise UsageError(f"format: expected one of {', '.join(offered)} for such a result, got {format!r}")
    out = BufferedSink(sink)
    if isinstance(results, ox.QueryBoolean):
        written = _write_boolean(results, format, out)
    elif isinstance(results, ox.QuerySolutions):
        written = _write_solutions(results, format, out, base=base, width=width)
    else:
        written = _write_graph(results, format, out, base=base, width=width)
    out.pass_on()
    return written


def _write_boolean(results: ox.QueryBoolean, format: str, out: BufferedSink) -> Written:
    if format in ("json", "xml"):
        out.write(results.serialize(format=RESULTS[format]) or b"")
        out.write(b"\n")
    else:
        out.write(b"true\n" if results else b"false\n")
    return Written()


def _write_solutions(results: ox.QuerySolutions, format: str, out: BufferedSink, *, base: str, width: int) -> Written:
    names = [variable.value for variable in results.variables]
    if format == "table":
        rows, cut = _first_rows(results)
        out.write(terminal_table(names, rows, base=base, width=width).encode())
        return Written(not rows, cut)
    if format in RESULTS:
        results.serialize(out, RESULTS[format])  # type: ignore[arg-type]  # it only calls write and flush
        empty = not out.passed_on and _none(out.held(), format)
        if format in ("json", "xml"):
            out.write(b"\n")
        return Written(empty)
    lines = 0
    for line in markdown_lines(names, results) if format == "markdown" else spreadsheet_lines(names, results):
        out.write(line.encode())
        lines += 1
    return Written(lines == 1)


def _none(data: bytes, format: str) -> bool:
    """Return whether a whole result that the engine wrote has no solution."""
    if format in ("csv", "tsv"):
        return data.count(b"\n") == 1
    return data.endswith((b'"bindings":[]}}', b"<results></results></sparql>"))


def _write_graph(results: ox.QueryTriples, format: str, out: BufferedSink, *, base: str, width: int) -> Written:
    triples = sorted(set(results), key=_order)
    if format == "table":
        rows = [[triple.subject, triple.predicate, triple.object] for triple in triples[:TABLE_ROWS]]
        out.write(terminal_table(["subject", "predicate", "object"], rows, base=base, width=width).encode())
        return Written(not triples, len(triples) > TABLE_ROWS)
    statements: Iterable[ox.Triple] | Iterable[ox.Quad] = triples
    if format in QUADS:
        statements = (ox.Quad(triple.subject, triple.predicate, triple.object) for triple in triples)
    used = {iri for triple in triples for iri in _iris(triple)}
    prefixes = {name: space for name, space in PREFIXES.items() if any(iri.startswith(space) for iri in used)}
    try:
        data = ox.serialize(statements, format=RDF[format], prefixes=prefixes) or b""
    except (ValueError, OSError) as error:
        raise UsageError(f"format: expected a graph that {format} can hold, got: {error}") from error
    if format == "rdf":
        check_well_formed(data)
    out.write(data)
    return Written(not triples)


def check_well_formed(data: bytes) -> None:
    """Raise `UsageError` for RDF/XML that is no XML, because a predicate such as ``urn:x:1`` cannot be an element."""
    try:
        expat.ParserCreate().Parse(data, True)
        well_formed = not _NAMELESS.search(data)
    except expat.ExpatError:
        well_formed = False
    if not well_formed:
        raise UsageError(
            "format: expected predicates that XML can name for RDF/XML, got another: ask for Turtle or JSON-LD"
        )


def _order(triple: ox.Triple) -> tuple[str, bool, str, str]:
    predicate = triple.predicate.value
    return str(triple.subject), predicate != TYPE, predicate, str(triple.object)


def _iris(triple: ox.Triple) -> Iterator[str]:
    for term in (triple.subject, triple.predicate, triple.object):
        if isinstance(term, ox.NamedNode):
            yield term.value
        elif isinstance(term, ox.Literal):
            yield term.datatype.value


def _first_rows(results: ox.QuerySolutions) -> tuple[list[list[Term | None]], bool]:
    rows: list[list[Term | None]] = []
    for solution in results:
        if len(rows) == TABLE_ROWS:
            return rows, True
        rows.append(list(solution))
    return rows, False
