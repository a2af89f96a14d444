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
        handle, temporary = tempfile.mkstemp(prefix=".graphkit-", suffix=".tmp", dir=target.parent)
        os.close(handle)
        with open(temporary, "wb") as stream:  # by its path, which is then its name
            with suppress(OSError):
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)  # by which others know that it is still written
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        os.chmod(temporary, stat.S_IMODE(target.stat().st_mode) if target.exists() else 0o666 & ~_umask())
        os.replace(temporary, target)
        temporary = None
        _sync_folder(target.parent)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise OutputError(f"{path}: expected a file that can be written, got: {reason}") from error
    finally:
        if temporary is not None:
            with suppress(OSError):
                os.unlink(temporary)


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
    """Remove what killed processes have left: files that nobody has locked."""
    for path in folder.glob(pattern):
        with suppress(OSError), path.open("rb") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()


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
