"""Samples of the triples in a file, by which an upload is verified: some subjects, and all kinds of unusual values."""

from __future__ import annotations

import hashlib
import heapq
import re
from collections.abc import Iterable

import pyoxigraph as ox

from graphkit.rdf.vocabulary import RDF, XSD

SAMPLE_SIZE = 200
"""The number of subjects that are compared in full: those with the smallest hashes, so that nothing favours any."""

_MOST = 1_000
_OF_EACH_KIND = 8
_LONG_IRI = 1_000
_LONG_TEXT = 10_000


class SubjectSample:
    """The subjects with the smallest hashes, with all their triples, whatever the order of these."""

    def __init__(self, size: int = SAMPLE_SIZE) -> None:
        self._size = size
        self._heap: list[tuple[int, str]] = []
        self._triples: dict[str, set[ox.Triple]] = {}
        self._last: tuple[str, set[ox.Triple] | None] = ("", None)

    def add(self, subject: str, triple: ox.Triple) -> None:
        """Take a triple if its subject belongs to the sample so far."""
        if subject != self._last[0]:
            self._last = (subject, self._triples_of(subject))
        triples = self._last[1]
        if triples is not None and len(triples) <= _MOST:
            triples.add(triple)

    def _triples_of(self, subject: str) -> set[ox.Triple] | None:
        if subject in self._triples:
            return self._triples[subject]
        if subject.startswith("_:"):
            return None
        number = number_of(subject)
        if len(self._heap) >= self._size:
            if number > -self._heap[0][0]:
                return None
            _, largest = heapq.heappop(self._heap)
            del self._triples[largest]
        heapq.heappush(self._heap, (-number, subject))
        self._triples[subject] = set()
        return self._triples[subject]

    def found(self) -> dict[str, frozenset[ox.Triple]]:
        """Return the sample, without subjects that have too many triples."""
        return {name: frozenset(triples) for name, triples in sorted(self._triples.items()) if len(triples) <= _MOST}


def number_of(text: str) -> int:
    """Return the hash of a text as a number of 64 bits."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())


_PLAIN = {
    XSD + "integer": re.compile(r"0|-?[1-9][0-9]{0,17}"),
    XSD + "dateTime": re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"),
    XSD + "boolean": re.compile("true|false"),
}
_ODD_TEXT = re.compile("[\x00-\x1f\x7f\\\\\ufffe\uffff\U00010000-\U0010ffff]")
_STRINGS = (f"{XSD}string", f"{RDF}langString")


class UnusualTriples:
    """Triples that some store is known to change: the first of each kind, and the longest."""

    def __init__(self) -> None:
        self._found: dict[str, list[ox.Triple]] = {}
        self._long: dict[str, list[tuple[int, int, ox.Triple]]] = {"iri": [], "text": []}
        self._count = 0

    def add(self, triple: ox.Triple) -> None:
        """Take a triple if it is unusual."""
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
        if kind not in self._found and len(self._found) >= 2 * _OF_EACH_KIND:
            return
        found = self._found.setdefault(kind, [])
        if len(found) < _OF_EACH_KIND:
            found.append(triple)

    def _longest(self, kind: str, length: int, triple: ox.Triple) -> None:
        self._count += 1
        heapq.heappush(self._long[kind], (length, -self._count, triple))
        if len(self._long[kind]) > _OF_EACH_KIND:
            heapq.heappop(self._long[kind])

    def found(self) -> tuple[ox.Triple, ...]:
        """Return them all."""
        longest: Iterable[ox.Triple] = (triple for found in self._long.values() for *_, triple in sorted(found)[::-1])
        return tuple(dict.fromkeys([*longest, *(triple for found in self._found.values() for triple in found)]))
