"""The depot: a file that blobs are appended to by any number of processes, and that a crash cannot spoil.

It begins with two slots. A commit appends a state, syncs the file and then writes the older slot, so that one slot
always points at a whole state whose blobs are on the disk. What was appended after the last commit is forgotten.
Every blob has a checksum: damage is found when it is read.
"""

from __future__ import annotations

import os
import struct
import zlib
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, Self

from graphkit.diagnostics.quoting import reason_of
from graphkit.errors import OutputError

MAGIC = b"graphkit"
_SLOT = struct.Struct("<8sQQQII")  # magic, number of the commit, offset, length and checksum of the state, own checksum
_SLOTS = (0, 512)
_START = 4096


class Extent(NamedTuple):
    """Where a blob stands: offset, length, checksum."""

    offset: int
    length: int
    checksum: int


class Damaged(Exception):
    """A depot, or a blob in it, is not what was written."""


class BlobStore:
    """A depot that is open. Blobs may be appended and read in several processes; only one may commit."""

    def __init__(self, path: str, *, create: bool = False) -> None:
        """Open the depot at `path`, or make a new one. Raises `OSError`."""
        self.path = path
        flags = os.O_RDWR | os.O_CLOEXEC | (os.O_CREAT | os.O_EXCL if create else 0)
        self._file = os.open(path, flags, 0o666)
        if create:
            os.truncate(self._file, _START)
        # Each process appends through a description of its own, whose position then tells where the blob begins.
        self._end = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)

    def close(self) -> None:
        """Close the files."""
        os.close(self._file)
        os.close(self._end)

    def __enter__(self) -> Self:
        """Return the depot, to be closed when the block ends."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the files."""
        self.close()

    @property
    def size(self) -> int:
        """The bytes of the file."""
        return os.fstat(self._file).st_size

    def append(self, data: bytes) -> Extent:
        """Append a blob and return where it stands. Raises `OutputError` where the disk is full."""
        if not data:
            return Extent(_START, 0, 0)
        try:
            written = os.write(self._end, data)
            if written < len(data):  # the next call tells why
                os.write(self._end, memoryview(data)[written:])
        except OSError as error:
            raise self._no_room(reason_of(error)) from error
        if written < len(data):
            raise self._no_room("no space left on device")
        return Extent(os.lseek(self._end, 0, os.SEEK_CUR) - written, written, zlib.crc32(data))

    def _no_room(self, reason: str) -> OutputError:
        return OutputError(f"{Path(self.path).parent}: expected room for a build's own file, got: {reason}")

    def read(self, extent: Extent) -> bytes:
        """Return a blob, or a part of it whose checksum is known. Raises `Damaged`."""
        data = os.pread(self._file, extent.length, extent.offset)
        if len(data) != extent.length or zlib.crc32(data) != extent.checksum:
            raise Damaged(f"the blob at {extent.offset}")
        return data

    def commit(self, state: bytes) -> None:
        """Make `state` the depot's state, and all blobs so far part of it."""
        extent = self.append(state)
        os.fsync(self._file)
        number, place = self._last()
        slot = (MAGIC, number + 1, *extent)
        packed = _SLOT.pack(*slot, 0)[:-4]
        # The slot that is not the last one.
        os.pwrite(self._file, packed + struct.pack("<I", zlib.crc32(packed)), _SLOTS[1 - place])
        os.fsync(self._file)

    def state(self) -> bytes | None:
        """Return the state of the last commit whose state is whole, None where there is none."""
        for _, extent, _ in sorted(self._slots(), reverse=True):
            with suppress(Damaged):
                return self.read(extent)
        return None

    def _slots(self) -> list[tuple[int, Extent, int]]:
        found = []
        for place, offset in enumerate(_SLOTS):
            data = os.pread(self._file, _SLOT.size, offset)
            if len(data) == _SLOT.size and zlib.crc32(data[:-4]) == int.from_bytes(data[-4:], "little"):
                magic, number, *extent, _ = _SLOT.unpack(data)
                if magic == MAGIC:
                    found.append((number, Extent(*extent), place))
        return found

    def _last(self) -> tuple[int, int]:
        return max(((number, place) for number, _, place in self._slots()), default=(0, 1))
