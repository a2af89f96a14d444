"""Partition output: the tasks that reduce partitions to articles and describe these as N-Triples, nodes and edges."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec

from graphkit.identity.identity_rules import IdentityRules
from graphkit.merge.articles import reduce_partition
from graphkit.merge.packing import unpack
from graphkit.merge.providers import Provider
from graphkit.merge.resolution import Resolution
from graphkit.merge.topics import Topic
from graphkit.pipeline.spark.packed_sums import encoded
from graphkit.pipeline.spark.rows import edge_rows, node_row
from graphkit.pipeline.spark.tagged_values import packed_rows
from graphkit.rdf.dataset import About
from graphkit.rdf.descriptions import Describer
from graphkit.rdf.serialization import lines_of
from graphkit.rdf.terms import OxigraphTerms
from graphkit.rdf.void import describe_dataset
from graphkit.urls.canonical_url import POLICY_VERSION

Output = tuple[str, Any]
"""A tag (text, nodes, edges, images, counts or totals) and a value."""


class PartitionTotals(msgspec.Struct, frozen=True, array_like=True):
    """The sums over partitions."""

    articles: int = 0
    links: int = 0
    counts: dict[str, int] = {}
    disagreements: dict[str, int] = {}
    classes: dict[str, int] = {}
    properties: dict[str, int] = {}


def totals_added(one: PartitionTotals, other: PartitionTotals) -> PartitionTotals:
    """Return the sum of two sums."""
    names = ("counts", "disagreements", "classes", "properties")
    sums = (dict(Counter(getattr(one, name)) + Counter(getattr(other, name))) for name in names)
    return PartitionTotals(one.articles + other.articles, one.links + other.links, *sums)


def reduction(
    provider_ids: Any, provider_names: Any, moves: Any, base: str, rules: IdentityRules | None
) -> Callable[[Iterable[Any]], Iterator[Output]]:
    """Return the function that reduces partitions; final ids of bare names, names and moves are broadcast."""

    def reduce(partitions: Iterable[Any]) -> Iterator[Output]:
        totals = PartitionTotals()
        for _, parts in partitions:
            chunks: list[bytes] = []
            final_keys: dict[str, str] = dict(moves.value)
            for some_chunks, some_keys in parts:
                chunks += some_chunks
                final_keys |= some_keys
            resolution = Resolution(provider_ids.value, final_keys, (), (), {}, rules)
            reduced = reduce_partition(unpack(chunks), resolution)
            describer = Describer(OxigraphTerms(), base, provider_names.value)
            yield "text", lines_of(describer.describe_article(article) for article in reduced.articles)
            yield "nodes", packed_rows(map(node_row, reduced.articles))
            yield "edges", packed_rows(edge for article in reduced.articles for edge in edge_rows(article))
            yield "images", packed_rows((url, (width, height)) for url, (_, width, height) in describer.images.items())
            links = sum(len(article.related) for article in reduced.articles)
            sums = (reduced.counts, reduced.disagreements, describer.classes, describer.properties)
            totals = totals_added(totals, PartitionTotals(len(reduced.articles), links, *sums))
        yield "totals", encoded(totals)

    return reduce


def describing_images(base: str) -> Callable[[Iterable[Any]], Iterator[Output]]:
    """Return the function that describes images."""

    def describe(images: Iterable[tuple[str, tuple[int, int]]]) -> Iterator[Output]:
        describer = Describer(OxigraphTerms(), base, {})
        for url, (width, height) in images:
            describer.images[url] = (describer.iri(url), width, height)
        yield "text", lines_of(describer.describe_images())
        yield "counts", (dict(describer.classes), dict(describer.properties))

    return describe


def describing_sources(base: str) -> Callable[[Iterable[str]], Iterator[Output]]:
    """Return the function that describes source files."""

    def describe(names: Iterable[str]) -> Iterator[Output]:
        describer = Describer(OxigraphTerms(), base, {})
        yield "text", lines_of(describer.describe_source(name) for name in names)
        yield "counts", (dict(describer.classes), dict(describer.properties))

    return describe


def dataset_text(
    providers: Iterable[Provider], topics: Iterable[Topic], counts: Iterable[Any], base: str, about: About
) -> bytes:
    """Describe the dataset, which has these counts besides its own, then providers and topics."""
    describer = Describer(OxigraphTerms(), base, {})
    described = list(describer.describe_providers_and_topics(providers, topics))
    for classes, properties in counts:
        describer.classes.update(classes)
        describer.properties.update(properties)
    return lines_of([*describe_dataset(describer, POLICY_VERSION, about), *described])
