"""File contents: the bytes of files and of the members of archives, ready to be decoded."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from graphkit.diagnostics.diagnostic import Diagnostic
from graphkit.files.compression import is_gzip
from graphkit.formats.recognition import format_of
from graphkit.pipeline.spark import archives
from graphkit.pipeline.spark.hadoop_paths import is_archive
from graphkit.sources import contents
from graphkit.sources.contents import decompressed, holds_lines, portions
from graphkit.sources.source_file import SourceError, SourceFile, printable

_COMPRESSED_LINES = 4 << 20


class FileContent(NamedTuple):
    """Content to read: the name of its source, its format, and its bytes, or a diagnostic.

    A portion of JSON Lines has the number of lines before it.

    `file` is the file it came from; one content of each listed file has `listed` 1. `found` and `skipped` count files
    in archives, which no listing shows.
    """

    name: str
    format: str
    data: bytes
    lines_before: int | None = None
    diagnostic: Diagnostic | None = None
    file: str = ""
    listed: int = 0
    found: int = 0
    skipped: int = 0


def contents_of(name: str, path: str, data: bytes) -> Iterator[FileContent]:
    """Yield the content of a file, or those of an archive's members, which are named below it.

    A large compressed JSON Lines file comes in portions, so that no process holds all of it uncompressed.
    """
    if not is_archive(path):
        yield from _unpacked(
            SourceFile(name, path, format_of(path) or "any"), data, FileContent(name, "", b"", file=name, listed=1)
        )
        return
    skipped = 0
    try:
        for below, content in archives.members(name, data):
            format = format_of(below)
            member = printable(f"{name}/{below}")
            if format is None:
                skipped += 1
            elif isinstance(content, Diagnostic):
                yield FileContent(member, format, b"", None, content, name, found=1)
            else:
                yield from _unpacked(
                    SourceFile(member, below, format), content, FileContent(member, "", b"", file=name, found=1)
                )
    except SourceError as error:
        yield broken_content(name, error.diagnostic)._replace(listed=1, found=1)
    else:
        yield FileContent(name, "", b"", file=name, listed=1, skipped=skipped)


def unread_file(name: str) -> Diagnostic:
    """Return the diagnostic of a file that Spark's readers did not return."""
    return Diagnostic(name, 0, 0, "", "GK101", "a readable file", "an error", rejects=True)


def broken_content(name: str, fault: Diagnostic) -> FileContent:
    """Return the content of a file that cannot be read."""
    return FileContent(name, "any", b"", None, fault, name)


def local_contents(file: SourceFile) -> Iterator[FileContent]:
    """Yield the content of a file of this machine that Spark's readers ignore."""
    try:
        data = contents.read_bytes(file) if not is_archive(file.path) else Path(file.path).read_bytes()
    except SourceError as error:
        yield broken_content(file.name, error.diagnostic)
    else:
        for one in contents_of(file.name, file.path, data):
            yield one._replace(listed=0)


def _unpacked(file: SourceFile, data: bytes, counts: FileContent) -> Iterator[FileContent]:
    """Yield the uncompressed content of a file; the first one with the counts of `counts`."""
    try:
        if file.format == "jsonlines" and is_gzip(data) and len(data) > _COMPRESSED_LINES:
            with tempfile.NamedTemporaryFile() as packed:
                packed.write(data)
                packed.flush()
                if holds_lines(packed_file := file._replace(path=packed.name)):
                    for lines_before, lines in portions(packed_file):
                        yield counts._replace(format=file.format, data=lines, lines_before=lines_before)
                        counts = FileContent(file.name, "", b"", file=counts.file)
                    return
        yield counts._replace(format=file.format, data=decompressed(file, data))
    except SourceError as error:
        yield counts._replace(diagnostic=error.diagnostic)
