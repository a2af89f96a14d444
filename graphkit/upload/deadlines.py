"""Deadlines: connections on which a whole answer has a limit of time, not each read of a piece of it."""

from __future__ import annotations

import socket
import ssl
import time
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection


class _Deadline:
    """Reading from a socket until a deadline: a mixin for sockets."""

    deadline: float | None = None

    def recv_into(self, *arguments: Any, **options: Any) -> int:
        """Read, within the time that is left. Raises `TimeoutError`."""
        if self.deadline is not None:
            left = self.deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError("the answer is not whole in time")
            self.settimeout(left)  # type: ignore[attr-defined]  # a socket's
        return super().recv_into(*arguments, **options)  # type: ignore[misc, no-any-return]  # a socket's


class DeadlineSocket(_Deadline, socket.socket):
    """A socket with a deadline."""


class DeadlineSSLSocket(_Deadline, ssl.SSLSocket):
    """A socket of TLS with a deadline."""


class _WholeAnswers:
    """A connection that gives each answer, from its first byte to its last, the timeout of its reads: a mixin."""

    sock: Any
    timeout: float | None
    _answer_timeout: float | None = None

    def _new_conn(self) -> socket.socket:
        made: socket.socket = super()._new_conn()  # type: ignore[misc]  # a connection's
        timeout = made.gettimeout()
        bounded = DeadlineSocket(made.family, made.type, made.proto, fileno=made.detach())
        bounded.settimeout(timeout)
        return bounded

    def request(self, *arguments: Any, **options: Any) -> None:
        """Send a request, which no deadline of the answer before it cuts short."""
        if isinstance(self.sock, _Deadline):
            self.sock.deadline = None
            self.sock.settimeout(self._answer_timeout)  # type: ignore[attr-defined]  # a socket's
        super().request(*arguments, **options)  # type: ignore[misc]  # a connection's

    def getresponse(self) -> Any:
        """Read the head of the answer; the deadline holds for its body too."""
        self._answer_timeout = self.timeout
        if isinstance(self.sock, _Deadline) and self.timeout is not None:
            self.sock.deadline = time.monotonic() + self.timeout
        return super().getresponse()  # type: ignore[misc]  # a connection's


class _BoundedHTTPConnection(_WholeAnswers, HTTPConnection):
    pass


class _BoundedHTTPSConnection(_WholeAnswers, HTTPSConnection):
    pass


class _HTTPPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _BoundedHTTPConnection


class _HTTPSPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _BoundedHTTPSConnection


def pools_with_deadlines(context: ssl.SSLContext, timeout: urllib3.Timeout) -> urllib3.PoolManager:
    """Return pools of single connections, without retries, on which `timeout.read` is that of a whole answer."""
    context.sslsocket_class = DeadlineSSLSocket
    pools = urllib3.PoolManager(retries=False, ssl_context=context, timeout=timeout, maxsize=1)
    pools.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}
    return pools
