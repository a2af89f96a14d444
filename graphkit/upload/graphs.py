"""Graphs: one graph of a store, written by the Graph Store Protocol or by SPARQL Update, counted and asked."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator
from urllib.parse import quote, urlencode

import msgspec
import pyoxigraph as ox

from graphkit.diagnostics.quoting import quoted, visible
from graphkit.errors import StoreError, UsageError
from graphkit.rdf.difference import inserting
from graphkit.rdf.syntaxes import RDF
from graphkit.upload.http_client import Body, Connection
from graphkit.upload.kinds import NOWHERE, Store

TYPES = {name: RDF[name].media_type for name in ("ttl", "nt", "rdf")}
"""Syntaxes of triples in which files go to a store, with their media types."""

Spoken = tuple[ox.NamedNode | ox.BlankNode, ox.NamedNode, ox.NamedNode | ox.BlankNode | ox.Literal]

_RESULTS = "application/sparql-results+json"
_JSON = (_RESULTS, "application/json")


class Graph(msgspec.Struct, frozen=True):
    """A graph of a store; no `iri` stands for the default graph."""

    store: Store
    iri: str
    connection: Connection
    gzip: bool = False

    @property
    def shown(self) -> str:
        """Return its name for a person."""
        return f"graph {visible(self.iri)}" if self.iri else "the default graph"

    @property
    def address(self) -> str:
        """Return where the Graph Store Protocol has it."""
        kind = self.store.kind
        field = f"{kind.graph_field}={quote(self.iri, safe='')}" if self.iri else "default"
        return f"{self.store.path(kind.graphs)}?{field}"

    @property
    def asked(self) -> bool:
        """Tell whether the store answers queries."""
        return self.store.kind.query != NOWHERE

    def replace(self, body: Body, syntax: str, *, packed: bool = False) -> None:
        """Put content in the place of what the graph holds. Raises `StoreRefusal` and `ConnectionLost`."""
        if self.store.kind.graphs == NOWHERE:
            self.update(f"CLEAR SILENT {f'GRAPH <{self.iri}>' if self.iri else 'DEFAULT'}", clears=True)
            self.add(body, syntax)
        else:
            self._write("PUT", body, syntax, packed=packed)

    def add(self, body: Body, syntax: str, *, packed: bool = False, once: bool = False) -> None:
        """Add content to the graph, with only one try if `once`, as a second one would add more.

        Raises `StoreRefusal` and `ConnectionLost`.
        """
        if self.store.kind.graphs == NOWHERE:
            if not isinstance(body, bytes):
                raise UsageError(f"expected a store that takes a whole file, got {self.store.shown}")
            self.update(inserting(_lines(body, syntax), graph=self.iri))
        else:
            self._write("POST", body, syntax, packed=packed, once=once)

    def _write(self, method: str, body: Body, syntax: str, *, packed: bool, once: bool = False) -> None:
        content_type = self.store.kind.ntriples if syntax == "nt" else TYPES[syntax]
        if not packed and self.gzip and isinstance(body, bytes):
            body, packed = gzip.compress(body, compresslevel=1, mtime=0), True
        encoding = "gzip" if packed else ""
        self.connection.ask(
            method,
            self.address,
            body,
            content_type=content_type,
            encoding=encoding,
            once=once,
            clears=method == "PUT",
        )

    def update(self, text: str, *, clears: bool = False) -> None:
        """Run a SPARQL Update, whose operations name the graph. Raises `StoreRefusal` and `ConnectionLost`."""
        kind = self.store.kind
        if kind.update == NOWHERE:
            raise UsageError(f"expected a store that takes SPARQL Update, got {self.store.shown}")
        self.connection.ask(
            "POST",
            self.store.path(kind.update),
            text.encode(),
            content_type="application/sparql-update; charset=utf-8",
            clears=clears,
        )

    def count(self) -> int:
        """Return the number of triples in the graph. Raises `StoreError`."""
        if not self.asked:
            return sum(1 for _ in self.triples())
        for (number,) in self._rows(f"SELECT (COUNT(*) AS ?n) {self._dataset}WHERE {{ {self._where('?s ?p ?o')} }}"):
            if isinstance(number, ox.Literal) and number.value.isdigit():
                return int(number.value)
        raise StoreError(f"{self.store.shown}: expected the number of triples, got no number")

    def iri_of(self, subjects: Iterable[str]) -> Iterator[Spoken]:
        """Yield the triples of some subjects, by a query. Raises `StoreError`."""
        values = " ".join(f"<{subject}>" for subject in subjects)
        text = f"SELECT ?s ?p ?o {self._dataset}WHERE {{ VALUES ?s {{ {values} }} {self._where('?s ?p ?o')} }}"
        for subject, predicate, value in self._rows(text):
            if isinstance(subject, ox.NamedNode) and isinstance(predicate, ox.NamedNode) and value is not None:
                yield subject, predicate, value

    def triples(self) -> Iterator[ox.Triple]:
        """Yield all triples of the graph, by the Graph Store Protocol. Raises `StoreError`."""
        rest = _Pieces(self.connection.stream(self.address, accept=TYPES["nt"]))
        try:
            for quad in ox.parse(rest, ox.RdfFormat.N_TRIPLES):  # type: ignore[arg-type]  # it is read like any other
                yield quad.triple
        except SyntaxError as error:
            raise StoreError(f"{self.store.shown}: expected N-Triples, got: {visible(str(error))}") from error

    @property
    def _dataset(self) -> str:
        return f"{self.store.kind.dataset} " if self.store.kind.dataset and not self.iri else ""

    def _where(self, pattern: str) -> str:
        return f"GRAPH <{self.iri}> {{ {pattern} }}" if self.iri else pattern

    def _rows(self, query: str) -> Iterator[tuple[ox.NamedNode | ox.BlankNode | ox.Literal | None, ...]]:
        place = self.store.path(self.store.kind.query)
        reply = self.connection.ask(
            "POST",
            place,
            urlencode({"query": query}).encode(),
            content_type="application/x-www-form-urlencoded",
            accept=_RESULTS,
        )
        if reply.content_type not in _JSON:
            raise StoreError(
                f"{visible(place)}: expected SPARQL results ({_RESULTS}), got "
                f"{quoted(visible(reply.content_type)) if reply.content_type else 'an answer of no type'}: "
                "is that the address of a store?"
            )
        try:
            found = msgspec.json.decode(reply.body, type=_Results)
            for row in found.results.bindings:
                yield tuple(_term(row[name]) if name in row else None for name in found.head.vars)
        except (msgspec.DecodeError, ValueError) as error:
            raise StoreError(f"{visible(place)}: expected SPARQL results, got: {visible(str(error))[:160]}") from error


class _Term(msgspec.Struct, frozen=True):
    """A term in SPARQL results; Virtuoso 7 still says ``typed-literal``, as a draft did."""

    type: str
    value: str
    datatype: str = ""
    language: str = msgspec.field(name="xml:lang", default="")


class _Head(msgspec.Struct, frozen=True):
    vars: list[str]


class _Rows(msgspec.Struct, frozen=True):
    bindings: list[dict[str, _Term]]


class _Results(msgspec.Struct, frozen=True):
    """SPARQL results in JSON. The engine's own reader takes no value of more than 16 MB."""

    head: _Head
    results: _Rows


def _term(term: _Term) -> ox.NamedNode | ox.BlankNode | ox.Literal:
    if term.type == "uri":
        return ox.NamedNode(term.value)
    if term.type == "bnode":
        return ox.BlankNode()  # its name says nothing outside that answer
    if term.language:
        return ox.Literal(term.value, language=term.language)
    return ox.Literal(term.value, datatype=ox.NamedNode(term.datatype)) if term.datatype else ox.Literal(term.value)


def check_graph(iri: str, store: Store) -> str:
    """Return the IRI of a graph, or none. Raises `UsageError` for what is no IRI, or where one is needed."""
    if not iri:
        if not store.kind.default:
            raise UsageError(f"graph: expected --graph IRI, as {store.kind.title} has no default graph of its own")
        return ""
    try:
        ox.NamedNode(iri)
    except ValueError:
        raise UsageError(f"graph: expected an absolute IRI, got {quoted(iri)}") from None
    return iri


def _lines(body: bytes, syntax: str) -> list[str]:
    form = ox.RdfFormat.TURTLE if syntax == "ttl" else ox.RdfFormat.N_TRIPLES
    return [str(quad.triple) for quad in ox.parse(body, form)]


class _Pieces:
    """Pieces of bytes as a file that can be read."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._rest = b""

    def read(self, size: int = -1) -> bytes:
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._rest = piece
        size = len(self._rest) if size < 0 else size
        found, self._rest = self._rest[:size], self._rest[size:]
        return found
