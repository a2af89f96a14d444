"""Counting: the phase that takes the census of each partition that changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from graphkit.garbage_collection import collector_paused
from graphkit.merge import census
from graphkit.merge.census import Census
from graphkit.merge.declared_addresses import moved_keys, only_keys, partition_with_moves
from graphkit.merge.mentions import Partition, add_mentions
from graphkit.merge.packing import (
    census_of_chunks,
    pack,
    packed_titles,
    partition_number,
    split_hashes,
    title_hash,
    title_hashes_of,
    unpack,
    with_sources_changed,
)
from graphkit.merge.resolution import titles_of
from graphkit.pipeline.local.blob_store import Extent
from graphkit.pipeline.local.build_context import BuildContext
from graphkit.pipeline.local.cached_state import CachedPartition
from graphkit.pipeline.local.file_reading import FilesRead
from graphkit.pipeline.local.worker_context import WorkerContext


class CountTask(NamedTuple):
    """A partition to count, with its new chunks and the sources in the others that are gone or renamed.

    `title_hashes` is the scratch blob with the hashes of the titles of entries without URL.
    """

    number: int
    partition: CachedPartition
    new: tuple[Extent, ...] = ()
    gone: frozenset[str] = frozenset()
    renamed: Mapping[str, str] = {}
    title_hashes: Extent | None = None


class Counted(NamedTuple):
    """All partitions with their census, and the sum of these; `counted` are the partitions that were counted now.

    `without_url` are the entries without URL, `title_hashes` the hashes of their titles. `moves` are the keys of
    articles that move to others, see `moved_keys`.
    """

    partitions: list[CachedPartition]
    census: Census
    without_url: Partition
    title_hashes: bytes
    counted: frozenset[int]
    moves: dict[str, str]


class TitlesTask(NamedTuple):
    """The chunks of a partition that may hold articles with these keys, whose titles are wanted."""

    chunks: list[Extent]
    keys: frozenset[str]


def titles_of_keys(context: WorkerContext, task: TitlesTask) -> dict[str, set[str]]:
    """Return the titles of the articles of a partition with some keys."""
    return packed_titles(map(context.store.read, task.chunks), task.keys)


class MovedTask(NamedTuple):
    """A counted partition that articles move to or away from, with packed articles of others that move to its own."""

    number: int
    partition: CachedPartition
    arrived: bytes
    moves: dict[str, str]
    title_hashes: Extent | None


def count_moved(context: WorkerContext, task: MovedTask) -> CachedPartition:
    """Take the census of a partition after articles moved; what its articles declare remains."""
    with collector_paused():
        store, partitions = context.store, context.settings.partitions
        hashes = context.shared(task.title_hashes, _hashes) if task.title_hashes else ()
        whole = partition_with_moves(
            unpack(map(store.read, task.partition.chunks)),
            unpack([task.arrived]) if task.arrived else Partition({}, {}),
            task.moves,
            lambda key: partition_number(key, partitions) == task.number,
        )
        packed = [pack(whole)]
        said = _CENSUS(store.read(task.partition.census)).declarations if task.partition.census else ()
        return replace(
            task.partition,
            moved=store.append(packed[0]),
            census=store.append(_ENCODE(replace(census_of_chunks(packed, hashes), declarations=said))),
            title_hashes=store.append(b"".join(sorted(title_hashes_of(packed)))),
        )


def count_partition(context: WorkerContext, task: CountTask) -> CachedPartition:
    """Bring the chunks of a partition up to date and take its census."""
    with collector_paused():
        store = context.store
        old = task.partition.chunks
        chunks = [*old, *task.new]
        packed = [store.read(extent) for extent in chunks]
        if task.gone or task.renamed:
            kept = with_sources_changed(unpack(packed[: len(old)]), task.gone, task.renamed)
            packed = [pack(unpack([pack(kept), *packed[len(old) :]]))]
            chunks = [store.append(packed[0])]
        hashes = context.shared(task.title_hashes, _hashes) if task.title_hashes else ()
        return replace(
            task.partition,
            chunks=chunks,
            moved=None,
            census=store.append(_ENCODE(census_of_chunks(packed, hashes))),
            title_hashes=store.append(b"".join(sorted(title_hashes_of(packed)))),
        )


def count_partitions(build: BuildContext, read: FilesRead) -> Counted:
    """Count the partitions whose census may have changed."""
    cached, last = build.cached, build.partitions
    partitions = list(cached.partitions) if cached else [CachedPartition() for _ in range(last + 1)]

    def task(number: int, hashes: Extent | None = None) -> CountTask:
        new = tuple(read.chunks.get(number, ()))
        stale = (read.gone, read.renamed) if number in read.dirty else (frozenset[str](), {})
        return CountTask(number, partitions[number], new, *stale, hashes)

    if last in read.dirty:
        ((_, partitions[last]),) = build.pool.run(count_partition, [task(last)])
    without_url = unpack([build.store.read(extent) for extent in partitions[last].chunks])
    hashes = {title_hash(title) for title in titles_of(without_url)}
    column = b"".join(sorted(hashes))
    counted = _to_count(build, read, hashes)
    extent = build.scratch.append(column) if hashes else None
    before: list[Census] = []
    after: list[Census] = []
    tasks = (task(number, extent) for number in sorted(counted))
    for done, (one, partition) in enumerate(build.pool.run(count_partition, tasks), 1):
        before += _censuses(build, one.partition)
        after += _censuses(build, partition)
        partitions[one.number] = partition
        build.progress("Counting", done, len(counted))
    total = census.updated(cached.census, before, after) if cached else census.summed(after)
    moves = _moves(build, partitions, total)
    moved: list[tuple[MovedTask, CachedPartition]] = []
    if moves:
        moved = list(build.pool.run(count_moved, _moved_tasks(build, partitions, moves, extent)))
        said = [replace(one, declarations=()) for task, _ in moved for one in _censuses(build, task.partition)]
        now = [replace(one, declarations=()) for _, found in moved for one in _censuses(build, found)]
        total = census.updated(total, said, now)
        for one_moved, found in moved:
            partitions[one_moved.number] = found
    return Counted(
        partitions, total, without_url, column, frozenset({*counted, *(task.number for task, _ in moved)}), moves
    )


def _moves(build: BuildContext, partitions: list[CachedPartition], total: Census) -> dict[str, str]:
    """Return the keys of articles that move to others, as these declare their addresses."""
    wanted: dict[int, set[str]] = {}
    for one in total.declarations:
        wanted.setdefault(partition_number(one.declared, build.partitions), set()).add(one.declared)
    titles: dict[str, set[str]] = {}
    tasks = (TitlesTask(partitions[number].chunks, frozenset(keys)) for number, keys in sorted(wanted.items()))
    for _, found in build.pool.run(titles_of_keys, tasks):
        titles.update(found)
    return moved_keys(total.declarations, titles, build.options.rules) if titles else {}


def _moved_tasks(
    build: BuildContext, partitions: list[CachedPartition], moves: dict[str, str], hashes: Extent | None
) -> Iterator[MovedTask]:
    """Yield the partitions that articles move to or away from."""
    leaving: dict[int, set[str]] = {}
    for key in moves:
        leaving.setdefault(partition_number(key, build.partitions), set()).add(key)
    arrived: dict[int, Partition] = {number: Partition({}, {}) for number in leaving}
    for number, keys in sorted(leaving.items()):
        found = only_keys(unpack(map(build.store.read, partitions[number].chunks)), keys)
        for key, group in found.groups.items():
            home = partition_number(moves[key], build.partitions)
            waiting = arrived.setdefault(home, Partition({}, {}))
            if home != number:
                add_mentions(waiting, key, group, found.listings.get(key, []))
    for number, waiting in sorted(arrived.items()):
        yield MovedTask(number, partitions[number], pack(waiting) if waiting.groups else b"", moves, hashes)


def _to_count(build: BuildContext, read: FilesRead, hashes: set[bytes]) -> set[int]:
    """Return the partitions to count: those that changed, and those with a title that a new entry without URL has."""
    if build.cached is None:
        return set(range(build.partitions))
    counted = set(read.dirty) - {build.partitions}
    counted.update(number for number, one in enumerate(build.cached.partitions) if one.moved is not None)
    new = hashes - _hashes(build.cached.title_hashes)
    for number, partition in enumerate(build.cached.partitions[:-1] if new else ()):
        extent = partition.title_hashes
        if number not in counted and extent and not new.isdisjoint(_hashes(build.store.read(extent))):
            counted.add(number)
    return counted


def _censuses(build: BuildContext, partition: CachedPartition) -> Iterator[Census]:
    if partition.census is not None:
        yield _CENSUS(build.store.read(partition.census))


def _hashes(column: bytes) -> frozenset[bytes]:
    return frozenset(split_hashes(column))


_ENCODE = msgspec.msgpack.Encoder().encode
_CENSUS = msgspec.msgpack.Decoder(Census).decode
