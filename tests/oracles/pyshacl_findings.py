"""What pyshacl finds wrong with RDF by the bundled shapes, in the form of our own findings."""

from __future__ import annotations

import pyoxigraph as ox
import pyshacl
import rdflib

from graphkit.rdf.ontology import shapes
from graphkit.rdf.vocabulary import XSD
from graphkit.validation.data_graph import DataGraph, Term
from graphkit.validation.findings import SH, Finding, ordered
from graphkit.validation.shapes import all_of, bundled


def pyshacl_findings(data: DataGraph) -> tuple[Finding, ...]:
    """Return the findings of pyshacl, sorted, without places."""
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
    assert isinstance(report, rdflib.Graph), text
    sh = rdflib.Namespace(SH)
    by_iri = all_of(bundled())
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
                f"<{path}>" if isinstance(path, rdflib.URIRef) else shape.path.text if shape.path is not None else "",
                _from_rdflib(report.value(result, sh.value)),
                shape.message,
                shape.severity,
            )
        )
    return ordered(found)


def _to_rdflib(term: Term) -> rdflib.term.Node:
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
    if term is None:
        return ""
    if isinstance(term, rdflib.Literal):
        if term.language:
            return str(ox.Literal(str(term), language=term.language))
        return str(ox.Literal(str(term), datatype=ox.NamedNode(str(term.datatype or f"{XSD}string"))))
    return f"_:{term}" if isinstance(term, rdflib.BNode) else f"<{term}>"
