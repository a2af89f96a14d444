"""The formats of query results, by short name, with the media types that select them."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Generic, TypeVar

import msgspec
import pyoxigraph as ox

from graphkit.rdf.syntaxes import RESULTS, SYNTAXES

EngineFormat = TypeVar("EngineFormat", ox.QueryResultsFormat, ox.RdfFormat)


class ResultFormat(msgspec.Struct, Generic[EngineFormat], frozen=True):
    """A format: the media type it is sent as, others that select it, and the engine's name for it."""

    media_type: str
    also: tuple[str, ...]
    syntax: EngineFormat


def _with_charset(media_type: str) -> str:
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type


SOLUTIONS: Mapping[str, ResultFormat[ox.QueryResultsFormat]] = MappingProxyType(
    {
        "json": ResultFormat("application/sparql-results+json", ("application/json",), RESULTS["json"]),
        "xml": ResultFormat("application/sparql-results+xml", ("application/xml", "text/xml"), RESULTS["xml"]),
        "csv": ResultFormat("text/csv; charset=utf-8", (), RESULTS["csv"]),
        "tsv": ResultFormat("text/tab-separated-values; charset=utf-8", (), RESULTS["tsv"]),
    }
)
"""Formats of a table of solutions; the first is the default."""

BOOLEANS = SOLUTIONS
"""Formats of true or false; CSV and TSV hold the bare word."""

GRAPHS: Mapping[str, ResultFormat[ox.RdfFormat]] = MappingProxyType(
    {
        one.name: ResultFormat(_with_charset(one.engine.media_type), one.aliases, one.engine)
        for one in sorted(SYNTAXES, key=lambda one: one.has_graphs or not one.exported)
    }
)
"""Formats of a graph, those of triples first; the first is what a client gets that takes any."""


def media_types(offers: Mapping[str, ResultFormat[Any]]) -> str:
    """Return the media types on offer, for a sentence."""
    return ", ".join(format.media_type for format in offers.values())
