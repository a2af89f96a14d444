"""Partition counts: the tasks that take the census of partitions, and find what entries without URL may refer to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from msgspec.structs import replace

from graphkit.merge.census import Census, summed
from graphkit.merge.packing import census_of_chunks, listed_title_keys, title_hashes_of
from graphkit.pipeline.spark.packed_sums import encoded

Counts = tuple[str, Any]
"""A tag (candidate, listed or census) and a value."""


def counting(title_hashes: Any) -> Callable[[Iterable[tuple[int, list[bytes]]]], Iterator[Counts]]:
    """Return the function that counts partitions.

    `title_hashes` are those of the entries without URL, broadcast, or None if all articles are candidates.
    """

    def count(partitions: Iterable[tuple[int, list[bytes]]]) -> Iterator[Counts]:
        total = Census()
        for number, chunks in partitions:
            hashes = title_hashes_of(chunks) if title_hashes is None else title_hashes.value
            found = census_of_chunks(chunks, hashes)
            for candidate in found.candidates:
                yield "candidate", candidate
            for key in listed_title_keys(chunks):
                yield "listed", (key, number)
            total = added(total, replace(found, candidates=()))
        yield "census", encoded(total)

    return count


def added(one: Census, other: Census) -> Census:
    """Return the sum of two censuses."""
    return summed([one, other])
