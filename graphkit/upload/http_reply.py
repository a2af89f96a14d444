"""Answers of a store: what it replied, and a sentence about one that is not a success."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from http.client import responses
from typing import NamedTuple

from graphkit.diagnostics.quoting import quoted, visible
from graphkit.errors import StoreError


class StoreReply(NamedTuple):
    """A store's answer; the names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def content_type(self) -> str:
        """Return the media type without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


class StoreRefusal(StoreError):
    """A store's answer that is not a success."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


def shown_url(url: str) -> str:
    """Return a URL for a message: without its query."""
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


def refusal_message(method: str, url: str, reply: StoreReply, user: str | None) -> str:
    """Return one sentence about an answer that is not a success, to a request of `user`."""
    place = shown_url(url)
    status = f"{reply.status} {responses.get(reply.status, '')}".rstrip()
    if 300 <= reply.status < 400:
        target = visible(reply.headers.get("location", "nowhere").partition("?")[0])
        return (
            f"{place}: expected a store, got {status}, a redirect to {target}: nothing was sent there; give its address"
        )
    if reply.status in (401, 403):
        if user is None:
            return f"{place}: expected to be let in, got {status}: say who you are by --user"
        reason = "the user or the password is another" if reply.status == 401 else "that is not theirs"
        return f"{place}: expected to be let in as {quoted(visible(user))}, got {status}: {reason}"
    words = _first_words(reply)
    why = _STATUSES.get(reply.status, "")
    return (
        f"{place}: expected success from {method}, got {status}"
        + (f": {why}" if why else "")
        + (f"; it says {words}" if words else "")
    )


_MARKUP = re.compile(r"<(style|script|title)\b.*?</\1>|<[^>]*>", re.DOTALL | re.IGNORECASE)


def _first_words(reply: StoreReply) -> str:
    """Return the first words of a server's answer, without markup."""
    text = reply.body.decode("utf-8", "replace")
    if "html" in reply.content_type or text.lstrip()[:1] == "<":
        text = html.unescape(_MARKUP.sub(" ", text))
    return quoted(" ".join(text.split()), limit=160) if text.strip() else ""
