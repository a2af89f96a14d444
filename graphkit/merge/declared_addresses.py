"""Declared addresses: records that are one article, as one gives the other's address as its AMP page or original.

A record under an address that an article declares is moved to that article; a record that declares an original is
moved to the original. Nothing is moved without an equal title, nor where the evidence fits two articles.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

import msgspec

from graphkit.identity.article_keys import is_title_key
from graphkit.identity.folding import fold
from graphkit.identity.identity_rules import IdentityRules
from graphkit.merge.mentions import Mention, Partition, add_mentions


class Declaration(msgspec.Struct, frozen=True, array_like=True):
    """What an article with a title says: that it has another match key too, as AMP page, cached copy or original."""

    key: str
    title: str
    relation: str
    declared: str


def declarations_of(key: str, title: str, declared: Iterable[tuple[str, str]]) -> Iterator[Declaration]:
    """Yield what one mention of an article declares."""
    folded = fold(title)
    for relation, other in declared:
        yield Declaration(key, folded, relation, other)


def declarations_in(groups: Mapping[str, list[Mention]]) -> tuple[Declaration, ...]:
    """Return what the articles of a partition declare."""
    found = {
        declaration
        for key, group in groups.items()
        if not is_title_key(key)
        for mention in group
        if mention.facts.declared
        for declaration in declarations_of(key, mention.facts.title, mention.facts.declared)
    }
    return tuple(found)


def titles_by_key(groups: Mapping[str, list[Mention]], keys: Collection[str]) -> dict[str, set[str]]:
    """Return the folded titles of the articles with one of these keys, those that there are."""
    wanted = groups.keys() & keys if keys else ()
    return {key: {fold(mention.facts.title) for mention in groups[key]} for key in wanted}


def moved_keys(
    declarations: Iterable[Declaration],
    titles: Mapping[str, Collection[str]],
    rules: IdentityRules | None = None,
) -> dict[str, str]:
    """Return the final key of each article that is moved to another one.

    `titles` are the titles of the articles that have a declared key. An address that two articles declare, and an
    article that would move to two others, are evidence for none.
    """
    pages = rules.pages if rules is not None else {}
    by_declared: dict[str, list[Declaration]] = defaultdict(list)
    for one in declarations:
        if one.declared in titles:
            by_declared[one.declared].append(one)
    targets: dict[str, set[str]] = defaultdict(set)
    for declared, some in by_declared.items():
        if len({one.key for one in some}) > 1 or declared in pages or not _is_page(declared):
            continue
        for one in some:
            if one.title and one.title in titles[declared] and one.key not in pages and _is_page(one.key):
                moved, target = (one.key, declared) if one.relation == "original" else (declared, one.key)
                targets[moved].add(target)
    moves = {key: next(iter(found)) for key, found in targets.items() if len(found) == 1}
    return {key: final for key in moves if (final := _end(key, moves)) != key}


def _end(key: str, moves: Mapping[str, str]) -> str:
    """Return where the moves from a key lead in the end: in a circle, to its smallest key."""
    passed = [key]
    seen = {key}
    while (key := moves.get(key, "")) and key not in seen:
        passed.append(key)
        seen.add(key)
    return min(passed[passed.index(key) :]) if key else passed[-1]


def _is_page(key: str) -> bool:
    """Return whether a match key is that of a page inside a site, not of its home page."""
    return "/" in key or "?" in key


def rekeyed(partition: Partition, moves: Mapping[str, str]) -> Partition:
    """Return a partition whose articles have their final keys; a moved mention's own URL becomes a variant."""
    if not moves or moves.keys().isdisjoint(partition.groups):
        return partition
    result = Partition({}, {})
    for key, group in partition.groups.items():
        final = moves.get(key, key)
        if final != key:
            known = {address for mention in partition.groups.get(final, ()) for _, address in mention.facts.variants}
            add_mentions(result, final, [_moved(one, known) for one in group], partition.listings.get(key, []))
        else:
            add_mentions(result, key, group, partition.listings.get(key, []))
    return result


def _moved(mention: Mention, known: Collection[str]) -> Mention:
    facts = mention.facts
    own = () if facts.url in known else (("original", facts.url),)
    variants = tuple(sorted({*facts.variants, *own}))
    return msgspec.structs.replace(mention, facts=msgspec.structs.replace(facts, url="", variants=variants))


def partition_with_moves(
    partition: Partition, arrived: Partition, moves: Mapping[str, str], is_here: Callable[[str], bool]
) -> Partition:
    """Return a partition with the articles of others that move here, and without those that move elsewhere."""
    whole = Partition(dict(partition.groups), dict(partition.listings))
    for key, group in arrived.groups.items():
        add_mentions(whole, key, group, arrived.listings.get(key, []))
    found = rekeyed(whole, moves)
    groups = {key: group for key, group in found.groups.items() if is_here(key)}
    return Partition(groups, {key: one for key, one in found.listings.items() if key in groups})


def only_keys(partition: Partition, keys: Collection[str]) -> Partition:
    """Return only the articles of a partition that have one of these keys."""
    groups = {key: group for key, group in partition.groups.items() if key in keys}
    return Partition(groups, {key: one for key, one in partition.listings.items() if key in groups})
