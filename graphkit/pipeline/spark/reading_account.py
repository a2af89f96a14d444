"""The reading account: what the tasks that read contents report besides mentions."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec
from msgspec.structs import replace

from graphkit.diagnostics.diagnostic import Diagnostic
from graphkit.merge.extraction import Totals, unreadable_outcome
from graphkit.merge.mentions import TopicMention
from graphkit.pipeline.spark.file_contents import unread_file
from graphkit.pipeline.spark.packed_sums import encoded, summed
from graphkit.pipeline.spark.source_search import FoundSources

LISTED = 100_000
"""The number of diagnostics that a report lists, the first in order; all are counted."""


class ReadingAccount(msgspec.Struct, frozen=True, array_like=True):
    """Sums, the first diagnostics and the number of each code, and records of topics.

    `sources` are the names of files with records, `others` those of the other files that were read.
    """

    totals: Totals
    diagnostics: list[Diagnostic]
    by_code: dict[str, int]
    topics: list[TopicMention] = []
    sources: list[str] = []
    others: list[str] = []


read_account = msgspec.msgpack.Decoder(ReadingAccount).decode


def total_account(accounts: Any, found: FoundSources) -> ReadingAccount:
    """Return the sum of the accounts, with the faults of the sources; names of files stay where they are.

    A file that was listed and that no reader returned could not be read.
    """
    account = summed(accounts.map(_without_names), _added, ReadingAccount(Totals(), [], {}))
    missing: frozenset[str] = frozenset()
    if account.totals.counts.get("listed", 0) < len(found.names):
        missing = found.names.difference(accounts.flatMap(_file_names).toLocalIterator())
    others = Totals()
    faults = [*found.diagnostics, *map(unread_file, missing)]
    for fault in faults[len(found.diagnostics) :]:
        others.add(unreadable_outcome(fault))
    return _added(account, ReadingAccount(others, faults, dict(Counter(fault.code for fault in faults))))


def _without_names(packed: bytes) -> bytes:
    return encoded(replace(read_account(packed), sources=[], others=[]))


def _file_names(packed: bytes) -> list[str]:
    account = read_account(packed)
    return [*account.sources, *account.others]


def source_names(packed: bytes) -> list[str]:
    """Return the names of files with records."""
    return read_account(packed).sources


def _added(one: ReadingAccount, other: ReadingAccount) -> ReadingAccount:
    totals = Totals()
    totals.update(one.totals)
    totals.update(other.totals)
    faults = sorted([*one.diagnostics, *other.diagnostics])[:LISTED]
    return ReadingAccount(
        totals, faults, dict(Counter(one.by_code) + Counter(other.by_code)), [*one.topics, *other.topics]
    )


def file_count(found: FoundSources, account: ReadingAccount) -> int:
    """Return the number of files, those in archives among them."""
    return found.files + account.totals.counts.get("found", 0)
