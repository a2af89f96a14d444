"""The endpoint itself, ``/sparql``: requests of the protocol in, answers of the pool out."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable

from starlette.types import Receive, Scope, Send

from graphkit.server import sparql_protocol
from graphkit.server.query_scheduler import Pool
from graphkit.server.responses import Headers, send_bytes, send_file, send_nothing, send_text
from graphkit.server.result_formats import GRAPHS, SOLUTIONS
from graphkit.server.sparql_protocol import MAX_QUERY, Refusal
from graphkit.server.worker_connection import Ended
from graphkit.server.worker_messages import Outcome, Reply, Request

BODY_TIME = 30.0
"""Seconds in which the body of a request has to come."""

KEPT_BYTES = 1 << 25
"""The answers that are kept may take so many bytes together."""

REMEMBERED = 5000
"""So many requests that came once are remembered."""

LARGE_BODIES = 1 << 31
"""Results that lie in files while they are sent may take so many bytes together."""

CORS = (("access-control-allow-origin", "*"), ("access-control-expose-headers", "ETag, Retry-After"))
_PREFLIGHT = (
    *CORS,
    ("access-control-allow-methods", "GET, HEAD, POST, OPTIONS"),
    ("access-control-allow-headers", "Accept, Content-Type, If-None-Match"),
    ("access-control-max-age", "86400"),
    ("allow", "GET, HEAD, POST, OPTIONS"),
)
_STATUS = {
    Outcome.MALFORMED: 400,
    Outcome.REFUSED: 403,
    Outcome.NOT_ACCEPTABLE: 406,
    Outcome.TOO_LARGE: 503,
    Outcome.FAILED: 500,
}
MEDIA_TYPES = {name: SOLUTIONS[name].media_type for name in SOLUTIONS} | {
    name: GRAPHS[name].media_type for name in GRAPHS
}


class Kept:
    """The answers of late, by the request that got them: what is asked twice is answered without a worker from then on.

    Nothing has to be taken back, as the data stays the same while it is open.
    """

    def __init__(self, *, size: int = KEPT_BYTES) -> None:
        self._answers: OrderedDict[Hashable, Reply] = OrderedDict()
        self._sizes: dict[Hashable, int] = {}
        self._free = size
        self._largest = size // 64
        self._asked_once: OrderedDict[int, None] = OrderedDict()

    def get(self, key: Hashable) -> Reply | None:
        """Return the answer that a request got."""
        reply = self._answers.get(key)
        if reply is not None:
            self._answers.move_to_end(key)
        return reply

    def keep(self, key: tuple[bytes | str | None, ...], reply: Reply) -> None:
        """Keep an answer that was asked for before, unless it is large, or may be another the next time."""
        mark = hash(key)
        if mark not in self._asked_once:
            self._asked_once[mark] = None
            if len(self._asked_once) > REMEMBERED:
                self._asked_once.popitem(last=False)
            return
        size = len(reply.body) + sum(len(part) for part in key if part) + 500
        if reply.outcome is not Outcome.ANSWERED or reply.volatile or reply.file or size > self._largest:
            return
        if key in self._answers:
            return
        self._answers[key] = reply
        self._sizes[key] = size
        self._free -= size
        while self._free < 0:
            oldest, _ = self._answers.popitem(last=False)
            self._free += self._sizes.pop(oldest)


class Endpoint:
    """The ASGI application of ``/sparql``. It stands outside the router, which would take longer than a query."""

    def __init__(self, pool: Pool, describe: Callable[[Scope, Receive, Send], Awaitable[None]]) -> None:
        self.pool = pool
        self.describe = describe
        self._large = 0
        self._kept = Kept()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        method = scope["method"]
        bare = method == "HEAD"
        headers = header_values(scope)
        kept_as = None
        try:
            if method in ("GET", "HEAD"):
                if b"if-none-match" not in headers:
                    kept_as = (
                        scope["query_string"],
                        headers.get(b"accept"),
                        headers.get(b"accept-encoding"),
                        self.pool.nursery.ready.digest,  # another, should the data have been opened again
                    )
                    kept = self._kept.get(kept_as)
                    if kept is not None:
                        await self.send(send, kept, bare=bare)
                        return
                fields = sparql_protocol.from_query_string(scope["query_string"])
            elif method == "POST":
                body = await _body(headers, receive)
                fields = sparql_protocol.from_body(headers.get(b"content-type", ""), scope["query_string"], body)
            elif method == "OPTIONS":
                await send_nothing(send, 204, _PREFLIGHT)
                return
            else:
                raise Refusal(  # noqa: TRY301 - one place answers all refusals
                    405, f"expected GET, HEAD or POST, got {method}", allow="GET, HEAD, POST, OPTIONS"
                )
            if fields.query is None:
                await self.describe(scope, receive, send)
                return
            request = sparql_protocol.request(fields, headers.get(b"accept", ""), headers.get(b"accept-encoding", ""))
            known = headers.get(b"if-none-match", "")
            if method != "POST" and self._unchanged(request, known):
                tag = () if "," in known else (("etag", known),)
                await send_nothing(send, 304, (*tag, *_KEPT, *CORS))
                return
            reply = await self.ask(request, receive)
        except Refusal as refusal:
            await send_text(send, refusal.status, refusal.message, (*refusal.headers, *CORS), bare=bare)
            return
        except Ended as ended:
            await send_ended(send, ended, CORS, bare=bare)
            return
        if kept_as is not None:
            self._kept.keep(kept_as, reply)
        await self.send(send, reply, bare=bare)

    async def ask(self, request: Request, receive: Receive | None = None) -> Reply:
        """Return the pool's answer. A client that goes away while a long query runs ends it."""
        watcher: asyncio.Task[None] | None = None

        def watch(end: Callable[[], None]) -> None:
            nonlocal watcher
            if receive is not None:
                watcher = asyncio.get_running_loop().create_task(_when_gone(receive, end))

        try:
            return await self.pool.answer(request, begun=watch)
        finally:
            if watcher is not None:
                watcher.cancel()

    def etag(self, format: str, *, packed: bool) -> str:
        """Return the validator of a result. It is weak: the order of rows is the engine's."""
        return f'W/"{self.pool.nursery.ready.digest[:16]}-{format}{"-gzip" if packed else ""}"'

    def _unchanged(self, request: Request, known: str) -> bool:
        """Tell whether the client has the answer already: the data does not change while it is served."""
        if not known:
            return False
        tags = {tag.strip().removeprefix("W/") for tag in known.split(",")}
        wanted = {request.solutions, request.boolean, request.graph} - {""}
        ours = {self.etag(format, packed=packed).removeprefix("W/") for format in wanted for packed in (False, True)}
        return bool(tags & ours)

    async def send(self, send: Send, reply: Reply, *, bare: bool) -> None:
        """Send a worker's reply, whatever its outcome."""
        if reply.outcome is not Outcome.ANSWERED:
            await send_text(send, _STATUS[reply.outcome], reply.body.decode(), CORS, bare=bare)
            return
        headers: Headers = (
            *((("content-encoding", "gzip"),) if reply.gzip else ()),
            *(
                (("cache-control", "no-store"),)
                if reply.volatile
                else (("etag", self.etag(reply.format, packed=reply.gzip)), *_KEPT)
            ),
            *CORS,
        )
        if reply.file is None:
            await send_bytes(send, 200, MEDIA_TYPES[reply.format], reply.body, headers, bare=bare)
            return
        size = reply.file.tell()
        if self._large + size > LARGE_BODIES:
            reply.file.close()
            await send_ended(send, Ended("Too many large results are on their way.", retry=30), CORS, bare=bare)
            return
        self._large += size
        try:
            await send_file(send, MEDIA_TYPES[reply.format], reply.file, headers, bare=bare)
        finally:
            self._large -= size


_KEPT = (("cache-control", "no-cache"), ("vary", "Accept, Accept-Encoding"))


async def send_ended(send: Send, ended: Ended, headers: Headers = (), *, bare: bool = False) -> None:
    """Send the answer to a query that was ended: 503, and when to try again where that may help."""
    again = (("retry-after", str(ended.retry)),) if ended.retry else ()
    await send_text(send, 503, str(ended), (*again, ("cache-control", "no-store"), *headers), bare=bare)


def header_values(scope: Scope) -> dict[bytes, str]:
    """Return the headers of a request; one that comes several times is joined with commas."""
    values: dict[bytes, str] = {}
    for name, value in scope["headers"]:
        text = value.decode("latin-1")
        values[name] = f"{values[name]}, {text}" if name in values else text
    return values


async def _body(headers: dict[bytes, str], receive: Receive) -> bytes:
    refusal = Refusal(413, f"expected a body of at most {MAX_QUERY:,} bytes", connection="close")
    length = headers.get(b"content-length", "")
    if length.isascii() and length.isdigit() and int(length) > MAX_QUERY:
        raise refusal
    body = b""
    try:
        async with asyncio.timeout(BODY_TIME):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Refusal(400, "expected a whole body, got a part")
                body += bytes(message.get("body", b""))
                if len(body) > MAX_QUERY:
                    raise refusal
                if not message.get("more_body"):
                    return body
    except TimeoutError:
        raise Refusal(408, f"expected the body within {BODY_TIME:g} seconds", connection="close") from None


async def _when_gone(receive: Receive, end: Callable[[], None]) -> None:
    while True:
        if (await receive())["type"] == "http.disconnect":
            end()
            return
