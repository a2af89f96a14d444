"""The scheduler: which worker answers which query, and which query is killed.

Two queues keep short queries fast, whatever the long ones do. Every query starts on a worker for short ones. If it is
still running after `SHORT` seconds, it takes a slot for long queries, and its worker with it: the worker gets a lower
priority and runs until the deadline, and a new worker takes its place. If no such slot is free, the query is killed,
and runs again when it gets one. A query known to be long waits for such a slot from the start.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Coroutine
from typing import Any

import msgspec

from graphkit.errors import GraphkitError
from graphkit.server.admission_queue import AdmissionQueue
from graphkit.server.fork_server_client import ForkServerClient
from graphkit.server.query_limits import QueryLimits
from graphkit.server.worker_connection import Requeued, ServiceUnavailable, WorkerConnection, WorkerDied
from graphkit.server.worker_messages import QueryReply, QueryRequest, packed_request

SHORT = 0.25
"""Seconds of processor time that a short query takes at most, unless many wait; four times as many by the clock."""

CHECK_INTERVAL = SHORT / 5
"""Seconds between two checks of running queries; what is queued behind one that takes longer is moved."""

CROWDED = 1 / 4
"""The share of the queue for short queries from which on a query is long after a single check interval.

A burst of new long queries would otherwise keep short ones waiting for `SHORT` seconds each.
"""

PIPELINE_DEPTH = 8
"""Queries sent to a worker at a time: sleeping between two costs it more than a short query does."""

FRESH = 0.005
"""Seconds for which a query may have run for another to be queued behind it."""

REMEMBERED = 1000
"""Long queries remembered."""

RESTART_DELAY = 2.0
"""Seconds before the next attempt to start a worker or the fork server."""


def _least_busy(free: deque[WorkerConnection]) -> WorkerConnection | None:
    """Return the worker with the fewest queries; queue none behind a query that has been running for a while."""
    worker = min(free, key=lambda one: len(one.pending))
    if not worker.pending:
        return worker
    now = asyncio.get_running_loop().time()
    fresh = [one for one in free if now - one.started < FRESH]
    return min(fresh, key=lambda one: len(one.pending)) if fresh else None


class _LongSlotsBusy(ServiceUnavailable):
    """A query that turned out to be long while no slot for long queries was free."""


class QueryScheduler:
    """The workers and the queues in front of them. All methods belong to one event loop."""

    def __init__(self, fork_server: ForkServerClient, limits: QueryLimits) -> None:
        self.fork_server = fork_server
        self.limits = limits
        self.stopping = False
        self._short_queue: AdmissionQueue[WorkerConnection] = AdmissionQueue(
            length=limits.queue_length, timeout=limits.queue_timeout, choose=_least_busy
        )
        self._long_queue: AdmissionQueue[bool] = AdmissionQueue(
            length=limits.queue_length, timeout=limits.queue_timeout
        )
        self._long_queue.free.extend([True] * limits.long_workers)
        self._short_workers: set[WorkerConnection] = set()
        self._long_workers: set[WorkerConnection] = set()
        self._starting = 0
        self._running: dict[asyncio.Future[QueryReply], _RunningQuery] = {}
        self._check: asyncio.TimerHandle | None = None
        self._known_long: OrderedDict[int, None] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Start the first workers."""
        self.fork_server.watch(self._fork_server_died)
        self._fill()
        await asyncio.gather(*self._tasks)

    async def answer(self, request: QueryRequest) -> QueryReply:
        """Return a worker's answer. Raises `ServiceUnavailable` if there is none.

        A query whose caller is cancelled is killed if it runs.
        """
        packed = packed_request(request)
        key = hash(packed)
        while key not in self._known_long:
            worker = await self._short_queue.acquire()
            if not worker.alive:
                continue  # it died while it was handed over
            try:
                return await _RunningQuery(self, worker, key).answer(packed)
            except Requeued:
                continue
            except _LongSlotsBusy:
                break  # runs again when it gets a slot
            except WorkerDied:
                # Somebody else may have killed the worker, so retry the query; if it does need too much memory, it
                # kills another worker, in a slot for long queries.
                self.remember_long(key)
        await self._long_queue.acquire()
        try:
            worker = await self.fork_server.start_worker(self._worker_lost)
        except BaseException:
            self._long_queue.release(True)
            raise
        return await _RunningQuery(self, worker, key, is_long=True).answer(packed)

    async def stop(self) -> None:
        """End all workers and the fork server."""
        self.stopping = True
        for worker in (*self._short_workers, *self._long_workers):
            worker.close()
        await self.fork_server.stop()

    def begin(self, query: _RunningQuery) -> None:
        """Check from time to time whether a query is long; one timer serves all."""
        self._running[query.reply] = query
        if self._check is None:
            self._check = query.loop.call_later(CHECK_INTERVAL, self._check_running, query.loop)

    def finish(self, query: _RunningQuery) -> None:
        """Take back the worker of a query that is over."""
        self._running.pop(query.reply, None)
        worker = query.worker
        if query.is_long:
            # Its priority cannot be raised again, and it has a successor. It may have begun what was queued behind.
            self.fork_server.kill(worker)
            worker.close()
            self._long_workers.discard(worker)
            self._long_queue.release(True)
        elif worker.alive and worker in self._short_workers:
            self._short_queue.release(worker)

    def remember_long(self, key: int) -> None:
        """Remember that a query is long."""
        self._known_long[key] = None
        self._known_long.move_to_end(key)
        while len(self._known_long) > REMEMBERED:
            self._known_long.popitem(last=False)

    def forget_long(self, key: int) -> None:
        """Forget that a query was long."""
        self._known_long.pop(key, None)

    def try_long_slot(self) -> bool:
        """Take a slot for a long query, if one is free and nobody waits for it."""
        return not self._long_queue.waiting and bool(self._long_queue.try_acquire())

    def make_long(self, worker: WorkerConnection) -> None:
        """Let a worker run a long query; another takes its place, and others its next queries."""
        self._short_workers.discard(worker)
        self._short_queue.remove(worker)
        self._long_workers.add(worker)
        worker.requeue_others()
        self.fork_server.renice(worker)
        self._fill()

    def _check_running(self, loop: asyncio.AbstractEventLoop) -> None:
        """Find the long queries on workers for short ones."""
        now = loop.time()
        for worker in list(self._short_workers):
            if not worker.pending or now - worker.started < CHECK_INTERVAL:
                continue
            worker.requeue_others()
            if not self._is_long(worker, now):
                continue
            query = self._running.get(worker.pending[0])
            if query is None:  # nobody waits for it any more
                self.fork_server.kill(worker)
                worker.close()
            elif self.try_long_slot():
                self.remember_long(query.key)
                query.make_long()
            else:
                self.remember_long(query.key)
                query.kill(_LongSlotsBusy("The query is long, and so are others.", retry_after=5))
        self._check = loop.call_later(CHECK_INTERVAL, self._check_running, loop) if self._running else None

    def _is_long(self, worker: WorkerConnection, now: float) -> bool:
        """Judge a query by processor time, so that a busy machine does not make every query a long one."""
        crowded = len(self._short_queue.waiting) >= CROWDED * self.limits.queue_length
        most = CHECK_INTERVAL if crowded else SHORT
        if now - worker.started < most:
            return False
        used = worker.processor_time()
        return used is None or used >= most or now - worker.started >= 4 * most

    def _fill(self) -> None:
        """Start as many workers for short queries as are missing."""
        while not self.stopping and len(self._short_workers) + self._starting < self.limits.short_workers:
            self._starting += 1
            self._spawn(self._start_worker())

    async def _start_worker(self) -> None:
        try:
            worker = await self.fork_server.start_worker(self._worker_lost)
        except ServiceUnavailable:
            asyncio.get_running_loop().call_later(RESTART_DELAY, self._fill)
            return
        finally:
            self._starting -= 1
        if self.stopping:
            worker.close()
        elif worker.alive:
            self._short_workers.add(worker)
            for _ in range(PIPELINE_DEPTH):
                self._short_queue.release(worker)
        else:
            self._fill()

    def _worker_lost(self, worker: WorkerConnection) -> None:
        """Replace a worker that is gone; may be called twice."""
        self._short_workers.discard(worker)
        self._short_queue.remove(worker)
        self._fill()

    def _fork_server_died(self) -> None:
        for worker in (*self._short_workers, *self._long_workers):
            worker.close()
        if not self.stopping:
            self._spawn(self._restart_fork_server())

    async def _restart_fork_server(self) -> None:
        """Restart the fork server after it died, for which only a lack of memory should be a reason."""
        while not self.stopping:
            try:
                await asyncio.to_thread(self.fork_server.open)
            except (GraphkitError, OSError, msgspec.MsgspecError):
                await asyncio.sleep(RESTART_DELAY)
                continue
            if self.stopping:
                await self.fork_server.stop()
                return
            self.fork_server.watch(self._fork_server_died)
            self._fill()
            return

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class _RunningQuery:
    """One query on one worker, until it is answered, killed or requeued."""

    def __init__(
        self,
        scheduler: QueryScheduler,
        worker: WorkerConnection,
        key: int,
        *,
        is_long: bool = False,
    ) -> None:
        self.scheduler = scheduler
        self.worker = worker
        self.key = key
        self.is_long = is_long
        self.loop = asyncio.get_running_loop()
        self.reply: asyncio.Future[QueryReply] = self.loop.create_future()
        self.deadline: asyncio.TimerHandle | None = None

    async def answer(self, packed: bytes) -> QueryReply:
        self.worker.send(packed, self.reply)
        started = self.worker.started
        if self.is_long:
            self.make_long()
        self.scheduler.begin(self)
        try:
            reply = await self.reply
        except asyncio.CancelledError:
            if self.worker.pending and self.worker.pending[0] is self.reply:
                self.kill(ServiceUnavailable("The client has gone."))
            raise
        finally:
            if self.deadline is not None:
                self.deadline.cancel()
            self.scheduler.finish(self)
        if self.is_long and self.loop.time() - started < SHORT:
            self.scheduler.forget_long(self.key)
        return reply

    def make_long(self) -> None:
        self.is_long = True
        self.scheduler.make_long(self.worker)
        timeout = self.scheduler.limits.timeout
        reason = ServiceUnavailable(
            f"The query was ended after {timeout:g} seconds, the longest that one may take here."
        )
        self.deadline = self.loop.call_at(self.worker.started + timeout, self.kill, reason)

    def kill(self, reason: ServiceUnavailable) -> None:
        """Kill the query, and its worker with it."""
        if self.worker.alive:
            self.scheduler.fork_server.kill(self.worker)
        self.worker.fail(reason)
        self.worker.close()  # ends the worker even if the fork server is gone
