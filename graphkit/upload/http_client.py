"""Connection: requests to one store, tried again where that can help, and one sentence where it cannot.

Redirects are never followed, so that neither data nor a password goes to a place that nobody named. Bodies are bytes or
files: they can be sent again, and have a length, without which Virtuoso 7 takes a body for an empty one, with 201.
"""

from __future__ import annotations

import base64
import html
import re
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import IO, NamedTuple, Self
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    LocationParseError,
    NameResolutionError,
    NewConnectionError,
    ReadTimeoutError,
    SSLError,
)
from urllib3.util import parse_url

from graphkit.diagnostics.quoting import quoted, visible
from graphkit.errors import StoreError, UsageError
from graphkit.upload.digest import Challenge, answer, challenges, known

LARGEST = 64 << 20
"""An answer of more bytes is not read: what is asked of a store here is short."""

_TOLD = 1 << 16
_AGAIN = (
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.BAD_GATEWAY,
    HTTPStatus.SERVICE_UNAVAILABLE,
    HTTPStatus.GATEWAY_TIMEOUT,
)
_AGENT = "graphkit"


class Credentials(NamedTuple):
    """A user and the password, which no message shows."""

    user: str
    password: str

    def __repr__(self) -> str:
        """Show the user only."""
        return f"Credentials(user={self.user!r})"


class RetryPolicy(NamedTuple):
    """How often a request is tried, and how many seconds lie between tries: twice as many each time."""

    tries: int = 9
    first: float = 0.5
    longest: float = 30.0

    def waits(self) -> Iterator[float]:
        """Yield the seconds to wait before each further try."""
        for number in range(self.tries - 1):
            yield min(self.first * 2**number, self.longest)


class StoreReply(NamedTuple):
    """What came back; the names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def content_type(self) -> str:
        """Return the media type without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class StoreRefusal(StoreError):
    """A store's answer that is no success."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class ConnectionLost(StoreError):
    """A store that could not be reached, or went away, however often it was tried."""


Body = bytes | Path
"""What is sent: bytes, or a file that is read while it is sent."""


class Connection:
    """Requests to one store. It has state: what the store wants to be told, and how often it was lost."""

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
        self._met = False
        self._timeout = timeout
        try:
            context = ssl.create_default_context(cafile=cafile or None)
        except (OSError, ssl.SSLError) as error:
            raise UsageError(f"cafile: expected certificates in PEM, got {quoted(cafile)}: {error}") from error
        self._pool = urllib3.PoolManager(
            retries=False, ssl_context=context, timeout=urllib3.Timeout(connect=15.0, read=timeout), maxsize=1
        )

    def __enter__(self) -> Self:
        """Return the connection itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close what is open."""
        self._pool.clear()

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

        Lost connections and 429, 502, 503 and 504 are tried again, but not at the first contact, nor where it is to be
        sent `once`. What `clears` a graph is not sent again where no answer came in time: the store is there, and may
        carry it out after all that would follow. Raises `StoreRefusal` and `ConnectionLost`.
        """
        headers = {
            name: value
            for name, value in (("content-type", content_type), ("content-encoding", encoding), ("accept", accept))
            if value
        }
        waits = iter(()) if once else self._retries.waits()
        while True:
            try:
                with self._offered(method, url, body, headers) as response:
                    reply = _reply(response)
            except (NewConnectionError, NameResolutionError) as error:
                wait = next(waits, None) if self._met else None
                fault: StoreError = ConnectionLost(_unreachable(url, error))
            except SSLError as error:
                raise StoreError(_untrusted(url, error)) from error
            except LocationParseError as error:
                raise UsageError(f"expected the address of a store, got {quoted(url)}") from error
            except HTTPError as error:
                self._met = True
                wait = None if clears and _is_late(error) else next(waits, None)
                fault = ConnectionLost(f"{_shown(url)}: expected an answer, got: {self._lost(error)}")
            else:
                self._met = True
                if 200 <= reply.status < 300 or reply.status in also:
                    return reply
                fault = StoreRefusal(_refused(method, url, reply, self._credentials), reply.status)
                if reply.status not in _AGAIN:
                    raise fault
                wait = None if clears and reply.status == HTTPStatus.GATEWAY_TIMEOUT else next(waits, None)
                if wait is not None:
                    wait = max(wait, _asked_to_wait(reply, self._retries.longest))
            if wait is None:
                raise fault
            self.losses += 1
            if self._notify is not None:
                self._notify(f"{fault}; trying again in {wait:g} s")
            time.sleep(wait)

    def stream(self, url: str, *, accept: str) -> Iterator[bytes]:
        """Yield the content at an address in pieces; no piece if there is none.

        Raises `StoreRefusal` and `ConnectionLost`.
        """
        try:
            with self._offered("GET", url, b"", {"accept": accept}) as response:
                if response.status == HTTPStatus.NOT_FOUND:
                    return
                if response.status != HTTPStatus.OK:
                    reply = _reply(response)
                    raise StoreRefusal(_refused("GET", url, reply, self._credentials), reply.status)
                yield from response.stream(1 << 18, decode_content=False)
        except HTTPError as error:
            raise ConnectionLost(f"{_shown(url)}: expected an answer, got: {self._lost(error)}") from error

    def _lost(self, error: HTTPError) -> str:
        late = f"no answer in {self._timeout:g} s (--timeout); the store may still be at it"
        return late if _is_late(error) else _lost(error)

    def _offered(self, method: str, url: str, body: Body, headers: Mapping[str, str]) -> urllib3.BaseHTTPResponse:
        """Send a request, and once more with an answer to the store's challenge."""
        before = self._challenge
        response = self._sent(method, url, body, headers)
        refused = response.status == HTTPStatus.UNAUTHORIZED or (
            response.status == HTTPStatus.FORBIDDEN and before is None
        )
        if self._credentials is None or not refused:
            return response
        chosen = _chosen(response.headers.getlist("www-authenticate"))
        if before is not None and (chosen.scheme == "basic" or chosen == before):
            return response
        with response:
            _reply(response)  # so that the connection can be used again
        self._challenge, self._count = chosen, 0
        return self._sent(method, url, body, headers)

    def _sent(self, method: str, url: str, body: Body, headers: Mapping[str, str]) -> urllib3.BaseHTTPResponse:
        all_headers = {"user-agent": _AGENT, "accept-encoding": "identity", **headers}
        if self._challenge is not None and self._credentials is not None:
            all_headers["authorization"] = self._authorization(self._challenge, self._credentials, method, url)
        if isinstance(body, Path):
            all_headers["content-length"] = str(body.stat().st_size)
            with body.open("rb") as file:
                return self._request(method, url, file, all_headers)
        return self._request(method, url, body or None, all_headers)

    def _request(
        self, method: str, url: str, body: bytes | IO[bytes] | None, headers: dict[str, str]
    ) -> urllib3.BaseHTTPResponse:
        return self._pool.request(
            method, url, body=body, headers=headers, redirect=False, preload_content=False, decode_content=False
        )

    def _authorization(self, challenge: Challenge, credentials: Credentials, method: str, url: str) -> str:
        user, password = credentials
        if challenge.scheme == "basic":
            return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
        self._count += 1
        target = parse_url(url).request_uri
        return answer(challenge, user=user, password=password, method=method, target=target, count=self._count)


def _reply(response: urllib3.BaseHTTPResponse) -> StoreReply:
    success = 200 <= response.status < 300
    most = LARGEST if success else _TOLD
    pieces: list[bytes] = []
    for piece in response.stream(1 << 16, decode_content=False):
        pieces.append(piece)
        most -= len(piece)
        if most < 0:
            response.close()  # the rest of it would only keep the connection busy
            if success:
                raise StoreError(f"expected a short answer, got one of more than {LARGEST >> 20} MiB")
            break
    return StoreReply(
        response.status, {name.lower(): value for name, value in response.headers.items()}, b"".join(pieces)
    )


def _chosen(headers: list[str]) -> Challenge:
    """Return the challenge to answer: digest where it is one that we know, basic otherwise."""
    return next((one for one in challenges(headers) if known(one)), Challenge("basic", {}))


def _asked_to_wait(reply: StoreReply, longest: float) -> float:
    value = reply.headers.get("retry-after", "")
    return min(float(value), longest) if value.isascii() and value.isdigit() else 0.0


def _shown(url: str) -> str:
    """Return an address without its query, as it stands in a message."""
    return visible(url.partition("?")[0])


_STATUSES = {
    400: "the store takes the request for faulty",
    404: "there is no such database, dataset or repository",
    405: "the store does not let anybody write there",
    406: "the store has no such format",
    413: "the store takes no request of this size",
    415: "the store does not read this format",
    507: "the store has no room left",
}


def _refused(method: str, url: str, reply: StoreReply, credentials: Credentials | None) -> str:
    """Return one sentence about an answer that is no success."""
    place = _shown(url)
    status = f"{reply.status}{_phrase(reply.status)}"
    if 300 <= reply.status < 400:
        target = visible(reply.headers.get("location", "nowhere").partition("?")[0])
        return (
            f"{place}: expected a store, got {status}, a redirect to {target}: nothing was sent there; give its address"
        )
    if reply.status in (401, 403):
        if credentials is None:
            return f"{place}: expected to be let in, got {status}: say who you are by --user"
        verb = (
            "the user or the password is another" if reply.status == HTTPStatus.UNAUTHORIZED else "that is not theirs"
        )
        return f"{place}: expected to be let in as {quoted(visible(credentials.user))}, got {status}: {verb}"
    said = _words(reply)
    why = _STATUSES.get(reply.status, "")
    return (
        f"{place}: expected success from {method}, got {status}"
        + (f": {why}" if why else "")
        + (f"; it says {said}" if said else "")
    )


def _phrase(status: int) -> str:
    try:
        return f" {HTTPStatus(status).phrase}"
    except ValueError:
        return ""


_MARKUP = re.compile(r"<(style|script|title)\b.*?</\1>|<[^>]*>", re.DOTALL | re.IGNORECASE)


def _words(reply: StoreReply) -> str:
    """Return the first words of what a server says of its refusal, without markup."""
    text = reply.body.decode("utf-8", "replace")
    if "html" in reply.content_type or text.lstrip()[:1] == "<":
        text = html.unescape(_MARKUP.sub(" ", text))
    return quoted(" ".join(text.split()), limit=160) if text.strip() else ""


def _unreachable(url: str, error: HTTPError) -> str:
    host = visible(urlsplit(url).netloc.rpartition("@")[2])
    if isinstance(error, NameResolutionError):
        return f"{_shown(url)}: expected a store, got: no machine is named {host}"
    return f"{_shown(url)}: expected a store, got: nothing answers at {host} ({_lost(error)})"


def _untrusted(url: str, error: SSLError) -> str:
    cause = next((one for one in _causes(error) if isinstance(one, ssl.SSLCertVerificationError)), None)
    if cause is not None:
        return (
            f"{_shown(url)}: expected a certificate to trust, got one that is not: {cause.verify_message}; "
            "nothing was sent (--cafile names the certificates of your own authority)"
        )
    return f"{_shown(url)}: expected TLS, got: {visible(str(error))[:160]}; nothing was sent"


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting: list[object] = [error]
    while waiting:
        one = waiting.pop(0)
        if isinstance(one, BaseException) and id(one) not in seen:
            seen.add(id(one))
            yield one
            waiting += [one.__cause__, one.__context__, *one.args, getattr(one, "reason", None)]


def _is_late(error: BaseException) -> bool:
    """Tell whether the store is there, and gave no answer in time."""
    return any(isinstance(one, ReadTimeoutError) for one in _causes(error))


def _lost(error: BaseException) -> str:
    """Return in a few words how a connection was lost."""
    causes = list(_causes(error))
    if any(isinstance(one, ConnectTimeoutError) for one in causes) and not any(
        isinstance(one, ConnectionError) for one in causes
    ):
        return "no connection in time"
    for one in causes:
        if isinstance(one, OSError) and one.strerror:
            return str(one.strerror).lower()
    return "the connection was closed before the answer was whole"
