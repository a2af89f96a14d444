"""One graph of a store: written by the Graph Store Protocol or by SPARQL Update, counted and queried."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote, urlencode

import msgspec
import pyoxigraph as ox

from graphkit.diagnostics.quoting import quoted, visible
from graphkit.errors import StoreError, UsageError
from graphkit.rdf.patch import insert_update
from graphkit.rdf.syntaxes import RDF
from graphkit.upload import sparql_results
from graphkit.upload.http_client import Body, StoreConnection
from graphkit.upload.store_address import Store

MEDIA_TYPES = {name: RDF[name].media_type for name in ("ttl", "nt", "rdf")}
"""The syntaxes in which files are sent to a store, with their media types."""

_COUNT = re.compile("[0-9]{1,18}")

StoreTriple = tuple[ox.NamedNode | ox.BlankNode, ox.NamedNode, sparql_results.Term]


class StoreGraph(msgspec.Struct, frozen=True):
    """A graph of a store; an empty `iri` means the default graph."""

    store: Store
    iri: str
    connection: StoreConnection
    gzip: bool = False

    @property
    def label(self) -> str:
        """Return its name for a person."""
        return f"graph {visible(self.iri)}" if self.iri else "the default graph"

    @property
    def answers_queries(self) -> bool:
        """Return whether the store answers queries."""
        return self.store.kind.query is not None

    def replace(self, body: Body, syntax: str, *, packed: bool = False) -> None:
        """Replace the content of the graph. Raises `StoreRefusal` and `ConnectionLost`."""
        if self.store.kind.graph_store is None:
            self.update(f"CLEAR SILENT {f'GRAPH <{self.iri}>' if self.iri else 'DEFAULT'}", clears=True)
            self.add(body, syntax)
        else:
            self._write("PUT", body, syntax, packed=packed)

    def add(self, body: Body, syntax: str, *, packed: bool = False, once: bool = False) -> None:
        """Add content to the graph, without retries if `once`. Raises `StoreRefusal` and `ConnectionLost`."""
        if self.store.kind.graph_store is None:
            if not isinstance(body, bytes):
                raise UsageError(f"expected a store that takes a whole file, got {self.store.label}")
            lines = [str(quad.triple) for quad in ox.parse(body, RDF[syntax])]
            self.update(insert_update(lines, graph=self.iri))
        else:
            self._write("POST", body, syntax, packed=packed, once=once)

    def _write(self, method: str, body: Body, syntax: str, *, packed: bool, once: bool = False) -> None:
        content_type = self.store.kind.ntriples_type if syntax == "nt" else MEDIA_TYPES[syntax]
        if not packed and self.gzip and isinstance(body, bytes):
            body, packed = gzip.compress(body, compresslevel=1, mtime=0), True
        url, encoding, clears = self._graph_url(), "gzip" if packed else "", method == "PUT"
        self.connection.ask(method, url, body, content_type=content_type, encoding=encoding, once=once, clears=clears)

    def update(self, text: str, *, clears: bool = False) -> None:
        """Run a SPARQL Update, whose operations name the graph. Raises `StoreRefusal` and `ConnectionLost`."""
        self.connection.ask(
            "POST",
            self._url(self.store.kind.update, "takes SPARQL Update"),
            text.encode(),
            content_type="application/sparql-update; charset=utf-8",
            clears=clears,
        )

    def count(self) -> int:
        """Return the number of triples in the graph. Raises `StoreError`."""
        if not self.answers_queries:
            return sum(1 for _ in self.triples())
        for (number,) in self._rows(("n",), "(COUNT(*) AS ?n)"):
            if isinstance(number, ox.Literal) and _COUNT.fullmatch(number.value):
                return int(number.value)
        raise StoreError(f"{self.store.label}: expected the number of triples, got no number")

    def triples_of(self, subjects: Iterable[str]) -> Iterator[StoreTriple]:
        """Query the triples of some subjects; yield all if the store answers no queries. Raises `StoreError`."""
        if not self.answers_queries:
            yield from self.triples()  # type: ignore[misc]  # a triple unpacks like a tuple, and no object is a triple
            return
        values = " ".join(f"<{subject}>" for subject in subjects)
        for subject, predicate, value in self._rows(("s", "p", "o"), "?s ?p ?o", f"VALUES ?s {{ {values} }} "):
            if isinstance(subject, ox.NamedNode) and isinstance(predicate, ox.NamedNode) and value is not None:
                yield subject, predicate, value

    def triples(self) -> Iterator[ox.Triple]:
        """Yield all triples of the graph, by the Graph Store Protocol. Raises `StoreError`."""
        try:
            with self.connection.opened(self._graph_url(), accept=MEDIA_TYPES["nt"]) as stream:
                for quad in ox.parse(stream, ox.RdfFormat.N_TRIPLES):  # type: ignore[arg-type]  # it has `read`
                    yield quad.triple
        except SyntaxError as error:
            raise StoreError(f"{self.store.label}: expected N-Triples, got: {visible(str(error))}") from error

    def _url(self, path: str | None, ability: str) -> str:
        if path is None:
            raise UsageError(f"expected a store that {ability}, got {self.store.label}")
        return self.store.base + path

    def _graph_url(self) -> str:
        field = f"{self.store.kind.graph_field}={quote(self.iri, safe='')}" if self.iri else "default"
        return f"{self._url(self.store.kind.graph_store, 'speaks the Graph Store Protocol')}?{field}"

    def _rows(
        self, columns: tuple[str, ...], selected: str, values: str = ""
    ) -> Iterator[tuple[sparql_results.Term | None, ...]]:
        """Select columns from the triples ?s ?p ?o of the graph."""
        clause = "" if self.iri else self.store.kind.default_graph_clause
        pattern = f"GRAPH <{self.iri}> {{ ?s ?p ?o }}" if self.iri else "?s ?p ?o"
        select = f"SELECT {selected} {clause}".rstrip()
        query = f"{select} WHERE {{ {values}{pattern} }}"
        url = self._url(self.store.kind.query, "answers queries")
        reply = self.connection.ask(
            "POST",
            url,
            urlencode({"query": query}).encode(),
            content_type="application/x-www-form-urlencoded",
            accept=sparql_results.MEDIA_TYPE,
        )
        if reply.content_type not in (sparql_results.MEDIA_TYPE, "application/json"):
            raise StoreError(
                f"{visible(url)}: expected SPARQL results ({sparql_results.MEDIA_TYPE}), got "
                f"{quoted(visible(reply.content_type)) if reply.content_type else 'an answer of no type'}: "
                "is that the address of a store?"
            )
        try:
            yield from sparql_results.decode_rows(reply.body, columns)
        except ValueError as error:
            raise StoreError(f"{visible(url)}: expected SPARQL results, got: {visible(str(error))[:160]}") from error


def check_graph(iri: str, store: Store) -> str:
    """Return the IRI of a graph, or none. Raises `UsageError` where it is not an IRI, or is missing and needed."""
    if not iri:
        if not store.kind.has_default_graph:
            raise UsageError(f"graph: expected --graph IRI, as {store.kind.title} has no default graph of its own")
        return ""
    try:
        ox.NamedNode(iri)
    except ValueError:
        raise UsageError(f"graph: expected an absolute IRI, got {quoted(iri)}") from None
    return iri
