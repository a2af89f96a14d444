"""The bundled queries: their headers, their answers against plain Python, on three engines, and their parameters."""

import json
import re
import shutil
import subprocess
import warnings
import zipfile
from collections.abc import Mapping
from datetime import date
from itertools import takewhile
from pathlib import Path
from typing import NamedTuple

import pyoxigraph as ox
import pytest
import rdflib
from oracles.plain_answers import ANSWERS, XSD, Cell, Graph, Iri, Row, Rows, Triples, cell
from paths import QUERIES

import graphkit
from graphkit.rdf.serialization import rdf_bytes
from graphkit.rdf.vocabulary import DEFAULT_BASE

FILES = sorted(QUERIES.glob("*.rq"))
Result = Rows | Triples | bool
TYPES = ("text", "integer", "date", "IRI")


class Parameter(NamedTuple):
    """A parameter as the header has it."""

    name: str
    type: str
    default: str


def _parameters(text: str) -> list[Parameter]:
    return [Parameter(*found) for found in re.findall(r"^# parameter: (\w+) \((\w+), ([^)]*)\) \S", text, re.MULTILINE)]


PARAMETERS = [
    pytest.param(path, parameter, id=f"{path.stem}-{parameter.name}")
    for path in FILES
    for parameter in _parameters(path.read_text("utf-8"))
]
each_query = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
each_parameter = pytest.mark.parametrize("path,parameter", PARAMETERS)


# Headers


@each_query
def test_a_header_is_complete_and_nothing_else(path: Path) -> None:
    lines = path.read_text("utf-8").splitlines()
    header = list(takewhile(lambda line: line.startswith("# "), lines))
    keys = [line[2:].partition(": ")[0] for line in header]
    assert keys == ["title", "question", *["parameter"] * (len(keys) - 3), "columns"]
    assert len(header[0].removeprefix("# title: ")) <= 40
    assert len(header[1].removeprefix("# question: ")) <= 100
    assert keys.count("parameter") == len(_parameters(path.read_text("utf-8")))
    assert all(parameter.type in TYPES for parameter in _parameters(path.read_text("utf-8")))
    assert max(map(len, lines)) <= 120


@each_query
def test_the_columns_are_those_the_query_gives(path: Path, store: ox.Store) -> None:
    text = path.read_text("utf-8")
    columns = re.findall(r"^# columns: (.*)", text, re.MULTILINE)[0]
    found = store.query(text)
    if not isinstance(found, ox.QuerySolutions):
        assert columns == ("boolean" if isinstance(found, ox.QueryBoolean) else "RDF")
        return
    pairs = [re.fullmatch(r"(\w+) \((\w+)\)", column) for column in columns.split(", ")]
    assert [pair and pair[1] for pair in pairs] == [variable.value for variable in found.variables]
    kinds = {pair[1]: {"text": str, "integer": int, "date": date, "IRI": Iri}[pair[2]] for pair in pairs if pair}
    rows = _by_pyoxigraph(store, text)
    assert isinstance(rows, list)
    for row in rows:
        for (name, kind), value in zip(kinds.items(), row, strict=True):
            assert value is None or isinstance(value, kind), name


@each_query
def test_each_parameter_has_a_line_of_its_own_with_the_default_of_the_header(path: Path) -> None:
    text = path.read_text("utf-8")
    lines = re.findall(r"^  VALUES \?(\w+) \{ (.*) \}$", text, re.MULTILINE)
    assert lines == [(name, _written(kind, default)) for name, kind, default in _parameters(text)]
    assert len(lines) == len(re.findall(r"VALUES\s*\?", text))


def _written(kind: str, default: str) -> str:
    """Return how a default of the header stands in the VALUES line."""
    if default == "any":
        return "UNDEF"
    return {"text": f'"{default}"', "integer": default, "date": f'"{default}"^^xsd:date', "IRI": f"<{default}>"}[kind]


def test_every_question_has_a_reference_answer() -> None:
    assert {path.stem for path in FILES} == set(ANSWERS)


# Engines


@pytest.fixture(scope="module")
def graph(seeds: Path) -> "Graph[str]":
    return graphkit.build(seeds).graph


@pytest.fixture(scope="module")
def turtle(graph: "Graph[str]", tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("queries") / "graph.ttl"
    path.write_bytes(rdf_bytes(graph))
    return path


@pytest.fixture(scope="module")
def store(turtle: Path) -> ox.Store:
    return _store(turtle)


@pytest.fixture(scope="module")
def triples(turtle: Path) -> rdflib.Graph:
    return _rdflib(turtle)


def _store(path: Path) -> ox.Store:
    store = ox.Store()
    store.bulk_load(path=str(path), format=ox.RdfFormat.TURTLE)
    return store


def _rdflib(path: Path) -> rdflib.Graph:
    with warnings.catch_warnings():
        # rdflib 7 uses classes and properties of its own that it has deprecated.
        warnings.simplefilter("ignore", DeprecationWarning)
        return rdflib.Graph().parse(path, format="turtle")


def _by_pyoxigraph(
    store: ox.Store, text: str, substitutions: Mapping[ox.Variable, ox.NamedNode | ox.Literal] | None = None
) -> Result:
    found = store.query(text, substitutions=dict(substitutions or {}))
    if isinstance(found, ox.QueryBoolean):
        return bool(found)
    if isinstance(found, ox.QueryTriples):
        return {(_iri(triple.subject), _iri(triple.predicate), _of_pyoxigraph(triple.object)) for triple in found}
    assert isinstance(found, ox.QuerySolutions)
    return [tuple(map(_of_pyoxigraph, row)) for row in found]


def _iri(node: object) -> Iri:
    assert isinstance(node, ox.NamedNode)
    return Iri(node.value)


def _of_pyoxigraph(term: object) -> Cell:
    if term is None:
        return None
    return cell(term.value, term.datatype.value) if isinstance(term, ox.Literal) else _iri(term)


def _by_rdflib(graph: rdflib.Graph, text: str) -> Result:
    found = graph.query(text)
    if found.type == "ASK":
        return bool(found.askAnswer)
    rows: Rows = [tuple(map(_of_rdflib, row)) for row in found]  # type: ignore[arg-type]
    return rows if found.type == "SELECT" else _triples(rows)


def _of_rdflib(term: object) -> Cell:
    if term is None:
        return None
    if isinstance(term, rdflib.Literal):
        return cell(str(term), str(term.datatype or ""))
    assert isinstance(term, rdflib.URIRef)
    return Iri(str(term))


def _triples(rows: Rows) -> Triples:
    found: Triples = set()
    for subject, predicate, value in rows:
        assert isinstance(subject, Iri)
        assert isinstance(predicate, Iri)
        found.add((subject, predicate, value))
    return found


# Jena: one Java program, run from its source, answers all queries

JARS = Path("/usr/share/java")
NEEDED = (
    *("jena-arq", "jena-base", "jena-core", "jena-iri", "thrift", "slf4j-api", "slf4j-nop", "commons-lang3"),
    *("commons-compress", "guava", "dexx.collection"),
)
PROGRAM = """
import java.io.*;
import java.nio.file.*;
import org.apache.jena.query.*;
import org.apache.jena.rdf.model.*;
import org.apache.jena.riot.*;

class Answers {
    public static void main(String[] arguments) throws Exception {
        Model model = RDFDataMgr.loadModel(arguments[0]);
        for (int i = 1; i < arguments.length; i++) {
            String text = Files.readString(Path.of(arguments[i]));
            try (QueryExecution run = QueryExecutionFactory.create(QueryFactory.create(text, Syntax.syntaxSPARQL_11), model);
                    OutputStream out = new FileOutputStream(arguments[i] + ".out")) {
                if (run.getQuery().isSelectType()) ResultSetFormatter.outputAsJSON(out, run.execSelect());
                else if (run.getQuery().isAskType()) ResultSetFormatter.outputAsJSON(out, run.execAsk());
                else RDFDataMgr.write(out, run.getQuery().isConstructType() ? run.execConstruct() : run.execDescribe(), Lang.NTRIPLES);
            }
        }
    }
}
"""


@pytest.fixture(scope="module")
def jena(turtle: Path, graph: "Graph[str]", tmp_path_factory: pytest.TempPathFactory) -> dict[str, Result]:
    """Return what Jena answers: to each query by its name, to each with a value by the names of both."""
    java = shutil.which("java")
    if java is None or shutil.which("javac") is None or not (JARS / "jena-arq.jar").exists():
        pytest.skip("Jena is not installed (Debian packages: libapache-jena-java, default-jdk-headless)")
    folder = tmp_path_factory.mktemp("jena")
    # Debian's jar has the messages of Xerces in another folder than the classes that read them.
    with zipfile.ZipFile(JARS / "jena-core.jar") as jar:
        moved = "org/apache/jena/ext/"
        for name in jar.namelist():
            if name.startswith(moved + "xerces/") and name.endswith(".properties"):
                target = folder / name.removeprefix(moved)
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(jar.read(name))
    texts = {path.stem: path.read_text("utf-8") for path in FILES}
    for path in FILES:
        for parameter in _parameters(texts[path.stem]):
            value = _example(graph, path.stem, parameter.name)
            texts[f"{path.stem}-{parameter.name}"] = _edited(path, parameter, _term(value))
    files = {name: folder / f"{name}.rq" for name in texts}
    for name, file in files.items():
        file.write_text(texts[name], "utf-8")
    program = folder / "Answers.java"
    program.write_text(PROGRAM, "utf-8")
    classes = ":".join([str(folder), *(str(JARS / f"{name}.jar") for name in NEEDED)])
    options = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Dfile.encoding=UTF-8", "-cp", classes]
    command = [java, *options, *map(str, (program, turtle, *files.values()))]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    return {name: _of_jena(Path(f"{file}.out").read_bytes()) for name, file in files.items()}


def _of_jena(data: bytes) -> Result:
    if not data.startswith(b"{"):
        parsed = ox.parse(data, format=ox.RdfFormat.N_TRIPLES)
        return {(_iri(quad.subject), _iri(quad.predicate), _of_pyoxigraph(quad.object)) for quad in parsed}
    found = json.loads(data)
    if "boolean" in found:
        return bool(found["boolean"])
    names = found["head"]["vars"]
    return [tuple(_of_json(row.get(name)) for name in names) for row in found["results"]["bindings"]]


def _of_json(term: Mapping[str, str] | None) -> Cell:
    if term is None:
        return None
    return Iri(term["value"]) if term["type"] == "uri" else cell(term["value"], term.get("datatype", ""))


# Answers


@each_query
def test_a_query_gives_what_plain_python_gives(path: Path, graph: "Graph[str]", store: ox.Store) -> None:
    found = _by_pyoxigraph(store, path.read_text("utf-8"))
    assert found
    assert found == ANSWERS[path.stem](graph, DEFAULT_BASE)


@pytest.mark.engine
@each_query
def test_rdflib_gives_the_same(path: Path, graph: "Graph[str]", triples: rdflib.Graph) -> None:
    assert _by_rdflib(triples, path.read_text("utf-8")) == ANSWERS[path.stem](graph, DEFAULT_BASE)


@pytest.mark.tools
@each_query
def test_jena_gives_the_same(path: Path, graph: "Graph[str]", jena: Mapping[str, Result]) -> None:
    assert jena[path.stem] == ANSWERS[path.stem](graph, DEFAULT_BASE)


@pytest.fixture(scope="module")
def real_graph(shared_corpus: Path) -> "Graph[str]":
    return graphkit.build(shared_corpus).graph


@pytest.fixture(scope="module")
def real_turtle(real_graph: "Graph[str]", tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("real") / "graph.ttl"
    path.write_bytes(rdf_bytes(real_graph))
    return path


@pytest.fixture(scope="module")
def real_store(real_turtle: Path) -> ox.Store:
    return _store(real_turtle)


@pytest.fixture(scope="module")
def real_triples(real_turtle: Path) -> rdflib.Graph:
    return _rdflib(real_turtle)


@pytest.mark.untraced
@pytest.mark.engine
@each_query
def test_engines_and_python_agree_on_real_records(
    path: Path, real_graph: "Graph[str]", real_store: ox.Store, real_triples: rdflib.Graph
) -> None:
    text = path.read_text("utf-8")
    found = _by_pyoxigraph(real_store, text)
    assert found
    assert found == ANSWERS[path.stem](real_graph, DEFAULT_BASE)
    assert found == _by_rdflib(real_triples, text)


@pytest.fixture(scope="module")
def thin_graph(graph: "Graph[str]") -> "Graph[str]":
    """Return the graph with articles that have no headline, date, publisher or quality, and a topic of no article."""
    thin = graph.copy()
    articles = [node for node, data in thin.nodes(data=True) if data["kind"] == "article"]
    for number, node in enumerate(articles):
        if number % 5 == 1:
            del thin.nodes[node]["title"], thin.nodes[node]["titles"]
        if number % 5 == 2:
            del thin.nodes[node]["published_at"]
        if number % 5 == 3:
            publishers = [target for _, target, kind in thin.out_edges(node, keys=True) if kind == "publisher"]
            thin.remove_edge(node, publishers[0], "publisher")
        if number % 5 == 4:
            del thin.nodes[node]["quality"]
    topic = min(target for _, target, kind in thin.edges(keys=True) if kind == "about")
    for node in list(thin.predecessors(topic)):
        if thin.has_edge(node, topic, "about"):
            thin.remove_edge(node, topic, "about")
    return thin


@pytest.mark.engine
@each_query
def test_what_articles_lack_hides_nothing_else(path: Path, thin_graph: "Graph[str]", tmp_path: Path) -> None:
    turtle = tmp_path / "thin.ttl"
    turtle.write_bytes(rdf_bytes(thin_graph))
    text = path.read_text("utf-8")
    expected = ANSWERS[path.stem](thin_graph, DEFAULT_BASE)
    assert _by_pyoxigraph(_store(turtle), text) == expected
    assert _by_rdflib(_rdflib(turtle), text) == expected


# Parameters


def _example(graph: "Graph[str]", query: str, name: str) -> Cell:
    """Return a value of a parameter that gives some of the rows that the query gives without one, but not all."""
    answer = ANSWERS[query]
    if query == "describe-article":
        return Iri(DEFAULT_BASE + min(node for node, data in graph.nodes(data=True) if data["kind"] == "article"))
    if query == "is-known":
        return Iri(min(data["url"] for _, data in graph.nodes(data=True) if "url" in data))
    rows = answer(graph, DEFAULT_BASE)
    assert isinstance(rows, list)
    middle: Row = rows[len(rows) // 2]
    if name in ("topic", "provider"):
        text = middle[2 if name == "topic" else 4]
        assert isinstance(text, str)
        return text.swapcase()
    if name in ("since", "until"):
        published = middle[3]
        assert isinstance(published, date)
        return date.fromisoformat(published.isoformat()[:10])
    if name == "least":
        numbers = [row[4] for row in rows]
        return max(number for number in numbers if isinstance(number, int))
    return middle[0]


def _term(value: Cell) -> ox.NamedNode | ox.Literal:
    if isinstance(value, Iri):
        return ox.NamedNode(value.value)
    if isinstance(value, date):
        return ox.Literal(value.isoformat(), datatype=ox.NamedNode(XSD + "date"))
    assert isinstance(value, str | int)
    return ox.Literal(value)


def _edited(path: Path, parameter: Parameter, term: ox.NamedNode | ox.Literal | None) -> str:
    """Return a query with a term in a parameter's line, or UNDEF."""
    written = "UNDEF" if term is None else str(term)
    line = re.compile(rf"^  VALUES \?{parameter.name} {{ .* }}$", re.MULTILINE)
    text, count = line.subn(lambda _: f"  VALUES ?{parameter.name} {{ {written} }}", path.read_text("utf-8"))
    assert count == 1
    return text


def _substituted(store: ox.Store, path: Path, parameter: Parameter, term: ox.NamedNode | ox.Literal) -> Result:
    return _by_pyoxigraph(store, _edited(path, parameter, None), {ox.Variable(parameter.name): term})


@pytest.mark.engine
@each_parameter
def test_a_value_selects_what_plain_python_selects(
    path: Path, parameter: Parameter, graph: "Graph[str]", store: ox.Store, triples: rdflib.Graph
) -> None:
    value = _example(graph, path.stem, parameter.name)
    expected = ANSWERS[path.stem](graph, DEFAULT_BASE, **{parameter.name: value})
    assert expected
    if path.stem != "is-known":
        assert expected != ANSWERS[path.stem](graph, DEFAULT_BASE)
    text = _edited(path, parameter, _term(value))
    assert _by_pyoxigraph(store, text) == expected
    assert _by_rdflib(triples, text) == expected


@pytest.mark.tools
@each_parameter
def test_a_value_selects_the_same_in_jena(
    path: Path, parameter: Parameter, graph: "Graph[str]", jena: Mapping[str, Result]
) -> None:
    value = _example(graph, path.stem, parameter.name)
    expected = ANSWERS[path.stem](graph, DEFAULT_BASE, **{parameter.name: value})
    assert jena[f"{path.stem}-{parameter.name}"] == expected


@each_parameter
def test_any_value_gives_all(path: Path, parameter: Parameter, graph: "Graph[str]", store: ox.Store) -> None:
    expected = ANSWERS[path.stem](graph, DEFAULT_BASE, **{parameter.name: None})
    assert _by_pyoxigraph(store, _edited(path, parameter, None)) == expected


@each_parameter
def test_substitution_gives_the_same_as_a_written_value(
    path: Path, parameter: Parameter, graph: "Graph[str]", store: ox.Store
) -> None:
    term = _term(_example(graph, path.stem, parameter.name))
    assert _substituted(store, path, parameter, term) == _by_pyoxigraph(store, _edited(path, parameter, term))


# A date or a number is checked before it is bound.
@pytest.mark.parametrize("hostile", ['"} DROP ALL #', '"} DROP ALL #\n{\\u0022', "'''\r\n\"\"\" } # \\"])
@pytest.mark.parametrize(
    "path,parameter",
    [case for case in PARAMETERS if case.values[1].type in ("text", "IRI")],  # type: ignore[union-attr]
)
def test_a_hostile_text_finds_nothing(path: Path, parameter: Parameter, hostile: str, store: ox.Store) -> None:
    term = ox.Literal(hostile)
    assert not _substituted(store, path, parameter, term)
    assert not _by_pyoxigraph(store, _edited(path, parameter, term))


@pytest.mark.parametrize(
    "path,names", [(path, ("since", "until")) for path in FILES if path.stem == "articles-between"]
)
def test_two_parameters_are_bound_together(
    path: Path, names: tuple[str, str], graph: "Graph[str]", store: ox.Store
) -> None:
    values = {name: _example(graph, path.stem, name) for name in names}
    expected = ANSWERS[path.stem](graph, DEFAULT_BASE, **values)
    assert expected
    substitutions = {ox.Variable(name): _term(value) for name, value in values.items()}
    assert _by_pyoxigraph(store, path.read_text("utf-8"), substitutions) == expected


def _file(name: str) -> tuple[Path, Parameter]:
    """Return a query of one parameter, and that."""
    path = next(path for path in FILES if path.stem == name)
    (parameter,) = _parameters(path.read_text("utf-8"))
    return path, parameter


def test_every_address_of_an_article_is_known_and_no_other(graph: "Graph[str]", store: ox.Store) -> None:
    path, parameter = _file("is-known")
    addresses = {data["url"] for _, data in graph.nodes(data=True) if "url" in data}
    variants = {variant for _, data in graph.nodes(data=True) for variant in data.get("variants", ())}
    assert {kind for kind, _ in variants} == {"amphtml", "cachedCopy", "original"}
    for address in addresses | {url for _, url in variants}:
        assert _substituted(store, path, parameter, ox.NamedNode(address)) is True, address
        assert _substituted(store, path, parameter, ox.NamedNode(address + "x")) is False, address


def test_a_provider_is_found_by_its_domain_too(graph: "Graph[str]", store: ox.Store) -> None:
    path, parameter = _file("articles-of-provider")
    domains = {data["domain"] for _, data in graph.nodes(data=True) if "domain" in data}
    assert domains
    for domain in domains:
        expected = ANSWERS[path.stem](graph, DEFAULT_BASE, provider=domain.upper())
        assert expected
        assert _substituted(store, path, parameter, ox.Literal(domain.upper())) == expected
