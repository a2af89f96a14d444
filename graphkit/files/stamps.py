"""File stamps: telling from a file's status whether it still holds what it held."""

from __future__ import annotations

import os
import struct
from typing import NamedTuple

SETTLED_NS = 2_000_000_000
"""A file that changed less than this before a stamp was taken may change again and keep its stamp.

Some file systems keep times in whole seconds, FAT in two.
"""

_PACKED = struct.Struct("<4q")
_COLUMN = 2**63 - 1
"""The bits that a packed number keeps: there are files of the year 1000, and inodes of 64 bits."""

PACKED_SIZE = _PACKED.size


class FileStamp(NamedTuple):
    """A file's size, the times when its content and its status last changed, in ns, and its inode."""

    size: int
    modified_ns: int
    changed_ns: int
    inode: int

    def is_settled(self, now_ns: int) -> bool:
        """Return whether a file with this stamp now, by its file system's clock, cannot change and keep the stamp."""
        return max(self.modified_ns, self.changed_ns) < now_ns - SETTLED_NS

    def packed(self) -> bytes:
        """Return the stamp as PACKED_SIZE bytes: five objects for each of many files take time to make and to free."""
        return _PACKED.pack(*(number & _COLUMN for number in self))


def stamp_of(status: os.stat_result) -> FileStamp:
    """Return the stamp of a file with this status."""
    return FileStamp(status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino)
