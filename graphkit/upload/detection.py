"""Detection: which kind of store answers at an address."""

from __future__ import annotations

from graphkit.diagnostics.quoting import quoted, visible
from graphkit.errors import StoreError
from graphkit.upload.http_client import StoreConnection
from graphkit.upload.http_reply import StoreReply
from graphkit.upload.store_address import Store, store_at
from graphkit.upload.store_kinds import PRODUCTS, STORE_KINDS, StoreKind

_ANSWERS = (400, 403, 404, 405, 406, 415, 500)
"""Stores that refuse a bare GET still send the headers that they are recognised by."""


def detect_store(address: str, connection: StoreConnection) -> Store:
    """Ask what answers at an address. Raises `StoreError` where that is not known, or takes no data."""
    with connection.without_password():
        return _detected(address, connection)


def _detected(address: str, connection: StoreConnection) -> Store:
    reply = connection.ask("GET", address, also=_ANSWERS, once=True, accept="*/*")
    place, server = visible(address), reply.headers.get("server", "")
    if server.lower().startswith("graphkit"):
        raise StoreError(
            f"{place}: expected a store that takes data, got graphkit serve, which only answers questions: "
            "build into the folder that it serves, and start it again"
        )
    kind = _by_headers(reply) or _by_protocol(address, connection)
    if kind is not None:
        return store_at(address, kind)
    if reply.status == 404:
        raise StoreError(
            f"{place}: expected a store, got 404 Not Found: there is no such database, dataset or repository"
        )
    got = f"calls itself {quoted(visible(server))}" if server else "does not say what it is"
    raise StoreError(
        f"{place}: expected a store that graphkit knows, got a server that {got}: "
        f"say --kind, of {', '.join(STORE_KINDS)}"
    )


def _by_headers(reply: StoreReply) -> StoreKind | None:
    server = reply.headers.get("server", "").lower()
    for kind in PRODUCTS:
        if (kind.server_header and kind.server_header in server) or kind.own_header in reply.headers:
            return kind
    return None


def _by_protocol(address: str, connection: StoreConnection) -> StoreKind | None:
    """Ask for the protocol's number, below whose path RDF4J has its repositories."""
    root, below, _ = address.partition("/repositories/")
    if not below:
        return None
    reply = connection.ask("GET", f"{root}/protocol", also=_ANSWERS, once=True)
    is_number = reply.status == 200 and reply.body.strip().isdigit()
    return next((kind for kind in PRODUCTS if is_number and kind.has_protocol_number), None)
