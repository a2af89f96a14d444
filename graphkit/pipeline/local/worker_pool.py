"""The worker pool: runs the tasks of a build, in this process or in several."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol

from graphkit.pipeline.local.worker_context import Result, Task, TaskSettings, Work, WorkerContext


class WorkerPool(Protocol):
    """Runs tasks in `jobs` processes."""

    jobs: int

    def run(self, work: Work[Task, Result], tasks: Iterable[Task]) -> Iterator[tuple[Task, Result]]:
        """Yield each task with the result of `work`, in any order."""


class InProcess:
    """Runs tasks in this process."""

    jobs = 1

    def __init__(self, context: WorkerContext) -> None:
        self.context = context

    def run(self, work: Work[Task, Result], tasks: Iterable[Task]) -> Iterator[tuple[Task, Result]]:
        """Yield each task with the result of `work`, which runs when its result is asked for."""
        return ((task, work(self.context, task)) for task in tasks)


@contextmanager
def worker_pool(jobs: int, settings: TaskSettings) -> Iterator[WorkerPool]:
    """Open a pool of `jobs` processes; with one, tasks run in this process."""
    if jobs == 1:
        with WorkerContext(settings) as context:
            yield InProcess(context)
        return
    from graphkit.pipeline.local.process_pool import ProcessPool  # it takes time to import

    pool = ProcessPool(jobs, settings)
    try:
        yield pool
    finally:
        pool.stop()


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
