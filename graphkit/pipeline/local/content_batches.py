"""Content batches: read a batch of files at a time, before they are decoded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from graphkit.diagnostics.diagnostic import Diagnostic
from graphkit.pipeline.local.stamped_files import StampedFile
from graphkit.sources import contents
from graphkit.sources.contents import Portion
from graphkit.sources.source_file import SourceError

_BATCH_FILES = 64
_BATCH_BYTES = 32 << 20

FileData = bytes | Diagnostic | Portion


class FileToRead(NamedTuple):
    """A file to read, with the hash of its content that is cached, if any; standard input comes with its content."""

    source: StampedFile
    digest: bytes = b""
    content: FileData | None = None


def batches(files: Iterable[FileToRead]) -> Iterator[list[tuple[FileToRead, FileData]]]:
    """Read some files at a time before they are decoded: each system call evicts the decoder from the CPU's caches."""
    batch: list[tuple[FileToRead, FileData]] = []
    size = 0
    for wanted in files:
        data = wanted.content
        if data is None:
            try:
                data = contents.read_bytes(wanted.source.file)
            except SourceError as error:
                data = error.diagnostic
        if not isinstance(data, Diagnostic):
            size += len(data.data if isinstance(data, Portion) else data)
        batch.append((wanted, data))
        if len(batch) == _BATCH_FILES or size > _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    yield batch
