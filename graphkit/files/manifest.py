"""The manifest of an output folder: what graphkit wrote there, by which it recognises its own files.

``report.json`` lists each file with its size and SHA-256. While the files of a build take their places, a file named
PENDING has the new list: both together tell whether the folder holds one build, and which files may be replaced.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import stat
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec

from graphkit.errors import OutputError, UsageError
from graphkit.files.written_beginnings import begins_as_written

REPORT = "report.json"
"""The report that a build writes next to its ``coverage.ttl``; it has the manifest and no records."""
PENDING = ".graphkit-pending.json"
"""The manifest of a build whose files are taking their places, or were when it was killed."""

_LARGEST = 256 << 20
_PATIENCE = 2.0
"""Seconds after which a folder whose files are taking their places counts as one where a build was killed."""


class WrittenFile(msgspec.Struct, frozen=True):
    """A file that was written."""

    size: int
    sha256: str


Manifest = Mapping[str, WrittenFile]
"""Files by their names in the folder."""


class _Listing(msgspec.Struct, frozen=True):
    """What is read of a report."""

    policy: str
    graph: dict[str, int]
    written: dict[str, WrittenFile] | None = None


def written_file(path: Path) -> WrittenFile:
    """Return the size and hash of a file. Raises `OSError`."""
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return WrittenFile(stream.tell(), digest)


def with_manifest(report: Mapping[str, object], written: Manifest) -> dict[str, object]:
    """Return a report as it is written."""
    return {**report, "written": {name: msgspec.to_builtins(written[name]) for name in sorted(written)}}


def foreign_files(folder: Path, names: Iterable[str]) -> list[Path]:
    """Return the files of these names that graphkit did not write, or that were changed since.

    A report without a manifest is one of an earlier version: then a file counts as written if it begins like one.
    """
    places = [folder / name for name in names if os.path.lexists(folder / name)]
    if not places:
        return []
    report = _listing(folder / REPORT)
    known = _known(folder)
    is_old = report is not None and report.written is None
    found = []
    for path in places:
        if path.is_symlink():
            is_ours = False  # graphkit makes no links, and where this one leads is not in the folder
        elif path.name == REPORT:
            is_ours = report is not None or _is_empty(path)
        elif path.exists() and not path.is_file():
            is_ours = not path.is_dir()  # a pipe or a device, which is written to
        else:
            is_ours = _is_empty(path) or _is_one_of(path, known) or (is_old and begins_as_written(path))
        if not is_ours:
            found.append(path)
    return found


def check_replaceable(folder: Path, names: Iterable[str], *, force: bool) -> None:
    """Raise `OutputError` if files of these names would be lost, unless `force`."""
    foreign = [] if force else foreign_files(folder, names)
    if foreign:
        others = f" (and {len(foreign) - 1} more)" if len(foreign) > 1 else ""
        raise OutputError(
            f"{foreign[0]}{others}: expected a file as graphkit wrote it, got one that it did not write or that was "
            "changed since: move it away, or replace it with --force (force=True)"
        )


def own_files(folder: Path, besides: Iterable[str]) -> list[str]:
    """Return the names of the files that graphkit wrote to a folder and nobody changed since, but for `besides`."""
    known = _known(folder)
    return [name for name in sorted(known.keys() - set(besides)) if _is_one_of(folder / name, known)]


def listed_files(folder: Path) -> frozenset[str] | None:
    """Return the names that the manifest of a folder lists, None where there is none."""
    report = _listing(folder / REPORT)
    return None if report is None or report.written is None else frozenset(report.written)


def check_whole(folder: Path) -> None:
    """Raise `UsageError` for a folder that holds files of two builds, because one was killed between two of them."""
    end = time.monotonic() + _PATIENCE
    while (pending := _listing(folder / PENDING)) is not None:
        current = _listing(folder / REPORT)
        for one in (pending, current):
            if one is not None and one.written and all(_matches(folder / n, w) for n, w in one.written.items()):
                return
        if time.monotonic() > end:
            raise UsageError(
                f"{folder}: expected the files of one build, got those of two: a build was ended while they took "
                "their places; build again"
            )
        time.sleep(0.05)


@contextmanager
def exclusive(folder: Path) -> Iterator[None]:
    """Keep other commands from writing to a folder, which is created, and removed again if nothing was put there.

    Raises `OutputError` if another command is writing to it. Where the file system has no locks nothing is kept away.
    """
    descriptor = -1
    made = [path for path in (folder, *folder.parents) if not path.exists()]
    try:
        with suppress(FileExistsError, NotADirectoryError, PermissionError, OSError):  # whoever writes reports it
            folder.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise _Busy from None
        yield
    except _Busy:
        raise OutputError(
            f"{folder}: expected no other command that writes there, got one; wait until it has ended"
        ) from None
    finally:
        if descriptor >= 0:
            os.close(descriptor)
        with suppress(OSError):
            for path in made:
                path.rmdir()


class _Busy(Exception):
    """Another command has locked the folder."""


def _listing(path: Path) -> _Listing | None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as stream:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:
                return None
            return msgspec.json.decode(stream.read(_LARGEST), type=_Listing)
    except (OSError, ValueError):
        return None


def _known(folder: Path) -> dict[str, list[WrittenFile]]:
    """Return what graphkit wrote, or was about to, by name."""
    found: dict[str, list[WrittenFile]] = {}
    for listing in (_listing(folder / REPORT), _listing(folder / PENDING)):
        for name, written in ((listing.written or {}) if listing is not None else {}).items():
            if os.path.basename(name) == name:
                found.setdefault(name, []).append(written)
    return found


def _is_one_of(path: Path, known: Mapping[str, list[WrittenFile]]) -> bool:
    return any(_matches(path, written) for written in known.get(path.name, ()))


def _matches(path: Path, written: WrittenFile) -> bool:
    try:
        status = path.lstat()
        return stat.S_ISREG(status.st_mode) and status.st_size == written.size and written_file(path) == written
    except OSError:
        return False


def _is_empty(path: Path) -> bool:
    try:
        return not path.stat().st_size
    except OSError:
        return True  # a link to nothing
