"""File batches: the task that reads some files, decodes their records and packs the mentions by partition."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import NamedTuple

import msgspec

from graphkit.diagnostics.diagnostic import Diagnostic
from graphkit.garbage_collection import collector_paused
from graphkit.identity.article_keys import article_id
from graphkit.merge.extraction import ReadingOutcome, read_content, unreadable_outcome
from graphkit.merge.mentions import TopicMention
from graphkit.pipeline.local.blob_store import Extent
from graphkit.pipeline.local.cached_state import DIGEST
from graphkit.pipeline.local.content_batches import FileData, FileToRead, batches
from graphkit.pipeline.local.worker_context import WorkerContext
from graphkit.sources.contents import Portion
from graphkit.sources.source_file import SourceFile

SAMPLE_EVERY = 64
"""One mention in so many is a sample of which subjects there are."""


class ReadTask(NamedTuple):
    """Files to read; `movable` are the names of files that are gone, by the hash of their content."""

    files: tuple[FileToRead, ...]
    movable: Extent | None = None


class FileRead(NamedTuple):
    """What a file turned out to be: unchanged, a file that was renamed, or new content in these partitions."""

    digest: bytes
    outcome: ReadingOutcome | None = None
    partitions: tuple[int, ...] = ()
    renamed_from: str = ""


class ReadResult(NamedTuple):
    """What the files of a task gave, in their order, and the packed mentions of each partition."""

    files: list[FileRead]
    chunks: dict[int, Extent]
    topics: list[TopicMention]
    samples: list[str]


def read_files(context: WorkerContext, task: ReadTask) -> ReadResult:
    """Read files, decode their records, and pack the mentions by partition."""
    with collector_paused():
        movable = context.shared(task.movable, _NAMES) if task.movable else {}
        result = ReadResult([], {}, [], [])
        for batch in batches(task.files):
            for wanted, data in batch:
                result.files.append(_read_file(context, wanted, data, movable, result))
        result.chunks.update((number, context.store.append(chunk)) for number, chunk in context.packer.take().items())
        return result


def _read_file(
    context: WorkerContext, wanted: FileToRead, data: FileData, movable: Mapping[bytes, str], result: ReadResult
) -> FileRead:
    if isinstance(data, Diagnostic):
        return FileRead(b"", unreadable_outcome(data))
    file = wanted.source.file
    if isinstance(data, Portion):
        return _decode(context, file, data.data, data.lines_before, b"", result)
    digest = hashlib.blake2b(data, digest_size=DIGEST, person=file.format.encode()).digest()
    if digest == wanted.digest:
        return FileRead(digest)
    if digest in movable:
        return FileRead(digest, renamed_from=movable[digest])
    return _decode(context, file, data, None, digest, result)


def _decode(
    context: WorkerContext, file: SourceFile, data: bytes, lines_before: int | None, digest: bytes, result: ReadResult
) -> FileRead:
    settings, packer = context.settings, context.packer
    content = read_content(
        data,
        file.name,
        file.format,
        published_only=settings.published_only,
        lines_before=lines_before,
        rules=settings.rules,
    )
    result.topics.extend(content.topics)
    partitions: set[int] = set()
    for mentions in content.mentions:
        partitions |= packer.add(mentions)
        if not packer.mentions % SAMPLE_EVERY or not result.samples:
            facts = mentions[0].facts
            result.samples.append(settings.base + article_id(facts.key))
            result.samples.extend(image.url for image in facts.images[:1])
    return FileRead(digest, content.outcome, tuple(sorted(partitions)))


_NAMES = msgspec.msgpack.Decoder(dict[bytes, str]).decode
