"""The vocabulary defines what the code writes, and the shapes tell a sound export from a broken one."""

import json
import re
from collections.abc import Mapping
from itertools import chain
from pathlib import Path

import owlrl
import pyoxigraph
import pyshacl
import pytest
import rdflib
from paths import ROOT
from rdflib.namespace import OWL, RDF, RDFS, SH, SKOS
from samples.broken_exports import MUTATIONS, PREFIXES, SAMPLE

import graphkit
from graphkit.rdf import vocabulary
from graphkit.rdf.ontology import ontology, shapes

GK = rdflib.Namespace("https://w3id.org/graphkit/ns#")
DATATYPES = {rdflib.XSD.string, rdflib.XSD.integer}

# Predicates of SHACL-SPARQL, SHACL-JS and the SHACL advanced features.
BEYOND_CORE = {
    rdflib.URIRef(f"http://www.w3.org/ns/shacl#{name}")
    for name in ("sparql", "select", "ask", "js", "target", "rule", "expression", "values", "condition")
}


@pytest.fixture(autouse=True)
def literals_as_written(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep rdflib from rewriting literals as it reads them: `Z` would become `+00:00`."""
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)


def _turtle(text: str) -> rdflib.Graph:
    return rdflib.Graph().parse(data=text, format="turtle")


def _faults(data: rdflib.Graph, *, inference: str = "none") -> list[str]:
    """Return the messages of everything the shapes find wrong with `data`, sorted."""
    conforms, report, text = pyshacl.validate(
        data,
        shacl_graph=_turtle(shapes()),
        ont_graph=None if inference == "none" else _turtle(ontology()),
        inference=inference,
    )
    assert isinstance(report, rdflib.Graph), text
    messages = sorted(str(message) for message in report.objects(predicate=SH.resultMessage))
    assert conforms == (not messages), text
    return messages


def test_two_parsers_read_the_same_ontology_and_shapes() -> None:
    for text in (ontology(), shapes()):
        oxigraph = list(pyoxigraph.parse(text, format=pyoxigraph.RdfFormat.TURTLE))
        assert len(oxigraph) == len(set(_turtle(text))) > 0


@pytest.mark.engine
@pytest.mark.parametrize("inference", ["none", "rdfs"])
def test_shapes_accept_a_sound_export_with_and_without_what_the_ontology_entails(inference: str) -> None:
    assert _faults(_turtle(SAMPLE), inference=inference) == []


@pytest.mark.engine
@pytest.mark.parametrize("update,message", MUTATIONS.values(), ids=MUTATIONS)
def test_shapes_name_the_fault(update: str, message: str) -> None:
    data = _turtle(SAMPLE)
    before = set(data)
    data.update(PREFIXES + update)
    assert set(data) != before
    faults = _faults(data)
    assert any(message in fault for fault in faults), faults


def test_shapes_accept_dates_as_rdflib_rewrites_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", True)
    data = _turtle(SAMPLE)
    assert "2021-08-23T11:22:00+00:00" in map(str, data.objects())
    assert _faults(data) == []


def test_every_shape_has_a_mutation_that_it_rejects() -> None:
    graph = _turtle(shapes())
    unchallenged = {
        str(message)
        for node_shape in graph.subjects(SH.targetClass)
        for property_shape in graph.objects(node_shape, SH.property)
        for message in graph.objects(property_shape, SH.message)
        if not any(words in str(message) for _, words in MUTATIONS.values())
    }
    assert unchallenged == set()


@pytest.mark.engine
def test_shapes_are_well_formed_and_keep_to_the_core() -> None:
    graph = _turtle(shapes())
    conforms, _, text = pyshacl.validate(_turtle(SAMPLE), shacl_graph=graph, meta_shacl=True)
    assert conforms, text
    assert BEYOND_CORE.isdisjoint(graph.predicates())


def test_every_shape_is_named_and_every_constraint_has_a_message() -> None:
    graph = _turtle(shapes())
    node_shapes = set(graph.subjects(RDF.type, SH.NodeShape))
    assert all(isinstance(shape, rdflib.URIRef) for shape in node_shapes)
    property_shapes = set(graph.objects(predicate=SH.property))
    silent = [shape for shape in node_shapes | property_shapes if (shape, SH.message, None) not in graph]
    assert silent == []


def test_every_shape_is_closed() -> None:
    graph = _turtle(shapes())
    closed = set(graph.subjects(SH.closed, rdflib.Literal(True)))
    assert closed == set(graph.subjects(RDF.type, SH.NodeShape))


def test_every_term_says_what_it_is() -> None:
    graph = _turtle(ontology())
    header = rdflib.URIRef(str(GK))
    assert (header, RDF.type, OWL.Ontology) in graph
    for term in _defined():
        for said in (RDFS.label, RDFS.comment, RDF.type):
            assert (term, said, None) in graph, (term, said)
        assert list(graph.objects(term, RDFS.isDefinedBy)) == [header], term


def test_every_property_has_one_kind_one_domain_and_one_range() -> None:
    graph = _turtle(ontology())
    for term in _properties():
        kinds = set(graph.objects(term, RDF.type)) & {OWL.DatatypeProperty, OWL.ObjectProperty}
        assert len(kinds) == 1, term
        assert len(list(graph.objects(term, RDFS.domain))) == 1, term
        (range_,) = graph.objects(term, RDFS.range)
        assert (OWL.DatatypeProperty in kinds) == (range_ in DATATYPES), term


def test_shapes_and_ontology_speak_of_the_same_terms() -> None:
    assert _terms(_turtle(shapes())) == set(_properties()) | set(_statuses())


def _terms(graph: rdflib.Graph) -> set[rdflib.URIRef]:
    nodes = {node for triple in graph for node in triple}
    return {node for node in nodes if isinstance(node, rdflib.URIRef) and node in GK and str(node) != str(GK)}


def _defined() -> list[rdflib.URIRef]:
    graph = _turtle(ontology())
    return sorted(term for term in _terms(graph) if (term, RDFS.isDefinedBy, None) in graph)


def _properties() -> list[rdflib.URIRef]:
    graph = _turtle(ontology())
    return [term for term in _defined() if (term, RDFS.domain, None) in graph]


def _statuses() -> list[rdflib.URIRef]:
    graph = _turtle(ontology())
    return [term for term in _defined() if (term, RDF.type, GK.Status) in graph]


# What other vocabularies say

RNEWS = rdflib.Namespace("http://iptc.org/std/rNews/2011-10-07#")
WDT = rdflib.Namespace("http://www.wikidata.org/prop/direct/")
SCHEMA = rdflib.Namespace("https://schema.org/")
FOREIGN = (str(RNEWS), str(WDT), "http://www.wikidata.org/entity/", "http://purl.org/ontology/storyline/")


def _with_all_that_follows(data: str) -> rdflib.Graph:
    graph = _turtle(data) + _turtle(ontology())
    owlrl.DeductiveClosure(owlrl.RDFS_Semantics, rdfs_closure=True).expand(graph)
    return graph


def test_data_of_rnews_and_wikidata_is_found_by_our_terms() -> None:
    article, publisher = rdflib.URIRef("urn:a"), rdflib.URIRef("urn:p")
    graph = _with_all_that_follows(
        f"<urn:a> a <{RNEWS.Article}> ; <{RNEWS.headline}> 'A' ; <{WDT.P123}> <urn:p> ; <{WDT.P577}> '2021' ."
    )
    assert (article, RDF.type, SCHEMA.CreativeWork) in graph
    assert (article, SCHEMA.headline, rdflib.Literal("A")) in graph
    assert (article, SCHEMA.publisher, publisher) in graph
    assert (article, SCHEMA.datePublished, rdflib.Literal("2021")) in graph


def test_nothing_foreign_follows_from_an_export() -> None:
    graph = _with_all_that_follows(SAMPLE)
    nodes = set(_turtle(SAMPLE).subjects())
    said = {term for node in nodes for pair in graph.predicate_objects(node) for term in pair}
    assert not [term for term in said if str(term).startswith(FOREIGN)]


def test_every_alignment_ends_at_a_term_that_exports_use() -> None:
    graph = _turtle(ontology())
    used = {term for triple in _turtle(shapes()) for term in triple} | set(_defined())
    foreign = {term for triple in graph for term in triple if str(term).startswith(FOREIGN)}
    assert len(foreign) > 20
    for term in foreign:
        assert (term, RDFS.label, None) in graph, term
        ours = {
            *graph.objects(term, RDFS.subClassOf),
            *graph.objects(term, RDFS.subPropertyOf),
            *graph.subjects(RDFS.seeAlso, term),
        }
        assert ours, term
        assert ours <= used, term


# What the code says


def test_the_code_and_the_ontology_have_the_same_terms() -> None:
    public = [value for name, value in vars(vocabulary).items() if name.isupper()]
    tables = [value.values() for value in public if isinstance(value, Mapping)]
    written = {
        rdflib.URIRef(value)
        for value in chain(public, *tables)
        if isinstance(value, str) and value.startswith(GK) and value != str(GK)
    }
    # No export writes the class; it is what gk:status points to.
    assert written | {GK.Status} == set(_defined())


@pytest.mark.parametrize("folder", ["graphkit", "queries"])
def test_every_term_that_code_or_a_query_names_is_defined(folder: str) -> None:
    texts = [
        path.read_text(encoding="utf-8")
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in (".py", ".rq", ".js", ".ts", ".html", ".ttl") and "node_modules" not in path.parts
    ]
    named = {GK[name] for text in texts for name in re.findall(r"\bgk:(\w+)", text)}
    assert named <= set(_defined())


@pytest.mark.engine
@pytest.mark.parametrize("inference", ["none", "rdfs"])
def test_the_export_of_the_seeds_satisfies_the_shapes(inference: str, tmp_path: Path) -> None:
    data = _export(ROOT / "seeds", tmp_path)
    assert len(data) > 1000
    assert _faults(data, inference=inference) == []


@pytest.mark.parametrize(
    "address",
    ["topics", "dataset", "topic/ai", "source/a.json", "dataset/class/schema-CreativeWork", "topic/x"],
)
def test_an_image_address_cannot_take_the_place_of_a_resource(address: str, tmp_path: Path) -> None:
    image = {"url": f"https://w3id.org/graphkit/id/{address}", "width": 3}
    record = {"title": "T", "webUrl": "https://news.example/a", "topics": ["AI"], "images": [image]}
    assert _faults(_export_of({"a.json": json.dumps(record)}, tmp_path)) == []


def test_a_keyword_that_is_a_label_too_has_one_role(tmp_path: Path) -> None:
    topic = "taxonomy: topic\nname: Face Search\nshortname: FS\nkeywords: [FS, Face Search, robots]\n"
    data = _export_of({"fs.yaml": topic, "a.json": '{"title": "T", "topics": ["Face Search"]}'}, tmp_path)
    assert _faults(data) == []
    assert set(map(str, data.objects(predicate=SKOS.altLabel))) == {"FS"}
    assert set(map(str, data.objects(predicate=SKOS.hiddenLabel))) == {"robots"}


def _export(folder: Path, target: Path) -> rdflib.Graph:
    path = target / "graph.ttl"
    graphkit.write_rdf(graphkit.build(folder).graph, path)
    return _turtle(path.read_text(encoding="utf-8"))


def _export_of(files: Mapping[str, str], folder: Path) -> rdflib.Graph:
    corpus = folder / "corpus"
    corpus.mkdir()
    for name, text in files.items():
        (corpus / name).write_text(text, encoding="utf-8")
    return _export(corpus, folder)
