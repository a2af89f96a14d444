"""A force-directed layout for a drawing, the same on every machine.

Only ``+ - * /`` and square roots are used: IEEE 754 defines their results to the last bit, unlike those of sines and
powers. Nothing is random, and no floats are added with `sum`, whose rounding changed in Python 3.12.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, islice
from math import sqrt
from typing import NamedTuple

# One turn by the golden angle, as a point on the unit circle: the seeds of a sunflower never line up.
_TURN_X, _TURN_Y = -0.7373688780783197, 0.6754902942615238
_WIDER = 1.25  # a canvas is wider than it is high
_SPACING = 74.0  # the distance between nodes without an edge
_ROUNDS_OF_HUBS = 24
_ROUNDS_OF_ALL = 11
_SWEEPS_FOR_ROOM, _ROUNDS_A_SWEEP = 16, 5
_SLACK = 12.0  # how much closer nodes may come before the pairs are collected again
_TOUCH = 1.0  # overlaps up to this size are left alone
_MOST_HUBS_OF_ONE = 8  # more of them say no more about where a node belongs
_PULL, _PUSH, _GRAVITY = 0.3, 0.32, 0.01


class NodeBox(NamedTuple):
    """A node to place: half its width and height, and whether it is a hub that others gather around."""

    width: float
    height: float
    hub: bool


class Spring(NamedTuple):
    """A line between two boxes, given by their indexes; the heavier, the shorter it is kept."""

    source: int
    target: int
    weight: float


_Near = list[dict[int, float]]  # for each box the boxes it is linked to, with the weight


def positions(boxes: Sequence[NodeBox], springs: Iterable[Spring]) -> list[tuple[int, int]]:
    """Return a position for each box: hubs apart, the rest near their neighbours, no overlap.

    The result depends on the arguments and their order, and on nothing else.

    >>> positions([NodeBox(20, 20, True)], [])
    [(0, 0)]
    """
    near = _neighbours(len(boxes), springs)
    hubs = [index for index, box in enumerate(boxes) if box.hub]
    hubs.sort(key=lambda hub: (-len(near[hub]), hub))
    xs, ys = _start(len(boxes), hubs, near)
    _relax(xs, ys, near, spacing=_SPACING, rounds=_ROUNDS_OF_ALL)
    if boxes and max(ys) - min(ys) > max(xs) - min(xs):
        xs, ys = ys, xs
    xs = [x * _WIDER for x in xs]
    _make_room(xs, ys, boxes)
    return [(round(x), round(y)) for x, y in zip(xs, ys, strict=True)]


def _neighbours(count: int, springs: Iterable[Spring]) -> _Near:
    near: _Near = [{} for _ in range(count)]
    for source, target, weight in springs:
        if source != target:
            near[source][target] = near[source].get(target, 0.0) + weight
            near[target][source] = near[target].get(source, 0.0) + weight
    return near


def _start(count: int, hubs: Sequence[int], near: _Near) -> tuple[list[float], list[float]]:
    """Place the hubs by what they share, and each of the rest in the middle of its hubs."""
    spacing = _SPACING * sqrt(count / len(hubs)) if hubs else _SPACING
    seeds = list(islice(_sunflower(spacing), len(hubs)))
    hub_xs, hub_ys = [x for x, _ in seeds], [y for _, y in seeds]
    _relax(hub_xs, hub_ys, _shared(hubs, near), spacing=spacing, rounds=_ROUNDS_OF_HUBS)
    place = {hub: (x, y) for hub, x, y in zip(hubs, hub_xs, hub_ys, strict=True)}
    xs, ys = [0.0] * count, [0.0] * count
    for index, (seed_x, seed_y) in zip(range(count), _sunflower(_SPACING), strict=False):
        if index in place:
            xs[index], ys[index] = place[index]
            continue
        x = y = total = 0.0
        for other, weight in near[index].items():
            if other in place:
                other_x, other_y = place[other]
                x, y, total = x + weight * other_x, y + weight * other_y, total + weight
        # A little of the seed keeps apart those that have the same hubs.
        share = 0.1 if total else 1.0
        xs[index], ys[index] = x / (total or 1.0) + share * seed_x, y / (total or 1.0) + share * seed_y
    return xs, ys


def _sunflower(spacing: float) -> Iterator[tuple[float, float]]:
    """Yield points from the centre outwards, spread evenly over a growing disc."""
    x, y, step = 1.0, 0.0, 0
    while True:
        radius = 0.6 * spacing * sqrt(step)
        yield radius * x, radius * y
        x, y = x * _TURN_X - y * _TURN_Y, x * _TURN_Y + y * _TURN_X
        step += 1


def _shared(hubs: Sequence[int], near: _Near) -> _Near:
    """Link hubs, by their index in `hubs`, if they are linked or share a neighbour."""
    place = {hub: at for at, hub in enumerate(hubs)}
    frame: _Near = [{} for _ in hubs]

    def join(one: int, other: int, weight: float) -> None:
        frame[one][other] = frame[one].get(other, 0.0) + weight
        frame[other][one] = frame[other].get(one, 0.0) + weight

    for index, around in enumerate(near):
        known = [place[other] for other in around if other in place][:_MOST_HUBS_OF_ONE]
        if index in place:
            for other in known:
                join(place[index], other, 0.5)  # met again from the other end
        else:
            for one, other in combinations(known, 2):
                join(one, other, 1.0)
    return frame


def _relax(xs: list[float], ys: list[float], near: _Near, *, spacing: float, rounds: int) -> None:
    """Pull linked nodes together and push close ones apart, in `rounds` ever smaller steps, in place."""
    reach = 1.8 * spacing
    reach_squared = reach * reach
    pulls = [_shares(around) for around in near]
    for step in range(rounds):
        most = spacing * (1.0 - step / rounds)
        move_x, move_y = [], []
        for at_x, at_y, around in zip(xs, ys, pulls, strict=True):
            x = y = 0.0
            for other, share in around:
                x += share * xs[other]
                y += share * ys[other]
            pull = _PULL if around else 0.0
            move_x.append(pull * (x - at_x) - _GRAVITY * at_x)
            move_y.append(pull * (y - at_y) - _GRAVITY * at_y)
        for one, other in _close_pairs(xs, ys, reach, reach):
            dx, dy = xs[one] - xs[other], ys[one] - ys[other]
            square = dx * dx + dy * dy
            if square < reach_squared:
                force = _PUSH * (reach / sqrt(square + 1.0) - 1.0)
                move_x[one] += force * dx
                move_y[one] += force * dy
                move_x[other] -= force * dx
                move_y[other] -= force * dy
        for index, (x, y) in enumerate(zip(move_x, move_y, strict=True)):
            length = sqrt(x * x + y * y)
            scale = most / length if length > most else 1.0
            xs[index] += scale * x
            ys[index] += scale * y


def _shares(around: dict[int, float]) -> list[tuple[int, float]]:
    """Return the neighbours, each with its share of the total weight."""
    total = 0.0
    for weight in around.values():
        total += weight
    return [(other, weight / total) for other, weight in around.items()]


def _make_room(xs: list[float], ys: list[float], boxes: Sequence[NodeBox]) -> None:
    """Push overlapping boxes apart along the shorter axis, in place."""
    if not boxes:
        return
    widths, heights = [box.width for box in boxes], [box.height for box in boxes]
    cell_width, cell_height = 2.0 * max(widths) + _SLACK, 2.0 * max(heights) + _SLACK
    for _ in range(_SWEEPS_FOR_ROOM):
        close = [
            (one, other, widths[one] + widths[other], heights[one] + heights[other])
            for one, other in _close_pairs(xs, ys, cell_width, cell_height)
            if abs(xs[one] - xs[other]) < widths[one] + widths[other] + _SLACK
            and abs(ys[one] - ys[other]) < heights[one] + heights[other] + _SLACK
        ]
        moved = False
        for _ in range(_ROUNDS_A_SWEEP):
            for one, other, room_x, room_y in close:
                dx, dy = xs[one] - xs[other], ys[one] - ys[other]
                over_x, over_y = room_x - abs(dx), room_y - abs(dy)
                if over_x <= _TOUCH or over_y <= _TOUCH:
                    continue
                moved = True
                if over_x < over_y:
                    push = 0.52 * (over_x if dx >= 0.0 else -over_x)
                    xs[one] += push
                    xs[other] -= push
                else:
                    push = 0.52 * (over_y if dy >= 0.0 else -over_y)
                    ys[one] += push
                    ys[other] -= push
        if not moved:
            return


def _close_pairs(xs: Sequence[float], ys: Sequence[float], width: float, height: float) -> Iterator[tuple[int, int]]:
    """Yield each pair in the same cell or in touching cells of a grid, once, in a fixed order."""
    cells: dict[tuple[int, int], list[int]] = {}
    for index, (x, y) in enumerate(zip(xs, ys, strict=True)):
        cells.setdefault((int(x // width), int(y // height)), []).append(index)
    for (column, row), here in cells.items():
        yield from combinations(here, 2)
        for beside in ((column + 1, row), (column - 1, row + 1), (column, row + 1), (column + 1, row + 1)):
            for other in cells.get(beside, ()):
                for one in here:
                    yield one, other
