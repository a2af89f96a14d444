"""Shapes: the rules of `rdf/ontology/shapes.ttl` as frozen values. Only the parts of SHACL that they use are known."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

import msgspec
import pyoxigraph as ox

from graphkit.rdf.ontology import shapes
from graphkit.rdf.vocabulary import RDF, RDFS
from graphkit.validation.data_graph import DataGraph, Node, PropertyValues, Term, data_graph_of
from graphkit.validation.findings import SH, VIOLATION


class PropertyPath(msgspec.Struct, frozen=True):
    """A property path: one predicate, any of several (`|`), or one any number of times (`*`)."""

    predicates: tuple[str, ...]
    kind: str = ""

    @property
    def text(self) -> str:
        """The path as Turtle writes it after ``sh:path``."""
        names = [f"<{predicate}>" for predicate in self.predicates]
        if self.kind == "|":
            return f"[ <{SH}alternativePath> ( {' '.join(names)} ) ]"
        return f"[ <{SH}zeroOrMorePath> {names[0]} ]" if self.kind else names[0]


class Shape(msgspec.Struct, frozen=True):
    """One shape: its targets, and its constraints on a focus node, or on the values of a path from there."""

    iri: str
    message: str = ""
    severity: str = VIOLATION
    targets: tuple[str, ...] = ()
    path: PropertyPath | None = None
    node_kind: str = ""
    allowed: frozenset[str] | None = None
    min_count: int = 0
    max_count: int | None = None
    datatype: str = ""
    classes: tuple[str, ...] = ()
    patterns: tuple[re.Pattern[str], ...] = ()
    min_inclusive: Decimal | None = None
    one_of: tuple[Term, ...] | None = None
    equals: tuple[str, ...] = ()
    disjoint: tuple[str, ...] = ()
    any_of: tuple[tuple[Shape, ...], ...] = ()
    nodes: tuple[Shape, ...] = ()
    properties: tuple[Shape, ...] = ()


@lru_cache(maxsize=1)
def bundled() -> tuple[Shape, ...]:
    """Return the node shapes that every export conforms to.

    >>> sorted(shape.iri.rpartition("#")[2] for shape in bundled())
    ['Agent', 'Article', 'Concept', 'ConceptScheme', 'Dataset', 'ImageObject', 'Organization', 'Source']
    """
    return read_shapes(shapes())


def read_shapes(turtle: str) -> tuple[Shape, ...]:
    """Return the shapes with targets. Raises `NotImplementedError` for a part of SHACL that our shapes do not use."""
    graph = data_graph_of(ox.parse(turtle, ox.RdfFormat.TURTLE))
    found = [
        _shape(graph, node)
        for node, rows in graph.subjects.items()
        if f"{SH}targetClass" in rows and isinstance(node, ox.NamedNode)
    ]
    return tuple(sorted(found, key=_iri))


def all_of(found: tuple[Shape, ...]) -> dict[str, Shape]:
    """Return all shapes by IRI, property shapes included."""
    return {one.iri: one for shape in found for one in (shape, *shape.properties)}


def _iri(shape: Shape) -> str:
    return shape.iri


def _shape(graph: DataGraph, node: Node) -> Shape:
    rows = graph.subjects[node]
    unknown = sorted(name for name in rows if name.startswith(SH) and name.removeprefix(SH) not in _KNOWN)
    if unknown:
        raise NotImplementedError(f"{node}: expected constraints that shapes of exports use, got {', '.join(unknown)}")

    def values(name: str) -> list[Term]:
        return sorted(rows.get(SH + name, ()), key=str)

    def texts(name: str) -> tuple[str, ...]:
        return tuple(_text(value) for value in values(name))

    def number(name: str) -> int | None:
        return next((int(text) for text in texts(name)), None)

    properties = tuple(sorted((_shape(graph, _node(one)) for one in values("property")), key=_iri))
    allowed = None
    if "true" in texts("closed"):
        named = {shape.path.predicates[0] for shape in properties if shape.path is not None and not shape.path.kind}
        ignored = {_text(term) for one in values("ignoredProperties") for term in _list(graph, one)}
        allowed = frozenset(named | ignored)
    path = next((_path(graph, one) for one in values("path")), None)
    listed = [_list(graph, one) for one in values("in")]
    return Shape(
        iri=node.value if isinstance(node, ox.NamedNode) else "",
        message=" ".join(texts("message")),
        severity=next(iter(texts("severity")), VIOLATION),
        targets=texts("targetClass"),
        path=path,
        node_kind=next(iter(texts("nodeKind")), "").removeprefix(SH),
        allowed=allowed,
        min_count=number("minCount") or 0,
        max_count=number("maxCount"),
        datatype=next(iter(texts("datatype")), ""),
        classes=texts("class"),
        patterns=tuple(re.compile(text) for text in texts("pattern")),
        min_inclusive=next((Decimal(text) for text in texts("minInclusive")), None),
        one_of=tuple(listed[0]) if listed else None,
        equals=texts("equals"),
        disjoint=texts("disjoint"),
        any_of=tuple(tuple(_shape(graph, _node(term)) for term in _list(graph, one)) for one in values("or")),
        nodes=tuple(_shape(graph, _node(one)) for one in values("node")),
        properties=properties,
    )


_KNOWN = frozenset(
    "class closed datatype disjoint equals ignoredProperties in maxCount message minCount minInclusive node"  # noqa: SIM905 - a list of words
    " nodeKind or path pattern property severity targetClass".split()
)


def _path(graph: DataGraph, term: Term) -> PropertyPath:
    if isinstance(term, ox.NamedNode):
        return PropertyPath((term.value,))
    rows: PropertyValues = graph.subjects[_node(term)]
    for name, kind in (("alternativePath", "|"), ("zeroOrMorePath", "*")):
        for value in rows.get(SH + name, ()):
            steps = _list(graph, value) if kind == "|" else [value]
            if all(isinstance(step, ox.NamedNode) for step in steps):
                return PropertyPath(tuple(map(_text, steps)), kind)
    raise NotImplementedError(f"sh:path: expected a path that shapes of exports use, got {sorted(rows)}")


def _list(graph: DataGraph, term: Term) -> list[Term]:
    found: list[Term] = []
    while term.value != f"{RDF}nil":  # type: ignore[union-attr]  # no part of a list is a triple
        rows = graph.subjects[_node(term)]
        found += rows[f"{RDF}first"]
        (term,) = rows[f"{RDF}rest"]
    return found


def _node(term: Term) -> Node:
    assert isinstance(term, ox.NamedNode | ox.BlankNode)
    return term


def _text(term: Term) -> str:
    assert not isinstance(term, ox.Triple)
    return term.value


SUBCLASS = f"{RDFS}subClassOf"
