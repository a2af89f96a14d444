"""Discs in the plane, moved until none overlaps another: close to where they started, and close together.

Only ``+ - * /`` and square roots are used, whose results IEEE 754 defines to the last bit, and sums are made in a fixed
order (`numpy.bincount`): the same discs get the same positions on every machine.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from graphkit.page.explorer.geometry import Floats

Places = NDArray[np.intp]

_ROUNDS = 110
_SETTLING = 200  # most rounds in which nothing pulls and discs only make room
_PULL = 0.3


def gathered(x: Floats, y: Floats, radius: Floats, *, gap: float) -> tuple[Floats, Floats]:
    """Return positions for discs with these radii, at least `gap` apart, near the given ones.

    All are pulled home while they make room for one another. If they were pulled to the centre, one disc more or less
    would send many of them around others.
    """
    count = len(x)
    if count < 2:
        return np.zeros(count), np.zeros(count)
    one, other = np.triu_indices(count, 1)
    room = radius[one] + radius[other] + gap
    mass = radius * radius
    # The larger of two discs moves less.
    share = mass[other] / (mass[one] + mass[other])
    home_x, home_y = x, y
    x, y = x.copy(), y.copy()
    for step in range(_ROUNDS + _SETTLING):
        if step < _ROUNDS:
            ease = _PULL * (1.0 - step / _ROUNDS)
            x += ease * (home_x - x)
            y += ease * (home_y - y)
        if not apart(x, y, one, other, room, share) and step >= _ROUNDS:
            break
    return x, y


def apart(x: Floats, y: Floats, one: Places, other: Places, room: Floats, share: Floats | float) -> int:
    """Push apart the pairs that are closer than their `room`, in place; return how many there were."""
    dx, dy = x[one] - x[other], y[one] - y[other]
    square = dx * dx + dy * dy
    close = np.flatnonzero(square < room * room)
    if not len(close):
        return 0
    one, other, dx, dy = one[close], other[close], dx[close], dy[close]
    distance = np.sqrt(square[close])
    # Two in the same position part along a line that their indexes decide.
    same = distance < 1e-9
    dx = np.where(same, (one % 7) - 3.0 + 0.5, dx)
    dy = np.where(same, (other % 5) - 2.0 + 0.5, dy)
    distance = np.where(same, np.sqrt(dx * dx + dy * dy), distance)
    push = (room[close] - np.where(same, 0.0, distance)) / distance
    mine = share[close] if isinstance(share, np.ndarray) else share
    count = len(x)
    # If many push one disc, each counts in part.
    presses = np.bincount(one, minlength=count) + np.bincount(other, minlength=count)
    ease = 1.0 / np.sqrt(np.maximum(presses, 1))
    x += ease * np.bincount(one, push * mine * dx, count)
    y += ease * np.bincount(one, push * mine * dy, count)
    x -= ease * np.bincount(other, push * (1.0 - mine) * dx, count)
    y -= ease * np.bincount(other, push * (1.0 - mine) * dy, count)
    return len(close)


def close_pairs(x: Floats, y: Floats, cell: float) -> tuple[Places, Places]:
    """Return all pairs in the same cell or in touching cells of a grid, each pair once."""
    keys, wide = _cells(x, y, cell)
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    ones, others = [], []
    for step in (0, 1, wide - 1, wide, wide + 1):
        start = np.arange(len(keys)) + 1 if step == 0 else np.searchsorted(keys, keys + step, "left")
        first, second = _ranges(start, np.searchsorted(keys, keys + step, "right"))
        ones.append(order[first])
        others.append(order[second])
    return np.concatenate(ones), np.concatenate(others)


def close_to(x: Floats, y: Floats, few: Places, cell: float) -> tuple[Places, Places]:
    """Return all pairs of any point and one of a `few` in the same cell or in touching cells."""
    keys, wide = _cells(x, y, cell)
    order = np.argsort(keys, kind="stable")
    of_few, keys = keys[few], keys[order]
    near, far = [], []
    for step in (-wide - 1, -wide, -wide + 1, -1, 0, 1, wide - 1, wide, wide + 1):
        ends = (np.searchsorted(keys, of_few + step, side) for side in ("left", "right"))
        which, found = _ranges(*ends)
        near.append(order[found])
        far.append(few[which])
    return np.concatenate(near), np.concatenate(far)


def _cells(x: Floats, y: Floats, cell: float) -> tuple[NDArray[np.int64], int]:
    """Return the number of each point's cell, and the difference between the numbers of adjacent rows."""
    column = np.floor(x / cell).astype(np.int64)
    row = np.floor(y / cell).astype(np.int64)
    row -= row.min() - 1
    wide = int(row.max()) + 2
    return (column - column.min()) * wide + row, wide


def _ranges(start: Places, end: Places) -> tuple[Places, Places]:
    """Return the numbers of all ranges, each with the index of its range before it."""
    many = np.maximum(end - start, 0)
    which = np.repeat(np.arange(len(start)), many)
    return which, np.arange(len(which)) - np.repeat(np.cumsum(many) - many, many) + np.repeat(start, many)
