"""The processes behind the endpoint, seen from the event loop: the nursery and its workers."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from itertools import islice
from typing import IO

import msgspec

from graphkit.errors import GraphkitError, NothingReadable, UsageError
from graphkit.server.worker_messages import HEAD_SIZE, Ready, Reply, body_length, unpacked_reply

GRACE = 5.0
"""Seconds that a stopping nursery is given."""


class Ended(GraphkitError):
    """A query that was ended or never begun; `retry` is the number of seconds after which it may be sent again."""

    def __init__(self, message: str, *, retry: int = 0) -> None:
        super().__init__(message)
        self.retry = retry


IN_MEMORY = 1 << 20
"""A body of more bytes lies in a file that has no name while it is sent."""


class Lost(Ended):
    """A query whose worker ended by itself, for want of memory or of room for its nesting."""


class Moved(Ended):
    """A query that another worker is to answer: it waited behind one that takes long."""


class Worker(asyncio.Protocol):
    """A worker. It answers its queries in the order in which it got them; the first of them is running."""

    def __init__(self, lost: Callable[[Worker], None]) -> None:
        self.pid = 0
        self.alive = True
        self.processor = 0.0
        self.since = 0.0
        """When the first query began, by the clock of the event loop."""
        self.asked: deque[asyncio.Future[Reply]] = deque()
        """The answers that it owes."""
        self._lost = lost
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._head = b""
        self._whole_head = False
        self._parts: list[bytes] = []
        self._file: IO[bytes] | None = None
        self._missing = 0

    def ask(self, packed: bytes, answer: asyncio.Future[Reply]) -> None:
        """Send a packed request; the answer is set once the whole reply is here."""
        if not self.asked:
            self.since = self._loop.time()
        self.asked.append(answer)
        if self._transport is not None:
            self._transport.write(packed)

    def fail(self, reason: Ended) -> None:
        """Give the query that is running a reason instead of an answer, and let others answer those behind it."""
        self.alive = False
        self.move_others()
        if self.asked and not self.asked[0].done():
            self.asked[0].set_exception(reason)

    def move_others(self) -> None:
        """Let other workers answer the queries that wait behind the one that is running."""
        for answer in islice(self.asked, 1, None):
            if not answer.done():
                answer.set_exception(Moved("The query is moved to another worker."))

    def dismiss(self) -> None:
        """Let the process end after what it is doing."""
        self.alive = False
        if self._transport is not None:
            self._transport.close()

    def processor_used(self) -> float | None:
        """Return the processor time since its last answer in seconds, None where the system does not tell."""
        try:
            with open(f"/proc/{self.pid}/stat", "rb") as stream:  # noqa: PTH123 - a file of the kernel's
                fields = stream.read().rpartition(b")")[2].split()
        except OSError:
            return None
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") - self.processor

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport."""
        self._transport = transport  # type: ignore[assignment]  # a stream has one of this kind

    def data_received(self, data: bytes) -> None:
        """Gather replies."""
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
        self.processor = reply.processor
        self.since = self._loop.time()
        answer = self.asked.popleft()
        if not answer.done():
            answer.set_result(reply)
        elif reply.file is not None:
            reply.file.close()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """Take note that the process has ended, with whatever it was doing."""
        if self._file is not None:
            self._file.close()
        self.fail(Lost("The query needed more memory than one query may take, or nested too deeply, and was ended."))
        self._lost(self)


class Nursery:
    """The process that holds the data and makes the workers. `ready` tells what the data is."""

    ready: Ready

    def __init__(self, path: str, *, memory: int, result: int) -> None:
        self.path = path
        self._sizes = (str(memory), str(result))
        self._births: deque[asyncio.Future[int]] = deque()
        self._text = b""
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def open(self) -> None:
        """Start the process and wait until the data is open.

        Raises `NothingReadable` where there is none, and `UsageError` where it cannot be opened.
        """
        self._reap()
        control, theirs = socket.socketpair()
        try:
            with theirs:
                self._process = subprocess.Popen(  # noqa: S603 - our own module
                    [
                        sys.executable,
                        "-m",
                        "graphkit.server.fork_server",
                        self.path,
                        str(theirs.fileno()),
                        *self._sizes,
                    ],
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    start_new_session=True,  # Ctrl-C is for the server to hear
                )
            self.ready = self._heard_ready(control, self._process)
        except BaseException:
            control.close()
            raise
        self._control = control

    def watch(self, ended: Callable[[], None]) -> None:
        """Listen to the process from the event loop; `ended` is called when it has ended."""
        assert self._control is not None
        self._control.setblocking(False)
        self._text = b""
        asyncio.get_running_loop().add_reader(self._control.fileno(), self._hear, ended)

    async def worker(self, lost: Callable[[Worker], None]) -> Worker:
        """Have a worker made. Raises `Ended` where that cannot be."""
        loop = asyncio.get_running_loop()
        birth: asyncio.Future[int] = loop.create_future()
        try:
            ours, theirs = socket.socketpair()
        except OSError as error:
            raise Ended("The system gives no more sockets.", retry=5) from error
        try:
            ours.setblocking(False)
            with theirs:
                self._send_end(theirs)
            self._births.append(birth)  # only what was sent is answered
            pid = await birth
            _, worker = await loop.create_unix_connection(lambda: Worker(lost), sock=ours)
        except OSError as error:
            ours.close()
            raise Ended(_GONE, retry=5) from error
        except BaseException:
            ours.close()
            raise
        worker.pid = pid
        return worker

    def kill(self, worker: Worker) -> None:
        """End a worker at once."""
        self._say(f"kill {worker.pid}")

    def calm(self, worker: Worker) -> None:
        """Give a worker less of the processor from now on."""
        self._say(f"calm {worker.pid}")

    async def stop(self) -> None:
        """End the process, and with it all workers."""
        self._let_go()
        await asyncio.to_thread(self._reap)

    def _heard_ready(self, control: socket.socket, process: subprocess.Popen[bytes]) -> Ready:
        line = b""
        while not line.endswith(b"\n"):
            data = control.recv(1 << 16)
            if not data:
                code = process.wait()
                raise UsageError(f"{self.path}: expected data to serve, but opening it ended with exit code {code}")
            line += data
        word, _, rest = line.rstrip(b"\n").partition(b" ")
        if word != b"ready":
            process.wait()
            raise (NothingReadable if word == b"empty" else UsageError)(rest.decode())
        return msgspec.json.decode(rest, type=Ready)

    def _send_end(self, theirs: socket.socket) -> None:
        if self._control is None:
            raise Ended(_GONE, retry=5)
        socket.send_fds(self._control, [b"fork\n"], [theirs.fileno()])

    def _say(self, line: str) -> None:
        if self._control is not None:
            with suppress(OSError):
                self._control.send(f"{line}\n".encode())

    def _hear(self, ended: Callable[[], None]) -> None:
        assert self._control is not None
        try:
            data = self._control.recv(1 << 16)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._let_go()
            ended()
            return
        *lines, self._text = (self._text + data).split(b"\n")
        for line in lines:
            birth = self._births.popleft()  # they come in the order that was asked for
            if birth.done():
                continue
            if int(line):
                birth.set_result(int(line))
            else:
                birth.set_exception(Ended("The system gives no more processes.", retry=5))

    def _let_go(self) -> None:
        """Close the socket, which ends the process, and tell those who wait for a worker."""
        if self._control is not None:
            asyncio.get_running_loop().remove_reader(self._control.fileno())
            self._control.close()
            self._control = None
        while self._births:
            birth = self._births.popleft()
            if not birth.done():
                birth.set_exception(Ended(_GONE, retry=5))

    def _reap(self) -> None:
        if self._process is None:
            return
        try:
            self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


_GONE = "The process that holds the data has ended."
