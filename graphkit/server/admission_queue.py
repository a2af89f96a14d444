"""A lane: turns, and those who wait for one."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

from graphkit.server.worker_connection import Ended

Turn = TypeVar("Turn")


class Lane(Generic[Turn]):
    """Turns that are given to those who wait in the order in which they came; so many may wait, and so long.

    `best` picks the turn to give from those that are free, None if none of them is to be given now.
    """

    def __init__(
        self, *, queue: int, patience: float, best: Callable[[deque[Turn]], Turn | None] = lambda free: free[0]
    ) -> None:
        self.free: deque[Turn] = deque()
        self.waiting: deque[asyncio.Future[Turn]] = deque()
        self._since: deque[float] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._queue = queue
        self._patience = patience
        self._best = best

    def take_now(self) -> Turn | None:
        """Return a turn if one is free."""
        turn = self._best(self.free) if self.free else None
        if turn is not None:
            self.free.remove(turn)
        return turn

    async def take(self) -> Turn:
        """Return a turn when there is one. Raises `Ended` where too many wait, or for too long."""
        now = None if self.waiting else self.take_now()
        if now is not None:
            return now
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

    def give(self, turn: Turn) -> None:
        """Give a turn to whoever is next, and any other that can be given by now."""
        self.free.append(turn)
        while self.waiting:
            if self.waiting[0].done():
                self._next()
                continue
            best = self.take_now()
            if best is None:
                return
            self._next().set_result(best)

    def withdraw(self, turn: Turn) -> None:
        """Take a turn away, however often it is free."""
        self.free = deque(other for other in self.free if other is not turn)

    def _give_up(self, loop: asyncio.AbstractEventLoop) -> None:
        """Tell those that they waited too long; one timer, for the first in the queue, is enough for all."""
        while self.waiting and self._since[0] + self._patience <= loop.time() + 0.001:
            turn = self._next()
            if not turn.done():
                turn.set_exception(Ended(f"The query waited {self._patience:g} seconds for its turn.", retry=5))
        self._timer = loop.call_at(self._since[0] + self._patience, self._give_up, loop) if self.waiting else None

    def _next(self) -> asyncio.Future[Turn]:
        self._since.popleft()
        return self.waiting.popleft()
