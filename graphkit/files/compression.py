"""gzip: which files are compressed, by name or by content, and streams that compress and decompress."""

from __future__ import annotations

import gzip as codec
import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import IO, cast

GZ = ".gz"
"""The ending of a compressed file, behind the one that names its format."""

BOM = b"\xef\xbb\xbf"
"""The byte order mark in UTF-8, which some editors write at the beginning of a file. It is no text."""

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
    """Open a file of text after its byte order mark, with `gzip` through a decompressor.

    Raises `OSError`, and `EOFError` or `zlib.error` where gzip data is damaged.
    """
    stream = cast(BufferedReader, codec.open(path)) if gzip else path.open("rb")  # noqa: SIM115 - callers close it
    try:
        return after_mark(stream)
    except BaseException:
        stream.close()
        raise


def after_mark(stream: BufferedReader) -> BufferedReader:
    """Return a stream of text after its byte order mark, if it begins with one."""
    if stream.peek(len(BOM)).startswith(BOM):
        stream.read(len(BOM))
    return stream


def decompressing(stream: IO[bytes]) -> BufferedReader:
    """Return the stream of what gzip data in `stream` decompresses to."""
    return cast(BufferedReader, codec.GzipFile(fileobj=stream))


@contextmanager
def compressing(stream: IO[bytes], *, gzip: bool) -> Iterator[IO[bytes]]:
    """Give what to write to for `stream` to hold it; with `gzip` compressed, without the time."""
    if not gzip:
        yield stream
        return
    with codec.GzipFile(filename="", mode="wb", fileobj=stream, mtime=0) as text:
        yield cast(IO[bytes], text)
