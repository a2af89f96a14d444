"""Mentions: the places that describe an article, and the sets of them that can be merged independently.

A corpus is a set of mentions, each with its place (file and JSON Pointer). The union of sets is associative,
commutative and idempotent: this is why neither order, nor a split into parts, nor the number of processes can change
the result. A `Partition` is everything that a corpus says about some articles.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from graphkit.identity.article_keys import is_title_key, title_key_at
from graphkit.identity.identification import Facts, facts_of
from graphkit.identity.identity_rules import IdentityRules
from graphkit.records.entry import Entry, ProviderEntry, TopicEntry


class Mention(msgspec.Struct, frozen=True):
    """One place that describes an article: a record of its own, or an entry in the `related` list of `parent`.

    `parent` is the key of the article that lists it, empty for a record of its own; `rank` its index in that list.
    """

    source: str
    pointer: str
    facts: Facts
    parent: str = ""
    rank: int = 0


class TopicMention(msgspec.Struct, frozen=True, array_like=True):
    """One record of a topic, or of a provider."""

    source: str
    pointer: str
    entry: TopicEntry | ProviderEntry


class Corpus(msgspec.Struct, frozen=True):
    """A set of mentions, as tuples."""

    mentions: tuple[Mention, ...] = ()
    topics: tuple[TopicMention, ...] = ()


def mentions_of(entry: Entry, source: str, pointer: str, rules: IdentityRules | None = None) -> list[Mention]:
    """Return the mention that a record is, and those that its related entries are, each after its parent."""
    facts = _at(facts_of(entry, rules), source, pointer)
    mentions = [Mention(source, pointer, facts)]
    if entry.related:
        _add_related(entry, facts.key, source, pointer, mentions, rules)
    return mentions


def _add_related(
    entry: Entry, parent: str, source: str, pointer: str, mentions: list[Mention], rules: IdentityRules | None
) -> None:
    for rank, related in enumerate(entry.related):
        if related is None:
            continue
        here = f"{pointer}/related/{rank}"
        facts = _at(_shared_facts(related, rules), source, here)
        mentions.append(Mention(source, here, facts, parent, rank))
        if related.related:
            _add_related(related, facts.key, source, here, mentions, rules)


def _at(facts: Facts, source: str, pointer: str) -> Facts:
    """Return the facts with the key of their place, see `title_key_at`."""
    key = title_key_at(facts.key, source, pointer)
    return facts if key == facts.key else msgspec.structs.replace(facts, key=key)


_FACTS: dict[int, tuple[Entry, IdentityRules | None, Facts]] = {}


def _shared_facts(entry: Entry, rules: IdentityRules | None = None) -> Facts:
    """Return the facts of an entry, computed once for each entry object: readers share equal entries."""
    known = _FACTS.get(id(entry))
    if known is not None and known[0] is entry and known[1] is rules:
        return known[2]
    facts = facts_of(entry, rules)
    if len(_FACTS) >= 16_384:
        _FACTS.clear()
    _FACTS[id(entry)] = (entry, rules, facts)
    return facts


class RelatedListing(NamedTuple):
    """A place that lists an article as related: the listed article's key, its rank there, file and JSON Pointer."""

    target: str
    rank: int
    source: str
    pointer: str


class Partition(NamedTuple):
    """All mentions of some articles, and what these articles list as related, both by the articles' keys.

    A key decides which partition an article belongs to. So partitions are disjoint, and each can be merged by itself
    once the questions that need all mentions are answered.
    """

    groups: dict[str, list[Mention]]
    listings: dict[str, list[RelatedListing]]


def partition_of(mentions: Iterable[Mention]) -> Partition:
    """Return mentions as one partition."""
    groups: dict[str, list[Mention]] = defaultdict(list)
    listings: dict[str, list[RelatedListing]] = defaultdict(list)
    for mention in mentions:
        key = mention.facts.key
        groups[key].append(mention)
        if mention.parent:
            listings[mention.parent].append(RelatedListing(key, mention.rank, mention.source, mention.pointer))
    return Partition(groups, listings)


def take_without_url(partition: Partition) -> Partition:
    """Remove the entries without URL from a partition and return them as one of their own."""
    found = Partition({}, {})
    for key in [key for key in partition.groups if is_title_key(key)]:
        found.groups[key] = partition.groups.pop(key)
        if key in partition.listings:
            found.listings[key] = partition.listings.pop(key)
    return found


def add_mentions(partition: Partition, key: str, mentions: list[Mention], listings: list[RelatedListing]) -> None:
    """Add the mentions of an article, and what it lists, to a partition."""
    partition.groups.setdefault(key, []).extend(mentions)
    if listings:
        partition.listings.setdefault(key, []).extend(listings)
