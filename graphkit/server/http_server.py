"""Serving: the socket, the processes and the event loop, from start to end."""

from __future__ import annotations

import logging
import os
import resource
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

import uvicorn

from graphkit.errors import UsageError
from graphkit.server.application import Application
from graphkit.server.http_connection import BoundedConnection
from graphkit.server.query_scheduler import Limits, Pool
from graphkit.server.worker_connection import Nursery

BACKLOG = 512
DESCRIPTORS = 4096
"""So many files and sockets the server would like to be able to open."""

FAULTS_TOLD = 20

IDLE = 15
"""Seconds after which a connection without a request is closed."""


def serve(
    path: str,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    limits: Limits | None = None,
    public_url: str = "",
    log: bool = False,
    started: Callable[[str, int], None] | None = None,
) -> None:
    """Serve an export folder, an RDF file or a store until SIGTERM or Ctrl-C; queries that run then are answered.

    `started` is called with the address and the number of triples. Raises `UsageError` where the address or the data
    cannot be had, and `NothingReadable` where there is no data.
    """
    limits = limits or Limits()
    _set_up_logging(requests=log)
    listening = _listen(host, port)
    with listening:
        nursery = Nursery(path, memory=limits.memory, result=limits.result)
        _raise_descriptors()
        nursery.open()
        pool = Pool(nursery, limits)
        page = (Path(path) if Path(path).is_dir() else Path(path).parent) / "coverage.html"
        config = uvicorn.Config(
            Application(pool, page=page, public_url=public_url),
            http=BoundedConnection,
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=log,
            server_header=False,
            headers=[("server", "graphkit")],
            proxy_headers=False,
            timeout_keep_alive=IDLE,
            timeout_graceful_shutdown=int(limits.timeout + limits.patience) + 5,
        )
        name, number = listening.getsockname()[:2]
        address = f"http://{f'[{name}]' if ':' in name else name}:{number}"
        server = _Server(config, lambda: started(address, nursery.ready.triples) if started else None)
        server.run(sockets=[listening])
        if not server.started:
            raise UsageError(f"{path}: expected a server that starts, but it ended at once")


class _Server(uvicorn.Server):
    """A server that tells when it has started, and ends without a signal's exit code when it has drained."""

    def __init__(self, config: uvicorn.Config, told: Callable[[], None]) -> None:
        super().__init__(config)
        self._told = told

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._told()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Let SIGINT, SIGTERM and SIGHUP end the server; uvicorn's own would raise them again when it is done."""
        before = {
            number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _set_up_logging(*, requests: bool) -> None:
    """Print a line for each request if that is wanted, and the first faults of our own; a stranger cannot fill a disk.

    uvicorn's own log tells of every malformed request, with a traceback for what a client breaks off.
    """
    quiet = logging.getLogger("uvicorn.error")
    quiet.addHandler(logging.NullHandler())
    quiet.propagate = False
    access = logging.getLogger("uvicorn.access")
    access.propagate = False
    if requests:
        access.addHandler(logging.StreamHandler())
        access.setLevel(logging.INFO)
    faults = logging.getLogger("graphkit.server")
    faults.propagate = False
    told = logging.StreamHandler()
    told.setFormatter(logging.Formatter("graphkit: a fault of the server: %(message)s"))
    left = count(FAULTS_TOLD, -1)
    told.addFilter(lambda _: next(left) > 0)
    faults.addHandler(told)


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OverflowError:
        raise UsageError(f"port: expected a number up to 65535, got {port}") from None
    except OSError as error:
        reason = os.strerror(error.errno).lower() if error.errno and error.errno > 0 else str(error)
        raise UsageError(f"{host}:{port}: expected an address to listen on, got: {reason}") from None


def _raise_descriptors() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
