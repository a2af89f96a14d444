"""Where the nodes of the explorer lie: areas beside one another, stories within them, nodes within those.

The same graph has the same layout on every machine, and a graph with a little more has nearly the same: places begin
at a hash of each node's key, smoothed along the links, and not at anything that is counted through.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from graphkit.page.explorer.communities import communities
from graphkit.page.explorer.discs import Floats, Pulls, apart, close_pairs, gathered

Ints = NDArray[np.int32]

KINDS = ("publisher", "distributor", "about", "related", "broader")
# How closely an edge binds. An edge to a hub binds the less the more edges the hub has: what half of all articles share
# tells nothing of one of them.
_WEIGHTS = np.array([0.2, 0.1, 2.0, 1.0, 1.5])
_TO_HUBS = np.array([True, True, True, False, True])

_SMOOTHINGS = 8
_WIDER = 1.25  # the stage is wider than high
_GAP = 5.0  # between two nodes
_LOOSE = 1.16  # how much larger a story's disc is than its nodes, close together
_PASSES, _SETTLING = 14, 22
_TURN_X, _TURN_Y = -0.7373688780783197, 0.6754902942615238  # the golden angle, as a point on the unit circle
_SPREADS = (5, 10, _PASSES)  # the passes before which discs are filled evenly
_PI = 3.141592653589793
_BIG = 20  # from this radius on a node is a landmark: it keeps its place, others make room


class Layout(NamedTuple):
    """Places in whole units; the area of each node, areas numbered from the largest; the disc of each area."""

    x: Ints
    y: Ints
    community: Ints
    circles: Ints  # a row for each area: x, y, radius


def lay_out(keys: Sequence[str], radii: Ints, sources: Ints, targets: Ints, kinds: Ints) -> Layout:
    """Place nodes by their links. `keys` are their ids, sorted; `kinds` of edges are indexes into `KINDS`.

    >>> lay_out(["a"], np.array([9], np.int32), *[np.zeros(0, np.int32)] * 3).x.tolist()
    [0]
    """
    count = len(keys)
    if not count:
        nothing = np.zeros(0, dtype=np.int32)
        return Layout(nothing, nothing, nothing, np.zeros((0, 3), dtype=np.int32))
    weights = _weights(count, targets, kinds)
    hashes = [crc32(key.encode("utf-8", "replace")) for key in keys]
    story, area_of = communities(hashes, sources, targets, weights)
    seed_x, seed_y = _smoothed(hashes, sources, targets, weights)
    radius = radii.astype(np.float64)
    x, y, disc = _members(keys, radius, story, seed_x, seed_y)
    stories = len(disc)
    story_pulls = _between(story[sources], story[targets], weights)
    story_x, story_y = _means(story, stories, seed_x, seed_y, radius)
    areas = int(area_of.max()) + 1
    place_x, place_y = np.zeros(stories), np.zeros(stories)
    circle = np.zeros((areas, 3))
    for area in range(areas):
        inside = np.flatnonzero(area_of == area)
        local = _inside(story_pulls, inside, stories)
        px, py = gathered(story_x[inside], story_y[inside], disc[inside], local, gap=14.0)
        cx, cy, r = _around(px, py, disc[inside])
        place_x[inside], place_y[inside] = px - cx, py - cy
        circle[area, 2] = r + 16.0
    area_pulls = _between(area_of[story_pulls.one], area_of[story_pulls.other], story_pulls.weight)
    area_x, area_y = _means(area_of[story], areas, seed_x, seed_y, radius)
    circle[:, 0], circle[:, 1] = gathered(area_x * _WIDER, area_y, circle[:, 2], area_pulls, gap=26.0, wider=_WIDER)
    x += place_x[story] + circle[area_of[story], 0]
    y += place_y[story] + circle[area_of[story], 1]
    centre_x = place_x[story] + circle[area_of[story], 0]
    centre_y = place_y[story] + circle[area_of[story], 1]
    _settle(x, y, radius, centre_x, centre_y, disc[story], story, sources, targets, weights)
    return Layout(_whole(x), _whole(y), np.asarray(area_of[story], dtype=np.int32), _whole(circle))


def _whole(values: Floats) -> Ints:
    return np.asarray(np.floor(values + 0.5), dtype=np.int32)


def _weights(count: int, targets: Ints, kinds: Ints) -> Floats:
    popularity = np.maximum(np.bincount(targets, minlength=count), 1)
    weights = _WEIGHTS[kinds]
    return np.where(_TO_HUBS[kinds], weights / np.sqrt(popularity[targets]), weights)


def _smoothed(hashes: Sequence[int], sources: Ints, targets: Ints, weights: Floats) -> tuple[Floats, Floats]:
    """Return a point for each node: a hash of its key, then again and again halfway to the mean of its neighbours."""
    count = len(hashes)
    bits = np.array(hashes, dtype=np.int64)
    points = [(bits & 0xFFFF) / 32768.0 - 1.0, (bits >> 16) / 32768.0 - 1.0]
    total = np.bincount(sources, weights, count) + np.bincount(targets, weights, count)
    share = np.where(total > 0.0, 0.5, 0.0)
    total = np.where(total > 0.0, total, 1.0)

    def smoothed(value: Floats) -> Floats:
        for _ in range(_SMOOTHINGS):
            around = np.bincount(sources, weights * value[targets], count)
            around += np.bincount(targets, weights * value[sources], count)
            value = value + share * (around / total - value)
        return value

    return smoothed(points[0]), smoothed(points[1])


def _means(group: Ints, groups: int, x: Floats, y: Floats, radius: Floats) -> tuple[Floats, Floats]:
    """Return where each group begins: the mean of its members' points, on a scale that fits all discs."""
    mass = radius * radius
    total = np.bincount(group, mass, groups)
    mean_x, mean_y = np.bincount(group, mass * x, groups) / total, np.bincount(group, mass * y, groups) / total
    # The mean of many random points is near the middle: the more, the nearer.
    members = np.bincount(group, minlength=groups)
    reach = np.sqrt(np.cumsum(total)[-1]) * 1.6
    spread = np.sqrt(members.astype(np.float64))
    return mean_x * spread * reach / (1.0 + spread.max() ** 0.5), mean_y * spread * reach / (1.0 + spread.max() ** 0.5)


def _between(one: Ints, other: Ints, weights: Floats) -> Pulls:
    """Add up the links between groups; those within a group are left out."""
    low, high = np.minimum(one, other).astype(np.int64), np.maximum(one, other).astype(np.int64)
    apart = low != high
    base = int(high.max()) + 1 if len(high) else 1
    keys, index = np.unique(low[apart] * base + high[apart], return_inverse=True)
    total = np.bincount(index, weights[apart], len(keys)).astype(np.float64)
    return Pulls((keys // base).astype(np.int32), (keys % base).astype(np.int32), total)


def _inside(pulls: Pulls, members: NDArray[np.intp], count: int) -> Pulls:
    """Return the links among some groups, by their places among those."""
    place = np.full(count, -1, dtype=np.int32)
    place[members] = np.arange(len(members), dtype=np.int32)
    kept = (place[pulls.one] >= 0) & (place[pulls.other] >= 0)
    return Pulls(place[pulls.one[kept]], place[pulls.other[kept]], pulls.weight[kept])


def _around(x: Floats, y: Floats, radius: Floats) -> tuple[float, float, float]:
    """Return a disc around discs: its middle and radius. A few steps towards what lies farthest out come close."""
    cx, cy = float((x.min() + x.max()) / 2.0), float((y.min() + y.max()) / 2.0)
    for step in range(1, 65):
        dx, dy = x - cx, y - cy
        far = np.sqrt(dx * dx + dy * dy) + radius
        farthest = int(far.argmax())
        cx += float(dx[farthest]) / (step + 1.0)
        cy += float(dy[farthest]) / (step + 1.0)
    dx, dy = x - cx, y - cy
    return cx, cy, float((np.sqrt(dx * dx + dy * dy) + radius).max())


def _members(
    keys: Sequence[str], radius: Floats, story: Ints, seed_x: Floats, seed_y: Floats
) -> tuple[Floats, Floats, Floats]:
    """Put the nodes of each story on a spiral of seeds around its middle, large ones inside; return its disc too."""
    count = len(keys)
    room = (2.0 * radius + _GAP) ** 2
    order = np.lexsort((np.arange(count), seed_x + seed_y, -np.where(radius >= _BIG, radius, 0.0), story))
    starts = np.searchsorted(story[order], np.arange(int(story.max()) + 2))
    turn_x, turn_y = _turns(int(np.diff(starts).max()))
    grown = np.cumsum(room[order])
    before = np.concatenate(([0.0], grown))[starts[:-1]]
    at = np.arange(count) - np.repeat(starts[:-1], np.diff(starts))
    # So far out that all before it have room, at a density that such a spiral has.
    middle = grown - room[order] / 2.0 - np.repeat(before, np.diff(starts))
    first = at == 0
    reach = np.where(first, 0.0, np.sqrt(middle / _PI) * 1.06)
    x, y = np.zeros(count), np.zeros(count)
    x[order], y[order] = reach * turn_x[at], reach * turn_y[at]
    total = grown[starts[1:] - 1] - before
    largest = np.zeros(len(starts) - 1)
    np.maximum.at(largest, story, radius)
    disc = np.maximum(np.sqrt(total / _PI) * _LOOSE, largest + _GAP)
    return x, y, disc


def _turns(count: int) -> tuple[Floats, Floats]:
    xs, ys = np.zeros(max(count, 1)), np.zeros(max(count, 1))
    x, y = 1.0, 0.0
    for step in range(count):
        xs[step], ys[step] = x, y
        x, y = x * _TURN_X - y * _TURN_Y, x * _TURN_Y + y * _TURN_X
    return xs, ys


def _settle(
    x: Floats,
    y: Floats,
    radius: Floats,
    centre_x: Floats,
    centre_y: Floats,
    disc: Floats,
    story: Ints,
    sources: Ints,
    targets: Ints,
    weights: Floats,
) -> None:
    """Draw nodes towards what they are linked to within their story, then make room, in place."""
    count = len(x)
    within = (story[sources] == story[targets]) & (sources != targets)
    one, other, weight = sources[within], targets[within], weights[within]
    total = np.bincount(one, weight, count) + np.bincount(other, weight, count)
    moves = radius < _BIG
    pulled = np.where((total > 0.0) & moves, 0.22, 0.0)
    total = np.where(total > 0.0, total, 1.0)
    small = float(radius[moves].max()) if moves.any() else 0.0
    cell = 2.0 * max(small, 1.0) + _GAP
    big = np.flatnonzero(~moves)
    big = big[np.lexsort((big, -radius[big]))]
    near, landmark = _beside(story, moves, big)
    limit = np.maximum(disc - radius, 0.0)
    for step in range(_PASSES + _SETTLING):
        if step < _PASSES:
            near_x = np.bincount(one, weight * x[other], count) + np.bincount(other, weight * x[one], count)
            near_y = np.bincount(one, weight * y[other], count) + np.bincount(other, weight * y[one], count)
            ease = pulled * (1.0 - step / _PASSES)
            x += ease * (near_x / total - x)
            y += ease * (near_y / total - y)
        if step in _SPREADS:
            _spread(x, y, radius, centre_x, centre_y, story, moves)
        pair_one, pair_other = close_pairs(x[moves], y[moves], cell)
        at = np.flatnonzero(moves)
        pair_one, pair_other = at[pair_one], at[pair_other]
        room = radius[pair_one] + radius[pair_other] + _GAP
        apart(x, y, pair_one, pair_other, room, 0.5)
        apart(x, y, near, landmark, radius[near] + radius[landmark] + _GAP, 1.0)
        dx, dy = x - centre_x, y - centre_y
        out = np.sqrt(dx * dx + dy * dy)
        pull_in = np.where(out > limit, limit / np.maximum(out, 1e-9), 1.0)
        x[:] = centre_x + dx * pull_in
        y[:] = centre_y + dy * pull_in


def _spread(
    x: Floats, y: Floats, radius: Floats, centre_x: Floats, centre_y: Floats, story: Ints, moves: NDArray[np.bool_]
) -> None:
    """Fill each disc evenly, in place: what is pulled together keeps its direction and its rank from the middle."""
    count = len(x)
    dx, dy = x - centre_x, y - centre_y
    out = np.sqrt(dx * dx + dy * dy)
    order = np.lexsort((np.arange(count), out, moves, story))  # landmarks first: they are in the middle
    room = (2.0 * radius + _GAP) ** 2
    grown = np.cumsum(room[order])
    starts = np.searchsorted(story[order], np.arange(int(story.max()) + 2))
    before = np.concatenate(([0.0], grown))[starts[:-1]]
    middle = grown - room[order] / 2.0 - np.repeat(before, np.diff(starts))
    reach = np.empty(count)
    reach[order] = np.sqrt(middle / _PI) * 1.06
    scale = np.where(moves & (out > 0.0), reach / np.maximum(out, 1e-9), 1.0)
    x[:] = centre_x + dx * scale
    y[:] = centre_y + dy * scale


_MOST_LANDMARKS = 12  # of one story


def _beside(story: Ints, moves: NDArray[np.bool_], big: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return pairs of a node that moves and a landmark of its story."""
    members = np.flatnonzero(moves)
    order = members[np.argsort(story[members], kind="stable")]
    starts = np.searchsorted(story[order], np.arange(int(story.max()) + 2))
    seen: dict[int, int] = {}
    nodes, landmarks = [np.zeros(0, dtype=np.intp)], [np.zeros(0, dtype=np.intp)]
    for landmark in big.tolist():
        of = int(story[landmark])
        seen[of] = seen.get(of, 0) + 1
        if seen[of] > _MOST_LANDMARKS:
            continue
        inside = order[starts[of] : starts[of + 1]]
        nodes.append(inside)
        landmarks.append(np.full(len(inside), landmark, dtype=np.intp))
    return np.concatenate(nodes), np.concatenate(landmarks)
