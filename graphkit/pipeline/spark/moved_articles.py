"""Moved articles: how Spark moves records to the article that declares their address; see `declared_addresses`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from graphkit.identity.identity_rules import IdentityRules
from graphkit.merge.declared_addresses import Declaration, moved_keys, only_keys, partition_with_moves
from graphkit.merge.mentions import Partition
from graphkit.merge.packing import census_of_chunks, pack, packed_titles, partition_number, unpack

Chunks = tuple[int, list[bytes]]
"""The number of a partition, and its chunks."""


def moves_of(context: Any, chunks: Any, rules: IdentityRules | None) -> dict[str, str]:
    """Return the keys of articles that move to others; what all articles declare is collected."""
    declarations = chunks.flatMap(_declarations).collect()
    if not declarations:
        return {}
    wanted = context.broadcast(frozenset(one.declared for one in declarations))

    def titles(record: Chunks) -> Iterator[tuple[str, set[str]]]:
        yield from packed_titles(record[1], wanted.value).items()

    return moved_keys(declarations, dict(chunks.flatMap(titles).collect()), rules)


def _declarations(record: Chunks) -> Iterator[Declaration]:
    yield from census_of_chunks(record[1], ()).declarations


def with_moves(chunks: Any, moves: Any, partitions: int, tasks: int) -> Any:
    """Return the chunks of each partition after articles moved; `moves` are broadcast."""
    return chunks.flatMap(_sent(moves, partitions)).groupByKey(tasks).map(_settled(moves, partitions))


def _sent(moves: Any, partitions: int) -> Callable[[Chunks], Iterator[tuple[int, bytes]]]:
    """Return the function that yields the chunks of a partition, and copies of articles that leave it."""

    def sent(record: Chunks) -> Iterator[tuple[int, bytes]]:
        number, chunks = record
        for chunk in chunks:
            yield number, chunk
        if not packed_titles(chunks, frozenset(moves.value)):
            return
        leaving = only_keys(unpack(chunks), moves.value)
        for key, group in leaving.groups.items():
            home = partition_number(moves.value[key], partitions)
            if home != number:
                listings = {key: leaving.listings[key]} if key in leaving.listings else {}
                yield home, pack(Partition({key: group}, listings))

    return sent


def _settled(moves: Any, partitions: int) -> Callable[[tuple[int, Iterable[bytes]]], Chunks]:
    """Return the function that gives the articles of a partition their final keys."""

    def settled(record: tuple[int, Iterable[bytes]]) -> Chunks:
        number, chunks = record[0], list(record[1])
        if not packed_titles(chunks, frozenset(moves.value)):
            return number, chunks
        whole = partition_with_moves(
            unpack(chunks), Partition({}, {}), moves.value, lambda key: partition_number(key, partitions) == number
        )
        return number, [pack(whole)]

    return settled
