"""Topics: those that articles and topic files name, each with all its labels."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

import msgspec

from graphkit.identity.folding import topic_id
from graphkit.merge.mentions import TopicMention
from graphkit.merge.providers import commonest
from graphkit.records.entry import TopicEntry


class Topic(msgspec.Struct, frozen=True):
    """A topic; `labels` are all labels seen, `label` the one a topic file gives, or else the commonest."""

    id: str
    label: str
    labels: tuple[str, ...]
    keywords: tuple[str, ...]
    broader: tuple[str, ...]


def all_topics(counts: Mapping[str, int], records: Iterable[TopicMention]) -> tuple[Topic, ...]:
    """Return all topics, sorted by id; `counts` are the articles with each label, `records` those of topic files."""
    labels: dict[str, Counter[str]] = defaultdict(Counter)
    for label, number in counts.items():
        labels[topic_id(label)][label] += number
    given: dict[str, set[str]] = defaultdict(set)
    keywords: dict[str, set[str]] = defaultdict(set)
    broader: dict[str, set[str]] = defaultdict(set)
    for record in records:
        entry = record.entry
        if not isinstance(entry, TopicEntry):
            continue
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
            max(given[node]) if node in given else commonest(labels[node]),
            tuple(sorted(labels[node])),
            # SKOS wants a topic's labels of different kinds to be disjoint (its condition S13).
            tuple(sorted(word for word in keywords[node] if topic_id(word) != node and word not in labels[node])),
            tuple(sorted(broader[node])),
        )
        for node in sorted(labels)
    )
