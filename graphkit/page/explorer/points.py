"""Points in the plane for the nodes of a graph: from hashes, drawn together by links, spread over discs.

Each step is continuous: a node more or less moves the others a little.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]

_TURNS = 4
_PI = 3.141592653589793


class Points(NamedTuple):
    """Points of the plane."""

    x: Floats
    y: Floats


class Links(NamedTuple):
    """Links between things by their numbers, each drawing its two ends together by its weight."""

    one: Ints
    other: Ints
    weight: Floats


def hashed(hashes: Sequence[int]) -> Points:
    """Return a point of the square from -1 to 1 for each hash."""
    bits = np.array(hashes, dtype=np.int64)
    return Points((bits & 0xFFFF) / 32768.0 - 1.0, (bits >> 16) / 32768.0 - 1.0)


def smoothed(points: Points, links: Links, times: int) -> Points:
    """Return points drawn together by their links: again and again each goes halfway to the mean of its neighbours."""
    count = len(points.x)
    total = np.bincount(links.one, links.weight, count) + np.bincount(links.other, links.weight, count)
    share = np.where(total > 0.0, 0.5, 0.0)
    total = np.where(total > 0.0, total, 1.0)

    def smoothed(value: Floats) -> Floats:
        for _ in range(times):
            around = np.bincount(links.one, links.weight * value[links.other], count)
            around += np.bincount(links.other, links.weight * value[links.one], count)
            value = value + share * (around / total - value)
        return value

    return Points(smoothed(points.x), smoothed(points.y))


def means(group: Ints, groups: int, points: Points, mass: Floats) -> Points:
    """Return the mean of each group's points. Where few have most of the mass, a few members more hardly move it."""
    total = np.bincount(group, mass, groups)
    return Points(*(np.bincount(group, mass * value, groups) / total for value in points))


def spread_out(points: Points, group: Ints, room: Floats) -> Points:
    """Return points that fill a disc for each group, around its middle: those of one group keep their order.

    Each has as much of its disc as its `room`, a square of units.
    """
    count = len(room)
    starts = np.searchsorted(np.sort(group), np.arange(int(group.max()) + 2))
    sizes = np.diff(starts)

    def ranked(value: Floats) -> Floats:
        order = np.lexsort((np.arange(count), value, group))
        grown = np.cumsum(room[order])
        before = np.concatenate(([0.0], grown))[starts[:-1]]
        total = grown[starts[1:] - 1] - before
        rank = np.empty(count)
        rank[order] = (2.0 * (grown - np.repeat(before, sizes)) - room[order]) / np.repeat(total, sizes) - 1.0
        return rank

    u, v = ranked(points.x), ranked(points.y)
    for _ in range(_TURNS):
        # Ranks along two axes leave crowds along the lines between them; these lines become axes in turn.
        u, v = ranked(u + v), ranked(u - v)
    reach = np.sqrt(np.bincount(group, room) / _PI)[group]
    return _on_disc(u, v, reach)


def _on_disc(u: Floats, v: Floats, reach: Floats) -> Points:
    """Map the square from -1 to 1 to discs, equal areas to equal areas (Shirley and Chiu, 1997)."""
    wide = np.abs(u) > np.abs(v)
    far, near = np.where(wide, u, v), np.where(wide, v, u)
    angle = near / np.where(far == 0.0, 1.0, far) * (_PI / 4.0)
    square = angle * angle
    # Series to the last bit that counts, as the sine of one machine's library is not that of another's.
    sine = angle * (1.0 - square / 6.0 * (1.0 - square / 20.0 * (1.0 - square / 42.0 * (1.0 - square / 72.0))))
    cosine = 1.0 - square / 2.0 * (1.0 - square / 12.0 * (1.0 - square / 30.0 * (1.0 - square / 56.0)))
    along, aside = reach * far * cosine, reach * far * sine
    return Points(np.where(wide, along, aside), np.where(wide, aside, along))


def between(one: Ints, other: Ints, weights: Floats) -> Links:
    """Add up the links between groups; those within a group are left out."""
    low, high = np.minimum(one, other).astype(np.int64), np.maximum(one, other).astype(np.int64)
    apart = low != high
    base = int(high.max()) + 1 if len(high) else 1
    keys, index = np.unique(low[apart] * base + high[apart], return_inverse=True)
    total = np.bincount(index, weights[apart], len(keys)).astype(np.float64)
    return Links((keys // base).astype(np.int32), (keys % base).astype(np.int32), total)
