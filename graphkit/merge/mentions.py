"""Mentions: the places that speak of an article, and the sets of them that can be merged apart from each other.

A corpus is a set of mentions, each with its place (file and JSON Pointer). The union of sets is associative,
commutative and idempotent: that is why neither order, nor a split into parts, nor the number of processes can change
what comes out. A `Partition` is all that a corpus says of some articles.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from graphkit.identity.identification import Facts, facts_of, is_title_key
from graphkit.records.entry import Entry, TopicEntry


class Mention(msgspec.Struct, frozen=True):
    """One place that speaks of an article: a record of its own, or an entry in the `related` list of `parent`.

    `parent` is the key of the article that lists it, empty for a record of its own; `rank` its index in that list.
    """

    source: str
    pointer: str
    facts: Facts
    parent: str = ""
    rank: int = 0


class TopicMention(msgspec.Struct, frozen=True, array_like=True):
    """One record of a topic."""

    source: str
    pointer: str
    entry: TopicEntry


class Corpus(msgspec.Struct, frozen=True):
    """A set of mentions, held as tuples; `unite` makes the union."""

    mentions: tuple[Mention, ...] = ()
    topics: tuple[TopicMention, ...] = ()


def mentions_of(entry: Entry, source: str, pointer: str) -> list[Mention]:
    """Return the mention that a record is, and those that its related entries are, each after its parent."""
    facts = facts_of(entry)
    mentions = [Mention(source, pointer, facts)]
    if entry.related:
        _add_related(entry, facts.key, source, pointer, mentions)
    return mentions


def _add_related(entry: Entry, parent: str, source: str, pointer: str, mentions: list[Mention]) -> None:
    for rank, related in enumerate(entry.related):
        if related is None:
            continue
        facts = _shared_facts(related)
        here = f"{pointer}/related/{rank}"
        mentions.append(Mention(source, here, facts, parent, rank))
        if related.related:
            _add_related(related, facts.key, source, here, mentions)


_FACTS: dict[int, tuple[Entry, Facts]] = {}


def _shared_facts(entry: Entry) -> Facts:
    """Return the facts of an entry, computed once for each entry object: readers share equal entries."""
    known = _FACTS.get(id(entry))
    if known is not None and known[0] is entry:
        return known[1]
    facts = facts_of(entry)
    if len(_FACTS) >= 16_384:
        _FACTS.clear()
    _FACTS[id(entry)] = (entry, facts)
    return facts


def unite(*corpora: Corpus) -> Corpus:
    """Return the union of corpora, each mention once.

    Two parts may know different files by one name; what both say is kept then, for no order of the parts to decide.
    """
    mentions = dict.fromkeys(mention for corpus in corpora for mention in corpus.mentions)
    topics = dict.fromkeys(topic for corpus in corpora for topic in corpus.topics)
    return Corpus(tuple(mentions), tuple(topics))


class Listing(NamedTuple):
    """A place that lists an article as related: the listed article's key, its rank there, file and JSON Pointer."""

    target: str
    rank: int
    source: str
    pointer: str


class Partition(NamedTuple):
    """All mentions of some articles: by the articles' keys, and what those articles list, by their keys too.

    The shares of a corpus are disjoint, as a key decides which one it belongs to: so each can be merged by itself,
    once the questions that need all of them are settled.
    """

    groups: dict[str, list[Mention]]
    listings: dict[str, list[Listing]]


def partition_of(mentions: Iterable[Mention]) -> Partition:
    """Return the share that these mentions are."""
    groups: dict[str, list[Mention]] = defaultdict(list)
    listings: dict[str, list[Listing]] = defaultdict(list)
    for mention in mentions:
        key = mention.facts.key
        groups[key].append(mention)
        if mention.parent:
            listings[mention.parent].append(Listing(key, mention.rank, mention.source, mention.pointer))
    return Partition(groups, listings)


def split_by_title_key(partition: Partition) -> tuple[Partition, Partition]:
    """Return a partition without the articles known by a title key, and a partition of these."""
    title_keyed = [key for key in partition.groups if is_title_key(key)]
    if not title_keyed:
        return partition, Partition({}, {})
    found = Partition({}, {})
    for key in title_keyed:
        found.groups[key] = partition.groups.pop(key)
        if key in partition.listings:
            found.listings[key] = partition.listings.pop(key)
    return partition, found


def receive(partition: Partition, key: str, group: tuple[list[Mention], list[Listing]]) -> None:
    """Add the mentions and listings of an article to a share."""
    mentions, listings = group
    partition.groups.setdefault(key, []).extend(mentions)
    if listings:
        partition.listings.setdefault(key, []).extend(listings)
