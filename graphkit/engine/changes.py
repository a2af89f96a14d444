"""Changes: which files have to be read, from what is there now and what is remembered."""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from graphkit.engine.memory import UNSURE, Known, Memory, Stamp
from graphkit.sources import STDIN, SourceFile

_SETTLED_NS = 2_000_000_000
"""A file that changed less long ago than this may change again and keep its stamp: some clocks tick in seconds."""


LARGE = 32 << 20
"""A file of JSON Lines of more bytes is read in portions."""

_PACKED = 8
"""How many times as long text is unpacked, about."""


class Found(NamedTuple):
    """A file that is there now, with its stamp and its size in bytes, unpacked, about."""

    file: SourceFile
    stamp: Stamp
    size: int

    @property
    def is_large(self) -> bool:
        """Tell whether the file is one of records by the line that is read in portions."""
        return self.file.form == "jsonlines" and self.file.path != STDIN and self.size > LARGE


class Changes(NamedTuple):
    """What has to be done to know all files that are there now.

    `kept` are known by their stamps, `suspects` have another stamp than the file remembered under their name, `fresh`
    are not remembered. `lost` were remembered and are not there any more.
    """

    kept: list[Known]
    suspects: list[tuple[Found, Known]]
    fresh: list[Found]
    lost: list[Known]

    def movable(self) -> dict[bytes, str]:
        """Return the names of lost files by their contents' hashes: a fresh file may be one of them, renamed."""
        there = {found.file.name for found in self.fresh}
        names: dict[str, list[Known]] = defaultdict(list)
        for known in self.lost:
            names[known.name].append(known)
        return {
            files[0].digest: name
            for name, files in names.items()
            if len(files) == 1 and name not in there and any(files[0].digest)
        }


def stamped(files: Iterable[SourceFile]) -> list[Found]:
    """Return files with their stamps."""
    now = time.time_ns()
    found = []
    for file in files:
        try:
            status = os.stat(file.path) if file.path != STDIN else None
        except OSError:  # reading it will tell
            status = None
        if status is None:
            found.append(Found(file, UNSURE, 0))
            continue
        stamp = (status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
        sure = max(stamp[1], stamp[2]) < now - _SETTLED_NS
        size = status.st_size * (_PACKED if file.path.endswith(".gz") else 1)
        found.append(Found(file, stamp if sure else UNSURE, size))
    return found


def changes(found: Sequence[Found], memory: Memory | None) -> Changes:
    """Compare the files that are there with those remembered. Files of one name are one thing."""
    result = Changes([], [], [], [])
    if memory is None:
        result.fresh.extend(found)
        return result
    old: dict[str, list[Known]] = {}
    for known in _remembered(memory):
        old.setdefault(known.name, []).append(known)
    for name, group in groupby(found, key=_name):
        there = list(group)
        before = old.pop(name, [])
        stamps = [known.stamp for known in before]
        if UNSURE not in stamps and stamps == [one.stamp for one in there]:
            result.kept.extend(before)
        elif len(before) == len(there) == 1:
            result.suspects.append((there[0], before[0]))
        else:
            result.fresh.extend(there)
            result.lost.extend(before)
    for before in old.values():
        result.lost.extend(before)
    return result


def _name(found: Found) -> str:
    return found.file.name


def _remembered(memory: Memory) -> Iterator[Known]:
    for (name, stamp, digest), file in zip(memory.known(), memory.files, strict=True):
        yield Known(name, stamp, digest, file)


def batches(files: Iterable[tuple[Found, bytes]], largest: int, most: int) -> Iterator[list[tuple[Found, bytes]]]:
    """Yield files in batches of about `largest` bytes and at most `most` files."""
    batch: list[tuple[Found, bytes]] = []
    size = 0
    for one, digest in files:
        batch.append((one, digest))
        size += one.size
        if size >= largest or len(batch) >= most:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
