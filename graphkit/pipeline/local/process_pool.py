"""A crew of processes."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice

from graphkit.errors import GraphkitError
from graphkit.pipeline.local.worker_pool import Result, Task

WAITING = 3
"""The tasks that are handed out to each process ahead."""


class Processes:
    """Several processes, each begun with the same call."""

    def __init__(self, jobs: int, begin: Callable[..., None], *arguments: object) -> None:
        # Not forked: this process may have threads, and a child would hold on to its memory.
        context = multiprocessing.get_context("spawn")
        self.jobs = jobs
        self.pool = ProcessPoolExecutor(jobs, context, _begin, (begin, arguments))

    def do(self, work: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
        """Do `work` for each task; a few are handed out ahead, so that what waits stays small."""
        waiting: set[Future[Result]] = set()
        todo = iter(tasks)
        try:
            while True:
                for task in islice(todo, WAITING * self.jobs - len(waiting)):
                    with _interrupts_blocked():  # it may start a process
                        waiting.add(self.pool.submit(work, task))
                if not waiting:
                    return
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:
                    yield future.result()
        except BrokenProcessPool:
            raise GraphkitError("expected all processes to finish, got one that was ended, maybe for memory") from None

    def stop(self) -> None:
        """End the processes; what they have not begun is not done."""
        self.pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """Have processes that start now never hear of an interrupt: it ends the first process, and that one the others."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _begin(begin: Callable[..., None], arguments: tuple[object, ...]) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    begin(*arguments)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
