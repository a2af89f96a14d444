"""The census: what the mentions of a partition contribute to the questions that need all mentions.

A census counts, and the sum of all censuses is the same however a corpus is partitioned.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

import msgspec

from graphkit.identity.folding import fold
from graphkit.identity.identification import Facts
from graphkit.identity.provider_refs import ProviderRef
from graphkit.merge.declared_addresses import Declaration
from graphkit.merge.mentions import Mention, Partition


class Candidate(msgspec.Struct, frozen=True, array_like=True):
    """An article that an entry without URL may refer to: a title and date of it, and what all its mentions name."""

    key: str
    title: str
    publisher: ProviderRef
    published_at: datetime
    refs: tuple[ProviderRef, ...]
    labels: tuple[str, ...]


Signature = frozenset[ProviderRef]
"""The different providers that the mentions of one article name."""

NO_PROVIDERS: Signature = frozenset()


class Census(msgspec.Struct, frozen=True, array_like=True):
    """How many articles have each signature and each topic label, and which may be what an entry without URL means."""

    signatures: tuple[tuple[tuple[ProviderRef, ...], int], ...] = ()
    labels: dict[str, int] = {}
    candidates: tuple[Candidate, ...] = ()
    declarations: tuple[Declaration, ...] = ()


def census_of(partition: Partition, titles: Collection[str]) -> Census:
    """Take the census of a partition; the candidates are the articles with one of the folded titles."""
    signatures = {key: signature_of(group) for key, group in partition.groups.items()}
    labels = {key: labels_of(group) for key, group in partition.groups.items()}
    found = (
        (key, facts)
        for key, group in (partition.groups.items() if titles else ())
        for facts in {id(mention.facts): mention.facts for mention in group}.values()
        if facts.publisher and facts.published_at and fold(facts.title) in titles
    )
    return census(signatures, labels, found)


def census(
    signatures: Mapping[str, Signature], labels: Mapping[str, Collection[str]], found: Iterable[tuple[str, Facts]]
) -> Census:
    """Return the census of articles by key: their signatures, their labels, and the facts of candidates."""
    counted: Counter[str] = Counter()
    for named in labels.values():
        counted.update(named)
    candidates = [
        Candidate(
            key,
            facts.title,
            facts.publisher,
            facts.published_at,
            tuple(sorted(signatures[key])),
            tuple(sorted(labels.get(key, ()))),
        )
        for key, facts in found
        if facts.publisher and facts.published_at
    ]
    return Census(_pairs(Counter(signatures.values())), dict(counted), tuple(candidates))


def _pairs(counter: Counter[Signature]) -> tuple[tuple[tuple[ProviderRef, ...], int], ...]:
    return tuple((tuple(refs), number) for refs, number in counter.items() if number)


def signature_of(group: list[Mention]) -> Signature:
    """Return the different providers that the mentions of one article name."""
    if len(group) == 1:
        facts = group[0].facts
        if facts.publisher is None:
            return NO_PROVIDERS
        return frozenset((facts.publisher,) if facts.distributor is None else (facts.publisher, facts.distributor))
    refs = {}
    for mention in group:
        for ref in (mention.facts.publisher, mention.facts.distributor):
            if ref is not None:
                refs[id(ref)] = ref  # readers share equal ones
    return frozenset(refs.values())


def labels_of(group: list[Mention]) -> Collection[str]:
    """Return the topic labels that the mentions of one article have, each once."""
    if len(group) == 1:
        return group[0].facts.topics  # each once, as records are read
    return {label for mention in group for label in mention.facts.topics}


def signature_census(groups: Iterable[list[Mention]]) -> Census:
    """Return the census of some articles' signatures alone."""
    return Census(_pairs(Counter(map(signature_of, groups))))


def summed(censuses: Iterable[Census]) -> Census:
    """Return the census of several partitions together."""
    signatures: Counter[Signature] = Counter()
    labels: Counter[str] = Counter()
    candidates: list[Candidate] = []
    declarations: list[Declaration] = []
    for census in censuses:
        for refs, number in census.signatures:
            signatures[frozenset(refs)] += number
        labels.update(census.labels)
        candidates += census.candidates
        declarations += census.declarations
    named = {label: number for label, number in labels.items() if number}
    return Census(_pairs(signatures), named, tuple(candidates), tuple(declarations))


def updated(total: Census, before: Collection[Census], after: Iterable[Census]) -> Census:
    """Return the sum of all censuses, which was `total` when some of them were `before` what they are `after` now."""
    gone = {candidate.key for census in before for candidate in census.candidates}
    kept = tuple(candidate for candidate in total.candidates if candidate.key not in gone)
    said = {one for census in before for one in census.declarations}
    declarations = tuple(one for one in total.declarations if one not in said)
    unchanged = msgspec.structs.replace(total, candidates=kept, declarations=declarations)
    return summed([unchanged, *map(_negated, before), *after])


def _negated(census: Census) -> Census:
    return Census(
        tuple((refs, -number) for refs, number in census.signatures),
        {label: -number for label, number in census.labels.items()},
    )


def joined(candidate: Candidate | None, group: list[Mention]) -> Census:
    """Return what the census gains when entries without URL join the article of a candidate, or are one themselves."""
    signature, named = signature_of(group), set(labels_of(group))
    signatures: Counter[Signature] = Counter()
    if candidate is not None:
        signatures[frozenset(candidate.refs)] -= 1
        signature = signature.union(candidate.refs)
        named.difference_update(candidate.labels)
    signatures[signature] += 1
    return Census(_pairs(signatures), dict.fromkeys(named, 1))
