"""RDF loaded by the engine: a file's quads as they are written, or a file into a store."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pyoxigraph as ox

from graphkit.errors import UsageError
from graphkit.files.compression import BOM, after_mark, decompressing, is_gzip_name, open_decompressed
from graphkit.query.rdf_files import syntax_of, unreadable
from graphkit.rdf.rdf_nesting import MAX_NESTING, nests_too_deeply


def quads_of(path: Path) -> Iterator[ox.Quad]:
    """Yield the quads of a file as they are written. Raises `UsageError` where it is not well-formed."""
    syntax = syntax_of(path)
    try:
        _check_nesting(path, syntax)
        with open_decompressed(path, gzip=is_gzip_name(path.name)) as stream:
            yield from ox.parse(_Input(stream), syntax, rename_blank_nodes=True)  # type: ignore[arg-type]  # it only calls read
    except SyntaxError as error:
        raise _malformed(path, syntax, error) from None
    except (OSError, EOFError, zlib.error, _InputError) as error:
        raise unreadable(path, error) from error


def load(store: ox.Store, path: Path, data: bytes | None = None) -> None:
    """Load a file into a store; `data` is what it holds, if that is known.

    Raises `UsageError` where it is not well-formed, with line and column, or cannot be read.
    """
    syntax = syntax_of(path)
    try:
        _check_nesting(path, syntax)
    except (OSError, EOFError, zlib.error) as error:
        raise unreadable(path, error) from error
    try:
        if data is not None and not is_gzip_name(path.name):
            store.bulk_load(data.removeprefix(BOM), syntax)
            return
        with _opened(path, data) as stream:
            if isinstance(stream, io.BufferedReader) and not stream.tell():  # the engine reads a file in parallel
                store.bulk_load(path=str(path), format=syntax)
            else:
                store.bulk_load(_Input(stream), syntax)  # type: ignore[arg-type]  # it only calls read
    except SyntaxError as error:
        raise _malformed(path, syntax, error) from None
    except _InputError as error:
        raise unreadable(path, error) from error


def _check_nesting(path: Path, syntax: ox.RdfFormat) -> None:
    if nests_too_deeply(path, json=syntax == ox.RdfFormat.JSON_LD):
        raise UsageError(f"{path}: expected at most {MAX_NESTING} levels of nesting, got more")


def _opened(path: Path, data: bytes | None) -> IO[bytes]:
    """Open a file, or the gzip data that it is known to hold. Raises `_InputError`."""
    try:
        if data is None:
            return open_decompressed(path, gzip=is_gzip_name(path.name))
        return after_mark(decompressing(io.BytesIO(data)))
    except (OSError, EOFError, zlib.error) as error:
        raise _InputError(str(error)) from error


def _malformed(path: Path, syntax: ox.RdfFormat, error: SyntaxError) -> UsageError:
    place = f"{path}:{error.lineno}:{error.offset}" if error.lineno else str(path)
    reason = (error.msg or str(error)).rpartition("Parser error at ")[2]
    reason = reason.partition(": ")[2] if error.lineno else reason
    return UsageError(f"{place}: expected {syntax.name}, got an error: {' '.join(reason.split())}")


class _InputError(Exception):
    """A file cannot be read to its end."""


class _Input:
    """A file that the engine reads. Its errors are no OSError: those are the disk's that a store is written to."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        try:
            return self._stream.read(size)
        except (OSError, EOFError, zlib.error) as error:
            raise _InputError(str(error)) from error
