"""Conformance: a data graph checked against shapes, node by node, with the results that SHACL defines.

The reference is the Recommendation (https://www.w3.org/TR/shacl/); property tests compare it with pyshacl. The two
differ in what is an `xsd:dateTime` or an `xsd:integer`: this follows XML Schema, pyshacl follows Python.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from decimal import Decimal, InvalidOperation

import pyoxigraph as ox

from graphkit.rdf.vocabulary import TYPE, XSD
from graphkit.validation.data_graph import DataGraph, PropertyValues, Term
from graphkit.validation.findings import Finding, ordered
from graphkit.validation.shapes import SUBCLASS, PropertyPath, Shape


def check_conformance(data: DataGraph, shapes: Iterable[Shape]) -> tuple[Finding, ...]:
    """Return all validation results, sorted, without places."""
    check = _ConformanceCheck(data, tuple(shapes))
    return ordered(
        finding
        for node, rows in data.subjects.items()
        if TYPE in rows
        for shape in check.shapes_for(rows[TYPE])
        for finding in check.results(shape, node)
    )


class _ConformanceCheck:
    """A data graph and shapes, with what is computed once: the superclasses of a class, the shapes of a type."""

    def __init__(self, data: DataGraph, shapes: tuple[Shape, ...]) -> None:
        self.subjects = data.subjects
        self.shapes = shapes
        self.has_subclasses = any(SUBCLASS in rows for rows in data.subjects.values())
        self.superclasses: dict[Term, frozenset[str]] = {}
        self.targeting: dict[tuple[Term, ...], tuple[Shape, ...]] = {}

    def classes(self, term: Term) -> frozenset[str]:
        """Return a class and all its superclasses."""
        known = self.superclasses.get(term)
        if known is None:
            found = {term}
            waiting = [term] if self.has_subclasses else []
            while waiting:
                for broader in self.properties(waiting.pop()).get(SUBCLASS, ()):
                    if broader not in found:
                        found.add(broader)
                        waiting.append(broader)
            known = self.superclasses[term] = frozenset(one.value for one in found if isinstance(one, ox.NamedNode))
        return known

    def shapes_for(self, types: list[Term]) -> tuple[Shape, ...]:
        """Return the shapes that target a node of these types."""
        key = tuple(types)
        known = self.targeting.get(key)
        if known is None:
            classes = frozenset[str]().union(*map(self.classes, types))
            known = self.targeting[key] = tuple(shape for shape in self.shapes if not classes.isdisjoint(shape.targets))
        return known

    def properties(self, term: Term) -> PropertyValues:
        """Return the values of a term by predicate."""
        return self.subjects.get(term, _NOTHING) if isinstance(term, ox.NamedNode | ox.BlankNode) else _NOTHING

    def results(self, shape: Shape, focus: Term) -> Iterator[Finding]:
        """Yield the validation results of a shape for a focus node."""
        rows = self.properties(focus)
        path = shape.path
        values = (
            [focus]
            if path is None
            else rows.get(path.predicates[0], _NONE)
            if not path.kind
            else self.walk(path, focus)
        )

        def wrong(constraint: str, value: Term | None = None, result_path: str = "") -> Finding:
            return Finding(
                str(focus),
                shape.iri,
                constraint,
                result_path or (path.text if path is not None else ""),
                "" if value is None else str(value),
                shape.message,
                shape.severity,
            )

        if path is not None:
            number = len(values)
            if number < shape.min_count:
                yield wrong("MinCount")
            if shape.max_count is not None and number > shape.max_count:
                yield wrong("MaxCount")
        if values:
            if shape.node_kind:
                yield from (wrong("NodeKind", value) for value in values if not _is_kind(value, shape.node_kind))
            if shape.datatype:
                yield from (wrong("Datatype", value) for value in values if not _is_typed(value, shape.datatype))
            for name in shape.classes:
                yield from (wrong("Class", value) for value in values if not self.is_instance(value, name))
            for pattern in shape.patterns:
                yield from (wrong("Pattern", value) for value in values if not _fits(value, pattern))
            if shape.min_inclusive is not None:
                least = shape.min_inclusive
                yield from (wrong("MinInclusive", value) for value in values if not _is_at_least(value, least))
            if shape.one_of is not None:
                yield from (wrong("In", value) for value in values if value not in shape.one_of)
            for alternatives in shape.any_of:
                for value in values:
                    if not any(self.conforms(one, value) for one in alternatives):
                        yield wrong("Or", value)
            for node in shape.nodes:
                yield from (wrong("Node", value) for value in values if not self.conforms(node, value))
            for name in shape.disjoint:
                others = rows.get(name)
                if others:
                    yield from (wrong("Disjoint", value) for value in values if value in others)
        for name in shape.equals:
            others = rows.get(name, _NONE)
            if values != others:
                yield from (wrong("Equals", value) for value in set(values) ^ set(others))
        for value in values:
            own = self.properties(value)
            if shape.allowed is not None and not shape.allowed.issuperset(own):
                for predicate, objects in own.items():
                    if predicate not in shape.allowed:
                        yield from (wrong("Closed", one, f"<{predicate}>") for one in objects)
            for inner in shape.properties:
                step = inner.path
                # Most shapes require nothing where there is no value, and most nodes have few values.
                if inner.min_count or inner.equals or step is None or step.kind or step.predicates[0] in own:
                    yield from self.results(inner, value)

    def walk(self, path: PropertyPath, focus: Term) -> list[Term]:
        """Return the terms that a path leads to, each once."""
        if path.kind == "|":
            rows = self.properties(focus)
            return list(dict.fromkeys(value for name in path.predicates for value in rows.get(name, ())))
        found = {focus: None}
        waiting = [focus]
        while waiting:
            for value in self.properties(waiting.pop()).get(path.predicates[0], ()):
                if value not in found:
                    found[value] = None
                    waiting.append(value)
        return list(found)

    def conforms(self, shape: Shape, value: Term) -> bool:
        """Return whether a value conforms to a shape."""
        return next(self.results(shape, value), None) is None

    def is_instance(self, value: Term, name: str) -> bool:
        """Return whether a value is an instance of a class."""
        return any(name in self.classes(one) for one in self.properties(value).get(TYPE, ()))


_NOTHING: PropertyValues = {}
_NONE: list[Term] = []


def _is_kind(value: Term, kind: str) -> bool:
    name = "IRI" if isinstance(value, ox.NamedNode) else "Literal" if isinstance(value, ox.Literal) else "BlankNode"
    return name in kind.split("Or")


def _is_typed(value: Term, datatype: str) -> bool:
    """Return whether a value is a literal of a datatype, and well-formed as far as the datatype is known here."""
    if not isinstance(value, ox.Literal) or value.datatype.value != datatype:
        return False
    is_formed = _LEXICAL.get(datatype)
    return is_formed is None or bool(is_formed(value.value))


_NUMBER = re.compile(r"[+-]?[0-9]+")
_DATE_TIME = re.compile(
    r"(?P<date>-?(?:[1-9][0-9]{3,}|0[0-9]{3})-[0-9]{2}-[0-9]{2})"
    r"T(?P<time>[0-9]{2}:[0-9]{2}:[0-9]{2})(?P<fraction>\.[0-9]+)?"
    r"(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))?"
)


def _is_date_time(text: str) -> bool:
    """Return whether a text is an `xsd:dateTime` (https://www.w3.org/TR/xmlschema11-2/#dateTime)."""
    match = _DATE_TIME.fullmatch(text)
    if match is None:
        return False
    date, time = match["date"], match["time"]
    if time == "24:00:00" and not (match["fraction"] or "").strip(".0"):
        time = "00:00:00"
    # The calendar repeats every 400 years, which brings any year to where Python's begins.
    year, _, day = date.removeprefix("-").partition("-")
    number = -int(year) if date.startswith("-") else int(year)
    try:
        datetime.fromisoformat(f"{number % 400 + 2000}-{day}T{time}")
    except ValueError:
        return False
    return True


_LEXICAL: dict[str, Callable[[str], object]] = {f"{XSD}integer": _NUMBER.fullmatch, f"{XSD}dateTime": _is_date_time}

_INTEGERS = (
    *("integer", "nonNegativeInteger", "positiveInteger", "nonPositiveInteger", "negativeInteger"),
    *("long", "int", "short", "byte", "unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte"),
)
_DECIMAL = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_FLOAT = re.compile(r"[+-]?(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|INF)")
_NUMBER_FORMS = {
    **{XSD + name: _NUMBER for name in _INTEGERS},
    f"{XSD}decimal": _DECIMAL,
    f"{XSD}double": _FLOAT,
    f"{XSD}float": _FLOAT,
}


def _is_at_least(value: Term, least: Decimal) -> bool:
    """Return whether a value is a number and no smaller; a value that SPARQL cannot compare is not."""
    if not isinstance(value, ox.Literal):
        return False
    form = _NUMBER_FORMS.get(value.datatype.value)
    if form is None or not form.fullmatch(value.value):
        return False
    try:
        return Decimal(value.value) >= least
    except InvalidOperation:  # an exponent that Decimal does not hold
        return not value.value.startswith("-")


def _fits(value: Term, pattern: re.Pattern[str]) -> bool:
    return isinstance(value, ox.NamedNode | ox.Literal) and pattern.search(value.value) is not None
