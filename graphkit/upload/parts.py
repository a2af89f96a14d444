"""Parts of an RDF file, split where statements end, so that neither side holds all of it in memory.

Turtle that graphkit wrote, and N-Triples, are split as they are. Any other RDF is parsed and sent as N-Triples. Each
part is a document of its own, so a file with blank nodes cannot be sent in parts.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple

import pyoxigraph as ox

from graphkit.diagnostics.quoting import visible
from graphkit.errors import UsageError
from graphkit.files.compression import GZ, ending_of, is_gzip_name, open_decompressed
from graphkit.query.rdf_files import unreadable
from graphkit.rdf.syntaxes import QUADS, RDF, TRIPLES

LONGEST = 64 << 20
"""The largest statement that is read, in bytes."""

_PIECE = 1 << 20
_ENDS = {"ttl": b" .\n", "nt": b"\n"}
_PREFIX = b"@prefix "
_DIRECTIVE = re.compile(rb"^\s*@?(?:prefix|base)\b", re.IGNORECASE | re.MULTILINE)
_NAMES = tuple(f"coverage.{ending}{packed}" for ending in TRIPLES for packed in ("", GZ))


class UploadSource(NamedTuple):
    """A file of RDF: its syntax by its ending, and whether it is gzipped."""

    path: Path
    syntax: str
    packed: bool


class Part(NamedTuple):
    """Some statements of a file, with the prefixes that they need.

    `end` counts the bytes of the file's content up to its end, and `digest` is the hash of them.
    """

    header: bytes
    body: bytes
    syntax: str
    end: int
    digest: str

    @property
    def text(self) -> bytes:
        """The part as a document of its own."""
        return self.header + self.body


class NotSplittable(Exception):
    """Turtle that cannot be split as graphkit's own can."""


def find_source(path: Path) -> UploadSource:
    """Return the file to upload: the named one, or that of a folder of exports. Raises `UsageError`."""
    if path.is_dir():
        found = next((path / name for name in _NAMES if (path / name).is_file()), None)
        if found is None:
            raise UsageError(f"{path}: expected a folder of exports with coverage.ttl, got one without")
        path = found
    elif not path.is_file():
        raise UsageError(f"{path}: expected a file of RDF or a folder of exports, got nothing")
    syntax = ending_of(path.name)
    if syntax in QUADS:
        raise UsageError(
            f"{path}: expected triples, got a file of named graphs: docs/stores.md has the commands for those"
        )
    if syntax not in RDF:
        raise UsageError(f"{path}: expected a file that ends in .ttl, .nt, .rdf, .jsonld or .n3, or those with .gz")
    return UploadSource(path, syntax, is_gzip_name(path.name))


def parts(source: UploadSource, size: int, *, as_is: bool = True) -> Iterator[Part]:
    """Yield a file in parts of about `size` bytes, in bounded memory.

    With `as_is` its own text is split; otherwise the parts are N-Triples. Raises `NotSplittable` where the text cannot
    be split, `UsageError` where the file cannot be read.
    """
    as_is = as_is and source.syntax in _ENDS
    split, syntax = (_split, source.syntax) if as_is else (_as_ntriples, "nt")
    try:
        with open_decompressed(source.path, gzip=source.packed) as stream:
            header = _header(stream) if syntax == "ttl" else b""
            seen, end = hashlib.blake2b(header, digest_size=16), len(header)
            for body in split(stream, source, size):
                seen.update(body)
                end += len(body)
                yield Part(header, body, syntax, end, seen.hexdigest())
    except (OSError, EOFError, zlib.error) as error:
        raise unreadable(source.path, error) from error


def triples_of(part: Part) -> Iterator[ox.Triple]:
    """Yield the triples of a part. Raises `SyntaxError`."""
    for quad in ox.parse(part.text, RDF[part.syntax]):
        yield quad.triple


def halves(part: Part) -> tuple[Part, Part] | None:
    """Return a part as two, or None where it is a single statement."""
    end = _ENDS[part.syntax]
    place = part.body.rfind(end, 0, len(part.body) // 2 + len(end))
    place = place if place >= 0 else part.body.find(end)
    if place < 0 or not part.body[place + len(end) :].strip():
        return None
    first, second = part.body[: place + len(end)], part.body[place + len(end) :]
    return part._replace(body=first), part._replace(body=second)


def _split(stream: IO[bytes], source: UploadSource, size: int) -> Iterator[bytes]:
    """Split a text after the last statement that ends within each `size` bytes."""
    end = _ENDS[source.syntax]
    held = bytearray()
    more = True
    while more:
        piece = stream.read(_PIECE)
        more = bool(piece)
        held += piece
        while len(held) >= size or (held and not more):
            cut = len(held) if not more and len(held) <= size else held.rfind(end, 0, size) + len(end)
            if cut < len(end):
                cut = held.find(end) + len(end)
            if cut < len(end):
                if more and len(held) < LONGEST:
                    break
                if more:
                    raise NotSplittable
                cut = len(held)
            body = bytes(held[:cut])
            del held[:cut]
            if source.syntax == "ttl" and _DIRECTIVE.search(body):
                raise NotSplittable
            yield body


def _header(stream: IO[bytes]) -> bytes:
    """Read the prefixes at the beginning."""
    lines = []
    start = stream.tell()
    while (line := stream.readline(_PIECE)).startswith(_PREFIX):
        lines.append(line)
    header = b"".join(lines)
    stream.seek(start + len(header))
    return header


def _as_ntriples(stream: IO[bytes], source: UploadSource, size: int) -> Iterator[bytes]:
    lines: list[str] = []
    held = 0
    try:
        for quad in ox.parse(stream, RDF[source.syntax]):
            lines.append(f"{quad.triple} .\n")
            held += len(lines[-1])
            if held >= size:
                yield "".join(lines).encode()
                lines, held = [], 0
    except SyntaxError as error:
        title = RDF[source.syntax].name
        raise UsageError(f"{source.path}: expected {title}, got: {visible(str(error))}") from error
    if lines:
        yield "".join(lines).encode()
