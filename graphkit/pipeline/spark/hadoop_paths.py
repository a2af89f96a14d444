"""Hadoop paths: what the names of files mean to Spark's readers, and what files are called in an export."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from typing import NamedTuple

from graphkit.formats.recognition import format_of
from graphkit.pipeline.spark import archives
from graphkit.sources.source_file import printable


class SourceFolder(NamedTuple):
    """A folder to read: its full path, and what the names of the files in it start with."""

    path: str
    prefix: str

    def below(self, path: str) -> str:
        """Return a path relative to the folder."""
        return path[len(self.path.rstrip("/")) + 1 :]

    def name(self, path: str) -> str:
        """Return the name of a file in the folder."""
        return printable(self.prefix + self.below(path))

    def readable_name(self, path: str) -> str:
        """Return the name of a file in the folder, or nothing for one that by its name has no records."""
        return self.name(path) if is_readable(path) and not is_hidden(self.below(path)) else ""


def escaped(path: str) -> str:
    """Return a path for Spark, which takes all paths for patterns."""
    return re.sub(r"([*?\[\]{}\\])", r"\\\1", path)


def local_path(path: str) -> str:
    """Return a path of this machine as Spark shows it."""
    return f"file:{os.path.abspath(path)}"


def is_archive(path: str) -> bool:
    """Return whether a file is an archive."""
    return path.lower().endswith(archives.ENDINGS)


def is_readable(path: str) -> bool:
    """Return whether a file may hold records, by its name."""
    return format_of(path) is not None or is_archive(path)


def is_hidden(path: str) -> bool:
    """Return whether a file is hidden, or in a hidden folder."""
    return any(part.startswith(".") for part in path.split("/"))


def is_ignored(path: str) -> bool:
    """Return whether Spark's readers ignore a file because of its name, or cannot name it."""
    last = path.rpartition("/")[2]
    return (last.startswith((".", "_")) and "=" not in last) or printable(path) != path or ":" in _SCHEME.sub("", path)


_SCHEME = re.compile(r"^[^/]*:(//[^/]*)?")


def ignored_folder(path: str) -> str:
    """Return the topmost folder in a path that Spark's readers ignore because of its name, or nothing."""
    parts = path.split("/")[:-1]
    for index, part in enumerate(parts):
        if part.startswith("_") and "=" not in part:
            return "/".join(parts[: index + 1])
    return ""


def export_folders(folder: SourceFolder, paths: Iterable[str]) -> set[str]:
    """Return the folders that hold exports, beside which a report has no records."""
    found = set()
    for path in paths:
        parts = path[len(folder.path) + 1 :].split("/")
        for index, part in enumerate(parts):
            if part.startswith("coverage."):
                found.add("/".join((folder.path, *parts[:index])))
    return found
