"""Stamped files: the files to build from, each with what shows whether it changed."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import NamedTuple

from graphkit.files.compression import estimated_size
from graphkit.files.stamps import FileStamp, stamp_of
from graphkit.sources.source_file import STDIN, SourceFile

LARGE = 32 << 20
"""A JSON Lines file of more bytes is read in portions."""

UNSETTLED = FileStamp(-1, 0, 0, 0).packed()
"""The stamp of a file that changed so recently that it may change again and keep its stamp."""


class StampedFile(NamedTuple):
    """A file that is there now, with its packed stamp and roughly its size in bytes, unpacked."""

    file: SourceFile
    stamp: bytes
    size: int

    @property
    def is_large(self) -> bool:
        """Return whether the file is a JSON Lines file that is read in portions."""
        return self.file.format == "jsonlines" and self.file.path != STDIN and self.size > LARGE


def stamped_files(files: Iterable[SourceFile]) -> list[StampedFile]:
    """Return files with their stamps."""
    now = time.time_ns()
    found = []
    for file in files:
        stamp, size = UNSETTLED, 0
        with suppress(OSError):  # the error is reported when the file is read
            if file.path != STDIN:
                seen = stamp_of(os.stat(file.path))
                stamp = seen.packed() if seen.is_settled(now) else UNSETTLED
                size = estimated_size(file.path, seen.size)
        found.append(StampedFile(file, stamp, size))
    return found
