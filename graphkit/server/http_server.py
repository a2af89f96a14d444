"""The HTTP server: the socket, the processes and the event loop, from start to end."""

from __future__ import annotations

import logging
import os
import re
import resource
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

import uvicorn

from graphkit.diagnostics.quoting import quoted
from graphkit.errors import UsageError
from graphkit.server.application import Application
from graphkit.server.fork_server_client import ForkServerClient
from graphkit.server.http_connection import BoundedConnection
from graphkit.server.query_limits import QueryLimits
from graphkit.server.query_scheduler import QueryScheduler

BACKLOG = 512
DESCRIPTORS = 4096
"""Files and sockets that the server asks to be allowed to open."""

FAULTS_LOGGED = 20
"""Faults of our own that are logged; clients could fill a disk with more."""

_PUBLIC_URL = re.compile(r"https?://(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?(?:/[A-Za-z0-9._~/%-]*)?")

IDLE = 15
"""Seconds after which a connection without a request is closed."""


def serve(
    path: str,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    limits: QueryLimits | None = None,
    public_url: str = "",
    log: bool = False,
    started: Callable[[str, int], None] | None = None,
) -> None:
    """Serve an export folder, an RDF file or a store until SIGTERM or Ctrl-C; running queries are still answered.

    `started` is called with the address and the number of triples. Raises `UsageError` if the address or the data
    cannot be opened, and `NothingReadable` if there is no data.
    """
    limits = limits or QueryLimits()
    if not host.strip():
        raise UsageError("host: expected an address to listen on, such as 127.0.0.1, or 0.0.0.0 for all, got nothing")
    if public_url and not _PUBLIC_URL.fullmatch(public_url):
        raise UsageError(f"public-url: expected an address such as https://example.org, got {quoted(public_url)}")
    _set_up_logging(requests=log)
    listening = _listen(host, port)
    with listening:
        fork_server = ForkServerClient(path, memory=limits.memory, result=limits.result)
        _raise_descriptors()
        fork_server.open()
        scheduler = QueryScheduler(fork_server, limits)
        page = (Path(path) if Path(path).is_dir() else Path(path).parent) / "coverage.html"
        config = uvicorn.Config(
            Application(scheduler, page=page, public_url=public_url),
            http=BoundedConnection,
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=log,
            server_header=False,
            headers=[("server", "graphkit")],
            proxy_headers=False,
            timeout_keep_alive=IDLE,
            timeout_graceful_shutdown=int(limits.timeout + limits.queue_timeout) + 5,
        )
        name, number = listening.getsockname()[:2]
        address = f"http://{f'[{name}]' if ':' in name else name}:{number}"
        server = _Server(config, lambda: started(address, fork_server.data.triples) if started else None)
        server.run(sockets=[listening])
        if not server.started:
            raise UsageError(f"{path}: expected a server that starts, but it ended at once")


class _Server(uvicorn.Server):
    """A server that reports when it has started, and exits with 0 when it has drained after a signal."""

    def __init__(self, config: uvicorn.Config, report_started: Callable[[], None]) -> None:
        super().__init__(config)
        self._report_started = report_started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._report_started()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Let SIGINT, SIGTERM and SIGHUP stop the server; uvicorn's own handler raises them again when it is done."""
        before = {
            number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _set_up_logging(*, requests: bool) -> None:
    """Log each request if `requests`, and the first faults of our own.

    uvicorn's own log is off: it has a line for every malformed request, and a traceback when a client disconnects.
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
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("graphkit: a fault of the server: %(message)s"))
    left = count(FAULTS_LOGGED, -1)
    handler.addFilter(lambda _: next(left) > 0)
    faults.addHandler(handler)


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OverflowError:
        raise UsageError(f"port: expected a number up to 65535, got {port}") from None
    except OSError as error:
        reason = os.strerror(error.errno).lower() if error.errno and error.errno > 0 else str(error)
        raise UsageError(f"{host}:{port}: expected an address to listen on, got: {reason}") from None


_FEWEST_DESCRIPTORS = 32
"""With fewer, uvicorn and the event loop fail while they start, each in its own way."""


def _raise_descriptors() -> None:
    """Raise the limit of file handles as far as it goes. Raises `UsageError` where that is too few to start."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, DESCRIPTORS)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    if hard != resource.RLIM_INFINITY and hard < _FEWEST_DESCRIPTORS:
        raise UsageError(
            f"expected at least {_FEWEST_DESCRIPTORS} file handles for a server, got {hard}: `ulimit -n` raises that"
        )
