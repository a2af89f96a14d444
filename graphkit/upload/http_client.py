"""The HTTP client for one store: requests, authentication, and retries where they can help.

Redirects are never followed, so that neither data nor a password goes to a server that the user did not name. Bodies
are bytes or files: they can be sent again, and have a length, without which Virtuoso 7 reads an empty body, with 201.
"""

from __future__ import annotations

import os
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import urllib3
from urllib3.exceptions import HTTPError, LocationParseError, NameResolutionError, NewConnectionError, SSLError
from urllib3.util import parse_url

from graphkit.diagnostics.quoting import quoted
from graphkit.errors import GraphkitError, StoreError, UsageError
from graphkit.files.compression import open_decompressed
from graphkit.upload.authentication import Challenge, Credentials, basic_header, chosen_challenge, digest_header
from graphkit.upload.connection_errors import (
    ConnectionLost,
    is_timeout,
    lost_reason,
    unreachable_message,
    untrusted_message,
)
from graphkit.upload.deadlines import pools_with_deadlines
from graphkit.upload.http_reply import StoreRefusal, StoreReply, refusal_message, shown_url
from graphkit.upload.redaction import redaction

LARGEST = 64 << 20
"""A longer answer is not read: all that we ask a store for is short."""

_LARGEST_REFUSAL = 1 << 16
_RETRIED = (429, 502, 503, 504)


class RetryPolicy(NamedTuple):
    """How often a request is tried, and the seconds between tries, which double each time."""

    tries: int = 9
    first: float = 0.5
    longest: float = 30.0

    def waits(self) -> Iterator[float]:
        """Yield the seconds to wait before each further try."""
        for number in range(self.tries - 1):
            yield min(self.first * 2**number, self.longest)


Body = bytes | Path
"""The body of a request: bytes, or a file that is read while it is sent."""


class StoreConnection(AbstractContextManager["StoreConnection"]):
    """Requests to one store. It remembers how the store wants users to authenticate, and how often it was lost.

    `timeout` limits each answer, from its first byte to its last.
    """

    def __init__(
        self,
        *,
        credentials: Credentials | None = None,
        cafile: str = "",
        timeout: float = 300.0,
        retries: RetryPolicy | None = None,
        notify: Callable[[str], None] | None = None,
    ) -> None:
        self.losses = 0
        self._credentials = credentials
        self._retries = retries or RetryPolicy()
        self._notify = notify
        self._challenge: Challenge | None = None
        self._count = 0
        self._reached = False
        self._timeout = timeout
        try:
            context = ssl.create_default_context(cafile=cafile or None)
        except (OSError, ssl.SSLError) as error:
            raise UsageError(f"cafile: expected certificates in PEM, got {quoted(cafile)}: {error}") from error
        self._pool = pools_with_deadlines(context, urllib3.Timeout(connect=15.0, read=timeout))
        self._redacted = redaction(credentials)

    def __exit__(self, *_: object) -> None:
        self._pool.clear()

    @contextmanager
    def without_password(self) -> Iterator[None]:
        """Hide the password in errors: a store may repeat what it was sent, in an answer or as a triple."""
        try:
            yield
        except GraphkitError as error:
            error.args = tuple(self._redacted(str(argument)) for argument in error.args)
            if self._credentials is not None:
                raise error from None  # what caused it may quote the password
            raise

    def ask(
        self,
        method: str,
        url: str,
        body: Body = b"",
        *,
        content_type: str = "",
        encoding: str = "",
        accept: str = "",
        also: tuple[int, ...] = (),
        once: bool = False,
        clears: bool = False,
    ) -> StoreReply:
        """Send a request and return the answer, which is a success or has a status of `also`.

        Lost connections and the answers 429, 502, 503 and 504 are retried, except on first contact or with `once`. A
        request that `clears` a graph is not sent again after a timeout: the store was reached, and may still carry it
        out, after whatever follows. Raises `StoreRefusal` and `ConnectionLost`.
        """
        headers = {"content-type": content_type, "content-encoding": encoding, "accept": accept}
        headers = {name: value for name, value in headers.items() if value}
        with self.without_password():
            return self._asked(method, url, body, headers, also=also, once=once, clears=clears)

    def _asked(
        self,
        method: str,
        url: str,
        body: Body,
        headers: Mapping[str, str],
        *,
        also: tuple[int, ...],
        once: bool,
        clears: bool,
    ) -> StoreReply:
        waits = iter(()) if once else self._retries.waits()
        while True:
            try:
                with self._authenticated(method, url, body, headers) as response:
                    reply = _reply(response)
            except (NewConnectionError, NameResolutionError) as error:
                wait = next(waits, None) if self._reached else None
                fault: StoreError = ConnectionLost(unreachable_message(url, error))
            except SSLError as error:
                raise StoreError(untrusted_message(url, error)) from error
            except LocationParseError as error:
                raise UsageError(f"expected the address of a store, got {quoted(url)}") from error
            except HTTPError as error:
                self._reached = True
                wait = None if clears and is_timeout(error) else next(waits, None)
                fault = ConnectionLost(f"{shown_url(url)}: expected an answer, got: {self._lost(error)}")
            else:
                self._reached = True
                if 200 <= reply.status < 300 or reply.status in also:
                    return reply
                fault = self._refusal(method, url, reply)
                if reply.status not in _RETRIED:
                    raise fault
                wait = None if clears and reply.status == 504 else next(waits, None)
                if wait is not None:
                    wait = max(wait, _asked_to_wait(reply, self._retries.longest))
            if wait is None:
                raise fault
            self.losses += 1
            if self._notify is not None:
                self._notify(self._redacted(f"{fault}; trying again in {wait:g} s"))
            time.sleep(wait)

    @contextmanager
    def opened(self, url: str, *, accept: str) -> Iterator[urllib3.BaseHTTPResponse | BytesIO]:
        """Open the content of a URL, which is empty for 404. Raises `StoreRefusal` and `ConnectionLost`."""
        try:
            with (
                self.without_password(),
                self._authenticated("GET", url, b"", {"accept": accept}) as response,
            ):
                if response.status not in (200, 404):
                    raise self._refusal("GET", url, _reply(response))
                yield response if response.status == 200 else BytesIO()
        except HTTPError as error:
            raise ConnectionLost(f"{shown_url(url)}: expected an answer, got: {self._lost(error)}") from error

    def _lost(self, error: HTTPError) -> str:
        late = f"no answer in {self._timeout:g} s (--timeout); the store may still be at it"
        return late if is_timeout(error) else lost_reason(error)

    def _refusal(self, method: str, url: str, reply: StoreReply) -> StoreRefusal:
        user = None if self._credentials is None else self._credentials.user
        body = self._redacted(reply.body.decode("utf-8", "replace")).encode()  # before it is cut short
        reply = reply._replace(body=body)
        return StoreRefusal(refusal_message(method, url, reply, user), reply.status)

    def _authenticated(self, method: str, url: str, body: Body, headers: Mapping[str, str]) -> urllib3.BaseHTTPResponse:
        """Send a request; if the store challenges it, send it again with credentials."""
        before = self._challenge
        response = self._sent(method, url, body, headers)
        refused = response.status == 401 or (response.status == 403 and before is None)
        if self._credentials is None or not refused:
            return response
        chosen = chosen_challenge(response.headers.getlist("www-authenticate"))
        if before is not None and (chosen.scheme == "basic" or chosen == before):
            return response
        with response:
            _reply(response)  # so that the connection can be used again
        self._challenge, self._count = chosen, 0
        return self._sent(method, url, body, headers)

    def _sent(self, method: str, url: str, body: Body, headers: Mapping[str, str]) -> urllib3.BaseHTTPResponse:
        all_headers = {"user-agent": "graphkit", "accept-encoding": "identity", **headers}
        if self._challenge is not None and self._credentials is not None:
            all_headers["authorization"] = self._authorization(self._challenge, self._credentials, method, url)
        with open_decompressed(body, gzip=False) if isinstance(body, Path) else nullcontext(body or None) as sent:
            if sent is not None and not isinstance(sent, bytes):
                all_headers["content-length"] = str(os.fstat(sent.fileno()).st_size - sent.tell())
            return self._pool.request(
                method, url, body=sent, headers=all_headers, redirect=False, preload_content=False, decode_content=False
            )

    def _authorization(self, challenge: Challenge, credentials: Credentials, method: str, url: str) -> str:
        if challenge.scheme == "basic":
            return basic_header(credentials)
        self._count += 1
        target = parse_url(url).request_uri
        value = digest_header(challenge, credentials, method=method, target=target, count=self._count)
        if not value.isprintable():  # a line end in a challenge, or in the user's name
            raise StoreError(f"{shown_url(url)}: expected a challenge and a user of printable characters, got others")
        try:
            value.encode("latin-1")
        except UnicodeEncodeError:
            return value.encode().decode("latin-1")  # RFC 7616: names are UTF-8
        return value


def _reply(response: urllib3.BaseHTTPResponse) -> StoreReply:
    success = 200 <= response.status < 300
    most = LARGEST if success else _LARGEST_REFUSAL
    pieces: list[bytes] = []
    for piece in response.stream(1 << 16, decode_content=False):
        pieces.append(piece)
        most -= len(piece)
        if most < 0:
            response.close()  # the rest would only keep the connection busy
            if success:
                raise StoreError(f"expected a short answer, got one of more than {LARGEST >> 20} MiB")
            break
    return StoreReply(
        response.status, {name.lower(): value for name, value in response.headers.items()}, b"".join(pieces)
    )


def _asked_to_wait(reply: StoreReply, longest: float) -> float:
    value = reply.headers.get("retry-after", "")
    return min(float(value), longest) if value.isascii() and value.isdigit() else 0.0
