"""What makes a format of record files: its names, its limit, and what reads it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple

from graphkit.diagnostics.found_diagnostics import FoundDiagnostics
from graphkit.records.entry import RecordEntry
from graphkit.records.faults import FieldPath

Records = Iterable[tuple[str, RecordEntry | None]]
"""Records, None for a rejected one, each with its JSON Pointer in the file."""

Place = tuple[int, int]
"""Line and column, from 1; 0 where there is none."""


MAX_DEPTH = 64
"""The deepest nesting of lists and mappings in a record."""


def _never(_: bytes) -> bool:
    return False


class InputFormat(NamedTuple):
    """A format of record files. Files with one of its `endings`, each also followed by ``.gz``, are read.

    `max_bytes` is the size of the largest file that is read, decompressed. `read` takes the content, the name of the
    source, a list for diagnostics and the number of lines before the content, which is 0 unless a file is read in
    portions. `places` returns the place of the value at each path, or of its nearest parent if it is absent; a path
    begins with the steps of the record's JSON Pointer. `matches` tells whether content is in this format, whatever the
    name; see `format_by_content`.
    """

    name: str
    endings: tuple[str, ...]
    max_bytes: int
    read: Callable[[bytes, str, FoundDiagnostics, int], Records]
    places: Callable[[bytes, Sequence[FieldPath]], list[Place]]
    matches: Callable[[bytes], bool] = _never
