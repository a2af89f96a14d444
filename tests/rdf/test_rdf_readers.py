"""Whatever reads an export reads the triples that graphkit meant: six parsers in five languages, six syntaxes."""

import json
import re
import shutil
import subprocess
import warnings
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

import networkx as nx
import pyoxigraph as ox
import pytest
import rdflib
from foreign import readers
from hypothesis import given
from samples.examples import examples
from samples.hostile_texts import HOSTILE, NOT_IN_XML, hostile_iris, hostile_literals, small_graph, texts

import graphkit
from graphkit.rdf import serialization
from graphkit.rdf.serialization import rdf_bytes, to_rdflib, triples, write_rdf
from graphkit.rdf.statements import statements
from graphkit.rdf.syntaxes import QUADS
from graphkit.rdf.terms import OxigraphTerms
from graphkit.rdf.vocabulary import DEFAULT_BASE

Graph = nx.MultiDiGraph
Triples = frozenset[ox.Triple]
Quads = frozenset[ox.Quad]

OXIGRAPH = MappingProxyType(
    {
        "ttl": ox.RdfFormat.TURTLE,
        "nt": ox.RdfFormat.N_TRIPLES,
        "nq": ox.RdfFormat.N_QUADS,
        "trig": ox.RdfFormat.TRIG,
        "rdf": ox.RdfFormat.RDF_XML,
        "jsonld": ox.RdfFormat.JSON_LD,
    }
)
RDFLIB = MappingProxyType(
    {"ttl": "turtle", "nt": "nt", "nq": "nquads", "trig": "trig", "rdf": "xml", "jsonld": "json-ld"}
)


@pytest.fixture(autouse=True, scope="module")
def literals_as_written() -> Iterable[None]:
    """Keep rdflib from rewriting literals as it reads them: `Z` would become `+00:00`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rdflib, "NORMALIZE_LITERALS", False)
        yield


@pytest.fixture(scope="module")
def corpus(any_corpus: Path) -> "Graph[str]":
    """Return the graph of the demonstration corpus, or of real records where they are at hand."""
    return graphkit.build([any_corpus]).graph


@pytest.fixture(scope="module")
def meant(corpus: "Graph[str]") -> Triples:
    """Return the triples that graphkit means to write."""
    listed = list(triples(corpus))
    assert len(listed) == len(set(listed)) > 100
    return frozenset(listed)


# Readers: from a file and the ending that names its syntax to a set of quads. None skolemises or rewrites anything, and
# no export has a blank node: graphs are isomorphic where the sets are equal.


def _by_pyoxigraph(path: Path, ending: str) -> Quads:
    return frozenset(ox.parse(path=path, format=OXIGRAPH[ending]))


def _by_rdflib(path: Path, ending: str) -> Quads:
    dataset = rdflib.Dataset()
    with warnings.catch_warnings():
        # rdflib 7 uses classes and properties of its own that it has deprecated.
        warnings.simplefilter("ignore", DeprecationWarning)
        dataset.parse(data=path.read_bytes(), format=RDFLIB[ending])
    quads = set()
    for *triple, name in dataset.quads():
        # What stands in no graph, rdflib puts into one that is named after where it was read from.
        place = name if ending in QUADS and name != rdflib.graph.DATASET_DEFAULT_GRAPH_ID else None
        quads.add(ox.Quad(*_of_rdflib(triple), ox.NamedNode(str(place)) if place else ox.DefaultGraph()))
    return frozenset(quads)


def _by_rapper(path: Path, ending: str) -> Quads:
    syntax = {"ttl": "turtle", "nt": "ntriples", "nq": "nquads", "trig": "trig", "rdf": "rdfxml"}[ending]
    return _by_program("rapper", "-q", "-i", syntax, "-o", "nquads", path)


def _by_serdi(path: Path, ending: str) -> Quads:
    syntax = {"ttl": "turtle", "nt": "ntriples", "nq": "nquads", "trig": "trig"}[ending]
    return _by_program("serdi", "-i", syntax, "-o", "nquads", path)


def _by_program(program: str, *arguments: str | Path) -> Quads:
    """Let a program write the file it reads as N-Quads; it may escape letters beyond ASCII."""
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed (Debian packages: raptor2-utils, serdi)")
    run = subprocess.run([found, *arguments], capture_output=True, check=False)
    assert (run.returncode, run.stderr) == (0, b"")
    return frozenset(ox.parse(run.stdout, format=ox.RdfFormat.N_QUADS))


def _by_riot(path: Path, ending: str) -> Quads:
    syntax = {"ttl": "turtle", "nt": "ntriples", "nq": "nquads", "trig": "trig", "rdf": "rdfxml", "jsonld": "jsonld"}
    return frozenset(ox.parse(readers.riot(path, syntax[ending]), format=ox.RdfFormat.N_QUADS))


def _by_n3(path: Path, ending: str) -> Quads:
    syntax = {"ttl": "Turtle", "nt": "N-Triples", "nq": "N-Quads", "trig": "TriG"}[ending]
    read = readers.node("rdf.mjs", syntax, stdin=path.read_bytes())
    return frozenset(ox.parse(read, format=ox.RdfFormat.N_QUADS))


def _of_rdflib(triple: Iterable[object]) -> tuple[ox.NamedNode, ox.NamedNode, ox.NamedNode | ox.Literal]:
    subject, predicate, value = triple
    assert isinstance(subject, rdflib.URIRef)
    assert isinstance(predicate, rdflib.URIRef)
    if isinstance(value, rdflib.URIRef):
        return ox.NamedNode(subject), ox.NamedNode(predicate), ox.NamedNode(value)
    assert isinstance(value, rdflib.Literal)
    datatype = None if value.datatype is None else ox.NamedNode(value.datatype)
    literal = ox.Literal(str(value), language=value.language, datatype=datatype)
    return ox.NamedNode(subject), ox.NamedNode(predicate), literal


Reader = Callable[[Path, str], Quads]
READERS: Mapping[str, tuple[Reader, tuple[str, ...]]] = MappingProxyType(
    {
        "pyoxigraph": (_by_pyoxigraph, tuple(OXIGRAPH)),
        "rdflib": (_by_rdflib, tuple(OXIGRAPH)),
        "riot": (_by_riot, tuple(OXIGRAPH)),
        "rapper": (_by_rapper, ("ttl", "nt", "nq", "trig", "rdf")),
        "serdi": (_by_serdi, ("ttl", "nt", "nq", "trig")),
        "N3.js": (_by_n3, ("ttl", "nt", "nq", "trig")),
    }
)
"""Readers, and the endings of what each can read."""
PYTHON_READERS: Mapping[str, Reader] = MappingProxyType({"pyoxigraph": _by_pyoxigraph, "rdflib": _by_rdflib})
every_reader = pytest.mark.parametrize(
    "reader,ending",
    [
        pytest.param(reader, ending, id=f"{name}-{ending}", marks=() if name in PYTHON_READERS else pytest.mark.tools)
        for name, (reader, endings) in READERS.items()
        for ending in endings
    ],
)


def quads_meant(graph: "Graph[str]", ending: str) -> Quads:
    """Return what a file of the graph means: in quads each file's statements, else all in the default graph."""
    if ending in QUADS:
        said = statements(graph, DEFAULT_BASE, OxigraphTerms()).subjects
        return frozenset(serialization._quads(graph, said, DEFAULT_BASE))
    return frozenset(ox.Quad(*triple) for triple in triples(graph))


def test_no_term_is_a_blank_node_and_no_literal_has_a_language(meant: Triples) -> None:
    for triple in meant:
        assert isinstance(triple.subject, ox.NamedNode), triple
        assert isinstance(triple.object, ox.NamedNode | ox.Literal), triple
        assert not (isinstance(triple.object, ox.Literal) and triple.object.language), triple


@pytest.mark.untraced
@pytest.mark.engine
@every_reader
def test_every_reader_reads_what_is_meant(
    corpus: "Graph[str]", meant: Triples, reader: Reader, ending: str, tmp_path: Path
) -> None:
    path = tmp_path / f"graph.{ending}"
    write_rdf(corpus, path)
    read = reader(path, ending)
    assert read == quads_meant(corpus, ending)
    assert {quad.triple for quad in read} == meant


def test_rdflib_is_given_the_same_triples(corpus: "Graph[str]", meant: Triples) -> None:
    assert {ox.Triple(*_of_rdflib(triple)) for triple in to_rdflib(corpus)} == meant


@pytest.mark.parametrize("ending", OXIGRAPH)
def test_an_export_begins_with_no_byte_order_mark_and_is_utf8(corpus: "Graph[str]", ending: str) -> None:
    data = rdf_bytes(corpus, format=ending)
    assert not data.startswith(b"\xef\xbb\xbf")
    assert data.decode("utf-8")


def test_dates_are_written_in_utc(corpus: "Graph[str]") -> None:
    dates = re.findall(r'"([^"]*)"\^\^xsd:dateTime', rdf_bytes(corpus).decode("utf-8"))
    assert dates
    for date in dates:
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d*[1-9]\d*)?Z", date), date


@pytest.mark.parametrize("ending", ["nq", "trig"])
def test_each_named_graph_is_a_source_file(corpus: "Graph[str]", ending: str) -> None:
    quads = list(ox.parse(rdf_bytes(corpus, format=ending), format=OXIGRAPH[ending]))
    sources = {quad.subject for quad in quads if quad.object == ox.NamedNode("http://www.w3.org/ns/prov#Entity")}
    named = {quad.graph_name for quad in quads} - {ox.DefaultGraph()}
    articles = {quad.object for quad in quads if quad.predicate.value.endswith("prov#wasDerivedFrom")}
    assert named == articles
    assert named <= sources


def _literals(found: Quads, predicate: str) -> set[str]:
    return {
        quad.object.value for quad in found if isinstance(quad.object, ox.Literal) and quad.predicate.value == predicate
    }


@pytest.mark.parametrize("ending", OXIGRAPH)
@pytest.mark.parametrize("reader", PYTHON_READERS.values(), ids=PYTHON_READERS)
@given(text=texts, name=texts)
@examples(60)  # each example syncs a file to the disk
def test_hostile_text_comes_back_as_it_was(
    reader: Reader, ending: str, tmp_path_factory: pytest.TempPathFactory, text: str, name: str
) -> None:
    if ending == "rdf":
        text, name = NOT_IN_XML.sub("", text), NOT_IN_XML.sub("", name)
    graph = small_graph(text, name)
    path = tmp_path_factory.getbasetemp() / f"hostile.{ending}"
    write_rdf(graph, path)
    read = reader(path, ending)
    assert read == quads_meant(graph, ending)
    assert _literals(read, "https://schema.org/headline") == {text, name} - {""}
    assert _literals(read, "https://schema.org/description") == {text} - {""}
    assert _literals(read, "http://www.w3.org/2004/02/skos/core#hiddenLabel") == {name, "k"} - {""}


@pytest.mark.tools
@pytest.mark.parametrize("reader", [_by_rapper, _by_serdi], ids=["rapper", "serdi"])
def test_programs_read_hostile_text_as_it_was(reader: Reader, tmp_path: Path) -> None:
    for number, hostile in enumerate(HOSTILE):
        # rapper ends a string at U+0000 and refuses U+FFFE and U+FFFF; no record keeps any of them.
        text = re.sub("[\0\ufffe\uffff]", "", hostile)
        graph = small_graph(text, text[::-1])
        path = tmp_path / f"{number}.ttl"
        write_rdf(graph, path)
        assert reader(path, "ttl") == quads_meant(graph, "ttl"), text


# From hostile records to every reader

DOMAINS = (
    "",
    "[::1]",
    "127.0.0.1",
    'x"y.example',
    "{x}.example",
    "x`y.example",
    "<x>.example",
    "x y.example",
    "\xe9.example",
)
FILES = (
    "a b.json",
    "#?%.json",
    'x"{}|\\^`[].json',
    "caf\xe9 日本.json",
    "bell\x07.json",
    "two\nlines\r.json",
)


def _record(number: int, **fields: object) -> dict[str, object]:
    plain = {"title": "Title", "webUrl": f"https://news.example/{number}", "type": "article"}
    return plain | fields


@every_reader
def test_every_reader_takes_what_hostile_records_give(reader: Reader, ending: str, tmp_path: Path) -> None:
    records = [
        _record(
            number,
            title=text,
            excerpt=text,
            category=text,
            locale=text,
            topics=[text, text + "x"],
            provider={"name": text, "domain": "news.example"},
            webUrl=f"https://news.example/{number}?{text}",
            images=[{"url": f"https://news.example/{number}/{text}.jpg"}],
        )
        for number, text in enumerate(HOSTILE)
    ]
    assert _read_back(tmp_path, {"a.json": records}, reader, ending) >= len(HOSTILE)


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_domain_gives_an_export_that_can_be_read(domain: str, tmp_path: Path) -> None:
    records = [_record(number, provider={"name": name, "domain": domain}) for number, name in enumerate(("X", ""))]
    assert _read_back(tmp_path, {"a.json": records}, _by_rdflib, "ttl") == len(records)


@every_reader
def test_every_file_name_gives_an_export_that_can_be_read(reader: Reader, ending: str, tmp_path: Path) -> None:
    files = {name: [_record(number)] for number, name in enumerate(FILES)}
    assert _read_back(tmp_path, files, reader, ending) == len(FILES)


def _read_back(folder: Path, files: Mapping[str, object], reader: Reader, ending: str) -> int:
    """Build the graph of some files, export it, compare what is read; return how many articles there are."""
    corpus = folder / "corpus"
    corpus.mkdir()
    for name, records in files.items():
        (corpus / name).write_text(json.dumps(records), encoding="utf-8")
    graph = graphkit.build(corpus).graph
    path = folder / f"graph.{ending}"
    write_rdf(graph, path)
    assert reader(path, ending) == quads_meant(graph, ending)
    return sum(data["kind"] == "article" for _, data in graph.nodes(data=True))


# Thousands of them


@pytest.fixture(scope="module")
def thousands() -> "Graph[str]":
    """Return a graph of 2,000 hostile literals and 2,000 hostile IRIs, each in several places."""
    literals, iris = hostile_literals(2_000), hostile_iris(2_000)
    assert len(set(literals)) == len(set(iris)) == 2_000
    graph: Graph[str] = nx.MultiDiGraph(policy="1")
    for number, (text, iri) in enumerate(zip(literals, iris, strict=True)):
        graph.add_node(
            f"article/news.example/{number:016}",
            kind="article",
            title=text,
            titles=(text,),
            excerpt=text[::-1],
            url=iri,
            categories=(text,),
            images=({"url": iri},),
            variants=(("amphtml", iri), ("cachedCopy", iri), ("original", iri)),
            sources=((f"{number} {text}.md", ""),),
        )
    return graph


@pytest.mark.untraced
@pytest.mark.engine
@every_reader
def test_thousands_of_hostile_terms_come_back(
    thousands: "Graph[str]", reader: Reader, ending: str, tmp_path: Path
) -> None:
    graph = thousands
    # What a reader cannot hold whatever is written: rapper ends a string at U+0000 and refuses U+FFFE and U+FFFF.
    unfit = NOT_IN_XML if ending == "rdf" else re.compile("[\0\ufffe\uffff]") if reader is _by_rapper else None
    if unfit is not None:
        graph = thousands.copy()
        for _, data in graph.nodes(data=True):
            for name in ("title", "excerpt"):
                data[name] = unfit.sub("", data[name])
            for name in ("titles", "categories"):
                data[name] = tuple(unfit.sub("", text) for text in data[name])
    path = tmp_path / f"graph.{ending}"
    write_rdf(graph, path)
    read = reader(path, ending)
    assert read == quads_meant(graph, ending)
    assert _literals(read, "https://schema.org/headline") == {data["title"] for _, data in graph.nodes(data=True)} - {
        ""
    }
    assert len({quad.object for quad in read if quad.predicate.value == "https://schema.org/url"}) == 2_000
