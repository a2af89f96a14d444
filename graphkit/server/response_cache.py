"""The answers that were asked for more than once, in memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable

from graphkit.server.worker_messages import QueryOutcome, QueryReply

SIZE = 1 << 25
"""Bytes that all cached answers may take together."""

REMEMBERED = 5000
"""Requests remembered that came once."""


class ResponseCache:
    """The latest answers, by the request that got them. A request that comes twice needs no worker from then on.

    Nothing expires, as the data stays the same while it is open.
    """

    def __init__(self, *, size: int = SIZE) -> None:
        self._replies: OrderedDict[Hashable, QueryReply] = OrderedDict()
        self._sizes: dict[Hashable, int] = {}
        self._free = size
        self._largest = size // 64
        self._seen_once: OrderedDict[int, None] = OrderedDict()

    def get(self, key: Hashable) -> QueryReply | None:
        """Return the answer to a request, if it is cached."""
        reply = self._replies.get(key)
        if reply is not None:
            self._replies.move_to_end(key)
        return reply

    def put(self, key: tuple[bytes | str | None, ...], reply: QueryReply) -> None:
        """Cache an answer that was asked for before, unless it is large, or may differ the next time."""
        mark = hash(key)
        if mark not in self._seen_once:
            self._seen_once[mark] = None
            if len(self._seen_once) > REMEMBERED:
                self._seen_once.popitem(last=False)
            return
        size = len(reply.body) + sum(len(part) for part in key if part) + 500
        if reply.outcome is not QueryOutcome.ANSWERED or reply.volatile or reply.file or size > self._largest:
            return
        if key in self._replies:
            return
        self._replies[key] = reply
        self._sizes[key] = size
        self._free -= size
        while self._free < 0:
            oldest, _ = self._replies.popitem(last=False)
            self._free += self._sizes.pop(oldest)
