"""Patch: the difference of two exports, as SPARQL Update and as N-Quads.

An export is sorted by subject, and each subject is one statement that ends with ` .` at the end of a line, which no
literal can hold. So both are read block by block, side by side, in bounded memory; blocks that are the same are never
parsed.
"""

from __future__ import annotations

import gzip as gzip_codec
import re
from collections.abc import Iterable, Iterator
from itertools import chain, zip_longest
from pathlib import Path
from typing import IO, NamedTuple

import pyoxigraph as ox

from graphkit.errors import UsageError
from graphkit.files import replacing

OPERATION = 10_000
"""So many triples stand in one operation: stores read an operation whole."""

_BUFFER = 8 << 20
_END = b" .\n"
_PREFIX = b"@prefix "


class Change(NamedTuple):
    """What is said of one subject in one export only: triples removed, and triples added, both sorted."""

    subject: str
    removed: tuple[ox.Triple, ...]
    added: tuple[ox.Triple, ...]


class _Export(NamedTuple):
    """An export that is open: its header, its prefixes, and its blocks without their ends, some at a time."""

    header: bytes
    prefixes: dict[str, str]
    runs: Iterator[list[bytes]]


def difference(old: Path | None, new: Path, *, gzip: bool = False) -> Iterator[Change]:
    """Yield what differs between two Turtle files of ours, in the order of subjects.

    Without an old one, everything is new. What ends in ``.gz`` is packed, with `gzip` the new one by any name. Raises
    `UsageError` for a file that is no such export.
    """
    with _open(new, gzip=gzip) as new_stream:
        after = _export(new_stream, new)
        if old is None:
            for block in chain.from_iterable(after.runs):
                yield _change(after, None, block, None)
            return
        with _open(old) as old_stream:
            before = _export(old_stream, old)
            yield from _walk(before, after)


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
            first, second = _subject(one, before.prefixes), _subject(two, after.prefixes)
            if first == second:
                change = _change(after, before, two, one)
                if change.removed or change.added:
                    yield change
                place, other = place + 1, other + 1
            elif first < second:
                yield _change(after, before, None, one)
                place += 1
            else:
                yield _change(after, before, two, None)
                other += 1
        olds, news = olds[place:], news[other:]
    for block in chain(olds, chain.from_iterable(before.runs)):
        yield _change(after, before, None, block)
    for block in chain(news, chain.from_iterable(after.runs)):
        yield _change(after, before, block, None)


def _change(after: _Export, before: _Export | None, new: bytes | None, old: bytes | None) -> Change:
    added = _triples(after, new) if new is not None else {}
    removed = _triples(before, old) if before is not None and old is not None else {}
    block, export = (new, after) if new is not None else (old, before)
    assert block is not None
    assert export is not None
    return Change(
        _subject(block, export.prefixes),
        tuple(removed[text] for text in sorted(removed.keys() - added.keys())),
        tuple(added[text] for text in sorted(added.keys() - removed.keys())),
    )


def _triples(export: _Export, block: bytes) -> dict[str, ox.Triple]:
    quads = ox.parse(export.header + block + _END, ox.RdfFormat.TURTLE)
    return {str(quad.triple): quad.triple for quad in quads}


_SUBJECT = re.compile(rb"(?:<(?P<iri>[^>]*)>|(?P<prefix>[A-Za-z0-9]*):(?P<local>[A-Za-z0-9_]*)) ")


def _subject(block: bytes, prefixes: dict[str, str]) -> str:
    match = _SUBJECT.match(block)
    if match is None:
        raise UsageError(f"expected Turtle that graphkit wrote, got a statement that begins with {block[:40]!r}")
    if match["iri"] is not None:
        return match["iri"].decode()
    return prefixes[match["prefix"].decode()] + match["local"].decode()


def _open(path: Path, *, gzip: bool = False) -> IO[bytes]:
    if gzip or path.suffix == ".gz":
        return gzip_codec.open(path)  # type: ignore[return-value]  # it is read like any other
    return path.open("rb")


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
    return _Export(header, prefixes, chain([first[number:]] if first[number:] else [], blocks))


def _runs(stream: IO[bytes], path: Path) -> Iterator[list[bytes]]:
    """Yield the blocks of a file, some at a time; how they are gathered depends on their places only."""
    rest = b""
    while data := stream.read(_BUFFER):
        *blocks, rest = (rest + data).split(_END)
        if blocks:
            yield blocks
    if rest:
        raise UsageError(f"{path}: expected Turtle that graphkit wrote, got a file that ends within a statement")


class Patched(NamedTuple):
    """What a patch holds: the numbers of triples removed and added, and the files."""

    removed: int
    added: int
    written: tuple[Path, ...]


def write_patch(old: Path | None, new: Path, target: Path, *, graph: str = "", gzip: bool = False) -> Patched:
    """Write the difference of two exports into the folder `target`, each file whole or not at all.

    ``coverage.patch.rq`` is a SPARQL 1.1 Update of DELETE DATA and INSERT DATA operations, for a store's graph
    `graph`, or its default graph; ``coverage.removed.nq`` and ``coverage.added.nq`` hold the same triples as N-Quads.
    """
    paths = (target / "coverage.patch.rq", target / "coverage.removed.nq", target / "coverage.added.nq")
    place = f" <{graph}>" if graph else ""
    counts = [0, 0]
    with replacing(paths[0]) as update, replacing(paths[1]) as removed, replacing(paths[2]) as added:
        for change in difference(old, new, gzip=gzip):
            for stream, triples, kind in ((removed, change.removed, 0), (added, change.added, 1)):
                stream.writelines(f"{triple}{place} .\n".encode() for triple in triples)
                counts[kind] += len(triples)
        for stream in (removed, added):
            stream.flush()
        operations = 0
        for verb, path in (("DELETE DATA", removed.name), ("INSERT DATA", added.name)):
            for lines in _some(Path(path), OPERATION):
                update.write(b" ;\n" if operations else b"")
                update.write(_operation(verb, lines, graph))
                operations += 1
        if not operations:
            # An update needs an operation: not every store takes an empty text.
            update.write(_operation("INSERT DATA", [], graph))
    return Patched(counts[0], counts[1], paths)


def _operation(verb: str, lines: Iterable[bytes], graph: str) -> bytes:
    end = f" <{graph}> .\n".encode()
    body = b"".join(line.removesuffix(end) + b" .\n" if graph else line for line in lines)
    opening, closing = (f"{verb} {{ GRAPH <{graph}> {{\n", "} }\n") if graph else (f"{verb} {{\n", "}\n")
    return opening.encode() + body + closing.encode()


def _some(path: Path, number: int) -> Iterator[list[bytes]]:
    with path.open("rb") as stream:
        for lines in zip_longest(*[iter(stream)] * number):
            yield [line for line in lines if line is not None]
