"""Reduction: the phase that merges the mentions of each partition into articles and writes these as Turtle."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from graphkit.garbage_collection import collector_paused
from graphkit.identity.article_keys import is_title_key
from graphkit.merge.articles import Article, reduce_partition
from graphkit.merge.census import Census
from graphkit.merge.mentions import Partition, add_mentions
from graphkit.merge.packing import pack, partition_number, unpack
from graphkit.merge.providers import Provider, provider_id
from graphkit.merge.resolution import Resolution, resolved_mentions
from graphkit.pipeline.local.blob_store import Extent
from graphkit.pipeline.local.build_context import BuildContext
from graphkit.pipeline.local.cached_state import DIGEST, CachedPartition
from graphkit.pipeline.local.counting import Counted
from graphkit.pipeline.local.segments import SubjectText, stored_text
from graphkit.pipeline.local.worker_context import WorkerContext
from graphkit.rdf import vocabulary
from graphkit.rdf.descriptions import Describer
from graphkit.rdf.serialization import prefixes_for
from graphkit.rdf.turtle import TurtleTerms, block
from graphkit.urls.domains import domain_of


class Tables(msgspec.Struct, frozen=True, array_like=True):
    """What every partition has to know of the others, and where segments end."""

    provider_ids: dict[str, str]
    final_keys: dict[str, str]
    provider_names: dict[str, str]
    prefixes: dict[str, str]
    splitters: list[str]


class ReduceTask(NamedTuple):
    """A partition to reduce, with the packed mentions of entries without URL that were resolved to its articles.

    `turtle` and `articles` say what is wanted of it.
    """

    number: int
    partition: CachedPartition
    arrived: bytes
    tables: Extent
    turtle: bool
    articles: bool


class Reduction(NamedTuple):
    """All partitions with what reducing them gave, the prefixes of the Turtle and the splitters of its segments.

    `tables` are what tasks know of all partitions, `articles` the packed articles if they were wanted.
    """

    partitions: list[CachedPartition]
    provider_names: dict[str, str]
    prefixes: dict[str, str]
    splitters: list[str]
    tables: Extent
    articles: list[Extent]


def reduce_one(context: WorkerContext, task: ReduceTask) -> tuple[CachedPartition, Extent | None]:
    """Merge the mentions of a partition into articles, and describe these; return also the articles if wanted."""
    with collector_paused():
        tables = context.shared(task.tables, _TABLES)
        # All entries without URL, which the last partition holds, have arrived where they belong.
        is_last = task.number == context.settings.partitions
        own = task.partition.chunks if task.partition.moved is None else [task.partition.moved]
        chunks = [] if is_last else [context.store.read(extent) for extent in own]
        partition = unpack([*chunks, task.arrived] if task.arrived else chunks)
        reduced = reduce_partition(
            partition, Resolution(tables.provider_ids, tables.final_keys, (), (), {}, context.settings.rules)
        )
        listed = (one.target for listings in partition.listings.values() for one in listings)
        result = replace(
            task.partition,
            arrived=_digest(task.arrived),
            listed_title_keys=sorted(set(filter(is_title_key, listed))),
            articles=len(reduced.articles),
            links=sum(len(article.related) for article in reduced.articles),
            counts=dict(reduced.counts),
            disagreements=dict(reduced.disagreements),
        )
        if task.turtle:
            describer = Describer(TurtleTerms(tables.prefixes), context.settings.base, tables.provider_names)
            text = stored_text(_texts(reduced.articles, describer), tables.splitters, describer, context.store)
            result = replace(result, text=text, namespaces=sorted(describer.spaces))
        return result, context.scratch.append(_ENCODE(reduced.articles)) if task.articles else None


def _texts(articles: Iterable[Article], describer: Describer[str]) -> Iterator[SubjectText]:
    for article in articles:
        described = describer.describe_article(article)
        yield described.iri, block(described).encode(), None
    for described in describer.describe_images(count=False):
        yield described.iri, block(described).encode(), describer.images[described.iri][1:]


def reduce_partitions(
    build: BuildContext,
    counted: Counted,
    resolution: Resolution,
    dirty: frozenset[int],
    splitters: list[str],
    *,
    wants_articles: bool,
) -> Reduction:
    """Reduce the partitions whose articles may have changed, or all where the articles are wanted."""
    base, turtle = build.options.base, build.options.turtle
    every = set(range(build.partitions + 1))
    partitions = list(counted.partitions)
    provider_names = {provider.id: provider.name for provider in resolution.providers}
    arrived = _arrived(build, counted.without_url, resolution)
    stale = _stale(build, counted, resolution, provider_names, arrived, dirty)
    namespaces = _namespaces_of_providers(resolution.providers, base)
    # Those that are cached, unless a new address turns out to forbid one.
    prefixes = (build.cached.prefixes if build.cached else {}) or prefixes_for(base, namespaces)
    articles: list[Extent] = []
    todo = every if wants_articles else stale
    while True:
        tables = build.scratch.append(
            _ENCODE(Tables(resolution.provider_ids, resolution.final_keys, provider_names, prefixes, splitters))
        )
        tasks = (
            ReduceTask(
                number,
                partitions[number],
                arrived.get(number, b""),
                tables,
                turtle and number in stale,
                wants_articles,
            )
            for number in sorted(todo)
        )
        for done, (task, (partition, packed)) in enumerate(build.pool.run(reduce_one, tasks), 1):
            partitions[task.number] = partition
            articles += [packed] if packed is not None else []
            build.progress("Merging", done, len(todo))
        # A prefix that an address forbids is used nowhere, so everything is written again.
        needed = prefixes_for(base, namespaces.union(*(partition.namespaces for partition in partitions)))
        if needed == prefixes or not turtle:
            return Reduction(partitions, provider_names, prefixes, splitters, tables, articles)
        prefixes, wants_articles, todo, stale = needed, False, every, every


def _arrived(build: BuildContext, without_url: Partition, resolution: Resolution) -> dict[int, bytes]:
    """Return the mentions of entries without URL, packed for the partitions that they were resolved to."""
    partitions: dict[int, Partition] = {}
    for key, group in resolved_mentions(without_url, resolution).items():
        add_mentions(partitions.setdefault(partition_number(key, build.partitions), Partition({}, {})), key, *group)
    return {number: pack(partition) for number, partition in partitions.items()}


def _stale(
    build: BuildContext,
    counted: Counted,
    resolution: Resolution,
    provider_names: Mapping[str, str],
    arrived: Mapping[int, bytes],
    dirty: frozenset[int],
) -> set[int]:
    """Return the partitions whose articles, or what is written about them, may not be as they are cached."""
    cached, last = build.cached, build.partitions
    if cached is None or cached.moves != counted.moves:  # any article may list one that moved
        return set(range(last + 1))
    moved = _differing(cached.provider_ids, resolution.provider_ids)
    names = _differing(cached.provider_names, provider_names)
    final = _differing(cached.final_keys, resolution.final_keys)
    stale = {*dirty, *counted.counted, last}
    for number in set(range(last + 1)) - stale:
        partition = counted.partitions[number]
        if (
            partition.text.extent is None
            or partition.arrived != _digest(arrived.get(number, b""))
            or (final and not final.isdisjoint(partition.listed_title_keys))
            or ((moved or names) and _names_any(build, partition, moved, names, resolution.provider_ids))
        ):
            stale.add(number)
    return stale


def _names_any(
    build: BuildContext, partition: CachedPartition, moved: set[str], names: set[str], final_ids: Mapping[str, str]
) -> bool:
    """Return whether a partition names one of these providers."""
    extent = partition.census
    return any(
        provider_id(ref, final_ids) in names or ref.id in moved
        for refs, _ in (_CENSUS(build.store.read(extent)).signatures if extent else ())
        for ref in refs
    )


def _differing(old: Mapping[str, str], new: Mapping[str, str]) -> set[str]:
    return {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)} if old != new else set()


def _namespaces_of_providers(providers: Iterable[Provider], base: str) -> frozenset[str]:
    """Return the namespaces that hold the address of some provider."""
    describer = Describer(TurtleTerms({}), base, {})
    # Of thousands only those with the domain of a namespace need to be described.
    domains = {domain_of(space) for space in vocabulary.PREFIXES.values()}
    for _ in describer.describe_providers_and_topics(
        [provider for provider in providers if provider.domain in domains], ()
    ):
        pass
    return frozenset(describer.spaces)


def _digest(data: bytes) -> bytes:
    return hashlib.blake2b(data, digest_size=DIGEST).digest()


_ENCODE = msgspec.msgpack.Encoder().encode
_CENSUS = msgspec.msgpack.Decoder(Census).decode
_TABLES = msgspec.msgpack.Decoder(Tables).decode
