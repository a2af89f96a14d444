"""The context of a worker: the settings and open files that all tasks of a build share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, Self, TypeVar

from graphkit.identity.identity_rules import IdentityRules
from graphkit.merge.packing import Packer
from graphkit.pipeline.local.blob_store import BlobStore, Extent

Value = TypeVar("Value")
Task = TypeVar("Task")
Result = TypeVar("Result")


class TaskSettings(NamedTuple):
    """What all tasks of a build have in common. The file `scratch` holds blobs that only this build needs."""

    store: str
    scratch: str
    partitions: int
    published_only: bool
    base: str
    rules: IdentityRules | None = None


class WorkerContext:
    """The open blob stores of one worker, and the values it decoded that many tasks use."""

    def __init__(self, settings: TaskSettings) -> None:
        self.settings = settings
        self.store = BlobStore(settings.store)
        self.scratch = BlobStore(settings.scratch) if settings.scratch != settings.store else self.store
        self.packer = Packer(settings.partitions)
        self._decoded: dict[Callable[[bytes], Any], tuple[Extent, Any]] = {}

    def __enter__(self) -> Self:
        """Return the context; its files are closed when the block ends."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the files."""
        self.store.close()
        if self.scratch is not self.store:
            self.scratch.close()

    def shared(self, extent: Extent, decode: Callable[[bytes], Value]) -> Value:
        """Return the value of a scratch blob that many tasks use: each decoder's latest blob is decoded once."""
        known = self._decoded.get(decode)
        if known is None or known[0] != extent:
            known = self._decoded[decode] = (extent, decode(self.scratch.read(extent)))
        value: Value = known[1]
        return value


Work = Callable[[WorkerContext, Task], Result]
"""A function of a worker's context and a task; it must be importable, as other processes find it by name."""
