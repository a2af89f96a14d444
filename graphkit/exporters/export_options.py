"""What the writers of all formats are given besides the graph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, NamedTuple

Files = Mapping[str, IO[bytes]]
"""The open files of a format by their names, in the order of its row in `registry.FORMATS`."""


class ExportOptions(NamedTuple):
    """The base of the IRIs in JSON-LD and quads, and whether CSV begins with a byte order mark."""

    base: str
    bom: bool
