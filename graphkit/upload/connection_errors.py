"""Errors of a connection to a store: a sentence about each."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from urllib.parse import urlsplit

from urllib3.exceptions import ConnectTimeoutError, HTTPError, NameResolutionError, ReadTimeoutError, SSLError

from graphkit.diagnostics.quoting import reason_of, visible
from graphkit.errors import StoreError
from graphkit.upload.http_reply import shown_url


class ConnectionLost(StoreError):
    """A store that could not be reached, or went away, in every try."""


def unreachable_message(url: str, error: HTTPError) -> str:
    """Return one sentence about a store that no connection can be made to."""
    host = visible(urlsplit(url).netloc.rpartition("@")[2])
    if isinstance(error, NameResolutionError):
        return f"{shown_url(url)}: expected a store, got: no machine is named {host}"
    return f"{shown_url(url)}: expected a store, got: nothing answers at {host} ({lost_reason(error)})"


def untrusted_message(url: str, error: SSLError) -> str:
    """Return one sentence about a store whose certificate or TLS is refused."""
    cause = next((one for one in _causes(error) if isinstance(one, ssl.SSLCertVerificationError)), None)
    if cause is not None:
        return (
            f"{shown_url(url)}: expected a certificate to trust, got one that is not: {cause.verify_message}; "
            "nothing was sent (--cafile names the certificates of your own authority)"
        )
    return f"{shown_url(url)}: expected TLS, got: {visible(str(error))[:160]}; nothing was sent"


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, BaseException) and id(one) not in seen:
            seen.add(id(one))
            yield one
            waiting += [one.__cause__, one.__context__, *one.args, getattr(one, "reason", None)]


def is_timeout(error: BaseException) -> bool:
    """Return whether the store was reached, but did not answer in time."""
    return any(isinstance(one, ReadTimeoutError) for one in _causes(error))


def lost_reason(error: BaseException) -> str:
    """Return how a connection was lost, in a few words."""
    causes = list(_causes(error))
    failed = any(isinstance(one, ConnectionError) for one in causes)
    if not failed and any(isinstance(one, ConnectTimeoutError) for one in causes):
        return "no connection in time"
    reasons = (reason_of(one) for one in causes if isinstance(one, OSError) and one.strerror)
    return next(reasons, "the connection was closed before the answer was whole")
