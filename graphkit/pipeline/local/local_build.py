"""The local build: a small corpus is built in memory, others in partitions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from graphkit.pipeline.local import build_options, in_memory
from graphkit.pipeline.local.build_options import BuildOptions, StageProgress
from graphkit.pipeline.local.build_result import BuildResult
from graphkit.sources import finding


@contextmanager
def local_build(
    names: Iterable[str | Path],
    options: BuildOptions,
    *,
    cache: Path | None = None,
    ignore_cached: bool = False,
    progress: StageProgress | None = None,
) -> Iterator[BuildResult]:
    """Build from the sources `names`; the result can be written until the block ends.

    With a folder `cache`, which the caller has locked, the build uses what the last one cached there, unless told to
    ignore it, and can save its own. Raises `OutputError` where the disk is full, and `Damaged` where the cache is
    damaged, also while the result is written.
    """
    progress = progress or _no_progress
    with ExitStack() as stack:
        workspace = _cache_folder(cache) if cache is not None else None
        listing = finding.find(names, leave_out=options.leave_out, follow_links=options.follow_links)
        largest = in_memory.LARGEST if options.jobs == 1 else build_options.POOL_BYTES
        if workspace is None and in_memory.fits(listing.files, largest):
            yield in_memory.build(listing, options, progress)
        else:
            # Imported only here: these modules take 4% of the time of a small build in memory.
            from graphkit.pipeline.local.build_steps import partitioned_build

            yield partitioned_build(stack, workspace, listing, options, progress, ignore_cached=ignore_cached)


def _cache_folder(folder: Path) -> Path | None:
    from graphkit.pipeline.local.workspace import cache_folder

    return cache_folder(folder)


def _no_progress(stage: str, done: int, total: int) -> None:
    pass
