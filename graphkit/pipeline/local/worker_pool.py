"""The crew: who does a build's tasks, this process where one is enough or several."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")


class WorkerPool(Protocol):
    """Does tasks; results come as they are done, in any order."""

    jobs: int

    def do(self, work: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
        """Do `work` for each task."""


class Alone:
    """This process."""

    jobs = 1

    def do(self, work: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
        """Do `work` for each task, when its result is asked for."""
        return map(work, tasks)


@contextmanager
def worker_pool(jobs: int, begin: Callable[..., None], *arguments: object) -> Iterator[WorkerPool]:
    """Give a crew of `jobs` processes in each of which `begin` was called."""
    if jobs == 1:
        begin(*arguments)
        yield Alone()
        return
    from graphkit.pipeline.local.process_pool import Processes  # they take time to import

    processes = Processes(jobs, begin, *arguments)
    try:
        yield processes
    finally:
        processes.stop()


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
