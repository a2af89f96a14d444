"""Kinds of triple stores: how to recognise each, where it takes what, and what it cannot do.

A new kind is one entry in STORE_KINDS, and a section of docs/stores.md.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from graphkit.diagnostics.quoting import quoted
from graphkit.errors import UsageError

MEBIBYTE = 1 << 20


class StoreKind(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of store.

    `graph_store`, `query` and `update` are the paths, below the address that a user gives, of the Graph Store Protocol
    and of SPARQL; None where the store does not speak it. `address_endings` are what users copy along with an address.
    `server_header` is in the Server header of its answers, `own_header` is a header that no other store sends, and
    `has_protocol_number` says that it answers GET /protocol as RDF4J does. `part_size` bytes are sent at a time.
    `has_default_graph` says that it has a default graph apart from the others, and `default_graph_clause` is what a
    query needs to see only that. `ntriples_type` is the media type by which it takes N-Triples.
    """

    name: str
    title: str
    graph_store: str | None
    query: str | None
    update: str | None
    address_endings: tuple[str, ...] = ()
    server_header: str = ""
    own_header: str = ""
    has_protocol_number: bool = False
    graph_field: str = "graph"
    part_size: int = 4 * MEBIBYTE
    takes_gzip: bool = True
    has_default_graph: bool = True
    default_graph_clause: str = ""
    ntriples_type: str = "application/n-triples"


_RDF4J = StoreKind(
    name="rdf4j",
    title="RDF4J",
    graph_store="/rdf-graphs/service",
    query="",
    update="/statements",
    address_endings=("/statements", "/rdf-graphs/service", "/rdf-graphs"),
    has_protocol_number=True,
    default_graph_clause="FROM <http://www.openrdf.org/schema/sesame#nil>",
)

PRODUCTS = (
    StoreKind(
        name="oxigraph",
        title="Oxigraph",
        graph_store="/store",
        query="/query",
        update="/update",
        address_endings=("/store", "/query", "/update"),
        server_header="oxigraph",
    ),
    StoreKind(
        name="fuseki",
        title="Apache Jena Fuseki",
        graph_store="/data",
        query="/query",
        update="/update",
        address_endings=("/data", "/sparql", "/query", "/update", "/get"),
        server_header="fuseki",
        own_header="fuseki-request-id",
    ),
    StoreKind(
        name="virtuoso",
        title="Virtuoso",
        graph_store="/sparql-graph-crud-auth",
        query="/sparql",
        update="/sparql-auth",
        address_endings=("/sparql-graph-crud-auth", "/sparql-graph-crud", "/sparql-auth", "/sparql"),
        server_header="virtuoso",
        graph_field="graph-uri",
        part_size=MEBIBYTE,
        takes_gzip=False,
        has_default_graph=False,
        ntriples_type="text/turtle",  # it takes N-Triples for plain text, which it does not read
    ),
    _RDF4J,
    msgspec.structs.replace(
        _RDF4J, name="graphdb", title="GraphDB", server_header="graphdb", has_protocol_number=False
    ),
    StoreKind(
        name="stardog",
        title="Stardog",
        graph_store="",
        query="/query",
        update="/update",
        address_endings=("/query", "/update"),
        server_header="stardog",
        takes_gzip=False,
    ),
    StoreKind(
        name="neptune",
        title="Amazon Neptune",
        graph_store="/sparql/gsp/",
        query="/sparql",
        update="/sparql",
        address_endings=("/sparql/gsp", "/sparql"),
        takes_gzip=False,
        has_default_graph=False,
    ),
)
"""The stores that `graphkit upload` knows."""

PROTOCOLS = (
    StoreKind(
        name="gsp",
        title="a Graph Store Protocol server",
        graph_store="",
        query=None,
        update=None,
        takes_gzip=False,
    ),
    StoreKind(
        name="sparql",
        title="a SPARQL endpoint",
        graph_store=None,
        query="",
        update="",
        part_size=MEBIBYTE,
        takes_gzip=False,
    ),
)
"""Any store that speaks only one of the protocols."""

STORE_KINDS: Mapping[str, StoreKind] = MappingProxyType({kind.name: kind for kind in (*PRODUCTS, *PROTOCOLS)})
"""All kinds by the names that --kind takes."""


def store_kind(name: str) -> StoreKind:
    """Return a kind by its name. Raises `UsageError`."""
    if name not in STORE_KINDS:
        raise UsageError(f"kind: expected one of {', '.join(STORE_KINDS)}, got {quoted(name)}")
    return STORE_KINDS[name]
