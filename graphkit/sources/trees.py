"""Trees: what lies below the folders that a person names, wherever links in them lead."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import NamedTuple

from graphkit.diagnostics.diagnostic import Diagnostic
from graphkit.files.patterns import is_pattern, split_pattern


class SourceTrees(NamedTuple):
    """The real paths of the folders that sources name, as such or before a pattern, and of the files that they name."""

    folders: tuple[str, ...]
    files: frozenset[str]

    def hold(self, real: str) -> bool:
        """Return whether a real path is that of a named file, or of anything in a named folder.

        >>> trees = SourceTrees(("/news",), frozenset(("/a.md",)))
        >>> trees.hold("/news/a.md"), trees.hold("/newspapers/a.md"), trees.hold("/a.md")
        (True, False, True)
        """
        return real in self.files or any(
            real == folder or real.startswith(f"{folder.rstrip('/')}/") for folder in self.folders
        )


def source_trees(sources: Iterable[str]) -> SourceTrees:
    """Return what sources name."""
    folders, files = set(), set()
    for source in sources:
        if os.path.isdir(source):
            folders.add(os.path.realpath(source))
        elif is_pattern(source):
            folders.add(os.path.realpath(split_pattern(source)[0]))
        elif os.path.lexists(source):
            files.add(os.path.realpath(source))
    return SourceTrees(tuple(sorted(folders)), frozenset(files))


def without_quotes(diagnostic: Diagnostic, outside: frozenset[str]) -> Diagnostic:
    """Return a diagnostic as it is, but without anything that it quotes if its file lies outside the named folders."""
    if diagnostic.source not in outside:
        return diagnostic
    return Diagnostic(
        diagnostic.source,
        diagnostic.line,
        diagnostic.column,
        "",
        diagnostic.code,
        "a record without faults",
        "one (not quoted, as a link leads out of the folder to it)",
        diagnostic.rejects,
    )
