"""SHACL by pyshacl: the same shapes, asked by the implementation that the Python world uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyoxigraph as ox

from graphkit.errors import MissingExtra, UsageError
from graphkit.rdf.ontology import shapes
from graphkit.rdf.vocabulary import XSD
from graphkit.validation.described import Described, Term
from graphkit.validation.findings import SH, Finding, ordered
from graphkit.validation.shapes import Shape, all_of

if TYPE_CHECKING:
    import rdflib


def check(data: Described, known: tuple[Shape, ...]) -> tuple[Finding, ...]:
    """Return all that pyshacl finds wrong by the bundled shapes, sorted, without places.

    `known` are those shapes. Raises `MissingExtra` where pyshacl is not installed.
    """
    try:
        import pyshacl
        import rdflib
    except ImportError as error:
        raise MissingExtra(
            "this engine needs the package pyshacl: pip install 'graphkit[validate]'; --engine builtin needs none"
        ) from error
    graph = rdflib.Graph()
    terms: dict[Term, rdflib.term.Node] = {}

    def node(term: Term) -> rdflib.term.Node:
        made = terms.get(term)
        if made is None:
            made = terms[term] = _to_rdflib(term)
        return made

    for subject, rows in data.subjects.items():
        for predicate, values in rows.items():
            for value in values:
                graph.add((node(subject), rdflib.URIRef(predicate), node(value)))
    _, report, text = pyshacl.validate(
        graph, shacl_graph=rdflib.Graph().parse(data=shapes(), format="turtle"), inference="none"
    )
    if not isinstance(report, rdflib.Graph):
        raise UsageError(f"pyshacl: expected RDF that it can validate, got: {text}")
    sh = rdflib.Namespace(SH)
    by_iri = all_of(known)
    found = []
    for result in report.objects(report.value(predicate=rdflib.RDF.type, object=sh.ValidationReport), sh.result):
        shape = by_iri[str(report.value(result, sh.sourceShape))]
        component = str(report.value(result, sh.sourceConstraintComponent))
        path = report.value(result, sh.resultPath)
        found.append(
            Finding(
                _from_rdflib(report.value(result, sh.focusNode)),
                shape.iri,
                component.removeprefix(SH).removesuffix("ConstraintComponent"),
                f"<{path}>" if isinstance(path, rdflib.URIRef) else shape.way.text if shape.way is not None else "",
                _from_rdflib(report.value(result, sh.value)),
                shape.message,
                shape.severity,
            )
        )
    return ordered(found)


def _to_rdflib(term: Term) -> rdflib.term.Node:
    import rdflib

    if isinstance(term, ox.NamedNode):
        return rdflib.URIRef(term.value)
    if isinstance(term, ox.BlankNode):
        return rdflib.BNode(term.value)
    assert isinstance(term, ox.Literal)
    # A plain string has no datatype here: rdflib takes that and xsd:string for two literals.
    datatype = term.datatype.value
    kind = None if term.language or datatype == f"{XSD}string" else rdflib.URIRef(datatype)
    return rdflib.Literal(term.value, lang=term.language, datatype=kind, normalize=False)


def _from_rdflib(term: object) -> str:
    import rdflib

    if term is None:
        return ""
    if isinstance(term, rdflib.Literal):
        if term.language:
            return str(ox.Literal(str(term), language=term.language))
        return str(ox.Literal(str(term), datatype=ox.NamedNode(str(term.datatype or f"{XSD}string"))))
    return f"_:{term}" if isinstance(term, rdflib.BNode) else f"<{term}>"
