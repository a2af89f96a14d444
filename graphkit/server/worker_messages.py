"""What the processes of the endpoint say to one another.

A request is four bytes of length and a MessagePack array; a reply is a fixed head and the bytes of the body.
"""

from __future__ import annotations

import struct
import time
from enum import IntEnum
from typing import IO

import msgspec


class Request(msgspec.Struct, frozen=True, array_like=True):
    """A query for a worker.

    `solutions`, `boolean` and `graph` name the format for each kind of result, empty where the client takes none.
    `iris` are pairs of a variable and the IRI it is bound to. No `default_graphs` and no `named_graphs` ask for the
    data's own dataset.
    """

    text: str
    solutions: str = "json"
    boolean: str = "json"
    graph: str = "ttl"
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    iris: tuple[tuple[str, str], ...] = ()
    gzip: bool = False


class Outcome(IntEnum):
    """How a query ended in its worker; all but ANSWERED carry a sentence as their body."""

    ANSWERED = 0
    MALFORMED = 1  # the query cannot be parsed, or names what is not there
    REFUSED = 2  # it would change the data, or call another machine
    NOT_ACCEPTABLE = 3  # the client takes none of the formats that fit
    TOO_LARGE = 4  # the result is over the limit
    FAILED = 5  # the engine found an error while it ran


class Reply(msgspec.Struct, frozen=True):
    """What a worker gives back: the `body` is in `format`, packed if `gzip`; a large one stands in `file`.

    `volatile` tells that the same query may give another result the next time; `processor` is the processor time, in
    seconds, that the worker has had in its life.
    """

    outcome: Outcome
    format: str
    gzip: bool
    volatile: bool
    body: bytes
    processor: float = 0.0
    file: IO[bytes] | None = None


class Ready(msgspec.Struct, frozen=True):
    """What the data is: its digest, the base of its IRIs, its named graphs (not all of very many) and its size."""

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
_OUTCOMES = tuple(Outcome)
HEAD_SIZE = _HEAD.size

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Request)


def packed_request(request: Request) -> bytes:
    """Return the request as it goes to a worker."""
    body = _encoder.encode(request)
    return _LENGTH.pack(len(body)) + body


def request_length(head: bytes) -> int:
    """Return how many bytes follow the four of `head`."""
    return int(_LENGTH.unpack(head)[0])


def unpacked_request(body: bytes) -> Request:
    """Return the request that came as `body`."""
    return _decoder.decode(body)


def packed_head(reply: Reply) -> bytes:
    """Return the head of a reply; its body follows as it is."""
    flags = reply.gzip | reply.volatile << 1
    return _HEAD.pack(reply.outcome, flags, reply.format.encode(), len(reply.body), time.process_time())


def body_length(head: bytes) -> int:
    """Return how many bytes follow the head of a reply."""
    return int(_HEAD.unpack(head)[3])


def unpacked_reply(head: bytes, body: bytes, file: IO[bytes] | None = None) -> Reply:
    """Return the reply that came as a head and a body, or a file that holds the body."""
    outcome, flags, format, _, processor = _HEAD.unpack(head)
    name = format.rstrip(b"\0").decode()
    return Reply(_OUTCOMES[outcome], name, flags & 1 == 1, flags & 2 == 2, body, processor, file)
