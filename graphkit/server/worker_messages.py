"""The messages between the server and its workers.

A request is its length in four bytes and a MessagePack array; a reply is a fixed head and the bytes of the body.
"""

from __future__ import annotations

import struct
import time
from enum import IntEnum
from typing import IO

import msgspec


class QueryRequest(msgspec.Struct, frozen=True, array_like=True):
    """A query for a worker.

    `solutions`, `boolean` and `graph` name the format for each kind of result, empty if the client accepts none.
    `iris` are pairs of a variable and the IRI to bind it to. Without `default_graphs` and `named_graphs` the query
    runs on the data's own dataset.
    """

    text: str
    solutions: str = "json"
    boolean: str = "json"
    graph: str = "ttl"
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    iris: tuple[tuple[str, str], ...] = ()
    gzip: bool = False


class QueryOutcome(IntEnum):
    """How a query ended in its worker; unless it was answered, the body is a sentence."""

    ANSWERED = 0
    MALFORMED = 1  # the query cannot be parsed, or names a graph that does not exist
    REFUSED = 2  # the query would change the data, or call another machine
    NOT_ACCEPTABLE = 3  # the client accepts none of the possible formats
    TOO_LARGE = 4  # the result is over the limit
    FAILED = 5  # the engine failed while the query ran


class QueryReply(msgspec.Struct, frozen=True):
    """A worker's answer: the `body` is in `format`, compressed if `gzip`; a large one is in `file` instead.

    `volatile` means that the same query may give another result the next time; `processor_time` is what the worker has
    used so far, in seconds.
    """

    outcome: QueryOutcome
    format: str
    gzip: bool
    volatile: bool
    body: bytes
    processor_time: float = 0.0
    file: IO[bytes] | None = None


class DataSummary(msgspec.Struct, frozen=True):
    """The data in short: its digest, the base of its IRIs, its named graphs (up to a limit) and its size."""

    digest: str
    base: str
    dataset: str
    graphs: tuple[str, ...]
    union: bool
    triples: int


READ_ONLY = "This endpoint is read-only: it answers queries and takes no updates."
"""The answer to every update."""

_LENGTH = struct.Struct("!I")
_HEAD = struct.Struct("!BB8sQd")
_OUTCOMES = tuple(QueryOutcome)
HEAD_SIZE = _HEAD.size

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(QueryRequest)


def packed_request(request: QueryRequest) -> bytes:
    """Return a request as bytes, for a worker."""
    body = _encoder.encode(request)
    return _LENGTH.pack(len(body)) + body


def request_length(head: bytes) -> int:
    """Return how many bytes follow the four bytes of `head`."""
    return int(_LENGTH.unpack(head)[0])


def unpacked_request(body: bytes) -> QueryRequest:
    """Return the request in `body`."""
    return _decoder.decode(body)


def packed_head(reply: QueryReply) -> bytes:
    """Return the head of a reply; the body follows it."""
    flags = reply.gzip | reply.volatile << 1
    return _HEAD.pack(reply.outcome, flags, reply.format.encode(), len(reply.body), time.process_time())


def body_length(head: bytes) -> int:
    """Return how many bytes follow the head of a reply."""
    return int(_HEAD.unpack(head)[3])


def unpacked_reply(head: bytes, body: bytes, file: IO[bytes] | None = None) -> QueryReply:
    """Return the reply with this head and body, or with a file that holds the body."""
    outcome, flags, format, _, processor_time = _HEAD.unpack(head)
    name = format.rstrip(b"\0").decode()
    return QueryReply(_OUTCOMES[outcome], name, flags & 1 == 1, flags & 2 == 2, body, processor_time, file)
