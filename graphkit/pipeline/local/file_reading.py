"""File reading: the phase that reads what changed and brings everything that is known of the files up to date."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, TypeVar

import msgspec

from graphkit.diagnostics.diagnostic import Diagnostic
from graphkit.formats.json_records import JSON
from graphkit.merge.extraction import ReadingOutcome, Totals, combined, unreadable_outcome
from graphkit.merge.mentions import TopicMention
from graphkit.pipeline.local.blob_store import Extent
from graphkit.pipeline.local.build_context import BuildContext
from graphkit.pipeline.local.cached_state import (
    DIGEST,
    CachedFile,
    FileResult,
    packed_result,
    unpacked_result,
)
from graphkit.pipeline.local.changes import Changes
from graphkit.pipeline.local.content_batches import FileToRead
from graphkit.pipeline.local.file_batches import FileRead, ReadResult, ReadTask, read_files
from graphkit.pipeline.local.stamped_files import UNSETTLED, StampedFile
from graphkit.sources import contents
from graphkit.sources.source_file import STDIN, SourceError

_BATCH_BYTES = 24 << 20
_BATCH_FILES = 6_000
_PROGRESS_BYTES = 1 << 20
"""The size of batches in a single process, which reports progress after each."""

Sourced = TypeVar("Sourced", Diagnostic, TopicMention)


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
    totals = Totals()
    if cached:
        totals.update(cached.totals)
    collected = _Collected(changes, totals)
    before = {old.name: old for _, old in changes.suspects}
    movable = changes.movable()
    lost = {old.name: old for old in movable.values()}
    renamed: dict[str, str] = {}
    replaced: list[CachedFile] = []
    todo = [FileToRead(one, old.digest) for one, old in changes.suspects] + [FileToRead(one) for one in changes.new]
    large = [wanted.source for wanted in todo if wanted.source.is_large]
    todo = [wanted for wanted in todo if not wanted.source.is_large]
    build.progress("Reading", len(collected.files), total)
    while todo:
        again: list[FileToRead] = []
        for task, result in build.pool.run(read_files, _tasks(build, todo, movable, changes.size)):
            for wanted, read in zip(task.files, result.files, strict=True):
                one = wanted.source
                old = before.get(one.file.name)
                if read.renamed_from in renamed:  # another file has its content too
                    again.append(wanted._replace(digest=b""))
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


def _tasks(
    build: BuildContext, todo: list[FileToRead], movable: Mapping[bytes, CachedFile], size: int
) -> Iterator[ReadTask]:
    """Yield files, of `size` bytes together, as tasks of about the same size."""
    jobs = build.pool.jobs
    largest = min(_BATCH_BYTES, size // (8 * jobs) + 1) if jobs > 1 else _PROGRESS_BYTES
    names = {digest: old.name for digest, old in movable.items()}
    extent = build.scratch.append(msgspec.msgpack.encode(names)) if names else None
    batch: list[FileToRead] = []
    left = largest
    for wanted in todo:
        batch.append(_with_stdin(build, wanted))
        left -= wanted.source.size
        if left <= 0 or len(batch) >= _BATCH_FILES:
            yield ReadTask(tuple(batch), extent)
            batch, left = [], largest
    if batch:
        yield ReadTask(tuple(batch), extent)


def _with_stdin(build: BuildContext, wanted: FileToRead) -> FileToRead:
    """Return standard input, which only this process has, with its content, and other files as they are."""
    if wanted.source.file.path != STDIN:
        return wanted
    try:
        return wanted._replace(content=build.options.read_stdin(wanted.source.file))
    except SourceError as error:
        return wanted._replace(content=error.diagnostic)


def _portion_tasks(one: StampedFile) -> Iterator[ReadTask]:
    if contents.holds_lines(one.file):
        for portion in contents.portions(one.file):
            yield ReadTask((FileToRead(one, content=portion),))
    else:
        yield ReadTask((FileToRead(one._replace(file=one.file._replace(format=JSON.name))),))


def _read_portions(build: BuildContext, one: StampedFile, collected: _Collected) -> FileRead:
    """Read a large JSON Lines file in portions, which this process cuts and the workers decode.

    If its content is not JSON Lines, it is read as a whole, within the limit of the format that it has.
    """
    outcomes: list[ReadingOutcome] = []
    partitions: set[int] = set()
    try:
        for _, result in build.pool.run(read_files, _portion_tasks(one)):
            (read,) = result.files
            outcomes.append(read.outcome or ReadingOutcome())
            partitions.update(read.partitions)
            collected.add_result(result)
    except SourceError as error:  # before any portion was read
        return FileRead(b"", unreadable_outcome(error.diagnostic))
    return FileRead(b"", combined(outcomes), tuple(sorted(partitions)))
