"""Whatever reads an export reads the triples that graphkit meant: parsers in five languages, six syntaxes."""

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
from hostile_texts import HOSTILE, NOT_IN_XML, small_graph, texts
from hypothesis import given, settings

import graphkit
from graphkit.rdf import rdf_bytes, to_rdflib, triples, write_rdf

ROOT = Path(__file__).resolve().parent.parent
Graph = nx.MultiDiGraph
Triples = frozenset[ox.Triple]

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


# Readers: from a file and the ending that names its syntax to a set of triples, graph names left aside.


def _by_pyoxigraph(path: Path, ending: str) -> Triples:
    return frozenset(quad.triple for quad in ox.parse(path=path, format=OXIGRAPH[ending]))


def _by_rdflib(path: Path, ending: str) -> Triples:
    dataset = rdflib.Dataset()
    with warnings.catch_warnings():
        # rdflib 7 uses classes and properties of its own that it has deprecated.
        warnings.simplefilter("ignore", DeprecationWarning)
        dataset.parse(data=path.read_bytes(), format=RDFLIB[ending])
    return frozenset(_of_rdflib(quad[:3]) for quad in dataset.quads())


def _by_rapper(path: Path, ending: str) -> Triples:
    return _by_program("rapper", "-q", "-i", {"ttl": "turtle", "nt": "ntriples", "rdf": "rdfxml"}[ending], path)


def _by_serdi(path: Path, ending: str) -> Triples:
    return _by_program("serdi", "-i", {"ttl": "turtle", "nt": "ntriples"}[ending], path)


def _by_program(program: str, *arguments: str | Path) -> Triples:
    """Let a program write the file it reads as N-Triples; it may escape letters beyond ASCII."""
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed (Debian packages: raptor2-utils, serdi)")
    *options, path = arguments
    run = subprocess.run([found, *options, "-o", "ntriples", path], capture_output=True, check=False)
    assert (run.returncode, run.stderr) == (0, b"")
    return frozenset(quad.triple for quad in ox.parse(run.stdout, format=ox.RdfFormat.N_TRIPLES))


def _of_rdflib(triple: Iterable[object]) -> ox.Triple:
    subject, predicate, value = triple
    assert isinstance(subject, rdflib.URIRef)
    assert isinstance(predicate, rdflib.URIRef)
    if isinstance(value, rdflib.URIRef):
        return ox.Triple(ox.NamedNode(subject), ox.NamedNode(predicate), ox.NamedNode(value))
    assert isinstance(value, rdflib.Literal)
    datatype = None if value.datatype is None else ox.NamedNode(value.datatype)
    literal = ox.Literal(str(value), language=value.language, datatype=datatype)
    return ox.Triple(ox.NamedNode(subject), ox.NamedNode(predicate), literal)


Reader = Callable[[Path, str], Triples]
TURTLE_READERS: Mapping[str, Reader] = MappingProxyType(
    {"pyoxigraph": _by_pyoxigraph, "rdflib": _by_rdflib, "rapper": _by_rapper, "serdi": _by_serdi}
)
PYTHON_READERS: Mapping[str, Reader] = MappingProxyType({"pyoxigraph": _by_pyoxigraph, "rdflib": _by_rdflib})


def test_no_term_is_a_blank_node_and_no_literal_has_a_language(meant: Triples) -> None:
    for triple in meant:
        assert isinstance(triple.subject, ox.NamedNode), triple
        assert isinstance(triple.object, ox.NamedNode | ox.Literal), triple
        assert not (isinstance(triple.object, ox.Literal) and triple.object.language), triple


@pytest.mark.parametrize("reader", TURTLE_READERS.values(), ids=TURTLE_READERS)
def test_turtle_readers_agree(corpus: "Graph[str]", meant: Triples, reader: Reader, tmp_path: Path) -> None:
    path = tmp_path / "graph.ttl"
    write_rdf(corpus, path)
    assert reader(path, "ttl") == meant


@pytest.mark.parametrize("ending", [ending for ending in OXIGRAPH if ending != "ttl"])
@pytest.mark.parametrize("reader", PYTHON_READERS.values(), ids=PYTHON_READERS)
def test_every_syntax_holds_the_same_triples(
    corpus: "Graph[str]", meant: Triples, reader: Reader, ending: str, tmp_path: Path
) -> None:
    path = tmp_path / f"graph.{ending}"
    write_rdf(corpus, path)
    assert reader(path, ending) == meant


@pytest.mark.parametrize("reader,ending", [(_by_rapper, "nt"), (_by_rapper, "rdf"), (_by_serdi, "nt")])
def test_programs_agree_on_the_other_syntaxes_they_know(
    corpus: "Graph[str]", meant: Triples, reader: Reader, ending: str, tmp_path: Path
) -> None:
    path = tmp_path / f"graph.{ending}"
    write_rdf(corpus, path)
    assert reader(path, ending) == meant


def test_rdflib_is_given_the_same_triples(corpus: "Graph[str]", meant: Triples) -> None:
    assert frozenset(map(_of_rdflib, to_rdflib(corpus))) == meant


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


def _literals(found: Triples, predicate: str) -> set[str]:
    return {
        triple.object.value
        for triple in found
        if isinstance(triple.object, ox.Literal) and triple.predicate.value == predicate
    }


@pytest.mark.parametrize("ending", OXIGRAPH)
@pytest.mark.parametrize("reader", PYTHON_READERS.values(), ids=PYTHON_READERS)
@given(text=texts, name=texts)
@settings(deadline=None, max_examples=60)  # each example syncs a file to the disk
def test_hostile_text_comes_back_as_it_was(
    reader: Reader, ending: str, tmp_path_factory: pytest.TempPathFactory, text: str, name: str
) -> None:
    if ending == "rdf":
        text, name = NOT_IN_XML.sub("", text), NOT_IN_XML.sub("", name)
    graph = small_graph(text, name)
    path = tmp_path_factory.getbasetemp() / f"hostile.{ending}"
    write_rdf(graph, path)
    read = reader(path, ending)
    assert read == frozenset(triples(graph))
    assert _literals(read, "https://schema.org/headline") == {text, name} - {""}
    assert _literals(read, "https://schema.org/description") == {text} - {""}
    assert _literals(read, "http://www.w3.org/2004/02/skos/core#hiddenLabel") == {name, "k"} - {""}


@pytest.mark.parametrize("reader", [_by_rapper, _by_serdi], ids=["rapper", "serdi"])
def test_programs_read_hostile_text_as_it_was(reader: Reader, tmp_path: Path) -> None:
    for number, hostile in enumerate(HOSTILE):
        # rapper ends a string at U+0000 and refuses U+FFFE and U+FFFF; no record keeps any of them.
        text = re.sub("[\0\ufffe\uffff]", "", hostile)
        graph = small_graph(text, text[::-1])
        path = tmp_path / f"{number}.ttl"
        write_rdf(graph, path)
        assert reader(path, "ttl") == frozenset(triples(graph)), text


# From hostile records to every reader

ALL_READERS = [
    *((reader, ending) for reader in PYTHON_READERS.values() for ending in OXIGRAPH),
    *((_by_rapper, ending) for ending in ("ttl", "nt", "rdf")),
    *((_by_serdi, ending) for ending in ("ttl", "nt")),
]
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


@pytest.mark.parametrize("reader,ending", ALL_READERS)
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


@pytest.mark.parametrize("reader,ending", ALL_READERS)
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
    assert reader(path, ending) == frozenset(triples(graph))
    return sum(data["kind"] == "article" for _, data in graph.nodes(data=True))
