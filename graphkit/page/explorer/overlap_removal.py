"""The last passes of the layout: nodes near their neighbours, without overlap, within their story."""

from __future__ import annotations

from math import pi

import numpy as np
from numpy.typing import NDArray

from graphkit.page.explorer.circle_packing import apart, close_pairs, close_to
from graphkit.page.explorer.geometry import Floats, Ints, Points, WeightedEdges, filled_up_to

GAP = 5.0
"""The distance between two nodes."""
LANDMARK = 20
"""The radius from which a node keeps its position, and others make room."""

_PASSES, _SETTLING = 14, 22
_SPREADS = (5, 10, _PASSES)  # the passes that start by filling the discs evenly


def settle(local: Points, centre: Points, radius: Floats, disc: Floats, story: Ints, links: WeightedEdges) -> Points:
    """Return the position of each node: near its neighbours, with room around it, in the disc of its story.

    `local` is its first position, relative to the disc's centre; `centre` and `disc` (a radius) are that disc's.
    """
    x, y = local.x + centre.x, local.y + centre.y
    sources, targets, weights = links
    count = len(x)
    within = (story[sources] == story[targets]) & (sources != targets)
    one, other, weight = sources[within], targets[within], weights[within]
    total = np.bincount(one, weight, count) + np.bincount(other, weight, count)
    moves = radius < LANDMARK
    pulled = np.where((total > 0.0) & moves, 0.22, 0.0)
    total = np.where(total > 0.0, total, 1.0)
    small, large = np.flatnonzero(moves), np.flatnonzero(~moves)
    small_reach, large_reach = (float(radius[of].max()) if len(of) else 0.0 for of in (small, large))
    limit = np.maximum(disc - radius, 0.0)
    for step in range(_PASSES + _SETTLING):
        if step < _PASSES:
            near_x = np.bincount(one, weight * x[other], count) + np.bincount(other, weight * x[one], count)
            near_y = np.bincount(one, weight * y[other], count) + np.bincount(other, weight * y[one], count)
            ease = pulled * (1.0 - step / _PASSES)
            x += ease * (near_x / total - x)
            y += ease * (near_y / total - y)
        if step in _SPREADS:
            _spread(x, y, radius, centre, story, moves)
        for of, widest in ((large, large_reach), (small, small_reach)):
            if len(of):
                one_end, other_end = (of[ends] for ends in close_pairs(x[of], y[of], 2.0 * widest + GAP))
                apart(x, y, one_end, other_end, radius[one_end] + radius[other_end] + GAP, 0.5)
        near, landmark = close_to(x, y, large, large_reach + small_reach + GAP)
        near, landmark = near[moves[near]], landmark[moves[near]]
        apart(x, y, near, landmark, radius[near] + radius[landmark] + GAP, 1.0)
        dx, dy = x - centre.x, y - centre.y
        out = np.sqrt(dx * dx + dy * dy)
        pull_in = np.where(out > limit, limit / np.maximum(out, 1e-9), 1.0)
        x[:] = centre.x + dx * pull_in
        y[:] = centre.y + dy * pull_in
    return Points(x, y)


def _spread(x: Floats, y: Floats, radius: Floats, centre: Points, story: Ints, moves: NDArray[np.bool_]) -> None:
    """Fill each disc evenly, in place: nodes keep their direction, and their rank by distance from the centre."""
    dx, dy = x - centre.x, y - centre.y
    out = np.sqrt(dx * dx + dy * dy)
    room = (2.0 * radius + GAP) ** 2
    # Landmarks first: they are in the middle.
    reach = np.sqrt((filled_up_to(story, room, out, moves) - room / 2.0) / pi) * 1.06
    scale = np.where(moves & (out > 1e-6), reach / np.maximum(out, 1e-9), 1.0)
    x[:] = centre.x + dx * scale
    y[:] = centre.y + dy * scale
