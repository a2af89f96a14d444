"""A worker: a process that answers one query after another, and can do nothing else.

It is forked from the fork server with the data already open, so that it starts in a millisecond and shares the memory.
Before it reads the first query it gives up the right to open anything: without a free descriptor, neither a file nor a
socket can be opened, whatever the engine is tricked into.
"""

from __future__ import annotations

import ctypes
import gzip
import os
import resource
import signal
import sys
from typing import TYPE_CHECKING

import pyoxigraph as ox

from graphkit.errors import QueryRefused, UsageError
from graphkit.query.results import check_well_formed
from graphkit.query.sparql import analyse
from graphkit.rdf.vocabulary import PREFIXES
from graphkit.server.result_formats import BOOLEANS, GRAPHS, SOLUTIONS, media_types
from graphkit.server.worker_messages import (
    READ_ONLY,
    QueryOutcome,
    QueryReply,
    QueryRequest,
    packed_head,
    request_length,
    unpacked_request,
)

if TYPE_CHECKING:
    from graphkit.query.data import Data, Results

GZIP_FROM = 1024
"""Smallest body, in bytes, that is compressed if the client accepts gzip."""

READ = 1 << 16
HEAD = 4

_PREFIXES = dict(PREFIXES)
_PR_SET_PDEATHSIG = 1


def serve_queries(data: Data, descriptor: int, *, memory: int, limit: int, parent: int) -> None:
    """Answer the queries that arrive on a socket, until it closes or the process `parent` ends.

    The worker may take `memory` more bytes; if it runs out, it ends with SIGABRT. A result over `limit` bytes is
    refused.
    """
    _confine(memory)
    if os.getppid() != parent:
        return  # it ended before this process could ask to be killed with it
    received = b""
    while data_in := os.read(descriptor, READ):
        received += data_in
        while len(received) >= HEAD and len(received) >= (end := HEAD + request_length(received[:HEAD])):
            reply = answer(data, unpacked_request(received[HEAD:end]), limit=limit)
            received = received[end:]
            _write(descriptor, packed_head(reply), reply.body)


def answer(data: Data, request: QueryRequest, *, limit: int) -> QueryReply:
    """Answer one query: the whole result as bytes, or a sentence that says why there is none."""
    dataset = (request.default_graphs, request.named_graphs)
    try:
        found = data.examine(
            request.text, graphs=(*request.default_graphs, *request.named_graphs), name="query", may_die=True
        )
        wanted = {"SELECT": request.solutions, "ASK": request.boolean}.get(found.form, request.graph)
        if not wanted:
            return _sentence(QueryOutcome.NOT_ACCEPTABLE, _offers(found.form))
        substitutions = {ox.Variable(name): ox.NamedNode(iri) for name, iri in request.iris}
        results = data.evaluate(
            request.text, found, substitutions, dataset=dataset if any(dataset) else None, name="query"
        )
        body = _serialised(results, wanted)
    except QueryRefused as refusal:
        update = analyse(request.text).form == "UPDATE"
        return _sentence(QueryOutcome.REFUSED, READ_ONLY if update else str(refusal))
    except UsageError as error:
        return _sentence(QueryOutcome.MALFORMED, str(error))
    except (MemoryError, OverflowError):
        os.abort()  # as the engine itself does
    except Exception as error:  # noqa: BLE001 - whatever the engine raises ends this query only
        return _sentence(QueryOutcome.FAILED, f"the query could not be evaluated: {error}")
    if len(body) > limit:
        return _sentence(
            QueryOutcome.TOO_LARGE,
            f"the result has {len(body):,} bytes, more than the limit of {limit:,}: ask for less",
        )
    packed = request.gzip and len(body) >= GZIP_FROM
    return QueryReply(
        QueryOutcome.ANSWERED, wanted, packed, found.volatile, gzip.compress(body, 5, mtime=0) if packed else body
    )


def _serialised(results: Results, format: str) -> bytes:
    if isinstance(results, ox.QueryTriples):
        body = ox.serialize(results, format=GRAPHS[format].syntax, prefixes=_PREFIXES) or b""
        if format == "rdf":
            check_well_formed(body)
        return body
    return results.serialize(format=SOLUTIONS[format].syntax) or b""


def _sentence(outcome: QueryOutcome, text: str) -> QueryReply:
    return QueryReply(outcome, "", gzip=False, volatile=False, body=text.encode("utf-8", "replace"))


def _offers(form: str) -> str:
    offers = {"SELECT": SOLUTIONS, "ASK": BOOLEANS}.get(form, GRAPHS)
    return f"The result can be had as {media_types(offers)}."


def _confine(memory: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (_address_space() + memory,) * 2)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))


def _address_space() -> int:
    try:
        with open("/proc/self/statm") as stream:  # noqa: PTH123 - nothing else is read here
            return int(stream.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 0


def _write(descriptor: int, head: bytes, body: bytes) -> None:
    written = os.writev(descriptor, (head, body)) - len(head)
    view = memoryview(body)[max(written, 0) :]
    while view:
        view = view[os.write(descriptor, view) :]
