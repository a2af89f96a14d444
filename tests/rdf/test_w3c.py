"""The W3C's SPARQL 1.1 suites for the protocol, the service description and the result formats, against the server."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import cache
from itertools import permutations
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from oracles.w3c_suite import (
    ABSENT,
    SD,
    SUITES,
    Exchange,
    ProtocolCase,
    ResultCase,
    entries,
    protocol_cases,
    result_cases,
    schema_faults,
)
from processes.server import Answer, Server, serving

HERE = SUITES.is_dir()
pytestmark = pytest.mark.skipif(not HERE, reason=ABSENT)

PROTOCOL = protocol_cases() if HERE else []
QUERIES = [case for case in PROTOCOL if "update" not in case.name]
UPDATES = [case for case in PROTOCOL if "update" in case.name]
DESCRIPTION = entries("service-description") if HERE else []
CSV_TSV = result_cases("csv-tsv-res") if HERE else []
JSON = result_cases("json-res") if HERE else []

XSD = "http://www.w3.org/2001/XMLSchema#"
DATA_0 = "http://kasei.us/2009/09/sparql/data/data0.rdf"
"""A graph that tests ask for without saying what is in it. A server that fetches nothing must have it."""

TABLES = ("application/sparql-results+json", "application/sparql-results+xml", "text/csv", "text/tab-separated-values")
GRAPHS = {"text/turtle": ox.RdfFormat.TURTLE, "application/n-triples": ox.RdfFormat.N_TRIPLES}
GRAPHS["application/rdf+xml"] = ox.RdfFormat.RDF_XML


def name_of(case: Any) -> str:
    return str(getattr(case, "name", case))


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Serve all graphs that the tests of the protocol name."""
    store = ox.Store()
    for name, file in sorted({graph for case in PROTOCOL for graph in case.graphs}):
        store.load(path=file, format=ox.RdfFormat.N_TRIPLES, to_graph=ox.NamedNode(name))
    document = ox.NamedNode("http://xmlns.com/foaf/0.1/Document")
    rdf_type = ox.NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    store.add(ox.Quad(ox.NamedNode(DATA_0), rdf_type, document, ox.NamedNode(DATA_0)))
    file = tmp_path_factory.mktemp("protocol") / "graphs.nq"
    store.dump(output=file, format=ox.RdfFormat.N_QUADS)
    before = file.read_bytes()
    with serving(file) as server:
        yield server
    assert file.read_bytes() == before


def exchanged(server: Server, exchange: Exchange) -> Answer:
    """Send a request to the letter: no header but those of the test, and those that frame it."""
    connection = server.connection()
    try:
        target = exchange.target.replace("/sparql/", "/sparql", 1)
        connection.putrequest(exchange.method, target, skip_accept_encoding=True)
        for name, value in exchange.headers:
            connection.putheader(name, value)
        if exchange.body is not None:
            connection.putheader("Content-Length", str(len(exchange.body)))
        connection.endheaders(exchange.body)
        response = connection.getresponse()
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())
    finally:
        connection.close()


def media_type(answer: Answer) -> str:
    return answer.headers.get("content-type", "").partition(";")[0].strip()


def truth(answer: Answer) -> bool:
    """Return the result of an ASK query."""
    found = ox.parse_query_results(answer.body, format=result_format(media_type(answer)))
    assert isinstance(found, ox.QueryBoolean)
    return bool(found)


def result_format(name: str) -> ox.QueryResultsFormat:
    format = ox.QueryResultsFormat.from_media_type(name)
    assert format is not None, name
    return format


def check(answer: Answer, exchange: Exchange) -> None:
    assert answer.status // 100 in exchange.statuses, answer
    if exchange.boolean is not None:
        assert truth(answer) == exchange.boolean
    if exchange.format == "boolean":
        assert media_type(answer) in TABLES[:2]
        truth(answer)
    elif exchange.format == "tabular":
        assert media_type(answer) in TABLES
        assert isinstance(
            ox.parse_query_results(answer.body, format=result_format(media_type(answer))), ox.QuerySolutions
        )
    elif exchange.format == "RDF":
        list(ox.parse(answer.body, format=GRAPHS[media_type(answer)], base_iri="http://www.example/sparql/"))


def test_each_suite_has_been_read_to_its_end() -> None:
    read = {
        "protocol, queries": len(QUERIES),
        "protocol, updates": len(UPDATES),
        "service-description": len(DESCRIPTION),
        "csv-tsv-res": len(CSV_TSV),
        "json-res": len(JSON),
    }
    assert read == {
        "protocol, queries": 20,
        "protocol, updates": 14,
        "service-description": 3,
        "csv-tsv-res": 6,
        "json-res": 4,
    }
    assert len(PROTOCOL) == len(entries("protocol"))
    assert all(exchange.statuses for case in PROTOCOL for exchange in case.exchanges)
    assert Counter(exchange.format for case in QUERIES for exchange in case.exchanges) == {
        "boolean": 10,
        "tabular": 1,
        "RDF": 2,
        "": 7,
    }


@pytest.mark.engine
@pytest.mark.parametrize("case", QUERIES, ids=name_of)
def test_protocol_of_queries(endpoint: Server, case: ProtocolCase) -> None:
    assert case.exchanges
    for exchange in case.exchanges:
        check(exchanged(endpoint, exchange), exchange)


UNNAMED = {  # not recognisable as updates, but refused all the same
    "bad_update_wrong_media_type": 415,
    "bad_update_missing_form_type": 415,
    "bad_update_non_utf8": 415,
}


@pytest.mark.engine
@pytest.mark.parametrize("case", UPDATES, ids=name_of)
def test_protocol_of_updates_is_refused(endpoint: Server, case: ProtocolCase) -> None:
    """Updates end with 403, and the queries that follow one find that nothing has changed."""
    before = everything(endpoint)
    update, *questions = case.exchanges
    answer = exchanged(endpoint, update)
    assert answer.status == UNNAMED.get(case.name, 403), answer
    assert media_type(answer) == "text/plain"
    assert "CLEAR" not in answer.text
    for question in questions:
        answer = exchanged(endpoint, question)
        assert answer.status == 200
        assert truth(answer) is False
    assert everything(endpoint) == before


def everything(server: Server) -> list[str]:
    answer = server.query("SELECT * { { ?s ?p ?o } UNION { GRAPH ?g { ?s ?p ?o } } }", "text/tab-separated-values")
    assert answer.status == 200
    rows = sorted(answer.text.splitlines())
    assert len(rows) > 4
    return rows


@pytest.mark.engine
@pytest.mark.parametrize("name", DESCRIPTION)
def test_service_description(endpoint: Server, name: str) -> None:
    answer = endpoint.get("/sparql")
    assert answer.status == 200
    assert media_type(answer) in GRAPHS
    triples = [quad.triple for quad in ox.parse(answer.body, format=GRAPHS[media_type(answer)])]
    if name == "has-endpoint-triple":
        found = [one.object for one in triples if one.predicate.value == f"{SD}endpoint"]
        assert found == [ox.NamedNode(f"{endpoint.url}/sparql")]
    elif name == "conforms-to-schema":
        assert schema_faults(triples) == []
    else:
        assert name == "returns-rdf"
        assert triples


@pytest.mark.engine
def test_service_description_names_the_graphs(endpoint: Server) -> None:
    triples = [quad.triple for quad in ox.parse(endpoint.get("/sparql").body, format=ox.RdfFormat.TURTLE)]
    named = {one.object.value for one in triples if one.predicate.value == f"{SD}name"}
    assert named == {DATA_0, *(name for case in PROTOCOL for name, _ in case.graphs)}


Solutions = tuple[list[str], list[tuple[str, ...]]]
"""The variables, and the rows as texts in which each blank node is `_:` and its label."""


@pytest.fixture(scope="module")
def serve() -> Iterator[Callable[[Path], Server]]:
    """Return the function that gives the server of a file of data; one is started for each."""
    with ExitStack() as stack:
        yield cache(lambda file: stack.enter_context(serving(file)))


def alike(left: Sequence[tuple[str, ...]], right: Sequence[tuple[str, ...]]) -> bool:
    """Tell whether two tables have the same rows, in any order, under some renaming of the blank nodes."""
    blank = [sorted({cell for row in rows for cell in row if cell.startswith("_:")}) for rows in (left, right)]
    if len(blank[0]) != len(blank[1]):
        return False
    return any(
        Counter(tuple(dict(zip(blank[0], names, strict=True)).get(cell, cell) for cell in row) for row in left)
        == Counter(right)
        for names in permutations(blank[1])
    )


def csv_table(body: bytes) -> Solutions:
    variables, *rows = csv.reader(io.StringIO(body.decode(), newline=""), strict=True)
    return variables, [tuple(row) for row in rows]


def tsv_table(body: bytes) -> Solutions:
    """Read a table of terms; doubles by their value, because the suite itself writes `1.0E6` as `1.0e6`."""
    found = ox.parse_query_results(body, format=ox.QueryResultsFormat.TSV)
    assert isinstance(found, ox.QuerySolutions)
    return [one.value for one in found.variables], [tuple(map(tsv_cell, row)) for row in found]


def tsv_cell(term: object) -> str:
    if isinstance(term, ox.Literal) and term.datatype.value == f"{XSD}double":
        return f'"{float(term.value)}"^^<{XSD}double>'
    return "" if term is None else str(term)


def by_value(cell: str) -> str:
    """Write a cell of a number as other numbers of the same value are: of any integer type, in any spelling."""
    if re.fullmatch(r"[+-]?[0-9.]+([eE][+-]?[0-9]+)?", cell):
        return repr(float(cell))
    return cell.replace(f"^^<{XSD}negativeInteger>", f"^^<{XSD}integer>")


def asked(server: Server, case: ResultCase, accept: str) -> Answer:
    answer = server.query(case.query.read_text(), accept)
    assert answer.status == 200, answer
    assert media_type(answer) == accept
    return answer


KEPT_BY_VALUE = frozenset({"csv03", "tsv03"})
"""The engine's store keeps numbers by their value: it gives `1.0E6` back as `1000000`, and -3 as an xsd:integer."""


@pytest.mark.engine
@pytest.mark.parametrize("case", CSV_TSV, ids=name_of)
def test_csv_and_tsv_results(serve: Callable[[Path], Server], case: ResultCase) -> None:
    """CSV has the same cells, TSV the same terms, in any order of the rows."""
    expected = case.result.read_bytes()
    if case.result.suffix == ".csv":
        found, table = asked(serve(case.data), case, "text/csv").body, csv_table
        assert found.endswith(b"\r\n"), "RFC 4180 ends lines with CRLF"
        assert b"\n" not in found.replace(b"\r\n", b"")
    else:
        found, table = asked(serve(case.data), case, "text/tab-separated-values").body, tsv_table
    (variables, rows), (expected_variables, expected_rows) = table(found), table(expected)
    assert sorted(variables) == sorted(expected_variables)
    assert len(expected_rows) >= 6
    order = [variables.index(name) for name in expected_variables]  # SELECT * leaves it open
    rows = [tuple(row[place] for place in order) for row in rows]
    assert alike(rows, expected_rows) == (case.name not in KEPT_BY_VALUE), (rows, expected_rows)
    assert alike(*([tuple(map(by_value, row)) for row in one] for one in (rows, expected_rows))), rows


@pytest.mark.engine
@pytest.mark.parametrize("case", JSON, ids=name_of)
def test_json_results(serve: Callable[[Path], Server], case: ResultCase) -> None:
    """JSON has the same values: the same members, whatever the order of solutions and variables."""
    answer = asked(serve(case.data), case, "application/sparql-results+json")
    expected = case.result.read_bytes()
    found, wanted = json.loads(answer.body), json.loads(expected)
    if "boolean" in wanted:
        assert found == wanted
        return
    assert sorted(found["head"]["vars"]) == sorted(wanted["head"]["vars"])
    assert found.keys() == wanted.keys()
    assert alike(*([bindings(one) for one in document["results"]["bindings"]] for document in (found, wanted)))
    assert len(wanted["results"]["bindings"]) >= 6


def bindings(solution: dict[str, dict[str, str]]) -> tuple[str, ...]:
    """Return a solution of a JSON result as texts, the blank nodes so that `alike` knows them."""
    return tuple(
        part
        for name, term in sorted(solution.items())
        for part in (name, f"_:{term['value']}" if term["type"] == "bnode" else json.dumps(term, sort_keys=True))
    )


@pytest.mark.engine
@pytest.mark.parametrize(
    "left, right, same",
    [
        ([("_:a", "1"), ("_:b", "2")], [("_:x", "2"), ("_:y", "1")], True),
        ([("_:a", "_:a")], [("_:x", "_:y")], False),
        ([("a",), ("a",)], [("a",)], False),
        ([("_:a", "1")], [("_:x", "2")], False),
    ],
)
def test_tables_are_compared_as_sets_with_blank_nodes(
    left: list[tuple[str, ...]], right: list[tuple[str, ...]], *, same: bool
) -> None:
    assert alike(left, right) is same
