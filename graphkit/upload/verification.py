"""Verification: what a store holds, beside what it was given."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import NamedTuple

import pyoxigraph as ox

from graphkit.diagnostics.quoting import quoted, visible
from graphkit.upload.graphs import Graph, Spoken
from graphkit.upload.parts import Source, parts, triples_of
from graphkit.upload.survey import Survey

TOLD = 5
"""So many differences are told."""

_SUBJECTS = 20
_BYTES = 16_000
_ENOUGH = 20


class Difference(NamedTuple):
    """A triple that a store has not, or not as it was given; `instead` is what stands there, if anything does."""

    triple: ox.Triple
    instead: ox.NamedNode | ox.BlankNode | ox.Literal | None

    def __str__(self) -> str:
        """Say in one line what became of it."""
        subject, predicate, value = self.triple.subject, self.triple.predicate, self.triple.object
        place = f"{_short(subject)} {_short(predicate)}"
        if self.instead is None:
            return f"{place}: {_term(value)} is not there"
        return f"{place}: {_term(value)} {_verb(value, self.instead)} {_term(self.instead)}"


class Comparison(NamedTuple):
    """What was found: triples given and triples there, and what differs.

    `least` and `most` are the numbers of triples that may be there; they differ where the graph held something before.
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
        """Tell whether nothing is lost, changed or too much."""
        return self.least <= self.there <= self.most and not self.differences and not self.extra

    def told(self) -> str:
        """Say in one sentence what differs."""
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


def compare(graph: Graph, found: Survey, *, before: int, exact: bool) -> Comparison:
    """Compare a graph with a survey of what it was given: the number of triples, the sample, and the unusual.

    `before` triples were there when it began; with `exact` nothing but what was given may be said of the sample.
    Raises `StoreError` where the store cannot be asked.
    """
    there = graph.count()
    differences: list[Difference] = []
    extra: list[ox.Triple] = []
    wanted: dict[str, set[ox.Triple]] = {name: set(said) for name, said in found.sample.items()}
    for triple in found.unusual:
        if isinstance(triple.subject, ox.NamedNode):
            wanted.setdefault(triple.subject.value, set()).add(triple)
    for name, given, said in _said(graph, wanted):
        differences += _differences(given, said)
        if exact and name in found.sample:
            extra += _extra(given, said)
    least, most = (max(before, found.triples), before + found.triples) if before else (found.triples, found.triples)
    return Comparison(least, most, there, len(found.sample), len(found.unusual), tuple(differences), tuple(extra))


def search(graph: Graph, source: Source, size: int, *, as_is: bool) -> tuple[Difference, ...]:
    """Look for what is lost or changed among all that was given, until enough of it is found.

    Raises `StoreError` where the store cannot be asked.
    """
    differences: list[Difference] = []
    if not graph.asked:
        return ()
    for part in parts(source, size, as_is=as_is):
        named = (triple for triple in triples_of(part) if not isinstance(triple.object, ox.BlankNode))
        for _, given, said in _said(graph, _by_subject(named)):
            differences += _differences(given, said)
            if len(differences) >= _ENOUGH:
                return tuple(differences)
    return tuple(differences)


def missing(graph: Graph, triples: Iterable[ox.Triple]) -> tuple[Difference, ...]:
    """Return those of some triples that a graph has not."""
    wanted = _by_subject(triples)
    return tuple(one for _, given, said in _said(graph, wanted) for one in _differences(given, said))


def present(graph: Graph, triples: Iterable[ox.Triple]) -> tuple[ox.Triple, ...]:
    """Return those of some triples that a graph has."""
    wanted = _by_subject(triples)
    return tuple(
        triple
        for _, given, said in _said(graph, wanted)
        for triple in given
        if _key(triple.predicate, triple.object) in {_key(predicate, value) for _, predicate, value in said}
    )


def _by_subject(triples: Iterable[ox.Triple]) -> dict[str, set[ox.Triple]]:
    wanted: dict[str, set[ox.Triple]] = {}
    for triple in triples:
        if isinstance(triple.subject, ox.NamedNode):
            wanted.setdefault(triple.subject.value, set()).add(triple)
    return wanted


def _said(graph: Graph, wanted: Mapping[str, set[ox.Triple]]) -> Iterator[tuple[str, set[ox.Triple], list[Spoken]]]:
    """Yield each subject with what was given and what the store says of it."""
    if not graph.asked:
        all_said: dict[str, list[Spoken]] = {name: [] for name in wanted}
        for triple in graph.triples():
            if isinstance(triple.subject, ox.NamedNode) and triple.subject.value in all_said:
                all_said[triple.subject.value].append((triple.subject, triple.predicate, triple.object))  # type: ignore[arg-type]  # no triple stands in a triple here
        for name, given in wanted.items():
            yield name, given, all_said[name]
        return
    for names in _batches(wanted):
        said: dict[str, list[Spoken]] = {name: [] for name in names}
        for spoken in graph.iri_of(names):
            subject = spoken[0]
            if isinstance(subject, ox.NamedNode) and subject.value in said:
                said[subject.value].append(spoken)
        for name in names:
            yield name, wanted[name], said[name]


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


_Key = tuple[str, str, str, str]


def _key(predicate: ox.NamedNode, value: object) -> _Key:
    """Return what makes two triples of a subject the same; the case of a language tag does not count."""
    if isinstance(value, ox.Literal):
        return predicate.value, value.value, value.datatype.value, (value.language or "").lower()
    return predicate.value, str(value), "", ""


def _differences(given: set[ox.Triple], said: list[Spoken]) -> Iterator[Difference]:
    there = {_key(predicate, value): value for _, predicate, value in said}
    ours = {_key(triple.predicate, triple.object) for triple in given}
    free = [(predicate, value) for _, predicate, value in said if _key(predicate, value) not in ours]
    for triple in sorted(given, key=str):
        if _key(triple.predicate, triple.object) not in there:
            yield Difference(triple, _counterpart(triple, free, list(there.values())))


def _counterpart(
    triple: ox.Triple,
    free: list[tuple[ox.NamedNode, ox.NamedNode | ox.BlankNode | ox.Literal]],
    there: list[ox.NamedNode | ox.BlankNode | ox.Literal],
) -> ox.NamedNode | ox.BlankNode | ox.Literal | None:
    """Return what stands in the place of a triple's object: of the same value, or the beginning of it."""
    mine = triple.object
    others = [value for predicate, value in free if predicate == triple.predicate]
    likely = [value for value in others if _resembles(mine, value)]
    likely += [value for value in there if _equals(mine, value)]
    likely.sort(key=lambda value: not _alike(mine, value))
    return next(iter(likely or others), None)


def _alike(mine: object, other: object) -> bool:
    return isinstance(mine, ox.Literal) and isinstance(other, ox.Literal) and mine.datatype == other.datatype


def _equals(mine: object, other: object) -> bool:
    if not isinstance(mine, ox.Literal) or not isinstance(other, ox.Literal):
        return False
    number = _number(mine)
    return number is not None and number == _number(other)


def _resembles(mine: object, other: object) -> bool:
    if isinstance(mine, ox.Literal) and isinstance(other, ox.Literal):
        if mine.value == other.value or _equals(mine, other):
            return True
        return bool(other.value) and mine.value.startswith(other.value.rstrip("Z"))
    if isinstance(mine, ox.NamedNode) and isinstance(other, ox.NamedNode):
        return mine.value.startswith(other.value)
    return False


def _is_number(value: object) -> bool:
    return isinstance(value, ox.Literal) and _number(value) is not None


def _number(value: ox.Literal) -> Decimal | None:
    try:
        return Decimal(value.value) if re.fullmatch(r"[-+0-9.eE]+", value.value) else None
    except InvalidOperation:
        return None


def _extra(given: set[ox.Triple], said: list[Spoken]) -> Iterator[ox.Triple]:
    ours = {_key(triple.predicate, triple.object) for triple in given}
    for subject, predicate, value in said:
        if _key(predicate, value) not in ours and not isinstance(value, ox.BlankNode):
            yield ox.Triple(subject, predicate, value)


def _verb(mine: object, other: object) -> str:
    text, instead = getattr(mine, "value", ""), getattr(other, "value", "")
    if len(text) > len(instead) and text.startswith(instead) and not _is_number(mine):
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
