"""Survey: what a file says, looked at before any of it is sent: how much, what stands for it, and what is unusual.

A store is asked later for the sample and for the unusual, so that what it loses or writes in another way is found.
"""

from __future__ import annotations

import hashlib
import heapq
import re
import tempfile
from array import array
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from typing import NamedTuple

import pyoxigraph as ox

from graphkit.diagnostics.quoting import visible
from graphkit.errors import UsageError
from graphkit.upload.parts import NotOurs, Part, Source, parts, triples_of

SAMPLE = 200
"""So many subjects are compared in full: those whose hashes are the smallest, which nobody chooses."""

_MOST = 1_000
_XSD = "http://www.w3.org/2001/XMLSchema#"
_EACH = 8
_LONG_IRI = 1_000
_LONG_TEXT = 10_000

Progress = Callable[[int], None]


class Survey(NamedTuple):
    """What a file says.

    `content` are the bytes of all parts, and `digest` is the hash of them. `as_is` tells that its own text is cut,
    `blank` that it has blank nodes. `sample` are subjects with all that is said of them, `unusual` are triples that
    stores are known to change.
    """

    triples: int
    content: int
    digest: str
    as_is: bool
    blank: bool
    sample: dict[str, frozenset[ox.Triple]]
    unusual: tuple[ox.Triple, ...]


def survey(source: Source, size: int, progress: Progress | None = None) -> Survey:
    """Read a file as a whole, in bounded memory. Raises `UsageError` where it is no RDF."""
    try:
        return _survey(source, size, as_is=True, progress=progress)
    except (NotOurs, SyntaxError):
        return _survey(source, size, as_is=False, progress=progress)


def _survey(source: Source, size: int, *, as_is: bool, progress: Progress | None) -> Survey:
    sample = Sample()
    unusual = Unusual()
    count = 0
    blank, ordered = False, True
    last = ""
    said: set[ox.Triple] = set()
    content, digest = 0, ""
    kept_as_is = as_is and source.syntax in ("ttl", "nt")
    for part in parts(source, size, as_is=as_is):
        for triple in _checked(part, source, final=not kept_as_is):
            subject = triple.subject
            if isinstance(subject, ox.NamedNode):
                name = subject.value
            else:
                blank = True
                name = str(subject)
            if name != last:
                ordered = ordered and name > last
                count += len(said)
                said = set()
                last = name
            said.add(triple)
            if isinstance(triple.object, ox.BlankNode):
                blank = True
            else:
                sample.add(name, triple)
                unusual.add(triple)
        content, digest = part.end, part.digest
        if progress is not None:
            progress(content)
    count = count + len(said) if ordered else _distinct(source, size, as_is=as_is)
    return Survey(count, content, digest, kept_as_is, blank, sample.found(), unusual.found())


def _checked(part: Part, source: Source, *, final: bool) -> Iterator[ox.Triple]:
    try:
        yield from triples_of(part)
    except SyntaxError as error:
        if final:
            raise UsageError(f"{source.path}: expected RDF, got: {visible(str(error))}") from error
        raise


class Sample:
    """Subjects whose hashes are the smallest, with all that is said of them, in whatever order it comes."""

    def __init__(self, most: int = SAMPLE) -> None:
        self._most = most
        self._heap: list[tuple[int, str]] = []
        self._said: dict[str, set[ox.Triple]] = {}
        self._last: tuple[str, set[ox.Triple] | None] = ("", None)

    def add(self, subject: str, triple: ox.Triple) -> None:
        """Take a triple where its subject belongs to the sample so far."""
        if subject != self._last[0]:
            self._last = (subject, self._place(subject))
        said = self._last[1]
        if said is not None and len(said) <= _MOST:
            said.add(triple)

    def _place(self, subject: str) -> set[ox.Triple] | None:
        if subject in self._said:
            return self._said[subject]
        if subject.startswith("_:"):
            return None
        number = _number(subject)
        if len(self._heap) >= self._most:
            if number > -self._heap[0][0]:
                return None
            _, largest = heapq.heappop(self._heap)
            del self._said[largest]
        heapq.heappush(self._heap, (-number, subject))
        self._said[subject] = set()
        return self._said[subject]

    def found(self) -> dict[str, frozenset[ox.Triple]]:
        """Return the sample, without subjects of which too much is said."""
        return {name: frozenset(said) for name, said in sorted(self._said.items()) if len(said) <= _MOST}


def _number(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())


_PLAIN = {
    _XSD + "integer": re.compile(r"0|-?[1-9][0-9]{0,17}"),
    _XSD + "dateTime": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"),
    _XSD + "boolean": re.compile("true|false"),
}
_ODD_TEXT = re.compile("[\x00-\x1f\x7f\\\\\ufffe\uffff\U00010000-\U0010ffff]")
_STRINGS = (_XSD + "string", "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString")


class Unusual:
    """The first triples of each kind that some store is known to change, and the longest ones."""

    def __init__(self) -> None:
        self._found: dict[str, list[ox.Triple]] = {}
        self._long: dict[str, list[tuple[int, int, ox.Triple]]] = {"iri": [], "text": []}
        self._count = 0

    def add(self, triple: ox.Triple) -> None:
        """Take a triple where it is unusual."""
        subject, value = triple.subject, triple.object
        if not isinstance(subject, ox.NamedNode):
            return
        if len(subject.value) > _LONG_IRI:
            self._longest("iri", len(subject.value), triple)
        if isinstance(value, ox.NamedNode):
            if len(value.value) > _LONG_IRI:
                self._longest("iri", len(value.value), triple)
            elif not value.value.isascii():
                self._first("iri", triple)
        elif isinstance(value, ox.Literal):
            text = value.value
            if len(text) > _LONG_TEXT:
                self._longest("text", len(text), triple)
            datatype = value.datatype.value
            if value.language:
                self._first("language", triple)
            elif datatype not in _STRINGS:
                plain = _PLAIN.get(datatype)
                if plain is None or not plain.fullmatch(text):
                    self._first(datatype, triple)
            elif ("\\" in text or not (text.isascii() and text.isprintable())) and _ODD_TEXT.search(text):
                self._first("text", triple)

    def _first(self, kind: str, triple: ox.Triple) -> None:
        found = self._found.get(kind)
        if found is None:
            if len(self._found) >= 2 * _EACH:
                return
            found = self._found[kind] = []
        if len(found) < _EACH:
            found.append(triple)

    def _longest(self, kind: str, length: int, triple: ox.Triple) -> None:
        self._count += 1
        heapq.heappush(self._long[kind], (length, -self._count, triple))
        if len(self._long[kind]) > _EACH:
            heapq.heappop(self._long[kind])

    def found(self) -> tuple[ox.Triple, ...]:
        """Return them all."""
        longest: Iterable[ox.Triple] = (triple for found in self._long.values() for *_, triple in sorted(found)[::-1])
        return tuple(dict.fromkeys([*longest, *(triple for found in self._found.values() for triple in found)]))


_BUCKETS = 256


def _distinct(source: Source, size: int, *, as_is: bool) -> int:
    """Count the different triples of a file in any order: their hashes are sorted, some at a time, from the disk."""
    import numpy as np

    with ExitStack() as stack:
        files = [stack.enter_context(tempfile.TemporaryFile()) for _ in range(_BUCKETS)]
        waiting = [array("Q") for _ in range(_BUCKETS)]
        for part in parts(source, size, as_is=as_is):
            for triple in triples_of(part):
                number = _number(str(triple))
                waiting[number >> 56].append(number)
            for file, numbers in zip(files, waiting, strict=True):
                numbers.tofile(file)
                del numbers[:]
        count = 0
        for file in files:
            file.seek(0)
            count += len(np.unique(np.frombuffer(file.read(), dtype=np.uint64)))
        return count
