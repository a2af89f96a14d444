"""Shares as bytes: how mentions go from process to process, to disk and into a cache.

A key decides which share an article belongs to; entries without URL have a share of their own, the last. A chunk is a
piece of one share: columns for what a census asks, so that counting decodes little, and everything else packed apart.
Facts that many mentions have in common stand once in a chunk.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Collection, Iterable, Mapping
from typing import Any

import msgspec
from msgspec.structs import force_setattr

from graphkit.identity.identification import Facts, ProviderRef, fold, is_title_key
from graphkit.merge.mentions import Listing, Mention, Partition
from graphkit.merge.resolution import NOBODY, Candidate, Census, Signature, census
from graphkit.records.attributes import stated_values

LAYOUT = 2
"""The version of what chunks look like."""

MARK = 8
"""The bytes of the mark of a title."""


def partition_number(key: str, partitions: int) -> int:
    """Return the number of the share that an article belongs to; that of title keys is `partitions`."""
    return partitions if is_title_key(key) else zlib.crc32(key.encode("utf-8", "surrogatepass")) % partitions


def title_mark(title: str) -> bytes:
    """Return the mark of a title: titles that fold to the same text have the same one."""
    return hashlib.blake2b(fold(title).encode("utf-8", "surrogatepass"), digest_size=MARK).digest()


class _Chunk(msgspec.Struct, array_like=True, gc=False):
    """What a chunk holds. The columns count facts; `publishers` and `distributors` point into `refs`, −1 for nobody.

    `marks` are the marks of titles of facts that an entry without URL may look for, zeros for others. `labelled` are
    the facts with topics. A mention is (source, pointer, facts, own), a listing (facts of the article that lists,
    target's key, rank, source, pointer), with sources and facts by number.
    """

    sources: list[str]
    refs: list[ProviderRef]
    keys: list[str]
    publishers: list[int]
    distributors: list[int]
    marks: bytes
    labelled: list[tuple[int, tuple[str, ...]]]
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
_NO_MARK = bytes(MARK)


class _Pile:
    """What is packed for one share so far."""

    __slots__ = (
        "distributors",
        "facts",
        "keys",
        "labelled",
        "listings",
        "marks",
        "mentions",
        "partition",
        "publishers",
        "refs",
        "sources",
    )

    def __init__(self, partition: int) -> None:
        self.partition = partition
        self.sources: dict[str, int] = {}
        self.refs: dict[ProviderRef, int] = {}
        self.keys: list[str] = []
        self.publishers: list[int] = []
        self.distributors: list[int] = []
        self.marks: list[bytes] = []
        self.labelled: list[tuple[int, tuple[str, ...]]] = []
        self.facts: list[tuple[Any, ...]] = []
        self.mentions: list[tuple[int, str, int, bool]] = []
        self.listings: list[tuple[int, str, int, int, str]] = []

    def add(self, facts: Facts) -> int:
        """Add facts and return their number."""
        number = len(self.keys)
        publisher = facts.publisher
        self.keys.append(facts.key)
        self.publishers.append(-1 if publisher is None else self.refs.setdefault(publisher, len(self.refs)))
        distributor = facts.distributor
        self.distributors.append(-1 if distributor is None else self.refs.setdefault(distributor, len(self.refs)))
        findable = publisher is not None and facts.published_at is not None and facts.title
        self.marks.append(title_mark(facts.title) if findable else _NO_MARK)
        if facts.topics:
            self.labelled.append((number, facts.topics))
        # Key, publisher, distributor and topics stand in the columns.
        self.facts.append((*stated_values(facts), "", facts.url, facts.variants, None, None, (), facts.images))
        return number

    def source(self, name: str) -> int:
        """Return the number of a source."""
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
                b"".join(self.marks),
                self.labelled,
                self.facts,
                self.mentions,
                self.listings,
            )
        )


class Packer:
    """Packs mentions, each into the chunk of its share."""

    def __init__(self, partitions: int) -> None:
        self.partitions = partitions
        self._clear()

    def _clear(self) -> None:
        self.piles: dict[int, _Pile] = {}
        # Facts by identity: readers share equal ones. They are kept, so that no other object gets the number.
        self.known: dict[int, tuple[Facts, _Pile, int]] = {}
        self.parents: dict[str, tuple[_Pile, int]] = {}
        self.mentions = 0

    def add(self, mentions: Iterable[Mention]) -> set[int]:
        """Add the mentions of whole records, each after its parent; return the numbers of the shares they are in."""
        parents = self.parents
        touched = set()
        for mention in mentions:
            facts = mention.facts
            found = self.known.get(id(facts))
            if found is None:
                pile = self._pile(facts.key)
                found = self.known[id(facts)] = (facts, pile, pile.add(facts))
            _, pile, number = found
            pile.mentions.append((pile.source(mention.source), mention.pointer, number, not mention.parent))
            touched.add(pile.partition)
            parents[facts.key] = (pile, number)
            if mention.parent:
                pile, number = parents[mention.parent]
                pile.listings.append((number, facts.key, mention.rank, pile.source(mention.source), mention.pointer))
            self.mentions += 1
        return touched

    def _pile(self, key: str) -> _Pile:
        number = partition_number(key, self.partitions)
        pile = self.piles.get(number)
        if pile is None:
            pile = self.piles[number] = _Pile(number)
        return pile

    def take(self) -> dict[int, bytes]:
        """Return the chunks by the numbers of their shares, and begin anew."""
        chunks = {number: pile.packed() for number, pile in self.piles.items()}
        self._clear()
        return chunks


def pack(partition: Partition) -> bytes:
    """Return a share as one chunk."""
    pile = _Pile(0)
    known: dict[int, int] = {}
    first: dict[str, int] = {}
    for key, group in partition.groups.items():
        for mention in group:
            facts = mention.facts
            number = known.get(id(facts))
            if number is None:
                number = known[id(facts)] = pile.add(facts)
                pile.keys[number] = key
            first.setdefault(key, number)
            pile.mentions.append((pile.source(mention.source), mention.pointer, number, not mention.parent))
    for key, listed in partition.listings.items():
        for target, rank, source, pointer in listed:
            pile.listings.append((first[key], target, rank, pile.source(source), pointer))
    return pile.packed()


def unpack(chunks: Iterable[bytes]) -> Partition:
    """Return the share that chunks hold."""
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
        for source, pointer, number, own in _MENTIONS(chunk.mentions):
            mention = Mention(sources[source], pointer, facts[number], "" if own else _LISTED)
            group = groups.get(keys[number])
            if group is None:
                groups[keys[number]] = [mention]
            else:
                group.append(mention)
        for number, target, rank, source, pointer in _LISTINGS(chunk.listings):
            listings.setdefault(keys[number], []).append(Listing(target, rank, sources[source], pointer))
    return partition


_LISTED = "·"
"""Stands for the parent of a mention, of which a merge asks only whether there is one."""


def census_of_chunks(chunks: Iterable[bytes], marks: Collection[bytes]) -> Census:
    """Return the census of a share; `marks` are those of the titles of entries without URL."""
    signatures: dict[str, Signature] = {}
    labels: dict[str, Collection[str]] = {}
    claims: list[tuple[str, Facts]] = []
    pairs: dict[tuple[ProviderRef, ProviderRef | None], Signature] = {}
    for data in chunks:
        chunk = _CHUNK(data)
        keys = chunk.keys
        by_number: dict[tuple[int, int], Signature] = {(-1, -1): NOBODY}
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
        if marks:
            claims += _claims(chunk, marks)
    return census(signatures, labels, claims)


def _claims(chunk: _Chunk, marks: Collection[bytes]) -> Iterable[tuple[str, Facts]]:
    text = chunk.marks
    found = [number for number in range(len(chunk.keys)) if text[number * MARK : (number + 1) * MARK] in marks]
    if not found:
        return
    raw = _RAW_FACTS(chunk.facts)
    for number in found:
        facts = _ONE(raw[number])
        force_setattr(facts, "publisher", chunk.refs[chunk.publishers[number]])
        yield chunk.keys[number], facts


def claims_of_chunks(chunks: Iterable[bytes]) -> tuple[Candidate, ...]:
    """Return all claims of a share's articles that an entry without URL may look for."""
    packed = list(chunks)
    return census_of_chunks(packed, marks_of(packed)).candidates


def awaited_title_keys(chunks: Iterable[bytes]) -> set[str]:
    """Return the title keys that articles of a partition list."""
    return {target for data in chunks for _, target, *_ in _LISTINGS(_CHUNK(data).listings) if is_title_key(target)}


def marks_of(chunks: Iterable[bytes]) -> frozenset[bytes]:
    """Return the marks of all titles in chunks that an entry without URL may look for."""
    found: set[bytes] = set()
    for data in chunks:
        text = _CHUNK(data).marks
        found.update(text[start : start + MARK] for start in range(0, len(text), MARK))
    found.discard(_NO_MARK)
    return frozenset(found)


def changed(partition: Partition, gone: Collection[str], renamed: Mapping[str, str]) -> Partition:
    """Return a share without what sources that are `gone` say, and with sources by their new names."""
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
