"""JSON-LD for consumers of schema.org: a tree for each article, the triples of the Turtle file, schema.org's terms."""

from __future__ import annotations

import io
import json
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any, NoReturn

import networkx as nx
import pyoxigraph as ox
import pytest
from foreign.readers import VOCABULARY
from hypothesis import given
from pyld import jsonld as pyld
from samples.examples import examples
from samples.generated_records import CORPORA, Raw, corpus_of
from samples.hostile_texts import small_graph, texts

import graphkit
from graphkit.exporters import jsonld
from graphkit.exporters.registry import ExportOptions
from graphkit.graph.construction import to_graph
from graphkit.merge.articles import merge
from graphkit.rdf import vocabulary
from graphkit.rdf.serialization import triples

Graph = nx.MultiDiGraph
Triples = frozenset[ox.Triple]

TYPE = ox.NamedNode(vocabulary.TYPE)
NAME = ox.NamedNode(vocabulary.NAME)
DEFINED_TERM = ox.NamedNode(jsonld.DEFINED_TERM)


@pytest.fixture(scope="module")
def coverage(any_corpus: Path) -> Graph[str]:
    """Return the graph of the demonstration corpus, or of real records where they are at hand."""
    return graphkit.build([any_corpus]).graph


def document(graph: Graph[str], base: str = vocabulary.DEFAULT_BASE) -> bytes:
    stream = io.BytesIO()
    jsonld.write(graph, {"a.jsonld": stream}, ExportOptions(base, bom=False))
    return stream.getvalue()


def by_pyoxigraph(data: bytes) -> Triples:
    return frozenset(quad.triple for quad in ox.parse(data, ox.RdfFormat.JSON_LD))


def by_pyld(data: bytes) -> Triples:
    """Return what the reference implementation reads; it may fetch nothing."""
    return frozenset(quad.triple for quad in ox.parse(_quads(data).encode(), ox.RdfFormat.N_QUADS))


def _quads(data: bytes) -> str:
    quads: str = pyld.to_rdf(json.loads(data), {"format": "application/n-quads", "documentLoader": _fetch_nothing})
    return quads


def _fetch_nothing(url: str, options: Any) -> NoReturn:
    raise AssertionError(url)


def as_meant(graph: Graph[str], base: str = vocabulary.DEFAULT_BASE) -> Triples:
    """Return the triples of the Turtle file, and the two more of each topic."""
    told = frozenset(triples(graph, base=base))
    labels = {triple for triple in told if triple.predicate.value == vocabulary.PREF_LABEL}
    more = {ox.Triple(label.subject, NAME, label.object) for label in labels}
    return told | more | {ox.Triple(label.subject, TYPE, DEFINED_TERM) for label in labels}


@pytest.mark.untraced
@pytest.mark.engine
@pytest.mark.parametrize("base", [vocabulary.DEFAULT_BASE, "urn:x:", "schema:x:", "https://schema.org/"])
def test_it_holds_the_triples_of_the_turtle_file(coverage: Graph[str], base: str) -> None:
    data = document(coverage, base)
    assert by_pyoxigraph(data) == as_meant(coverage, base)
    if coverage.number_of_nodes() < 1_000:  # pyld takes its time
        assert by_pyld(data) == as_meant(coverage, base)


@examples(40)
@given(CORPORA)
def test_it_holds_the_triples_of_any_graph(records: list[Raw]) -> None:
    graph = to_graph(merge(corpus_of(records)))
    data = document(graph)
    assert by_pyoxigraph(data) == by_pyld(data) == as_meant(graph)


@examples(60)
@given(texts, texts)
def test_hostile_text_stays_text(text: str, name: str) -> None:
    graph = small_graph(text, name)
    data = document(graph)
    assert by_pyoxigraph(data) == as_meant(graph)
    headlines = {node.get("headline", "") for node in json.loads(data)["@graph"] if node.get("@type") in ARTICLES}
    assert headlines == {text, name}


@pytest.mark.parametrize("number", [0, -7, 2**53 - 1, 2**53 + 1, 2**63 - 1])
def test_a_number_keeps_its_digits_in_javascript(number: int) -> None:
    graph = small_graph("a", "b")
    graph.nodes["article/news.example/aaaaaaaaaaaaaaaa"]["quality"] = number
    data = document(graph)
    read = json.loads(data, parse_int=float)["@graph"][0]["quality"]
    told = read["@value"] if isinstance(read, dict) else f"{read:.0f}"
    assert told == str(number)
    assert by_pyoxigraph(data) == as_meant(graph)


# --- a tree

ARTICLES = ("NewsArticle", "VideoObject", "CreativeWork")
_NAMED = {"@embed": "@never"}
FRAME = {
    "@context": dict(jsonld.CONTEXT),
    "@type": list(ARTICLES),
    "@omitDefault": True,
    "@embed": "@always",
    "relatedCoverage": _NAMED,
    "wasDerivedFrom": _NAMED,
    "about": {"@embed": "@always", "@omitDefault": True, "broader": _NAMED, "inScheme": _NAMED},
    "image": {"@embed": "@always", "@omitDefault": True, "contentUrl": _NAMED},
}


@pytest.mark.engine
def test_an_article_is_the_tree_that_framing_gives(seeds: Path) -> None:
    data = document(graphkit.build(seeds).graph)
    flat = pyld.from_rdf(_quads(data), {"format": "application/n-quads", "useNativeTypes": True})
    framed = pyld.frame(flat, FRAME, {"omitGraph": False, "documentLoader": _fetch_nothing})
    meant = {node["@id"]: _in_order(node) for node in framed["@graph"]}
    told = {node["@id"]: _in_order(node) for node in json.loads(data)["@graph"] if node.get("@type") in ARTICLES}
    assert len(told) > 50
    assert told == meant


def _in_order(value: Any) -> Any:
    """Return a value whose sets are in one order, without empty ones."""
    if isinstance(value, dict):
        return {name: _in_order(one) for name, one in sorted(value.items()) if one != []}
    return sorted(map(_in_order, value), key=json.dumps) if isinstance(value, list) else value


def test_what_stands_in_an_article_does_not_stand_beside_it(seeds: Path) -> None:
    nodes = json.loads(document(graphkit.build(seeds).graph))["@graph"]
    beside = [node["@id"] for node in nodes]
    assert len(set(beside)) == len(beside)
    inside = {
        one["@id"]
        for node in nodes
        for name in ("publisher", "provider", "about", "image")
        for one in (node[name] if isinstance(node.get(name), list) else [node.get(name)])
        if one
    }
    assert len(inside) > 100
    assert inside.isdisjoint(beside)
    assert "https://w3id.org/graphkit/id/topics" in beside


def test_who_knows_schema_org_alone_understands_an_article(seeds: Path) -> None:
    """No step leads outside the tree: names, dates and addresses stand where such a consumer looks for them."""
    document_of = json.loads(document(graphkit.build(seeds).graph))
    assert document_of["@context"]["@vocab"] == "https://schema.org/"
    articles = [node for node in document_of["@graph"] if node.get("@type") == "NewsArticle"]
    for article in articles:
        assert article["headline"]
        assert article["url"].startswith("https://")
        assert article["publisher"]["@type"] == "Organization"
        assert article["publisher"]["name"]
        for topic in article.get("about", ()):
            assert topic["@type"][0] == "DefinedTerm"
            assert topic["name"] == topic["prefLabel"]
        for image in article.get("image", ()):
            assert image["@type"] == "ImageObject"
            assert image["contentUrl"] == image["@id"]
    assert sum("datePublished" in article for article in articles) > 40


# --- the vocabulary of schema.org

DEVIATIONS = {
    ("articleSection", "domain", "VideoObject"),  # a video has a section like any article of the same news service
    ("height", "range", "Integer, Number"),  # pixels: a Distance would be a text with a unit
    ("width", "range", "Integer, Number"),
}
"""Where an export leaves schema.org's domains and ranges: the property, which of both, and what it got."""


class Vocabulary:
    """What schema.org says of its terms, in the namespace that exports use."""

    def __init__(self, path: Path) -> None:
        self.about: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for quad in ox.parse(path.read_bytes(), ox.RdfFormat.N_QUADS):
            name = quad.predicate.value.rpartition("/")[2].rpartition("#")[2]
            self.about[_https(quad.subject.value)][name].add(_https(quad.object.value))

    def knows(self, iri: str) -> bool:
        return iri in self.about

    @cache  # noqa: B019 - there is one, for as long as the tests run
    def kinds(self, iri: str) -> frozenset[str]:
        """Return a class and all above it."""
        return frozenset({iri}).union(*(self.kinds(above) for above in self.about[iri]["subClassOf"]))


def _https(iri: str) -> str:
    return iri.replace("http://schema.org/", vocabulary.SCHEMA)


@pytest.fixture(scope="module")
def schema_org() -> Vocabulary:
    """Return the vocabulary of schema.org, as a package of npm carries it."""
    if not VOCABULARY.is_file():
        pytest.skip("needs the packages of tests/tools (make tools)")
    return Vocabulary(VOCABULARY)


def test_every_term_of_schema_org_is_one(coverage: Graph[str], schema_org: Vocabulary) -> None:
    told = as_meant(coverage)
    terms = {triple.predicate.value for triple in told} | {
        triple.object.value for triple in told if triple.predicate == TYPE and isinstance(triple.object, ox.NamedNode)
    }
    used = {term for term in terms if term.startswith(vocabulary.SCHEMA)}
    assert len(used) > 15
    assert [term for term in sorted(used) if not schema_org.knows(term)] == []


def test_domains_and_ranges_hold_but_for_those_that_are_listed(coverage: Graph[str], schema_org: Vocabulary) -> None:
    told = as_meant(coverage)
    types: dict[Any, set[str]] = defaultdict(set)
    for triple in told:
        if triple.predicate == TYPE and isinstance(triple.object, ox.NamedNode):
            types[triple.subject].add(triple.object.value)
    found = set()
    for triple in told:
        name = triple.predicate.value
        if not name.startswith(vocabulary.SCHEMA):
            continue
        of = {kind for one in types[triple.subject] for kind in schema_org.kinds(one)}
        if of.isdisjoint(schema_org.about[name]["domainIncludes"]):
            found.add((_short(name), "domain", _short(min(types[triple.subject]))))
        value = _kinds_of(triple.object, types, schema_org)
        if value.isdisjoint(schema_org.about[name]["rangeIncludes"]):
            found.add((_short(name), "range", ", ".join(sorted(map(_short, value)))))
    assert found == DEVIATIONS


def _kinds_of(term: Any, types: dict[Any, set[str]], schema_org: Vocabulary) -> set[str]:
    """Return the classes and data types that a value has."""
    if isinstance(term, ox.Literal):
        name = {"string": "Text", "dateTime": "DateTime", "integer": "Integer"}[term.datatype.value.rpartition("#")[2]]
        return set(schema_org.kinds(vocabulary.SCHEMA + name))
    kinds = {kind for one in types.get(term, ()) for kind in schema_org.kinds(one)}
    return kinds | {vocabulary.SCHEMA + "URL"}


def _short(iri: str) -> str:
    return iri.removeprefix(vocabulary.SCHEMA)
