"""Provider records: files of organizations, which name providers whether or not an article has them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from graphkit.identity.folding import topic_id
from graphkit.identity.identity_rules import IdentityRules
from graphkit.identity.provider_refs import ProviderRef, attribution_at
from graphkit.merge.mentions import TopicMention
from graphkit.merge.providers import provider_id
from graphkit.records.entry import ProviderEntry, TopicEntry


def provider_signatures(
    records: Iterable[TopicMention], rules: IdentityRules | None = None
) -> list[tuple[tuple[ProviderRef, ...], int]]:
    """Return the providers that records of organizations name, each record as if it were an article of theirs."""
    found = {_refs(record.entry, rules) for record in records if isinstance(record.entry, ProviderEntry)}
    return [(refs, 1) for refs in sorted(found)]


def count_own(records: Iterable[TopicMention], final_ids: Mapping[str, str], rules: IdentityRules | None = None) -> int:
    """Return how many different topics and providers the records of topics and organizations are about."""
    nodes = set()
    for record in records:
        if isinstance(record.entry, TopicEntry):
            nodes.add(topic_id(record.entry.name))
        else:
            nodes.add(provider_id(_refs(record.entry, rules)[0], final_ids))
    return len(nodes)


def _refs(entry: ProviderEntry, rules: IdentityRules | None) -> tuple[ProviderRef, ...]:
    attribution = attribution_at if rules is None else rules.attribution_at
    publisher, distributor, _ = attribution(entry.name, entry.domain, "")
    return tuple(ref for ref in (publisher, distributor) if ref is not None)
