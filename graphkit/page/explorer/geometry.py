"""Points in the plane for the nodes of a graph: from hashes, smoothed along edges, spread over discs.

Each step is continuous: one node more or less moves the others a little.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import pi
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]

_TURNS = 9
_STEPS = 512


class Points(NamedTuple):
    """Points of the plane."""

    x: Floats
    y: Floats


class WeightedEdges(NamedTuple):
    """Edges as columns: the indexes of both ends, and the weight with which the edge pulls them together."""

    one: Ints
    other: Ints
    weight: Floats


def hashed(hashes: Sequence[int]) -> Points:
    """Return a point in the square from -1 to 1 for each hash."""
    bits = np.array(hashes, dtype=np.int64)
    return Points((bits & 0xFFFF) / 32768.0 - 1.0, (bits >> 16) / 32768.0 - 1.0)


def smoothed(points: Points, links: WeightedEdges, times: int) -> Points:
    """Return points smoothed along edges: `times` times, each moves halfway to the mean of its neighbours."""
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
    """Return the weighted mean of each group's points. If few hold most of the mass, new members hardly move it."""
    total = np.bincount(group, mass, groups)
    return Points(*(np.bincount(group, mass * value, groups) / total for value in points))


def spread_out(points: Points, group: Ints, room: Floats) -> Points:
    """Return points that fill a disc for each group, around its centre; points of one group keep their order.

    Each takes as much of its disc as its `room`, an area.
    """

    def ranked(value: Floats) -> Floats:
        filled = filled_up_to(group, room, value)
        total = np.zeros(int(group.max()) + 1)
        np.maximum.at(total, group, filled)
        return np.asarray((2.0 * filled - room) / total[group] - 1.0)

    x, y = points
    for _ in range(_TURNS):
        # A disc that is even along one axis need not be even along others: so repeat it, each time rotated by the angle
        # of a 3-4-5 triangle.
        x, y = _in_disc(ranked(x)), _in_disc(ranked(y))
        x, y = 0.8 * x - 0.6 * y, 0.6 * x + 0.8 * y
    reach = np.sqrt(np.bincount(group, room) / pi)[group] / np.maximum(np.sqrt(x * x + y * y), 1.0)
    return Points(x * reach, y * reach)


def filled_up_to(group: Ints, room: Floats, *keys: Floats | NDArray[np.bool_]) -> Floats:
    """Return how much room each item and those before it in its group take, in the order of the keys.

    The last key counts most, as in `numpy.lexsort`; ties keep their order.
    """
    order = np.lexsort((np.arange(len(group)), *keys, group))
    starts = np.searchsorted(group[order], np.arange(int(group.max()) + 2))
    grown = np.cumsum(room[order])
    before = np.concatenate(([0.0], grown))[starts[:-1]]
    filled = np.empty(len(group))
    filled[order] = grown - np.repeat(before, np.diff(starts))
    return filled


def _disc_along_a_line() -> tuple[Floats, Floats]:
    """Return points on a diameter of a disc, and the share of the disc that lies before each, from -1 to 1."""
    # The sum of the disc's widths along the line: trigonometry would differ between machines.
    line = (np.arange(2 * _STEPS + 1) - _STEPS) / _STEPS
    width = np.sqrt(1.0 - line * line)
    before = np.concatenate(([0.0], np.cumsum(width[1:] + width[:-1])))
    return line, (before - before[::-1]) / before[-1]  # 0 in the middle, to the last bit


_LINE, _RANKS = _disc_along_a_line()


def _in_disc(rank: Floats) -> Floats:
    """Return positions on a diameter of a disc for ranks from -1 to 1."""
    at = np.clip(np.searchsorted(_RANKS, rank), 1, 2 * _STEPS)
    part = (rank - _RANKS[at - 1]) / (_RANKS[at] - _RANKS[at - 1])
    return np.asarray(_LINE[at - 1] + part / _STEPS)


def between(one: Ints, other: Ints, weights: Floats) -> WeightedEdges:
    """Return the edges between groups, with summed weights; edges within a group are left out."""
    low, high = np.minimum(one, other).astype(np.int64), np.maximum(one, other).astype(np.int64)
    apart = low != high
    base = int(high.max()) + 1 if len(high) else 1
    keys, index = np.unique(low[apart] * base + high[apart], return_inverse=True)
    total = np.bincount(index, weights[apart], len(keys)).astype(np.float64)
    return WeightedEdges((keys // base).astype(np.int32), (keys % base).astype(np.int32), total)
