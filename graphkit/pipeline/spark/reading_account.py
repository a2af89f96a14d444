"""The reading account: what the tasks that read contents report besides mentions."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.structs import replace

from graphkit.diagnostics.diagnostic import Diagnostic
from graphkit.diagnostics.found_diagnostics import first_of_each_source
from graphkit.merge.extraction import Totals, unreadable_outcome
from graphkit.merge.mentions import TopicMention
from graphkit.pipeline.spark.file_contents import unread_file
from graphkit.pipeline.spark.packed_sums import encoded, summed
from graphkit.pipeline.spark.source_search import FoundSources


class ReadingAccount(msgspec.Struct, frozen=True, array_like=True):
    """Sums, the first diagnostics of each file, and records of topics.

    `sources` are the names of files with records, `others` those of the other files that were read.
    """

    totals: Totals
    diagnostics: list[Diagnostic]
    topics: list[TopicMention] = []
    sources: list[str] = []
    others: list[str] = []


read_account = msgspec.msgpack.Decoder(ReadingAccount).decode


def total_account(accounts: Any, found: FoundSources) -> ReadingAccount:
    """Return the sum of the accounts, with the faults of the sources; names of files stay where they are.

    A file that was listed and that no reader returned could not be read.
    """
    account = summed(accounts.map(_without_names), _added, ReadingAccount(Totals(), []))
    missing: frozenset[str] = frozenset()
    if account.totals.counts.get("listed", 0) < len(found.names):
        missing = found.names.difference(accounts.flatMap(_file_names).toLocalIterator())
    others = Totals()
    faults = [*found.diagnostics, *map(unread_file, missing)]
    for fault in faults[len(found.diagnostics) :]:
        others.add(unreadable_outcome(fault))
    return _added(account, ReadingAccount(others, faults))


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
    faults = first_of_each_source([*one.diagnostics, *other.diagnostics])
    return ReadingAccount(totals, faults, [*one.topics, *other.topics])


def file_count(found: FoundSources, account: ReadingAccount) -> int:
    """Return the number of files, those in archives among them."""
    return found.files + account.totals.counts.get("found", 0)
