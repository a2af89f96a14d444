"""A source file: what it is called in exports, where it is, and why it cannot be read."""

from __future__ import annotations

import errno
import re
from typing import NamedTuple

from graphkit.diagnostics.diagnostic import Diagnostic

STDIN = "-"
"""The source, and the name, of standard input."""


class SourceFile(NamedTuple):
    """A file to read: its name in every export, the path to open, and the name of its format."""

    name: str
    path: str
    format: str


class SourceError(Exception):
    """A file that cannot be read; `diagnostic` says why."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(str(diagnostic))
        self.diagnostic = diagnostic


def printable(name: str) -> str:
    r"""Return a file's name with the bytes that are not UTF-8 written as escapes: no export could hold them.

    >>> printable("caf\udce9.md")
    'caf\\xe9.md'
    """
    return name if name.isascii() else _SURROGATE.sub(_escaped, name)


_SURROGATE = re.compile("[\ud800-\udfff]")


def _escaped(match: re.Match[str]) -> str:
    number = ord(match[0])
    return f"\\x{number - 0xDC00:02x}" if 0xDC80 <= number <= 0xDCFF else f"\\u{number:04x}"


def reason_of(error: OSError) -> str:
    """Return what the operating system says of a file, in words for a diagnostic."""
    if error.errno == errno.ELOOP:
        return "a link that leads to itself"
    return (error.strerror or type(error).__name__).lower()
