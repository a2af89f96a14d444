"""Archives: the members of zip and tar files. A damaged archive has none, as its content cannot be trusted."""

from __future__ import annotations

import io
import lzma
import posixpath
import struct
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, NamedTuple

from graphkit.diagnostics.diagnostic import Diagnostic
from graphkit.files.compression import decompressing, is_gzip
from graphkit.formats.recognition import MAX_BYTES, format_of
from graphkit.sources.contents import MAX_RATIO, MIN_DECOMPRESSED
from graphkit.sources.source_file import SourceError

ENDINGS = (".zip", ".tar", ".tar.gz", ".tgz")
_DAMAGED = (
    *(tarfile.TarError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error),
    *(EOFError, OSError, ValueError, NotImplementedError, RuntimeError),  # RuntimeError: it wants a password
)
_STEP = 1 << 20


class ArchiveMember(NamedTuple):
    """A file in an archive: its path there, and its content or a diagnostic."""

    path: str
    data: bytes | Diagnostic


def members(name: str, data: bytes) -> Iterator[ArchiveMember]:
    """Yield the files that the archive `name` holds, hidden ones excepted.

    All of it is read before anything is yielded, so that it is known to be whole. Raises `SourceError`.
    """
    limit = max(MIN_DECOMPRESSED, MAX_RATIO * len(data))
    try:
        if data[:2] == b"PK":
            yield from _zipped(name, data, limit)
        else:
            yield from _tarred(name, data, limit)
    except _DAMAGED:
        fault = Diagnostic(name, 0, 0, "", "GK107", "a whole archive", "damaged data", rejects=True)
        raise SourceError(fault) from None


def _zipped(name: str, data: bytes, limit: int) -> Iterator[ArchiveMember]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        items = [(_path(item.filename), item) for item in archive.infolist() if not item.is_dir()]
        _check_size(name, sum(item.file_size for _, item in items), limit)
        for _, item in items:
            with archive.open(item) as stream:
                while stream.read(_STEP):
                    pass
        for path, item in items:
            if path:
                fault = _too_large(name, path, item.file_size)
                yield ArchiveMember(path, fault or archive.read(item))


def _tarred(name: str, data: bytes, limit: int) -> Iterator[ArchiveMember]:
    with _plain(name, data, limit) as plain, tarfile.open(fileobj=plain, mode="r:") as archive:
        items = [(_path(item.name), item) for item in archive if item.isreg()]
        # An archive that was cut between two members would look whole; none is without its end.
        plain.seek(0, io.SEEK_END)
        if archive.offset > plain.tell() or not _ends(plain):
            raise EOFError
        for path, item in items:
            if path:
                fault = _too_large(name, path, item.size)
                stream = None if fault else archive.extractfile(item)
                yield ArchiveMember(path, fault or (stream.read() if stream else b""))


def _ends(plain: IO[bytes]) -> bool:
    size = plain.seek(0, io.SEEK_END)
    plain.seek(max(0, size - 2 * tarfile.BLOCKSIZE))
    return size >= 2 * tarfile.BLOCKSIZE and not plain.read().strip(b"\0")


@contextmanager
def _plain(name: str, data: bytes, limit: int) -> Iterator[IO[bytes]]:
    """Yield a tar file without gzip, on disk if it was compressed: only its end shows that all of it is valid."""
    if not is_gzip(data):
        yield io.BytesIO(data)
        return
    with tempfile.TemporaryFile() as plain:
        with decompressing(io.BytesIO(data)) as stream:
            while part := stream.read(_STEP):
                plain.write(part)
                _check_size(name, plain.tell(), limit)
        plain.seek(0)
        yield plain


def _check_size(name: str, size: int, limit: int) -> None:
    if size > limit:
        raise SourceError(Diagnostic(name, 0, 0, "", "GK106", f"at most {limit >> 20:,} MiB", "more", rejects=True))


def _too_large(name: str, path: str, size: int) -> Diagnostic | None:
    format = format_of(path)
    limit = MAX_BYTES[format] if format else 0
    if format is None or size <= limit:
        return None
    got = f"{size / (1 << 20):,.0f} MiB"
    return Diagnostic(f"{name}/{path}", 0, 0, "", "GK106", f"at most {limit >> 20:,} MiB", got, rejects=True)


def _path(path: str) -> str:
    """Return a member's path below the archive, without a way out of it; nothing for a hidden one."""
    path = posixpath.normpath(f"/{path}").lstrip("/")
    return "" if any(part.startswith(".") for part in path.split("/")) else path
