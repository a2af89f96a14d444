"""Files: written whole or not at all, and the text of those that are JSON."""

from __future__ import annotations

import fcntl
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import msgspec

from graphkit.errors import OutputError


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Open a file beside `path` for writing; sync it and rename it to `path` when the block ends well.

    A reader of `path` sees the old content or the new, never a part. A link stays a link, and a pipe or a
    device is written to as it is. Raises `OutputError` where it cannot be written; no part of a file is left
    behind then.
    """
    temporary: str | None = None
    try:
        target = Path(os.path.realpath(path))
        if target.is_dir():
            raise OutputError(f"{path}: expected a file to write, got a folder")
        if target.exists() and not target.is_file():
            with target.open("wb") as stream:  # renaming would put a file in the device's place
                yield stream
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        new, temporary = _locked(target.parent)
        with new as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
            os.chmod(temporary, stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o666 & ~_umask())
            os.replace(temporary, target)  # while it is locked
            temporary = None
        _sync_folder(target.parent)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise OutputError(f"{path}: expected a file that can be written, got: {reason}") from error
    finally:
        if temporary is not None:
            with suppress(OSError):
                os.unlink(temporary)


def _locked(folder: Path) -> tuple[IO[bytes], str]:
    """Return a new file in `folder`, locked, by which others know that it is still written, and its path.

    Its name is its path, not a number.
    """
    while True:
        handle, path = tempfile.mkstemp(prefix=".graphkit-", suffix=".tmp", dir=folder)
        os.close(handle)
        stream: IO[bytes] = Path(path).open("wb")  # noqa: SIM115 -- the caller closes it
        with suppress(OSError):
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(stream.fileno()).st_nlink:  # nobody removed it before it was locked
            return stream, path
        stream.close()


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


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
        reason = (error.strerror or str(error)).lower()
        raise OutputError(f"{path}: expected a file that can be removed, got: {reason}") from error


def json_text(value: object) -> str:
    """Return plain values as indented JSON."""
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode() + "\n"


def write_text(path: Path, text: str) -> Path:
    """Write UTF-8 text to a file as a whole and return its path."""
    with replacing(path) as stream:
        stream.write(text.encode("utf-8", "replace"))
    return path
