"""The formats of results, by their short names, with the media types that ask for them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Generic, TypeVar

import msgspec
import pyoxigraph as ox

from graphkit.rdf.syntaxes import RDF, RESULTS

Syntax = TypeVar("Syntax", ox.QueryResultsFormat, ox.RdfFormat)


class Format(msgspec.Struct, Generic[Syntax], frozen=True):
    """A format: the media type that it is sent as, the others that ask for it, and the engine's name for it."""

    media_type: str
    also: tuple[str, ...]
    syntax: Syntax


SOLUTIONS: Mapping[str, Format[ox.QueryResultsFormat]] = MappingProxyType(
    {
        "json": Format("application/sparql-results+json", ("application/json",), RESULTS["json"]),
        "xml": Format("application/sparql-results+xml", ("application/xml", "text/xml"), RESULTS["xml"]),
        "csv": Format("text/csv; charset=utf-8", (), RESULTS["csv"]),
        "tsv": Format("text/tab-separated-values; charset=utf-8", (), RESULTS["tsv"]),
    }
)
"""Formats of a table of solutions; the first is what a client gets that takes any."""

BOOLEANS = SOLUTIONS
"""Formats of true or false: CSV and TSV hold the bare word."""

GRAPHS: Mapping[str, Format[ox.RdfFormat]] = MappingProxyType(
    {
        "ttl": Format("text/turtle; charset=utf-8", ("application/x-turtle",), RDF["ttl"]),
        "nt": Format("application/n-triples", ("text/plain",), RDF["nt"]),
        "rdf": Format("application/rdf+xml", ("application/xml", "text/xml"), RDF["rdf"]),
        "jsonld": Format("application/ld+json", ("application/json",), RDF["jsonld"]),
        "nq": Format("application/n-quads", (), RDF["nq"]),
        "trig": Format("application/trig", (), RDF["trig"]),
        "n3": Format("text/n3; charset=utf-8", (), RDF["n3"]),
    }
)
"""Formats of a graph; the first is what a client gets that takes any."""


def media_types(offers: Mapping[str, Format[Any]]) -> str:
    """Return the media types on offer as they stand in a sentence."""
    return ", ".join(format.media_type for format in offers.values())
