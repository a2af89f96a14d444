"""Packing: partitions as bytes, to go from process to process, to disk and into a cache.

A key decides which partition an article belongs to; entries without URL have one of their own, the last. A chunk is a
piece of one partition: columns for what a census needs, so that counting decodes little, and everything else packed
apart. A chunk holds facts that many mentions share only once.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import msgspec
from msgspec.structs import force_setattr

from graphkit.identity.article_keys import is_title_key
from graphkit.identity.folding import fold
from graphkit.identity.identification import Facts
from graphkit.identity.provider_refs import ProviderRef
from graphkit.merge.census import NO_PROVIDERS, Census, Signature, census
from graphkit.merge.declared_addresses import Declaration, declarations_of
from graphkit.merge.mentions import Mention, Partition, RelatedListing
from graphkit.records.attributes import stated_values

TITLE_HASH = 8
"""The number of bytes of a title's hash."""


def partition_number(key: str, partitions: int) -> int:
    """Return the number of the partition that a key belongs to; that of title keys is `partitions`."""
    return partitions if is_title_key(key) else zlib.crc32(key.encode("utf-8", "surrogatepass")) % partitions


def title_hash(title: str) -> bytes:
    """Return the hash of a title: titles that fold to the same text have the same one."""
    return hashlib.blake2b(fold(title).encode("utf-8", "surrogatepass"), digest_size=TITLE_HASH).digest()


class _Chunk(msgspec.Struct, array_like=True, gc=False):
    """The content of a chunk. Each column has a value for each of the facts.

    `publishers` and `distributors` are indexes into `refs`, -1 for nobody. `title_hashes` are zeros for facts that no
    entry without URL can refer to. `labelled` are the facts with topics, `declaring` those with other keys, and their
    title. A mention is (source, pointer, facts, own), a
    listing (facts of the article that lists, target's key, rank, source, pointer), with sources and facts by index.
    """

    sources: list[str]
    refs: list[ProviderRef]
    keys: list[str]
    publishers: list[int]
    distributors: list[int]
    title_hashes: bytes
    labelled: list[tuple[int, tuple[str, ...]]]
    declaring: list[tuple[int, str, tuple[tuple[str, str], ...]]]
    facts: msgspec.Raw
    mentions: msgspec.Raw
    listings: msgspec.Raw


_ENCODE = msgspec.msgpack.Encoder().encode
_CHUNK = msgspec.msgpack.Decoder(_Chunk).decode
_FACTS = msgspec.msgpack.Decoder(list[Facts]).decode
_RAW_FACTS = msgspec.msgpack.Decoder(list[msgspec.Raw]).decode
_ONE = msgspec.msgpack.Decoder(Facts).decode
_MENTIONS = msgspec.msgpack.Decoder(list[tuple[int, str, int, bool]]).decode
_LISTINGS = msgspec.msgpack.Decoder(list[tuple[int, str, int, int, str]]).decode
_NO_HASH = bytes(TITLE_HASH)


class _ChunkBuilder:
    """The content of one partition's chunk so far."""

    def __init__(self, partition: int) -> None:
        self.partition = partition
        self.sources: dict[str, int] = {}
        self.refs: dict[ProviderRef, int] = {}
        self.keys: list[str] = []
        self.publishers: list[int] = []
        self.distributors: list[int] = []
        self.title_hashes: list[bytes] = []
        self.labelled: list[tuple[int, tuple[str, ...]]] = []
        self.declaring: list[tuple[int, str, tuple[tuple[str, str], ...]]] = []
        self.facts: list[tuple[Any, ...]] = []
        self.mentions: list[tuple[int, str, int, bool]] = []
        self.listings: list[tuple[int, str, int, int, str]] = []

    def add(self, facts: Facts) -> int:
        """Add facts and return their index."""
        number = len(self.keys)
        publisher = facts.publisher
        self.keys.append(facts.key)
        self.publishers.append(-1 if publisher is None else self.refs.setdefault(publisher, len(self.refs)))
        distributor = facts.distributor
        self.distributors.append(-1 if distributor is None else self.refs.setdefault(distributor, len(self.refs)))
        findable = publisher is not None and facts.published_at is not None and facts.title
        self.title_hashes.append(title_hash(facts.title) if findable else _NO_HASH)
        if facts.topics:
            self.labelled.append((number, facts.topics))
        if facts.declared:
            self.declaring.append((number, facts.title, facts.declared))
        # Key, publisher, distributor, topics and declared keys are in the columns.
        self.facts.append((*stated_values(facts), "", facts.url, facts.variants, None, None, (), facts.images))
        return number

    def source(self, name: str) -> int:
        """Return the index of a source."""
        return self.sources.setdefault(name, len(self.sources))

    def packed(self) -> bytes:
        """Return the chunk."""
        return _ENCODE(
            (
                list(self.sources),
                list(self.refs),
                self.keys,
                self.publishers,
                self.distributors,
                b"".join(self.title_hashes),
                self.labelled,
                self.declaring,
                self.facts,
                self.mentions,
                self.listings,
            )
        )


class Packer:
    """Packs mentions, each into the chunk of its partition."""

    def __init__(self, partitions: int) -> None:
        self.partitions = partitions
        self._clear()

    def _clear(self) -> None:
        self.builders: dict[int, _ChunkBuilder] = {}
        # Facts by identity, as readers share equal ones. They are kept so that no other object gets the same id.
        self.known: dict[int, tuple[Facts, _ChunkBuilder, int]] = {}
        self.parents: dict[str, tuple[_ChunkBuilder, int]] = {}
        self.mentions = 0

    def add(self, mentions: Iterable[Mention]) -> set[int]:
        """Add the mentions of whole records, each after its parent; return the numbers of their partitions."""
        parents = self.parents
        touched = set()
        for mention in mentions:
            facts = mention.facts
            found = self.known.get(id(facts))
            if found is None:
                builder = self._builder(facts.key)
                found = self.known[id(facts)] = (facts, builder, builder.add(facts))
            _, builder, number = found
            builder.mentions.append((builder.source(mention.source), mention.pointer, number, not mention.parent))
            touched.add(builder.partition)
            parents[facts.key] = (builder, number)
            if mention.parent:
                builder, number = parents[mention.parent]
                builder.listings.append(
                    (number, facts.key, mention.rank, builder.source(mention.source), mention.pointer)
                )
            self.mentions += 1
        return touched

    def _builder(self, key: str) -> _ChunkBuilder:
        number = partition_number(key, self.partitions)
        builder = self.builders.get(number)
        if builder is None:
            builder = self.builders[number] = _ChunkBuilder(number)
        return builder

    def take(self) -> dict[int, bytes]:
        """Return the chunks by the number of their partition, and start new ones."""
        chunks = {number: builder.packed() for number, builder in self.builders.items()}
        self._clear()
        return chunks


def pack(partition: Partition) -> bytes:
    """Return a partition as one chunk."""
    builder = _ChunkBuilder(0)
    known: dict[int, int] = {}
    first: dict[str, int] = {}
    for key, group in partition.groups.items():
        for mention in group:
            facts = mention.facts
            number = known.get(id(facts))
            if number is None:
                number = known[id(facts)] = builder.add(facts)
                builder.keys[number] = key
            first.setdefault(key, number)
            builder.mentions.append((builder.source(mention.source), mention.pointer, number, not mention.parent))
    for key, listed in partition.listings.items():
        for target, rank, source, pointer in listed:
            builder.listings.append((first[key], target, rank, builder.source(source), pointer))
    return builder.packed()


def unpack(chunks: Iterable[bytes]) -> Partition:
    """Return the partition that chunks hold."""
    partition = Partition({}, {})
    groups, listings = partition
    for data in chunks:
        chunk = _CHUNK(data)
        facts = _FACTS(chunk.facts)
        refs, keys, sources = chunk.refs, chunk.keys, chunk.sources
        for number, (publisher, distributor) in enumerate(zip(chunk.publishers, chunk.distributors, strict=True)):
            if publisher >= 0:
                force_setattr(facts[number], "publisher", refs[publisher])
            if distributor >= 0:
                force_setattr(facts[number], "distributor", refs[distributor])
        for number, topics in chunk.labelled:
            force_setattr(facts[number], "topics", topics)
        for number, _, declared in chunk.declaring:
            force_setattr(facts[number], "declared", declared)
        for source, pointer, number, own in _MENTIONS(chunk.mentions):
            mention = Mention(sources[source], pointer, facts[number], "" if own else _LISTED)
            group = groups.get(keys[number])
            if group is None:
                groups[keys[number]] = [mention]
            else:
                group.append(mention)
        for number, target, rank, source, pointer in _LISTINGS(chunk.listings):
            listings.setdefault(keys[number], []).append(RelatedListing(target, rank, sources[source], pointer))
    return partition


_LISTED = "·"
"""The parent of an unpacked mention: a merge only needs to know whether there is one."""


def census_of_chunks(chunks: Iterable[bytes], title_hashes: Collection[bytes]) -> Census:
    """Return the census of a partition; `title_hashes` are those of the entries without URL."""
    signatures: dict[str, Signature] = {}
    labels: dict[str, Collection[str]] = {}
    found: list[tuple[str, Facts]] = []
    declared: set[Declaration] = set()
    pairs: dict[tuple[ProviderRef, ProviderRef | None], Signature] = {}
    for data in chunks:
        chunk = _CHUNK(data)
        keys = chunk.keys
        by_number: dict[tuple[int, int], Signature] = {(-1, -1): NO_PROVIDERS}
        for pair in set(zip(chunk.publishers, chunk.distributors, strict=True)) - by_number.keys():
            refs = (chunk.refs[pair[0]], None if pair[1] < 0 else chunk.refs[pair[1]])
            by_number[pair] = pairs.setdefault(refs, frozenset(ref for ref in refs if ref is not None))
        for key, pair in zip(keys, zip(chunk.publishers, chunk.distributors, strict=True), strict=True):
            signature = by_number[pair]
            known = signatures.get(key)
            signatures[key] = signature if known is None or known is signature else known | signature
        for number, topics in chunk.labelled:
            key = keys[number]
            labels[key] = {*labels[key], *topics} if key in labels else topics
        for number, title, others in chunk.declaring:
            if not is_title_key(keys[number]):
                declared.update(declarations_of(keys[number], title, others))
        if title_hashes:
            found += _candidates(chunk, title_hashes)
    return msgspec.structs.replace(census(signatures, labels, found), declarations=tuple(declared))


def packed_titles(chunks: Iterable[bytes], keys: frozenset[str]) -> dict[str, set[str]]:
    """Return the folded titles of the articles in chunks that have one of these keys."""
    titles: dict[str, set[str]] = {}
    for data in chunks:
        chunk = _CHUNK(data)
        if keys.isdisjoint(chunk.keys):
            continue
        raw = _RAW_FACTS(chunk.facts)
        for number, key in enumerate(chunk.keys):
            if key in keys:
                titles.setdefault(key, set()).add(fold(_ONE(raw[number]).title))
    return titles


def _candidates(chunk: _Chunk, title_hashes: Collection[bytes]) -> Iterable[tuple[str, Facts]]:
    """Yield the key and facts of articles whose title has one of the hashes."""
    found = [number for number, one in enumerate(split_hashes(chunk.title_hashes)) if one in title_hashes]
    if not found:
        return
    raw = _RAW_FACTS(chunk.facts)
    for number in found:
        facts = _ONE(raw[number])
        force_setattr(facts, "publisher", chunk.refs[chunk.publishers[number]])
        yield chunk.keys[number], facts


def listed_title_keys(chunks: Iterable[bytes]) -> set[str]:
    """Return the title keys that articles of a partition list as related."""
    return {target for data in chunks for _, target, *_ in _LISTINGS(_CHUNK(data).listings) if is_title_key(target)}


def title_hashes_of(chunks: Iterable[bytes]) -> frozenset[bytes]:
    """Return the hashes of all titles in chunks that an entry without URL may have."""
    return frozenset(one for data in chunks for one in split_hashes(_CHUNK(data).title_hashes) if one != _NO_HASH)


def split_hashes(column: bytes) -> list[bytes]:
    """Return the hashes that a column of them holds."""
    return [column[start : start + TITLE_HASH] for start in range(0, len(column), TITLE_HASH)]


def with_sources_changed(partition: Partition, gone: Collection[str], renamed: Mapping[str, str]) -> Partition:
    """Return a partition without the mentions of sources that are `gone`, and with new names of sources."""
    result = Partition({}, {})
    for key, group in partition.groups.items():
        kept = [
            mention
            if mention.source not in renamed
            else msgspec.structs.replace(mention, source=renamed[mention.source])
            for mention in group
            if mention.source not in gone
        ]
        if kept:
            result.groups[key] = kept
    for key, listed in partition.listings.items():
        left = [one._replace(source=renamed.get(one.source, one.source)) for one in listed if one.source not in gone]
        if left:
            result.listings[key] = left
    return result
