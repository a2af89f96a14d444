"""File reading: the phase that reads what changed and brings everything that is known of the files up to date."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, TypeVar

import msgspec

from graphkit.diagnostics.diagnostic import Diagnostic
from graphkit.merge.extraction import ReadingOutcome, Totals, combined, unreadable_outcome
from graphkit.merge.mentions import TopicMention
from graphkit.pipeline.local import file_batches
from graphkit.pipeline.local.blob_store import Extent
from graphkit.pipeline.local.build_context import BuildContext
from graphkit.pipeline.local.cached_state import (
    DIGEST,
    UNSETTLED,
    CachedFile,
    FileResult,
    packed_result,
    unpacked_result,
)
from graphkit.pipeline.local.changes import Changes, StampedFile
from graphkit.pipeline.local.file_batches import FileRead, FileToRead, ReadResult, ReadTask
from graphkit.sources import contents
from graphkit.sources.source_file import STDIN, SourceError

_BATCH_BYTES = 24 << 20
_BATCH_FILES = 6_000
_PROGRESS_BYTES = 1 << 20
"""The size of batches in a single process, which reports progress after each."""

Sourced = TypeVar("Sourced", Diagnostic, TopicMention)
Todo = list[tuple[StampedFile, bytes]]
"""Files to read, each with the hash of its content that is cached, if any."""


class FilesRead(NamedTuple):
    """All files as they are now, and what changed since the last build.

    `faults` and `topics` are those of all files. `decoded` are the names of files that were decoded, `gone` the names
    whose cached mentions are no longer valid, `renamed` maps old names to new ones. `chunks` are the new packed
    mentions by partition, `dirty` the partitions whose mentions changed, `samples` some IRIs of the new subjects.
    """

    files: list[CachedFile]
    totals: Totals
    faults: list[Diagnostic]
    topics: list[TopicMention]
    decoded: list[str]
    gone: frozenset[str]
    renamed: dict[str, str]
    chunks: Mapping[int, list[Extent]]
    dirty: frozenset[int]
    samples: list[str]


class _Collected:
    """What has been read so far."""

    def __init__(self, changes: Changes, totals: Totals) -> None:
        self.files = list(changes.unchanged)
        self.totals = totals
        self.faults: list[Diagnostic] = []
        self.topics: list[TopicMention] = []
        self.decoded: list[str] = []
        self.chunks: defaultdict[int, list[Extent]] = defaultdict(list)
        self.samples: list[str] = []

    def add_result(self, result: ReadResult) -> None:
        """Add what a task gave, except for each file."""
        for number, extent in result.chunks.items():
            self.chunks[number].append(extent)
        self.topics += result.topics
        self.samples += result.samples

    def add_decoded(self, one: StampedFile, read: FileRead) -> None:
        """Add a file that was decoded, or could not be."""
        outcome = read.outcome or ReadingOutcome()
        self.totals.add(outcome)
        self.faults += outcome.diagnostics
        self.decoded.append(one.file.name)
        result = packed_result(FileResult(read.partitions, msgspec.structs.replace(outcome, diagnostics=())))
        stamp = UNSETTLED if outcome.unreadable else one.stamp
        self.files.append(CachedFile(one.file.name, stamp, read.digest or bytes(DIGEST), result))


def read_changes(build: BuildContext, changes: Changes, total: int) -> FilesRead:
    """Read the files that changed, or may have, of `total` files."""
    cached = build.cached
    totals = Totals(dict(cached.totals.counts), dict(cached.totals.notes)) if cached else Totals()
    collected = _Collected(changes, totals)
    before = {old.name: old for _, old in changes.suspects}
    movable = changes.movable()
    lost = {old.name: old for old in movable.values()}
    renamed: dict[str, str] = {}
    replaced: list[CachedFile] = []
    todo = [(one, old.digest) for one, old in changes.suspects] + [(one, b"") for one in changes.new]
    large = [one for one, _ in todo if one.is_large]
    todo = [(one, digest) for one, digest in todo if not one.is_large]
    build.progress("Reading", len(collected.files), total)
    while todo:
        again: Todo = []
        for batch, result in _read_batches(build, todo, movable, changes.size):
            for (one, _), read in zip(batch, result.files, strict=True):
                old = before.get(one.file.name)
                if read.renamed_from in renamed:  # another file has its content too
                    again.append((one, b""))
                    continue
                if read.renamed_from:
                    renamed[read.renamed_from] = one.file.name
                    packed = lost[read.renamed_from].result
                    collected.files.append(CachedFile(one.file.name, one.stamp, read.digest, packed))
                elif read.outcome is None and old is not None:
                    collected.files.append(old._replace(stamp=one.stamp))
                    continue
                else:
                    collected.add_decoded(one, read)
                replaced += [old] if old is not None else []
            collected.add_result(result)
            build.progress("Reading", len(collected.files), total)
        todo, movable = again, {}
    for one in large:
        collected.add_decoded(one, _read_portions(build, one, collected))
        replaced += [before[one.file.name]] if one.file.name in before else []
        build.progress("Reading", len(collected.files), total)
    replaced += [old for old in changes.lost if old.name not in renamed]
    return _files_read(build, collected, replaced, renamed, [lost[name] for name in renamed])


def _files_read(
    build: BuildContext,
    collected: _Collected,
    replaced: list[CachedFile],
    renamed: dict[str, str],
    moved: list[CachedFile],
) -> FilesRead:
    """Return what was read together with what is cached, without what was `replaced` and with new names."""
    dirty = set(collected.chunks)
    for old in replaced:
        result = unpacked_result(old.result)
        collected.totals.add(result.outcome, -1)
        dirty.update(result.partitions)
    for old in moved:
        dirty.update(unpacked_result(old.result).partitions)
    gone = frozenset(old.name for old in replaced)
    cached = build.cached
    return FilesRead(
        collected.files,
        collected.totals,
        [*(_kept(cached.faults, gone, renamed) if cached else ()), *collected.faults],
        [*(_kept(cached.topics, gone, renamed) if cached else ()), *collected.topics],
        collected.decoded,
        gone,
        renamed,
        collected.chunks,
        frozenset(dirty),
        collected.samples,
    )


def _kept(items: Iterable[Sourced], gone: frozenset[str], renamed: Mapping[str, str]) -> Iterator[Sourced]:
    """Yield items whose sources are not gone, with the sources' new names."""
    for item in items:
        if item.source in renamed:
            yield msgspec.structs.replace(item, source=renamed[item.source])
        elif item.source not in gone:
            yield item


def _read_batches(
    build: BuildContext, todo: Todo, movable: Mapping[bytes, CachedFile], size: int
) -> Iterator[tuple[Todo, ReadResult]]:
    """Read files, of `size` bytes; yield each batch with what it gave."""
    pending: dict[int, Todo] = {}
    jobs = build.pool.jobs
    largest = min(_BATCH_BYTES, size // (8 * jobs) + 1) if jobs > 1 else _PROGRESS_BYTES
    names = {digest: old.name for digest, old in movable.items()}
    extent = build.scratch.append(msgspec.msgpack.encode(names)) if names else None

    def tasks() -> Iterator[ReadTask]:
        for number, batch in enumerate(_batches(todo, largest)):
            pending[number] = batch
            yield ReadTask(number, tuple(_to_read(build, one, digest) for one, digest in batch), extent)

    for result in build.pool.run(file_batches.read_files, tasks()):
        yield pending.pop(result.number), result


def _batches(todo: Todo, largest: int) -> Iterator[Todo]:
    """Yield files in batches of about `largest` bytes."""
    batch: Todo = []
    size = 0
    for one, digest in todo:
        batch.append((one, digest))
        size += one.size
        if size >= largest or len(batch) >= _BATCH_FILES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _to_read(build: BuildContext, one: StampedFile, digest: bytes) -> FileToRead:
    """Return a file as part of a task; standard input, which only this process has, with its content."""
    if one.file.path != STDIN:
        return FileToRead(one.file, digest)
    try:
        return FileToRead(one.file, b"", build.options.read_stdin(one.file))
    except SourceError as error:
        return FileToRead(one.file, b"", error.diagnostic)


def _read_portions(build: BuildContext, one: StampedFile, collected: _Collected) -> FileRead:
    """Read a large JSON Lines file in portions, which this process cuts and the workers decode."""
    outcomes: list[ReadingOutcome] = []
    partitions: set[int] = set()
    tasks = (
        ReadTask(number, (FileToRead(one.file, b"", portion),))
        for number, portion in enumerate(contents.portions(one.file))
    )
    try:
        for result in build.pool.run(file_batches.read_files, tasks):
            (read,) = result.files
            outcomes.append(read.outcome or ReadingOutcome())
            partitions.update(read.partitions)
            collected.add_result(result)
    except SourceError as error:  # before any portion was read
        return FileRead(b"", unreadable_outcome(error.diagnostic))
    return FileRead(b"", combined(outcomes), tuple(sorted(partitions)))
