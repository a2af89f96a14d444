"""Settling: the questions that need all mentions, asked of a short census of each share.

They are: which provider is a bare name, which article is an entry without URL, and what providers and topics are
called. A census counts; the sum of all censuses is the same however a corpus is cut into shares.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

import msgspec

from graphkit.identity.identification import (
    Facts,
    ProviderRef,
    fold,
    is_complete,
    shows_own_domain,
    title_key,
    topic_id,
)
from graphkit.merge.mentions import Listing, Mention, Partition, TopicMention


class Provider(msgspec.Struct, frozen=True):
    """A provider; `names` are all names seen, `name` the commonest, or the domain where none was seen."""

    id: str
    name: str
    names: tuple[str, ...]
    domain: str
    platform: str


class Topic(msgspec.Struct, frozen=True):
    """A topic; `labels` are all labels seen, `label` the one a topic file gives, or else the commonest."""

    id: str
    label: str
    labels: tuple[str, ...]
    keywords: tuple[str, ...]
    broader: tuple[str, ...]


class Candidate(msgspec.Struct, frozen=True, array_like=True):
    """One claim that an entry without URL may be the article `key`, with what is known of all of that article."""

    key: str
    title: str
    publisher: ProviderRef
    published_at: datetime
    refs: tuple[ProviderRef, ...]
    labels: tuple[str, ...]


Signature = frozenset[ProviderRef]
"""The different providers that the mentions of one article name."""


class Census(msgspec.Struct, frozen=True, array_like=True):
    """What a share has to say on the questions that need all of them.

    How many articles have each signature, how many each topic label, and which an entry without URL may refer to.
    """

    signatures: tuple[tuple[tuple[ProviderRef, ...], int], ...]
    labels: dict[str, int]
    candidates: tuple[Candidate, ...]


class Resolution(msgspec.Struct, frozen=True):
    """The answers: providers by folded name, the final key of each title key that has one, and what is global."""

    shown: dict[str, str]
    final_key: dict[str, str]
    providers: tuple[Provider, ...]
    topics: tuple[Topic, ...]
    counts: dict[str, int]


def folded_titles(title_keyed: Partition) -> frozenset[str]:
    """Return the folded titles of the entries without URL."""
    return frozenset(fold(group[0].facts.title) for group in title_keyed.groups.values())


def census_of(partition: Partition, titles: Collection[str]) -> Census:
    """Count a share's signatures and labels, and find the articles that may have one of the folded titles."""
    signatures = {key: signature_of(group) for key, group in partition.groups.items()}
    labels = {key: labels_of(group) for key, group in partition.groups.items()}
    claims = (
        (key, facts)
        for key, group in (partition.groups.items() if titles else ())
        for facts in {id(mention.facts): mention.facts for mention in group}.values()
        if facts.publisher and facts.published_at and fold(facts.title) in titles
    )
    return census(signatures, labels, claims)


def census(
    signatures: Mapping[str, Signature], labels: Mapping[str, Collection[str]], claims: Iterable[tuple[str, Facts]]
) -> Census:
    """Return the census of articles by key: their signatures, their labels, and what entries without URL may claim."""
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
        for key, facts in claims
        if facts.publisher and facts.published_at
    ]
    totals = Counter(signatures.values())
    return Census(tuple((tuple(found), number) for found, number in totals.items()), dict(counted), tuple(candidates))


def signature_of(group: list[Mention]) -> Signature:
    """Return the different providers that mentions of one article name."""
    if len(group) == 1:
        facts = group[0].facts
        if facts.publisher is None:
            return NOBODY
        return frozenset((facts.publisher,) if facts.distributor is None else (facts.publisher, facts.distributor))
    refs = {}
    for mention in group:
        for ref in (mention.facts.publisher, mention.facts.distributor):
            if ref is not None:
                refs[id(ref)] = ref  # readers share equal ones
    return frozenset(refs.values())


NOBODY: Signature = frozenset()


def labels_of(group: list[Mention]) -> Collection[str]:
    """Return the topics that mentions of one article name, each once."""
    if len(group) == 1:
        return group[0].facts.topics  # each once, as records are read
    return {label for mention in group for label in mention.facts.topics}


def resolve(total: Census, title_keyed: Partition, topics: Iterable[TopicMention]) -> Resolution:
    """Answer what needs all shares: which provider is a name, which article is an entry without URL.

    `total` is the census of all shares, `title_keyed` are all entries without URL. Their own providers and topics count
    with the article they are found to be.
    """
    counts: Counter[str] = Counter()
    of_title_keyed = Counter(signature_of(group) for group in title_keyed.groups.values())
    shown = shown_providers([*total.signatures, *of_title_keyed.items()])
    final_key = _final_keys(title_keyed, total.candidates, shown, counts) if title_keyed.groups else {}
    known = {candidate.key: candidate for candidate in total.candidates}
    joined: dict[str, list[Mention]] = {}
    for key, group in title_keyed.groups.items():
        joined.setdefault(final_key.get(key, key), []).extend(group)
    found = united([total, *(joining(known.get(key), group) for key, group in joined.items())])
    records = list(topics)
    counts["topic_records"] = len(records)
    counts["topics_own"] = len({topic_id(record.entry.name) for record in records})
    return Resolution(shown, final_key, providers_of_all(found, shown), topics_of_all(found, records), dict(counts))


def united(censuses: Iterable[Census]) -> Census:
    """Return the census of several shares together."""
    signatures: Counter[Signature] = Counter()
    labels: Counter[str] = Counter()
    candidates: list[Candidate] = []
    for census in censuses:
        for refs, number in census.signatures:
            signatures[frozenset(refs)] += number
        labels.update(census.labels)
        candidates += census.candidates
    return Census(
        tuple((tuple(refs), number) for refs, number in signatures.items() if number),
        {label: number for label, number in labels.items() if number},
        tuple(candidates),
    )


def recounted(total: Census, before: Collection[Census], after: Iterable[Census]) -> Census:
    """Return the census of all shares, which was `total` when some of them said `before` what is `after` now."""
    gone = {candidate.key for census in before for candidate in census.candidates}
    kept = tuple(candidate for candidate in total.candidates if candidate.key not in gone)
    return united([msgspec.structs.replace(total, candidates=kept), *map(_taken_out, before), *after])


def _taken_out(census: Census) -> Census:
    return Census(
        tuple((refs, -number) for refs, number in census.signatures),
        {label: -number for label, number in census.labels.items()},
        (),
    )


def joining(known: Candidate | None, group: list[Mention]) -> Census:
    """Return how the census changes when entries without URL join the article that is `known`, or are one together."""
    signature, named = signature_of(group), set(labels_of(group))
    signatures: Counter[Signature] = Counter()
    if known is not None:
        signatures[frozenset(known.refs)] -= 1
        signature = signature.union(known.refs)
        named.difference_update(known.labels)
    signatures[signature] += 1
    return Census(tuple((tuple(refs), number) for refs, number in signatures.items()), dict.fromkeys(named, 1), ())


def moved(title_keyed: Partition, resolution: Resolution) -> dict[str, tuple[list[Mention], list[Listing]]]:
    """Return the mentions and listings of entries without URL, by the final key of each."""
    found: dict[str, tuple[list[Mention], list[Listing]]] = {}
    for key, group in title_keyed.groups.items():
        mentions, listings = found.setdefault(resolution.final_key.get(key, key), ([], []))
        mentions += group
        listings += title_keyed.listings.get(key, ())
    return found


def _final_keys(
    title_keyed: Partition, candidates: Iterable[Candidate], shown: Mapping[str, str], counts: Counter[str]
) -> dict[str, str]:
    """Return the final key of each title key that has another one; see `found_key`."""
    keys_by_title_key: dict[str, set[str]] = defaultdict(set)
    for candidate in candidates:
        keys_by_title_key[claimed_title_key(candidate, shown)].add(candidate.key)
    final_key = {}
    for own_key, group in title_keyed.groups.items():
        full = resolved_title_key(group[0].facts, shown)
        outcome, key = found_key(full, keys_by_title_key.get(full, set()))
        counts[f"without_url_{outcome}"] += len(group)
        if key != own_key:
            final_key[own_key] = key
    return final_key


def claimed_title_key(candidate: Candidate, shown: Mapping[str, str]) -> str:
    """Return the title key of an entry without URL that would be found to be this candidate."""
    return title_key(candidate.title, provider_id(candidate.publisher, shown), candidate.published_at)


def resolved_title_key(facts: Facts, shown: Mapping[str, str]) -> str:
    """Return the title key of an entry with the provider that a bare name stands for."""
    provider = provider_id(facts.publisher, shown) if facts.publisher else ""
    return title_key(facts.title, provider, facts.published_at)


def found_key(full: str, keys: Collection[str]) -> tuple[str, str]:
    """Return what becomes of an entry without URL, and its final key; `keys` are the articles that claim its title key.

    It is the one article with the same title, provider and date. Where several articles fit, none is taken: a wrong
    merge is worse than a missed one.
    """
    if keys and is_complete(full):
        return ("found", next(iter(keys))) if len(keys) == 1 else ("ambiguous", full)
    return "alone", full


def shown_providers(signatures: Iterable[tuple[Iterable[ProviderRef], int]]) -> dict[str, str]:
    """Return, by folded name, the provider that mentions show under a domain of its own.

    Where several domains go by one name, the one with the most articles counts, then the larger id. This is known
    before entries without URL are found, for it helps to find them.
    """
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    for signature, number in signatures:
        for name, provider in {(fold(ref.name), ref.id) for ref in signature if shows_own_domain(ref)}:
            seen[name][provider] += number
    return {name: max(counter, key=lambda node: (counter[node], node)) for name, counter in seen.items()}


def provider_id(ref: ProviderRef, shown: Mapping[str, str]) -> str:
    """Return the id of the provider that `ref` means, with `shown` to tell which one a bare name is."""
    return shown.get(fold(ref.name), ref.id) if ref.by_name else ref.id


def providers_of_all(census: Census, shown: Mapping[str, str]) -> tuple[Provider, ...]:
    """Return all providers, sorted by id; the name that most articles have counts."""
    names: dict[str, Counter[str]] = defaultdict(Counter)
    about: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for refs, number in census.signatures:
        named = set()
        for ref in refs:
            node = provider_id(ref, shown)
            named.add((node, ref.name))
            if node == ref.id:
                about[node].add((ref.domain, ref.platform))
        for node, name in named:
            names[node][name] += number if name else 0
    providers = []
    for node in sorted(names):
        domain, platform = max(about[node])
        name = _commonest(names[node]) or domain
        providers.append(Provider(node, name, tuple(sorted({name, *names[node]} - {""})), domain, platform))
    return tuple(providers)


def _commonest(counter: Counter[str]) -> str:
    return max(counter, key=lambda text: (counter[text], text))


def topics_of_all(census: Census, records: Iterable[TopicMention]) -> tuple[Topic, ...]:
    """Return all topics, sorted by id, those that records tell of among them."""
    labels: dict[str, Counter[str]] = defaultdict(Counter)
    for label, number in census.labels.items():
        labels[topic_id(label)][label] += number
    given: dict[str, set[str]] = defaultdict(set)
    keywords: dict[str, set[str]] = defaultdict(set)
    broader: dict[str, set[str]] = defaultdict(set)
    for record in records:
        entry = record.entry
        node = topic_id(entry.name)
        given[node].add(entry.name)
        labels[node].update(dict.fromkeys((entry.name, *entry.labels), 0))
        keywords[node].update(entry.keywords)
        if entry.parent and topic_id(entry.parent) != node:
            parent = topic_id(entry.parent)
            broader[node].add(parent)
            labels[parent].update({entry.parent: 0})
    return tuple(
        Topic(
            node,
            max(given[node]) if node in given else _commonest(labels[node]),
            tuple(sorted(labels[node])),
            # SKOS wants a topic's labels of different kinds to be disjoint (its condition S13).
            tuple(sorted(word for word in keywords[node] if topic_id(word) != node and word not in labels[node])),
            tuple(sorted(broader[node])),
        )
        for node in sorted(labels)
    )
