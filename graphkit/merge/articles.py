"""Articles: the merge of mentions into articles, providers and topics.

`merge` is a function of the set of mentions. Partitions can take its steps independently: each is counted (`census`),
the few global questions are answered (`resolution`), and each is reduced to its articles.

If mentions of one article disagree, a record of its publisher beats a distributor's copy, a record of its own beats a
mention under `related`, then the later edition, then the higher quality, then the larger value. The date of publication
is the earliest that a record of the article's own gives, the date of update the latest. Topics, variants, titles,
images and sources are united.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

import msgspec

from graphkit.identity.article_keys import article_id
from graphkit.identity.folding import topic_id
from graphkit.identity.identification import Facts
from graphkit.identity.identity_rules import IdentityRules
from graphkit.merge.census import census_of
from graphkit.merge.declared_addresses import declarations_in, moved_keys, rekeyed, titles_by_key
from graphkit.merge.mentions import (
    Corpus,
    Mention,
    Partition,
    RelatedListing,
    add_mentions,
    partition_of,
    take_without_url,
)
from graphkit.merge.providers import Provider, provider_id
from graphkit.merge.resolution import Resolution, resolve, resolved_mentions, titles_of
from graphkit.merge.topics import Topic
from graphkit.records.attributes import ARTICLE, STATED, Merging, Stated, stated_values


class RelatedArticle(msgspec.Struct, frozen=True, array_like=True):
    """A related article: its id, its lowest rank in a list, and the places that list it."""

    target: str
    rank: int
    sources: tuple[tuple[str, str], ...]


class Article(Stated, frozen=True, array_like=True):
    """An article with what all its mentions say; see `Facts` for the fields."""

    id: str = ""
    titles: tuple[str, ...] = ()
    url: str = ""
    variants: tuple[tuple[str, str], ...] = ()
    publisher: str = ""
    publisher_label: str = ""
    distributor: str = ""
    topics: tuple[str, ...] = ()
    images: tuple[tuple[str, int, int], ...] = ()
    related: tuple[RelatedArticle, ...] = ()
    sources: tuple[tuple[str, str], ...] = ()


class Merged(msgspec.Struct, frozen=True):
    """All articles, providers and topics, each sorted by id, and the counts for the report."""

    articles: tuple[Article, ...]
    providers: tuple[Provider, ...]
    topics: tuple[Topic, ...]
    counts: dict[str, int]
    disagreements: dict[str, int]


class ReducedPartition(NamedTuple):
    """The articles of a partition, sorted by id, and the counts for the report."""

    articles: list[Article]
    counts: Counter[str]
    disagreements: Counter[str]


def merge(corpus: Corpus, rules: IdentityRules | None = None) -> Merged:
    """Merge all mentions into articles, providers and topics; `rules` are those of identity.toml."""
    partition = partition_of(corpus.mentions)
    without_url = take_without_url(partition)
    declarations = declarations_in(partition.groups)
    titles = titles_by_key(partition.groups, {one.declared for one in declarations})
    moves = moved_keys(declarations, titles, rules)
    partition = rekeyed(partition, moves)
    resolution = resolve(census_of(partition, titles_of(without_url)), without_url, corpus.topics, rules, moves)
    for key, group in resolved_mentions(without_url, resolution).items():
        add_mentions(partition, key, *group)
    reduced = reduce_partition(partition, resolution)
    counts = Counter(resolution.counts) + reduced.counts
    counts["own"] = sum(not mention.parent for mention in corpus.mentions)
    counts["related"] = len(corpus.mentions) - counts["own"]
    return Merged(
        tuple(reduced.articles),
        resolution.providers,
        resolution.topics,
        dict(counts),
        dict(sorted(reduced.disagreements.items())),
    )


def reduce_partition(partition: Partition, resolution: Resolution) -> ReducedPartition:
    """Merge the mentions of each article of a partition."""
    counts: Counter[str] = Counter()
    disagreements: Counter[str] = Counter()
    articles = []
    for key, group in partition.groups.items():
        node = article_id(key)
        listings = partition.listings.get(key)
        related = _related(node, listings, resolution.final_keys, counts) if listings else ()
        articles.append(_article(node, group, related, resolution.provider_ids, disagreements))
        counts["articles_own"] += any(not mention.parent for mention in group)
        if resolution.rules is not None:
            counts.update(resolution.rules.counts(resolution.rules.uses(key, {one.facts.url for one in group})))
    articles.sort(key=attrgetter("id"))
    return ReducedPartition(articles, counts, disagreements)


def _related(
    node: str, listings: list[RelatedListing], final_keys: Mapping[str, str], counts: Counter[str]
) -> tuple[RelatedArticle, ...]:
    """Return the related articles of the article `node`, sorted by id; it is not related to itself."""
    by_target: dict[str, list[RelatedListing]] = {}
    for listing in listings:
        target = article_id(final_keys.get(listing.target, listing.target) if final_keys else listing.target)
        if target == node:
            counts["related_to_itself"] += 1
        else:
            by_target.setdefault(target, []).append(listing)
    return tuple(_related_article(target, by_target[target]) for target in sorted(by_target))


def _related_article(target: str, listed: list[RelatedListing]) -> RelatedArticle:
    if len(listed) == 1:
        ((_, rank, source, pointer),) = listed
        return RelatedArticle(target, rank, ((source, pointer),))
    sources = tuple(sorted({(listing.source, listing.pointer) for listing in listed}))
    return RelatedArticle(target, min(listing.rank for listing in listed), sources)


_NO_DATE = datetime.min.replace(tzinfo=UTC)


_Rank = tuple[bool, bool, datetime, float]


def _rank(mention: Mention) -> _Rank:
    facts = mention.facts
    own = not mention.parent
    edition = max(facts.published_at or _NO_DATE, facts.updated_at or _NO_DATE)
    quality = -1e308 if facts.quality is None else facts.quality
    return own and facts.distributor is None, own, edition, quality


def _article(
    node: str,
    group: list[Mention],
    related: tuple[RelatedArticle, ...],
    final_ids: Mapping[str, str],
    disagreements: Counter[str],
) -> Article:
    """Make one article from all its mentions."""
    distinct = {(not mention.parent, id(mention.facts)): mention for mention in group}
    ranked = sorted(((_rank(mention), mention.facts) for mention in distinct.values()), key=itemgetter(0), reverse=True)
    first = ranked[0][1]
    facts = first if len(ranked) == 1 else _chosen(ranked, final_ids, disagreements)
    everyone = [each for _, each in ranked]
    publisher, distributor = facts.publisher, facts.distributor
    stated: dict[str, Any] = dict(zip(STATED, stated_values(facts), strict=True))
    for name in _UNITED:
        stated[name] = _sorted({value for each in everyone for value in getattr(each, name)})
    return Article(
        **stated,
        id=node,
        titles=_sorted({each.title for each in everyone if each.title}),
        url=facts.url,
        variants=_variants(facts.url, everyone),
        publisher=provider_id(publisher, final_ids) if publisher else "",
        publisher_label=publisher.label if publisher else "",
        distributor=provider_id(distributor, final_ids) if distributor else "",
        topics=_sorted({topic_id(label) for each in everyone for label in each.topics}),
        images=_images(everyone),
        related=related,
        sources=tuple(sorted({(mention.source, mention.pointer) for mention in group})),
    )


_UNITED = tuple(one.name for one in ARTICLE if one.merging is Merging.UNITED)


def _sorted(items: set[str]) -> tuple[str, ...]:
    return tuple(sorted(items)) if len(items) > 1 else tuple(items)


def _variants(url: str, everyone: list[Facts]) -> tuple[tuple[str, str], ...]:
    """Unite the other addresses of an article whose own is `url`; addresses that were not chosen are among them."""
    variants = {variant for each in everyone for variant in each.variants}
    variants.update(("original", each.url) for each in everyone if each.url != url)
    return tuple(sorted(variant for variant in variants if variant[1] not in (url, ""))) if variants else ()


def _images(everyone: list[Facts]) -> tuple[tuple[str, int, int], ...]:
    """Unite images by URL; where sizes disagree the larger pair counts."""
    if len(everyone) == 1 and len(everyone[0].images) == 1:
        (image,) = everyone[0].images
        return ((image.url, image.width, image.height),)
    sizes: dict[str, tuple[int, int]] = {}
    for facts in everyone:
        for image in facts.images:
            size = (image.width, image.height)
            sizes[image.url] = max(size, sizes.get(image.url, size))
    return tuple((url, *sizes[url]) for url in sorted(sizes))


# What one value is chosen of, and whether a difference is reported as a disagreement.
_CHOSEN = (("url", False), *((one.name, True) for one in ARTICLE if one.merging is Merging.CHOSEN))
_VALUES = attrgetter(*(name for name, _ in _CHOSEN))


def _chosen(ranked: list[tuple[_Rank, Facts]], final_ids: Mapping[str, str], disagreements: Counter[str]) -> Facts:
    """Choose each field's value from mentions in falling rank."""
    chosen: dict[str, Any] = {}
    columns = zip(*[_VALUES(facts) for _, facts in ranked], strict=True)
    for (name, reported), column in zip(_CHOSEN, columns, strict=True):
        best = column[0]
        if column.count(best) == len(column):  # as nearly always
            if best is not None:
                chosen[name] = best
            continue
        known = [
            (rank, value) for (rank, _), value in zip(ranked, column, strict=True) if value is not None and value != ""
        ]
        if not known:
            continue
        best_rank, best = known[0]
        chosen[name] = max(value for rank, value in known if rank == best_rank)
        if reported and any(value != best for _, value in known):
            disagreements[name] += 1
    provided = [(rank, facts.publisher, facts.distributor) for rank, facts in ranked if facts.publisher]
    if provided:
        # Publisher and distributor come from one mention: together they are what a label says.
        _, publisher, distributor = max(provided, key=lambda pair: (pair[0], pair[1]))
        chosen["publisher"], chosen["distributor"] = publisher, distributor
        if len({provider_id(ref, final_ids) for _, ref, _ in provided}) > 1:
            disagreements["provider"] += 1
    chosen["published_at"], chosen["updated_at"] = _dates(ranked)
    return Facts(key="", **chosen)


def _dates(ranked: list[tuple[_Rank, Facts]]) -> tuple[datetime | None, datetime | None]:
    """Return the earliest date of publication and the latest of all dates after it.

    Only records of the article's own count if any of them has a date: what lists an article may have its date wrong.
    """
    own = [facts for rank, facts in ranked if rank[1]]
    dated = [facts for facts in own if facts.published_at or facts.updated_at] or [facts for _, facts in ranked]
    published = sorted({facts.published_at for facts in dated if facts.published_at})
    updated = [facts.updated_at for facts in dated if facts.updated_at]
    return published[0] if published else None, max([*updated, *published[1:]], default=None)
