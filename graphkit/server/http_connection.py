"""An HTTP/1.1 connection with limits on size and time.

uvicorn limits neither the size of a request nor the time that a client takes to send it or to read the answer.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD = 1 << 16
"""Most bytes of the head of a request: URL and headers."""

MAX_REQUEST = 1 << 20
"""Most bytes of a request, with everything that chunks and trailers add."""

HEAD_TIME = 10.0
"""Seconds in which the head must arrive."""

BODY_TIME = 40.0
"""Seconds in which the rest must arrive."""

STALLED_TIME = 20.0
"""Seconds for which a client may read nothing of an answer."""

MAX_CONNECTIONS = 1000

_LONG_HEAD = b"expected a URL and headers of at most 65,536 bytes"


class BoundedConnection(HttpToolsProtocol):
    """A connection that limits requests in size and time, and is cut when the client stops reading an answer."""

    _size = 0
    _coming = 0
    _in_head = False
    _in_request = False
    _clock: asyncio.TimerHandle | None = None
    _stalled: asyncio.TimerHandle | None = None
    _running: Any = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Start the clock, unless there are too many connections."""
        super().connection_made(transport)
        if len(self.connections) > MAX_CONNECTIONS:
            self._refuse(b"503 Service Unavailable\r\nretry-after: 5", b"too many connections")
        else:
            self._clock = self.loop.call_later(HEAD_TIME, self._head_timeout)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clocks, and tell the request being answered; uvicorn tells only the latest."""
        self._stop()
        self._stop_stalled()
        self.pipeline.clear()
        if self._running is not None and not self._running.response_complete:
            self._running.disconnected = True
            self._running.message_event.set()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count the bytes of a request until it is complete: the parser may not have reported them yet."""
        self._coming = len(data)
        super().data_received(data)
        if self._in_request or self._clock is not None:
            self._size += len(data)
            if self._in_head and self._clock is None:
                self._clock = self.loop.call_later(HEAD_TIME, self._head_timeout)
            if self._size > (MAX_HEAD if self._in_head or not self._in_request else MAX_REQUEST):
                self._refuse(b"431 Request Header Fields Too Large", _LONG_HEAD)

    def on_message_begin(self) -> None:
        """Restart the count, for each request on the connection."""
        super().on_message_begin()
        self._size = 0
        self._in_head = self._in_request = True

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header; ignore trailers, which nobody reads."""
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """Check the size of a head that arrived at once, and give the rest of the request its time."""
        self._in_head = False
        self._stop()
        if (
            self._size + self._coming > MAX_HEAD
            and len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > MAX_HEAD
        ):
            self._refuse(b"431 Request Header Fields Too Large", _LONG_HEAD)
            raise ValueError("the head is too long")  # ends the parser
        if sum(name == b"host" for name, _ in self.headers) > 1:
            self._refuse(b"400 Bad Request", b"expected one Host header")
            raise ValueError("two hosts")  # ends the parser
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Keep a part of the body; the first starts the clock."""
        if self._clock is None:
            self._clock = self.loop.call_later(BODY_TIME, self._abort)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Stop the clock: the request is complete."""
        self._in_request = False
        self._stop()
        super().on_message_complete()

    def on_chunk_header(self) -> None:
        """Start the clock of a chunked body, whose trailers might never end."""
        if self._clock is None:
            self._clock = self.loop.call_later(BODY_TIME, self._abort)

    def pause_writing(self) -> None:
        """Start the clock: the client has stopped reading."""
        super().pause_writing()
        if self._stalled is None:
            self._stalled = self.loop.call_later(STALLED_TIME, self._abort)

    def resume_writing(self) -> None:
        """Stop the clock: the client reads again."""
        super().resume_writing()
        self._stop_stalled()

    def send_400_response(self, msg: str) -> None:
        """Answer what is not HTTP, unless it was answered already."""
        if not self.transport.is_closing():
            super().send_400_response(msg)
            self._abort_later()

    def timeout_keep_alive_handler(self) -> None:
        """Close an idle connection, even if the client has not read all answers."""
        super().timeout_keep_alive_handler()
        self._abort_later()

    def shutdown(self) -> None:
        """Close when the server stops; an answer being sent gets some time."""
        super().shutdown()
        self._abort_later()

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def _stop(self) -> None:
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _stop_stalled(self) -> None:
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

    def _head_timeout(self) -> None:
        self._clock = None
        self._refuse(b"408 Request Timeout", b"expected the head of a request within 10 seconds")

    def _refuse(self, status: bytes, sentence: bytes) -> None:
        self._stop()
        if self.transport.is_closing():
            return
        if self._running is not None and not self._running.response_complete:
            self.transport.abort()  # an answer is being sent, and must not be mixed with another
            return
        self.transport.write(
            b"HTTP/1.1 %b\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\nconnection: close\r\n"
            b"\r\n%b\n" % (status, len(sentence) + 1, sentence)
        )
        self.transport.close()
        self._abort_later()

    def _abort(self) -> None:
        self.transport.abort()

    def _abort_later(self) -> None:
        if self.transport.is_closing():
            self.loop.call_later(STALLED_TIME, self.transport.abort)
