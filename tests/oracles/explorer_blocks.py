"""What an explorer's page holds, read out of its blocks by a reader of its own: what `source/` makes of them, in Python.

It follows the description in graphkit/page/explorer/columns.py and shares no code with it.
"""

from __future__ import annotations

import gzip
import json
import re
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

SORTS = ("article", "video", "other", "provider", "topic")
EDGES = ("publisher", "distributor", "about", "related", "broader")


@dataclass
class Node:
    """All that the page knows of a node; other nodes by their ids."""

    id: str
    name: str
    sort: str
    area: int
    x: int
    y: int
    radius: int
    media: str
    status: str
    minutes: int | None
    quality: int | None
    heat: int | None
    excerpt: str
    url: str
    variants: list[tuple[str, str]]
    own: list[str]
    rest: list[str]
    rest_follows: bool
    others: list[str]
    images: list[str]
    more: dict[str, str]
    links: dict[str, list[str]] = field(default_factory=dict)

    @property
    def own_files(self) -> set[str]:
        """The files with a record about it."""
        return {place.partition(" /")[0] for place in self.own}

    @property
    def files(self) -> set[str]:
        """The files that its row names."""
        return self.own_files | {place.partition(" /")[0] for place in self.rest}


@dataclass
class Held:
    """A page's graph: its header, and its nodes in the order of the page."""

    header: dict[str, Any]
    nodes: list[Node]

    def __post_init__(self) -> None:
        self.by_id = {node.id: node for node in self.nodes}

    def files_of(self, node: str) -> set[str]:
        """Return the files that the card of a node names: its own, and those of the records that list it."""
        known = self.by_id[node]
        if not known.rest_follows:
            return known.files
        listing = [other for other in self.nodes if node in other.links["related"]]
        return known.files.union(*(other.own_files for other in listing))


def block(page: str, name: str) -> bytes:
    """Return the unpacked bytes of a block."""
    found = re.search(rf'<script type="text/plain" id="{name}">([A-Za-z0-9+/=]*)</script>', page)
    assert found
    return gzip.decompress(b64decode(found[1], validate=True))


def held(page: str) -> Held:
    """Read all that a page holds."""
    numbers = _Numbers(block(page, "shape"))
    length = next(numbers)
    header: dict[str, Any] = json.loads(numbers.data[numbers.at : numbers.at + length])
    numbers.at += length
    count = header["nodes"]
    area = [index for index, _ in enumerate(header["areas"]) for _ in range(next(numbers))]
    xs = [header["areas"][of]["x"] + numbers.signed() for of in area]
    ys = [header["areas"][of]["y"] + numbers.signed() for of in area]
    sorts, radii, media, statuses = (numbers.column(count) for _ in range(4))
    minutes, quality, heat = (numbers.optional(count) for _ in range(3))
    links = [numbers.near(count) if kind == "related" else numbers.ranked(count) for kind in EDGES]
    assert numbers.at == len(numbers.data), "all of the block is read"
    if count == 0:
        return Held(header, [])
    names = block(page, "names").decode().split("\n")
    rows = block(page, "details").decode().split("\n")
    assert len(names) == len(rows) == len(area) == count
    ids = [row.partition("\x1f")[0] for row in rows]
    nodes = []
    for at, (name, row) in enumerate(zip(names, rows, strict=True)):
        fields = [*row.split("\x1f"), *[""] * 7][:8]
        words = re.findall("[a-z0-9]+", name.lower().replace("'", "").replace("’", ""))[:90]
        places = [_whole(part, words) for part in _parts(fields[4])]
        follows = places[:1] != ["*"]
        places = places if follows else places[1:]
        gap = places.index("") if "" in places else len(places)
        nodes.append(
            Node(
                id=ids[at],
                name=name,
                sort=SORTS[sorts[at]],
                area=area[at],
                x=xs[at],
                y=ys[at],
                radius=radii[at],
                media=header["media"][media[at]],
                status=header["statuses"][statuses[at]],
                minutes=minutes[at],
                quality=quality[at],
                heat=heat[at],
                excerpt=fields[1],
                url=_whole(fields[2], words),
                variants=[(kind, _whole(url, words)) for kind, url in map(_halves, _parts(fields[3]))],
                own=places[:gap],
                rest=places[gap + 1 :],
                rest_follows=follows,
                others=_parts(fields[5]),
                images=[_whole(part, words) for part in _parts(fields[6])],
                more=dict(map(_halves, _parts(fields[7]))),
                links={kind: [ids[other] for other in of[at]] for kind, of in zip(EDGES, links, strict=True)},
            )
        )
    return Held(header, nodes)


def _parts(text: str) -> list[str]:
    return text.split("\x1e") if text else []


def _halves(text: str) -> tuple[str, str]:
    first, second = text.split("\x1d")
    return first, second


def _whole(address: str, words: list[str]) -> str:
    def run(found: re.Match[str]) -> str:
        start, many = ord(found[1]) - 32, ord(found[2]) - 32
        return "-".join(words[start : start + many])

    return re.sub("\x01(.)(.)", run, address)


class _Numbers(Iterator[int]):
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def __next__(self) -> int:
        value, shift = 0, 0
        while True:
            byte = self.data[self.at]
            self.at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                assert value < 2**53, "a browser's numbers know no larger ones exactly"
                return value
            shift += 7

    def signed(self) -> int:
        value = next(self)
        return -(value + 1) // 2 if value % 2 else value // 2

    def column(self, count: int) -> list[int]:
        return [next(self) for _ in range(count)]

    def optional(self, count: int) -> list[int | None]:
        known, last = self.column(count), 0
        values: list[int | None] = []
        for one in known:
            last += self.signed() if one else 0
            values.append(last if one else None)
        return values

    def near(self, count: int) -> list[list[int]]:
        counts = self.column(count)
        return [[at + self.signed() for _ in range(many)] for at, many in enumerate(counts)]

    def ranked(self, count: int) -> list[list[int]]:
        targets: list[int] = []
        for _ in range(next(self)):
            targets.append((targets[-1] if targets else 0) + self.signed())
        counts = self.column(count)
        return [[targets[next(self)] for _ in range(many)] for many in counts]
