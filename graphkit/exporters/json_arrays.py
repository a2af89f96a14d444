"""JSON objects with an element of an array to a line, so that one changed record changes a few lines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import IO, Any

import msgspec


def write_object(stream: IO[bytes], members: Mapping[str, Any], arrays: Mapping[str, Iterable[Any]]) -> None:
    """Write an object: its members, a line each, then its arrays, a line for each element."""
    encode = msgspec.json.Encoder().encode
    separator = b"{\n"
    for name, value in members.items():
        stream.write(separator + encode(name) + b": " + encode(value))
        separator = b",\n"
    for name, elements in arrays.items():
        stream.write(separator + encode(name) + b": [")
        separator = b"\n"
        for element in elements:
            stream.write(separator + encode(element))
            separator = b",\n"
        stream.write(b"\n]")
        separator = b",\n"
    stream.write(b"\n}\n")
