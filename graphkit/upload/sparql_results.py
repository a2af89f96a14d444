"""SPARQL results in JSON, decoded to RDF terms. The engine's own reader rejects values of more than 16 MB."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pyoxigraph as ox

MEDIA_TYPE = "application/sparql-results+json"

Term = ox.NamedNode | ox.BlankNode | ox.Literal


_MOST_OBJECTS = 2_000_000
"""What 64 MiB of rows have at most, in answers of real stores; as many empty objects would take gigabytes."""


def decode_rows(data: bytes, columns: tuple[str, ...]) -> Iterator[tuple[Term | None, ...]]:
    """Yield the rows of results, with the values of `columns`. Raises `ValueError` for anything else."""
    if data.count(b"{") > _MOST_OBJECTS:
        raise ValueError(f"more than {_MOST_OBJECTS:,} objects")
    try:
        found = msgspec.json.decode(data, type=_SparqlResults)
    except RecursionError:
        raise ValueError("values nested too deep") from None
    missing = [name for name in columns if name not in found.head.vars]
    if missing:
        raise ValueError(f"rows without ?{missing[0]}")
    for row in found.results.bindings:
        yield tuple(_term(row[name]) if name in row else None for name in columns)


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
