"""Verification: what a store holds, compared with what it was given."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from itertools import chain, islice
from typing import NamedTuple

import pyoxigraph as ox

from graphkit.diagnostics.quoting import quoted, visible
from graphkit.upload.parts import UploadSource, parts, triples_of
from graphkit.upload.source_profile import SourceProfile
from graphkit.upload.sparql_results import Term
from graphkit.upload.store_graph import StoreGraph, StoreTriple

MAX_REPORTED = 5
"""The number of differences that a message lists."""

_SUBJECTS = 20
_BYTES = 16_000
_ENOUGH = 20


class Difference(NamedTuple):
    """A triple that a store lost or changed; `instead` is the object that it has now, if any."""

    triple: ox.Triple
    instead: Term | None

    def __str__(self) -> str:
        """Return in one line what became of the triple."""
        subject, predicate, value = self.triple.subject, self.triple.predicate, self.triple.object
        place = f"{_short(subject)} {_short(predicate)}"
        if self.instead is None:
            return f"{place}: {_term(value)} is not there"
        return f"{place}: {_term(value)} {_verb(value, self.instead)} {_term(self.instead)}"


class Comparison(NamedTuple):
    """The result: how many triples are there, and what differs from what was given.

    `least` and `most` triples may be there; the two differ where the graph held something before.
    """

    least: int
    most: int
    there: int
    subjects: int
    unusual: int
    differences: tuple[Difference, ...]
    extra: tuple[ox.Triple, ...]

    @property
    def equal(self) -> bool:
        """Return whether nothing is lost, changed or added."""
        return self.least <= self.there <= self.most and not self.differences and not self.extra

    def summary(self) -> str:
        """Return in one sentence what differs."""
        parts = []
        if not self.least <= self.there <= self.most:
            number = f"{self.least:,}" if self.least == self.most else f"{self.least:,} to {self.most:,}"
            parts.append(f"expected {number} triples there, got {self.there:,}")
        if self.differences:
            many = len(self.differences)
            parts.append(f"{many:,} of those compared {'is' if many == 1 else 'are'} lost or changed")
        if self.extra:
            parts.append(f"{len(self.extra):,} are there that were not given")
        return ", and ".join(parts)


def compare(graph: StoreGraph, profile: SourceProfile, *, before: int) -> Comparison:
    """Compare a graph with the profile of what it was given: the number of triples, the sample, the unusual triples.

    `before` triples were kept; if there were none, the subjects of the sample may have no other triples.
    Raises `StoreError` where the store does not answer.
    """
    there = graph.count()
    differences: list[Difference] = []
    extra: list[ox.Triple] = []
    wanted = _by_subject(chain(*profile.sample.values(), profile.unusual))
    for name, given, held in _held_triples(graph, wanted):
        differences += _differences(given, held)
        if not before and name in profile.sample:
            extra += _extra(given, held)
    least, most = max(before, profile.triples), before + profile.triples
    return Comparison(least, most, there, len(profile.sample), len(profile.unusual), tuple(differences), tuple(extra))


def search(graph: StoreGraph, source: UploadSource, size: int, *, as_is: bool) -> tuple[Difference, ...]:
    """Search everything that was given for lost and changed triples, until enough are found. Raises `StoreError`."""
    if not graph.answers_queries:
        return ()
    differences = (
        one
        for part in parts(source, size, as_is=as_is)
        for one in missing(graph, (one for one in triples_of(part) if not isinstance(one.object, ox.BlankNode)))
    )
    return tuple(islice(differences, _ENOUGH))


def missing(graph: StoreGraph, triples: Iterable[ox.Triple]) -> Iterator[Difference]:
    """Yield those of the triples that a graph lacks."""
    for _, given, held in _held_triples(graph, _by_subject(triples)):
        yield from _differences(given, held)


def present(graph: StoreGraph, triples: Collection[ox.Triple]) -> list[ox.Triple]:
    """Return those of the triples that a graph has."""
    lost = {one.triple for one in missing(graph, triples)}
    return [triple for triple in triples if triple not in lost]


def _by_subject(triples: Iterable[ox.Triple]) -> dict[str, set[ox.Triple]]:
    wanted: dict[str, set[ox.Triple]] = {}
    for triple in triples:
        if isinstance(triple.subject, ox.NamedNode):
            wanted.setdefault(triple.subject.value, set()).add(triple)
    return wanted


def _held_triples(
    graph: StoreGraph, wanted: Mapping[str, set[ox.Triple]]
) -> Iterator[tuple[str, set[ox.Triple], list[StoreTriple]]]:
    """Yield each subject with its triples as they were given, and as the store has them."""
    for names in _batches(wanted) if graph.answers_queries else [list(wanted)]:
        held: dict[str, list[StoreTriple]] = {name: [] for name in names}
        for subject, predicate, value in graph.triples_of(names):
            if isinstance(subject, ox.NamedNode) and subject.value in held:
                held[subject.value].append((subject, predicate, value))
        for name in names:
            yield name, wanted[name], held[name]


def _batches(names: Iterable[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    held = 0
    for name in names:
        if batch and (len(batch) >= _SUBJECTS or held + len(name) > _BYTES):
            yield batch
            batch, held = [], 0
        batch.append(name)
        held += len(name)
    if batch:
        yield batch


def _key(predicate: ox.NamedNode, value: object) -> tuple[str, str, str, str]:
    """Return a key that is equal for equal triples of a subject; the case of a language tag is ignored."""
    if isinstance(value, ox.Literal):
        return predicate.value, value.value, value.datatype.value, (value.language or "").lower()
    return predicate.value, str(value), "", ""


def _differences(given: set[ox.Triple], held: list[StoreTriple]) -> Iterator[Difference]:
    there = {_key(predicate, value): value for _, predicate, value in held}
    ours = {_key(triple.predicate, triple.object) for triple in given}
    free = [(predicate, value) for _, predicate, value in held if _key(predicate, value) not in ours]
    for triple in sorted(given, key=str):
        if _key(triple.predicate, triple.object) not in there:
            yield Difference(triple, _counterpart(triple, free, list(there.values())))


def _counterpart(triple: ox.Triple, free: list[tuple[ox.NamedNode, Term]], there: list[Term]) -> Term | None:
    """Return what the store has instead of a triple's object: an equal value, or the beginning of it."""
    mine = triple.object
    others = [value for predicate, value in free if predicate == triple.predicate]
    likely = [value for value in others if _resembles(mine, value)]
    likely += [value for value in there if _equals(mine, value)]
    likely.sort(key=lambda value: getattr(value, "datatype", None) != getattr(mine, "datatype", None))
    return next(iter(likely or others), None)


def _equals(mine: object, other: object) -> bool:
    number = _number(mine)
    return number is not None and number == _number(other)


def _resembles(mine: object, other: object) -> bool:
    if isinstance(mine, ox.Literal) and isinstance(other, ox.Literal):
        equal = mine.value == other.value or _equals(mine, other)
        return equal or (bool(other.value) and mine.value.startswith(other.value.rstrip("Z")))
    return isinstance(mine, ox.NamedNode) and isinstance(other, ox.NamedNode) and mine.value.startswith(other.value)


def _number(value: object) -> Decimal | None:
    with suppress(InvalidOperation):
        if isinstance(value, ox.Literal) and re.fullmatch(r"[-+0-9.eE]+", value.value):
            return Decimal(value.value)
    return None


def _extra(given: set[ox.Triple], held: list[StoreTriple]) -> Iterator[ox.Triple]:
    ours = {_key(triple.predicate, triple.object) for triple in given}
    for subject, predicate, value in held:
        if _key(predicate, value) not in ours and not isinstance(value, ox.BlankNode):
            yield ox.Triple(subject, predicate, value)


def _verb(mine: object, other: object) -> str:
    text, instead = getattr(mine, "value", ""), getattr(other, "value", "")
    if len(text) > len(instead) and text.startswith(instead) and _number(mine) is None:
        return f"of {len(text):,} characters is cut to {len(instead):,}:"
    return "became"


def _short(term: object) -> str:
    text = visible(getattr(term, "value", str(term)))
    return f"<{text}>" if len(text) <= 80 else f"<{text[:50]}…{text[-20:]}>"


def _term(value: object) -> str:
    if not isinstance(value, ox.Literal):
        return _short(value)
    text = quoted(visible(value.value))
    if value.language:
        return f"{text}@{value.language}"
    name = value.datatype.value.rpartition("#")[2]
    return text if name == "string" else f"{text}^^{name}"
