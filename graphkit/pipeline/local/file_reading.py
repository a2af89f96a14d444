"""What a build knows of its files: what is remembered of them, and what reading those that changed gives."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple, TypeVar

import msgspec

from graphkit.diagnostics.diagnostic import Diagnostic
from graphkit.merge.extraction import Outcome, Totals, united, unreadable
from graphkit.merge.mentions import TopicMention
from graphkit.pipeline.local import tasks
from graphkit.pipeline.local.blob_store import BlobStore, Extent
from graphkit.pipeline.local.build_cache import DIGEST, UNSURE, FileMemory, Known, Memory, file_of, file_raw
from graphkit.pipeline.local.changes import Changes, Found, batches
from graphkit.pipeline.local.in_memory import Progress
from graphkit.pipeline.local.worker_pool import WorkerPool
from graphkit.sources import finding
from graphkit.sources.finding import STDIN, SourceError, SourceFile

_BATCH = 24 << 20
_BATCH_FILES = 6_000
_BATCH_ALONE = 1 << 20
"""So many bytes are read between two words of progress where nobody else reads."""

Of = TypeVar("Of", Diagnostic, TopicMention)


class Learnt(NamedTuple):
    """What reading gave: old names whose mentions are gone, old names with their new ones, new chunks by share.

    `dirty` are the shares that have other mentions now, `decoded` the names of files that were decoded.
    """

    gone: frozenset[str]
    renamed: dict[str, str]
    dirty: set[int]
    new: dict[int, list[Extent]]
    decoded: set[str]


class Intake:
    """The files of one build, with what they gave: outcomes, faults, mentions of topics, samples of subjects.

    `decoded` is the number of those that were read now. `read_stdin` returns what stands in standard input.
    """

    def __init__(
        self,
        listing: finding.Listing,
        memory: Memory | None,
        scratch: BlobStore,
        read_stdin: Callable[[SourceFile], bytes],
        progress: Progress,
    ) -> None:
        self.listing = listing
        self.scratch = scratch
        self.read_stdin = read_stdin
        self.progress = progress
        self.known: list[Known] = []
        self.decoded = 0
        self.samples: list[str] = []
        self.totals = Totals() if memory is None else memory.totals
        self.faults: list[Diagnostic] = [] if memory is None else memory.diagnostics
        self.topics: list[TopicMention] = [] if memory is None else memory.topics

    def read(self, changed: Changes, size: int, pool: WorkerPool) -> Learnt:
        """Read what may have changed, of `size` bytes, and bring everything that is known of files up to date."""
        self.known = changed.kept
        before = {known.name: known for _, known in changed.suspects}
        movable = changed.movable()
        lost = {id(known): known for known in changed.lost}
        by_name = {known.name: known for known in changed.lost}
        result = Learnt(frozenset(), {}, set(), defaultdict(list), set())
        new_faults: list[Diagnostic] = []
        new_topics: list[TopicMention] = []
        gone: list[Known] = []
        todo = [(one, known.digest) for one, known in changed.suspects] + [(one, b"") for one in changed.fresh]
        large = [one for one, _ in todo if one.is_large]
        todo = [(one, digest) for one, digest in todo if not one.is_large]
        total = len(self.listing.files)
        self.progress("Reading", len(self.known), total)
        while todo:
            again: list[tuple[Found, bytes]] = []
            names = self.scratch.append(msgspec.msgpack.encode(movable)) if movable else None
            for batch, done in self._read_files(pool, todo, size, names):
                for (one, _), file in zip(batch, done.files, strict=True):
                    old = before.get(one.file.name)
                    if file.renamed_from:
                        moved_file = by_name.get(file.renamed_from)
                        if moved_file is None or id(moved_file) not in lost:  # another file took its place
                            again.append((one, b""))
                            continue
                        del lost[id(moved_file)]
                        result.renamed[moved_file.name] = one.file.name
                        result.dirty.update(file_of(moved_file.file).partitions)
                        self.known.append(Known(one.file.name, one.stamp, file.digest, moved_file.file))
                    elif file.outcome is None and old is not None:
                        self.known.append(old._replace(stamp=one.stamp))
                        continue
                    else:
                        new_faults += self._learn(one, file)
                        result.decoded.add(one.file.name)
                    if old is not None:
                        gone.append(old)
                self._receive(done, result.new, new_topics)
                self.progress("Reading", len(self.known), total)
            todo, movable = again, {}
        for one in large:
            file = self._read_portions(pool, one, result.new, new_topics)
            new_faults += self._learn(one, file)
            result.decoded.add(one.file.name)
            gone += [before[one.file.name]] if one.file.name in before else []
            self.progress("Reading", len(self.known), total)
        result.dirty.update(result.new)
        result = self._forget([*gone, *lost.values()], result)
        self.faults += new_faults
        self.topics += new_topics
        return result

    def _receive(self, done: tasks.ReadDone, new: dict[int, list[Extent]], topics: list[TopicMention]) -> None:
        """Take what reading a batch gave, besides what it gave of each file."""
        for number, extent in done.chunks.items():
            new[number].append(extent)
        topics += done.topics
        self.samples += done.samples

    def _learn(self, one: Found, file: tasks.FileRead) -> tuple[Diagnostic, ...]:
        """Remember what a file gave, and return what is wrong with it."""
        outcome = file.outcome or Outcome()
        self.decoded += 1
        self.totals.add(outcome)
        kept = FileMemory(file.partitions, msgspec.structs.replace(outcome, diagnostics=()))
        stamp = UNSURE if outcome.unreadable else one.stamp
        self.known.append(Known(one.file.name, stamp, file.digest or bytes(DIGEST), file_raw(kept)))
        return outcome.diagnostics

    def _read_portions(
        self, pool: WorkerPool, one: Found, new: dict[int, list[Extent]], topics: list[TopicMention]
    ) -> tasks.FileRead:
        """Read a large file of JSON Lines in portions, which this process cuts and the crew decodes."""
        outcomes: list[Outcome] = []
        partitions: set[int] = set()
        queue = (
            tasks.ReadTask(number, (tasks.ToRead(one.file, b"", portion),))
            for number, portion in enumerate(finding.portions(one.file))
        )
        try:
            for done in pool.run(tasks.read, queue):
                (file,) = done.files
                outcomes.append(file.outcome or Outcome())
                partitions.update(file.partitions)
                self._receive(done, new, topics)
        except SourceError as error:  # before any portion was read
            return tasks.FileRead(b"", unreadable(error.diagnostic))
        return tasks.FileRead(b"", united(outcomes), tuple(sorted(partitions)))

    def _forget(self, files: list[Known], learnt: Learnt) -> Learnt:
        """Take files out of all that is remembered, and give renamed ones their new names."""
        for known in files:
            remembered = file_of(known.file)
            self.totals.add(remembered.outcome, -1)
            learnt.dirty.update(remembered.partitions)
        gone = frozenset(known.name for known in files)
        self.faults = _kept(self.faults, gone, learnt.renamed)
        self.topics = _kept(self.topics, gone, learnt.renamed)
        return learnt._replace(gone=gone)

    def _read_files(
        self, pool: WorkerPool, todo: list[tuple[Found, bytes]], size: int, names: Extent | None
    ) -> Iterator[tuple[list[tuple[Found, bytes]], tasks.ReadDone]]:
        """Read files; yield each batch with what it gave."""
        waiting: dict[int, list[tuple[Found, bytes]]] = {}

        def queue() -> Iterator[tasks.ReadTask]:
            largest = min(_BATCH, size // (8 * pool.jobs) + 1) if pool.jobs > 1 else _BATCH_ALONE
            for number, batch in enumerate(batches(todo, largest, _BATCH_FILES)):
                waiting[number] = batch
                yield tasks.ReadTask(number, tuple(self._to_read(one, digest) for one, digest in batch), names)

        for done in pool.run(tasks.read, queue()):
            yield waiting.pop(done.number), done

    def _to_read(self, one: Found, digest: bytes) -> tasks.ToRead:
        """Return a file as a task; standard input, which only this process has, with its content."""
        if one.file.path != STDIN:
            return tasks.ToRead(one.file, digest)
        try:
            return tasks.ToRead(one.file, b"", self.read_stdin(one.file))
        except SourceError as error:
            return tasks.ToRead(one.file, b"", error.diagnostic)


def _kept(items: list[Of], gone: frozenset[str], renamed: Mapping[str, str]) -> list[Of]:
    """Return what is remembered of sources, without those that are gone and with new names."""
    if not gone and not renamed:
        return items
    return [
        msgspec.structs.replace(item, source=renamed[item.source]) if item.source in renamed else item
        for item in items
        if item.source not in gone
    ]
