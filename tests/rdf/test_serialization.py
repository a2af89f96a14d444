"""The triples: what each attribute becomes, and what every export keeps to."""

from __future__ import annotations

import gzip
import io
import re
import xml.etree.ElementTree as ET
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import networkx as nx
import pyoxigraph as ox
import pytest
import rdflib
import rdflib.compare
from hypothesis import given
from paths import ROOT
from samples.examples import examples
from samples.generated_records import CORPORA, Raw, corpus_of

import graphkit
from graphkit.graph.construction import to_graph
from graphkit.merge.articles import Merged, merge
from graphkit.rdf import vocabulary
from graphkit.rdf.serialization import (
    check_base,
    rdf_bytes,
    to_rdflib,
    triples,
    write_rdf,
)
from graphkit.rdf.syntaxes import EXPORT_SYNTAXES
from graphkit.rdf.terms import source_iri
from graphkit.urls.canonical_url import POLICY_VERSION

BASE = vocabulary.DEFAULT_BASE
MOMENT = datetime(2021, 8, 23, 11, 22, tzinfo=UTC)
PREFIXES = {**vocabulary.PREFIXES, "id": BASE}
A, P, T = "article/x.com/1", "provider/x.com", "topic/ai"
Graph = nx.MultiDiGraph


def iri(name: str) -> ox.NamedNode:
    prefix, colon, local = name.partition(":")
    return ox.NamedNode(PREFIXES[prefix] + local if colon and prefix in PREFIXES else name)


def article(**attributes: Any) -> Graph[str]:
    """Return a graph of one article."""
    graph: Graph[str] = nx.MultiDiGraph(policy="1")
    graph.add_node(A, kind="article", **attributes)
    return graph


def linked(target: str, edge_kind: str, edge: dict[str, Any] | None = None, **data: Any) -> Graph[str]:
    """Return a graph of an article with an edge to another node."""
    graph = article()
    graph.add_node(target, **data)
    graph.add_edge(A, target, edge_kind, **(edge or {}))
    return graph


def provider(**attributes: Any) -> Graph[str]:
    graph: Graph[str] = nx.MultiDiGraph(policy="1")
    graph.add_node(P, kind="provider", **attributes)
    return graph


def topic(**attributes: Any) -> Graph[str]:
    graph: Graph[str] = nx.MultiDiGraph(policy="1")
    graph.add_node(T, kind="topic", **attributes)
    return graph


def iri_of(graph: Graph[str], subject: str) -> set[tuple[str, str]]:
    """Return what is said of a subject: predicate and object, abbreviated, typed literals with their type."""
    found = set()
    for triple in triples(graph):
        if triple.subject == iri(subject):
            value = triple.object
            if isinstance(value, ox.Literal):
                kind = vocabulary.compact(value.datatype.value)
                text = f'"{value.value}"' + (f"^^{kind}" if kind != "xsd:string" else "")
                assert not value.language
            else:
                text = vocabulary.compact(value.value).replace(BASE, "id:")  # type: ignore[union-attr]
            found.add((vocabulary.compact(triple.predicate.value), text))
    return found


URL = "https://x.com/a"
IMAGE = "https://x.com/i.jpg"
CREATIVE = ("rdf:type", "schema:CreativeWork")


@pytest.mark.parametrize(
    "graph,subject,expected",
    [
        (article(), f"id:{A}", {CREATIVE}),
        (article(media="article"), f"id:{A}", {("rdf:type", "schema:NewsArticle")}),
        (article(media="video"), f"id:{A}", {("rdf:type", "schema:VideoObject")}),
        (article(media="course"), f"id:{A}", {CREATIVE, ("gk:mediaType", '"course"')}),
        (article(title="A", titles=("A",)), f"id:{A}", {CREATIVE, ("schema:headline", '"A"'), ("rdfs:label", '"A"')}),
        (
            article(title="B", titles=("A", "B", "C")),
            f"id:{A}",
            {CREATIVE, ("schema:headline", '"B"'), ("rdfs:label", '"B"'), ("schema:alternativeHeadline", '"A"'), ("schema:alternativeHeadline", '"C"')},
        ),
        (article(excerpt="E\nF"), f"id:{A}", {CREATIVE, ("schema:description", '"E\nF"')}),
        (article(published_at=MOMENT), f"id:{A}", {CREATIVE, ("schema:datePublished", '"2021-08-23T11:22:00Z"^^xsd:dateTime')}),
        (
            article(updated_at=MOMENT.replace(microsecond=250_000)),
            f"id:{A}",
            {CREATIVE, ("schema:dateModified", '"2021-08-23T11:22:00.250000Z"^^xsd:dateTime')},
        ),
        (article(url=URL), f"id:{A}", {CREATIVE, ("schema:url", URL)}),
        (article(variants=(("amphtml", URL),)), f"id:{A}", {CREATIVE, ("iana:amphtml", URL)}),
        (article(variants=(("cachedCopy", URL),)), f"id:{A}", {CREATIVE, ("gk:cachedCopy", URL)}),
        (article(variants=(("original", URL),)), f"id:{A}", {CREATIVE, ("schema:sameAs", URL)}),
        (article(quality=0), f"id:{A}", {CREATIVE, ("gk:quality", '"0"^^xsd:integer')}),
        (article(quality=-7, heat=189), f"id:{A}", {CREATIVE, ("gk:quality", '"-7"^^xsd:integer'), ("gk:heat", '"189"^^xsd:integer')}),
        (article(status="published"), f"id:{A}", {CREATIVE, ("gk:status", "gk:published")}),
        (article(status="draft"), f"id:{A}", {CREATIVE, ("gk:status", "gk:draft")}),
        (article(status="removed"), f"id:{A}", {CREATIVE, ("gk:status", "gk:removed")}),
        (article(categories=("a", "b")), f"id:{A}", {CREATIVE, ("schema:articleSection", '"a"'), ("schema:articleSection", '"b"')}),
        (article(language="en-us"), f"id:{A}", {CREATIVE, ("schema:inLanguage", '"en-us"')}),
        (article(images=({"url": IMAGE, "width": 3},)), f"id:{A}", {CREATIVE, ("schema:image", IMAGE)}),
        (
            article(images=({"url": IMAGE, "width": 3, "height": 4},)),
            IMAGE,
            {("rdf:type", "schema:ImageObject"), ("schema:contentUrl", IMAGE), ("schema:width", '"3"^^xsd:integer'), ("schema:height", '"4"^^xsd:integer')},
        ),
        (article(images=({"url": IMAGE},)), IMAGE, {("rdf:type", "schema:ImageObject"), ("schema:contentUrl", IMAGE)}),
        (article(sources=(("a/ä b.md", ""), ("a/ä b.md", "/related/1"))), f"id:{A}", {CREATIVE, ("prov:wasDerivedFrom", "id:source/a/%C3%A4%20b.md")}),
        (article(sources=(("a/ä b.md", ""),)), "id:source/a/%C3%A4%20b.md", {("rdf:type", "prov:Entity"), ("rdfs:label", '"a/ä b.md"')}),
        (linked(P, "publisher", {"label": "X"}, kind="provider", name="X"), f"id:{A}", {CREATIVE, ("schema:publisher", f"id:{P}")}),
        (linked(P, "publisher", {}, kind="provider", name="X"), f"id:{A}", {CREATIVE, ("schema:publisher", f"id:{P}")}),
        (
            linked(P, "publisher", {"label": "X on MSN"}, kind="provider", name="X"),
            f"id:{A}",
            {CREATIVE, ("schema:publisher", f"id:{P}"), ("gk:publisherLabel", '"X on MSN"')},
        ),
        (linked(P, "distributor", kind="provider", name="X"), f"id:{A}", {CREATIVE, ("schema:provider", f"id:{P}")}),
        (linked(T, "about", kind="topic", label="AI"), f"id:{A}", {CREATIVE, ("schema:about", f"id:{T}")}),
        (linked("article/y/2", "related", {"rank": 0, "sources": ()}, kind="article"), f"id:{A}", {CREATIVE, ("gk:relatedCoverage", "id:article/y/2")}),
        (
            provider(name="X", names=("X", "Y"), domain="x.com"),
            f"id:{P}",
            {
                ("rdf:type", "schema:Organization"), ("schema:name", '"X"'), ("rdfs:label", '"X"'), ("schema:alternateName", '"Y"'),
                ("gk:domain", '"x.com"'), ("schema:url", "https://x.com/"),
            },
        ),
        (
            provider(name="X", names=("X",), domain="youtube.com", platform="YouTube"),
            f"id:{P}",
            {("rdf:type", "schema:Organization"), ("schema:name", '"X"'), ("rdfs:label", '"X"'), ("gk:domain", '"youtube.com"'), ("gk:platform", '"YouTube"')},
        ),
        (provider(name="X", names=("X",)), f"id:{P}", {("rdf:type", "schema:Organization"), ("schema:name", '"X"'), ("rdfs:label", '"X"')}),
        (
            topic(label="AI", labels=("AI", "ai"), keywords=("k",)),
            f"id:{T}",
            {
                ("rdf:type", "skos:Concept"), ("skos:prefLabel", '"AI"'), ("skos:altLabel", '"ai"'), ("skos:hiddenLabel", '"k"'),
                ("skos:inScheme", "id:topics"),
            },
        ),
        (article(), "id:topics", {("rdf:type", "skos:ConceptScheme"), ("rdfs:label", '"Topics"')}),
    ],
)  # fmt: skip
def test_an_attribute_becomes_these_triples(graph: Graph[str], subject: str, expected: set[tuple[str, str]]) -> None:
    assert iri_of(graph, subject) == expected


def test_a_broader_topic_is_broader() -> None:
    graph = topic(label="AI", labels=("AI",))
    graph.add_node("topic/law", kind="topic", label="Law", labels=("Law",))
    graph.add_edge(T, "topic/law", "broader")
    assert ("skos:broader", "id:topic/law") in iri_of(graph, f"id:{T}")


@pytest.fixture(scope="module")
def seeds() -> Graph[str]:
    """Return the graph of the demonstration corpus."""
    return graphkit.build(ROOT / "seeds").graph


@pytest.mark.engine
def test_the_dataset_counts_what_is_there(seeds: Graph[str]) -> None:
    statements = list(triples(seeds))
    about = [one for one in statements if not one.subject.value.startswith(f"{BASE}dataset")]  # type: ignore[union-attr]
    said = iri_of(seeds, "id:dataset")
    assert {
        ("rdf:type", "void:Dataset"),
        ("rdf:type", "dcat:Dataset"),
        ("dcterms:title", '"Coverage graph"'),
        ("void:uriSpace", f'"{BASE}"'),
        ("gk:policyVersion", f'"{POLICY_VERSION}"'),
        ("void:triples", f'"{len(about)}"^^xsd:integer'),
        ("void:entities", f'"{len({one.subject for one in about})}"^^xsd:integer'),
    } <= said
    classes = Counter(one.object for one in about if one.predicate.value == vocabulary.TYPE)
    properties = Counter(one.predicate for one in about)
    for kind, counts in (("class", classes), ("property", properties)):
        parts = {value for predicate, value in said if predicate == f"void:{kind}Partition"}
        assert len(parts) == len(counts)
        for term, count in counts.items():
            name = vocabulary.compact(term.value)  # type: ignore[union-attr]
            part = f"id:dataset/{kind}/{name.replace(':', '-')}"
            number = "entities" if kind == "class" else "triples"
            assert part in parts
            assert iri_of(seeds, part) == {
                (f"void:{kind}", name),
                (f"void:{number}", f'"{count}"^^xsd:integer'),
            }


def test_the_stream_is_sorted_with_the_dataset_and_types_first(seeds: Graph[str]) -> None:
    found = [(one.subject.value, one.predicate.value, one.object.value) for one in triples(seeds)]  # type: ignore[union-attr]
    first = sum(one[0].startswith(f"{BASE}dataset") for one in found)
    for part in (found[:first], found[first:]):
        assert part == sorted(part, key=lambda one: (one[0], "" if one[1] == vocabulary.TYPE else one[1], one[2]))
    assert all(one[0].startswith(f"{BASE}dataset") for one in found[:first])
    assert len(found) == len(set(found))


def test_the_order_of_a_graph_does_not_show_in_its_triples(seeds: Graph[str]) -> None:
    backwards: Graph[str] = nx.MultiDiGraph(**seeds.graph)
    backwards.add_nodes_from(reversed(list(seeds.nodes(data=True))))
    backwards.add_edges_from(reversed(list(seeds.edges(keys=True, data=True))))  # type: ignore[arg-type]
    for syntax in EXPORT_SYNTAXES:
        assert rdf_bytes(backwards, format=syntax) == rdf_bytes(seeds, format=syntax)


# --- prefixed names


TOKENS = re.compile(
    r'@prefix [^\n]*\n|"(?:[^"\\]|\\.)*"|<[^<>"{}|^`\\\x00-\x20]*>|(?P<name>[a-z]+:[^\s]*)|(?P<other>[^\s"<]+)'
)


def names_in(turtle: str) -> list[str]:
    return [match["name"] for match in TOKENS.finditer(turtle) if match["name"]]


@examples(100)
@given(CORPORA)
def test_turtle_abbreviates_plain_local_names_alone(records: list[Raw]) -> None:
    graph = to_graph(merge(corpus_of(records)))
    for syntax in ("ttl", "trig"):
        text = rdf_bytes(graph, format=syntax).decode()
        assert names_in(text)
        for name in names_in(text):
            assert re.fullmatch(r"[a-z]+:[A-Za-z0-9_]+", name), name


ODD = (
    "https://schema.org/", "https://schema.org/docs/a-b.html", "https://schema.org/a.b", "https://schema.org/a%20b", "https://schema.org/-x",
    "https://schema.org/a?b=c&d=(e)!$*+,;='~@", "https://w3id.org/graphkit/ns#x-y", "https://schema.org/plain", "https://schema.org/9",
)  # fmt: skip


def test_an_address_within_a_vocabulary_is_written_out() -> None:
    graph = article(
        title='schema:a-b "schema:c-d" <schema:e-f> \\',
        variants=tuple(("original", address) for address in ODD),
    )
    graph.add_node("provider/schema.org", kind="provider", name="S", domain="schema.org")
    for syntax in ("ttl", "trig"):
        data = rdf_bytes(graph, format=syntax)
        assert not [name for name in names_in(data.decode()) if not re.fullmatch(r"[a-z]+:[A-Za-z0-9_]+", name)]
        parsed = {ox.Triple(q.subject, q.predicate, q.object) for q in ox.parse(data, EXPORT_SYNTAXES[syntax])}
        assert parsed == set(triples(graph))
    for base in ("https://schema.org/", f"{vocabulary.GK}id/"):
        data = rdf_bytes(graph, base=base)
        assert not [name for name in names_in(data.decode()) if not re.fullmatch(r"[a-z]+:[A-Za-z0-9_]+", name)]
        assert {ox.Triple(q.subject, q.predicate, q.object) for q in ox.parse(data, EXPORT_SYNTAXES["ttl"])} == set(
            triples(graph, base=base)
        )


@pytest.mark.parametrize(
    "address", [{"url": ODD[1]}, {"variants": (("amphtml", ODD[1]),)}, {"images": ({"url": ODD[1]},)}]
)
def test_any_attribute_with_such_an_address_is_seen(address: dict[str, Any]) -> None:
    assert f"<{ODD[1]}>" in rdf_bytes(article(**address)).decode()


# --- the base


@pytest.mark.parametrize(
    "base",
    [
        "https://example.com/id/",
        "http://example.com/#",
        "urn:example:",
        "https://example.com/a%20b/",
        "tag:example.com,2021:",
    ],
)
def test_a_base_begins_every_iri_of_ours(base: str, seeds: Graph[str]) -> None:
    assert check_base(base) == base
    for syntax in EXPORT_SYNTAXES:
        data = rdf_bytes(seeds, format=syntax, base=base)
        assert vocabulary.DEFAULT_BASE not in data.decode()
        subjects = {quad.subject.value for quad in ox.parse(data, EXPORT_SYNTAXES[syntax])}
        images = {image["url"] for _, node in seeds.nodes(data=True) for image in node.get("images", ())}
        assert all(subject.startswith(base) for subject in subjects - images)


@pytest.mark.parametrize(
    "base",
    [
        "", "x", "/a/", "example.com/", "https://example.com", "https://example.com/a b/", "https://example.com/<a>/", "https://example.com/é/",
        "https://example.com/100%/", "https://example.com/#a#", "https://[/", "https://example.com:a/", 'https://example.com/"/', "http:/", "https://example.com/\n",
        "https://example.com/{a}/", "://a/", "1:a/",
    ],
)  # fmt: skip
def test_a_base_that_begins_no_iri_is_refused(base: str) -> None:
    for call in (
        lambda: check_base(base),
        lambda: rdf_bytes(article(), base=base),
        lambda: list(triples(article(), base=base)),
    ):
        with pytest.raises(graphkit.UsageError, match="base: expected an absolute IRI"):
            call()


@pytest.mark.parametrize(
    "name,path",
    [
        ("a/b.md", "a/b.md"),
        ("ä b.md", "%C3%A4%20b.md"),
        ("100%#?[1].md", "100%25%23%3F%5B1%5D.md"),
        ('<a>"{|}\\^`.md', "%3Ca%3E%22%7B%7C%7D%5C%5E%60.md"),
        ("a\nb\x00", "a%0Ab%00"),
        ("\udcff.md", "%3F.md"),
        ("-", "-"),
    ],
)  # fmt: skip
def test_a_source_has_an_iri_that_tells_its_name(name: str, path: str) -> None:
    assert source_iri(BASE, name) == f"{BASE}source/{path}"
    graph = article(sources=((name, ""),))
    for syntax in EXPORT_SYNTAXES:
        assert rdf_bytes(graph, format=syntax)


# --- formats


@pytest.mark.parametrize("syntax", EXPORT_SYNTAXES)
def test_every_format_says_the_same(seeds: Graph[str], syntax: str) -> None:
    parsed = {
        ox.Triple(one.subject, one.predicate, one.object)
        for one in ox.parse(rdf_bytes(seeds, format=syntax), EXPORT_SYNTAXES[syntax])
    }
    assert parsed == set(triples(seeds))


@pytest.mark.parametrize("syntax", EXPORT_SYNTAXES)
def test_text_stays_text_in_every_format(syntax: str) -> None:
    text = "\"'\\ \n\t <script>&amp;</script> ]]> {} \u2028 \U0001f600 é \\u0041 ^^xsd:string @en . ;"
    graph = article(title=text, titles=(text,), excerpt=text)
    data = rdf_bytes(graph, format=syntax)
    found = {one.object.value for one in ox.parse(data, EXPORT_SYNTAXES[syntax]) if isinstance(one.object, ox.Literal)}
    assert text in found
    assert not data.startswith(b"\xef\xbb\xbf")
    if syntax not in ("rdf", "jsonld"):
        assert b"\\n" in data


def test_rdf_xml_is_well_formed(seeds: Graph[str]) -> None:
    assert ET.fromstring(rdf_bytes(seeds, format="rdf")).tag.endswith("RDF")


def test_an_unknown_format_is_refused(tmp_path: Path) -> None:
    for call in (
        lambda: rdf_bytes(article(), format="n3"),
        lambda: write_rdf(article(), tmp_path / "a.n3"),
        lambda: write_rdf(article(), tmp_path / "a.ttl", format="TTL"),
        lambda: write_rdf(article(), tmp_path / "a"),
    ):
        with pytest.raises(graphkit.UsageError, match="format: expected one of ttl, nt, nq, trig, rdf, jsonld, got"):
            call()
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("syntax", EXPORT_SYNTAXES)
def test_a_file_is_what_its_ending_says(tmp_path: Path, syntax: str) -> None:
    graph = article(title="T")
    write_rdf(graph, tmp_path / f"a.{syntax}")
    assert (tmp_path / f"a.{syntax}").read_bytes() == rdf_bytes(graph, format=syntax)
    write_rdf(graph, str(tmp_path / "b.bin"), format=syntax, base="urn:x:")
    assert (tmp_path / "b.bin").read_bytes() == rdf_bytes(graph, format=syntax, base="urn:x:")


def test_a_compressed_file_has_neither_time_nor_name_in_it(tmp_path: Path) -> None:
    graph = article(title="T")
    write_rdf(graph, tmp_path / "a.ttl.gz")
    write_rdf(graph, tmp_path / "other.bin", format="ttl", gzip=True)
    packed = (tmp_path / "a.ttl.gz").read_bytes()
    assert packed == (tmp_path / "other.bin").read_bytes()
    assert gzip.decompress(packed) == rdf_bytes(graph)
    assert packed[4:8] == b"\0\0\0\0"
    assert not packed[3] & 8
    with gzip.GzipFile(fileobj=io.BytesIO(packed)) as stream:
        stream.read()
        assert not stream.mtime


# --- quads


def test_what_is_said_of_an_article_stands_in_the_graph_of_each_file_that_speaks_of_it() -> None:
    graph: Graph[str] = nx.MultiDiGraph(policy="1")
    graph.add_node(
        A, kind="article", title="A", images=({"url": IMAGE},), sources=(("1.md", ""), ("2.md", "/related/0"))
    )
    graph.add_node("article/y/2", kind="article", title="B", sources=(("2.md", ""),))
    graph.add_node("article/z/3", kind="article", title="C")
    graph.add_node(P, kind="provider", name="X")
    graph.add_edge(A, P, "publisher", label="X")
    graph.add_edge("article/y/2", A, "related", rank=0, sources=(("2.md", "/related/0"),))
    graph.add_edge(A, "article/y/2", "related", rank=1, sources=(("1.md", "/related/1"),))
    graph.add_edge("article/z/3", A, "related", rank=1)
    quads = list(ox.parse(rdf_bytes(graph, format="nq"), ox.RdfFormat.N_QUADS))
    one, two = iri("id:source/1.md"), iri("id:source/2.md")
    places: dict[tuple[str, str, str], set[Any]] = {}
    for quad in quads:
        key = (quad.subject.value, vocabulary.compact(quad.predicate.value), quad.object.value)
        places.setdefault(key, set()).add(quad.graph_name)
    default = ox.DefaultGraph()
    assert places[BASE + A, "schema:headline", "A"] == {one, two}
    assert places[BASE + A, "schema:publisher", BASE + P] == {one, two}
    assert places[IMAGE, "rdf:type", vocabulary.IMAGE_OBJECT] == {one, two}
    assert places[BASE + A, "prov:wasDerivedFrom", one.value] == {one}
    assert places[BASE + A, "prov:wasDerivedFrom", two.value] == {two}
    assert places[f"{BASE}article/y/2", "schema:headline", "B"] == {two}
    assert places[f"{BASE}article/y/2", "gk:relatedCoverage", BASE + A] == {two}
    assert places[BASE + A, "gk:relatedCoverage", f"{BASE}article/y/2"] == {one}
    assert places[f"{BASE}article/z/3", "schema:headline", "C"] == {default}
    assert places[f"{BASE}article/z/3", "gk:relatedCoverage", BASE + A] == {default}
    assert places[BASE + P, "schema:name", "X"] == {default}
    assert places[one.value, "rdf:type", vocabulary.ENTITY] == {default}
    assert places[f"{BASE}dataset", "rdf:type", vocabulary.DATASET] == {default}
    graphs = [quad.graph_name for quad in quads]
    changes = [name for name, before in zip(graphs, [None, *graphs], strict=False) if name != before]
    assert changes == [default, one, two]
    assert set(ox.parse(rdf_bytes(graph, format="trig"), ox.RdfFormat.TRIG)) == set(quads)


# --- what collides


def test_an_image_at_the_address_of_another_resource_makes_nothing_of_it() -> None:
    ours = [f"{BASE}{name}" for name in (A, P, T, "topics", "dataset", "source/a.md")]
    plain = article(sources=(("a.md", ""),))
    graph = article(sources=(("a.md", ""),), images=tuple({"url": url, "width": 1} for url in sorted(ours)))
    for one in (plain, graph):
        one.add_node(P, kind="provider", name="X")
        one.add_node(T, kind="topic", label="AI", labels=("AI",))
    for subject in ours:
        assert vocabulary.IMAGE_OBJECT not in {value for _, value in iri_of(graph, subject)}
        assert iri_of(graph, subject) == iri_of(plain, subject)


def test_an_image_of_two_articles_has_the_larger_size() -> None:
    graph = article(images=({"url": IMAGE, "width": 3, "height": 9},))
    graph.add_node("article/y/2", kind="article", images=({"url": IMAGE, "width": 4, "height": 1},))
    assert {("schema:width", '"4"^^xsd:integer'), ("schema:height", '"1"^^xsd:integer')} <= iri_of(graph, IMAGE)
    assert sum(predicate == "schema:width" for predicate, _ in iri_of(graph, IMAGE)) == 1


# --- rdflib


def test_rdflib_holds_the_same_graph(seeds: Graph[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)
    ours = to_rdflib(seeds)
    parsed = rdflib.Graph().parse(data=rdf_bytes(seeds), format="turtle")
    assert rdflib.compare.isomorphic(ours, parsed)
    assert len(ours) == len(list(triples(seeds)))
    assert {prefix: str(space) for prefix, space in ours.namespaces()}["gk"] == vocabulary.GK
    moments = [
        value
        for value in ours.objects()
        if isinstance(value, rdflib.Literal) and str(value.datatype) == f"{vocabulary.XSD}dateTime"
    ]
    assert moments
    assert all(str(moment).endswith("Z") for moment in moments)


def test_rdflib_takes_another_base() -> None:
    found = to_rdflib(article(title="T"), base="urn:x:")
    assert (rdflib.URIRef(f"urn:x:{A}"), rdflib.URIRef(vocabulary.HEADLINE), rdflib.Literal("T")) in found


def test_a_term_is_compacted_only_with_a_prefix_it_has() -> None:
    assert vocabulary.compact("https://schema.org/headline") == "schema:headline"
    assert vocabulary.compact("https://example.com/") == "https://example.com/"


def test_a_name_that_ends_in_gz_is_compressed_whatever_says_the_format(tmp_path: Path) -> None:
    graph = to_graph(Merged((), (), (), {}, {}))
    write_rdf(graph, tmp_path / "a.ttl.gz", format="ttl")
    write_rdf(graph, tmp_path / "b.ttl.gz")
    assert (tmp_path / "a.ttl.gz").read_bytes()[:2] == b"\x1f\x8b"
    assert (tmp_path / "a.ttl.gz").read_bytes() == (tmp_path / "b.ttl.gz").read_bytes()
