"""The sender of an upload: a file in parts, or whole, to one graph."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec

from graphkit.diagnostics.quoting import quoted, visible
from graphkit.errors import StoreError
from graphkit.upload.http_reply import StoreRefusal
from graphkit.upload.journal import Journal, JournalEntry, UploadMode
from graphkit.upload.parts import Part, UploadSource, halves, parts, triples_of
from graphkit.upload.source_profile import SourceProfile
from graphkit.upload.store_graph import StoreGraph

_FROM_PROXY = (502, 504)
"""The answers of a proxy that has heard nothing from the store."""


class Sender:
    """Sends a file, and keeps its journal: `sent` triples in `parts` so far."""

    def __init__(
        self,
        source: UploadSource,
        graph: StoreGraph,
        profile: SourceProfile,
        journal: Journal,
        entry: JournalEntry,
        progress: Callable[[int], None],
        *,
        at_once: bool,
    ) -> None:
        self.sent = self.parts = 0
        self._source, self._graph, self._profile = source, graph, profile
        self._journal, self._entry, self._progress, self._at_once = journal, entry, progress, at_once
        self._loaded = 0

    @property
    def replaces(self) -> bool:
        """Return whether the content of the graph may be removed."""
        return self._entry.mode == UploadMode.REPLACE

    def send(self, start: JournalEntry | None, *, clear: bool) -> None:
        """Send all parts after `start`, or the whole file `at_once`; with `clear` the first part replaces the content.

        A part that the store adds late does no harm, as it has no other triples. One that clears the graph would, so an
        empty graph is not cleared. Raises `StoreError`.
        """
        if self._at_once:
            self._send_whole()
            return
        first = clear
        self._loaded = start.triples if start else 0
        with self._state_in_errors():
            for part in parts(self._source, self._graph.store.kind.part_size, as_is=self._profile.as_is):
                if start is not None and part.end <= start.end:
                    continue
                number = sum(1 for _ in triples_of(part))
                if number or first:
                    self.parts += self._put(part, replace=first)
                first = False
                self.sent += number
                self._loaded += number
                self._journal.write(msgspec.structs.replace(self._entry, end=part.end, triples=self._loaded))
                self._progress(part.end)

    def _put(self, part: Part, *, replace: bool) -> int:
        """Send a part, in two if it is too large for the store; return the number of requests."""
        try:
            (self._graph.replace if replace else self._graph.add)(part.text, part.syntax)
        except StoreRefusal as error:
            two = halves(part) if error.status == 413 else None
            if two is None:
                raise StoreRefusal(
                    f"{error}; that was for the part that begins with {_beginning(part)}", error.status
                ) from error
            return self._put(two[0], replace=replace) + self._put(two[1], replace=False)
        return 1

    def _send_whole(self) -> None:
        path, syntax, packed = self._source
        with self._state_in_errors():
            if self._entry.mode == UploadMode.APPEND:
                self._graph.add(path, syntax, packed=packed, once=self._profile.blank)
            else:
                self._graph.replace(path, syntax, packed=packed)
        self.sent, self.parts = self._profile.triples, 1

    @contextmanager
    def _state_in_errors(self) -> Iterator[None]:
        """Add to an error how much is loaded."""
        try:
            yield
        except StoreError as error:
            state = "whether anything is loaded is not known"
            if self._loaded:
                state = (
                    f"{self._loaded:,} of {self._profile.triples:,} triples are loaded, the others are not: "
                    "the same command goes on from there"
                )
            elif isinstance(error, StoreRefusal) and error.status not in _FROM_PROXY:
                state = "nothing is loaded"
            raise StoreError(f"{error}; {state}") from error


def _beginning(part: Part) -> str:
    """Return the subject of the first statement."""
    first = part.body.lstrip()[:2_000].decode("utf-8", "replace").split(maxsplit=1)
    return quoted(visible(first[0]), limit=80) if first else "nothing"
