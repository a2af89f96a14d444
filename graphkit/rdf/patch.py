"""A patch: the difference of two exports as SPARQL Update and as N-Quads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, NamedTuple

import pyoxigraph as ox

from graphkit.errors import UsageError
from graphkit.files.atomic import replacing
from graphkit.rdf.difference import Change, difference

OPERATION_SIZE = 1_000
"""The number of triples in one operation, which stores read as a whole.

Virtuoso 7 refuses 10,000 in one, and rdflib needs twelve times as long for them as for ten times 1,000.
"""

_DELETE = "DELETE DATA"
_INSERT = "INSERT DATA"


class PatchFiles(NamedTuple):
    """The files of a patch, and the numbers of triples that it removes and adds."""

    removed: int
    added: int
    written: tuple[Path, ...]


def write_patch(old: Path | None, new: Path, target: Path, *, graph: str = "", gzip: bool = False) -> PatchFiles:
    """Write the difference of two exports into the folder `target`, each file atomically.

    ``coverage.patch.rq`` is a SPARQL 1.1 Update of DELETE DATA and INSERT DATA operations, for a store's graph
    `graph`, or its default graph; ``coverage.removed.nq`` and ``coverage.added.nq`` hold the same triples as N-Quads.
    Raises `UsageError` for a graph that is not an IRI, and as `difference` does.
    """
    paths = (target / "coverage.patch.rq", target / "coverage.removed.nq", target / "coverage.added.nq")
    _place(graph)
    with replacing(paths[0]) as update, replacing(paths[1]) as removed, replacing(paths[2]) as added:
        counts = write_patch_to((update, removed, added), old, new, graph=graph, gzip=gzip)
    return PatchFiles(*counts, paths)


def write_patch_to(
    streams: Sequence[IO[bytes]], old: Path | None, new: Path, *, graph: str = "", gzip: bool = False
) -> tuple[int, int]:
    """Write the files that `write_patch` writes into open ones; return how many triples are removed and added."""
    place = _place(graph)
    update, removed, added = streams
    counts = {_DELETE: 0, _INSERT: 0}
    lists = {_DELETE: removed, _INSERT: added}
    for verb, triples in _operations(difference(old, new, gzip=gzip)):
        update.write(b" ;\n" if any(counts.values()) else b"")
        update.write(_operation(verb, triples, place).encode())
        lists[verb].write("".join(f"{triple}{place} .\n" for triple in triples).encode())
        counts[verb] += len(triples)
    if not any(counts.values()):
        # By the grammar an empty text or a comment is an update, but rdflib rejects both.
        update.write(_operation(_INSERT, [], place).encode())
    update.write(b"\n")
    return counts[_DELETE], counts[_INSERT]


def _place(graph: str) -> str:
    try:
        return f" {ox.NamedNode(graph)}" if graph else ""
    except ValueError as error:
        raise UsageError(f"graph: expected an absolute IRI, got {graph!r}") from error


def _operations(changes: Iterable[Change]) -> Iterator[tuple[str, list[str]]]:
    """Yield the triples to remove and to add, in batches.

    All triples to remove from a subject come before those to add to it: a store that normalizes numbers or times may
    take a removed and an added triple for the same.
    """
    removed: list[str] = []
    added: list[str] = []
    for change in changes:
        removed += map(str, change.removed)
        added += map(str, change.added)
        while len(removed) >= OPERATION_SIZE:
            yield _DELETE, removed[:OPERATION_SIZE]
            del removed[:OPERATION_SIZE]
        while len(added) >= OPERATION_SIZE:
            if removed:
                yield _DELETE, removed
                removed = []
            yield _INSERT, added[:OPERATION_SIZE]
            del added[:OPERATION_SIZE]
    if removed:
        yield _DELETE, removed
    if added:
        yield _INSERT, added


def insert_update(triples: Sequence[str], *, graph: str = "") -> str:
    """Return a SPARQL Update that adds triples, given as N-Triples, to a graph or the default graph.

    Raises `UsageError` for a graph that is not an IRI.
    """
    place = _place(graph)
    parts = [triples[start : start + OPERATION_SIZE] for start in range(0, len(triples), OPERATION_SIZE)]
    return " ;\n".join(_operation(_INSERT, part, place) for part in parts)


def _operation(verb: str, triples: Iterable[str], place: str) -> str:
    body = "".join(f"{_escaped_for_sparql(triple)} .\n" for triple in triples)
    return f"{verb} {{ GRAPH{place} {{\n{body}}} }}" if place else f"{verb} {{\n{body}}}"


def _escaped_for_sparql(triple: str) -> str:
    r"""Return a triple of N-Triples in a form that every SPARQL parser reads in the same way.

    By SPARQL 1.1 (section 19.2), `\u0022` becomes a quotation mark before the text is parsed, even after a backslash:
    a literal with a backslash and `u0022` would end there. With the letter `u` of such a text escaped, all parsers
    agree. Escapes have eight digits: rdflib would read the four of `\u0001` and four digits after it as one number.
    """
    return _ESCAPE.sub(_spelled, triple) if "\\" in triple else triple


_ESCAPE = re.compile(r"\\(?:\\(?P<letter>[uU])|u(?P<number>[0-9A-F]{4})|.)")


def _spelled(match: re.Match[str]) -> str:
    if match["letter"]:
        return rf"\\\U{ord(match['letter']):08X}"
    if match["number"]:
        return rf"\U0000{match['number']}"
    return match[0]
