"""The formats of results, by their short names, with the media types that ask for them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Generic, TypeVar

import msgspec
import pyoxigraph as ox

Syntax = TypeVar("Syntax", ox.QueryResultsFormat, ox.RdfFormat)


class Format(msgspec.Struct, Generic[Syntax], frozen=True):
    """A format: the media type that it is sent as, the others that ask for it, and the engine's name for it."""

    media_type: str
    also: tuple[str, ...]
    syntax: Syntax


_RESULTS = ox.QueryResultsFormat

SOLUTIONS: Mapping[str, Format[ox.QueryResultsFormat]] = MappingProxyType(
    {
        "json": Format("application/sparql-results+json", ("application/json",), _RESULTS.JSON),
        "xml": Format("application/sparql-results+xml", ("application/xml", "text/xml"), _RESULTS.XML),
        "csv": Format("text/csv; charset=utf-8", (), _RESULTS.CSV),
        "tsv": Format("text/tab-separated-values; charset=utf-8", (), _RESULTS.TSV),
    }
)
"""Formats of a table of solutions; the first is what a client gets that takes any."""

BOOLEANS = SOLUTIONS
"""Formats of true or false: CSV and TSV hold the bare word."""

GRAPHS: Mapping[str, Format[ox.RdfFormat]] = MappingProxyType(
    {
        "ttl": Format("text/turtle; charset=utf-8", ("application/x-turtle",), ox.RdfFormat.TURTLE),
        "nt": Format("application/n-triples", ("text/plain",), ox.RdfFormat.N_TRIPLES),
        "rdf": Format("application/rdf+xml", ("application/xml", "text/xml"), ox.RdfFormat.RDF_XML),
        "jsonld": Format("application/ld+json", ("application/json",), ox.RdfFormat.JSON_LD),
        "nq": Format("application/n-quads", (), ox.RdfFormat.N_QUADS),
        "trig": Format("application/trig", (), ox.RdfFormat.TRIG),
        "n3": Format("text/n3; charset=utf-8", (), ox.RdfFormat.N3),
    }
)
"""Formats of a graph; the first is what a client gets that takes any."""
