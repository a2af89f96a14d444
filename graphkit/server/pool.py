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
from typing import Any, Generic, TypeVar

import msgspec

from graphkit.errors import UsageError
from graphkit.server.messages import Reply, Request, packed_request
from graphkit.server.processes import Ended, Lost, Nursery, Worker

LIGHT = 0.25
"""Seconds of processor time after which a query counts as long; four times as many by the clock."""

REMEMBERED = 1000
"""So many long queries are remembered."""

REOPENING = 2.0
"""Seconds before another attempt, where a worker or the nursery could not be started."""

Turn = TypeVar("Turn")
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


class Lane(Generic[Turn]):
    """Turns that are given to those who wait in the order in which they came; so many may wait, and so long."""

    def __init__(self, turns: list[Turn], *, queue: int, patience: float) -> None:
        self.free = deque(turns)
        self.waiting: deque[asyncio.Future[Turn]] = deque()
        self._since: deque[float] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._queue = queue
        self._patience = patience

    def take_now(self) -> Turn | None:
        """Return a turn if one is free."""
        return self.free.popleft() if self.free else None

    async def take(self) -> Turn:
        """Return a turn when there is one. Raises `Ended` where too many wait, or for too long."""
        if self.free:
            return self.free.popleft()
        if len(self.waiting) >= self._queue:
            raise Ended("Too many queries are waiting.", retry=2)
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[Turn] = loop.create_future()
        self.waiting.append(turn)
        self._since.append(loop.time())
        if self._timer is None:
            self._timer = loop.call_later(self._patience, self._give_up, loop)
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.give(turn.result())  # it came in the very moment of leaving
            elif turn in self.waiting:
                place = self.waiting.index(turn)
                del self.waiting[place], self._since[place]
            raise

    def _give_up(self, loop: asyncio.AbstractEventLoop) -> None:
        """Tell those that they waited too long; one timer, for the first in the queue, is enough for all."""
        while self.waiting and self._since[0] + self._patience <= loop.time() + 0.001:
            turn = self._next()
            if not turn.done():
                turn.set_exception(Ended(f"The query waited {self._patience:g} seconds for its turn.", retry=5))
        self._timer = loop.call_at(self._since[0] + self._patience, self._give_up, loop) if self.waiting else None

    def give(self, turn: Turn) -> None:
        """Give a turn to whoever is next."""
        while self.waiting:
            next_one = self._next()
            if not next_one.done():
                next_one.set_result(turn)
                return
        self.free.append(turn)

    def _next(self) -> asyncio.Future[Turn]:
        self._since.popleft()
        return self.waiting.popleft()


class _Crowded(Ended):
    """A query that turned out to be long while the long lane was full."""


class Pool:
    """The workers and the queues before them. All methods belong to one event loop."""

    def __init__(self, nursery: Nursery, limits: Limits) -> None:
        self.nursery = nursery
        self.limits = limits
        self.stopping = False
        self._light: Lane[Worker] = Lane([], queue=limits.queue, patience=limits.patience)
        self._long: Lane[bool] = Lane([True] * limits.long, queue=limits.queue, patience=limits.patience)
        self._in_light_lane: set[Worker] = set()
        self._in_long_lane: set[Worker] = set()
        self._births = 0
        self._running: dict[_Run, None] = {}  # the oldest first
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
        if key not in self._known:
            try:
                return await self._run(packed, key, begun)
            except _Crowded:
                pass  # once more, when its turn comes
            except Lost:
                # The worker may have been ended from outside, so that a query which asks for little is asked again.
                # One that asks for too much ends another worker, in the long lane.
                self.remember(key)
        await self._long.take()
        return await self._run(packed, key, begun, is_long=True)

    async def stop(self) -> None:
        """End all workers and the nursery."""
        self.stopping = True
        for worker in (*self._in_light_lane, *self._in_long_lane):
            worker.dismiss()
        await self.nursery.stop()

    async def _run(self, packed: bytes, key: int, begun: Begun | None, *, is_long: bool = False) -> Reply:
        run = None
        try:
            worker = await self._light.take()
            while not worker.alive:  # it ended while it was handed over
                worker = await self._light.take()
            run = _Run(self, worker, key, begun, is_long=is_long)
            return await run.answer(packed)
        finally:
            if run is not None:
                run.close()
            elif is_long:
                self._long.give(True)

    def look_after(self, run: _Run) -> None:
        """Look from time to time whether a query is long; one timer is enough for all."""
        self._running[run] = None
        if self._watch is None:
            self._watch = run.loop.call_later(LIGHT, self._look, run.loop)

    def leave_alone(self, run: _Run) -> None:
        """Look at a query no more."""
        self._running.pop(run, None)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for run in [run for run in self._running if run.started + LIGHT <= now + 0.001]:
            run.look(now)
        self._watch = loop.call_later(LIGHT / 5, self._look, loop) if self._running else None

    def remember(self, key: int) -> None:
        """Remember that a query is long."""
        self._known[key] = None
        self._known.move_to_end(key)
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    def forget(self, key: int) -> None:
        """Forget that a query was long."""
        self._known.pop(key, None)

    def back(self, worker: Worker) -> None:
        """Take back a worker that has answered in the light lane."""
        if worker.alive:
            self._light.give(worker)
        else:
            self._lost(worker)

    def long_turn(self) -> bool:
        """Take a turn in the long lane if one is free and nobody waits for it."""
        return not self._long.waiting and bool(self._long.take_now())

    def enter_long_lane(self, worker: Worker) -> None:
        """Move a worker to the long lane; another takes its place."""
        self._in_light_lane.discard(worker)
        self._in_long_lane.add(worker)
        self.nursery.calm(worker)
        self._refill()

    def leave_long_lane(self, worker: Worker) -> None:
        """End a worker that was in the long lane: its niceness cannot be taken back, and it has a successor."""
        worker.dismiss()
        self._in_long_lane.discard(worker)
        self._long.give(True)

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
            self._light.give(worker)
        else:
            self._refill()

    def _lost(self, worker: Worker) -> None:
        """Take note that a worker is gone; it may be told twice."""
        self._in_light_lane.discard(worker)
        if worker in self._light.free:
            self._light.free.remove(worker)
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
            except (UsageError, OSError, msgspec.MsgspecError):
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
    """One query on one worker, from its start to the worker's return."""

    def __init__(self, pool: Pool, worker: Worker, key: int, begun: Begun | None, *, is_long: bool) -> None:
        self.pool = pool
        self.worker = worker
        self.key = key
        self.begun = begun
        self.is_long = is_long
        self.loop = asyncio.get_running_loop()
        self.started = self.loop.time()
        self.deadline: asyncio.TimerHandle | None = None

    async def answer(self, packed: bytes) -> Reply:
        answer: asyncio.Future[Reply] = self.loop.create_future()
        self.worker.ask(packed, answer)
        if self.is_long:
            self._enter_long_lane()
        else:
            self.pool.look_after(self)
        try:
            reply = await answer
        except asyncio.CancelledError:
            self._end(Ended("The client has gone."))
            raise
        if self.is_long and self.loop.time() - self.started < LIGHT:
            self.pool.forget(self.key)
        return reply

    def close(self) -> None:
        if self.deadline is not None:
            self.deadline.cancel()
        if self.is_long:
            self.pool.leave_long_lane(self.worker)
        else:
            self.pool.leave_alone(self)
            self.pool.back(self.worker)

    def look(self, now: float) -> None:
        """Decide whether the query is long: by its processor time, so that a busy machine makes none long."""
        if not self.worker.busy:
            return
        used = self.worker.processor_used()
        if used is not None and used < LIGHT and now - self.started < 4 * LIGHT:
            return
        self.pool.leave_alone(self)
        self.pool.remember(self.key)
        if self.pool.long_turn():
            self.is_long = True
            self._enter_long_lane()
        else:
            self._end(_Crowded("The query is long, and so are others.", retry=5))

    def _enter_long_lane(self) -> None:
        self.pool.enter_long_lane(self.worker)
        timeout = self.pool.limits.timeout
        reason = Ended(f"The query was ended after {timeout:g} seconds, the longest that one may take here.")
        self.deadline = self.loop.call_at(self.started + timeout, self._end, reason)
        if self.begun is not None:
            self.begun(lambda: self._end(Ended("The client has gone.")))

    def _end(self, reason: Ended) -> None:
        if self.worker.alive:
            self.pool.nursery.kill(self.worker)
        self.worker.fail(reason)
        self.worker.dismiss()  # should it not hear the nursery any more, it hears the end of its socket
