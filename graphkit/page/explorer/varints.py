"""Whole numbers as bytes: seven bits a byte, the lowest first, the eighth bit set where more follow (LEB128).

Signed numbers are folded first, so that small ones stay short whatever their sign: 0, -1, 1, -2 become 0, 1, 2, 3.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def unsigned(values: Iterable[int]) -> bytes:
    """Return numbers of at least 0 as bytes.

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
    """Return numbers of either sign as bytes.

    >>> signed([0, -1, 1, -2]).hex()
    '00010203'
    """
    return unsigned(_folded(values))


def _folded(values: Iterable[int]) -> Iterator[int]:
    for value in values:
        yield value * 2 if value >= 0 else -value * 2 - 1


def steps(values: Iterable[int]) -> Iterator[int]:
    """Yield how much each number is above the one before it, the first above 0.

    >>> list(steps([5, 7, 6]))
    [5, 2, -1]
    """
    last = 0
    for value in values:
        yield value - last
        last = value
