"""Patch: the difference of two exports, as SPARQL Update and as N-Quads.

An export is sorted by subject, but for the dataset's description, which comes first; and each subject is one statement
that ends with ` .` at the end of a line, which no literal can hold. So both are read block by block, side by side, in
bounded memory, the description where it would stand if it were sorted; blocks that are the same are never parsed.
"""

from __future__ import annotations

import re
import zlib
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import IO, NamedTuple

import pyoxigraph as ox

from graphkit.errors import UsageError
from graphkit.files.atomic import replacing
from graphkit.files.compression import is_gzip_name, open_decompressed

OPERATION = 1_000
"""So many triples stand in one operation, which stores read as a whole.

Virtuoso 7 refuses 10,000 in one, and rdflib needs twelve times as long for them as for ten times 1,000.
"""

_BUFFER = 8 << 20
_END = b" .\n"
_PREFIX = b"@prefix "
_URI_SPACE = b"void:uriSpace "
_DELETE = "DELETE DATA"
_INSERT = "INSERT DATA"


class Change(NamedTuple):
    """What is said of one subject in one export only: triples removed, and triples added, both sorted."""

    subject: str
    removed: tuple[ox.Triple, ...]
    added: tuple[ox.Triple, ...]


class _Export(NamedTuple):
    """An export that is open: its header, its prefixes, and its blocks without their ends, some at a time."""

    path: Path
    header: bytes
    prefixes: dict[str, str]
    runs: Iterator[list[bytes]]


def difference(old: Path | None, new: Path, *, gzip: bool = False) -> Iterator[Change]:
    """Yield what differs between two Turtle files of ours, in the order of subjects.

    Without an old one, everything is new. What ends in ``.gz`` is packed, with `gzip` the new one by any name. Raises
    `UsageError` for a file that cannot be read or is no such export.
    """
    last = ""
    with _open(old, gzip=False) as before, _open(new, gzip=gzip) as after:
        for change in _walk(before, after):
            # Enough to know that no triple was told twice, once as removed and once as added.
            if change.subject <= last:
                raise _unexpected(new, f"(here or in the export before) {change.subject!r} after {last!r}")
            last = change.subject
            yield change


def _walk(before: _Export, after: _Export) -> Iterator[Change]:
    """Walk along both exports. Runs that are the same as a whole are skipped as a whole."""
    alike = before.header == after.header
    olds: list[bytes] = []
    news: list[bytes] = []
    while True:
        olds = olds or next(before.runs, [])
        news = news or next(after.runs, [])
        if not olds or not news:
            break
        if alike and olds == news:
            olds, news = [], []
            continue
        place = other = 0
        while place < len(olds) and other < len(news):
            one, two = olds[place], news[other]
            if alike and one == two:
                place, other = place + 1, other + 1
                continue
            first, second = _subject(before, one), _subject(after, two)
            if first == second:
                change = _change(first, _triples(before, one), _triples(after, two))
                if change.removed or change.added:
                    yield change
                place, other = place + 1, other + 1
            elif first < second:
                yield _change(first, _triples(before, one), {})
                place += 1
            else:
                yield _change(second, {}, _triples(after, two))
                other += 1
        olds, news = olds[place:], news[other:]
    for block in chain(olds, chain.from_iterable(before.runs)):
        yield _change(_subject(before, block), _triples(before, block), {})
    for block in chain(news, chain.from_iterable(after.runs)):
        yield _change(_subject(after, block), {}, _triples(after, block))


def _change(subject: str, olds: dict[str, ox.Triple], news: dict[str, ox.Triple]) -> Change:
    return Change(
        subject,
        tuple(olds[text] for text in sorted(olds.keys() - news.keys())),
        tuple(news[text] for text in sorted(news.keys() - olds.keys())),
    )


def _triples(export: _Export, block: bytes) -> dict[str, ox.Triple]:
    try:
        quads = ox.parse(export.header + block + _END, ox.RdfFormat.TURTLE)
        return {str(quad.triple): quad.triple for quad in quads}
    except SyntaxError as error:
        raise _unexpected(export.path, f"a statement that begins with {block[:40]!r}: {error}") from error


_SUBJECT = re.compile(rb"(?:<(?P<iri>[^>]*)>|(?P<prefix>[A-Za-z0-9]*):(?P<local>[A-Za-z0-9_]*)) ")


def _subject(export: _Export, block: bytes) -> str:
    match = _SUBJECT.match(block)
    if match is not None:
        if match["iri"] is not None:
            return match["iri"].decode("utf-8", "replace")
        space = export.prefixes.get(match["prefix"].decode())
        if space is not None:
            return space + match["local"].decode()
    raise _unexpected(export.path, f"a statement that begins with {block[:40]!r}")


def _unexpected(path: Path, got: object) -> UsageError:
    return UsageError(f"{path}: expected Turtle that graphkit wrote, got {got}")


@contextmanager
def _open(path: Path | None, *, gzip: bool) -> Iterator[_Export]:
    """Open an export; no path stands for one in which nothing is said."""
    if path is None:
        yield _Export(Path(), b"", {}, iter(()))
        return
    try:
        stream = open_decompressed(path, gzip=gzip or is_gzip_name(path.name))
    except OSError as error:
        raise _unexpected(path, (error.strerror or str(error)).lower()) from error
    with stream:
        yield _export(stream, path)


def _export(stream: IO[bytes], path: Path) -> _Export:
    blocks = _runs(stream, path)
    first: list[bytes] = []
    for run in blocks:
        first += run
        if not run[-1].startswith(_PREFIX):
            break
    number = next((place for place, block in enumerate(first) if not block.startswith(_PREFIX)), len(first))
    header = b"".join(block + _END for block in first[:number])
    prefixes = {}
    for line in first[:number]:
        _, name, space = line.decode().split(" ")
        prefixes[name.rstrip(":")] = space.strip("<>")
    export = _Export(path, header, prefixes, chain([first[number:]] if first[number:] else [], blocks))
    return export._replace(runs=_in_order(export))


def _in_order(export: _Export) -> Iterator[list[bytes]]:
    """Yield the blocks of an export, those of the dataset's description where they stand if all are sorted."""
    description: list[bytes] = []
    dataset = ""
    first = begins = True
    for run in export.runs:
        rest = run
        if first and _URI_SPACE in run[0]:
            dataset = _subject(export, run[0])
        first = False
        if dataset and begins:
            number = next((place for place, one in enumerate(run) if not _is_of(_subject(export, one), dataset)), None)
            description += run[:number]
            if number is None:
                continue
            rest, begins = run[number:], False
        if description and _subject(export, rest[-1]) > dataset:
            cut = bisect_left(rest, dataset, key=lambda block: _subject(export, block))
            rest, description = [*rest[:cut], *description, *rest[cut:]], []
        yield rest
    if description:
        yield description


def _is_of(subject: str, dataset: str) -> bool:
    return subject == dataset or subject.startswith(f"{dataset}/")


def _runs(stream: IO[bytes], path: Path) -> Iterator[list[bytes]]:
    """Yield the blocks of a file, some at a time; how they are gathered depends on their places only."""
    rest = b""
    while data := _read(stream, path):
        *blocks, rest = (rest + data).split(_END)
        if blocks:
            yield blocks
    if rest:
        raise _unexpected(path, "a file that ends within a statement")


def _read(stream: IO[bytes], path: Path) -> bytes:
    try:
        return stream.read(_BUFFER)
    except (OSError, EOFError, zlib.error) as error:
        raise _unexpected(path, str(error).lower()) from error


class Patched(NamedTuple):
    """What a patch holds: the numbers of triples removed and added, and the files."""

    removed: int
    added: int
    written: tuple[Path, ...]


def write_patch(old: Path | None, new: Path, target: Path, *, graph: str = "", gzip: bool = False) -> Patched:
    """Write the difference of two exports into the folder `target`, each file whole or not at all.

    ``coverage.patch.rq`` is a SPARQL 1.1 Update of DELETE DATA and INSERT DATA operations, for a store's graph
    `graph`, or its default graph; ``coverage.removed.nq`` and ``coverage.added.nq`` hold the same triples as N-Quads.
    Raises `UsageError` for a graph that is no IRI, or as `difference` does.
    """
    place = f" {_graph(graph)}" if graph else ""
    paths = (target / "coverage.patch.rq", target / "coverage.removed.nq", target / "coverage.added.nq")
    counts = {_DELETE: 0, _INSERT: 0}
    with replacing(paths[0]) as update, replacing(paths[1]) as removed, replacing(paths[2]) as added:
        lists = {_DELETE: removed, _INSERT: added}
        for verb, triples in _operations(difference(old, new, gzip=gzip)):
            update.write(b" ;\n" if any(counts.values()) else b"")
            update.write(_operation(verb, triples, place).encode())
            lists[verb].write("".join(f"{triple}{place} .\n" for triple in triples).encode())
            counts[verb] += len(triples)
        if not any(counts.values()):
            # Nothing at all, or only a comment, is an update by the grammar, but rdflib takes neither.
            update.write(_operation(_INSERT, [], place).encode())
        update.write(b"\n")
    return Patched(counts[_DELETE], counts[_INSERT], paths)


def _graph(iri: str) -> str:
    try:
        return str(ox.NamedNode(iri))
    except ValueError as error:
        raise UsageError(f"graph: expected an absolute IRI, got {iri!r}") from error


def _operations(changes: Iterable[Change]) -> Iterator[tuple[str, list[str]]]:
    """Yield what to remove and what to add, some at a time.

    Of no subject is anything added before all is removed: a store that writes numbers or times in its own way may
    take what is removed and what is added for the same.
    """
    removed: list[str] = []
    added: list[str] = []
    for change in changes:
        removed += map(str, change.removed)
        added += map(str, change.added)
        while len(removed) >= OPERATION:
            yield _DELETE, removed[:OPERATION]
            del removed[:OPERATION]
        while len(added) >= OPERATION:
            if removed:
                yield _DELETE, removed
                removed = []
            yield _INSERT, added[:OPERATION]
            del added[:OPERATION]
    if removed:
        yield _DELETE, removed
    if added:
        yield _INSERT, added


def inserting(triples: Sequence[str], *, graph: str = "") -> str:
    """Return a SPARQL Update that adds triples, as N-Triples writes them, to a graph or the default graph.

    Raises `UsageError` for a graph that is no IRI.
    """
    place = f" {_graph(graph)}" if graph else ""
    parts = [triples[start : start + OPERATION] for start in range(0, len(triples), OPERATION)]
    return " ;\n".join(_operation(_INSERT, part, place) for part in parts)


def _operation(verb: str, triples: Iterable[str], place: str) -> str:
    body = "".join(f"{_for_sparql(triple)} .\n" for triple in triples)
    return f"{verb} {{ GRAPH{place} {{\n{body}}} }}" if place else f"{verb} {{\n{body}}}"


def _for_sparql(triple: str) -> str:
    r"""Return a triple of N-Triples for every reader of SPARQL.

    By the letter of SPARQL 1.1 (section 19.2), `\u0022` is a quotation mark before anything else is read, whatever
    stands before it: a text of a backslash and `u0022` ends there, and one of `\u005C` becomes another. Where the
    letter `u` of such a text is spelled by its number, all readers agree. Numbers have eight digits, as rdflib reads
    the four of `\u0001` and four that happen to follow as one number.
    """
    return _ESCAPE.sub(_spelled, triple) if "\\" in triple else triple


_ESCAPE = re.compile(r"\\(?:\\(?P<letter>[uU])|u(?P<number>[0-9A-F]{4})|.)")


def _spelled(match: re.Match[str]) -> str:
    if match["letter"]:
        return rf"\\\U{ord(match['letter']):08X}"
    if match["number"]:
        return rf"\U0000{match['number']}"
    return match[0]
