"""The nursery: the process that opens the data once and forks workers from it.

It hears lines on one socket: ``fork`` with the end of a socket for the worker, ``kill PID``, ``calm PID``. It tells
``ready …``, or ``empty …`` or ``failed …`` and ends; then the number of each worker's process, 0 for one that could not
be forked. It has one thread and never runs a query, so that a fork is safe. When the socket ends, it ends its workers
and itself.
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
from graphkit.server.worker_messages import Ready

GRAPHS = 1001
"""So many named graphs are told; the description of the service lists them only if there are fewer."""

CALM = 10
"""So much is added to the niceness of a worker with a long query: short ones go first."""


def run(path: str, descriptor: int, *, memory: int, limit: int) -> None:
    """Open the data, then make and end workers as the socket says."""
    control = socket.socket(fileno=descriptor)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # they may go to all processes; the parent tells when it is time
    try:
        with _ended_with(control):
            data = open_data(path)
            ready = _ready(data)
    except GraphkitError as error:
        word = "empty" if isinstance(error, NothingReadable) else "failed"
        control.sendall(f"{word} {error}".replace("\n", " ").encode() + b"\n")
        return
    gc.collect()
    gc.freeze()  # a worker that collects would copy every page it touches
    control.sendall(b"ready " + msgspec.json.encode(ready) + b"\n")
    _Nursery(data, control, memory=memory, limit=limit).run()


def _ready(data: Data) -> Ready:
    store = data.store
    described = store.query(
        "SELECT ?dataset { ?dataset a <http://rdfs.org/ns/void#Dataset> } ORDER BY ?dataset LIMIT 1",
        use_default_graph_as_union=True,
    )
    assert isinstance(described, ox.QuerySolutions)
    dataset = next((solution["dataset"].value for solution in described), "")
    graphs = (graph.value for graph in store.named_graphs() if isinstance(graph, ox.NamedNode))
    return Ready(data.digest, data.base, dataset, tuple(islice(graphs, GRAPHS)), data.union, len(store))


@contextmanager
def _ended_with(control: socket.socket) -> Iterator[None]:
    """End the process if the other end of the socket closes while data is opened, which may take minutes."""
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
        watching.join()  # a fork wants one thread


class _Nursery:
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
                    elif not self.hear():
                        return
        except (BrokenPipeError, ConnectionResetError):
            return
        finally:
            for pid in self.children:
                os.kill(pid, signal.SIGKILL)
            for pid in self.children:
                os.waitpid(pid, 0)

    def hear(self) -> bool:
        data, descriptors, _, _ = socket.recv_fds(self.control, 4096, 16)
        if not data:
            return False
        self.received += descriptors
        *lines, self.text = (self.text + data).split(b"\n")
        for line in lines:
            word, _, number = line.partition(b" ")
            if word == b"fork":
                self.fork(self.received.pop(0))
            elif int(number) in self.children:  # a number that has been given away is left alone
                if word == b"kill":
                    os.kill(int(number), signal.SIGKILL)
                elif word == b"calm":
                    # From its own, below which only the superuser may go; what is beyond the most is the most.
                    os.setpriority(os.PRIO_PROCESS, int(number), os.getpriority(os.PRIO_PROCESS, 0) + CALM)
        return True

    def fork(self, descriptor: int) -> None:
        nursery = os.getpid()
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
                serve_queries(self.data, descriptor, memory=self.memory, limit=self.limit, parent=nursery)
                status = 0
            except (BrokenPipeError, ConnectionResetError):
                status = 0
            finally:
                os._exit(status)  # nothing of the nursery's is to be cleaned up here
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
    """Run a nursery: ``PATH DESCRIPTOR MEMORY LIMIT``."""
    path, descriptor, memory, limit = arguments
    # The engine tells of lack of memory, with a backtrace, where nobody reads it.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    run(path, int(descriptor), memory=int(memory), limit=int(limit))


if __name__ == "__main__":
    main(sys.argv[1:])
