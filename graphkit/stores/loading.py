"""Loading: a file sent to a graph of a store, part by part, gone on with where it was broken off, and compared."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import Enum
from typing import NamedTuple

from graphkit.errors import StoreError, UsageError, quoted, visible
from graphkit.stores.connection import Refusal
from graphkit.stores.graphs import TYPES, Graph
from graphkit.stores.journal import Entry, Journal, journal
from graphkit.stores.kinds import NOWHERE
from graphkit.stores.parts import Part, Source, halves, parts, triples_of
from graphkit.stores.survey import Survey, survey
from graphkit.stores.verification import TOLD, Comparison, compare, search

Progress = Callable[[str, int, int], None]
"""Called with what is done, and the bytes of it that are done and all of them."""


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
) -> Loaded:
    """Send a file to a graph, and compare what is there then.

    A graph that holds something is left alone by `FILL`, unless it holds just this. `at_once` sends the file in one
    request: what a reader sees is then the old or the new, where the store can do that. Raises `UsageError` for a file
    that cannot be read, before anything is sent, and `StoreError` for all that fails later.
    """
    size = graph.store.kind.part
    found = survey(source, size, _telling(progress, "Reading", source.path.stat().st_size))
    if not found.triples:
        raise UsageError(f"{source.path}: expected RDF, got a file that says nothing")
    at_once = at_once or found.blank
    if at_once:
        _check_whole(source, graph, blank=found.blank)
    kept = journal(source.path, graph.store.base, graph.iri, mode.value)
    entry = None if at_once else _resumed(kept, source, graph, found)
    before = graph.count() if entry is None else entry.before
    if entry is None and mode is Mode.FILL and before:
        return _already(graph, found, before)
    sender = _Sender(source, graph, mode, found, kept, before, progress)
    if at_once:
        sender.send_whole()
    else:
        sender.send(entry)
    held = before if mode is Mode.APPEND else 0
    exact = not held
    told = compare(graph, found, before=held, exact=exact)
    again = False
    if not told.equal and not at_once and (entry is not None or graph.connection.losses):
        # What was under way when the store or we went away may be lost, or somebody else has written there since.
        again = True
        sender.send(None)
        told = compare(graph, found, before=held, exact=exact)
    kept.close()
    if not told.equal:
        raise StoreError(_loss(graph, source, found, told))
    resumed = entry.triples if entry else 0
    return Loaded(found.triples, sender.sent, sender.parts, resumed, False, graph.connection.losses, again, told)


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


def _resumed(kept: Journal, source: Source, graph: Graph, found: Survey) -> Entry | None:
    """Return where to go on, if the file begins as what was sent, and the store still has as much as that."""
    entry = kept.read()
    if entry is None or not 0 < entry.end <= found.content:
        return None
    for part in parts(source, graph.store.kind.part, as_is=found.as_is):
        if part.end >= entry.end:
            same = part.end == entry.end and part.digest == entry.digest
            return entry if same and graph.count() >= min(entry.triples, found.triples) else None
    return None


def _already(graph: Graph, found: Survey, before: int) -> Loaded:
    """Tell that the graph holds just this. Raises `UsageError` where it holds something else."""
    if before == found.triples:
        told = compare(graph, found, before=0, exact=True)
        if told.equal:
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
        before: int,
        progress: Progress | None,
    ) -> None:
        self.sent = self.parts = 0
        self._source, self._graph, self._mode, self._found = source, graph, mode, found
        self._kept, self._before = kept, before
        self._done = 0
        self._tell = _telling(progress, "Sending", found.content)

    def send(self, start: Entry | None) -> None:
        """Send all parts behind `start`; without it the first one takes the place of what is there, or not."""
        first = start is None and self._mode is Mode.REPLACE
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
                self._kept.write(Entry(end=part.end, digest=part.digest, triples=self._done, before=self._before))
                if self._tell is not None:
                    self._tell(part.end)
        except Refusal as error:
            raise StoreError(f"{error}; {self._state('nothing is loaded')}") from error
        except StoreError as error:
            raise StoreError(f"{error}; {self._state('whether anything is loaded is not known')}") from error

    def _put(self, part: Part, *, replace: bool) -> Iterator[int]:
        """Send a part; where it is too large for the store, as two."""
        try:
            (self._graph.replace if replace else self._graph.add)(part.text, part.syntax)
        except Refusal as error:
            two = halves(part) if error.status == 413 else None
            if two is None:
                raise Refusal(
                    f"{error}; that was for the part that begins with {_beginning(part)}", error.status
                ) from error
            yield from self._put(two[0], replace=replace)
            yield from self._put(two[1], replace=False)
        else:
            yield 1

    def send_whole(self) -> None:
        """Send the file as it stands."""
        write = self._graph.add if self._mode is Mode.APPEND else self._graph.replace
        try:
            write(self._source.path, self._source.syntax, packed=self._source.packed)
        except Refusal as error:
            raise StoreError(f"{error}; nothing is loaded") from error
        except StoreError as error:
            raise StoreError(f"{error}; whether anything is loaded is not known") from error
        self.sent, self.parts = self._found.triples, 1

    def _state(self, nothing: str) -> str:
        if not self._done:
            return nothing
        return (
            f"{self._done:,} of {self._found.triples:,} triples are loaded, the others are not: "
            "the same command goes on from there"
        )


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
