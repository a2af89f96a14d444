"""Responses: a status, headers and a body, sent to clients that may be slow or disconnect."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from functools import lru_cache
from types import MappingProxyType
from typing import IO

from starlette.types import Send

CHUNK = 1 << 18
"""Bytes of a large body that are sent at a time."""

TIME = 30.0
SLOWEST = 100_000
"""A client may take `TIME` seconds for a large body, and one more per `SLOWEST` bytes; then it is disconnected."""

TEXT = "text/plain; charset=utf-8"
HTML = "text/html; charset=utf-8"

SECURITY_HEADERS = MappingProxyType({"x-content-type-options": "nosniff", "referrer-policy": "no-referrer"})

Headers = Iterable[tuple[str, str]]


async def send_bytes(
    send: Send, status: int, content_type: str, body: bytes, headers: Headers = (), *, bare: bool = False
) -> None:
    """Send a response; a `bare` one, as for HEAD, has the headers only."""
    await send(_start(status, content_type, len(body), headers))
    await send({"type": "http.response.body", "body": b"" if bare else body})


async def send_file(
    send: Send, content_type: str, file: IO[bytes], headers: Headers = (), *, bare: bool = False
) -> None:
    """Send the content of an open file, and close it. Raises `TimeoutError` if the client is too slow."""
    with file:
        size = file.seek(0, 2)
        file.seek(0)
        await send(_start(200, content_type, size, headers))
        if not bare:
            async with asyncio.timeout(TIME + size / SLOWEST):
                while part := file.read(CHUNK):
                    await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


async def send_text(send: Send, status: int, sentence: str, headers: Headers = (), *, bare: bool = False) -> None:
    """Send one sentence as plain text."""
    await send_bytes(send, status, TEXT, f"{sentence}\n".encode("utf-8", "replace"), headers, bare=bare)


async def send_nothing(send: Send, status: int, headers: Headers = ()) -> None:
    """Send a response without a body, such as 204 or 304."""
    await send({"type": "http.response.start", "status": status, "headers": _encoded(tuple(headers))})
    await send({"type": "http.response.body", "body": b""})


def _start(status: int, content_type: str, length: int, headers: Headers) -> dict[str, object]:
    named = [
        (b"content-type", content_type.encode("latin-1")),
        (b"content-length", b"%d" % length),
        (b"x-content-type-options", b"nosniff"),
        *_encoded(tuple(headers)),
    ]
    return {"type": "http.response.start", "status": status, "headers": named}


@lru_cache(maxsize=256)
def _encoded(headers: tuple[tuple[str, str], ...]) -> list[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
