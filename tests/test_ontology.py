"""The vocabulary defines what the code writes, and the shapes tell a sound export from a broken one."""

import json
import re
from collections.abc import Mapping
from itertools import chain
from pathlib import Path

import pyoxigraph
import pyshacl
import pytest
import rdflib
from rdflib.namespace import OWL, RDF, RDFS, SH, SKOS

import graphkit
from graphkit import vocab
from graphkit.ontology import ontology, shapes

ROOT = Path(__file__).resolve().parent.parent
GK = rdflib.Namespace("https://w3id.org/graphkit/ns#")
DATATYPES = {rdflib.XSD.string, rdflib.XSD.integer}

# Predicates of SHACL-SPARQL, SHACL-JS and the SHACL advanced features.
BEYOND_CORE = {
    rdflib.URIRef(f"http://www.w3.org/ns/shacl#{name}")
    for name in ("sparql", "select", "ask", "js", "target", "rule", "expression", "values", "condition")
}

PREFIXES = """
PREFIX : <https://w3id.org/graphkit/id/>
PREFIX dcat: <http://www.w3.org/ns/dcat#>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX gk: <https://w3id.org/graphkit/ns#>
PREFIX prov: <http://www.w3.org/ns/prov#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX schema: <https://schema.org/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX void: <http://rdfs.org/ns/void#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
PREFIX article: <https://w3id.org/graphkit/id/article/>
PREFIX provider: <https://w3id.org/graphkit/id/provider/>
PREFIX topic: <https://w3id.org/graphkit/id/topic/>
"""

SAMPLE = (
    PREFIXES
    + r"""
article:a a schema:NewsArticle ;
    schema:headline "Police \"trial\"\nends" ; rdfs:label "Police \"trial\"\nends" ;
    schema:alternativeHeadline "Police trial ends" ;
    schema:description "A trial." ;
    schema:datePublished "2021-08-23T11:22:00Z"^^xsd:dateTime ;
    schema:dateModified "2021-08-24T11:22:00.5Z"^^xsd:dateTime ;
    schema:url <https://news.example/a> ;
    <http://www.w3.org/ns/iana/link-relations/relation#amphtml> <https://news.example/a/amp/> ;
    gk:cachedCopy <https://news-example.cdn.ampproject.org/c/s/news.example/a/amp/> ;
    schema:sameAs <https://www.news.example/a?utm_source=x> ;
    schema:publisher provider:news ; schema:provider provider:tube ; gk:publisherLabel "News on Tube" ;
    schema:about topic:ai ;
    schema:image <https://news.example/a.jpg> ;
    gk:relatedCoverage article:b , article:c ;
    gk:quality 87 ; gk:heat 0 ; gk:status gk:published ;
    schema:articleSection "news" ; schema:inLanguage "en-us" ;
    prov:wasDerivedFrom <https://w3id.org/graphkit/id/source/2021/a.md> .
article:b a schema:VideoObject ;
    schema:headline "A film" ; rdfs:label "A film" ;
    prov:wasDerivedFrom <https://w3id.org/graphkit/id/source/2021/a.md> .
article:c a schema:CreativeWork ;
    schema:url <https://news.example/course> ; gk:mediaType "course" ;
    prov:wasDerivedFrom <https://w3id.org/graphkit/id/source/2021/a.md> .
provider:news a schema:Organization ;
    schema:name "News" ; rdfs:label "News" ; schema:alternateName "The News" ;
    schema:url <https://news.example/> ; gk:domain "news.example" .
provider:tube a schema:Organization ;
    schema:name "Channel" ; rdfs:label "Channel" ; gk:domain "tube.example" ; gk:platform "Tube" .
topic:ai a skos:Concept ;
    skos:prefLabel "AI" ; skos:altLabel "ai" ; skos:hiddenLabel "robots" ;
    skos:broader topic:computing ; skos:inScheme :topics .
topic:computing a skos:Concept ; skos:prefLabel "Computing" ; skos:inScheme :topics .
:topics a skos:ConceptScheme ; rdfs:label "Topics" .
<https://news.example/a.jpg> a schema:ImageObject ;
    schema:contentUrl <https://news.example/a.jpg> ; schema:width 1200 ; schema:height 0 .
<https://w3id.org/graphkit/id/source/2021/a.md> a prov:Entity ; rdfs:label "2021/a.md" .
:dataset a void:Dataset , dcat:Dataset ;
    dcterms:title "Coverage graph" ; void:uriSpace "https://w3id.org/graphkit/id/" ;
    void:triples 70 ; void:entities 10 ; gk:policyVersion "1" ;
    void:classPartition <https://w3id.org/graphkit/id/dataset/class/NewsArticle> ;
    void:propertyPartition <https://w3id.org/graphkit/id/dataset/property/gk-heat> .
<https://w3id.org/graphkit/id/dataset/class/NewsArticle> void:class schema:NewsArticle ; void:entities 1 .
<https://w3id.org/graphkit/id/dataset/property/gk-heat> void:property gk:heat ; void:triples 1 .
"""
)

# What is done to the sample, and words of the message that must answer it.
MUTATIONS = {
    "article is a blank node": (
        (
            'INSERT DATA { _:x a schema:NewsArticle ; schema:headline "x" ;'
            " prov:wasDerivedFrom <https://w3id.org/graphkit/id/source/2021/a.md> }"
        ),
        "An article is an IRI",
    ),
    "article with a property nobody named": (
        'INSERT DATA { article:a gk:secured "c2VjcmV0" }',
        "only the properties that its shape names",
    ),
    "article without headline and address": (
        'DELETE DATA { article:b schema:headline "A film" ; rdfs:label "A film" }',
        "a schema:headline, a schema:url, or both",
    ),
    "two headlines": ('INSERT DATA { article:a schema:headline "x" }', "at most one schema:headline"),
    "headline with a language": (
        ('DELETE DATA { article:b schema:headline "A film" } ; INSERT DATA { article:b schema:headline "A film"@en }'),
        "schema:headline, a string",
    ),
    "two labels": ('INSERT DATA { article:a rdfs:label "x" }', "at most one rdfs:label"),
    "the headline as its own alternative": (
        'INSERT DATA { article:b schema:alternativeHeadline "A film" }',
        "other than the headline",
    ),
    "two descriptions": (
        'INSERT DATA { article:a schema:description "x" }',
        "at most one schema:description",
    ),
    "two dates": (
        'INSERT DATA { article:a schema:datePublished "2020-01-01T00:00:00Z"^^xsd:dateTime }',
        "at most one schema:datePublished",
    ),
    "date as a string": (
        'INSERT DATA { article:b schema:datePublished "2021-08-23T11:22:00Z" }',
        "schema:datePublished, an xsd:dateTime",
    ),
    "date in another time zone": (
        'INSERT DATA { article:b schema:datePublished "2021-08-23T11:22:00+02:00"^^xsd:dateTime }',
        "schema:datePublished, an xsd:dateTime in UTC",
    ),
    "date in no time zone": (
        'INSERT DATA { article:b schema:dateModified "2021-08-23T11:22:00"^^xsd:dateTime }',
        "schema:dateModified, an xsd:dateTime in UTC",
    ),
    "date that does not exist": (
        'INSERT DATA { article:b schema:datePublished "2021-02-30T11:22:00Z"^^xsd:dateTime }',
        "schema:datePublished, an xsd:dateTime",
    ),
    "address as a string": (
        'INSERT DATA { article:b schema:url "https://news.example/b" }',
        "schema:url, an http or https IRI",
    ),
    "address that is a script": (
        "INSERT DATA { article:b schema:url <javascript:alert(1)> }",
        "schema:url, an http or https IRI",
    ),
    "two addresses": (
        "INSERT DATA { article:a schema:url <https://news.example/b> }",
        "at most one schema:url",
    ),
    "AMP page that is a file": (
        "INSERT DATA { article:b <http://www.w3.org/ns/iana/link-relations/relation#amphtml> <file:///a> }",
        "An AMP page is an http or https IRI",
    ),
    "cached copy as a string": ('INSERT DATA { article:b gk:cachedCopy "x" }', "A gk:cachedCopy is"),
    "same as its own address": (
        "INSERT DATA { article:a schema:sameAs <https://news.example/a> }",
        "other than the article's schema:url",
    ),
    "two publishers": (
        "INSERT DATA { article:a schema:publisher provider:tube }",
        "at most one schema:publisher",
    ),
    "publisher that is a topic": (
        "INSERT DATA { article:b schema:publisher topic:ai }",
        "schema:publisher, a schema:Organization",
    ),
    "distributor that nobody describes": (
        "INSERT DATA { article:b schema:provider provider:x }",
        "A schema:provider is a schema:Organization",
    ),
    "publisher label that is an IRI": (
        "INSERT DATA { article:b gk:publisherLabel provider:news }",
        "A gk:publisherLabel is a string",
    ),
    "about a string": ('INSERT DATA { article:b schema:about "AI" }', "is a skos:Concept"),
    "image that nobody describes": (
        "INSERT DATA { article:b schema:image <https://news.example/b.jpg> }",
        "A schema:image is a schema:ImageObject",
    ),
    "related to a provider": (
        "INSERT DATA { article:b gk:relatedCoverage provider:news }",
        "A gk:relatedCoverage is a",
    ),
    "related to itself": (
        "INSERT DATA { article:a gk:relatedCoverage article:a }",
        "not its own gk:relatedCoverage",
    ),
    "two qualities": ("INSERT DATA { article:a gk:quality 1 }", "at most one gk:quality"),
    "quality as a decimal": ("INSERT DATA { article:b gk:quality 8.5 }", "gk:quality, an integer"),
    "heat that means unknown": ("INSERT DATA { article:b gk:heat -1 }", "an unknown heat is not stated"),
    "two heats": ("INSERT DATA { article:a gk:heat 1 }", "at most one gk:heat"),
    "status that does not exist": ("INSERT DATA { article:b gk:status gk:hidden }", "at most one gk:status"),
    "two statuses": ("INSERT DATA { article:a gk:status gk:draft }", "at most one gk:status"),
    "section as a number": ("INSERT DATA { article:b schema:articleSection 1 }", "schema:articleSection is"),
    "two languages": ('INSERT DATA { article:a schema:inLanguage "fr" }', "at most one schema:inLanguage"),
    "two media types": ('INSERT DATA { article:c gk:mediaType "collection" }', "at most one gk:mediaType"),
    "article from nowhere": (
        "DELETE DATA { article:b prov:wasDerivedFrom <https://w3id.org/graphkit/id/source/2021/a.md> }",
        "at least one prov:wasDerivedFrom",
    ),
    "article from a provider": (
        "INSERT DATA { article:b prov:wasDerivedFrom provider:news }",
        "prov:wasDerivedFrom, each a prov:Entity",
    ),
    "organisation is a blank node": (
        'INSERT DATA { _:x a schema:Organization ; schema:name "x" ; rdfs:label "x" }',
        "An organisation is an IRI",
    ),
    "organisation without a name": (
        'DELETE DATA { provider:news schema:name "News" ; rdfs:label "News" }',
        "exactly one schema:name",
    ),
    "organisation with two names": (
        'INSERT DATA { provider:news schema:name "x" ; rdfs:label "x" }',
        "exactly one schema:name",
    ),
    "organisation labelled otherwise": (
        'INSERT DATA { provider:news rdfs:label "x" }',
        "rdfs:label is its schema:name",
    ),
    "the name as its own alternative": (
        'INSERT DATA { provider:news schema:alternateName "News" }',
        "other than the organisation's schema:name",
    ),
    "organisation with two addresses": (
        "INSERT DATA { provider:news schema:url <https://other.example/> }",
        "at most one schema:url",
    ),
    "organisation with two domains": (
        'INSERT DATA { provider:news gk:domain "x.example" }',
        "at most one gk:domain",
    ),
    "platform that is an IRI": (
        "INSERT DATA { provider:news gk:platform provider:tube }",
        "at most one gk:platform, a string",
    ),
    "concept without a label": (
        'DELETE DATA { topic:computing skos:prefLabel "Computing" }',
        "exactly one skos:prefLabel",
    ),
    "concept with two labels": ('INSERT DATA { topic:ai skos:prefLabel "x" }', "exactly one skos:prefLabel"),
    "preferred label as alternative": (
        'INSERT DATA { topic:ai skos:altLabel "AI" }',
        "other than the concept's skos:prefLabel",
    ),
    "alternative label as hidden": (
        'INSERT DATA { topic:ai skos:hiddenLabel "ai" }',
        "other than the concept's skos:prefLabel and skos:altLabel",
    ),
    "concept in no scheme": (
        "DELETE DATA { topic:ai skos:inScheme :topics }",
        "skos:inScheme exactly one",
    ),
    "concept in a scheme nobody describes": (
        "INSERT DATA { topic:ai skos:inScheme :other }",
        "skos:inScheme exactly one",
    ),
    "broader than a concept": ("INSERT DATA { topic:ai skos:broader :topics }", "broader is a skos:Concept"),
    "broader than itself": ("INSERT DATA { topic:ai skos:broader topic:ai }", "not its own skos:broader"),
    "scheme without a label": (
        'DELETE DATA { :topics rdfs:label "Topics" }',
        "A concept scheme has exactly one rdfs:label",
    ),
    "image without its address": (
        "DELETE DATA { <https://news.example/a.jpg> schema:contentUrl <https://news.example/a.jpg> }",
        "exactly one schema:contentUrl",
    ),
    "image at another address": (
        (
            "DELETE DATA { <https://news.example/a.jpg> schema:contentUrl <https://news.example/a.jpg> } ;"
            " INSERT DATA { <https://news.example/a.jpg> schema:contentUrl <https://news.example/b.jpg> }"
        ),
        "the image's own IRI",
    ),
    "image of negative width": (
        (
            "DELETE DATA { <https://news.example/a.jpg> schema:width 1200 } ;"
            " INSERT DATA { <https://news.example/a.jpg> schema:width -1 }"
        ),
        "at most one schema:width",
    ),
    "image of two heights": (
        "INSERT DATA { <https://news.example/a.jpg> schema:height 1 }",
        "at most one schema:height",
    ),
    "source without a name": (
        'DELETE DATA { <https://w3id.org/graphkit/id/source/2021/a.md> rdfs:label "2021/a.md" }',
        "A source has exactly one rdfs:label",
    ),
    "source named by an absolute path": (
        (
            'DELETE DATA { <https://w3id.org/graphkit/id/source/2021/a.md> rdfs:label "2021/a.md" } ;'
            ' INSERT DATA { <https://w3id.org/graphkit/id/source/2021/a.md> rdfs:label "/home/x/2021/a.md" }'
        ),
        "its path below the folder that was read",
    ),
    "dataset that VoID does not know": ("DELETE DATA { :dataset a void:Dataset }", "a void:Dataset"),
    "dataset without a count": ("DELETE DATA { :dataset void:triples 70 }", "exactly one void:triples"),
    "dataset with a negative count": (
        "DELETE DATA { :dataset void:entities 10 } ; INSERT DATA { :dataset void:entities -10 }",
        "exactly one void:entities",
    ),
    "dataset without a policy": ('DELETE DATA { :dataset gk:policyVersion "1" }', "one gk:policyVersion"),
    "dataset with two titles": ('INSERT DATA { :dataset dcterms:title "x" }', "exactly one dcterms:title"),
    "dataset without a URI space": (
        'DELETE DATA { :dataset void:uriSpace "https://w3id.org/graphkit/id/" }',
        "exactly one void:uriSpace",
    ),
    "class partition without a count": (
        "DELETE DATA { <https://w3id.org/graphkit/id/dataset/class/NewsArticle> void:entities 1 }",
        "A void:classPartition has exactly one",
    ),
    "property partition of nothing": (
        "DELETE DATA { <https://w3id.org/graphkit/id/dataset/property/gk-heat> void:property gk:heat }",
        "A void:propertyPartition has exactly one",
    ),
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


@pytest.mark.parametrize("inference", ["none", "rdfs"])
def test_shapes_accept_a_sound_export_with_and_without_what_the_ontology_entails(inference: str) -> None:
    assert _faults(_turtle(SAMPLE), inference=inference) == []


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


# What the code says


def test_the_code_and_the_ontology_have_the_same_terms() -> None:
    public = [value for name, value in vars(vocab).items() if name.isupper()]
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
