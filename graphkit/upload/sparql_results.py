"""SPARQL results in JSON, decoded to RDF terms. The engine's own reader rejects values of more than 16 MB."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pyoxigraph as ox

MEDIA_TYPE = "application/sparql-results+json"

Term = ox.NamedNode | ox.BlankNode | ox.Literal


def decode_rows(data: bytes) -> Iterator[tuple[Term | None, ...]]:
    """Yield the rows of results. Raises `msgspec.DecodeError`, or `ValueError` for a term that is not valid."""
    found = msgspec.json.decode(data, type=_SparqlResults)
    for row in found.results.bindings:
        yield tuple(_term(row[name]) if name in row else None for name in found.head.vars)


class _JsonTerm(msgspec.Struct, frozen=True):
    """A term in SPARQL results; Virtuoso 7 still says ``typed-literal``, as a draft did."""

    type: str
    value: str
    datatype: str = ""
    language: str = msgspec.field(name="xml:lang", default="")


class _Head(msgspec.Struct, frozen=True):
    vars: list[str]


class _Bindings(msgspec.Struct, frozen=True):
    bindings: list[dict[str, _JsonTerm]]


class _SparqlResults(msgspec.Struct, frozen=True):
    head: _Head
    results: _Bindings


def _term(term: _JsonTerm) -> Term:
    if term.type == "uri":
        return ox.NamedNode(term.value)
    if term.type == "bnode":
        return ox.BlankNode()  # its label means nothing outside that answer
    if term.language:
        return ox.Literal(term.value, language=term.language)
    return ox.Literal(term.value, datatype=ox.NamedNode(term.datatype)) if term.datatype else ox.Literal(term.value)
