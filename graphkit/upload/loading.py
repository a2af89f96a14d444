"""Loading a file into a graph of a store: profiled, sent, resumed after an interruption, and verified."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import NamedTuple

from graphkit.errors import StoreError, UsageError
from graphkit.upload.journal import Journal, JournalEntry, UploadMode, journal_of
from graphkit.upload.parts import UploadSource
from graphkit.upload.sender import Sender
from graphkit.upload.source_profile import SourceProfile, profile_of
from graphkit.upload.store_graph import MEDIA_TYPES, StoreGraph
from graphkit.upload.verification import MAX_REPORTED, Comparison, compare, search

Progress = Callable[[str, int, int], None]
"""Called with the name of a stage, the bytes of it that are done, and all of them."""

SETTLING_TIME = 5.0
"""The seconds between two looks at a graph where a request without an answer may still be carried out."""

_ROUNDS = 4


class UploadResult(NamedTuple):
    """What was done.

    `sent` triples were sent in `parts`; `resumed` of all `triples` were there from an earlier run. `already` says that
    nothing had to be sent, `losses` how often the store was lost, `again` that everything was sent a second time.
    """

    triples: int
    sent: int
    parts: int
    resumed: int
    already: bool
    losses: int
    again: bool
    comparison: Comparison


def upload(
    source: UploadSource,
    graph: StoreGraph,
    *,
    mode: UploadMode = UploadMode.FILL,
    at_once: bool = False,
    progress: Progress | None = None,
    settling_time: float = SETTLING_TIME,
) -> UploadResult:
    """Send a file to a graph, and verify what the graph holds then.

    `FILL` leaves a graph alone that holds anything but just this file. `at_once` sends the file in one request: readers
    see the old or the new content, if the store can do that. `settling_time` is the time between two looks where a
    request without an answer may still be carried out. Raises `UsageError` for a file that cannot be read, before
    anything is sent, and `StoreError` for every later failure.
    """
    with graph.connection.without_password():
        return _uploaded(source, graph, mode, progress, settling_time, at_once=at_once)


def _uploaded(
    source: UploadSource,
    graph: StoreGraph,
    mode: UploadMode,
    progress: Progress | None,
    settling_time: float,
    *,
    at_once: bool,
) -> UploadResult:
    stage = stage_of(progress, "Reading", source.path.stat().st_size)
    profile = profile_of(source, graph.store.kind.part_size, stage)
    if not profile.triples:
        raise UsageError(f"{source.path}: expected RDF, got a file that says nothing")
    at_once = at_once or profile.blank
    if at_once:
        _check_sendable_whole(source, graph, blank=profile.blank)
    journal = journal_of(source.path, graph.store.base, graph.iri)
    interrupted = journal.path.exists()
    entry = None if at_once and mode is not UploadMode.APPEND else _entry_to_resume(journal, graph, mode, profile)
    before = graph.count() if entry is None else entry.before
    if entry is None and mode is UploadMode.FILL and before:
        return _loaded_already(graph, profile, before, journal)
    kept = before if mode is UploadMode.APPEND else 0
    if entry is None:
        entry = JournalEntry(end=0, digest=profile.digest, triples=0, before=before, mode=mode)
        journal.write(entry)
    elif profile.blank and (there := graph.count()) != before:
        raise UsageError(
            f"{source.path}: expected {graph.label} as a run before found it, with {before:,} triples, got {there:,}: "
            "that run was broken off, what it sent may be there, and blank nodes added twice are others; "
            f"say --replace, or remove {journal.path} to add them all the same"
        )
    stage = stage_of(progress, "Sending", profile.content)
    sender = Sender(source, graph, profile, journal, entry, stage, at_once=at_once)
    sender.send(entry, clear=mode is UploadMode.REPLACE and entry.end == 0 and before > 0)
    compared = compare(graph, profile, before=kept)
    again = False
    if (interrupted or graph.connection.losses) and not (profile.blank and mode is UploadMode.APPEND):
        compared, again = _settled(sender, graph, profile, compared, kept, settling_time)
    journal.close()
    if not compared.equal:
        raise StoreError(_loss(graph, source, profile, compared))
    losses = graph.connection.losses
    return UploadResult(profile.triples, sender.sent, sender.parts, entry.triples, False, losses, again, compared)


def _settled(
    sender: Sender, graph: StoreGraph, profile: SourceProfile, compared: Comparison, kept: int, settling_time: float
) -> tuple[Comparison, bool]:
    """Look again at a graph that an earlier request may still change, and send everything again if it has.

    A request that was under way when the store or we went away may be lost, or be carried out late: a part of an older
    file then leaves triples too many, and one that clears the graph removes what was added since. Returns the last
    comparison, and whether anything was sent.
    """
    again = False
    for _ in range(_ROUNDS):
        if compared.equal:
            time.sleep(settling_time)
            if graph.count() == compared.there:
                break
        else:
            again = True
            # A request that clears could be late too, so the graph is cleared only where adding is not enough.
            too_many = compared.there > compared.most or bool(compared.extra)
            sender.send(None, clear=sender.replaces and too_many)
        last, compared = compared, compare(graph, profile, before=kept)
        if compared == last:
            break
    return compared, again


def stage_of(progress: Progress | None, name: str, total: int) -> Callable[[int], None]:
    """Return a function that reports how many of the `total` bytes of a stage are done."""
    return lambda done: progress(name, min(done, total), total) if progress else None


def _check_sendable_whole(source: UploadSource, graph: StoreGraph, *, blank: bool) -> None:
    """Raise `UsageError` where a file cannot be sent in one request."""
    why = "it has blank nodes, which lose each other in parts" if blank else "--at-once"
    if graph.store.kind.graph_store is None:
        raise UsageError(f"{source.path}: expected a store that takes a whole file ({why}), got {graph.store.label}")
    if source.syntax not in MEDIA_TYPES:
        raise UsageError(f"{source.path}: expected a file of {', '.join(MEDIA_TYPES)} to send as a whole ({why})")
    if source.packed and not graph.store.kind.takes_gzip:
        raise UsageError(
            f"{source.path}: expected a file that is not packed ({why}), as {graph.store.kind.title} takes no gzip"
        )


def _entry_to_resume(
    journal: Journal, graph: StoreGraph, mode: UploadMode, profile: SourceProfile
) -> JournalEntry | None:
    """Return where to resume, if this file was being sent in this mode and the store still holds that much."""
    entry = journal.read()
    if entry is None or (entry.digest, entry.mode) != (profile.digest, mode):
        return None
    if mode is UploadMode.REPLACE and not entry.end:
        return entry
    least = max(entry.triples, entry.before if mode is UploadMode.APPEND else 0)
    there = graph.count()
    return entry if least <= there and (mode is not UploadMode.FILL or there <= profile.triples) else None


def _loaded_already(graph: StoreGraph, profile: SourceProfile, before: int, journal: Journal) -> UploadResult:
    """Return that the graph holds just this file. Raises `UsageError` where it holds something else."""
    if before == profile.triples:
        compared = compare(graph, profile, before=0)
        if compared.equal:
            journal.close()
            return UploadResult(profile.triples, 0, 0, 0, True, graph.connection.losses, False, compared)
    raise UsageError(
        f"{graph.store.label}: expected {graph.label} to be empty, got {before:,} triples of something else: "
        "say --replace or --append"
    )


def _loss(graph: StoreGraph, source: UploadSource, profile: SourceProfile, compared: Comparison) -> str:
    """Return what a store has lost or changed, with examples."""
    differences = compared.differences
    if len(differences) < MAX_REPORTED and compared.there < compared.least:
        more = search(graph, source, graph.store.kind.part_size, as_is=profile.as_is)
        differences = tuple(dict.fromkeys([*differences, *more]))
    lines = [f"{graph.store.label}: {compared.summary()}"]
    lines += [f"  {one}" for one in differences[:MAX_REPORTED]]
    lines += [f"  {one} was not given" for one in compared.extra[: MAX_REPORTED - len(differences)]]
    return "\n".join(lines)
