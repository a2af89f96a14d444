"""Addresses of stores: what a user gives, and the URLs below it."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

from graphkit.diagnostics.quoting import quoted, visible
from graphkit.errors import UsageError
from graphkit.upload.store_kinds import StoreKind


class Store(NamedTuple):
    """A store: its kind, and its base URL without what a user copied along."""

    kind: StoreKind
    base: str

    @property
    def label(self) -> str:
        """Return its name and address for a person."""
        return f"{self.kind.title} at {visible(self.base)}"


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


def store_at(address: str, kind: StoreKind) -> Store:
    """Return the store of a kind at an address that may have one of its endings.

    >>> from graphkit.upload.store_kinds import store_kind
    >>> store_at("http://localhost:3030/coverage/sparql", store_kind("fuseki")).base
    'http://localhost:3030/coverage'
    """
    parts = urlsplit(address)
    path = parts.path.rstrip("/")
    endings = (
        ending.rstrip("/") for ending in (kind.graph_store, kind.query, kind.update, *kind.other_endings) if ending
    )
    ending = next(filter(path.endswith, endings), "")
    path = path.removesuffix(ending).rstrip("/")
    return Store(kind, urlunsplit((parts.scheme, parts.netloc, path, "", "")))
