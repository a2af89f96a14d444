"""Extraction: from the content of one file to its mentions, with counts for the report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from graphkit.diagnostics.diagnostic import Diagnostic
from graphkit.diagnostics.found_diagnostics import first_of_each_source
from graphkit.formats import parsing
from graphkit.identity.identity_rules import IdentityRules
from graphkit.merge.mentions import Mention, TopicMention, mentions_of
from graphkit.records.entry import Entry, ProviderEntry, TopicEntry

UNPUBLISHED = frozenset({"draft", "removed"})
"""The statuses that `published_only` leaves out."""


class ReadingOutcome(msgspec.Struct, frozen=True, array_like=True):
    """What reading one file gave besides mentions: numbers of records, oddities by name, and diagnostics.

    `own` and `related` are the records and the related entries that are mentions now. `by_code` counts the diagnostics,
    of which only the first are there.
    """

    own: int = 0
    related: int = 0
    unreadable: int = 0
    rejected: int = 0
    rejected_related: int = 0
    left_out: int = 0
    notes: dict[str, int] = {}
    by_code: dict[str, int] = {}
    diagnostics: tuple[Diagnostic, ...] = ()


class Totals(msgspec.Struct, array_like=True):
    """The sums of many outcomes: numbers by the names that `ReadingOutcome` has for them, notes, and codes."""

    counts: dict[str, int] = {}
    notes: dict[str, int] = {}
    by_code: dict[str, int] = {}

    def add(self, outcome: ReadingOutcome, sign: int = 1) -> None:
        """Add, or with −1 take away, what one file gave."""
        for name in _NUMBERS:
            number = getattr(outcome, name)
            if number:
                self.counts[name] = self.counts.get(name, 0) + sign * number
        for mine, theirs in ((self.notes, outcome.notes), (self.by_code, outcome.by_code)):
            for name, number in theirs.items():
                mine[name] = mine.get(name, 0) + sign * number

    def update(self, other: Totals) -> None:
        """Add other sums."""
        for mine, theirs in (
            (self.counts, other.counts),
            (self.notes, other.notes),
            (self.by_code, other.by_code),
        ):
            for name, number in theirs.items():
                mine[name] = mine.get(name, 0) + number


_NUMBERS = ("own", "related", "unreadable", "rejected", "rejected_related", "left_out")


class ExtractedContent(NamedTuple):
    """What a file holds: the mentions of each record, each parent before what it lists, and records of topics."""

    outcome: ReadingOutcome
    mentions: list[list[Mention]]
    topics: list[TopicMention]


def combined(outcomes: Iterable[ReadingOutcome]) -> ReadingOutcome:
    """Return the outcome of all portions of one file."""
    totals = Totals()
    diagnostics: list[Diagnostic] = []
    for outcome in outcomes:
        totals.add(outcome)
        diagnostics += outcome.diagnostics
    first = tuple(first_of_each_source(diagnostics))
    return ReadingOutcome(**totals.counts, notes=totals.notes, by_code=totals.by_code, diagnostics=first)


def unreadable_outcome(diagnostic: Diagnostic) -> ReadingOutcome:
    """Return the outcome of a file that cannot be read."""
    return ReadingOutcome(unreadable=1, rejected=1, by_code={diagnostic.code: 1}, diagnostics=(diagnostic,))


def read_content(
    data: bytes,
    name: str,
    format: str,
    *,
    published_only: bool = False,
    lines_before: int | None = None,
    rules: IdentityRules | None = None,
) -> ExtractedContent:
    """Decode the content of the file `name`; `format` is the `InputFormat` that its name gave, or ``any``.

    With `published_only`, records that say they are not published, or removed, are left out. A portion of a file of
    JSON Lines comes with the number of lines before it. `rules` are those of identity.toml.
    """
    reading = parsing.read(data, format, name, lines_before=lines_before)
    mentions: list[list[Mention]] = []
    topics: list[TopicMention] = []
    notes: dict[str, int] = {}
    left_out = related = 0
    rejected = reading.omitted
    for pointer, record in reading.records:
        if record is None:
            rejected += 1
        elif isinstance(record, TopicEntry | ProviderEntry):
            topics.append(TopicMention(name, pointer, record))
            _count(record.notes, notes)
        elif published_only and record.status in UNPUBLISHED:
            left_out += 1
        else:
            found = mentions_of(record, name, pointer, rules)
            if published_only:
                found = list(_published(found))
            mentions.append(found)
            related += len(found) - 1
            _count_notes(record, notes)
    outcome = ReadingOutcome(
        own=len(mentions),
        related=related,
        rejected=rejected,
        # Each related entry that is lost, also with its whole record, has a diagnostic of its own.
        rejected_related=reading.rejected_related,
        left_out=left_out,
        notes=notes,
        by_code=reading.by_code,
        diagnostics=reading.diagnostics,
    )
    return ExtractedContent(outcome, mentions, topics)


def _published(mentions: Iterable[Mention]) -> Iterator[Mention]:
    """Yield the mentions that are not marked unpublished or removed, nor listed by one that is."""
    left_out: tuple[str, ...] = ()
    for mention in mentions:
        if mention.facts.status in UNPUBLISHED:
            left_out = (*left_out, f"{mention.pointer}/")
        elif not (left_out and mention.pointer.startswith(left_out)):
            yield mention


def _count_notes(entry: Entry, notes: dict[str, int]) -> None:
    if entry.notes:
        _count(entry.notes, notes)
    for related in entry.related:
        if related is not None and (related.notes or related.related):
            _count_notes(related, notes)


def _count(found: tuple[str, ...], notes: dict[str, int]) -> None:
    for note in found:
        notes[note] = notes.get(note, 0) + 1
