"""The layout of the explorer: areas next to one another, stories within them, nodes within those.

Equal graphs have the same layout on every machine, and similar graphs a similar one: positions start from hashes of the
nodes' keys, smoothed along the links, and not from a counter or random numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import pi
from typing import NamedTuple
from zlib import crc32

import numpy as np

from graphkit.page.explorer.circle_packing import gathered
from graphkit.page.explorer.communities import communities
from graphkit.page.explorer.geometry import (
    Floats,
    Ints,
    Points,
    WeightedEdges,
    between,
    hashed,
    means,
    smoothed,
    spread_out,
)
from graphkit.page.explorer.overlap_removal import GAP, LANDMARK, settle

KINDS = ("publisher", "distributor", "about", "related", "broader")
# The weight of an edge. An edge to a hub weighs less the more edges the hub has: what half of all articles share says
# little about any of them.
_WEIGHTS = np.array([0.2, 0.1, 2.0, 1.0, 1.5])
_TO_HUBS = np.array([True, True, True, False, True])
_SMOOTHINGS, _SMOOTHINGS_OF_GROUPS = 4, 1
_WIDER = 1.25  # the stage is wider than it is high
_LOOSE = 1.16  # how much larger a disc is than its tightly packed content


class Layout(NamedTuple):
    """Positions in whole units; the area of each node, numbered from the largest; the disc of each area."""

    x: Ints
    y: Ints
    community: Ints
    circles: Ints  # a row for each area: x, y, radius


def lay_out(keys: Sequence[str], radii: Ints, sources: Ints, targets: Ints, kinds: Ints) -> Layout:
    """Lay out nodes by their links. `keys` are their ids, sorted; `kinds` of edges are indexes into `KINDS`.

    >>> lay_out(["a"], np.array([9], np.int32), *[np.zeros(0, np.int32)] * 3).x.tolist()
    [0]
    """
    count = len(keys)
    if not count:
        nothing = np.zeros(0, dtype=np.int32)
        return Layout(nothing, nothing, nothing, np.zeros((0, 3), dtype=np.int32))
    links = WeightedEdges(sources, targets, _weights(count, targets, kinds))
    hashes = [crc32(key.encode("utf-8", "replace")) for key in keys]
    story, area_of = communities(hashes, *links)
    start, radius = hashed(hashes), radii.astype(np.float64)
    local, disc = _fill_stories(radius, story, smoothed(start, links, _SMOOTHINGS))

    degree = np.bincount(sources, minlength=count) + np.bincount(targets, minlength=count)
    mass = (degree + 1.0) * (degree + 1.0)
    of_stories = between(story[sources], story[targets], links.weight)
    homes = smoothed(means(story, len(disc), start, mass), of_stories, _SMOOTHINGS_OF_GROUPS)
    place, reach = _pack_stories(homes, area_of, disc)

    of_areas = between(area_of[of_stories.one], area_of[of_stories.other], of_stories.weight)
    homes = smoothed(means(area_of[story], len(reach), start, mass), of_areas, _SMOOTHINGS_OF_GROUPS)
    wide = np.sqrt(np.cumsum(reach * reach)[-1]) * _LOOSE
    circle_x, circle_y = gathered(homes.x * wide * _WIDER, homes.y * wide, reach, gap=26.0)

    centre = Points(place.x[story] + circle_x[area_of[story]], place.y[story] + circle_y[area_of[story]])
    x, y = settle(local, centre, radius, disc[story], story, links)
    circles = np.stack((circle_x, circle_y, reach), axis=1)
    return Layout(_whole(x), _whole(y), np.asarray(area_of[story], dtype=np.int32), _whole(circles))


def _whole(values: Floats) -> Ints:
    return np.asarray(np.floor(values + 0.5), dtype=np.int32)


def _weights(count: int, targets: Ints, kinds: Ints) -> Floats:
    popularity = np.maximum(np.bincount(targets, minlength=count), 1)
    weights = _WEIGHTS[kinds]
    return np.where(_TO_HUBS[kinds], weights / np.sqrt(popularity[targets]), weights)


def _pack_stories(points: Points, area_of: Ints, disc: Floats) -> tuple[Points, Floats]:
    """Pack the stories of each area around its centre; return the radius of each area too."""
    start = spread_out(points, area_of, disc * disc * 2.0)
    x, y, reach = np.zeros(len(disc)), np.zeros(len(disc)), np.zeros(int(area_of.max()) + 1)
    for area in range(len(reach)):
        inside = np.flatnonzero(area_of == area)
        px, py = gathered(start.x[inside], start.y[inside], disc[inside], gap=14.0)
        cx, cy, r = _enclosing_disc(px, py, disc[inside])
        x[inside], y[inside] = px - cx, py - cy
        reach[area] = r + 16.0
    return Points(x, y), reach


def _enclosing_disc(x: Floats, y: Floats, radius: Floats) -> tuple[float, float, float]:
    """Return the centre and radius of a disc around discs, approximated by steps towards the farthest one."""
    cx, cy = float((x.min() + x.max()) / 2.0), float((y.min() + y.max()) / 2.0)
    for step in range(1, 65):
        dx, dy = x - cx, y - cy
        far = np.sqrt(dx * dx + dy * dy) + radius
        farthest = int(far.argmax())
        cx += float(dx[farthest]) / (step + 1.0)
        cy += float(dy[farthest]) / (step + 1.0)
    dx, dy = x - cx, y - cy
    return cx, cy, float((np.sqrt(dx * dx + dy * dy) + radius).max())


def _fill_stories(radius: Floats, story: Ints, points: Points) -> tuple[Points, Floats]:
    """Spread the nodes of each story over a disc, landmarks inside; return the radius of each disc too."""
    room = (2.0 * radius + GAP) ** 2
    x, y = spread_out(points, story, room)
    stories = int(story.max()) + 1
    total = np.bincount(story, room, stories)
    landmark = radius >= LANDMARK
    inner = np.sqrt(np.bincount(story[landmark], room[landmark], stories) / total)
    scale = np.where(landmark, inner[story], 1.0)
    largest = np.zeros(stories)
    np.maximum.at(largest, story, radius)
    return Points(x * scale, y * scale), np.maximum(np.sqrt(total / pi) * _LOOSE, largest + GAP)
