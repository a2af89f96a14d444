"""How files that graphkit writes begin, by which it recognises one where no manifest lists it."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Sequence
from pathlib import Path

from graphkit.errors import OutputError
from graphkit.files.compression import BOM, ending_of, is_gzip

_MOST = 4096
_ALIKE = 12
"""The bytes that tell one kind of file from others: fewer than the fixed beginning of any JSON, CSV or XML of ours."""

PAGE = (b"<!doctype html>\n<html lang=", b"default-src &#x27;none&#x27;")
_RDF_XML = (b"<?xml", b"RDF")

BEGINNINGS: dict[str, tuple[bytes, ...]] = {
    "html": PAGE,
    "ttl": (b"@prefix ",),
    "trig": (b"@prefix ",),
    "n3": (b"@prefix ",),
    "nt": (b"<",),
    "nq": (b"<",),
    "rdf": _RDF_XML,
    "jsonld": (b"{", b'"@'),
    "rq": (b" DATA {",),
    "graphml": (b"<?xml", b"<graphml"),
    "gexf": (b"<?xml", b"<gexf"),
}
"""By the ending of a file: what it begins with, then what the rest of its beginning contains."""


def begins_as_written(path: Path, beginning: Sequence[bytes] = ()) -> bool:
    """Return whether a file begins like those that graphkit writes, by its ending or by a `beginning` like these."""
    wanted = tuple(beginning) or BEGINNINGS.get(ending_of(path.name), ())
    return bool(wanted) and _begins(_head(path), wanted)


def check_single(path: Path, beginning: Sequence[bytes], *, force: bool) -> None:
    """Raise `OutputError` for a file that is there and does not begin as one that would be written, unless `force`.

    An empty file, a pipe and a device are written to.
    """
    if force or not path.is_file():
        return
    head = _head(path)
    if head and not _begins(head, tuple(beginning)):
        raise OutputError(
            f"{path}: expected no file, or one as this command writes it, got another; name another file, or replace "
            "it with --force"
        )


def check_alike(path: Path, new: Path, *, force: bool) -> None:
    """Raise `OutputError` for a file that is there and does not begin as the `new` one, unless `force`.

    It does if the first line is the same, or as much of it as the two need to be of one kind.
    """
    if force or not path.is_file():
        return
    first = _head(new).partition(b"\n")[0][:_ALIKE]
    check_single(path, (first,) if first else BEGINNINGS.get(ending_of(path.name), (b"\0",)), force=force)


def _begins(head: bytes, wanted: tuple[bytes, ...]) -> bool:
    return head.startswith(wanted[0]) and all(part in head for part in wanted[1:])


def _head(path: Path) -> bytes:
    """Return the beginning of a file, decompressed; empty if there is none."""
    try:
        with path.open("rb") as stream:
            head = stream.read(_MOST)
            if is_gzip(head):
                stream.seek(0)
                head = gzip.GzipFile(fileobj=stream).read(_MOST)
        return head.removeprefix(BOM)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        return b"\0"
    except OSError:
        return b""
