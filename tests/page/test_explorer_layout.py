"""Where nodes lie: the same for the same graph, stable when a little is added, with room for each, and fast enough."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import combinations
from math import hypot
from statistics import median
from zlib import crc32

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from oracles.explorer_blocks import Held, Node, held
from samples.examples import examples
from samples.newsrooms import synthetic, synthetic_page

from graphkit.page.explorer import explore
from graphkit.page.explorer.circle_packing import close_pairs, close_to, gathered
from graphkit.page.explorer.communities import communities
from graphkit.page.explorer.geometry import Points, spread_out
from graphkit.page.explorer.layout import KINDS, Layout, lay_out

Edge = tuple[int, int, str]
HUB, LEAF = 30, 9


def laid_out(keys: Sequence[str], edges: Sequence[Edge], radii: Sequence[int] = ()) -> Layout:
    table = np.array([(one, other, KINDS.index(kind)) for one, other, kind in edges], dtype=np.int32).reshape(-1, 3)
    return lay_out(keys, np.array(radii or [LEAF] * len(keys), dtype=np.int32), *table.T)


def places(layout: Layout) -> list[tuple[int, int]]:
    return list(zip(layout.x.tolist(), layout.y.tolist(), strict=True))


def named(count: int) -> list[str]:
    return [f"article/{number:06}" for number in range(count)]


@st.composite
def drawn_edges(draw: st.DrawFn) -> tuple[int, list[Edge]]:
    count = draw(st.integers(1, 30))
    ends = st.integers(0, count - 1)
    return count, draw(st.lists(st.tuples(ends, ends, st.sampled_from(KINDS)), max_size=60))


# --- the same -----------------------------------------------------------------------------------------------------------


@examples(60)
@given(drawn_edges())
def test_any_graph_is_laid_out_in_whole_numbers_within_its_areas(drawn: tuple[int, list[Edge]]) -> None:
    count, edges = drawn
    layout = laid_out(named(count), sorted(edges))
    assert layout.x.dtype == layout.y.dtype == layout.community.dtype == np.int32
    assert set(layout.community.tolist()) == set(range(len(layout.circles)))
    assert np.abs(layout.circles).max() < 2**24
    for (x, y), area in zip(places(layout), layout.community.tolist(), strict=True):
        cx, cy, r = layout.circles[area].tolist()
        assert hypot(x - cx, y - cy) + LEAF <= r + 2
    sizes = Counter(layout.community.tolist())
    assert [sizes[area] for area in range(len(sizes))] == sorted(sizes.values(), reverse=True)


DEGENERATE: dict[str, tuple[int, list[Edge]]] = {
    "no links": (300, []),
    "a clique": (40, [(one, other, "related") for one, other in combinations(range(40), 2)]),
    "stars": (300, [(number, number % 6, "publisher") for number in range(6, 300)]),
    "a chain": (200, [(number, number + 1, "related") for number in range(199)]),
    "loops": (5, [(number, number, "related") for number in range(5)]),
    "two": (2, [(0, 1, "related")]),
}


@pytest.mark.parametrize("name", DEGENERATE)
def test_nodes_of_graphs_without_shape_have_room_too(name: str) -> None:
    count, edges = DEGENERATE[name]
    layout = laid_out(named(count), sorted(edges))
    assert len(set(places(layout))) == count
    pairs = combinations(places(layout), 2)
    near = sum(hypot(a[0] - b[0], a[1] - b[1]) < LEAF for a, b in pairs)
    assert near <= 0.02 * count


@pytest.mark.untraced
@pytest.mark.engine
def test_a_hub_with_50_000_links_is_laid_out() -> None:
    count = 50_001
    layout = laid_out(named(count), [(node, 0, "publisher") for node in range(1, count)], [56] + [LEAF] * (count - 1))
    assert len(layout.circles) < 200
    assert len(set(places(layout))) > 0.999 * count


def test_keys_with_the_same_hash_do_not_share_a_place() -> None:
    rng, seen = random.Random(1), dict[int, str]()
    while True:
        # Not counted through: CRC-32 tells texts apart that differ in their last digits only.
        key = f"article/{rng.getrandbits(64):016x}"
        if (first := seen.setdefault(crc32(key.encode()), key)) != key:
            break
    layout = laid_out([first, key], [])
    assert len(set(places(layout))) == 2


# --- room for each ------------------------------------------------------------------------------------------------------


def overlapping(nodes: Sequence[Node]) -> int:
    """Count pairs of which one has its middle within the other."""
    x, y = (np.array([getattr(node, axis) for node in nodes], dtype=np.float64) for axis in "xy")
    reach = np.array([node.radius for node in nodes])
    one, other = close_pairs(x, y, float(reach.max()))
    far = np.hypot(x[one] - x[other], y[one] - y[other])
    return int((far < np.maximum(reach[one], reach[other])).sum())


@pytest.mark.engine
@pytest.mark.parametrize("nodes", [1_000, 10_000])
def test_hardly_a_node_covers_another_and_no_area_does(nodes: int) -> None:
    page = held(synthetic_page(nodes))
    assert overlapping(page.nodes) <= 0.02 * len(page.nodes)
    circles = page.header["areas"]
    for one, other in combinations(circles, 2):
        assert hypot(one["x"] - other["x"], one["y"] - other["y"]) >= 0.97 * (one["r"] + other["r"])


@pytest.mark.engine
@pytest.mark.parametrize("nodes", [1_000, 10_000])
def test_areas_are_as_large_as_what_lies_in_them(nodes: int) -> None:
    page = held(synthetic_page(nodes))
    reach = [0.0] * len(page.header["areas"])
    for node in page.nodes:
        area = page.header["areas"][node.area]
        reach[node.area] = max(reach[node.area], hypot(node.x - area["x"], node.y - area["y"]) + node.radius)
    for far, area in zip(reach, page.header["areas"], strict=True):
        assert 0.7 * area["r"] < far <= area["r"] + 2


@pytest.mark.engine
def test_what_is_linked_lies_together() -> None:
    page = held(synthetic_page(10_000))
    by_id = page.by_id

    def apart(pairs: Sequence[tuple[Node, Node]]) -> float:
        return median(hypot(one.x - other.x, one.y - other.y) for one, other in pairs)

    related = [(node, by_id[other]) for node in page.nodes for other in node.links["related"]]
    rng = random.Random(1)
    any_two = [(rng.choice(page.nodes), rng.choice(page.nodes)) for _ in related]
    assert apart(related) < 0.2 * apart(any_two)


# --- stable ---------------------------------------------------------------------------------------------------------------


def rand_index(one: Sequence[int], other: Sequence[int]) -> float:
    """Return the adjusted Rand index (Hubert and Arabie, 1985): 1 for the same groups, 0 for what chance gives."""

    def pairs(counts: Counter[object]) -> int:
        return sum(count * (count - 1) // 2 for count in counts.values())

    both = pairs(Counter(zip(one, other, strict=True)))
    first, second, total = pairs(Counter(one)), pairs(Counter(other)), len(one) * (len(one) - 1) // 2
    chance = first * second / total
    return (both - chance) / ((first + second) / 2 - chance)


def without(graph: nx.MultiDiGraph[str], partition: float, seed: int) -> Held:
    """Return the page of a graph of which a share of the articles is taken away."""
    articles = sorted(node for node, facts in graph.nodes(data=True) if facts["kind"] == "article")
    less = graph.copy()
    less.remove_nodes_from(random.Random(seed).sample(articles, int(partition * len(articles))))
    return held(explore(less))


@pytest.mark.untraced
@pytest.mark.engine
@pytest.mark.parametrize("seed", [1, 2])
def test_a_few_articles_more_move_little(seed: int) -> None:
    whole, less = held(synthetic_page(10_000)), without(synthetic(10_000), 0.01, seed)
    both = [(whole.by_id[node.id], node) for node in less.nodes]
    assert rand_index([one.area for one, _ in both], [other.area for _, other in both]) > 0.85
    xs, ys = ([getattr(node, axis) for node in whole.nodes] for axis in "xy")
    across = hypot(max(xs) - min(xs), max(ys) - min(ys))
    moved = [hypot(one.x - other.x, one.y - other.y) / across for one, other in both]
    assert median(moved) < 0.08


# --- communities --------------------------------------------------------------------------------------------------------


def modularity(edges: Sequence[tuple[int, int]], groups: Sequence[int]) -> float:
    graph = nx.Graph(edges)
    members: dict[int, set[int]] = {}
    for node in graph:
        members.setdefault(groups[node], set()).add(node)
    return float(nx.community.modularity(graph, members.values()))


@pytest.mark.parametrize(
    "make",
    [
        lambda: nx.planted_partition_graph(12, 25, 0.35, 0.01, seed=3),
        lambda: nx.relaxed_caveman_graph(40, 9, 0.15, seed=3),
        lambda: nx.connected_watts_strogatz_graph(400, 6, 0.05, seed=3),
    ],
    ids=["planted", "caves", "ring"],
)
def test_stories_are_as_good_as_those_of_networkx(make: Callable[[], nx.Graph[int]]) -> None:
    graph = make()
    edges = sorted(graph.edges)
    ends = np.array(edges, dtype=np.int32)
    hashes = [crc32(str(node).encode()) for node in range(len(graph))]
    found = communities(hashes, ends[:, 0], ends[:, 1], np.ones(len(ends)))
    reference = nx.community.louvain_communities(graph, seed=1)
    best = float(nx.community.modularity(graph, reference))
    assert modularity(edges, found.story.tolist()) >= 0.95 * best


def test_stories_planted_far_apart_are_found() -> None:
    graph = nx.planted_partition_graph(10, 20, 0.8, 0.002, seed=5)
    ends = np.array(sorted(graph.edges), dtype=np.int32)
    found = communities([crc32(b"%d" % node) for node in graph], ends[:, 0], ends[:, 1], np.ones(len(ends)))
    assert rand_index(found.story.tolist(), [node // 20 for node in range(200)]) == 1.0


# --- points -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", ["even", "crowded", "one corner"])
def test_points_spread_out_fill_a_disc_evenly_on_all_sides(shape: str) -> None:
    rng = random.Random(4)
    drawn: dict[str, Callable[[], float]] = {
        "even": lambda: rng.uniform(-1, 1),
        "crowded": lambda: rng.gauss(0, 0.1),
        "one corner": lambda: rng.uniform(0.9, 1) ** 3,
    }
    count, of = 4_000, drawn[shape]
    points = Points(*(np.array([of() for _ in range(count)]) for _ in "xy"))
    x, y = spread_out(points, np.zeros(count, dtype=np.int32), np.full(count, np.pi))
    reach = np.sqrt(count)
    far = np.hypot(x, y) / reach
    assert far.max() <= 1 + 1e-6
    assert partitions(far * far, 0, 1) == pytest.approx([1 / 8] * 8, abs=0.02)
    assert partitions(np.arctan2(y, x), -np.pi, np.pi) == pytest.approx([1 / 8] * 8, abs=0.02)


def partitions(values: NDArray[np.float64], low: float, high: float) -> list[float]:
    """Return which share of values lies in each eighth from `low` to `high`."""
    return [float(count) / len(values) for count in np.histogram(values, bins=8, range=(low, high))[0]]


# --- discs --------------------------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.floats(-500, 500), st.floats(-500, 500)), min_size=1, max_size=60), st.floats(1, 100))
def test_close_pairs_are_all_pairs_within_a_cell_and_each_once(points: list[tuple[float, float]], cell: float) -> None:
    x, y = np.array(points).T
    found = [tuple(sorted(pair)) for pair in zip(*(ends.tolist() for ends in close_pairs(x, y, cell)), strict=True)]
    assert len(found) == len(set(found))
    reach = cell * (1 - 1e-9)  # at the very edge of a cell, rounding decides
    near = {(a, b) for a, b in combinations(range(len(points)), 2) if hypot(x[a] - x[b], y[a] - y[b]) <= reach}
    assert near <= set(found)


@given(st.data(), st.floats(1, 100))
def test_what_is_close_to_a_few_is_found_from_all_sides_and_each_once(data: st.DataObject, cell: float) -> None:
    grid = st.integers(-5, 5).map(lambda step: step * cell * 0.35)  # so that many lie in touching cells
    points = data.draw(st.lists(st.tuples(grid, grid), min_size=2, max_size=40))
    few = data.draw(st.lists(st.integers(0, len(points) - 1), max_size=5, unique=True))
    x, y = np.array(points).T
    found = list(zip(*(ends.tolist() for ends in close_to(x, y, np.array(few, dtype=np.intp), cell)), strict=True))
    assert len(found) == len(set(found))
    reach = cell * (1 - 1e-9)
    assert {(a, b) for a in range(len(points)) for b in few if hypot(x[a] - x[b], y[a] - y[b]) <= reach} <= set(found)
    far = 2 * cell * (1 + 1e-9)
    assert all(abs(x[a] - x[b]) <= far and abs(y[a] - y[b]) <= far for a, b in found)


@examples(50)
@given(st.lists(st.tuples(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3), st.floats(5, 200)), min_size=1, max_size=25))
def test_gathered_discs_do_not_overlap(discs: list[tuple[float, float, float]]) -> None:
    x, y, radius = np.array(discs).T
    px, py = gathered(x, y, radius, gap=10.0)
    for a, b in combinations(range(len(discs)), 2):
        assert hypot(px[a] - px[b], py[a] - py[b]) >= 0.9 * (radius[a] + radius[b])
