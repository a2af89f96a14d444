"""Entries without URL: how Spark joins them with the articles that they may refer to, by their title keys.

There may be very many, so unlike the names of providers they are never collected in one place.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from operator import add, attrgetter
from typing import Any, NamedTuple

import msgspec

from graphkit.merge.census import Candidate, joined, signature_census
from graphkit.merge.mentions import Mention, Partition, add_mentions
from graphkit.merge.packing import listed_title_keys, pack, partition_number, title_hash, unpack
from graphkit.merge.resolution import candidate_title_key, full_title_key, resolved_key
from graphkit.pipeline.spark.packed_sums import encoded

MAX_TITLE_HASHES = 1 << 20
"""With more titles of entries without URL than this, all articles are candidates, whatever their titles."""


class EntryWithoutUrl(msgspec.Struct, frozen=True, array_like=True):
    """The title key of an entry without URL, and chunks with all its mentions."""

    key: str
    chunks: list[bytes]

    def partition(self) -> Partition:
        """Return its mentions and listings."""
        return unpack(self.chunks)

    def group(self) -> list[Mention]:
        """Return its mentions."""
        return self.partition().groups[self.key]


class ResolvedEntry(NamedTuple):
    """An entry without URL, what became of it, its final key, and the article that it refers to, if any."""

    entry: EntryWithoutUrl
    outcome: str
    key: str
    candidate: Candidate | None


def entries_of(chunks: Any, tasks: int) -> Any:
    """Return the entries that chunks of them hold."""
    return chunks.flatMap(_split).groupByKey(tasks).map(_entry)


def _split(chunk: bytes) -> Iterator[tuple[str, bytes]]:
    partition = unpack([chunk])
    for key, group in partition.groups.items():
        listings = {key: partition.listings[key]} if key in partition.listings else {}
        yield key, pack(Partition({key: group}, listings))


def _entry(pair: tuple[str, Iterable[bytes]]) -> EntryWithoutUrl:
    return EntryWithoutUrl(pair[0], list(pair[1]))


def title_hashes(entries: Any) -> frozenset[bytes] | None:
    """Return the hashes of the entries' titles, or None if there are very many entries."""
    if entries.count() > MAX_TITLE_HASHES:
        return None
    return frozenset(entries.map(_title_hash).distinct().collect())


def _title_hash(entry: EntryWithoutUrl) -> bytes:
    return title_hash(entry.group()[0].facts.title)


def entry_census(entries: Iterable[EntryWithoutUrl]) -> Iterator[bytes]:
    """Yield the packed census of the providers that some entries name."""
    yield encoded(signature_census(entry.group() for entry in entries))


def resolved_entries(candidates: Any, entries: Any, provider_ids: Any, tasks: int) -> Any:
    """Join entries with the candidates of the same title key; `provider_ids` are the final ones, broadcast."""

    def keyed_candidate(candidate: Candidate) -> tuple[str, Candidate]:
        return candidate_title_key(candidate, provider_ids.value), candidate

    def keyed_entry(entry: EntryWithoutUrl) -> tuple[str, EntryWithoutUrl]:
        return full_title_key(entry.key, entry.group()[0].facts, provider_ids.value), entry

    def matched(pair: tuple[str, tuple[Iterable[EntryWithoutUrl], Iterable[Candidate]]]) -> Iterator[ResolvedEntry]:
        full, (some, found) = pair
        waiting = list(some)
        if not waiting:
            return
        known = {candidate.key: candidate for candidate in found}
        outcome, key = resolved_key(full, known.keys())
        for entry in waiting:
            yield ResolvedEntry(entry, outcome, key, known.get(key))

    return entries.map(keyed_entry).cogroup(candidates.map(keyed_candidate), tasks).flatMap(matched)


def outcome_counts(resolved: Any) -> Counter[str]:
    """Return how many mentions of entries without URL were found, ambiguous and alone, as the report counts them."""
    counts = resolved.map(_outcome).reduceByKey(add).collect()
    return Counter({f"without_url_{outcome}": number for outcome, number in counts})


def _outcome(resolved: ResolvedEntry) -> tuple[str, int]:
    return resolved.outcome, len(resolved.entry.group())


def joined_census(resolved: Any, tasks: int) -> Any:
    """Return packed censuses of what the entries add to the articles that they refer to."""
    return resolved.keyBy(attrgetter("key")).groupByKey(tasks).map(_joined)


def _joined(pair: tuple[str, Iterable[ResolvedEntry]]) -> bytes:
    group, candidate = [], None
    for resolved in pair[1]:
        group += resolved.entry.group()
        candidate = resolved.candidate
    return encoded(joined(candidate, group))


def resolved_chunk(partitions: int) -> Callable[[ResolvedEntry], tuple[int, bytes]]:
    """Return the function that packs an entry for the partition of its final key."""

    def chunk(resolved: ResolvedEntry) -> tuple[int, bytes]:
        partition, key = resolved.entry.partition(), resolved.entry.key
        result = Partition({}, {})
        add_mentions(result, resolved.key, partition.groups[key], partition.listings.get(key, []))
        # The local build keeps entries that refer to no article in a partition of their own; here there is none.
        number = partition_number(resolved.key, partitions)
        return number if number < partitions else partition_number(resolved.key[1:], partitions), pack(result)

    return chunk


def listed_keys(record: tuple[int, bytes]) -> Iterator[tuple[str, int]]:
    """Yield the title keys that a chunk's articles list, each with the number of the partition."""
    number, chunk = record
    for key in listed_title_keys([chunk]):
        yield key, number


def final_keys(listing: Any, resolved: Any, tasks: int) -> Any:
    """Return for each partition the final keys of the title keys that its articles list."""
    return listing.join(resolved.map(_final_key), tasks).map(_by_partition).groupByKey(tasks).mapValues(dict)


def _final_key(resolved: ResolvedEntry) -> tuple[str, str]:
    return resolved.entry.key, resolved.key


def _by_partition(pair: tuple[str, tuple[int, str]]) -> tuple[int, tuple[str, str]]:
    key, (partition, final) = pair
    return partition, (key, final)
