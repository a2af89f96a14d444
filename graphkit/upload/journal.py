"""Journal: how far an upload has come, in a file beside what is sent, so that the same command goes on from there.

It is there before the first request goes out: a request may be carried out after whoever sent it has been killed, and
the next run must know that there was one.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

import msgspec

from graphkit.errors import OutputError
from graphkit.files.atomic import json_text, remove, write_text


class JournalEntry(msgspec.Struct, frozen=True, kw_only=True):
    """What has been sent: the bytes up to `end` of a content whose hash is `digest`.

    `triples` were in them, and `before` in the graph when all began; `mode` tells what was to become of those.
    """

    end: int
    digest: str
    triples: int
    before: int
    mode: str


class Journal(msgspec.Struct, frozen=True):
    """The file for one file that is sent to one graph."""

    path: Path

    @property
    def exists(self) -> bool:
        """Tell whether a run before was broken off."""
        return self.path.exists()

    def read(self) -> JournalEntry | None:
        """Return how far it has come; nothing where that is not known, or the file is damaged."""
        with suppress(OSError, msgspec.DecodeError):
            return msgspec.json.decode(self.path.read_bytes(), type=JournalEntry)
        return None

    def write(self, entry: JournalEntry) -> bool:
        """Write how far it has come, as a whole or not at all; tell whether it could be written."""
        try:
            write_text(self.path, json_text(msgspec.to_builtins(entry)))
        except OutputError:
            return False  # an archive that nobody may write to can be sent all the same, in one go
        return True

    def close(self) -> None:
        """Forget it: all has been sent."""
        with suppress(OutputError):
            remove(self.path)


def journal(file: Path, *what: str) -> Journal:
    """Return the journal of a file that is sent; `what` names the graph."""
    name = hashlib.blake2b("\0".join((file.name, *what)).encode("utf-8", "replace"), digest_size=6).hexdigest()
    return Journal(file.parent / f".graphkit-upload-{name}.json")
