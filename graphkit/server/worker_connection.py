"""The event loop's connection to one worker process."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections import deque
from collections.abc import Callable
from itertools import islice
from typing import IO

from graphkit.errors import GraphkitError
from graphkit.server.worker_messages import HEAD_SIZE, QueryReply, body_length, unpacked_reply

IN_MEMORY = 1 << 20
"""The largest body, in bytes, that is held in memory while it is sent; a larger one goes to an unnamed file."""


class ServiceUnavailable(GraphkitError):
    """A query that was killed or never started; it may be sent again after `retry_after` seconds, if that is not 0."""

    def __init__(self, message: str, *, retry_after: int = 0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class WorkerDied(ServiceUnavailable):
    """A query whose worker died, because it ran out of memory or of stack."""


class Requeued(ServiceUnavailable):
    """A query that another worker must answer, because it was queued behind a long one."""


class WorkerConnection(asyncio.Protocol):
    """A connection to a worker, which answers queries in the order it got them; the first of them is running."""

    def __init__(self, lost: Callable[[WorkerConnection], None]) -> None:
        self.pid = 0
        self.alive = True
        self.started = 0.0
        """When the first query began, by the clock of the event loop."""
        self.pending: deque[asyncio.Future[QueryReply]] = deque()
        """The answers that the worker owes."""
        self._processor_time = 0.0
        self._lost = lost
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._head = b""
        self._whole_head = False
        self._parts: list[bytes] = []
        self._file: IO[bytes] | None = None
        self._missing = 0

    def send(self, packed: bytes, answer: asyncio.Future[QueryReply]) -> None:
        """Send a packed request; `answer` is set once the whole reply has arrived."""
        if not self.pending:
            self.started = self._loop.time()
        self.pending.append(answer)
        if self._transport is not None:
            self._transport.write(packed)

    def fail(self, reason: ServiceUnavailable) -> None:
        """Fail the running query with a reason, and requeue those behind it."""
        self.alive = False
        self.requeue_others()
        if self.pending and not self.pending[0].done():
            self.pending[0].set_exception(reason)

    def requeue_others(self) -> None:
        """Requeue the queries behind the running one."""
        for answer in islice(self.pending, 1, None):
            if not answer.done():
                answer.set_exception(Requeued("The query is moved to another worker."))

    def close(self) -> None:
        """Close the connection, upon which the process ends when it has finished its query."""
        self.alive = False
        if self._transport is not None:
            self._transport.close()

    def processor_time(self) -> float | None:
        """Return the seconds of processor time since the last answer, None if the system does not know."""
        try:
            with open(f"/proc/{self.pid}/stat", "rb") as stream:  # noqa: PTH123 - a file of the kernel's
                fields = stream.read().rpartition(b")")[2].split()
        except OSError:
            return None
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") - self._processor_time

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = transport  # type: ignore[assignment]  # a stream has one of this kind

    def data_received(self, data: bytes) -> None:
        """Collect replies."""
        while data:
            if not self._whole_head:
                self._head += data
                if len(self._head) < HEAD_SIZE:
                    return
                self._head, data = self._head[:HEAD_SIZE], self._head[HEAD_SIZE:]
                self._whole_head = True
                self._missing = body_length(self._head)
                if self._missing > IN_MEMORY:
                    self._file = tempfile.TemporaryFile()  # noqa: SIM115 - who sends it closes it
            part, data = data[: self._missing], data[self._missing :]
            if self._file is not None:
                self._file.write(part)
            else:
                self._parts.append(part)
            self._missing -= len(part)
            if self._missing == 0:
                self._answered()

    def _answered(self) -> None:
        reply = unpacked_reply(self._head, b"".join(self._parts), self._file)
        self._head, self._whole_head, self._parts, self._file = b"", False, [], None
        self._processor_time = reply.processor_time
        self.started = self._loop.time()
        answer = self.pending.popleft()
        if not answer.done():
            answer.set_result(reply)
        elif reply.file is not None:
            reply.file.close()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Fail the running query: the process has ended."""
        if self._file is not None:
            self._file.close()
        self.fail(
            WorkerDied("The query needed more memory than one query may take, or nested too deeply, and was ended.")
        )
        self._lost(self)
