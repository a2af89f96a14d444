"""A connection: HTTP/1.1 from anyone, within bounds of size and time.

uvicorn bounds neither the head of a request nor the time a client takes to send it.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MAX_HEAD = 1 << 16
"""The longest head of a request in bytes: URL and headers."""

HEAD_TIME = 10.0
"""Seconds in which the head has to come."""

MAX_CONNECTIONS = 1000

_TOO_LONG = b"expected a URL and headers of at most 65,536 bytes"


class BoundedConnection(HttpToolsProtocol):
    """A connection whose requests have a head of at most `MAX_HEAD` bytes, sent within `HEAD_TIME` seconds."""

    _size = 0
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Start the clock."""
        super().connection_made(transport)
        if len(self.connections) > MAX_CONNECTIONS:
            self._refuse(b"503 Service Unavailable\r\nretry-after: 5", b"too many connections")
            return
        self._timer = self.loop.call_later(HEAD_TIME, self._late)

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._stop()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """Start the clock and count anew, for each request on the connection."""
        super().on_message_begin()
        self._size = 0
        if self._timer is None:
            self._timer = self.loop.call_later(HEAD_TIME, self._late)

    def data_received(self, data: bytes) -> None:
        """Count what has come of a head that is not complete: the parser may not have spoken of it yet."""
        super().data_received(data)
        if self._timer is not None:
            self._size += len(data)
            if self._size > MAX_HEAD:
                self._refuse(b"431 Request Header Fields Too Large", _TOO_LONG)

    def on_headers_complete(self) -> None:
        """Stop the clock, as the body has one of its own, and weigh a head that came at once."""
        self._stop()
        if len(self.url) + sum(len(name) + len(value) for name, value in self.headers) > MAX_HEAD:
            self._refuse(b"431 Request Header Fields Too Large", _TOO_LONG)
            raise ValueError("the head is too long")  # ends the parser
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP, unless it was answered already."""
        if not self.transport.is_closing():
            super().send_400_response(msg)

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _late(self) -> None:
        self._timer = None
        if not self.transport.is_closing():
            self._refuse(b"408 Request Timeout", b"expected the head of a request within 10 seconds")

    def _refuse(self, status: bytes, sentence: bytes) -> None:
        self._stop()
        if not self.transport.is_closing():
            self.transport.write(
                b"HTTP/1.1 %b\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: %d\r\nconnection: close\r\n"
                b"\r\n%b\n" % (status, len(sentence) + 1, sentence)
            )
            self.transport.close()
