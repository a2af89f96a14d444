"""A graph as the columns that the explorer reads: three packed blocks, each a gzip stream of its own.

`shape` holds what the first drawing needs: places, kinds, areas, links, dates, numbers. `names` holds the name of each
node, `details` the rest of what its card shows. `source/graph.ts` reads them; FORMAT is in both.

`shape` begins with the length of a JSON header (a varint) and the header; columns of varints follow, with a value for
each node unless stated otherwise. Nodes are in order of area, then of date, so that neighbours in the file are alike.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import deflate
import msgspec
import networkx as nx

from graphkit.page.explorer.area_names import AreaMember, names
from graphkit.page.explorer.details_block import details
from graphkit.page.explorer.placed_nodes import EDGES, HUBS, SORTS, PlacedNodes, minutes_of, placed_nodes, shown_name
from graphkit.page.explorer.varints import signed, steps, unsigned
from graphkit.page.node_display import name_of
from graphkit.page.standalone_html import one_line

FORMAT = 1

WHOLE = 2_500
"""Most articles for which a page holds whole excerpts and images; with more, excerpts are cut and images left out."""
_LARGEST = 2**50  # JavaScript's integers are exact up to 2**53; a step from end to end, zigzag-encoded, is 2**52
_PACKED_WITH = 10  # libdeflate's level: 1% larger than with its slowest one, in half the time


class Blocks(NamedTuple):
    """The compressed blocks of one graph, and the counts in the page's subtitle."""

    shape: bytes
    names: bytes
    details: bytes
    articles: int
    providers: int
    topics: int


def blocks(graph: nx.MultiDiGraph[str]) -> Blocks:
    """Return the columns of `graph`. Equal graphs give the same bytes, in whatever order they were filled."""
    nodes = placed_nodes(graph)
    kinds = Counter("article" if sort not in HUBS else sort for sort in nodes.sorts)
    whole = kinds["article"] <= WHOLE
    return Blocks(
        shape=_pack(_shape(nodes, whole=whole)),
        names=_pack("\n".join(map(shown_name, nodes.ids, nodes.facts)).encode()),
        details=_pack("\n".join(details(nodes, whole=whole)).encode()),
        articles=kinds["article"],
        providers=kinds["provider"],
        topics=kinds["topic"],
    )


def _pack(data: bytes) -> bytes:
    return bytes(deflate.gzip_compress(data, _PACKED_WITH))


def _shape(nodes: PlacedNodes, *, whole: bool) -> bytes:
    circles = nodes.layout.circles.tolist()
    area = nodes.layout.community.tolist()
    media, statuses = _Table(), _Table()
    hub_media = media.index("")
    columns = [
        unsigned(area_size for area_size in _sizes(area, len(circles))),
        signed(x - circles[of][0] for x, of in zip(nodes.layout.x.tolist(), area, strict=True)),
        signed(y - circles[of][1] for y, of in zip(nodes.layout.y.tolist(), area, strict=True)),
        unsigned(SORTS.index(sort) for sort in nodes.sorts),
        unsigned(nodes.radii),
        unsigned(
            hub_media if sort in HUBS else media.index(one_line(str(facts.get("media", ""))))
            for sort, facts in zip(nodes.sorts, nodes.facts, strict=True)
        ),
        unsigned(statuses.index(one_line(str(facts.get("status", "")))) for facts in nodes.facts),
        _optional(nodes.facts, lambda facts: minutes_of(facts.get("published_at"))),
        _optional(nodes.facts, lambda facts: _number(facts.get("quality"))),
        _optional(nodes.facts, lambda facts: _number(facts.get("heat"))),
        *(_links(nodes.links[kind], near=kind == "related") for kind in EDGES),
    ]
    header = {
        "format": FORMAT,
        "nodes": len(nodes.ids),
        "whole": whole,
        "media": media.texts,
        "statuses": statuses.texts,
        "areas": [
            {"x": x, "y": y, "r": r, "name": one_line(name.main), "words": [one_line(word) for word in name.words]}
            for (x, y, r), name in zip(circles, _area_names(nodes, len(circles)), strict=True)
        ],
    }
    head = msgspec.json.encode(header)
    return unsigned([len(head)]) + head + b"".join(columns)


def _sizes(area: Sequence[int], areas: int) -> Iterable[int]:
    counts = Counter(area)
    return (counts[of] for of in range(areas))


class _Table:
    """A table of texts that many nodes share, each stored once."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._known: dict[str, int] = {}

    def index(self, text: str) -> int:
        """Return the index of a text, which is appended if it is new."""
        at = self._known.setdefault(text, len(self.texts))
        if at == len(self.texts):
            self.texts.append(text)
        return at


def _number(value: object) -> int | None:
    return max(-_LARGEST, min(_LARGEST, value)) if isinstance(value, int) else None


def _optional(facts: Iterable[Mapping[str, Any]], value: Callable[[Mapping[str, Any]], int | None]) -> bytes:
    """Return a column of optional numbers: 0 or 1 for each node, then the differences between the known ones."""
    values = [value(of) for of in facts]
    known = [one for one in values if one is not None]
    return unsigned(one is not None for one in values) + signed(steps(known))


def _links(targets: list[list[int]], *, near: bool) -> bytes:
    """Return links: how many each node has, then their targets.

    With `near`, a target is given by its distance from the source; otherwise by its rank among all targets, the one
    with the most links first, and the column begins with the targets in that order.
    """
    counts = unsigned(map(len, targets))
    if near:
        return counts + signed(target - source for source, all_of_it in enumerate(targets) for target in all_of_it)
    popularity = Counter(target for all_of_it in targets for target in all_of_it)
    ranked = sorted(popularity, key=lambda target: (-popularity[target], target))
    rank_of = {target: rank for rank, target in enumerate(ranked)}
    return (
        unsigned([len(ranked)])
        + signed(steps(ranked))
        + counts
        + unsigned(rank_of[target] for all_of_it in targets for target in all_of_it)
    )


def _area_names(nodes: PlacedNodes, areas: int) -> list[Any]:
    area = nodes.layout.community.tolist()

    def called(place: int) -> str:
        return name_of(nodes.ids[place], nodes.facts[place])

    return names(
        (
            AreaMember(
                area[place],
                one_line(called(place)),
                [called(topic) for topic in nodes.links["about"][place]],
                next((called(publisher) for publisher in nodes.links["publisher"][place]), ""),
            )
            for place, sort in enumerate(nodes.sorts)
            if sort not in HUBS
        ),
        areas,
    )
