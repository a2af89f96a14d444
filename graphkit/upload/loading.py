"""Loading: a file sent to a graph of a store, part by part, gone on with where it was broken off, and compared."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from enum import Enum
from typing import NamedTuple

import msgspec

from graphkit.diagnostics.quoting import quoted, visible
from graphkit.errors import StoreError, UsageError
from graphkit.upload.graphs import TYPES, Graph
from graphkit.upload.http_client import StoreRefusal
from graphkit.upload.journal import Journal, JournalEntry, journal
from graphkit.upload.kinds import NOWHERE
from graphkit.upload.parts import Part, Source, halves, parts, triples_of
from graphkit.upload.survey import Survey, survey
from graphkit.upload.verification import TOLD, Comparison, compare, search

Progress = Callable[[str, int, int], None]
"""Called with what is done, and the bytes of it that are done and all of them."""


REST = 5.0
"""Seconds between two looks at a graph where a request that got no answer may still be carried out."""

_ROUNDS = 4


class Mode(Enum):
    """What is to become of what the graph holds already."""

    FILL = "fill"
    REPLACE = "replace"
    APPEND = "append"


class Loaded(NamedTuple):
    """What was done.

    `sent` triples went over in `parts`; `resumed` of all stood there from a run before. `already` tells that nothing
    had to be sent, `losses` how often the store was lost on the way, `again` that all was sent a second time.
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
    source: Source,
    graph: Graph,
    *,
    mode: Mode = Mode.FILL,
    at_once: bool = False,
    progress: Progress | None = None,
    rest: float = REST,
) -> Loaded:
    """Send a file to a graph, and compare what is there then.

    A graph that holds something is left alone by `FILL`, unless it holds just this. `at_once` sends the file in one
    request: what a reader sees is then the old or the new, where the store can do that. `rest` are the seconds between
    two looks where a request that got no answer may still be carried out. Raises `UsageError` for a file
    that cannot be read, before anything is sent, and `StoreError` for all that fails later.
    """
    size = graph.store.kind.part
    found = survey(source, size, _telling(progress, "Reading", source.path.stat().st_size))
    if not found.triples:
        raise UsageError(f"{source.path}: expected RDF, got a file that says nothing")
    at_once = at_once or found.blank
    if at_once:
        _check_whole(source, graph, blank=found.blank)
    kept = journal(source.path, graph.store.base, graph.iri)
    broken_off = kept.exists
    entry = None if at_once and mode is not Mode.APPEND else _resumed(kept, graph, mode, found)
    before = graph.count() if entry is None else entry.before
    if entry is None and mode is Mode.FILL and before:
        return _already(graph, found, before, kept)
    held = before if mode is Mode.APPEND else 0
    if entry is None:
        entry = JournalEntry(end=0, digest=found.digest, triples=0, before=before, mode=mode.value)
        kept.write(entry)
    elif at_once:
        _check_not_there(source, graph, found, kept, before)
    sender = _Sender(source, graph, mode, found, kept, entry, progress)
    if at_once:
        sender.send_whole()
    else:
        sender.send(entry, clear=mode is Mode.REPLACE and entry.end == 0 and before > 0)
    told = compare(graph, found, before=held, exact=not held)
    again = False
    if (broken_off or graph.connection.losses) and not (found.blank and mode is Mode.APPEND):
        told, again = _settled(sender, graph, found, told, held, at_once=at_once, rest=rest)
    kept.close()
    if not told.equal:
        raise StoreError(_loss(graph, source, found, told))
    return Loaded(found.triples, sender.sent, sender.parts, entry.triples, False, graph.connection.losses, again, told)


def _settled(
    sender: _Sender, graph: Graph, found: Survey, told: Comparison, held: int, *, at_once: bool, rest: float
) -> tuple[Comparison, bool]:
    """Look again at a graph that an earlier request may still change, and send all again where it has.

    What was under way when the store or we went away may be lost, or be carried out late: a part of an older file is
    too much then, and a request that clears the graph takes away what was added since. Returns the last comparison,
    and whether anything was sent.
    """
    again = False
    for _ in range(_ROUNDS):
        if told.equal:
            time.sleep(rest)
            if graph.count() == told.there:
                break
        else:
            again = True
            if at_once:
                sender.send_whole()
            else:
                # Clearing is avoided where adding is enough: that could be late too.
                sender.send(None, clear=sender.replaces and (told.there > told.most or bool(told.extra)))
        last, told = told, compare(graph, found, before=held, exact=not held)
        if told == last:
            break
    return told, again


def _telling(progress: Progress | None, what: str, total: int) -> Callable[[int], None] | None:
    return None if progress is None else lambda done: progress(what, min(done, total), total)


def _check_whole(source: Source, graph: Graph, *, blank: bool) -> None:
    """Raise `UsageError` where a file cannot go in one request."""
    why = "it has blank nodes, which lose each other in parts" if blank else "--at-once"
    if graph.store.kind.graphs == NOWHERE:
        raise UsageError(f"{source.path}: expected a store that takes a whole file ({why}), got {graph.store.shown}")
    if source.syntax not in TYPES:
        raise UsageError(f"{source.path}: expected a file of {', '.join(TYPES)} to send as a whole ({why})")
    if source.packed and not graph.store.kind.gzip:
        raise UsageError(
            f"{source.path}: expected a file that is not packed ({why}), as {graph.store.kind.title} takes no gzip"
        )


def _resumed(kept: Journal, graph: Graph, mode: Mode, found: Survey) -> JournalEntry | None:
    """Return where to go on, if this file was being sent in this way, and the store still has as much as that."""
    entry = kept.read()
    if entry is None or (entry.digest, entry.mode) != (found.digest, mode.value):
        return None
    if mode is Mode.REPLACE and not entry.end:
        return entry
    least = max(entry.triples, entry.before if mode is Mode.APPEND else 0)
    there = graph.count()
    return entry if least <= there and (mode is not Mode.FILL or there <= found.triples) else None


def _check_not_there(source: Source, graph: Graph, found: Survey, kept: Journal, before: int) -> None:
    """Raise `UsageError` where a file with blank nodes may have been appended by a run that was broken off."""
    there = graph.count()
    if found.blank and there != before:
        raise UsageError(
            f"{source.path}: expected {graph.shown} as a run before found it, with {before:,} triples, got {there:,}: "
            "that run was broken off, what it sent may be there, and blank nodes added twice are others; "
            f"say --replace, or remove {kept.path} to add them all the same"
        )


def _already(graph: Graph, found: Survey, before: int, kept: Journal) -> Loaded:
    """Tell that the graph holds just this. Raises `UsageError` where it holds something else."""
    if before == found.triples:
        told = compare(graph, found, before=0, exact=True)
        if told.equal:
            kept.close()
            return Loaded(found.triples, 0, 0, 0, True, graph.connection.losses, False, told)
    raise UsageError(
        f"{graph.store.shown}: expected {graph.shown} to be empty, got {before:,} triples of something else: "
        "say --replace or --append"
    )


class _Sender:
    """Sends a file; it knows how far it has come."""

    def __init__(
        self,
        source: Source,
        graph: Graph,
        mode: Mode,
        found: Survey,
        kept: Journal,
        entry: JournalEntry,
        progress: Progress | None,
    ) -> None:
        self.sent = self.parts = 0
        self._source, self._graph, self._mode, self._found = source, graph, mode, found
        self._kept, self._entry = kept, entry
        self._done = 0
        self._tell = _telling(progress, "Sending", found.content)

    @property
    def replaces(self) -> bool:
        """Tell whether what is there may be taken away."""
        return self._mode is Mode.REPLACE

    def send(self, start: JournalEntry | None, *, clear: bool) -> None:
        """Send all parts behind `start`; with `clear` the first one takes the place of what is there.

        A part that is added late does no harm, as it says nothing else. One that clears the graph would, so an empty
        graph is not cleared.
        """
        first = clear
        self._done = start.triples if start else 0
        try:
            for part in parts(self._source, self._graph.store.kind.part, as_is=self._found.as_is):
                if start is not None and part.end <= start.end:
                    continue
                number = sum(1 for _ in triples_of(part))
                if number or first:
                    for piece in self._put(part, replace=first):
                        self.parts += piece
                first = False
                self.sent += number
                self._done += number
                self._kept.write(msgspec.structs.replace(self._entry, end=part.end, triples=self._done))
                if self._tell is not None:
                    self._tell(part.end)
        except StoreRefusal as error:
            raise StoreError(f"{error}; {self._state(_nothing(error))}") from error
        except StoreError as error:
            raise StoreError(f"{error}; {self._state(_UNKNOWN)}") from error

    def _put(self, part: Part, *, replace: bool) -> Iterator[int]:
        """Send a part; where it is too large for the store, as two."""
        try:
            (self._graph.replace if replace else self._graph.add)(part.text, part.syntax)
        except StoreRefusal as error:
            two = halves(part) if error.status == 413 else None
            if two is None:
                raise StoreRefusal(
                    f"{error}; that was for the part that begins with {_beginning(part)}", error.status
                ) from error
            yield from self._put(two[0], replace=replace)
            yield from self._put(two[1], replace=False)
        else:
            yield 1

    def send_whole(self) -> None:
        """Send the file as it stands."""
        path, syntax, packed = self._source
        try:
            if self._mode is Mode.APPEND:
                self._graph.add(path, syntax, packed=packed, once=self._found.blank)
            else:
                self._graph.replace(path, syntax, packed=packed)
        except StoreRefusal as error:
            raise StoreError(f"{error}; {_nothing(error)}") from error
        except StoreError as error:
            raise StoreError(f"{error}; {_UNKNOWN}") from error
        self.sent, self.parts = self._found.triples, 1

    def _state(self, nothing: str) -> str:
        if not self._done:
            return nothing
        return (
            f"{self._done:,} of {self._found.triples:,} triples are loaded, the others are not: "
            "the same command goes on from there"
        )


_UNKNOWN = "whether anything is loaded is not known"
_BEHIND = (502, 504)
"""What a proxy answers that has heard nothing from the store."""


def _nothing(error: StoreRefusal) -> str:
    """Say what is there where the first request was refused."""
    return _UNKNOWN if error.status in _BEHIND else "nothing is loaded"


def _beginning(part: Part) -> str:
    """Return the subject of the first statement."""
    first = part.body.lstrip()[:2_000].decode("utf-8", "replace").split(maxsplit=1)
    return quoted(visible(first[0]), limit=80) if first else "nothing"


def _loss(graph: Graph, source: Source, found: Survey, told: Comparison) -> str:
    """Say what a store has lost or changed, and name some of it."""
    differences = told.differences
    if len(differences) < TOLD and told.there < told.least:
        more = search(graph, source, graph.store.kind.part, as_is=found.as_is)
        differences = tuple(dict.fromkeys([*differences, *more]))
    lines = [f"{graph.store.shown}: {told.told()}"]
    lines += [f"  {one}" for one in differences[:TOLD]]
    lines += [f"  {one} was not given" for one in told.extra[: TOLD - len(differences)]]
    return "\n".join(lines)
