"""The watcher: builds again when sources change, as the operating system reports it.

Each folder that a build reads is watched by itself, under its real path, for the names that matter in it. So hidden
folders and the exports cause no builds, and a change of a link's target does.
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
from graphkit.files.folders import FolderOutside, entries_of, walk
from graphkit.files.manifest import REPORT
from graphkit.files.patterns import is_pattern, split_pattern
from graphkit.pipeline.build_files import BUILD_FILES
from graphkit.sources.source_file import STDIN
from graphkit.sources.trees import source_trees

if TYPE_CHECKING:
    from watchfiles import Change

Folders = dict[str, set[str]]
"""Real paths of folders, each with patterns of the names in it that matter."""

DEBOUNCE = 300
"""Milliseconds without a change that end a burst of changes."""

LONGEST_BURST = 5_000
"""Milliseconds after which a build starts although a burst goes on."""

RETRY = 5.0
"""Seconds after which a failed build is tried again."""

_POLL = 250
"""Milliseconds between two looks at what the system does not report."""

_ALL = "*"


def watch(
    names: Sequence[str],
    out: str | Path,
    build: Callable[[], bool],
    stop: Event,
    *,
    debounce: int = DEBOUNCE,
    retry: float = RETRY,
    follow_links: bool = False,
) -> None:
    """Call `build` now and after each burst of changes of the sources `names`, until `stop` is set.

    Changes during a call lead to one more call. `build` writes to the folder `out` and returns whether it succeeded; if
    not, it is called again after `retry` seconds. Raises `UsageError` for standard input and where
    the system can watch no more folders.
    """
    if STDIN in names:
        raise UsageError("watch: expected files, folders or patterns, got standard input, which cannot be read again")
    import watchfiles

    while not stop.is_set():
        with suppress(OSError):  # the build reports it; a folder that a build makes would look like a change
            os.makedirs(out, exist_ok=True)
        folders = watched_folders(names, out, follow_links=follow_links)
        polled = {folder: patterns for folder, patterns in folders.items() if not _can_be_watched(folder)}
        state = _polled_state(names, polled, out)
        due: float | None = 0.0  # builds at once, as nothing reported earlier changes
        for changes in _bursts(folders.keys() - polled.keys(), stop, debounce):
            paths = [path for _, path in changes]
            if any(is_relevant(path, folders, out) for path in paths) or (due is not None and due <= time.monotonic()):
                due = None if build() else time.monotonic() + retry
                if watched_folders(names, out, follow_links=follow_links) != folders:
                    break
            # A folder that was deleted and made again is a new one, which is not watched yet.
            if any(path in folders and change != watchfiles.Change.modified for change, path in changes):
                break
            if _polled_state(names, polled, out) != state:
                break


def _bursts(folders: AbstractSet[str], stop: Event, debounce: int) -> Iterator[set[tuple[Change, str]]]:
    """Yield the changes of each burst, and none from time to time, until watching has to start again."""
    import watchfiles

    try:
        yield from watchfiles.watch(
            *sorted(folders),
            watch_filter=None,
            debounce=max(debounce, LONGEST_BURST),
            step=debounce,
            stop_event=stop,
            rust_timeout=_POLL,
            yield_on_timeout=True,
            recursive=False,
        )
    except FileNotFoundError:  # a folder was deleted before it could be watched
        stop.wait(_POLL / 1000)
    except (OSError, RuntimeError) as error:
        if "decode" in str(error):  # there is a name now that is not UTF-8
            return
        raise UsageError(f"watch: expected {len(folders):,} folders that the system can watch, got: {error}") from error


def is_relevant(path: str, folders: Folders, out: str | Path) -> bool:
    """Return whether a change of `path` may change a build from `folders` to `out`."""
    target = os.path.realpath(out)
    if path == target:
        return False
    if path in folders:
        return True
    folder, name = os.path.split(path)
    if folder == target and (name in BUILD_FILES or name == REPORT):
        return False
    return any(_matches(name, pattern) for pattern in folders.get(folder, ()))


def _matches(name: str, pattern: str) -> bool:
    return (name[:1] != "." or pattern[:1] == ".") and (pattern == _ALL or fnmatchcase(name, pattern))


def watched_folders(names: Sequence[str], out: str | Path, *, follow_links: bool = False) -> Folders:
    """Return the folders that a build of the sources `names` reads, without `out`."""
    trees = source_trees(names)
    search = _WatchedFolders(os.path.realpath(out), lambda real: follow_links or trees.hold(real))
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

    def __init__(self, out: str, may_visit: Callable[[str], bool]) -> None:
        self.folders: Folders = {}
        self.out = out
        self.may_visit = may_visit

    def add(self, folder: str, pattern: str) -> bool:
        """Add a pattern to a folder, if that can be watched."""
        if os.path.isdir(folder) and os.access(folder, os.R_OK):
            self.folders.setdefault(folder, set()).add(pattern)
            return True
        return False

    def add_name(self, path: str) -> None:
        """Add a file that exists or may come to exist, and the target of a link."""
        folder, name = os.path.split(os.path.abspath(path))
        self.add(os.path.realpath(folder), glob.escape(name))
        if os.path.islink(path):
            folder, name = os.path.split(os.path.realpath(path))
            self.add(folder, glob.escape(name))

    def add_folder(self, folder: str) -> None:
        """Add a folder and all folders in it."""
        for visited in walk(folder, {self.out}, self.may_visit):
            if not isinstance(visited.fault, FolderOutside) and self.add(visited.real, _ALL):
                for entry in visited.entries:
                    if entry.is_link and not entry.is_folder and not entry.name.startswith("."):
                        self.add_link(entry.real)

    def add_link(self, real: str) -> None:
        """Add the target of a link to a file, if it is followed."""
        if self.may_visit(real):
            self.add_name(real)

    def add_pattern(self, pattern: str) -> None:
        """Add the folders in which a name may come to match a pattern, and the folders that match it now."""
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
        """Return the real paths of the folders in a folder that match a pattern; add links to files if wanted."""
        found = []
        with suppress(OSError):
            for entry in entries_of(folder):
                if not _matches(entry.name, pattern) or entry.real == self.out:
                    continue
                if entry.is_folder:
                    found += [entry.real] if self.may_visit(entry.real) else []
                elif entry.is_link and links:
                    self.add_link(entry.real)
        return found


def _polled_state(names: Iterable[str], polled: Folders, out: str | Path) -> set[tuple[object, ...]]:
    """Return the state of what the system does not report.

    The folders of the sources themselves may be missing, or replaced by way of a link; `polled` cannot be watched.
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
                if is_relevant(entry.path, polled, out):
                    status = entry.stat()
                    found.add((entry.path, status.st_ino, status.st_size, status.st_mtime_ns))
    return found


def _can_be_watched(folder: str) -> bool:
    """Return whether watchfiles can watch a folder: it fails for any name that is not UTF-8."""
    with suppress(OSError):
        return all(map(_is_unicode, (folder, *os.listdir(folder))))
    return True


def _is_unicode(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True
