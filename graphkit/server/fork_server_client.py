"""The event loop's side of the fork server: it starts the process, and asks it for workers."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Callable
from contextlib import suppress

import msgspec

from graphkit.errors import NothingReadable, UsageError
from graphkit.server.worker_connection import ServiceUnavailable, WorkerConnection
from graphkit.server.worker_messages import DataSummary

GRACE = 5.0
"""Seconds that the fork server has to stop before it is killed."""


class ForkServerClient:
    """The process that holds the data and forks the workers. `data` describes the data once it is open."""

    data: DataSummary

    def __init__(self, path: str, *, memory: int, result: int) -> None:
        self.path = path
        self._sizes = (str(memory), str(result))
        self._forks: deque[asyncio.Future[int]] = deque()
        self._text = b""
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def open(self) -> None:
        """Start the process and wait until the data is open.

        Raises `NothingReadable` if there is no data, `UsageError` if it cannot be opened.
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
                    start_new_session=True,  # Ctrl-C stops the server, which stops this
                )
            self.data = self._read_summary(control, self._process)
        except BaseException:
            control.close()
            raise
        self._control = control

    def watch(self, died: Callable[[], None]) -> None:
        """Listen to the process from the event loop; `died` is called when it has ended."""
        assert self._control is not None
        self._control.setblocking(False)
        self._text = b""
        asyncio.get_running_loop().add_reader(self._control.fileno(), self._receive, died)

    async def start_worker(self, lost: Callable[[WorkerConnection], None]) -> WorkerConnection:
        """Fork a worker and connect to it. Raises `ServiceUnavailable` if that fails."""
        loop = asyncio.get_running_loop()
        fork: asyncio.Future[int] = loop.create_future()
        try:
            ours, theirs = socket.socketpair()
        except OSError as error:
            raise ServiceUnavailable("The system gives no more sockets.", retry_after=5) from error
        try:
            ours.setblocking(False)
            with theirs:
                self._send_fork(theirs)
            self._forks.append(fork)  # not before it was sent: only then is there a reply
            pid = await fork
            _, worker = await loop.create_unix_connection(lambda: WorkerConnection(lost), sock=ours)
        except OSError as error:
            ours.close()
            raise ServiceUnavailable(_DIED, retry_after=5) from error
        except BaseException:
            ours.close()
            raise
        worker.pid = pid
        return worker

    def kill(self, worker: WorkerConnection) -> None:
        """Kill a worker."""
        self._send(f"kill {worker.pid}")

    def renice(self, worker: WorkerConnection) -> None:
        """Lower a worker's priority, for good."""
        self._send(f"renice {worker.pid}")

    async def stop(self) -> None:
        """End the process, and with it all workers."""
        self._disconnect()
        await asyncio.to_thread(self._reap)

    def _read_summary(self, control: socket.socket, process: subprocess.Popen[bytes]) -> DataSummary:
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
        return msgspec.json.decode(rest, type=DataSummary)

    def _send_fork(self, theirs: socket.socket) -> None:
        if self._control is None:
            raise ServiceUnavailable(_DIED, retry_after=5)
        socket.send_fds(self._control, [b"fork\n"], [theirs.fileno()])

    def _send(self, line: str) -> None:
        if self._control is not None:
            with suppress(OSError):
                self._control.send(f"{line}\n".encode())

    def _receive(self, died: Callable[[], None]) -> None:
        assert self._control is not None
        try:
            data = self._control.recv(1 << 16)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._disconnect()
            died()
            return
        *lines, self._text = (self._text + data).split(b"\n")
        for line in lines:
            fork = self._forks.popleft()  # replies come in the order of the requests
            if fork.done():
                continue
            if int(line):
                fork.set_result(int(line))
            else:
                fork.set_exception(ServiceUnavailable("The system gives no more processes.", retry_after=5))

    def _disconnect(self) -> None:
        """Close the socket, which ends the process, and fail those that wait for a worker."""
        if self._control is not None:
            asyncio.get_running_loop().remove_reader(self._control.fileno())
            self._control.close()
            self._control = None
        while self._forks:
            fork = self._forks.popleft()
            if not fork.done():
                fork.set_exception(ServiceUnavailable(_DIED, retry_after=5))

    def _reap(self) -> None:
        if self._process is None:
            return
        try:
            self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


_DIED = "The process that holds the data has ended."
