"""Watching: build again when sources change, by the operating system's own word.

Each folder that a build looks into is watched by itself, under its real path, for the names that count in it. So
neither hidden folders nor the exports are heard of, and links are followed to where their targets change.
"""

from __future__ import annotations

import glob
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from fnmatch import fnmatchcase
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from graphkit.errors import UsageError
from graphkit.files.folders import entries_of, walk
from graphkit.files.patterns import is_pattern, split_pattern
from graphkit.pipeline.api import EXPORTED
from graphkit.sources.finding import REPORT
from graphkit.sources.source_file import STDIN

if TYPE_CHECKING:
    from watchfiles import Change

Folders = dict[str, set[str]]
"""Real paths of folders, each with patterns of the names in it that count."""

DEBOUNCE = 300
"""Milliseconds without a change that end a burst of changes."""

LONGEST_BURST = 5_000
"""Milliseconds after which a burst is built from although it goes on."""

RETRY = 5.0
"""Seconds after which a build that failed is tried again."""

_LOOK = 250
"""Milliseconds between two looks at what no notification tells of."""

_ALL = "*"


def watch(
    names: Sequence[str],
    out: str | Path,
    build: Callable[[], bool],
    stop: Event,
    *,
    debounce: int = DEBOUNCE,
    retry: float = RETRY,
) -> None:
    """Call `build` now and after each burst of changes of the sources `names`, until `stop` is set.

    What changes while `build` is at work leads to one more call. `build` writes to the folder `out` and tells whether
    all went well; if not, it is called again after `retry` seconds. Raises `UsageError` for standard input and where
    the system can watch no more folders.
    """
    if STDIN in names:
        raise UsageError("watch: expected files, folders or patterns, got standard input, which cannot be read again")
    import watchfiles

    while not stop.is_set():
        with suppress(OSError):  # the build tells; a build that has to make it first would be heard of
            os.makedirs(out, exist_ok=True)
        folders = watched(names, out)
        polled = {folder: patterns for folder, patterns in folders.items() if not _is_heard(folder)}
        state = _unheard(names, polled, out)
        due: float | None = 0.0  # the first time in any case: what changed before watching began was not heard of
        for changes in _bursts(folders.keys() - polled.keys(), stop, debounce):
            paths = [path for _, path in changes]
            if any(counts(path, folders, out) for path in paths) or (due is not None and due <= time.monotonic()):
                due = None if build() else time.monotonic() + retry
                if watched(names, out) != folders:
                    break
            # A folder that was deleted and made again is another one, and its new files are not heard of.
            if any(path in folders and change != watchfiles.Change.modified for change, path in changes):
                break
            if _unheard(names, polled, out) != state:
                break


def _bursts(folders: AbstractSet[str], stop: Event, debounce: int) -> Iterator[set[tuple[Change, str]]]:
    """Yield what changed in each burst, and nothing from time to time, until watching has to begin again."""
    import watchfiles

    try:
        yield from watchfiles.watch(
            *sorted(folders),
            watch_filter=None,
            debounce=max(debounce, LONGEST_BURST),
            step=debounce,
            stop_event=stop,
            rust_timeout=_LOOK,
            yield_on_timeout=True,
            recursive=False,
        )
    except FileNotFoundError:  # a folder went before it could be watched
        stop.wait(_LOOK / 1000)
    except (OSError, RuntimeError) as error:
        if "decode" in str(error):  # there is a name now that is not UTF-8
            return
        raise UsageError(f"watch: expected {len(folders):,} folders that the system can watch, got: {error}") from error


def counts(path: str, folders: Folders, out: str | Path) -> bool:
    """Tell whether a change of `path` may change what is built from `folders` to `out`."""
    target = os.path.realpath(out)
    if path == target:
        return False
    if path in folders:
        return True
    folder, name = os.path.split(path)
    if folder == target and (name in EXPORTED or name == REPORT):
        return False
    return any(_fits(name, pattern) for pattern in folders.get(folder, ()))


def _fits(name: str, pattern: str) -> bool:
    return (name[:1] != "." or pattern[:1] == ".") and (pattern == _ALL or fnmatchcase(name, pattern))


def watched(names: Iterable[str], out: str | Path) -> Folders:
    """Return the folders that a build of the sources `names` looks into, without `out`."""
    search = _WatchedFolders(os.path.realpath(out))
    for name in names:
        if os.path.isdir(name):
            search.add_folder(os.path.realpath(name))
        elif is_pattern(name):
            search.add_pattern(name)
        else:
            search.add_name(name)
    return search.folders


class _WatchedFolders:
    """The state of one search for folders."""

    def __init__(self, out: str) -> None:
        self.folders: Folders = {}
        self.out = out

    def add(self, folder: str, pattern: str) -> bool:
        """Add a pattern to a folder, if that can be watched."""
        if os.path.isdir(folder) and os.access(folder, os.R_OK):
            self.folders.setdefault(folder, set()).add(pattern)
            return True
        return False

    def add_name(self, path: str) -> None:
        """Add a file, or what may become one, and where it is if it is a link."""
        folder, name = os.path.split(os.path.abspath(path))
        self.add(os.path.realpath(folder), glob.escape(name))
        if os.path.islink(path):
            folder, name = os.path.split(os.path.realpath(path))
            self.add(folder, glob.escape(name))

    def add_folder(self, folder: str) -> None:
        """Add a folder and all that is in it."""
        for visited in walk(folder, {self.out}):
            if self.add(visited.real, _ALL):
                for entry in visited.entries:
                    if entry.is_link and not entry.is_folder and not entry.name.startswith("."):
                        self.add_name(entry.real)

    def add_pattern(self, pattern: str) -> None:
        """Add the folders in which something can come to fit a pattern, and what fits it now."""
        fixed, parts = split_pattern(pattern)
        level = [os.path.realpath(fixed)]
        for number, part in enumerate(parts):
            if part == "**":
                break
            if part:
                is_last = number == len(parts) - 1
                level = [
                    inner
                    for folder in level
                    if self.add(folder, part)
                    for inner in self.inner(folder, part, links=is_last)
                ]
        for folder in level:
            self.add_folder(folder)

    def inner(self, folder: str, pattern: str, *, links: bool) -> list[str]:
        """Return the real paths of the folders in a folder whose names fit a pattern; add links to files if wanted."""
        found = []
        with suppress(OSError):
            for entry in entries_of(folder):
                if not _fits(entry.name, pattern) or entry.real == self.out:
                    continue
                if entry.is_folder:
                    found.append(entry.real)
                elif entry.is_link and links:
                    self.add_name(entry.real)
        return found


def _unheard(names: Iterable[str], polled: Folders, out: str | Path) -> set[tuple[object, ...]]:
    """Return the state of what no notification tells of.

    The folders of the sources themselves may be missing, or exchanged by a link; `polled` are not watched.
    """
    found: set[tuple[object, ...]] = set()
    for name in names:
        if os.path.isdir(name):
            folder = name
        else:
            folder = split_pattern(name)[0] if is_pattern(name) else os.path.dirname(name) or "."
        with suppress(OSError):
            status = os.stat(folder)
            found.add((folder, status.st_dev, status.st_ino, os.access(folder, os.R_OK)))
    for folder in polled:
        with suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                if counts(entry.path, polled, out):
                    status = entry.stat()
                    found.add((entry.path, status.st_ino, status.st_size, status.st_mtime_ns))
    return found


def _is_heard(folder: str) -> bool:
    """Tell whether watchfiles can watch a folder: it takes no names that are not UTF-8, not even of what is opened."""
    with suppress(OSError):
        return all(map(_is_unicode, (folder, *os.listdir(folder))))
    return True


def _is_unicode(name: str) -> bool:
    if name.isascii():
        return True
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
