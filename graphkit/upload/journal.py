"""The journal of an upload: its progress, in a file next to what is sent, so that the same command resumes it.

It is written before the first request is sent: the store may carry out a request after its sender has been killed, and
the next run must know that there was one.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from enum import StrEnum
from pathlib import Path

import msgspec

from graphkit.errors import OutputError
from graphkit.files.atomic import json_text, remove, write_text


class UploadMode(StrEnum):
    """What an upload does about the content that a graph already has: require none, replace it, or add to it."""

    FILL = "fill"
    REPLACE = "replace"
    APPEND = "append"


class JournalEntry(msgspec.Struct, frozen=True, kw_only=True):
    """What has been sent: the bytes up to `end` of content whose hash is `digest`.

    They hold `triples`; the graph held `before` triples when the upload began. `mode` is an UploadMode, or ``patch``.
    """

    end: int
    digest: str
    triples: int
    before: int
    mode: str


class Journal(msgspec.Struct, frozen=True):
    """The journal of one file that is sent to one graph."""

    path: Path

    def read(self) -> JournalEntry | None:
        """Return the progress, or None where it is unknown or the journal is damaged."""
        with suppress(OSError, msgspec.DecodeError):
            return msgspec.json.decode(self.path.read_bytes(), type=JournalEntry)
        return None

    def write(self, entry: JournalEntry) -> None:
        """Write the progress atomically."""
        with suppress(OutputError):  # a file in a read-only folder can still be uploaded, without resuming
            write_text(self.path, json_text(msgspec.to_builtins(entry)))

    def close(self) -> None:
        """Remove the journal: all has been sent."""
        with suppress(OutputError):
            remove(self.path)


def journal_of(file: Path, *target: str) -> Journal:
    """Return the journal of a file that is sent to a target: the store and the graph."""
    name = hashlib.blake2b("\0".join((file.name, *target)).encode("utf-8", "replace"), digest_size=6).hexdigest()
    return Journal(file.parent / f".graphkit-upload-{name}.json")
