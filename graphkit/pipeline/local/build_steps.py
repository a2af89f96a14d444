"""Build steps: the order of a partitioned build, from the files that are there to its result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from graphkit.merge.packing import partition_number
from graphkit.merge.resolution import Resolution, resolve
from graphkit.pipeline.local import build_cache, build_options
from graphkit.pipeline.local.blob_store import BlobStore
from graphkit.pipeline.local.build_context import BuildContext
from graphkit.pipeline.local.build_options import BuildOptions, StageProgress
from graphkit.pipeline.local.build_result import BuildResult
from graphkit.pipeline.local.cached_state import CachedState, Descriptions, WrittenExport, all_texts, file_columns
from graphkit.pipeline.local.changes import Changes, detect_changes
from graphkit.pipeline.local.counting import Counted, count_partitions
from graphkit.pipeline.local.file_reading import FilesRead, read_changes
from graphkit.pipeline.local.merged_articles import merged_articles
from graphkit.pipeline.local.reduction import Reduction, reduce_partitions
from graphkit.pipeline.local.segments import changed_segments, splitters
from graphkit.pipeline.local.source_descriptions import describe
from graphkit.pipeline.local.stamped_files import stamped_files
from graphkit.pipeline.local.turtle_writer import TurtleWriter, export_stamp
from graphkit.pipeline.local.worker_context import TaskSettings
from graphkit.pipeline.local.worker_pool import worker_pool
from graphkit.pipeline.local.workspace import CACHE, spill
from graphkit.pipeline.report import Size, report
from graphkit.sources.finding import SourceListing, shown

_RECORD_BYTES = 3_800
_PARTITION_BYTES = 64 * _RECORD_BYTES
_MAX_PARTITIONS = 2_048
_SEGMENT_BYTES = 1_500 * _RECORD_BYTES
_MAX_SEGMENTS = 256
_MAX_GROWTH = 4
"""A corpus that wants more than so many times the partitions that are cached is read again and partitioned anew."""


def partitioned_build(
    stack: ExitStack,
    workspace: Path | None,
    listing: SourceListing,
    options: BuildOptions,
    progress: StageProgress,
    *,
    ignore_cached: bool,
) -> BuildResult:
    """Run the phases of a build: each returns a value that the later ones use.

    The stack closes what the result still needs. The `workspace` is a locked folder with the cache, if there is any.
    """
    files = stamped_files(listing.files)
    size = sum(one.size for one in files)
    cache = workspace / CACHE if workspace is not None else None
    cached = None if cache is None or ignore_cached else _cached(cache, options, size)
    changes = detect_changes(files, cached)
    build = _context(stack, workspace, cached, changes, size, options, progress)

    read = read_changes(build, changes, len(files))
    counted = count_partitions(build, read)
    resolution = resolve(counted.census, counted.without_url, read.topics, options.rules, counted.moves)
    ends = cached.splitters if cached else splitters(read.samples, min(_MAX_SEGMENTS, size // _SEGMENT_BYTES))
    wants_articles = options.wants_articles(_node_count(build, counted, resolution))
    reduction = reduce_partitions(build, counted, resolution, read.dirty, ends, wants_articles=wants_articles)
    descriptions = describe(build, read, resolution, reduction)
    merged = merged_articles(resolution, reduction.articles, build.scratch) if wants_articles else None
    state = _state(build, read, counted, resolution, reduction, descriptions) if cache is not None else None
    return BuildResult(
        _report(listing, read, resolution, reduction),
        shown([*read.faults, *listing.diagnostics], listing),
        merged,
        len(read.decoded),
        len(read.files) - len(read.decoded),
        _writer(build, reduction, descriptions).write,
        partial(_save, cache, build.store, state),
        listing,
    )


def _cached(cache: Path, options: BuildOptions, size: int) -> CachedState | None:
    """Return the cached state, None where there is none to use for sources of so many bytes."""
    cached = build_cache.load(cache, published_only=options.published_only, base=options.base, rules=options.rules)
    if cached is not None and _partition_count(size) > _MAX_GROWTH * cached.partition_count:
        return None  # each partition would need too much memory
    return cached


def _partition_count(size: int) -> int:
    """Return the number of partitions for sources of so many bytes."""
    return min(_MAX_PARTITIONS, 1 << (size // _PARTITION_BYTES).bit_length() >> 1 or 1)


def _context(
    stack: ExitStack,
    workspace: Path | None,
    cached: CachedState | None,
    changes: Changes,
    size: int,
    options: BuildOptions,
    progress: StageProgress,
) -> BuildContext:
    """Open the blob stores and the worker pool; the stack closes them."""
    scratch_path = stack.enter_context(spill(workspace))
    if workspace is None:
        path = scratch_path
    else:
        path = str(workspace / CACHE) if cached is not None else stack.enter_context(spill(workspace))
    store = stack.enter_context(BlobStore(path))
    scratch = store if path == scratch_path else stack.enter_context(BlobStore(scratch_path))
    partitions = cached.partition_count if cached is not None else _partition_count(size)
    jobs = options.jobs if changes.size > build_options.POOL_BYTES else 1
    settings = TaskSettings(path, scratch_path, partitions, options.published_only, options.base, options.rules)
    pool = stack.enter_context(worker_pool(jobs, settings))
    return BuildContext(options, cached, partitions, pool, store, scratch, progress)


def _node_count(build: BuildContext, counted: Counted, resolution: Resolution) -> int:
    """Return the number of articles, providers and topics; an article that is only listed may be missing."""
    with_url = sum(number for _, number in counted.census.signatures)
    final = {resolution.final_keys.get(key, key) for key in counted.without_url.groups}
    alone = sum(partition_number(key, build.partitions) == build.partitions for key in final)
    return with_url + alone + len(resolution.providers) + len(resolution.topics)


def _writer(build: BuildContext, reduction: Reduction, descriptions: Descriptions) -> TurtleWriter:
    texts = all_texts(reduction.partitions, descriptions)
    cached = build.cached
    changed = None
    if cached is not None and cached.export is not None and cached.prefixes == reduction.prefixes:
        changed = changed_segments(all_texts(cached.partitions, cached.descriptions), texts)
    export = cached.export if cached is not None else None
    return TurtleWriter(build, reduction.prefixes, len(reduction.splitters) + 1, texts, export, changed)


def _report(listing: SourceListing, read: FilesRead, resolution: Resolution, reduction: Reduction) -> dict[str, Any]:
    partitions = reduction.partitions
    size = Size(
        sum(partition.articles for partition in partitions),
        len(resolution.providers),
        len(resolution.topics),
        sum(partition.links for partition in partitions),
    )
    return report(
        size,
        found=len(listing.files),
        skipped=listing.skipped,
        totals=read.totals,
        merged=_sum([resolution.counts, *(partition.counts for partition in partitions)]),
        disagreements=_sum(partition.disagreements for partition in partitions),
        diagnostics=shown([*read.faults, *listing.diagnostics], listing),
        rules=resolution.rules,
        of_sources=listing.diagnostics,
    )


def _sum(parts: Iterable[dict[str, int]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for part in parts:
        total.update(part)
    return total


def _state(
    build: BuildContext,
    read: FilesRead,
    counted: Counted,
    resolution: Resolution,
    reduction: Reduction,
    descriptions: Descriptions,
) -> CachedState:
    """Return what the next build needs, except for the export, which is not written yet."""
    return CachedState(
        key=build_cache.cache_key(published_only=build.options.published_only, rules=build.options.rules),
        files=file_columns(read.files),
        totals=read.totals,
        faults=read.faults,
        topics=read.topics,
        partitions=reduction.partitions,
        census=counted.census,
        title_hashes=counted.title_hashes,
        provider_ids=resolution.provider_ids,
        provider_names=reduction.provider_names,
        final_keys=resolution.final_keys,
        moves=counted.moves,
        base=build.options.base,
        prefixes=reduction.prefixes,
        splitters=reduction.splitters,
        descriptions=descriptions,
        export=None,
    )


def _save(
    cache: Path | None,
    store: BlobStore,
    state: CachedState | None,
    export: WrittenExport | None,
    descriptor: int | None,
) -> None:
    if cache is not None and state is not None and export is not None:
        stamp = () if descriptor is None else export_stamp(descriptor)
        build_cache.save(cache, store, replace(state, export=replace(export, stamp=stamp)))
