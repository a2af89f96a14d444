"""The formats of results, by their short names, with the media types that ask for them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Generic, TypeVar

import msgspec
import pyoxigraph as ox

from graphkit.rdf.syntaxes import RESULTS, SYNTAXES

EngineFormat = TypeVar("EngineFormat", ox.QueryResultsFormat, ox.RdfFormat)


class Format(msgspec.Struct, Generic[EngineFormat], frozen=True):
    """A format: the media type that it is sent as, the others that ask for it, and the engine's name for it."""

    media_type: str
    also: tuple[str, ...]
    syntax: EngineFormat


def _with_charset(media_type: str) -> str:
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type


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
        one.name: Format(_with_charset(one.media_type), one.aliases, one.engine)
        for one in sorted(SYNTAXES, key=lambda one: one.has_graphs or not one.exported)
    }
)
"""Formats of a graph, those of triples first; the first is what a client gets that takes any."""


def media_types(offers: Mapping[str, Format[Any]]) -> str:
    """Return the media types on offer as they stand in a sentence."""
    return ", ".join(format.media_type for format in offers.values())
