"""RDF syntaxes and formats of query results: their short names, what the engine calls them, and their files."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import msgspec
import pyoxigraph as ox


class Syntax(msgspec.Struct, frozen=True):
    """An RDF syntax. Its short `name` is also the ending of its files; `other_endings` are read too.

    `reading_rank` orders syntaxes by how fast the engine reads them, 1 first. `exported` says that a build can write
    it, with a named graph for each source file if `has_graphs`. `aliases` are media types that ask for it, besides the
    engine's.
    """

    name: str
    engine: ox.RdfFormat
    reading_rank: int
    aliases: tuple[str, ...] = ()
    other_endings: tuple[str, ...] = ()
    has_graphs: bool = False
    exported: bool = True


SYNTAXES = (
    Syntax("ttl", ox.RdfFormat.TURTLE, 2, aliases=("application/x-turtle",)),
    Syntax("nt", ox.RdfFormat.N_TRIPLES, 1, aliases=("text/plain",)),
    Syntax("nq", ox.RdfFormat.N_QUADS, 3, has_graphs=True),
    Syntax("trig", ox.RdfFormat.TRIG, 4, has_graphs=True),
    Syntax("rdf", ox.RdfFormat.RDF_XML, 5, aliases=("application/xml", "text/xml"), other_endings=("xml", "owl")),
    Syntax("jsonld", ox.RdfFormat.JSON_LD, 6, aliases=("application/json",)),
    Syntax("n3", ox.RdfFormat.N3, 7, exported=False),
)
"""All RDF syntaxes. A new one is a line here."""

RDF: Mapping[str, ox.RdfFormat] = MappingProxyType({one.name: one.engine for one in SYNTAXES})
"""RDF syntaxes by their short names."""

ENDINGS: Mapping[str, ox.RdfFormat] = MappingProxyType(
    {ending: one.engine for one in SYNTAXES for ending in (one.name, *one.other_endings)}
)
"""RDF syntaxes by each file ending that can be read, also before ``.gz``."""

EXPORT_SYNTAXES: Mapping[str, ox.RdfFormat] = MappingProxyType(
    {one.name: one.engine for one in SYNTAXES if one.exported}
)
"""The syntaxes that a build writes."""

QUADS = tuple(one.name for one in SYNTAXES if one.has_graphs)
"""The syntaxes with a named graph for each source file; only they record which files list a relation."""

TRIPLES = tuple(name for name in EXPORT_SYNTAXES if name not in QUADS)
"""The other syntaxes that a build writes."""

FASTEST = tuple(one.name for one in sorted(SYNTAXES, key=lambda one: one.reading_rank) if one.exported)
"""The syntaxes of exports, the fastest to read first."""

RESULTS: Mapping[str, ox.QueryResultsFormat] = MappingProxyType(
    {
        "csv": ox.QueryResultsFormat.CSV,
        "tsv": ox.QueryResultsFormat.TSV,
        "json": ox.QueryResultsFormat.JSON,
        "xml": ox.QueryResultsFormat.XML,
    }
)
"""The W3C's formats of query results."""
