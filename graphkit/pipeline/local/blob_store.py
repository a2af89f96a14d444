"""The blob store: a file to which any number of processes append blobs, and which survives a crash.

It starts with two slots. A commit appends a state, syncs the file and then writes the older slot, so one slot always
points to a complete state whose blobs are on disk. Blobs appended after the last commit are lost in a crash. Every blob
and slot has a checksum that needs the machine key, so damage is found when it is read, and so is what somebody else has
written.
"""

from __future__ import annotations

import errno
import os
import stat
import struct
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, Self

from graphkit.diagnostics.quoting import reason_of
from graphkit.errors import OutputError
from graphkit.files.machine_key import authentication_code

MAGIC = b"graphkit"
_SLOT = struct.Struct("<8sQQQQQ")  # magic, number of the commit, offset, length and checksum of the state, own checksum
_CHECKSUM = 8
_SLOTS = (0, 512)
_START = 4096


class Extent(NamedTuple):
    """Where a blob is: offset, length and checksum."""

    offset: int
    length: int
    checksum: int


class Damaged(Exception):
    """A blob is not what was written."""


def _check_regular(descriptor: int) -> None:
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))


def checksum(data: bytes) -> int:
    """Return the checksum of a blob, which nobody can compute without the machine key."""
    return int.from_bytes(authentication_code(data, size=_CHECKSUM), "little")


def no_room(folder: Path, reason: str) -> OutputError:
    """Return the error to raise where a build's own file cannot be written to a folder."""
    hint = "; TMPDIR names another folder" if str(folder) == tempfile.gettempdir() else ""
    return OutputError(f"{folder}: expected room for a build's own file, got: {reason}{hint}")


class BlobStore:
    """An open blob store. Several processes may append and read blobs; only one may commit."""

    def __init__(self, path: str, *, create: bool = False) -> None:
        """Open the blob store at `path`, or create one. Raises `OSError`, also for a link and what is no file."""
        self.path = path
        careful = os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
        self._file = os.open(path, os.O_RDWR | careful | (os.O_CREAT | os.O_EXCL if create else 0), 0o666)
        self._end = -1
        try:
            _check_regular(self._file)
            if create:
                os.truncate(self._file, _START)
            # Each process appends through a file description of its own, whose position is then the end of the blob.
            self._end = os.open(path, os.O_WRONLY | os.O_APPEND | careful)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the files."""
        os.close(self._file)
        if self._end >= 0:
            os.close(self._end)

    def __enter__(self) -> Self:
        """Return the store, which is closed when the block ends."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the files."""
        self.close()

    @property
    def size(self) -> int:
        """The size of the file in bytes."""
        return os.fstat(self._file).st_size

    def append(self, data: bytes) -> Extent:
        """Append a blob and return where it is. Raises `OutputError` where the disk is full."""
        if not data:
            return Extent(_START, 0, 0)
        try:
            written = os.write(self._end, data)
            if written < len(data):  # the next call raises the reason
                os.write(self._end, memoryview(data)[written:])
        except OSError as error:
            raise self._no_room(reason_of(error)) from error
        if written < len(data):
            raise self._no_room("no space left on device")
        return Extent(os.lseek(self._end, 0, os.SEEK_CUR) - written, written, checksum(data))

    def _no_room(self, reason: str) -> OutputError:
        return no_room(Path(self.path).parent, reason)

    def read(self, extent: Extent) -> bytes:
        """Return a blob, or a part of it whose checksum is known. Raises `Damaged`."""
        if not extent.length:
            return b""
        # Before anything is read: a length that is not true could ask for more memory than there is.
        if extent.offset < 0 or extent.length < 0 or extent.offset + extent.length > self.size:
            raise Damaged(f"the blob at {extent.offset}")
        data = os.pread(self._file, extent.length, extent.offset)
        if len(data) != extent.length or checksum(data) != extent.checksum:
            raise Damaged(f"the blob at {extent.offset}")
        return data

    def commit(self, state: bytes) -> None:
        """Make `state` the state of the store, and all blobs so far part of it."""
        extent = self.append(state)
        os.fsync(self._file)
        number, place = self._last()
        slot = (MAGIC, number + 1, *extent)
        packed = _SLOT.pack(*slot, 0)[:-_CHECKSUM]
        # The older slot.
        os.pwrite(self._file, packed + authentication_code(packed, size=_CHECKSUM), _SLOTS[1 - place])
        os.fsync(self._file)

    def state(self) -> bytes | None:
        """Return the latest state that is complete, None where there is none."""
        for _, extent, _ in sorted(self._slots(), reverse=True):
            with suppress(Damaged):
                return self.read(extent)
        return None

    def _slots(self) -> list[tuple[int, Extent, int]]:
        found = []
        for place, offset in enumerate(_SLOTS):
            data = os.pread(self._file, _SLOT.size, offset)
            own = data[-_CHECKSUM:]
            if len(data) == _SLOT.size and authentication_code(data[:-_CHECKSUM], size=_CHECKSUM) == own:
                magic, number, *extent, _ = _SLOT.unpack(data)
                if magic == MAGIC:
                    found.append((number, Extent(*extent), place))
        return found

    def _last(self) -> tuple[int, int]:
        return max(((number, place) for number, _, place in self._slots()), default=(0, 1))
