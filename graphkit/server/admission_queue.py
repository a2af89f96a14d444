"""Admission: slots, and the queries that wait for one, bounded in number and in time."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from graphkit.server.worker_connection import ServiceUnavailable

Slot = TypeVar("Slot")


class AdmissionQueue(Generic[Slot]):
    """Slots, handed out first come, first served. At most `length` callers wait, each at most `timeout` seconds.

    `choose` picks the free slot to hand out; None means that none may be handed out now.
    """

    def __init__(
        self, *, length: int, timeout: float, choose: Callable[[deque[Slot]], Slot | None] = lambda free: free[0]
    ) -> None:
        self.free: deque[Slot] = deque()
        self.waiting: deque[asyncio.Future[Slot]] = deque()
        self._since: deque[float] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._length = length
        self._timeout = timeout
        self._choose = choose

    def try_acquire(self) -> Slot | None:
        """Return a slot if one is free."""
        slot = self._choose(self.free) if self.free else None
        if slot is not None:
            self.free.remove(slot)
        return slot

    async def acquire(self) -> Slot:
        """Wait for a slot. Raises `ServiceUnavailable` if the queue is full or the wait takes too long."""
        slot = None if self.waiting else self.try_acquire()
        if slot is not None:
            return slot
        if len(self.waiting) >= self._length:
            raise ServiceUnavailable("Too many queries are waiting.", retry_after=2)
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[Slot] = loop.create_future()
        self.waiting.append(waiter)
        self._since.append(loop.time())
        if self._timer is None:
            self._timer = loop.call_later(self._timeout, self._expire, loop)
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled():
                self.release(waiter.result())  # cancelled just as the slot arrived
            elif waiter in self.waiting:
                place = self.waiting.index(waiter)
                del self.waiting[place], self._since[place]
            raise

    def release(self, slot: Slot) -> None:
        """Free a slot, and hand out all that can be handed out now."""
        self.free.append(slot)
        while self.waiting:
            if self.waiting[0].done():
                self._next()
                continue
            chosen = self.try_acquire()
            if chosen is None:
                return
            self._next().set_result(chosen)

    def remove(self, slot: Slot) -> None:
        """Remove a slot, however often it is free."""
        self.free = deque(other for other in self.free if other is not slot)

    def _expire(self, loop: asyncio.AbstractEventLoop) -> None:
        """Fail those that have waited too long; one timer, set for the first in the queue, is enough."""
        while self.waiting and self._since[0] + self._timeout <= loop.time() + 0.001:
            waiter = self._next()
            if not waiter.done():
                waiter.set_exception(
                    ServiceUnavailable(f"The query waited {self._timeout:g} seconds for its turn.", retry_after=5)
                )
        self._timer = loop.call_at(self._since[0] + self._timeout, self._expire, loop) if self.waiting else None

    def _next(self) -> asyncio.Future[Slot]:
        self._since.popleft()
        return self.waiting.popleft()
