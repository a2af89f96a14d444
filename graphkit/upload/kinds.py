"""Kinds: which store answers at an address, where it takes what, and what it cannot do."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urlsplit, urlunsplit

import msgspec

from graphkit.diagnostics.quoting import quoted, visible
from graphkit.errors import StoreError, UsageError
from graphkit.upload.http_client import Connection, StoreReply

MEBIBYTE = 1 << 20


class StoreKind(msgspec.Struct, frozen=True):
    """What is known of a store: paths below the address that a person gives, and limits.

    `graphs` is where it speaks the Graph Store Protocol, `query` and `update` where it speaks SPARQL; ``-`` stands for
    nowhere. `endings` are what people copy along with an address. `part` bytes are sent at a time. `default` tells that
    there is a default graph that is apart from the others, and `dataset` what a query must say to see that alone.
    `ntriples` is the media type by which it takes N-Triples.
    """

    name: str
    title: str
    graphs: str
    query: str
    update: str
    endings: tuple[str, ...] = ()
    graph_field: str = "graph"
    part: int = 4 * MEBIBYTE
    gzip: bool = True
    default: bool = True
    dataset: str = ""
    ntriples: str = "application/n-triples"


NOWHERE = "-"

KINDS: Mapping[str, StoreKind] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            StoreKind("oxigraph", "Oxigraph", "/store", "/query", "/update", ("/store", "/query", "/update")),
            StoreKind(
                "fuseki",
                "Apache Jena Fuseki",
                "/data",
                "/query",
                "/update",
                ("/data", "/sparql", "/query", "/update", "/get"),
            ),
            StoreKind(
                "virtuoso",
                "Virtuoso",
                "/sparql-graph-crud-auth",
                "/sparql",
                "/sparql-auth",
                ("/sparql-graph-crud-auth", "/sparql-graph-crud", "/sparql-auth", "/sparql"),
                graph_field="graph-uri",
                part=MEBIBYTE,
                gzip=False,
                default=False,
                ntriples="text/turtle",  # it takes N-Triples for plain text, which it does not read
            ),
            StoreKind(
                "rdf4j",
                "RDF4J",
                "/rdf-graphs/service",
                "",
                "/statements",
                ("/statements", "/rdf-graphs/service", "/rdf-graphs"),
                dataset="FROM <http://www.openrdf.org/schema/sesame#nil>",
            ),
            StoreKind(
                "graphdb",
                "GraphDB",
                "/rdf-graphs/service",
                "",
                "/statements",
                ("/statements", "/rdf-graphs/service", "/rdf-graphs"),
                dataset="FROM <http://www.openrdf.org/schema/sesame#nil>",
            ),
            StoreKind("stardog", "Stardog", "", "/query", "/update", ("/query", "/update"), gzip=False),
            StoreKind(
                "neptune",
                "Amazon Neptune",
                "/sparql/gsp/",
                "/sparql",
                "/sparql",
                ("/sparql/gsp", "/sparql"),
                gzip=False,
                default=False,
            ),
            StoreKind("gsp", "a Graph Store Protocol server", "", NOWHERE, NOWHERE, gzip=False),
            StoreKind("sparql", "a SPARQL endpoint", NOWHERE, "", "", part=MEBIBYTE, gzip=False),
        )
    }
)
"""The stores by the names that --kind takes. `gsp` and `sparql` stand for any that speaks only the one or the other."""


class Store(msgspec.Struct, frozen=True):
    """A store at an address: the base of all its paths, without what a person copied along."""

    kind: StoreKind
    base: str

    @property
    def shown(self) -> str:
        """Return its name and address for a person."""
        return f"{self.kind.title} at {visible(self.base)}"

    def path(self, below: str) -> str:
        """Return an address below the base."""
        return self.base + below


def checked_address(address: str) -> str:
    """Return an address of http or https. Raises `UsageError` for another, and for one with a password in it."""
    try:
        parts = urlsplit(address)
        named = parts.hostname and parts.port != 0
    except ValueError:
        parts, named = urlsplit(""), False
    if parts.scheme not in ("http", "https") or not named or not address.isprintable() or " " in address:
        raise UsageError(
            f"expected the address of a store, such as http://localhost:3030/coverage, got {quoted(address)}"
        )
    if "@" in parts.netloc:
        raise UsageError(
            f"expected an address without a password, got one for {visible(parts.hostname or '')}: "
            "say --user, and the password by a prompt, --password-file or GRAPHKIT_PASSWORD"
        )
    if parts.query or parts.fragment:
        raise UsageError("expected an address without ? and #, which graphkit adds by itself: say the graph by --graph")
    return address


def named(name: str) -> StoreKind:
    """Return a kind by its name. Raises `UsageError`."""
    if name not in KINDS:
        raise UsageError(f"kind: expected one of {', '.join(KINDS)}, got {quoted(name)}")
    return KINDS[name]


def store_at(address: str, kind: StoreKind) -> Store:
    """Return the store of a kind at an address that may have one of its endings.

    >>> store_at("http://localhost:3030/coverage/sparql", KINDS["fuseki"]).base
    'http://localhost:3030/coverage'
    """
    parts = urlsplit(address)
    path = parts.path.rstrip("/")
    for ending in kind.endings:
        if path.endswith(ending):
            path = path.removesuffix(ending).rstrip("/")
            break
    return Store(kind, urlunsplit((parts.scheme, parts.netloc, path, "", "")))


def find(address: str, connection: Connection) -> Store:
    """Ask what answers at an address. Raises `StoreError` where that is not known, or takes no data."""
    reply = connection.ask("GET", address, also=_TELLING, once=True, accept="*/*")
    kind = _kind(address, reply)
    if kind is None and "/repositories/" in address:
        kind = _by_protocol(address, connection)
    if kind is None:
        raise StoreError(_unknown(address, reply))
    return store_at(address, kind)


_TELLING = (400, 403, 404, 405, 406, 415, 500)
"""Stores that refuse a bare GET still tell who they are."""


def _kind(address: str, reply: StoreReply) -> StoreKind | None:
    server = reply.headers.get("server", "").lower()
    if server.startswith("graphkit"):
        raise StoreError(
            f"{visible(address)}: expected a store that takes data, got graphkit serve, which only answers questions: "
            "build into the folder that it serves, and start it again"
        )
    if server.startswith("oxigraph"):
        return KINDS["oxigraph"]
    if server.startswith("virtuoso"):
        return KINDS["virtuoso"]
    if "fuseki-request-id" in reply.headers or "fuseki" in server:
        return KINDS["fuseki"]
    if "stardog" in server:
        return KINDS["stardog"]
    return KINDS["graphdb"] if "graphdb" in server else None


def _by_protocol(address: str, connection: Connection) -> StoreKind | None:
    """Ask for the number of the protocol that RDF4J and GraphDB speak."""
    root = address.partition("/repositories/")[0]
    reply = connection.ask("GET", f"{root}/protocol", also=_TELLING, once=True)
    return KINDS["rdf4j"] if reply.status == 200 and reply.body.strip().isdigit() else None


def _unknown(address: str, reply: StoreReply) -> str:
    place = visible(address)
    if reply.status == 404:
        return f"{place}: expected a store, got 404 Not Found: there is no such database, dataset or repository"
    server = reply.headers.get("server", "")
    which = (
        f"a server that calls itself {quoted(visible(server))}" if server else "a server that does not say what it is"
    )
    return f"{place}: expected a store that graphkit knows, got {which}: say --kind, of {', '.join(KINDS)}"
