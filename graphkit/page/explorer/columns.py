"""A graph as the columns that the explorer reads: three packed blocks, each a gzip stream of its own.

`shape` is what the first drawing needs: places, kinds, areas, links, dates, numbers. `names` is what each node is
called. `details` is what a card tells of a node. `source/graph.ts` reads them; FORMAT stands in both.

A block begins with the length of a JSON header (a varint) and the header; columns of varints follow, each with a value
a node unless said otherwise, then text. Nodes stand by area, then by date, so that neighbours in the file are alike.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from math import isqrt
from typing import Any, NamedTuple

import deflate
import msgspec
import networkx as nx
import numpy as np

from graphkit.page.explorer.area_names import AreaMember, names
from graphkit.page.explorer.layout import Layout, lay_out
from graphkit.page.explorer.url_compression import packed, words_of
from graphkit.page.explorer.varints import signed, steps, unsigned
from graphkit.page.node_display import name_of, sort_of, web_address
from graphkit.page.standalone_html import one_line
from graphkit.records.attributes import NODE_ATTRIBUTES, ValueType

FORMAT = 1
SORTS = ("article", "video", "other", "provider", "topic")
EDGES = ("publisher", "distributor", "about", "related", "broader")
HUBS = frozenset({"provider", "topic"})

WHOLE = 2_500
"""Up to so many articles a page holds whole excerpts and images; above, excerpts are cut and images left out."""
_EXCERPT = 90  # characters of an excerpt that is cut
_NAME = 300  # characters of a name; a longer one is cut, as no list has room for it
_MOST_VARIANTS, _MOST_OTHERS, _MOST_IMAGES = 8, 12, 4
_LARGEST = 2**50  # JavaScript knows whole numbers exactly up to 2**53; a step from end to end, folded, is 2**52
_PACKED_WITH = 10  # libdeflate's level: 1% above what its slowest reaches, in half the time
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Blocks(NamedTuple):
    """The packed blocks of one graph, and what the page's text says of it."""

    shape: bytes
    names: bytes
    details: bytes
    articles: int
    providers: int
    topics: int


class _Nodes(NamedTuple):
    """The nodes in the order of the page, the place of each, and the links of each kind, by places."""

    ids: list[str]
    facts: list[Mapping[str, Any]]
    sorts: list[str]
    radii: list[int]
    layout: Layout
    links: dict[str, list[list[int]]]
    ranks: dict[tuple[int, int], Mapping[str, Any]]


def blocks(graph: nx.MultiDiGraph[str]) -> Blocks:
    """Return the columns of `graph`. The same graph gives the same bytes, in whatever order it was filled."""
    nodes = _placed(graph)
    kinds = Counter("article" if sort not in HUBS else sort for sort in nodes.sorts)
    whole = kinds["article"] <= WHOLE
    return Blocks(
        shape=_pack(_shape(nodes, whole=whole)),
        names=_pack("\n".join(_name(node, facts) for node, facts in zip(nodes.ids, nodes.facts, strict=True)).encode()),
        details=_pack("\n".join(_details(nodes, whole=whole)).encode()),
        articles=kinds["article"],
        providers=kinds["provider"],
        topics=kinds["topic"],
    )


def _pack(data: bytes) -> bytes:
    return bytes(deflate.gzip_compress(data, _PACKED_WITH))


def _name(node: str, facts: Mapping[str, Any]) -> str:
    name = one_line(name_of(node, facts)) or "(no name)"
    return name if len(name) <= _NAME else name[: _NAME - 1].rstrip() + "…"


def _placed(graph: nx.MultiDiGraph[str]) -> _Nodes:
    """Lay the graph out and put its nodes in the order of the page."""
    ids = sorted(graph)
    index_of = {node: index for index, node in enumerate(ids)}
    sorts = [sort_of(graph.nodes[node]) for node in ids]
    radii = [_radius(sort, graph.degree(node)) for node, sort in zip(ids, sorts, strict=True)]
    edges = sorted(
        (index_of[source], index_of[target], EDGES.index(kind))
        for source, target, kind in graph.edges(keys=True)
        if kind in EDGES
    )
    table = np.array(edges, dtype=np.int32).reshape(-1, 3)
    layout = lay_out(ids, np.array(radii, dtype=np.int32), table[:, 0], table[:, 1], table[:, 2])

    area = layout.community.tolist()
    dates = [_minutes(graph.nodes[node].get("published_at")) for node in ids]
    order = sorted(range(len(ids)), key=lambda at: (area[at], sorts[at] in HUBS, dates[at] or 0, ids[at]))
    place_of = {at: place for place, at in enumerate(order)}
    links: dict[str, list[list[int]]] = {kind: [[] for _ in ids] for kind in EDGES}
    ranks: dict[tuple[int, int], Mapping[str, Any]] = {}
    for source, target, kind in edges:
        links[EDGES[kind]][place_of[source]].append(place_of[target])
        if EDGES[kind] == "related":
            ranks[place_of[source], place_of[target]] = graph[ids[source]][ids[target]]["related"]
    for source, targets in enumerate(links["related"]):
        targets.sort(key=lambda target: (ranks[source, target].get("rank", 0), target))
    return _Nodes(
        ids=[ids[at] for at in order],
        facts=[graph.nodes[ids[at]] for at in order],
        sorts=[sorts[at] for at in order],
        radii=[radii[at] for at in order],
        layout=Layout(layout.x[order], layout.y[order], layout.community[order], layout.circles),
        links=links,
        ranks=ranks,
    )


def _radius(sort: str, degree: int) -> int:
    """Return half the width that a node is drawn with, in units of the layout: hubs grow with their links."""
    if sort in HUBS:
        return 12 + min(44, 2 * isqrt(degree))
    return 8 + min(6, isqrt(degree))


def _minutes(moment: datetime | None) -> int | None:
    """Return whole minutes since 1970 in UTC."""
    if moment is None:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (moment - _EPOCH) // timedelta(minutes=1)  # exact; seconds as a float are not in the year 9999


def _moment(minutes: int | None) -> str:
    """Write minutes since 1970; nothing where they are unknown, or in a year that no calendar here has.

    >>> _moment(27_000_000)
    '2021-05-03 00:00 UTC'
    """
    if minutes is None:
        return ""
    try:
        return f"{(_EPOCH + timedelta(minutes=minutes)).isoformat(' ', 'minutes')[:16]} UTC"
    except OverflowError:
        return ""


def _shape(nodes: _Nodes, *, whole: bool) -> bytes:
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
        _optional(nodes.facts, lambda facts: _minutes(facts.get("published_at"))),
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
    """Texts that many nodes share, each kept once."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._known: dict[str, int] = {}

    def index(self, text: str) -> int:
        """Return where the text stands, at the end where it is new."""
        at = self._known.setdefault(text, len(self.texts))
        if at == len(self.texts):
            self.texts.append(text)
        return at


def _number(value: object) -> int | None:
    return max(-_LARGEST, min(_LARGEST, value)) if isinstance(value, int) else None


def _optional(facts: Iterable[Mapping[str, Any]], value: Callable[[Mapping[str, Any]], int | None]) -> bytes:
    """Return a column of numbers that may be unknown: 0 or 1 for each node, then the steps between those known."""
    values = [value(of) for of in facts]
    known = [one for one in values if one is not None]
    return unsigned(one is not None for one in values) + signed(steps(known))


def _links(targets: list[list[int]], *, near: bool) -> bytes:
    """Return links: how many each node has, then their targets.

    A target that is `near` is told by its distance from the source; else by its rank among all targets, the one with
    the most links first, and the column begins with the targets in that order.
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


def _area_names(nodes: _Nodes, areas: int) -> list[Any]:
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


# Between the fields of a row, between the parts of a field, between the halves of a part. No text holds a control
# character once it is made one line.
_FIELD, _PART, _HALF = "\x1f", "\x1e", "\x1d"


def _details(nodes: _Nodes, *, whole: bool) -> Iterator[str]:
    """Yield the row of each node: id, excerpt, address, variants, own sources, other names, images, more facts."""
    own = [_own_sources(facts) for facts in nodes.facts]
    listed_by: list[list[int]] = [[] for _ in nodes.ids]
    for source, target in nodes.ranks:
        listed_by[target].append(source)
    for place, (node, facts) in enumerate(zip(nodes.ids, nodes.facts, strict=True)):
        name = _name(node, facts)
        words = words_of(name)
        others = {one_line(str(text)) for key in ("titles", "names", "labels") for text in facts.get(key, ())}
        images = facts.get("images", ()) if whole else ()
        fields = (
            one_line(node),
            _excerpt(facts, whole=whole),
            packed(one_line(web_address(facts)), words),
            _PART.join(
                f"{one_line(kind)}{_HALF}{packed(one_line(url), words)}"
                for kind, url in facts.get("variants", ())[:_MOST_VARIANTS]
            ),
            _PART.join(
                packed(one_line(source), words) for source in _sources(place, facts, own, listed_by, nodes.ranks)
            ),
            _PART.join(sorted(others - {name, ""})[:_MOST_OTHERS]),
            _PART.join(packed(one_line(str(image.get("url", ""))), words) for image in images[:_MOST_IMAGES]),
            _PART.join(f"{label}{_HALF}{value}" for label, value in _more(facts) if value),
        )
        yield _FIELD.join(fields).rstrip(_FIELD)


def _excerpt(facts: Mapping[str, Any], *, whole: bool) -> str:
    text = one_line(str(facts.get("excerpt", "")))
    if whole or len(text) <= _EXCERPT:
        return text
    cut = text[:_EXCERPT]
    return (cut[: cut.rfind(" ")] if " " in cut[_EXCERPT // 2 :] else cut).rstrip() + "…"


def _place(file: str, pointer: str) -> str:
    return f"{file} {pointer}" if pointer else file


def _own_sources(facts: Mapping[str, Any]) -> set[tuple[str, str]]:
    return {(file, pointer) for file, pointer in facts.get("sources", ()) if "/related/" not in pointer}


def _sources(
    place: int,
    facts: Mapping[str, Any],
    own: Sequence[set[tuple[str, str]]],
    listed_by: Sequence[Sequence[int]],
    ranks: Mapping[tuple[int, int], Mapping[str, Any]],
) -> list[str]:
    """Return the sources that do not follow from the links: those of the records that list it do.

    First its own, the records that are about it; after an empty entry those that mention it elsewhere. A first entry
    of "*" says that they do not follow here, and that all are given.
    """
    mine = [_place(file, pointer) for file, pointer in sorted(own[place])]
    files = {file for file, _ in facts.get("sources", ())}
    following: set[str] = set()
    for source in listed_by[place]:
        theirs = {file for file, _ in own[source]}
        if theirs != {file for file, _ in ranks[source, place].get("sources", ())}:
            rest = [_place(file, pointer) for file, pointer in sorted({*facts.get("sources", ())} - own[place])]
            return ["*", *_apart(mine, rest)]
        following |= theirs
    return _apart(mine, sorted(files - following - {file for file, _ in own[place]}))


def _apart(mine: Sequence[str], rest: Sequence[str]) -> list[str]:
    return [*mine, "", *rest] if rest else [*mine]


def _more(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what else a card tells, each with its label."""
    kind = str(facts.get("kind", "article"))
    for attribute in _MORE:
        value = facts.get(attribute.name)
        match attribute.type:
            case ValueType.MOMENT:
                yield attribute.label, _moment(_minutes(value))
            case ValueType.TEXT:
                yield attribute.label, one_line(str(value or ""))
            case ValueType.TEXTS:
                yield attribute.label, one_line(", ".join(map(str, value or ())))
    if kind not in NODE_ATTRIBUTES:
        yield "Kind", one_line(kind)


_IN_SHAPE = frozenset({"published_at", "quality", "heat", "status"})
_TYPE_ORDER = (ValueType.MOMENT, ValueType.TEXT, ValueType.TEXTS)
# The attributes that have a label, but for those that stand in the block of shapes.
_MORE = sorted(
    (
        attribute
        for attributes in NODE_ATTRIBUTES.values()
        for attribute in attributes
        if attribute.label and attribute.name not in _IN_SHAPE
    ),
    key=lambda attribute: _TYPE_ORDER.index(attribute.type),
)
