"""The SPARQL 1.1 Protocol for queries: an HTTP request to the query it asks for, or a refusal."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from urllib.parse import parse_qsl, unquote

import msgspec

from graphkit.server.negotiation import accepted, takes_gzip
from graphkit.server.worker_messages import READ_ONLY, Request

MAX_QUERY = 1 << 18
"""The longest query in bytes, with what stands beside it in the same form."""

MAX_FIELDS = 2000

FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
UPDATE = "application/sparql-update"

_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([^\s\";]+)", re.IGNORECASE)


class Refusal(Exception):
    """A request that is not served: the status and one sentence."""

    def __init__(self, status: int, message: str, **headers: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = tuple(headers.items())


class Fields(msgspec.Struct, frozen=True):
    """What the parameters of a request hold. No `query` asks for the description of the service."""

    query: str | None
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]


def from_query_string(text: bytes) -> Fields:
    """Return the fields of a GET request. Raises `Refusal`."""
    query = _only_query(text)
    if query is not None:
        return Fields(query, (), ())
    return _fields(_parsed(text))


def from_body(content_type: str, query_string: bytes, body: bytes) -> Fields:
    """Return the fields of a POST request, in a form or as a bare query. Raises `Refusal`."""
    kind, parameters = content_type.partition(";")[0].strip().lower(), content_type.partition(";")[2]
    charset = _CHARSET.search(f";{parameters}")
    if charset and charset[1].lower() not in ("utf-8", "utf8"):
        raise Refusal(415, f"expected UTF-8, got the charset {charset[1]}")
    if kind == FORM:
        return _fields([*_parsed(query_string), *_parsed(body)], needed=True)
    if kind == UPDATE:
        raise refused_update()
    if kind != QUERY:
        raise Refusal(415, f"expected a body of type {FORM} or {QUERY}, got {kind or 'none that is named'}")
    try:
        text = body.decode()
    except UnicodeDecodeError as error:
        raise Refusal(400, f"expected a query in UTF-8, got a byte that is none at offset {error.start}") from None
    return _fields([*_parsed(query_string), ("query", text)], needed=True)


def request(fields: Fields, accept: str, encodings: str) -> Request:
    """Return the query for a worker, in the formats that the client takes."""
    assert fields.query is not None
    solutions, boolean, graph = accepted(accept)
    return Request(
        fields.query,
        solutions,
        boolean,
        graph,
        fields.default_graphs,
        fields.named_graphs,
        (),
        bool(encodings) and takes_gzip(encodings),
    )


def refused_update() -> Refusal:
    """Return the answer to every update."""
    return Refusal(403, READ_ONLY)


def _only_query(text: bytes) -> str | None:
    """Return the query of a query string that holds nothing else, as most do; it takes a third of the time."""
    if text.startswith(b"query=") and b"&" not in text:
        with suppress(UnicodeDecodeError):
            return unquote(text[6:].replace(b"+", b" ").decode("ascii"), errors="strict")
    return None


def _parsed(text: bytes) -> list[tuple[str, str]]:
    try:
        return parse_qsl(text.decode(), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except UnicodeDecodeError:
        raise Refusal(400, "expected parameters in UTF-8, percent-encoded") from None
    except ValueError:
        raise Refusal(400, f"expected at most {MAX_FIELDS:,} parameters") from None


def _fields(pairs: Iterable[tuple[str, str]], *, needed: bool = False) -> Fields:
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    if "update" in values:
        raise refused_update()
    queries = values.get("query", [])
    if len(queries) > 1:
        raise Refusal(400, f"expected one query, got {len(queries)}")
    if needed and not queries:
        raise Refusal(400, "expected the parameter query, got none")
    return Fields(
        queries[0] if queries else None,
        tuple(values.get("default-graph-uri", ())),
        tuple(values.get("named-graph-uri", ())),
    )
