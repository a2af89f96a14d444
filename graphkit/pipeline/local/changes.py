"""Changes: which files a build has to read, from those that are there now and those that are cached."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from graphkit.pipeline.local.cached_state import CachedFile, CachedState
from graphkit.pipeline.local.stamped_files import UNSETTLED, StampedFile


class Changes(NamedTuple):
    """The files that are there now, and those that are cached, by what has to be done.

    `unchanged` files have the stamp that is cached for their name, `suspects` another one; `new` files are not cached.
    `lost` files are cached but not there any more.
    """

    unchanged: list[CachedFile]
    suspects: list[tuple[StampedFile, CachedFile]]
    new: list[StampedFile]
    lost: list[CachedFile]

    @property
    def size(self) -> int:
        """Roughly the number of bytes to read."""
        return sum(one.size for one in self.new) + sum(one.size for one, _ in self.suspects)

    def movable(self) -> dict[bytes, CachedFile]:
        """Return lost files by the hash of their content: a new file may be one of them, renamed."""
        there = {one.file.name for one in self.new}
        several = _several(file.name for file in self.lost)
        candidates = (file for file in self.lost if file.name not in there and file.name not in several)
        return {file.digest: file for file in candidates if any(file.digest)}


def detect_changes(files: Sequence[StampedFile], cached: CachedState | None) -> Changes:
    """Compare the files that are there with those that are cached. Files of one name are read or kept together."""
    changes = Changes([], [], [], [])
    if cached is None:
        changes.new.extend(files)
        return changes
    rows = cached.files.rows()
    by_name = {row.name: row for row in rows}
    several = _several(one.file.name for one in files)
    if len(by_name) < len(rows):
        several |= _several(cached.files.names)
    groups: dict[str, tuple[list[StampedFile], list[CachedFile]]] = {name: ([], []) for name in several}
    for row in rows if several else ():
        if row.name in groups:
            groups[row.name][1].append(row)
            by_name.pop(row.name, None)
    for one in files:
        old = by_name.pop(one.file.name, None)
        if old is None:
            (groups[one.file.name][0] if one.file.name in groups else changes.new).append(one)
        elif old.stamp == one.stamp != UNSETTLED:
            changes.unchanged.append(old)
        else:
            changes.suspects.append((one, old))
    for there, before in groups.values():
        stamps = [row.stamp for row in before]
        if UNSETTLED not in stamps and stamps == [one.stamp for one in there]:
            changes.unchanged.extend(before)
        else:
            changes.new.extend(there)
            changes.lost.extend(before)
    changes.lost.extend(by_name.values())
    return changes


def _several(names: Iterable[str]) -> set[str]:
    """Return the names that occur more than once."""
    listed = list(names)
    return {name for name, number in Counter(listed).items() if number > 1} if len(set(listed)) < len(listed) else set()
