"""RDF files: those that a path names, and the syntax, size and hash of each."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox

from graphkit.diagnostics.quoting import reason_of
from graphkit.errors import NothingReadable, UsageError
from graphkit.files.compression import ending_of, estimated_size, is_gzip_name
from graphkit.rdf.graph_reader import find_export
from graphkit.rdf.syntaxes import ENDINGS

ALL_FILES = "all"
"""The name for all files of a folder together."""


class RdfFiles(NamedTuple):
    """The files that a path names, all in one folder; `name` is the only file's, or ALL_FILES."""

    name: str
    paths: tuple[Path, ...]

    @property
    def folder(self) -> Path:
        """The folder that they are in."""
        return self.paths[0].parent

    def size(self) -> int:
        """Return the bytes of text that they hold, about. Raises `UsageError` where one cannot be read."""
        return sum(map(_size, self.paths))

    def digest(self) -> str:
        """Return the hash of what they hold. Raises `UsageError` where one cannot be read."""
        hashes = []
        for path in self.paths:
            try:
                with path.open("rb") as stream:
                    hashes.append((path, hashlib.file_digest(stream, "sha256").hexdigest()))
            except OSError as error:
                raise unreadable(path, error) from error
        return digest_of(hashes)


def find_rdf(path: Path) -> RdfFiles:
    """Return the files that hold the RDF of an export's folder, a file or a folder of files.

    Raises `NothingReadable` where there is none, and `UsageError` for a file of another kind.
    """
    if path.is_dir():
        export = find_export(path)
        if export is not None:
            return RdfFiles(export.name, (export,))
        found = sorted(file for file in path.iterdir() if _is_rdf_name(file.name) and file.is_file())
        if found:
            return RdfFiles(ALL_FILES, tuple(found))
        raise NothingReadable(f"{path}: expected RDF, got none; `graphkit build SOURCES --out {path}` makes some")
    if not path.exists():
        raise NothingReadable(f"{path}: expected RDF, got nothing there; `graphkit build SOURCES` writes exports/")
    if not _is_rdf_name(path.name):
        raise UsageError(
            f"{path}: expected a file that ends with one of {', '.join(ENDINGS)} (or .gz behind), or a store"
        )
    if not path.is_file():
        raise UsageError(f"{path}: expected a regular file or a folder")
    return RdfFiles(path.name, (path,))


def syntax_of(path: Path) -> ox.RdfFormat:
    """Return the syntax that the ending of an RDF file names."""
    return ENDINGS[ending_of(path.name)]


def digest_of(hashes: Iterable[tuple[Path, str]]) -> str:
    """Return the hash of files by their SHA-256, and by how they are read."""
    whole = hashlib.sha256()
    for path, content in hashes:
        packed = " gzip" if is_gzip_name(path.name) else ""
        whole.update(f"{syntax_of(path).file_extension}{packed} {content}\n".encode())
    return whole.hexdigest()


def unreadable(path: Path, error: Exception) -> UsageError:
    """Return the error to raise for a file that cannot be read."""
    return UsageError(f"{path}: expected a file that can be read, got: {reason_of(error)}")


def _size(path: Path) -> int:
    try:
        return estimated_size(path.name, path.stat().st_size)
    except OSError as error:
        raise unreadable(path, error) from error


def _is_rdf_name(name: str) -> bool:
    return ending_of(name) in ENDINGS and not name.startswith(".")
