"""The fork server: the process that opens the data once and forks workers from it.

It reads lines from one socket: ``fork`` with one end of a socket for the worker, ``kill PID``, ``renice PID``. It
answers ``ready …`` once, or ``empty …`` or ``failed …`` and exits; then, for each fork, the worker's process id, 0 if
the fork failed. It has one thread and runs no query, so that forking is safe. When the socket closes, it kills its
workers and exits.
"""

from __future__ import annotations

import gc
import os
import select
import selectors
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import islice

import msgspec
import pyoxigraph as ox

from graphkit.errors import GraphkitError, NothingReadable
from graphkit.query.data import Data
from graphkit.query.opening import open_data
from graphkit.server.query_worker import serve_queries
from graphkit.server.worker_messages import DataSummary

MOST_GRAPHS = 1001
"""Named graphs in the summary of the data; the service description lists them only if there are fewer."""

NICENESS = 10
"""Added to the niceness of a worker with a long query, so that short ones go first."""


def run(path: str, descriptor: int, *, memory: int, limit: int) -> None:
    """Open the data, then fork and kill workers as the socket says."""
    control = socket.socket(fileno=descriptor)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # sent to all processes; the parent says when to stop
    try:
        with _exiting_with(control):
            data = open_data(path)
            summary = _summary(data)
    except GraphkitError as error:
        word = "empty" if isinstance(error, NothingReadable) else "failed"
        control.sendall(f"{word} {error}".replace("\n", " ").encode() + b"\n")
        return
    gc.collect()
    gc.freeze()  # a worker's garbage collection would copy every page it touches
    control.sendall(b"ready " + msgspec.json.encode(summary) + b"\n")
    _ForkServer(data, control, memory=memory, limit=limit).run()


def _summary(data: Data) -> DataSummary:
    store = data.store
    described = store.query(
        "SELECT ?dataset { ?dataset a <http://rdfs.org/ns/void#Dataset> } ORDER BY ?dataset LIMIT 1",
        use_default_graph_as_union=True,
    )
    assert isinstance(described, ox.QuerySolutions)
    dataset = next((solution["dataset"].value for solution in described), "")
    graphs = (graph.value for graph in store.named_graphs() if isinstance(graph, ox.NamedNode))
    return DataSummary(data.digest, data.base, dataset, tuple(islice(graphs, MOST_GRAPHS)), data.union, len(store))


@contextmanager
def _exiting_with(control: socket.socket) -> Iterator[None]:
    """Exit if the other end of the socket closes while the data is being opened, which may take minutes."""
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            readable, _, _ = select.select([control], [], [], 0.1)
            if readable and not control.recv(1, socket.MSG_PEEK):
                os._exit(0)

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield
    finally:
        done.set()
        watching.join()  # before any fork, which needs a single thread


class _ForkServer:
    def __init__(self, data: Data, control: socket.socket, *, memory: int, limit: int) -> None:
        self.data = data
        self.control = control
        self.memory = memory
        self.limit = limit
        self.children: set[int] = set()
        self.text = b""
        self.received: list[int] = []

    def run(self) -> None:
        woken, wake = socket.socketpair()
        woken.setblocking(False)
        wake.setblocking(False)
        signal.set_wakeup_fd(wake.fileno())
        signal.signal(signal.SIGCHLD, lambda *_: None)
        selector = selectors.DefaultSelector()
        selector.register(self.control, selectors.EVENT_READ)
        selector.register(woken, selectors.EVENT_READ)
        self.wake, self.woken, self.selector = wake, woken, selector
        try:
            while True:
                for key, _ in selector.select():
                    if key.fileobj is woken:
                        with suppress(BlockingIOError):
                            woken.recv(4096)
                        self.reap()
                    elif not self.receive():
                        return
        except (BrokenPipeError, ConnectionResetError):
            return
        finally:
            for pid in self.children:
                os.kill(pid, signal.SIGKILL)
            for pid in self.children:
                os.waitpid(pid, 0)

    def receive(self) -> bool:
        data, descriptors, _, _ = socket.recv_fds(self.control, 4096, 16)
        if not data:
            return False
        self.received += descriptors
        *lines, self.text = (self.text + data).split(b"\n")
        for line in lines:
            word, _, number = line.partition(b" ")
            if word == b"fork":
                self.fork(self.received.pop(0))
            elif int(number) in self.children:  # the id of a child that has ended may belong to another process
                if word == b"kill":
                    os.kill(int(number), signal.SIGKILL)
                elif word == b"renice":
                    # Relative to its own, below which only the superuser may go; the kernel caps it at 19.
                    os.setpriority(os.PRIO_PROCESS, int(number), os.getpriority(os.PRIO_PROCESS, 0) + NICENESS)
        return True

    def fork(self, descriptor: int) -> None:
        parent = os.getpid()
        try:
            pid = os.fork()
        except OSError:
            os.close(descriptor)
            self.control.sendall(b"0\n")
            return
        if pid == 0:
            status = 1
            try:
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                self.selector.close()
                for end in (self.control, self.wake, self.woken):
                    end.close()
                serve_queries(self.data, descriptor, memory=self.memory, limit=self.limit, parent=parent)
                status = 0
            except (BrokenPipeError, ConnectionResetError):
                status = 0
            finally:
                os._exit(status)  # nothing of the fork server's may be cleaned up here
        os.close(descriptor)
        self.children.add(pid)
        self.control.sendall(b"%d\n" % pid)

    def reap(self) -> None:
        while self.children:
            try:
                pid, _ = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            self.children.discard(pid)


def main(arguments: list[str]) -> None:
    """Run a fork server: ``PATH DESCRIPTOR MEMORY LIMIT``."""
    path, descriptor, memory, limit = arguments
    # Where the engine runs out of memory it prints a backtrace, which nobody reads.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    run(path, int(descriptor), memory=int(memory), limit=int(limit))


if __name__ == "__main__":
    main(sys.argv[1:])
