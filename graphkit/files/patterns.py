"""Patterns: sources with wildcards, and the paths that match them."""

from __future__ import annotations

import glob
import os
from collections.abc import Sequence
from fnmatch import fnmatchcase
from itertools import takewhile


def is_pattern(name: str) -> bool:
    """Return whether a source is a pattern and not a file or folder of that name."""
    return glob.has_magic(name) and not os.path.lexists(name)


def split_pattern(pattern: str) -> tuple[str, list[str]]:
    """Return the folder that a pattern names before its first wildcard, and the rest of its parts.

    >>> split_pattern("a/b/*/c.md"), split_pattern("/*")
    (('a/b', ['*', 'c.md']), ('/', ['*']))
    """
    parts = pattern.split("/")
    fixed = list(takewhile(lambda part: not glob.has_magic(part), parts[:-1]))
    return "/".join(fixed) or ("/" if pattern.startswith("/") else "."), parts[len(fixed) :]


def matches(parts: Sequence[str], pattern: Sequence[str]) -> bool:
    """Return whether a path, or a folder that it is in, matches a pattern; ``**`` is any number of folders.

    >>> matches(["a", "b", "c.md"], ["**", "c*"]), matches(["a", "b"], ["b"])
    (True, False)
    """
    if not pattern:
        return True
    if pattern[0] == "**":
        return any(matches(parts[skipped:], pattern[1:]) for skipped in range(len(parts) + 1))
    return bool(parts) and fnmatchcase(parts[0], pattern[0]) and matches(parts[1:], pattern[1:])
