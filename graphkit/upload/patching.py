"""Patching a graph: the operations of a `coverage.patch.rq`, one a request, and their verification."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import msgspec
import pyoxigraph as ox

from graphkit.errors import StoreError, UsageError
from graphkit.upload.journal import Journal, JournalEntry, journal_of
from graphkit.upload.loading import Progress, stage_of
from graphkit.upload.patch_operations import operations, unexpected_patch
from graphkit.upload.store_graph import StoreGraph
from graphkit.upload.triple_samples import SubjectSample
from graphkit.upload.verification import MAX_REPORTED, missing, present


class PatchResult(NamedTuple):
    """What was done: triples removed and added, and those there now; `already` says that nothing had to be done."""

    removed: int
    added: int
    there: int
    already: bool


def apply_patch(path: Path, graph: StoreGraph, *, progress: Progress | None = None) -> PatchResult:
    """Apply a patch, and verify that the added triples are there and the removed ones are not.

    The graph is `graph`, or that of the patch if `graph` is the default graph. Raises `UsageError` for a file that is
    not a patch, before anything is sent, and `StoreError` for every later failure.
    """
    with graph.connection.without_password():
        return _applied(path, graph, progress)


def _applied(path: Path, graph: StoreGraph, progress: Progress | None) -> PatchResult:
    total = {True: 0, False: 0}
    samples = {True: SubjectSample(), False: SubjectSample()}
    place, content, digest = graph.iri, 0, ""
    for operation in operations(path):
        if operation.graph and place and operation.graph != place:
            raise UsageError(f"{path}: expected a patch of {place}, got one of {operation.graph}")
        place = place or operation.graph
        content, digest = operation.end, operation.digest
        total[operation.adds] += operation.number
        try:
            for quad in ox.parse(operation.body, ox.RdfFormat.N_TRIPLES):
                samples[operation.adds].add(str(quad.subject), quad.triple)
        except SyntaxError as error:
            raise unexpected_patch(path, str(error)) from error
    graph = StoreGraph(graph.store, place, graph.connection, graph.gzip)
    journal = journal_of(path, graph.store.base, place, "patch")
    entry = journal.read()
    resumed = entry is not None and entry.digest == digest
    if entry is None or not resumed:
        entry = JournalEntry(end=0, digest=digest, triples=0, before=graph.count(), mode="patch")
        journal.write(entry)
    changes, stage = sum(total.values()), stage_of(progress, "Sending", content)
    _send(path, graph, journal, entry, changes, stage)
    try:
        done = _checked(graph, total, samples, entry.before)
    except StoreError:
        if not resumed and not graph.connection.losses:
            raise
        # Changes that were under way when the store or we went away may be lost; making all of them twice does no harm.
        _send(path, graph, journal, msgspec.structs.replace(entry, end=0, triples=0), changes, stage)
        done = _checked(graph, total, samples, entry.before)
    finally:
        journal.close()
    return done


def _send(
    path: Path, graph: StoreGraph, journal: Journal, entry: JournalEntry, changes: int, stage: Callable[[int], None]
) -> None:
    """Make all changes after `entry`."""
    done = entry.triples
    try:
        for operation in operations(path):
            if operation.end <= entry.end:
                continue
            if operation.number:
                graph.update(operation.text(graph.iri))
            done += operation.number
            journal.write(msgspec.structs.replace(entry, end=operation.end, triples=done))
            stage(operation.end)
    except StoreError as error:
        raise StoreError(
            f"{error}; {done:,} of {changes:,} changes are made: the same command goes on from there"
        ) from error


def _checked(graph: StoreGraph, total: dict[bool, int], samples: dict[bool, SubjectSample], before: int) -> PatchResult:
    there = graph.count()
    wanted, unwanted = (
        [triple for triples in samples[adds].found().values() for triple in triples] for adds in (True, False)
    )
    lost = list(missing(graph, wanted))
    left = present(graph, unwanted)
    after = before - total[False] + total[True]
    if there not in (after, before) or lost or left:
        lines = [
            f"{graph.store.label}: expected {after:,} triples after the patch, got {there:,} (there were {before:,})"
        ]
        if not lost and not left:
            lines[0] += ": the graph was not the one that the patch is for; --replace loads the whole export"
        lines += [f"  {one}" for one in lost[:MAX_REPORTED]]
        lines += [f"  {one} is still there" for one in left[: MAX_REPORTED - len(lost)]]
        raise StoreError("\n".join(lines))
    return PatchResult(total[False], total[True], there, there == before != after)
