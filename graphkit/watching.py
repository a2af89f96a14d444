"""Watching: build again when sources change, by the operating system's own word."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from graphkit.errors import MissingExtra, UsageError
from graphkit.sources import STDIN, before_magic, has_magic

if TYPE_CHECKING:
    from watchfiles import Change

DEBOUNCE = 300
"""Milliseconds without a change that end a burst of changes."""

LONGEST_BURST = 5_000
"""Milliseconds after which a burst is built from although it goes on."""

_LOOK = 250


class Sources:
    """The sources to watch: where changes may happen, and which changes count."""

    def __init__(self, names: Iterable[str], out: Path) -> None:
        self.names = [os.path.abspath(name) for name in names if not _is_stdin(name)]
        self.out = os.path.abspath(out)

    def folders(self) -> dict[str, tuple[int, int]]:
        """Return the folders to watch, each with what tells it from another one of its name."""
        found = {}
        for name in self.names:
            folder = Path(before_magic(name) if has_magic(name) else name)
            while not folder.is_dir():
                folder = folder.parent
            status = folder.stat()
            found[str(folder)] = (status.st_dev, status.st_ino)
        return found

    def counts(self, path: str) -> bool:
        """Tell whether a change of `path` may change what is built."""
        if _is_below(path, self.out):
            return False
        for name in self.names:
            root = before_magic(name) if has_magic(name) else name
            # A folder around a source may come and go too, and the source with it.
            if _is_below(root, path):
                return True
            if _is_below(path, root) and not any(part.startswith(".") for part in path[len(root) :].split("/")):
                return True
        return False


def _is_stdin(name: str) -> bool:
    if name == STDIN:
        raise UsageError("watch: expected files, folders or patterns, got standard input, which cannot be read again")
    return False


def _is_below(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder.rstrip('/')}/")


def bursts(sources: Sources, stop: Event, *, debounce: int = DEBOUNCE) -> Iterator[None]:
    """Yield once when watching has begun, and then after each burst of changes, until `stop` is set.

    What changes while the caller is at work on a burst makes another one. Raises `MissingExtra` where watchfiles is not
    installed.
    """
    try:
        import watchfiles
    except ImportError as error:
        raise MissingExtra("watch needs the package watchfiles: pip install 'graphkit[watch]'") from error

    def counts(_: Change, path: str) -> bool:
        return sources.counts(path)

    while not stop.is_set():
        folders = sources.folders()
        begun = False
        for changes in watchfiles.watch(
            *folders,
            watch_filter=counts,
            debounce=max(debounce, LONGEST_BURST),
            step=debounce,
            stop_event=stop,
            rust_timeout=_LOOK,
            yield_on_timeout=True,
            raise_interrupt=True,
            ignore_permission_denied=True,
        ):
            # The first time, whatever it is: what changed before watching began was not heard of.
            if changes or not begun:
                begun = True
                yield
            if sources.folders() != folders:  # one was deleted, or made anew
                break


def watch(sources: Sources, build: Callable[[], None], stop: Event, *, debounce: int = DEBOUNCE) -> None:
    """Call `build` now and after each burst of changes, until `stop` is set."""
    for _ in bursts(sources, stop, debounce=debounce):
        build()
