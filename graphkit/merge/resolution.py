"""Resolution: the answers to the questions that need all mentions, found from the sum of all censuses.

Which provider does a bare name stand for, which article does an entry without URL refer to, and what are providers and
topics called?
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType

import msgspec

from graphkit.identity.article_keys import is_complete, title_key
from graphkit.identity.folding import fold
from graphkit.identity.identification import Facts
from graphkit.identity.identity_rules import IdentityRules
from graphkit.merge.census import Candidate, Census, joined, signature_census, summed
from graphkit.merge.mentions import Mention, Partition, RelatedListing, TopicMention
from graphkit.merge.provider_records import count_own, provider_signatures
from graphkit.merge.providers import Provider, all_providers, provider_decisions, provider_id, rule_counts
from graphkit.merge.topics import Topic, all_topics


class Resolution(msgspec.Struct, frozen=True):
    """The answers: other ids of bare names, other keys of title keys and moved articles, and what is global."""

    provider_ids: dict[str, str]
    final_keys: dict[str, str]
    providers: tuple[Provider, ...]
    topics: tuple[Topic, ...]
    counts: dict[str, int]
    rules: IdentityRules | None = None


def titles_of(partition: Partition) -> frozenset[str]:
    """Return the folded titles of the entries without URL."""
    return frozenset(fold(group[0].facts.title) for group in partition.groups.values())


def resolve(
    total: Census,
    without_url: Partition,
    topics: Iterable[TopicMention],
    rules: IdentityRules | None = None,
    moves: Mapping[str, str] = MappingProxyType({}),
) -> Resolution:
    """Answer the questions that need all mentions.

    `total` is the sum of all censuses, `without_url` are all entries without URL. Their own providers and topics count
    with the article they are found to be. `moves` are the keys of articles that were moved to others, see `moved_keys`.
    """
    counts: Counter[str] = Counter()
    records = list(topics)
    named = provider_signatures(records, rules)
    alone = signature_census(without_url.groups.values()).signatures
    decided = provider_decisions([*total.signatures, *alone, *named], rules)
    final_ids = decided.ids
    final_keys = _final_keys(without_url, total.candidates, final_ids, counts) if without_url.groups else {}
    candidates = {candidate.key: candidate for candidate in total.candidates}
    groups: dict[str, list[Mention]] = {}
    for key, group in without_url.groups.items():
        groups.setdefault(final_keys.get(key, key), []).extend(group)
    found = summed([total, *(joined(candidates.get(key), group) for key, group in groups.items())])
    counts["topic_records"] = len(records)
    counts["topics_own"] = count_own(records, final_ids, rules)
    providers = all_providers([*found.signatures, *named], final_ids, rules)
    counts.update(rule_counts(found.signatures, decided, rules))
    return Resolution(
        final_ids, {**final_keys, **moves}, providers, all_topics(found.labels, records), dict(counts), rules
    )


def resolved_mentions(
    without_url: Partition, resolution: Resolution
) -> dict[str, tuple[list[Mention], list[RelatedListing]]]:
    """Return the mentions and listings of all entries without URL by the keys of the articles they are found to be."""
    found: dict[str, tuple[list[Mention], list[RelatedListing]]] = {}
    for key, group in without_url.groups.items():
        mentions, listings = found.setdefault(resolution.final_keys.get(key, key), ([], []))
        mentions += group
        listings += without_url.listings.get(key, ())
    return found


def _final_keys(
    without_url: Partition, candidates: Iterable[Candidate], final_ids: Mapping[str, str], counts: Counter[str]
) -> dict[str, str]:
    """Return the final key of each title key that has another one; see `resolved_key`."""
    articles: dict[str, set[str]] = defaultdict(set)
    for candidate in candidates:
        articles[candidate_title_key(candidate, final_ids)].add(candidate.key)
    final_keys = {}
    for key, group in without_url.groups.items():
        full = full_title_key(key, group[0].facts, final_ids)
        outcome, final = resolved_key(full, articles.get(full, set()))
        counts[f"without_url_{outcome}"] += len(group)
        if final != key:
            final_keys[key] = final
    return final_keys


def candidate_title_key(candidate: Candidate, final_ids: Mapping[str, str]) -> str:
    """Return the title key of the entries without URL that refer to a candidate."""
    return title_key(candidate.title, provider_id(candidate.publisher, final_ids), candidate.published_at)


def full_title_key(key: str, facts: Facts, final_ids: Mapping[str, str]) -> str:
    """Return the title key of an entry with the provider that a bare name stands for; with a gap, it is its own."""
    if not is_complete(key):
        return key
    provider = provider_id(facts.publisher, final_ids) if facts.publisher else ""
    return title_key(facts.title, provider, facts.published_at)


def resolved_key(full: str, articles: Collection[str]) -> tuple[str, str]:
    """Return what becomes of an entry without URL, and its final key; `articles` have its title, provider and date.

    It is the one article that has all three. If several articles fit, none is taken: a wrong merge is worse than a
    missed one.
    """
    if articles:
        return ("found", next(iter(articles))) if len(articles) == 1 else ("ambiguous", full)
    return "alone", full
