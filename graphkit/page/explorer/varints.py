"""Integers as bytes: seven bits each, the lowest first, with the eighth bit set if more follow (LEB128).

Signed integers are zigzag-encoded first, so that small ones stay short: 0, -1, 1, -2 become 0, 1, 2, 3.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def unsigned(values: Iterable[int]) -> bytes:
    """Return non-negative integers as bytes.

    >>> unsigned([1, 127, 128]).hex()
    '017f8001'
    """
    made = bytearray()
    for value in values:
        rest = value
        while rest > 0x7F:
            made.append(rest & 0x7F | 0x80)
            rest >>= 7
        made.append(rest)
    return bytes(made)


def signed(values: Iterable[int]) -> bytes:
    """Return signed integers as bytes.

    >>> signed([0, -1, 1, -2]).hex()
    '00010203'
    """
    return unsigned(_zigzag(values))


def _zigzag(values: Iterable[int]) -> Iterator[int]:
    for value in values:
        yield value * 2 if value >= 0 else -value * 2 - 1


def steps(values: Iterable[int]) -> Iterator[int]:
    """Yield the difference of each number from the one before, of the first from 0.

    >>> list(steps([5, 7, 6]))
    [5, 2, -1]
    """
    last = 0
    for value in values:
        yield value - last
        last = value
