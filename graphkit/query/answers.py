"""Answers: the results of a query in any format, written as they come.

A table of solutions streams in every format but ``table``, so that it may be of any length. The triples of a graph are
sorted, so that the same query gives the same bytes.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Protocol

import msgspec
import pyoxigraph as ox

from graphkit.diagnostics.quoting import visible
from graphkit.errors import OutputError, UsageError
from graphkit.files.spreadsheet_cells import harmless
from graphkit.query.data import Results
from graphkit.rdf.syntaxes import QUADS, RDF, RESULTS
from graphkit.rdf.vocabulary import PREFIXES, XSD, compact

SOLUTIONS = ("table", *RESULTS, "markdown", "spreadsheet")
"""The formats of a SELECT. `csv` is the W3C's; `spreadsheet` is CSV that no spreadsheet takes for formulas."""
BOOLEANS = ("table", *RESULTS, "markdown")
"""The formats of an ASK; all but `json` and `xml` hold the bare word."""
GRAPHS = (*RDF, "table")
"""The formats of a CONSTRUCT or DESCRIBE."""
ALL = tuple(dict.fromkeys((*SOLUTIONS, *GRAPHS)))

ENDINGS: Mapping[str, str] = MappingProxyType({"md": "markdown", "srj": "json", "srx": "xml", "txt": "table"})
"""Endings of files that are not the format's own name."""

TABLE_ROWS = 1_000
"""A table is measured before it is drawn, so it has at most so many rows."""

CHUNK = 1 << 16


class Sink(Protocol):
    """What bytes can be written to."""

    def write(self, data: bytes, /) -> object:
        """Take some bytes."""


class Written(msgspec.Struct, frozen=True):
    """What was written: whether there was nothing in it, and whether a table was cut after TABLE_ROWS."""

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
    out = _Buffer(sink)
    if isinstance(results, ox.QueryBoolean):
        written = _write_boolean(results, format, out)
    elif isinstance(results, ox.QuerySolutions):
        written = _write_solutions(results, format, out, base=base, width=width)
    else:
        written = _write_graph(results, format, out, base=base, width=width)
    out.pass_on()
    return written


class _Buffer:
    """Gathers the small pieces that the engine writes."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._parts: list[bytes] = []
        self._size = 0
        self.passed_on = False

    def write(self, data: bytes) -> int:
        self._parts.append(data)
        self._size += len(data)
        if self._size >= CHUNK:
            self.pass_on()
        return len(data)

    def flush(self) -> None:
        """Do nothing: the engine flushes when it has done, and a result that is all here can still be looked at."""

    def pass_on(self) -> None:
        if self._parts:
            try:
                self._sink.write(b"".join(self._parts))
            except BrokenPipeError:
                raise
            except OSError as error:
                reason = (error.strerror or str(error)).lower()
                raise OutputError(f"output: expected a place that can be written, got: {reason}") from error
            self._parts.clear()
            self._size = 0
            self.passed_on = True

    def so_far(self) -> bytes:
        return b"".join(self._parts)


def _write_boolean(results: ox.QueryBoolean, format: str, out: _Buffer) -> Written:
    if format in ("json", "xml"):
        out.write(results.serialize(format=RESULTS[format]) or b"")
        out.write(b"\n")
    else:
        out.write(b"true\n" if results else b"false\n")
    return Written()


def _write_solutions(results: ox.QuerySolutions, format: str, out: _Buffer, *, base: str, width: int) -> Written:
    names = [variable.value for variable in results.variables]
    if format == "table":
        rows, cut = _first_rows(results)
        out.write(_table(names, rows, base, width).encode())
        return Written(not rows, cut)
    if format in RESULTS:
        results.serialize(out, RESULTS[format])  # type: ignore[arg-type]  # it only calls write and flush
        empty = not out.passed_on and _none(out.so_far(), format)
        if format in ("json", "xml"):
            out.write(b"\n")
        return Written(empty)
    lines = 0
    for line in _markdown(names, results) if format == "markdown" else _spreadsheet(names, results):
        out.write(line.encode())
        lines += 1
    return Written(lines == 1)


def _none(data: bytes, format: str) -> bool:
    """Tell whether a whole result of the engine's holds no solution."""
    if format in ("csv", "tsv"):
        return data.count(b"\n") == 1
    return data.endswith((b'"bindings":[]}}', b"<results></results></sparql>"))


def _write_graph(results: ox.QueryTriples, format: str, out: _Buffer, *, base: str, width: int) -> Written:
    triples = sorted(set(results), key=_order)
    if format == "table":
        rows = [[triple.subject, triple.predicate, triple.object] for triple in triples[:TABLE_ROWS]]
        out.write(_table(["subject", "predicate", "object"], rows, base, width).encode())
        return Written(not triples, len(triples) > TABLE_ROWS)
    spoken: Iterable[ox.Triple] | Iterable[ox.Quad] = triples
    if format in QUADS:
        spoken = (ox.Quad(triple.subject, triple.predicate, triple.object) for triple in triples)
    used = {iri for triple in triples for iri in _iris(triple)}
    prefixes = {name: space for name, space in PREFIXES.items() if any(iri.startswith(space) for iri in used)}
    try:
        out.write(ox.serialize(spoken, format=RDF[format], prefixes=prefixes) or b"")
    except (ValueError, OSError) as error:
        raise UsageError(f"format: expected a graph that {format} can hold, got: {error}") from error
    return Written(not triples)


def _order(triple: ox.Triple) -> tuple[str, bool, str, str]:
    predicate = triple.predicate.value
    return str(triple.subject), predicate != _TYPE, predicate, str(triple.object)


def _iris(triple: ox.Triple) -> Iterator[str]:
    for term in (triple.subject, triple.predicate, triple.object):
        if isinstance(term, ox.NamedNode):
            yield term.value
        elif isinstance(term, ox.Literal):
            yield term.datatype.value


_TYPE = PREFIXES["rdf"] + "type"
_NUMBERS = frozenset(
    XSD + name for name in ("integer", "decimal", "double", "float", "int", "long", "nonNegativeInteger")
)

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple


def _first_rows(results: ox.QuerySolutions) -> tuple[list[list[Term | None]], bool]:
    rows: list[list[Term | None]] = []
    for solution in results:
        if len(rows) == TABLE_ROWS:
            return rows, True
        rows.append(list(solution))
    return rows, False


LONG_IRI = 60
"""A longer IRI is cut in its middle in a table."""


def _shown(term: Term | None, base: str) -> str:
    """Return a term as a person reads it, on one line, with nothing in it that a terminal obeys."""
    if term is None:
        return ""
    if not isinstance(term, ox.NamedNode):
        return visible(term.value if isinstance(term, ox.Literal) else str(term))
    short = term.value.removeprefix(base) if base else term.value
    short = visible(compact(short) if short == term.value else short)
    return short if len(short) <= LONG_IRI else f"{short[: LONG_IRI - 24]}…{short[-23:]}"


def _is_number(term: Term | None) -> bool:
    return term is None or (isinstance(term, ox.Literal) and term.datatype.value in _NUMBERS)


def _table(names: list[str], rows: list[list[Term | None]], base: str, width: int) -> str:
    from rich import box
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD)
    for column, name in enumerate(names):
        numbers = bool(rows) and all(_is_number(row[column]) for row in rows)
        table.add_column(Text(visible(name)), overflow="fold", justify="right" if numbers else "left")
    for row in rows:
        table.add_row(*(Text(_shown(term, base)) for term in row))
    console = Console(file=io.StringIO(), width=width, highlight=False, color_system=None)
    with console.capture() as captured:
        console.print(table)
    return "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())


_MARKS = re.compile(r"([\\`*_\[\]{}()#+!|~^$-])")
_BREAK = re.compile(r"\r\n|\r|\n")
_PLAIN_IRI = re.compile(r"https?://[A-Za-z0-9._~:/?#@!$&'()*+,;=%-]+")


def _markdown(names: list[str], results: ox.QuerySolutions) -> Iterator[str]:
    """Yield the lines of a table in Markdown; what a text holds is neither HTML nor Markdown there."""
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


def _spreadsheet(names: list[str], results: ox.QuerySolutions) -> Iterator[str]:
    """Yield CSV with a byte order mark, where a text that would be a formula opens with an apostrophe."""
    line = io.StringIO()
    writer = csv.writer(line)
    writer.writerow(names)
    yield "\ufeff" + line.getvalue()
    for solution in results:
        line.seek(0)
        line.truncate()
        writer.writerow([_plain(term) for term in solution])
        yield line.getvalue()


_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")


def _plain(term: Term | None) -> str:
    if term is None:
        return ""
    if isinstance(term, ox.Triple | ox.BlankNode):
        return str(term)
    if isinstance(term, ox.Literal) and term.datatype.value in _NUMBERS and _NUMBER.fullmatch(term.value):
        return term.value
    return harmless(term.value)


class Shown:
    """A sink for a terminal: shows control and direction characters, but for line ends and tabs, as escapes."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._held = ""

    def write(self, data: bytes, /) -> None:
        """Take some bytes of UTF-8; what may go on in the next ones waits for them."""
        text = self._held + self._decoder.decode(data)
        self._held = "\r" if text.endswith("\r") else ""
        self._show(text.removesuffix("\r"))

    def end(self) -> None:
        """Pass on what waits."""
        self._show(self._held + self._decoder.decode(b"", final=True))
        self._held = ""

    def _show(self, text: str) -> None:
        kept = {"\n": "\n", "\t": "\t", "\r\n": "\n"}
        shown = "".join(kept.get(part) or visible(part) for part in _KEPT.split(text))
        self._sink.write(shown.encode())


_KEPT = re.compile(r"(\r\n|\n|\t)")
