"""The block `details`: a row for each node, with what its card shows beyond the block `shape`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from graphkit.page.explorer.placed_nodes import EPOCH, PlacedNodes, minutes_of, shown_name
from graphkit.page.explorer.url_compression import packed, words_of
from graphkit.page.node_display import web_address
from graphkit.page.standalone_html import one_line
from graphkit.records.attributes import NODE_ATTRIBUTES, ValueType

_EXCERPT = 90  # characters of a shortened excerpt
_MOST_VARIANTS, _MOST_OTHERS, _MOST_IMAGES = 8, 12, 4

# Separators of the fields of a row, the parts of a field and the halves of a part: `one_line` leaves no control
# character in a text.
_FIELD, _PART, _HALF = "\x1f", "\x1e", "\x1d"


def details(nodes: PlacedNodes, *, whole: bool) -> Iterator[str]:
    """Yield the row of each node: id, excerpt, URL, variants, sources, other names, images, other attributes."""
    own = [_own_sources(facts) for facts in nodes.facts]
    listed_by: list[list[int]] = [[] for _ in nodes.ids]
    for source, target in nodes.ranks:
        listed_by[target].append(source)
    for place, (node, facts) in enumerate(zip(nodes.ids, nodes.facts, strict=True)):
        name = shown_name(node, facts)
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
    """Return the sources that the page cannot derive from links, as it does for records that list the node.

    First come the node's own, the records about it; after an empty entry, those that mention it elsewhere. A first
    entry of "*" means that none can be derived, and that all are given.
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
    """Yield the other attributes of a card, each with its label."""
    kind = str(facts.get("kind", "article"))
    for attribute in _MORE:
        value = facts.get(attribute.name)
        match attribute.type:
            case ValueType.MOMENT:
                yield attribute.label, _moment(minutes_of(value))
            case ValueType.TEXT:
                yield attribute.label, one_line(str(value or ""))
            case ValueType.TEXTS:
                yield attribute.label, one_line(", ".join(map(str, value or ())))
    if kind not in NODE_ATTRIBUTES:
        yield "Kind", one_line(kind)


_IN_SHAPE = frozenset({"published_at", "quality", "heat", "status"})
_TYPE_ORDER = (ValueType.MOMENT, ValueType.TEXT, ValueType.TEXTS)
# The attributes with a label, except those in the block `shape`.
_MORE = sorted(
    (
        attribute
        for attributes in NODE_ATTRIBUTES.values()
        for attribute in attributes
        if attribute.label and attribute.name not in _IN_SHAPE
    ),
    key=lambda attribute: _TYPE_ORDER.index(attribute.type),
)


def _moment(minutes: int | None) -> str:
    """Return minutes since 1970 as text, empty if they are unknown or in a year that `datetime` lacks.

    >>> _moment(27_000_000)
    '2021-05-03 00:00 UTC'
    """
    if minutes is None:
        return ""
    try:
        return f"{(EPOCH + timedelta(minutes=minutes)).isoformat(' ', 'minutes')[:16]} UTC"
    except OverflowError:
        return ""
