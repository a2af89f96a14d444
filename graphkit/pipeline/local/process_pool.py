"""The process pool: runs tasks in several processes, each with a context of its own."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from itertools import islice
from multiprocessing import resource_tracker

from graphkit.errors import GraphkitError
from graphkit.pipeline.local.worker_context import Result, Task, TaskSettings, Work, WorkerContext

QUEUED = 3
"""The number of tasks that are handed to each process ahead of time."""

_CONTEXT: list[WorkerContext] = []
"""The context of this process, if it is a worker."""


class ProcessPool:
    """Several worker processes."""

    def __init__(self, jobs: int, settings: TaskSettings) -> None:
        # Not forked: this process may have threads, and a child would hold on to its memory.
        context = multiprocessing.get_context("spawn")
        self.jobs = jobs
        self.executor = ProcessPoolExecutor(jobs, context, _start, (settings,))

    def run(self, work: Work[Task, Result], tasks: Iterable[Task]) -> Iterator[tuple[Task, Result]]:
        """Yield each task with the result of `work`, in the order in which they end; few are queued at a time."""
        pending: dict[Future[Result], Task] = {}
        remaining = iter(tasks)
        try:
            while True:
                for task in islice(remaining, QUEUED * self.jobs - len(pending)):
                    with _interrupts_blocked():  # submitting may start a process
                        pending[self.executor.submit(_run, work, task)] = task
                if not pending:
                    return
                for future in wait(pending, return_when=FIRST_COMPLETED).done:
                    yield pending.pop(future), future.result()
        except BrokenProcessPool:
            raise GraphkitError(
                "expected all processes to finish, got one that was ended, maybe for want of memory or room in TMPDIR"
            ) from None

    def stop(self) -> None:
        """End the processes and cancel the tasks that none of them has started."""
        self.executor.shutdown(wait=True, cancel_futures=True)
        # The interpreter's own process, which would outlive this command for a moment; it starts again if needed.
        with suppress(AttributeError, OSError):
            resource_tracker._resource_tracker._stop()  # type: ignore[attr-defined]  # noqa: SLF001


@contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """Block SIGINT for processes that start now: an interrupt ends this process, which then ends the workers."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _start(settings: TaskSettings) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _CONTEXT.append(WorkerContext(settings))


def _run(work: Work[Task, Result], task: Task) -> Result:
    return work(_CONTEXT[0], task)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
