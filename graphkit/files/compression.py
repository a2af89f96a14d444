"""gzip: which files are compressed, by name or by content, and streams that compress and decompress."""

from __future__ import annotations

import gzip as codec
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

GZ = ".gz"
"""The ending of a compressed file, behind the one that names its format."""

EXPANSION = 8
"""The size of text relative to its gzip data, about."""


def is_gzip_name(name: str) -> bool:
    """Return whether a file's name says that it is compressed."""
    return name.lower().endswith(GZ)


def is_gzip(data: bytes) -> bool:
    """Return whether data, or a file that begins with it, is compressed."""
    return data[:2] == b"\x1f\x8b"


def ending_of(name: str) -> str:
    """Return the ending that names a file's format, in lower case and without its dot; empty if there is none.

    >>> ending_of("coverage.TTL.gz"), ending_of("a.b/c"), ending_of(".md")
    ('ttl', '', '')
    """
    return os.path.splitext(name.lower().removesuffix(GZ))[1][1:]


def estimated_size(name: str, size: int) -> int:
    """Return the size of a file's text, about, from its name and its size on disk."""
    return size * EXPANSION if is_gzip_name(name) else size


def open_decompressed(path: Path, *, gzip: bool) -> IO[bytes]:
    """Open a file for reading, with `gzip` through a decompressor. Raises `OSError`."""
    return cast(IO[bytes], codec.open(path)) if gzip else path.open("rb")


def decompressing(stream: IO[bytes]) -> IO[bytes]:
    """Return the stream of what gzip data in `stream` decompresses to."""
    return cast(IO[bytes], codec.GzipFile(fileobj=stream))


@contextmanager
def compressing(stream: IO[bytes], *, gzip: bool) -> Iterator[IO[bytes]]:
    """Give what to write to for `stream` to hold it; with `gzip` compressed, without the time."""
    if not gzip:
        yield stream
        return
    with codec.GzipFile(filename="", mode="wb", fileobj=stream, mtime=0) as text:
        yield cast(IO[bytes], text)
