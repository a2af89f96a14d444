"""Content packing: the tasks that read contents and pack their mentions by partition."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from graphkit.diagnostics.diagnostic import Diagnostic
from graphkit.diagnostics.found_diagnostics import first_of_each_source
from graphkit.identity.identity_rules import IdentityRules
from graphkit.merge.extraction import Totals, read_content, unreadable_outcome
from graphkit.merge.mentions import TopicMention
from graphkit.merge.packing import Packer
from graphkit.pipeline.spark.file_contents import FileContent
from graphkit.pipeline.spark.packed_sums import encoded
from graphkit.pipeline.spark.reading_account import ReadingAccount

_FLUSH_MENTIONS = 20_000
"""A task packs so many mentions before it yields chunks."""

ACCOUNT = -1
WITHOUT_URL = -2

PackedRecord = tuple[int, bytes]
"""A packed `ReadingAccount`, a chunk of entries without URL, or one of a partition, which is its tag."""


def packing(
    partitions: int, *, published_only: bool, rules: IdentityRules | None
) -> Callable[[Iterable[FileContent]], Iterator[PackedRecord]]:
    """Return the function that packs contents, for each of Spark's own partitions."""

    def pack(contents: Iterable[FileContent]) -> Iterator[PackedRecord]:
        packer = Packer(partitions)
        totals = Totals()
        faults: list[Diagnostic] = []
        topics: list[TopicMention] = []
        names: set[str] = set()
        files: set[str] = set()
        for content in contents:
            files.add(content.file)
            for name in ("listed", "found", "skipped"):
                totals.counts[name] = totals.counts.get(name, 0) + getattr(content, name)
            if content.diagnostic is not None:
                outcome = unreadable_outcome(content.diagnostic)
            elif content.format:
                extracted = read_content(
                    content.data,
                    content.name,
                    content.format,
                    published_only=published_only,
                    lines_before=content.lines_before,
                    rules=rules,
                )
                outcome = extracted.outcome
                topics.extend(extracted.topics)
                for mentions in extracted.mentions:
                    packer.add(mentions)
                if outcome.own:
                    names.add(content.name)
            else:
                continue
            totals.add(outcome)
            faults.extend(outcome.diagnostics)
            if packer.mentions > _FLUSH_MENTIONS:
                yield from _taken(packer)
        yield from _taken(packer)
        first = first_of_each_source(faults)
        account = ReadingAccount(totals, first, topics, sorted(names), sorted(files - names))
        yield ACCOUNT, encoded(account)

    return pack


def _taken(packer: Packer) -> Iterator[PackedRecord]:
    for partition, chunk in packer.take().items():
        yield (WITHOUT_URL if partition == packer.partitions else partition), chunk


def chunks_by_partition(packed: Any) -> Any:
    """Return the chunks of articles with URL, each with the number of its partition."""
    return packed.filter(_is_chunk)


def _is_chunk(record: PackedRecord) -> bool:
    return record[0] >= 0
