"""Changes: which files have to be read, from what is there now and what is remembered."""

from __future__ import annotations

import os
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import NamedTuple

from graphkit.files.compression import estimated_size
from graphkit.files.stamps import stamp_of
from graphkit.pipeline.local.build_cache import UNSURE, Known, Memory
from graphkit.sources.finding import STDIN, SourceFile

LARGE = 32 << 20
"""A file of JSON Lines of more bytes is read in portions."""


class Found(NamedTuple):
    """A file that is there now, with its stamp and its size in bytes, unpacked, about."""

    file: SourceFile
    stamp: bytes
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
        stamp, size = UNSURE, 0
        with suppress(OSError):  # reading it will tell
            if file.path != STDIN:
                seen = stamp_of(os.stat(file.path))
                stamp = seen.packed() if seen.is_settled(now) else UNSURE
                size = estimated_size(file.path, seen.size)
        found.append(Found(file, stamp, size))
    return found


def changes(found: Sequence[Found], memory: Memory | None) -> Changes:
    """Compare the files that are there with those remembered. Files of one name are one thing."""
    result = Changes([], [], [], [])
    if memory is None:
        result.fresh.extend(found)
        return result
    remembered = memory.known()
    before = {known.name: known for known in remembered}
    # Of each name that several files have: those that are there, and those remembered.
    several = _several(one.file.name for one in found)
    if len(before) < len(remembered):
        several |= _several(memory.names)
    groups: dict[str, tuple[list[Found], list[Known]]] = {name: ([], []) for name in several}
    for known in remembered if several else ():
        if known.name in groups:
            groups[known.name][1].append(known)
            before.pop(known.name, None)
    for one in found:
        known_one = before.pop(one.file.name, None)
        if known_one is None:
            (groups[one.file.name][0] if one.file.name in groups else result.fresh).append(one)
        elif known_one.stamp == one.stamp != UNSURE:
            result.kept.append(known_one)
        else:
            result.suspects.append((one, known_one))
    for there, were in groups.values():
        stamps = [known.stamp for known in were]
        if UNSURE not in stamps and stamps == [one.stamp for one in there]:
            result.kept.extend(were)
        else:
            result.fresh.extend(there)
            result.lost.extend(were)
    result.lost.extend(before.values())
    return result


def _several(names: Iterable[str]) -> set[str]:
    """Return the names that stand there more than once."""
    listed = list(names)
    return {name for name, number in Counter(listed).items() if number > 1} if len(set(listed)) < len(listed) else set()


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
