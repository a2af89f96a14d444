"""JSON arrays with an element to a line, so that one changed record changes a few lines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO, Any

import msgspec


def write_rows(stream: IO[bytes], name: str, rows: Iterable[Any]) -> None:
    """Write a member of an object: its name, and an array with a row to a line."""
    encode = msgspec.json.Encoder().encode
    stream.write(encode(name) + b": [")
    before = b"\n"
    for row in rows:
        stream.write(before + encode(row))
        before = b",\n"
    stream.write(b"\n]")


def member(name: str, value: Any) -> bytes:
    """Return a member of an object, and the comma after it."""
    return msgspec.json.encode(name) + b": " + msgspec.json.encode(value) + b",\n"
