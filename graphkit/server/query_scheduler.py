"""The pool: which worker answers which query, and which query is ended.

Two lanes keep short queries fast whatever the long ones do. Every query starts in the light lane. One that is still
running after `LIGHT` seconds moves, with its worker, to the long lane, where it is given less of the processor and
runs until the deadline; a new worker takes its place. Where the long lane is full it is ended, and begun again when
its turn comes there. A query that was long is remembered, and waits for its turn from the start.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Coroutine
from typing import Any

import msgspec

from graphkit.errors import GraphkitError
from graphkit.server.admission_queue import Lane
from graphkit.server.worker_connection import Ended, Lost, Moved, Nursery, Worker
from graphkit.server.worker_messages import Reply, Request, packed_request

LIGHT = 0.25
"""Seconds of processor time after which a query counts as long; four times as many by the clock."""

LOOK = LIGHT / 5
"""Seconds between two looks at what runs; what waits behind a query that takes longer is moved."""

AHEAD = 8
"""So many queries a worker is given at a time: it need not sleep between them, which costs more than a short one."""

FRESH = 0.005
"""Seconds that a query may have run for another to be put behind it."""

REMEMBERED = 1000
"""So many long queries are remembered."""

REOPENING = 2.0
"""Seconds before another attempt, where a worker or the nursery could not be started."""

Begun = Callable[[Callable[[], None]], None]


class Limits(msgspec.Struct, frozen=True):
    """What queries may take: `timeout` and `patience` (in a queue) in seconds, `memory` and `result` in bytes.

    `light` and `long` are numbers of workers, `queue` how many queries may wait for each.
    """

    timeout: float = 30.0
    memory: int = 1 << 30
    result: int = 1 << 28
    light: int = 2
    long: int = 2
    queue: int = 64
    patience: float = 15.0


def _idlest(free: deque[Worker]) -> Worker | None:
    """Return the worker with the fewest queries; none is put behind one that has been running for some time."""
    worker = min(free, key=lambda one: len(one.asked))
    if not worker.asked:
        return worker
    now = asyncio.get_running_loop().time()
    fresh = [one for one in free if now - one.since < FRESH]
    return min(fresh, key=lambda one: len(one.asked)) if fresh else None


class _Crowded(Ended):
    """A query that turned out to be long while the long lane was full."""


class Pool:
    """The workers and the queues before them. All methods belong to one event loop."""

    def __init__(self, nursery: Nursery, limits: Limits) -> None:
        self.nursery = nursery
        self.limits = limits
        self.stopping = False
        self._light: Lane[Worker] = Lane(queue=limits.queue, patience=limits.patience, best=_idlest)
        self._long: Lane[bool] = Lane(queue=limits.queue, patience=limits.patience)
        self._long.free.extend([True] * limits.long)
        self._in_light_lane: set[Worker] = set()
        self._in_long_lane: set[Worker] = set()
        self._births = 0
        self._runs: dict[asyncio.Future[Reply], _Run] = {}
        self._watch: asyncio.TimerHandle | None = None
        self._known: OrderedDict[int, None] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Make the first workers."""
        self.nursery.watch(self._orphaned)
        self._refill()
        await asyncio.gather(*self._tasks)

    async def answer(self, request: Request, *, begun: Begun | None = None) -> Reply:
        """Return a worker's answer. Raises `Ended` where there is none.

        `begun` is called when the query enters the long lane, with a function that ends it.
        """
        packed = packed_request(request)
        key = hash(packed)
        while key not in self._known:
            worker = await self._light.take()
            if not worker.alive:
                continue  # it ended while it was handed over
            try:
                return await _Run(self, worker, key, begun).answer(packed)
            except Moved:
                continue
            except _Crowded:
                break  # once more, when its turn comes
            except Lost:
                # The worker may have been ended from outside, so that a query which asks for little is asked again.
                # One that asks for too much ends another worker, in the long lane.
                self.remember(key)
        await self._long.take()
        try:
            worker = await self.nursery.worker(self._lost)
        except BaseException:
            self._long.give(True)
            raise
        return await _Run(self, worker, key, begun, is_long=True).answer(packed)

    async def stop(self) -> None:
        """End all workers and the nursery."""
        self.stopping = True
        for worker in (*self._in_light_lane, *self._in_long_lane):
            worker.dismiss()
        await self.nursery.stop()

    def begin(self, run: _Run) -> None:
        """Look from time to time whether a query is long; one timer is enough for all."""
        self._runs[run.reply] = run
        if self._watch is None:
            self._watch = run.loop.call_later(LOOK, self._look, run.loop)

    def finish(self, run: _Run) -> None:
        """Take back the worker of a query that is over."""
        self._runs.pop(run.reply, None)
        worker = run.worker
        if run.is_long:
            # Its niceness cannot be taken back, and it has a successor. It may have begun what waited behind.
            self.nursery.kill(worker)
            worker.dismiss()
            self._in_long_lane.discard(worker)
            self._long.give(True)
        elif worker.alive and worker in self._in_light_lane:
            self._light.give(worker)

    def remember(self, key: int) -> None:
        """Remember that a query is long."""
        self._known[key] = None
        self._known.move_to_end(key)
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    def forget(self, key: int) -> None:
        """Forget that a query was long."""
        self._known.pop(key, None)

    def long_turn(self) -> bool:
        """Take a turn in the long lane if one is free and nobody waits for it."""
        return not self._long.waiting and bool(self._long.take_now())

    def enter_long_lane(self, worker: Worker) -> None:
        """Move a worker to the long lane; another takes its place, and others its next queries."""
        self._in_light_lane.discard(worker)
        self._light.withdraw(worker)
        self._in_long_lane.add(worker)
        worker.move_others()
        self.nursery.calm(worker)
        self._refill()

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """Look at what every worker of the light lane is doing."""
        now = loop.time()
        for worker in list(self._in_light_lane):
            if not worker.asked or now - worker.since < LOOK:
                continue
            worker.move_others()
            if not self._is_long(worker, now):
                continue
            run = self._runs.get(worker.asked[0])
            if run is None:  # nobody waits for it any more
                self.nursery.kill(worker)
                worker.dismiss()
            elif self.long_turn():
                self.remember(run.key)
                run.enter_long_lane()
            else:
                self.remember(run.key)
                run.end(_Crowded("The query is long, and so are others.", retry=5))
        self._watch = loop.call_later(LOOK, self._look, loop) if self._runs else None

    def _is_long(self, worker: Worker, now: float) -> bool:
        """Tell by its processor time whether a query is long, so that a busy machine makes none long."""
        if now - worker.since < LIGHT:
            return False
        used = worker.processor_used()
        return used is None or used >= LIGHT or now - worker.since >= 4 * LIGHT

    def _refill(self) -> None:
        """Call for as many workers as the light lane lacks."""
        while not self.stopping and len(self._in_light_lane) + self._births < self.limits.light:
            self._births += 1
            self._spawn(self._hire())

    async def _hire(self) -> None:
        try:
            worker = await self.nursery.worker(self._lost)
        except Ended:
            asyncio.get_running_loop().call_later(REOPENING, self._refill)
            return
        finally:
            self._births -= 1
        if self.stopping:
            worker.dismiss()
        elif worker.alive:
            self._in_light_lane.add(worker)
            for _ in range(AHEAD):
                self._light.give(worker)
        else:
            self._refill()

    def _lost(self, worker: Worker) -> None:
        """Take note that a worker is gone; it may be told twice."""
        self._in_light_lane.discard(worker)
        self._light.withdraw(worker)
        self._refill()

    def _orphaned(self) -> None:
        for worker in (*self._in_light_lane, *self._in_long_lane):
            worker.dismiss()
        if not self.stopping:
            self._spawn(self._reopen())

    async def _reopen(self) -> None:
        """Start the nursery again after it has ended by itself, which only the system's lack of memory should cause."""
        while not self.stopping:
            try:
                await asyncio.to_thread(self.nursery.open)
            except (GraphkitError, OSError, msgspec.MsgspecError):
                await asyncio.sleep(REOPENING)
                continue
            if self.stopping:
                await self.nursery.stop()
                return
            self.nursery.watch(self._orphaned)
            self._refill()
            return

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class _Run:
    """One query on one worker, until it is answered, ended or moved."""

    def __init__(self, pool: Pool, worker: Worker, key: int, begun: Begun | None, *, is_long: bool = False) -> None:
        self.pool = pool
        self.worker = worker
        self.key = key
        self.begun = begun
        self.is_long = is_long
        self.loop = asyncio.get_running_loop()
        self.reply: asyncio.Future[Reply] = self.loop.create_future()
        self.deadline: asyncio.TimerHandle | None = None

    async def answer(self, packed: bytes) -> Reply:
        self.worker.ask(packed, self.reply)
        started = self.worker.since
        if self.is_long:
            self.enter_long_lane()
        self.pool.begin(self)
        try:
            reply = await self.reply
        except asyncio.CancelledError:
            if self.worker.asked and self.worker.asked[0] is self.reply:
                self.end(Ended("The client has gone."))
            raise
        finally:
            if self.deadline is not None:
                self.deadline.cancel()
            self.pool.finish(self)
        if self.is_long and self.loop.time() - started < LIGHT:
            self.pool.forget(self.key)
        return reply

    def enter_long_lane(self) -> None:
        self.is_long = True
        self.pool.enter_long_lane(self.worker)
        timeout = self.pool.limits.timeout
        reason = Ended(f"The query was ended after {timeout:g} seconds, the longest that one may take here.")
        self.deadline = self.loop.call_at(self.worker.since + timeout, self.end, reason)
        if self.begun is not None:
            self.begun(lambda: self.end(Ended("The client has gone.")))

    def end(self, reason: Ended) -> None:
        """End the query, and its worker with it."""
        if self.worker.alive:
            self.pool.nursery.kill(self.worker)
        self.worker.fail(reason)
        self.worker.dismiss()  # should it not hear the nursery any more, it hears the end of its socket
