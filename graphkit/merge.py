"""Merge: from mentions to articles, providers and topics.

A corpus is a set of mentions, each with its place (file and JSON Pointer). `merge` is a function of that set, and
the union of sets is associative, commutative and idempotent: that is why neither order, nor a split into parts, nor
the number of processes can change what comes out.

Where mentions of one article disagree, a record of its own beats a mention under `related`, then the later
publication date, then the higher quality, then the larger value. Topics, variants, titles, images and sources are
united.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from graphkit.identity import (
    Facts,
    ProviderRef,
    article_id,
    card_of,
    facts_of,
    fold,
    is_card,
    is_findable,
    shows_own_domain,
    topic_id,
)
from graphkit.records import Entry, TopicEntry


class Mention(msgspec.Struct, frozen=True):
    """One place that speaks of an article: a record of its own, or an entry in the `related` list of `parent`.

    `parent` is the key of the article that lists it, empty for a record of its own; `rank` its index in that list.
    """

    source: str
    pointer: str
    facts: Facts
    parent: str = ""
    rank: int = 0


class TopicMention(msgspec.Struct, frozen=True):
    """One record of a topic."""

    source: str
    pointer: str
    entry: TopicEntry


class Corpus(msgspec.Struct, frozen=True):
    """A set of mentions, held as tuples; `unite` makes the union."""

    mentions: tuple[Mention, ...] = ()
    topics: tuple[TopicMention, ...] = ()


class Link(msgspec.Struct, frozen=True):
    """A related article: its id, the least rank it has in a list, and the places that say so."""

    target: str
    rank: int
    sources: tuple[tuple[str, str], ...]


class Article(msgspec.Struct, frozen=True):
    """An article with what all its mentions say; see `Facts` for the fields."""

    id: str
    title: str
    titles: tuple[str, ...]
    excerpt: str
    published_at: datetime | None
    updated_at: datetime | None
    url: str
    variants: tuple[tuple[str, str], ...]
    media: str
    quality: int | None
    heat: int | None
    status: str
    categories: tuple[str, ...]
    language: str
    publisher: str
    publisher_label: str
    distributor: str
    topics: tuple[str, ...]
    images: tuple[tuple[str, int, int], ...]
    related: tuple[Link, ...]
    sources: tuple[tuple[str, str], ...]


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


class Merged(msgspec.Struct, frozen=True):
    """All articles, providers and topics, each sorted by id, and what there is to report of the merge."""

    articles: tuple[Article, ...]
    providers: tuple[Provider, ...]
    topics: tuple[Topic, ...]
    counts: dict[str, int]
    disagreements: dict[str, int]


def mentions_of(entry: Entry, source: str, pointer: str) -> Iterator[Mention]:
    """Yield the mention that a record is, and those that its related entries are, each after its parent."""
    facts = facts_of(entry)
    yield Mention(source, pointer, facts)
    if entry.related:
        yield from _related_mentions(entry, facts.key, source, pointer)


def _related_mentions(entry: Entry, parent: str, source: str, pointer: str) -> Iterator[Mention]:
    for rank, related in enumerate(entry.related):
        if related is None:
            continue
        facts = _shared_facts(related)
        here = f"{pointer}/related/{rank}"
        yield Mention(source, here, facts, parent, rank)
        if related.related:
            yield from _related_mentions(related, facts.key, source, here)


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


def merge(corpus: Corpus) -> Merged:
    """Merge all mentions into articles, providers and topics."""
    groups: dict[str, list[Mention]] = defaultdict(list)
    for mention in corpus.mentions:
        groups[mention.facts.key].append(mention)
    counts = Counter[str]()
    shown = _shown_providers(groups)
    final_key = _find_cards(groups, shown, counts)
    for card, key in final_key.items():
        groups[key].extend(groups.pop(card))
    ids = {key: article_id(key) for key in groups}
    ids.update({card: ids[key] for card, key in final_key.items()})
    links = _links(corpus.mentions, ids, counts)
    disagreements = Counter[str]()
    articles = [
        _article(ids[key], group, links.get(ids[key], ()), shown, disagreements) for key, group in groups.items()
    ]
    articles.sort(key=lambda article: article.id)
    counts["own"] = sum(not mention.parent for mention in corpus.mentions)
    counts["related"] = len(corpus.mentions) - counts["own"]
    counts["articles_own"] = sum(any(not mention.parent for mention in group) for group in groups.values())
    counts["topic_records"] = len(corpus.topics)
    counts["topics_own"] = len({topic_id(topic.entry.name) for topic in corpus.topics})
    return Merged(
        tuple(articles),
        _providers(groups.values(), shown),
        _topics(groups.values(), corpus.topics),
        dict(counts),
        dict(sorted(disagreements.items())),
    )


def _find_cards(groups: Mapping[str, list[Mention]], shown: Mapping[str, str], counts: Counter[str]) -> dict[str, str]:
    """Find, for each entry without URL, the one article with the same title, provider and date.

    Where several articles fit, none is taken: a wrong merge is worse than a missed one. Returns the final key of each
    card that has another one: that of the article found, or the card with the provider that its name stands for.
    """
    cards = [key for key in groups if is_card(key)]
    if not cards:
        return {}
    titles = {fold(groups[card][0].facts.title) for card in cards}
    keys_by_card: dict[str, set[str]] = defaultdict(set)
    for key, group in groups.items():
        if is_card(key):
            continue
        for facts in {id(mention.facts): mention.facts for mention in group}.values():
            if fold(facts.title) in titles:
                keys_by_card[_full_card(facts, shown)].add(key)
    final_key = {}
    for card in cards:
        full = _full_card(groups[card][0].facts, shown)
        keys = keys_by_card.get(full, set()) if is_findable(full) else set()
        outcome = "found" if len(keys) == 1 else "ambiguous" if keys else "alone"
        counts[f"without_url_{outcome}"] += len(groups[card])
        key = next(iter(keys)) if len(keys) == 1 else full
        if key != card:
            final_key[card] = key
    return final_key


def _full_card(facts: Facts, shown: Mapping[str, str]) -> str:
    """Return the card of an entry with the provider that a bare name stands for."""
    provider = _provider_id(facts.publisher, shown) if facts.publisher else ""
    return card_of(facts.title, provider, facts.published_at)


def _links(mentions: Iterable[Mention], ids: Mapping[str, str], counts: Counter[str]) -> dict[str, tuple[Link, ...]]:
    """Return the related articles of each article, sorted by id; an article is not related to itself."""
    places: dict[str, dict[str, list[Mention]]] = {}
    for mention in mentions:
        if mention.parent:
            start, target = ids[mention.parent], ids[mention.facts.key]
            if start == target:
                counts["related_to_itself"] += 1
            else:
                places.setdefault(start, {}).setdefault(target, []).append(mention)
    return {
        start: tuple(_link(target, by_target[target]) for target in sorted(by_target))
        for start, by_target in places.items()
    }


def _link(target: str, listed: list[Mention]) -> Link:
    if len(listed) == 1:
        (mention,) = listed
        return Link(target, mention.rank, ((mention.source, mention.pointer),))
    sources = tuple(sorted({(mention.source, mention.pointer) for mention in listed}))
    return Link(target, min(mention.rank for mention in listed), sources)


_NO_DATE = datetime.min.replace(tzinfo=UTC)


def _rank(mention: Mention) -> tuple[bool, datetime, float]:
    facts = mention.facts
    quality = -1e308 if facts.quality is None else facts.quality
    return not mention.parent, facts.published_at or _NO_DATE, quality


def _article(
    node: str,
    group: list[Mention],
    related: tuple[Link, ...],
    shown: Mapping[str, str],
    disagreements: Counter[str],
) -> Article:
    """Make one article from all its mentions."""
    distinct = {(not mention.parent, id(mention.facts)): mention for mention in group}
    ranked = sorted(((_rank(mention), mention.facts) for mention in distinct.values()), key=_first, reverse=True)
    first = ranked[0][1]
    facts = first if len(ranked) == 1 else _chosen(ranked, shown, disagreements)
    everyone = [each for _, each in ranked]
    publisher, distributor = facts.publisher, facts.distributor
    return Article(
        id=node,
        title=facts.title,
        titles=_united((each.title,) if each.title else () for each in everyone),
        excerpt=facts.excerpt,
        published_at=facts.published_at,
        updated_at=facts.updated_at,
        url=facts.url,
        variants=_variants(facts.url, everyone),
        media=facts.media,
        quality=facts.quality,
        heat=facts.heat,
        status=facts.status,
        categories=_united(each.categories for each in everyone),
        language=facts.language,
        publisher=_provider_id(publisher, shown) if publisher else "",
        publisher_label=publisher.label if publisher else "",
        distributor=_provider_id(distributor, shown) if distributor else "",
        topics=_united(tuple(topic_id(label) for label in each.topics) for each in everyone),
        images=_images(everyone),
        related=related,
        sources=tuple(sorted({(mention.source, mention.pointer) for mention in group})),
    )


def _first(pair: tuple[Any, Any]) -> Any:
    return pair[0]


def _united(parts: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    items: set[str] = set()
    for part in parts:
        items.update(part)
    return tuple(sorted(items)) if len(items) > 1 else tuple(items)


def _variants(url: str, everyone: list[Facts]) -> tuple[tuple[str, str], ...]:
    """Unite the other addresses of an article whose own is `url`; addresses that were not chosen are among them."""
    variants = {variant for each in everyone for variant in each.variants}
    variants.update(("original", each.url) for each in everyone if each.url != url)
    return tuple(sorted(variant for variant in variants if variant[1] not in (url, ""))) if variants else ()


def _images(everyone: list[Facts]) -> tuple[tuple[str, int, int], ...]:
    """Unite images by URL; where sizes disagree the larger pair counts."""
    sizes: dict[str, tuple[int, int]] = {}
    for facts in everyone:
        for image in facts.images:
            size = (image.width, image.height)
            sizes[image.url] = max(size, sizes.get(image.url, size))
    return tuple((url, *sizes[url]) for url in sorted(sizes))


# Fields of which one value is chosen; the second tells whether a difference is reported as a disagreement.
_CHOSEN = (
    ("url", False),
    ("title", True),
    ("excerpt", True),
    ("published_at", True),
    ("updated_at", True),
    ("media", True),
    ("quality", True),
    ("heat", True),
    ("status", True),
    ("language", True),
)


def _chosen(ranked: list[tuple[Any, Facts]], shown: Mapping[str, str], disagreements: Counter[str]) -> Facts:
    """Choose each field's value from mentions in falling rank."""
    chosen: dict[str, Any] = {}
    for name, reported in _CHOSEN:
        best = best_rank = None
        disagree = False
        for rank, facts in ranked:
            value = getattr(facts, name)
            if value is None or value == "":
                continue
            if best is None:
                best, best_rank = value, rank
            elif value != best:
                disagree = True
                if rank == best_rank and value > best:
                    best = value
        if best is not None:
            chosen[name] = best
        if disagree and reported:
            disagreements[name] += 1
    provided = [(rank, facts.publisher, facts.distributor) for rank, facts in ranked if facts.publisher]
    if provided:
        # Publisher and distributor come from one mention: together they are what a label says.
        _, publisher, distributor = max(provided, key=lambda pair: (pair[0], pair[1]))
        chosen["publisher"], chosen["distributor"] = publisher, distributor
        if len({_provider_id(ref, shown) for _, ref, _ in provided}) > 1:
            disagreements["provider"] += 1
    return Facts(key="", **chosen)


def _shown_providers(groups: Mapping[str, list[Mention]]) -> dict[str, str]:
    """Return, by folded name, the provider that mentions show under a domain of its own.

    Where several domains go by one name, the one with the most articles counts, then the larger id. This is known
    before entries without URL are found, for it helps to find them.
    """
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    for group in groups.values():
        named = {(fold(ref.name), ref.id) for ref in _distinct_refs(group) if shows_own_domain(ref)}
        for name, provider in named:
            seen[name][provider] += 1
    return {name: max(counter, key=lambda node: (counter[node], node)) for name, counter in seen.items()}


def _distinct_refs(group: list[Mention]) -> Collection[ProviderRef]:
    """Return the providers that mentions name, each object once: readers share equal ones."""
    refs = {}
    for mention in group:
        for ref in (mention.facts.publisher, mention.facts.distributor):
            if ref is not None:
                refs[id(ref)] = ref
    return refs.values()


def _provider_id(ref: ProviderRef, shown: Mapping[str, str]) -> str:
    return shown.get(fold(ref.name), ref.id) if ref.by_name else ref.id


def _providers(groups: Iterable[list[Mention]], shown: Mapping[str, str]) -> tuple[Provider, ...]:
    names: dict[str, Counter[str]] = defaultdict(Counter)
    about: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for group in groups:
        named = set()
        for ref in _distinct_refs(group):
            node = _provider_id(ref, shown)
            named.add((node, ref.name))
            if node == ref.id:
                about[node].add((ref.domain, ref.platform))
        for node, name in named:
            names[node][name] += bool(name)
    providers = []
    for node in sorted(names):
        domain, platform = max(about[node])
        name = _commonest(names[node]) or domain
        providers.append(Provider(node, name, tuple(sorted({name, *names[node]} - {""})), domain, platform))
    return tuple(providers)


def _commonest(counter: Counter[str]) -> str:
    return max(counter, key=lambda text: (counter[text], text))


def _topics(groups: Iterable[list[Mention]], records: Iterable[TopicMention]) -> tuple[Topic, ...]:
    labels: dict[str, Counter[str]] = defaultdict(Counter)
    for group in groups:
        for label in {label for mention in group for label in mention.facts.topics}:
            labels[topic_id(label)][label] += 1
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
