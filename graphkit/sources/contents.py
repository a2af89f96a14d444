"""Contents: from a source file to its bytes, decompressed within limits, as a whole or in portions."""

from __future__ import annotations

import io
import os
import stat
import sys
import zlib
from collections.abc import Iterable, Iterator
from typing import IO, NamedTuple

from graphkit.diagnostics.diagnostic import Diagnostic
from graphkit.files.compression import estimated_size, is_gzip
from graphkit.formats.json_lines import MAX_LINE, are_lines
from graphkit.formats.recognition import ANY, MAX_BYTES
from graphkit.sources.source_file import STDIN, SourceError, SourceFile, reason_of

MIN_DECOMPRESSED = 64 << 20
MAX_RATIO = 256
"""gzip data may expand to MIN_DECOMPRESSED bytes, or to MAX_RATIO times its size. Text shrinks to a tenth."""

_STEP = 16 << 20


def size_of(file: SourceFile) -> int:
    """Return how many bytes of text a file has, about; 0 where only reading it can tell."""
    try:
        return estimated_size(file.path, os.stat(file.path).st_size) if file.path != STDIN else 0
    except OSError:
        return 0


def read_bytes(file: SourceFile) -> bytes:
    """Return the content of a file, decompressed. Raises `SourceError`."""
    limit = MAX_BYTES[file.format]
    try:
        data = sys.stdin.buffer.read(limit + 1) if file.path == STDIN else _read_file(file, limit)
    except OSError as error:
        raise _unreadable(file, error) from error
    return decompressed(file, data)


def decompressed(file: SourceFile, data: bytes) -> bytes:
    """Return a file's content, decompressed if it is gzip data. Raises `SourceError` where it is over the limits."""
    if is_gzip(data):
        return b"".join(_decompressed(file, io.BytesIO(data), len(data), _STEP))
    if len(data) > MAX_BYTES[file.format]:
        raise _too_large(file, MAX_BYTES[file.format])
    return data


class Portion(NamedTuple):
    """A part of a file of JSON Lines, whole lines of it, after so many others."""

    lines_before: int
    data: bytes


def holds_lines(file: SourceFile) -> bool:
    """Return whether a large file with the name of JSON Lines may be read in portions. Raises `SourceError`."""
    head = next(_streamed(file, MAX_LINE), b"")
    return are_lines(head, whole=False) is not False


def portions(file: SourceFile, size: int = 16 << 20) -> Iterator[Portion]:
    """Yield the content of a file of JSON Lines, decompressed, in portions of about `size` bytes.

    The file is read twice: before anything is yielded it is known to be whole. Raises `SourceError`.
    """
    for _ in _streamed(file, size):
        pass
    rest: list[bytes] = []
    lines = 0
    for data in _streamed(file, size):
        end = data.rfind(b"\n") + 1
        if not end:
            rest.append(data)
            continue
        portion = b"".join([*rest, data[:end]])
        # Without the last line end, which would begin one more line.
        yield Portion(lines, portion[:-1])
        lines += portion.count(b"\n")
        rest = [data[end:]]
    yield Portion(lines, b"".join(rest))


def _streamed(file: SourceFile, size: int) -> Iterator[bytes]:
    """Yield the content of a regular file, decompressed, within the limits. Raises `SourceError`."""
    try:
        # As in `_read_file`: a pipe may have taken the file's place since it was found.
        descriptor = os.open(file.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as stream:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                raise _fault(file, "GK105", "a regular file", "a pipe, socket or device")
            if is_gzip(stream.peek(2)):
                yield from _decompressed(file, stream, os.fstat(stream.fileno()).st_size, size)
            else:
                yield from _within(file, MAX_BYTES[file.format], iter(lambda: stream.read(size), b""))
    except OSError as error:
        raise _unreadable(file, error) from error


def _decompressed(file: SourceFile, stream: IO[bytes], compressed_size: int, size: int) -> Iterator[bytes]:
    limit = min(MAX_BYTES[file.format], max(MIN_DECOMPRESSED, MAX_RATIO * compressed_size))
    return _within(file, limit, _members(file, stream, size))


def _within(file: SourceFile, limit: int, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield pieces of a content that together are within a limit. Raises `SourceError` once they are not."""
    total = 0
    for data in pieces:
        total += len(data)
        if total > limit:
            raise _too_large(file, limit)
        yield data


def _members(file: SourceFile, stream: IO[bytes], size: int) -> Iterator[bytes]:
    """Yield what gzip data of any number of members decompresses to, `size` bytes at a time."""
    member = zlib.decompressobj(31)
    rest = b""
    try:
        while True:
            rest = rest or stream.read(1 << 20)
            if member.eof:
                rest = rest.lstrip(b"\0")
                if rest:
                    member = zlib.decompressobj(31)
                elif not (rest := stream.read(1 << 20)):
                    return
                else:
                    continue
            elif not rest:
                raise _fault(file, "GK107", "whole gzip data", "data that ends too early")
            data = member.decompress(rest, size)
            rest = member.unused_data if member.eof else member.unconsumed_tail
            if data:
                yield data
    except zlib.error:
        raise _fault(file, "GK107", "gzip data", "damaged data") from None


def _read_file(file: SourceFile, limit: int) -> bytes:
    # O_NONBLOCK: opening a pipe that nobody writes to must not hang. It means nothing for a regular file.
    descriptor = os.open(file.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            if file.format != ANY:
                raise _fault(file, "GK105", "a regular file", "a pipe, socket or device")
            os.set_blocking(descriptor, True)
        size = status.st_size
        if size > limit:
            raise _too_large(file, limit, f"{size / (1 << 20):,.0f} MiB")
        data = os.read(descriptor, size + 1)
        if len(data) == size and size:
            return data
        parts = [data]
        total = len(data)
        while parts[-1] and total <= limit:
            parts.append(os.read(descriptor, 1 << 20))
            total += len(parts[-1])
        return b"".join(parts)
    finally:
        os.close(descriptor)


def _too_large(file: SourceFile, limit: int, got: str = "more") -> SourceError:
    return _fault(file, "GK106", f"at most {limit >> 20:,} MiB", got)


def _unreadable(file: SourceFile, error: OSError) -> SourceError:
    return _fault(file, "GK101", "a readable file", reason_of(error))


def _fault(file: SourceFile, code: str, expected: str, got: str) -> SourceError:
    return SourceError(Diagnostic(file.name, 0, 0, "", code, expected, got, rejects=True))
