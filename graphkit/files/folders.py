"""Folders: the entries of one, and a walk through all below it that follows each link once."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from operator import attrgetter
from typing import NamedTuple


class FolderEntry(NamedTuple):
    """An entry of a folder: its name, its path, its real path, and whether it is a link and leads to a folder."""

    name: str
    path: str
    real: str
    is_link: bool
    is_folder: bool


class VisitedFolder(NamedTuple):
    """A folder that was visited: its path below the first one, with a slash behind it, its real path and its entries.

    `fault` tells why there are no entries.
    """

    below: str
    real: str
    entries: Sequence[FolderEntry]
    fault: OSError | None = None


class FolderLoop(OSError):
    """A link leads to a folder that it is in."""


class FolderOutside(OSError):
    """A link leads to a folder that is not to be visited."""


def _everything(_: str) -> bool:
    return True


def entries_of(folder: str) -> list[FolderEntry]:
    """Return the entries of a folder, sorted by name. Raises `OSError`."""
    real = os.path.realpath(folder)
    with os.scandir(folder) as found:
        return [_entry(entry, real) for entry in sorted(found, key=_name)]


_name: Callable[[os.DirEntry[str]], str] = attrgetter("name")


def _entry(entry: os.DirEntry[str], folder: str) -> FolderEntry:
    is_link = entry.is_symlink()
    try:
        is_folder = entry.is_dir()
    except OSError:  # a link that leads to itself
        is_folder = False
    real = os.path.realpath(entry.path) if is_link else f"{folder}/{entry.name}"
    return FolderEntry(entry.name, entry.path, real, is_link, is_folder)


def walk(
    folder: str, leave_out: AbstractSet[str] = frozenset(), within: Callable[[str], bool] = _everything
) -> Iterator[VisitedFolder]:
    """Visit a folder and all below it, each once, without hidden ones and those whose real path is in `leave_out`.

    Links are followed to the folders whose real path is `within`; the others are a fault.
    """
    seen: set[tuple[int, int]] = set()
    # Links come last, so that a folder is visited under its own name and not under that of a link to it.
    waiting: deque[tuple[str, str, tuple[tuple[int, int], ...]]] = deque([(folder, "", ())])
    links: deque[tuple[str, str, tuple[tuple[int, int], ...]]] = deque()
    while waiting or links:
        path, below, ancestors = waiting.popleft() if waiting else links.popleft()
        real = os.path.realpath(path)
        if ancestors and not within(real):
            yield VisitedFolder(below, real, (), FolderOutside())
            continue
        try:
            status = os.stat(path)
            identity = (status.st_dev, status.st_ino)
            if identity in ancestors:
                yield VisitedFolder(below, real, (), FolderLoop())
                continue
            if identity in seen:
                continue
            seen.add(identity)
            entries = entries_of(path)
        except OSError as error:
            yield VisitedFolder(below, real, (), error)
            continue
        yield VisitedFolder(below, real, entries)
        for entry in entries:
            if entry.is_folder and not entry.name.startswith(".") and entry.real not in leave_out:
                target = links if entry.is_link else waiting
                target.append((entry.path, f"{below}{entry.name}/", (*ancestors, identity)))
