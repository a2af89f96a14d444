"""What queries may take of the machine."""

from __future__ import annotations

import msgspec


class QueryLimits(msgspec.Struct, frozen=True):
    """Limits of one query, and of all: `timeout` and `queue_timeout` in seconds, `memory` and `result` in bytes.

    `short_workers` and `long_workers` run at once; `queue_length` queries may wait for each kind.
    """

    timeout: float = 30.0
    memory: int = 1 << 30
    result: int = 1 << 28
    short_workers: int = 2
    long_workers: int = 2
    queue_length: int = 64
    queue_timeout: float = 15.0
