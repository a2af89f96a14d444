"""Communities of a coverage graph: stories of articles that belong together, and areas of stories that do.

Stories are found with the Leiden algorithm (Traag, Waltman and van Eck, 2019). There are thousands of them in a large
graph, too many to read, so those that are linked most closely are joined until a page has room for all of them.
"""

from __future__ import annotations

from collections import defaultdict
from heapq import heapify, heappop, heappush
from itertools import pairwise
from math import sqrt
from typing import NamedTuple

import graspologic_native
import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]

_SEED = 1
_FEWEST_AREAS, _MOST_AREAS = 6, 110
_FEWEST_MEMBERS = 4  # smaller stories join another: a disc of its own for two nodes tells nothing


class Communities(NamedTuple):
    """For each node its story, for each story its area; both are numbered from the one with the most nodes."""

    story: Ints
    area: Ints


def communities(count: int, sources: Ints, targets: Ints, weights: Floats) -> Communities:
    """Divide nodes 0 to `count` - 1 by the links between them. The same links give the same communities."""
    found = _leiden(count, sources, targets, weights)
    stories = _joined(found, sources, targets, weights, fewest=_FEWEST_MEMBERS, most=count)
    areas = _joined(stories, sources, targets, weights, fewest=_least(count), most=_wanted(count))
    story = _by_size(stories)
    of_story = np.zeros(int(story.max()) + 1 if count else 0, dtype=np.int32)
    of_story[story] = _by_size(areas)
    return Communities(story, of_story)


def _wanted(count: int) -> int:
    """Return how many areas a reader can take in: the more nodes, the more, but ever fewer more."""
    return min(_MOST_AREAS, max(_FEWEST_AREAS, int(0.45 * sqrt(count))))


def _least(count: int) -> int:
    return max(_FEWEST_MEMBERS, count // 400)


def _leiden(count: int, sources: Ints, targets: Ints, weights: Floats) -> Ints:
    """Return the community of each node; a node without links is alone."""
    edges = [
        (str(source), str(target), weight)
        for source, target, weight in zip(sources.tolist(), targets.tolist(), weights.tolist(), strict=True)
        if source != target
    ]
    found = np.arange(count, dtype=np.int32) + count
    if edges:
        _, partition = graspologic_native.leiden(
            edges=edges,
            starting_communities=None,
            resolution=1.0,
            randomness=0.001,
            iterations=2,
            use_modularity=True,
            seed=_SEED,
            trials=1,
        )
        for node, community in partition.items():
            found[int(node)] = community
    return found


def _joined(groups: Ints, sources: Ints, targets: Ints, weights: Floats, *, fewest: int, most: int) -> Ints:
    """Join groups, the smallest first, each to the one it has the closest links with.

    It ends when there are at most `most` groups, none with fewer than `fewest` nodes but those without links to
    others; those are put together in groups of their own.
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
        # Close is what shares much for its size: else the largest group would take in all others.
        other = min(links[at], key=lambda one: (-links[at][one] / sizes[one] ** 0.5, one))
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
    """Number groups from the largest; among equals, from the one whose first node comes first."""
    if not len(groups):
        return groups
    _, first, index, sizes = np.unique(groups, return_index=True, return_inverse=True, return_counts=True)
    order = np.lexsort((first, -sizes))
    number = np.empty(len(order), dtype=np.int32)
    number[order] = np.arange(len(order), dtype=np.int32)
    return np.asarray(number[index], dtype=np.int32)
