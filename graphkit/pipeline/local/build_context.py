"""The build context: what all phases of a local build use."""

from __future__ import annotations

from typing import NamedTuple

from graphkit.pipeline.local.blob_store import BlobStore
from graphkit.pipeline.local.build_options import BuildOptions, StageProgress
from graphkit.pipeline.local.cached_state import CachedState
from graphkit.pipeline.local.worker_pool import WorkerPool


class BuildContext(NamedTuple):
    """The options, the state cached by the last build, the worker pool and the open blob stores.

    `store` takes what may be cached, `scratch` what only this build needs. There are `partitions` partitions, besides
    the last one, which holds the entries without URL.
    """

    options: BuildOptions
    cached: CachedState | None
    partitions: int
    pool: WorkerPool
    store: BlobStore
    scratch: BlobStore
    progress: StageProgress
