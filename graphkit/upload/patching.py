"""Patching a graph: the operations of a `coverage.patch.rq`, one a request, and their verification."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec
import pyoxigraph as ox

from graphkit.diagnostics.quoting import reason_of
from graphkit.errors import StoreError, UsageError
from graphkit.upload.journal import Journal, JournalEntry, UploadMode, journal_of
from graphkit.upload.store_graph import StoreGraph
from graphkit.upload.triple_samples import SubjectSample
from graphkit.upload.verification import MAX_REPORTED, missing, present

_END = b" ;\n"
_PIECE = 1 << 20
_OPERATION = re.compile(
    rb"(?P<verb>INSERT|DELETE) DATA \{(?: GRAPH <(?P<graph>[^>]*)> \{)?\n(?P<body>.*?)\}(?P<more> \})?\s*", re.DOTALL
)

Progress = Callable[[str, int, int], None]


class PatchOperation(NamedTuple):
    """An operation of a patch: the triples to remove or to add, as SPARQL writes them, and the graph that it names."""

    adds: bool
    graph: str
    body: bytes
    end: int
    digest: str

    def text(self, graph: str) -> str:
        """Return it as a SPARQL Update of a graph, or of the default graph."""
        verb = "INSERT DATA" if self.adds else "DELETE DATA"
        body = self.body.decode()
        return f"{verb} {{ GRAPH <{graph}> {{\n{body}}} }}" if graph else f"{verb} {{\n{body}}}"

    @property
    def number(self) -> int:
        """The number of its triples."""
        return self.body.count(b" .\n")

    def triples(self) -> Iterator[ox.Triple]:
        """Yield its triples. Raises `SyntaxError`."""
        for quad in ox.parse(self.body, ox.RdfFormat.N_TRIPLES):
            yield quad.triple


class PatchResult(NamedTuple):
    """What was done: triples removed and added, and those that are there now; or nothing, as it was there already."""

    removed: int
    added: int
    there: int
    already: bool


def apply_patch(path: Path, graph: StoreGraph, *, progress: Progress | None = None) -> PatchResult:
    """Apply a patch, and verify that the added triples are there and the removed ones are not.

    The graph is `graph`, or that of the patch if `graph` is the default graph. Raises `UsageError` for a file that is
    not a patch, before anything is sent, and `StoreError` for every later failure.
    """
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
            for triple in operation.triples():
                samples[operation.adds].add(str(triple.subject), triple)
        except SyntaxError as error:
            raise _unexpected(path, str(error)) from error
    graph = StoreGraph(graph.store, place, graph.connection, graph.gzip)
    journal = journal_of(path, graph.store.base, place, "patch")
    entry = journal.read()
    resumed = entry is not None and entry.digest == digest
    if entry is None or not resumed:
        entry = JournalEntry(end=0, digest=digest, triples=0, before=graph.count(), mode=UploadMode.PATCH)
        journal.write(entry)
    _send(path, graph, journal, entry, total, content, progress)
    try:
        done = _checked(graph, total, samples, entry.before)
    except StoreError:
        if not resumed and not graph.connection.losses:
            raise
        # Changes that were under way when the store or we went away may be lost; making all of them twice does no harm.
        _send(path, graph, journal, msgspec.structs.replace(entry, end=0, triples=0), total, content, progress)
        done = _checked(graph, total, samples, entry.before)
    finally:
        journal.close()
    return done


def _send(
    path: Path,
    graph: StoreGraph,
    journal: Journal,
    entry: JournalEntry,
    total: dict[bool, int],
    content: int,
    progress: Progress | None,
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
            if progress is not None:
                progress("Sending", operation.end, content)
    except StoreError as error:
        raise StoreError(
            f"{error}; {done:,} of {sum(total.values()):,} changes are made: the same command goes on from there"
        ) from error


def _checked(graph: StoreGraph, total: dict[bool, int], samples: dict[bool, SubjectSample], before: int) -> PatchResult:
    there = graph.count()
    wanted, unwanted = (
        [triple for said in samples[adds].found().values() for triple in said] for adds in (True, False)
    )
    lost = missing(graph, wanted)
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


def operations(path: Path) -> Iterator[PatchOperation]:
    """Yield the operations of a patch, in bounded memory. Raises `UsageError` for any other file."""
    seen = hashlib.blake2b(digest_size=16)
    place = 0
    for text in _pieces(path):
        match = _OPERATION.fullmatch(text.removesuffix(_END))
        if match is None or bool(match["graph"]) != bool(match["more"]):
            raise _unexpected(path, repr(text[:40]))
        seen.update(text)
        place += len(text)
        graph = (match["graph"] or b"").decode("utf-8", "replace")
        yield PatchOperation(match["verb"] == b"INSERT", graph, match["body"], place, seen.hexdigest())


def _pieces(path: Path) -> Iterator[bytes]:
    """Yield the file split after each `;` at the end of a line, where no triple ends."""
    try:
        with path.open("rb") as stream:
            rest = b""
            while data := stream.read(_PIECE):
                *whole, rest = (rest + data).split(_END)
                for text in whole:
                    yield text + _END
            if rest:
                yield rest
    except OSError as error:
        raise _unexpected(path, reason_of(error)) from error


def _unexpected(path: Path, got: str) -> UsageError:
    return UsageError(f"{path}: expected a patch that `graphkit build --patch` wrote, got {got}")
