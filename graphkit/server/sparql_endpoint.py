"""The SPARQL endpoint, ``/sparql``: protocol requests in, the scheduler's answers out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from starlette.types import Receive, Scope, Send

from graphkit.server import sparql_protocol
from graphkit.server.query_scheduler import QueryScheduler
from graphkit.server.response_cache import ResponseCache
from graphkit.server.responses import Headers, send_bytes, send_file, send_nothing, send_text
from graphkit.server.result_formats import GRAPHS, SOLUTIONS
from graphkit.server.sparql_protocol import MAX_QUERY, RequestError
from graphkit.server.worker_connection import ServiceUnavailable
from graphkit.server.worker_messages import QueryOutcome, QueryReply, QueryRequest

BODY_TIME = 30.0
"""Seconds in which the body of a request must arrive."""

LARGE_BODIES = 1 << 31
"""Bytes of results that may be in files at once, while they are sent."""

CORS = (("access-control-allow-origin", "*"), ("access-control-expose-headers", "ETag, Retry-After"))
_PREFLIGHT = (
    *CORS,
    ("access-control-allow-methods", "GET, HEAD, POST, OPTIONS"),
    ("access-control-allow-headers", "Accept, Content-Type, If-None-Match"),
    ("access-control-max-age", "86400"),
    ("allow", "GET, HEAD, POST, OPTIONS"),
)
_STATUS = {
    QueryOutcome.MALFORMED: 400,
    QueryOutcome.REFUSED: 403,
    QueryOutcome.NOT_ACCEPTABLE: 406,
    QueryOutcome.TOO_LARGE: 503,
    QueryOutcome.FAILED: 500,
}
MEDIA_TYPES = {name: SOLUTIONS[name].media_type for name in SOLUTIONS} | {
    name: GRAPHS[name].media_type for name in GRAPHS
}


class SparqlEndpoint:
    """The ASGI application of ``/sparql``. Requests bypass the router, which would take longer than a query."""

    def __init__(self, scheduler: QueryScheduler, describe: Callable[[Scope, Receive, Send], Awaitable[None]]) -> None:
        self.scheduler = scheduler
        self.describe = describe
        self._large = 0
        self._cache = ResponseCache()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        method = scope["method"]
        bare = method == "HEAD"
        headers = header_values(scope)
        cache_key = None
        try:
            if method in ("GET", "HEAD"):
                if b"if-none-match" not in headers:
                    cache_key = (
                        scope["query_string"],
                        headers.get(b"accept"),
                        headers.get(b"accept-encoding"),
                        self.scheduler.fork_server.data.digest,  # differs once the fork server has opened other data
                    )
                    cached = self._cache.get(cache_key)
                    if cached is not None:
                        await self.send(send, cached, bare=bare)
                        return
                parameters = sparql_protocol.from_query_string(scope["query_string"])
            elif method == "POST":
                body = await _body(headers, receive)
                parameters = sparql_protocol.from_body(headers.get(b"content-type", ""), scope["query_string"], body)
            elif method == "OPTIONS":
                await send_nothing(send, 204, _PREFLIGHT)
                return
            else:
                raise RequestError(  # noqa: TRY301 - one place answers all errors
                    405, f"expected GET, HEAD or POST, got {method}", allow="GET, HEAD, POST, OPTIONS"
                )
            if parameters.query is None:
                await self.describe(scope, receive, send)
                return
            request = sparql_protocol.query_request(
                parameters, headers.get(b"accept", ""), headers.get(b"accept-encoding", "")
            )
            known = headers.get(b"if-none-match", "")
            if method != "POST" and self._unchanged(request, known):
                tag = () if "," in known else (("etag", known),)
                await send_nothing(send, 304, (*tag, *_CACHEABLE, *CORS))
                return
            reply = await self.ask(request, receive)
        except RequestError as error:
            await send_text(send, error.status, error.message, (*error.headers, *CORS), bare=bare)
            return
        except ServiceUnavailable as error:
            await send_unavailable(send, error, CORS, bare=bare)
            return
        if cache_key is not None:
            self._cache.put(cache_key, reply)
        await self.send(send, reply, bare=bare)

    async def ask(self, request: QueryRequest, receive: Receive | None = None) -> QueryReply:
        """Return the scheduler's answer. If the client disconnects, its query is dropped, queued or running."""
        task = asyncio.current_task()
        if receive is None or task is None:
            return await self.scheduler.answer(request)
        gone = False

        def drop() -> None:
            nonlocal gone
            gone = True
            task.cancel()

        watcher = asyncio.get_running_loop().create_task(_on_disconnect(receive, drop))
        try:
            return await self.scheduler.answer(request)
        except asyncio.CancelledError:
            if gone:
                task.uncancel()
                raise ServiceUnavailable("The client has gone.") from None
            raise
        finally:
            watcher.cancel()

    def etag(self, format: str, *, packed: bool) -> str:
        """Return the entity tag of a result. It is weak: the engine may order rows differently."""
        return f'W/"{self.scheduler.fork_server.data.digest[:16]}-{format}{"-gzip" if packed else ""}"'

    def _unchanged(self, request: QueryRequest, known: str) -> bool:
        """Return whether the client already has the answer: the data does not change while it is served."""
        if not known:
            return False
        tags = {tag.strip().removeprefix("W/") for tag in known.split(",")}
        wanted = {request.solutions, request.boolean, request.graph} - {""}
        ours = {self.etag(format, packed=packed).removeprefix("W/") for format in wanted for packed in (False, True)}
        return bool(tags & ours)

    async def send(self, send: Send, reply: QueryReply, *, bare: bool) -> None:
        """Send a worker's reply, whatever its outcome."""
        if reply.outcome is not QueryOutcome.ANSWERED:
            await send_text(send, _STATUS[reply.outcome], reply.body.decode(), CORS, bare=bare)
            return
        headers: Headers = (
            *((("content-encoding", "gzip"),) if reply.gzip else ()),
            *(
                (("cache-control", "no-store"),)
                if reply.volatile
                else (("etag", self.etag(reply.format, packed=reply.gzip)), *_CACHEABLE)
            ),
            *CORS,
        )
        if reply.file is None:
            await send_bytes(send, 200, MEDIA_TYPES[reply.format], reply.body, headers, bare=bare)
            return
        size = reply.file.tell()
        if self._large + size > LARGE_BODIES:
            reply.file.close()
            await send_unavailable(
                send, ServiceUnavailable("Too many large results are on their way.", retry_after=30), CORS, bare=bare
            )
            return
        self._large += size
        try:
            await send_file(send, MEDIA_TYPES[reply.format], reply.file, headers, bare=bare)
        finally:
            self._large -= size


_CACHEABLE = (("cache-control", "no-cache"), ("vary", "Accept, Accept-Encoding"))


async def send_unavailable(send: Send, error: ServiceUnavailable, headers: Headers = (), *, bare: bool = False) -> None:
    """Answer a query that was killed or never started: 503, and when to try again if that may help."""
    again = (("retry-after", str(error.retry_after)),) if error.retry_after else ()
    await send_text(send, 503, str(error), (*again, ("cache-control", "no-store"), *headers), bare=bare)


def header_values(scope: Scope) -> dict[bytes, str]:
    """Return the headers of a request; one that is repeated is joined with commas."""
    values: dict[bytes, str] = {}
    for name, value in scope["headers"]:
        text = value.decode("latin-1")
        values[name] = f"{values[name]}, {text}" if name in values else text
    return values


async def _body(headers: dict[bytes, str], receive: Receive) -> bytes:
    too_large = RequestError(413, f"expected a body of at most {MAX_QUERY:,} bytes", connection="close")
    length = headers.get(b"content-length", "")
    if length.isascii() and length.isdigit() and int(length) > MAX_QUERY:
        raise too_large
    body = b""
    try:
        async with asyncio.timeout(BODY_TIME):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise RequestError(400, "expected a whole body, got a part")
                body += bytes(message.get("body", b""))
                if len(body) > MAX_QUERY:
                    raise too_large
                if not message.get("more_body"):
                    return body
    except TimeoutError:
        raise RequestError(408, f"expected the body within {BODY_TIME:g} seconds", connection="close") from None


async def _on_disconnect(receive: Receive, act: Callable[[], None]) -> None:
    while True:
        if (await receive())["type"] == "http.disconnect":
            act()
            return
