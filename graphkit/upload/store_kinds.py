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


class StoreKind(msgspec.Struct, frozen=True):
    """One kind of store.

    `graph_store`, `query` and `update` are the paths, below the address that a user gives, of the Graph Store Protocol
    and of SPARQL; None where the store does not speak it. Users copy these along with an address, or `other_endings`.
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
    other_endings: tuple[str, ...] = ()
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
    "rdf4j",
    "RDF4J",
    "/rdf-graphs/service",
    "",
    "/statements",
    ("/rdf-graphs",),
    has_protocol_number=True,
    default_graph_clause="FROM <http://www.openrdf.org/schema/sesame#nil>",
)

PRODUCTS = (
    StoreKind("oxigraph", "Oxigraph", "/store", "/query", "/update", server_header="oxigraph"),
    StoreKind(
        "fuseki",
        "Apache Jena Fuseki",
        "/data",
        "/query",
        "/update",
        ("/sparql", "/get"),
        server_header="fuseki",
        own_header="fuseki-request-id",
    ),
    StoreKind(
        "virtuoso",
        "Virtuoso",
        "/sparql-graph-crud-auth",
        "/sparql",
        "/sparql-auth",
        ("/sparql-graph-crud",),
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
    StoreKind("stardog", "Stardog", "", "/query", "/update", server_header="stardog", takes_gzip=False),
    StoreKind(
        "neptune", "Amazon Neptune", "/sparql/gsp/", "/sparql", "/sparql", takes_gzip=False, has_default_graph=False
    ),
)
"""The stores that `graphkit upload` knows."""

PROTOCOLS = (
    StoreKind("gsp", "a Graph Store Protocol server", "", None, None, takes_gzip=False),
    StoreKind("sparql", "a SPARQL endpoint", None, "", "", part_size=MEBIBYTE, takes_gzip=False),
)
"""Any store that speaks only one of the protocols."""

STORE_KINDS: Mapping[str, StoreKind] = MappingProxyType({kind.name: kind for kind in (*PRODUCTS, *PROTOCOLS)})
"""All kinds by the names that --kind takes."""


def store_kind(name: str) -> StoreKind:
    """Return a kind by its name. Raises `UsageError`."""
    if name not in STORE_KINDS:
        raise UsageError(f"kind: expected one of {', '.join(STORE_KINDS)}, got {quoted(name)}")
    return STORE_KINDS[name]
