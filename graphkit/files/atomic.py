"""Atomic files: each is written as a whole or not at all."""

from __future__ import annotations

import fcntl
import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import msgspec

from graphkit.diagnostics.quoting import reason_of
from graphkit.errors import OutputError


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Open a temporary file in the folder of `path`; sync it and rename it to `path` when the block succeeds.

    A reader of `path` sees the old content or the new, never a part. A link stays a link; a pipe or a device is
    written to directly. Raises `OutputError` if `path` cannot be written, and then leaves no partial file.
    """
    try:
        target = Path(os.path.realpath(path))
        if target.is_dir():
            raise OutputError(f"{path}: expected a file to write, got a folder")
        if target.exists() and not target.is_file():
            with target.open("wb") as stream:  # renaming would put a file in the device's place
                yield stream
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        with temporary(target.parent, ".graphkit-") as new:
            with Path(new).open("wb") as stream:  # its name is a path, not a number
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
            if target.exists():
                os.chmod(new, stat.S_IMODE(target.stat().st_mode))
            os.replace(new, target)
        _sync_folder(target.parent)
    except OSError as error:
        raise OutputError(f"{path}: expected a file that can be written, got: {reason_of(error)}") from error


def _create(path: str) -> None:
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666))


@contextmanager
def temporary(folder: Path, prefix: str, create: Callable[[str], None] = _create) -> Iterator[str]:
    """Give the path of a new file that is removed when the block ends, unless it has another name by then.

    It is locked meanwhile, by which `remove_left` knows that somebody uses it. `create` makes it, and raises
    `FileExistsError` where there is one. Raises `OSError` where none can be made.
    """
    descriptor = -1
    while descriptor < 0:
        path = str(folder / f"{prefix}{os.getpid()}-{time.monotonic_ns()}.tmp")
        with suppress(FileExistsError):
            create(path)
            descriptor = _locked(path)
    try:
        yield path
    finally:
        with suppress(OSError):
            os.unlink(path)
        os.close(descriptor)


def _locked(path: str) -> int:
    """Return a descriptor that holds a file's lock, -1 where another process has removed the file already."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return -1
    with suppress(OSError):  # there are file systems without locks, where nothing is removed either
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    if os.fstat(descriptor).st_nlink:
        return descriptor
    os.close(descriptor)
    return -1


def _sync_folder(folder: Path) -> None:
    """Make the rename itself survive a power cut, where the system lets a folder be synced."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def remove_left(folder: Path, pattern: str = ".graphkit-*.tmp") -> None:
    """Remove what killed processes have left: files that nobody has locked, and no links or pipes of such a name."""
    for path in folder.glob(pattern):
        with suppress(OSError):
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            try:
                if stat.S_ISREG(os.fstat(descriptor).st_mode):
                    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    os.unlink(path)
            finally:
                os.close(descriptor)


def remove(path: Path) -> None:
    """Remove a file if it is there. Raises `OutputError` where it cannot be removed."""
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(f"{path}: expected a file that can be removed, got: {reason_of(error)}") from error


def json_text(value: object) -> str:
    """Return plain values as indented JSON."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n"


def write_text(path: Path, text: str) -> Path:
    """Write UTF-8 text to a file as a whole and return its path."""
    with replacing(path) as stream:
        stream.write(text.encode("utf-8", "replace"))
    return path
