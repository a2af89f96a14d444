"""The difference of two exports, subject by subject.

An export is sorted by subject, except for the description of the dataset, which comes first, and each subject is one
statement that ends with ` .` at the end of a line, which no literal can contain. So both files are read statement by
statement, in bounded memory, with the description in its sorted place; equal statements are never parsed.
"""

from __future__ import annotations

import re
import zlib
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, dropwhile, takewhile
from pathlib import Path
from typing import IO, NamedTuple

import pyoxigraph as ox

from graphkit.diagnostics.quoting import reason_of
from graphkit.errors import UsageError
from graphkit.files.compression import is_gzip_name, open_decompressed

_BUFFER = 8 << 20
_END = b" .\n"
_PREFIX = b"@prefix "
_URI_SPACE = b"void:uriSpace "


class Change(NamedTuple):
    """The triples of one subject that are in one export only: removed and added, both sorted."""

    subject: str
    removed: tuple[ox.Triple, ...]
    added: tuple[ox.Triple, ...]


class _Export(NamedTuple):
    """An open export: its header, its prefixes, and batches of its statements without their ends."""

    path: Path
    header: bytes
    prefixes: dict[str, str]
    batches: Iterator[list[bytes]]


def difference(old: Path | None, new: Path, *, gzip: bool = False) -> Iterator[Change]:
    """Yield the changes between two Turtle files of ours, in the order of subjects.

    Without an old one everything is new. A file that ends in ``.gz`` is compressed, with `gzip` the new one by any
    name. Raises `UsageError` for a file that cannot be read or is not such an export.
    """
    last = ""
    with _open(old, gzip=False) as before, _open(new, gzip=gzip) as after:
        for change in _changes(before, after):
            # This order proves that no triple is yielded both as removed and as added.
            if change.subject <= last:
                raise _unexpected(new, f"(here or in the export before) {change.subject!r} after {last!r}")
            last = change.subject
            yield change


def _changes(before: _Export, after: _Export) -> Iterator[Change]:
    """Compare both exports in order; batches that are equal are skipped whole."""
    alike = before.header == after.header
    olds: list[bytes] = []
    news: list[bytes] = []
    while True:
        olds = olds or next(before.batches, [])
        news = news or next(after.batches, [])
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
            removed = _triples(before, one) if first <= second else {}
            added = _triples(after, two) if second <= first else {}
            if removed.keys() != added.keys():
                yield _change(min(first, second), removed, added)
            place += first <= second
            other += second <= first
        olds, news = olds[place:], news[other:]
    for statement in chain(olds, chain.from_iterable(before.batches)):
        yield _change(_subject(before, statement), _triples(before, statement), {})
    for statement in chain(news, chain.from_iterable(after.batches)):
        yield _change(_subject(after, statement), {}, _triples(after, statement))


def _change(subject: str, olds: dict[str, ox.Triple], news: dict[str, ox.Triple]) -> Change:
    return Change(
        subject,
        tuple(olds[text] for text in sorted(olds.keys() - news.keys())),
        tuple(news[text] for text in sorted(news.keys() - olds.keys())),
    )


def _triples(export: _Export, statement: bytes) -> dict[str, ox.Triple]:
    try:
        quads = ox.parse(export.header + statement + _END, ox.RdfFormat.TURTLE)
        return {str(quad.triple): quad.triple for quad in quads}
    except SyntaxError as error:
        raise _unexpected(export.path, f"a statement that begins with {statement[:40]!r}: {error}") from error


_SUBJECT = re.compile(rb"(?:<(?P<iri>[^>]*)>|(?P<prefix>[A-Za-z0-9]*):(?P<local>[A-Za-z0-9_]*)) ")


def _subject(export: _Export, statement: bytes) -> str:
    match = _SUBJECT.match(statement)
    if match is not None:
        if match["iri"] is not None:
            return match["iri"].decode("utf-8", "replace")
        space = export.prefixes.get(match["prefix"].decode())
        if space is not None:
            return space + match["local"].decode()
    raise _unexpected(export.path, f"a statement that begins with {statement[:40]!r}")


def _unexpected(path: Path, got: object) -> UsageError:
    return UsageError(f"{path}: expected Turtle that graphkit wrote, got {got}")


@contextmanager
def _open(path: Path | None, *, gzip: bool) -> Iterator[_Export]:
    """Open an export; no path means an empty one."""
    if path is None:
        yield _Export(Path(), b"", {}, iter(()))
        return
    try:
        stream = open_decompressed(path, gzip=gzip or is_gzip_name(path.name))
    except (OSError, EOFError, zlib.error) as error:
        raise _unexpected(path, reason_of(error)) from error
    with stream:
        yield _export(stream, path)


def _export(stream: IO[bytes], path: Path) -> _Export:
    statements = _batches(stream, path)
    first: list[bytes] = []
    for batch in statements:
        first += batch
        if not batch[-1].startswith(_PREFIX):
            break
    declarations = list(takewhile(lambda statement: statement.startswith(_PREFIX), first))
    rest = first[len(declarations) :]
    header = b"".join(declaration + _END for declaration in declarations)
    names_and_spaces = (declaration.decode().split(" ")[1:] for declaration in declarations)
    prefixes = {name.rstrip(":"): space.strip("<>") for name, space in names_and_spaces}
    export = _Export(path, header, prefixes, chain([rest] if rest else [], statements))
    dataset = _subject(export, rest[0]) if rest and _URI_SPACE in rest[0] else ""
    return export._replace(batches=_in_order(export, dataset)) if dataset else export


def _in_order(export: _Export, dataset: str) -> Iterator[list[bytes]]:
    """Yield the statements of an export in order, with the description of the dataset in its sorted place."""
    description: list[bytes] = []
    begins = True
    for batch in export.batches:
        rest = batch
        if begins:
            rest = list(dropwhile(lambda one: f"{_subject(export, one)}/".startswith(f"{dataset}/"), batch))
            description += batch[: len(batch) - len(rest)]
            begins = not rest
        if description and rest and _subject(export, rest[-1]) > dataset:
            cut = bisect_left(rest, dataset, key=lambda statement: _subject(export, statement))
            rest, description = [*rest[:cut], *description, *rest[cut:]], []
        if rest:
            yield rest
    if description:
        yield description


def _batches(stream: IO[bytes], path: Path) -> Iterator[list[bytes]]:
    """Yield the statements of a file in batches, whose limits depend only on the positions of statements."""
    rest = b""
    try:
        while data := stream.read(_BUFFER):
            *statements, rest = (rest + data).split(_END)
            if statements:
                yield statements
    except (OSError, EOFError, zlib.error) as error:
        raise _unexpected(path, str(error).lower()) from error
    if rest:
        raise _unexpected(path, "a file that ends within a statement")
