"""Communities of a coverage graph: articles that belong together form stories, stories form areas.

The Louvain method (Blondel et al., 2008) finds the stories. A large graph has thousands of them, too many to read, so
the most closely linked are merged until a page has room for all.

Nodes are visited in the order of a hash of their keys, so that a graph with a few more nodes is divided in nearly the
same way; shuffling with a seed would give another order for another number of nodes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from heapq import heapify, heappop, heappush
from itertools import pairwise
from math import sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from graphkit.page.explorer.geometry import Floats, Ints

_FEWEST_AREAS, _MOST_AREAS = 6, 110
_FEWEST_MEMBERS = 4  # smaller stories join another: two nodes need no disc of their own
_LEAST_GAIN = 1e-12  # of modularity: anything less is a rounding error, and could oscillate for ever


class Communities(NamedTuple):
    """The story of each node and the area of each story; both are numbered from the one with the most nodes."""

    story: Ints
    area: Ints


def communities(hashes: Sequence[int], sources: Ints, targets: Ints, weights: Floats) -> Communities:
    """Divide nodes by the links between them. `hashes` has one hash for each node."""
    count = len(hashes)
    order = sorted(range(count), key=lambda node: (hashes[node], node))
    found = _louvain(order, sources, targets, weights)
    stories = _joined(found, sources, targets, weights, fewest=_FEWEST_MEMBERS, most=count)
    areas = _joined(stories, sources, targets, weights, fewest=_least(count), most=_wanted(count))
    story = _by_size(stories)
    of_story = np.zeros(int(story.max()) + 1 if count else 0, dtype=np.int32)
    of_story[story] = _by_size(areas)
    return Communities(story, of_story)


def _wanted(count: int) -> int:
    """Return how many areas a reader can take in: the number grows with the square root of the nodes."""
    return min(_MOST_AREAS, max(_FEWEST_AREAS, int(0.45 * sqrt(count))))


def _least(count: int) -> int:
    return max(_FEWEST_MEMBERS, count // 400)


def _louvain(order: Sequence[int], sources: Ints, targets: Ints, weights: Floats) -> Ints:
    """Return the community of each node: groups with more links inside than chance would give.

    Nodes move, one after another in `order`, to the group of the neighbour where modularity gains most; then groups
    become nodes, and so on until nothing moves.
    """
    count = len(order)
    community = np.arange(count, dtype=np.int64)
    one, other, weight = sources.astype(np.int64), targets.astype(np.int64), weights
    inside: Floats = np.zeros(count)
    total = float(np.cumsum(weights)[-1]) if len(weights) else 0.0
    while len(one):
        moved = _moved(order, one, other, weight, inside, total)
        first: dict[int, int] = {}
        for node in order:
            first.setdefault(moved[node], len(first))
        if len(first) == len(order):
            break
        group = np.array([first[label] for label in moved], dtype=np.int64)
        community = group[community]
        groups = len(first)
        one, other = group[one], group[other]
        kept = one != other
        inside = np.bincount(group, inside, groups).astype(np.float64)
        inside += np.bincount(one[~kept], weight[~kept], groups)
        low, high = np.minimum(one, other)[kept], np.maximum(one, other)[kept]
        keys, index = np.unique(low * groups + high, return_inverse=True)
        weight = np.bincount(index, weight[kept], len(keys)).astype(np.float64)
        one, other = keys // groups, keys % groups
        order = range(groups)
    return community.astype(np.int32)


def _moved(
    order: Sequence[int],
    one: NDArray[np.int64],
    other: NDArray[np.int64],
    weight: Floats,
    inside: Floats,
    total: float,
) -> list[int]:
    """Return the group of each node, once no move gains anything; `inside` is the weight within each node."""
    count = len(order)
    kept = one != other
    ends = np.concatenate((one[kept], other[kept]))
    by_node = np.argsort(ends, kind="stable")
    neighbours = np.concatenate((other[kept], one[kept]))[by_node].tolist()
    shares = np.concatenate((weight[kept], weight[kept]))[by_node]
    own = np.bincount(one[~kept], weight[~kept], count) + inside
    degrees = (np.bincount(ends[by_node], shares, count) + 2.0 * own).tolist()
    starts = np.searchsorted(ends[by_node], np.arange(count + 1)).tolist()
    share = shares.tolist()
    group = list(range(count))
    mass = list(degrees)
    queue = list(order)
    waiting = [True] * count
    for node in queue:  # which grows: neighbours of a node that moved are visited again
        waiting[node] = False
        here, degree = group[node], degrees[node]
        links: dict[int, float] = {}
        for at in range(starts[node], starts[node + 1]):
            there = group[neighbours[at]]
            links[there] = links.get(there, 0.0) + share[at]
        mass[here] -= degree
        chance = degree / (2.0 * total)
        best, gain = here, links.get(here, 0.0) - mass[here] * chance
        for there, linked in links.items():
            if linked - mass[there] * chance > gain + _LEAST_GAIN:
                best, gain = there, linked - mass[there] * chance
        mass[best] += degree
        if best == here:
            continue
        group[node] = best
        for at in range(starts[node], starts[node + 1]):
            near = neighbours[at]
            if group[near] != best and not waiting[near]:
                waiting[near] = True
                queue.append(near)
    return group


def _joined(groups: Ints, sources: Ints, targets: Ints, weights: Floats, *, fewest: int, most: int) -> Ints:
    """Merge groups, the smallest first, each into the one it is linked to most closely.

    It stops at `most` groups, with at least `fewest` nodes each. Groups without links to others are merged with one
    another.
    """
    names, group = np.unique(groups, return_inverse=True)
    sizes = np.bincount(group, minlength=len(names)).tolist()
    links: list[dict[int, float]] = [defaultdict(float) for _ in names]
    for source, target, weight in zip(group[sources].tolist(), group[targets].tolist(), weights.tolist(), strict=True):
        if source != target:
            links[source][target] += weight
            links[target][source] += weight
    parent = list(range(len(names)))
    alive = len(names)
    queue = [(size, at) for at, size in enumerate(sizes)]
    heapify(queue)
    alone: list[int] = []
    while queue:
        size, at = heappop(queue)
        if parent[at] != at or size != sizes[at]:
            continue
        if size >= fewest and alive <= most:
            break
        if not links[at]:
            if size < fewest or alive > most:
                alone.append(at)
                alive -= 1
            continue
        # Relative to size: otherwise the largest group would absorb all others.
        other = min(links[at], key=lambda one: (-links[at][one] / sizes[one] ** 0.75, one))
        parent[at] = other
        alive -= 1
        sizes[other] += size
        del links[other][at]
        for third, weight in links[at].items():
            if third != other:
                del links[third][at]
                links[third][other] += weight
                links[other][third] += weight
        links[at] = {}
        heappush(queue, (sizes[other], other))
    for first, at in pairwise(alone):
        parent[at] = first
    roots = np.array([_root(parent, at) for at in range(len(names))], dtype=np.int32)
    return np.asarray(roots[group], dtype=np.int32)


def _root(parent: list[int], at: int) -> int:
    while parent[at] != at:
        parent[at] = parent[parent[at]]
        at = parent[at]
    return at


def _by_size(groups: Ints) -> Ints:
    """Number groups from the largest; ties go to the one whose first node comes first."""
    if not len(groups):
        return groups
    _, first, index, sizes = np.unique(groups, return_index=True, return_inverse=True, return_counts=True)
    order = np.lexsort((first, -sizes))
    number = np.empty(len(order), dtype=np.int32)
    number[order] = np.arange(len(order), dtype=np.int32)
    return np.asarray(number[index], dtype=np.int32)
