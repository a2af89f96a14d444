"""The SPARQL endpoint as clients see it: a real server, real requests."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pyoxigraph as ox
import pytest
from paths import QUERIES
from processes.server import Server, serving

import graphkit

pytestmark = pytest.mark.engine

LIGHT = "PREFIX schema: <https://schema.org/> SELECT ?name { ?p schema:name ?name } ORDER BY ?name LIMIT 3"
CONSTRUCT = "CONSTRUCT { ?s ?p ?o } WHERE { ?s a <https://schema.org/Organization> ; ?p ?o }"


@pytest.fixture(scope="module")
def server(exported: Path) -> Iterator[Server]:
    with serving(exported) as server:
        yield server


@pytest.fixture(scope="module")
def store(exported: Path) -> ox.Store:
    store = ox.Store()
    store.bulk_load(path=exported / "coverage.ttl")
    return store


@pytest.mark.parametrize(
    "accept, media_type, syntax",
    [
        ("", "application/sparql-results+json", ox.QueryResultsFormat.JSON),
        ("*/*", "application/sparql-results+json", ox.QueryResultsFormat.JSON),
        ("application/json", "application/sparql-results+json", ox.QueryResultsFormat.JSON),
        ("application/sparql-results+xml", "application/sparql-results+xml", ox.QueryResultsFormat.XML),
        ("text/csv", "text/csv; charset=utf-8", ox.QueryResultsFormat.CSV),
        ("text/*;q=0.5, text/csv;q=0.1", "text/tab-separated-values; charset=utf-8", ox.QueryResultsFormat.TSV),
        ("text/csv;q=0.2, application/xml;q=0.3", "application/sparql-results+xml", ox.QueryResultsFormat.XML),
        ("TEXT/CSV ; Q=1.0 , */*;q=0.1", "text/csv; charset=utf-8", ox.QueryResultsFormat.CSV),
        ("application/sparql-results+json;q=0, */*", "application/sparql-results+xml", ox.QueryResultsFormat.XML),
    ],
)
def test_solutions_come_in_the_format_that_is_wanted_most(
    server: Server, store: ox.Store, accept: str, media_type: str, syntax: Any
) -> None:
    answer = server.query(LIGHT, accept)
    assert answer.status == 200
    assert answer.headers["content-type"] == media_type
    expected = store.query(LIGHT).serialize(format=syntax)
    assert answer.body == expected


@pytest.mark.parametrize(
    "accept, syntax",
    [
        ("*/*", ox.RdfFormat.TURTLE),
        ("text/turtle", ox.RdfFormat.TURTLE),
        ("application/n-triples", ox.RdfFormat.N_TRIPLES),
        ("application/n-quads", ox.RdfFormat.N_QUADS),
        ("application/trig", ox.RdfFormat.TRIG),
        ("application/rdf+xml", ox.RdfFormat.RDF_XML),
        ("application/ld+json", ox.RdfFormat.JSON_LD),
        ("text/n3", ox.RdfFormat.N3),
    ],
)
def test_graphs_come_in_every_rdf_syntax(server: Server, store: ox.Store, accept: str, syntax: Any) -> None:
    answer = server.query(CONSTRUCT, accept)
    assert answer.status == 200
    assert answer.headers["content-type"].startswith(syntax.media_type.partition(";")[0])
    found = {quad.triple for quad in ox.parse(answer.body, format=syntax)}
    expected = store.query(CONSTRUCT)
    assert isinstance(expected, ox.QueryTriples)
    assert found == set(expected)
    assert found


@pytest.mark.parametrize(
    "query, accept", [(LIGHT, "text/turtle"), (CONSTRUCT, "text/csv"), ("ASK {}", "image/png"), (LIGHT, "*/*;q=0")]
)
def test_what_cannot_be_had_is_406_with_what_can(server: Server, query: str, accept: str) -> None:
    answer = server.query(query, accept)
    assert answer.status == 406
    assert "application/" in answer.text


@pytest.mark.parametrize("accept", ["application/sparql-results+json", "application/sparql-results+xml"])
def test_ask_gives_true_and_false(server: Server, accept: str) -> None:
    yes, no = server.query("ASK { ?s ?p ?o }", accept), server.query("ASK { ?s <x:none> ?o }", accept)
    assert yes.status == no.status == 200
    assert "true" in yes.text
    assert "false" in no.text


def test_a_query_can_be_sent_in_three_ways(server: Server) -> None:
    got = server.query(LIGHT)
    form = server.ask(
        "POST",
        "/sparql",
        urlencode({"query": LIGHT}).encode(),
        Content_Type="application/x-www-form-urlencoded; charset=UTF-8",
    )
    direct = server.ask("POST", "/sparql", LIGHT.encode(), Content_Type="application/sparql-query")
    assert got.status == form.status == direct.status == 200
    assert got.body == form.body == direct.body
    assert server.get(f"/sparql/?query={quote(LIGHT)}").body == got.body


def test_a_fault_in_the_query_is_400_with_its_place(server: Server) -> None:
    answer = server.query("SELECT ?name WHERE {\n  ?p schema:name ?name }")
    assert answer.status == 400
    assert answer.text == "query:2:17: prefix not found\n"
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"


@pytest.mark.parametrize("text", ["INSERT DATA { <x:a> <x:b> <x:c> }", "LOAD <http://127.0.0.1:9/>", "CLEAR ALL"])
def test_updates_are_403_whichever_way_they_come(server: Server, text: str) -> None:
    answers = [
        server.query(text),
        server.get(f"/sparql?{urlencode({'update': text})}"),
        server.ask("POST", "/sparql", text.encode(), Content_Type="application/sparql-update"),
        server.ask("POST", "/sparql", text.encode(), Content_Type="application/sparql-query"),
        server.ask(
            "POST",
            "/sparql",
            urlencode({"update": text}).encode(),
            Content_Type="application/x-www-form-urlencoded",
        ),
    ]
    assert [answer.status for answer in answers] == [403] * 5
    assert {answer.text for answer in answers} == {
        "This endpoint is read-only: it answers queries and takes no updates.\n"
    }


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_405(server: Server, method: str) -> None:
    answer = server.ask(method, f"/sparql?query={quote(LIGHT)}")
    assert answer.status == 405
    assert answer.headers["allow"] == "GET, HEAD, POST, OPTIONS"


def test_head_has_the_headers_of_get_and_no_body(server: Server) -> None:
    target = f"/sparql?query={quote(LIGHT)}"
    got, head = server.get(target), server.ask("HEAD", target)
    assert head.status == 200
    assert head.body == b""
    for name in ("content-type", "content-length", "etag", "vary"):
        assert head.headers[name] == got.headers[name]


def test_other_pages_may_ask(server: Server) -> None:
    preflight = server.ask("OPTIONS", "/sparql", Origin="https://a.example", Access_Control_Request_Method="POST")
    assert preflight.status == 204
    assert preflight.headers["access-control-allow-origin"] == "*"
    assert "POST" in preflight.headers["access-control-allow-methods"]
    for answer in (server.query(LIGHT), server.query("ASK {"), server.query(LIGHT, "image/png")):
        assert answer.headers["access-control-allow-origin"] == "*"


def test_a_repeated_query_is_304(server: Server) -> None:
    target = f"/sparql?query={quote(LIGHT)}"
    first = server.get(target, Accept="text/csv")
    again = server.get(target, Accept="text/csv", If_None_Match=first.headers["etag"])
    assert again.status == 304
    assert again.body == b""
    assert again.headers["etag"] == first.headers["etag"]
    other = server.get(target, Accept="text/csv", If_None_Match=f'"x", {first.headers["etag"]}')
    assert other.status == 304
    assert server.get(target, Accept="application/json", If_None_Match=first.headers["etag"]).status == 200
    assert server.get(target, Accept="text/csv", If_None_Match='W/"another"').status == 200


def test_the_validator_is_the_data_s(exported: Path, seeds: Path, tmp_path: Path) -> None:
    graph = graphkit.build(seeds)
    target = f"/sparql?query={quote(LIGHT)}"
    tags = []
    for name, base in (("a", "http://a.example/"), ("b", "http://a.example/"), ("c", "http://c.example/")):
        graphkit.export(graph, tmp_path / name, base=base, page=False)
        with serving(tmp_path / name) as server:
            tags.append(server.get(target).headers["etag"])
    assert tags[0] == tags[1] != tags[2]


@pytest.mark.parametrize("expression", ["RAND()", "NOW()", "UUID()"])
def test_a_changing_result_is_not_kept(server: Server, expression: str) -> None:
    query = f"SELECT ({expression} AS ?x) {{ }}"
    first, second = server.query(query), server.query(query)
    assert first.headers["cache-control"] == "no-store"
    assert "etag" not in first.headers
    assert first.body != second.body or expression == "NOW()"


def test_large_answers_are_packed_for_those_who_take_it(server: Server) -> None:
    query = "SELECT * { ?s ?p ?o }"
    plain = server.get(f"/sparql?query={quote(query)}")
    packed = server.get(f"/sparql?query={quote(query)}", Accept_Encoding="br, gzip")
    refused = server.get(f"/sparql?query={quote(query)}", Accept_Encoding="gzip;q=0")
    assert packed.headers["content-encoding"] == "gzip"
    assert len(packed.body) < len(plain.body) / 5
    assert json.loads(gzip.decompress(packed.body)) == json.loads(plain.body) == json.loads(refused.body)
    assert "Accept-Encoding" in packed.headers["vary"]


def test_the_dataset_can_be_chosen(tmp_path: Path) -> None:
    quads = tmp_path / "data.nq"
    quads.write_text(
        "<x:s> <x:p> <x:default> .\n<x:s> <x:p> <x:one> <http://g.example/1> .\n<x:s> <x:p> <x:two> <http://g.example/2> .\n"
    )
    one, two = "http://g.example/1", "http://g.example/2"

    def objects(server: Server, query: str, **fields: object) -> set[str]:
        answer = server.get(f"/sparql?{urlencode({'query': query, **fields}, doseq=True)}", Accept="text/csv")
        assert answer.status == 200, answer.text
        return set(answer.text.split()[1:])

    everything = "SELECT ?o { ?s ?p ?o }"
    named = "SELECT ?o { GRAPH ?g { ?s ?p ?o } }"
    with serving(quads) as server:
        assert objects(server, everything) == {"x:default", "x:one", "x:two"}  # the default graph is the union
        assert objects(server, everything, **{"default-graph-uri": one}) == {"x:one"}
        assert objects(server, everything, **{"default-graph-uri": [one, two]}) == {"x:one", "x:two"}
        assert objects(server, named) == {"x:one", "x:two"}
        assert objects(server, named, **{"named-graph-uri": two}) == {"x:two"}
        assert objects(server, everything, **{"named-graph-uri": two}) == set()
        assert objects(server, f"SELECT ?o FROM <{two}> {{ ?s ?p ?o }}") == {"x:two"}
        assert objects(server, f"SELECT ?o FROM <{two}> {{ ?s ?p ?o }}", **{"default-graph-uri": one}) == {"x:one"}
        for fields in ({"default-graph-uri": "http://g.example/3"}, {"named-graph-uri": "not an IRI"}):
            answer = server.get(f"/sparql?{urlencode({'query': everything, **fields})}")
            assert answer.status == 400
            assert "expected a graph of the data" in answer.text


@pytest.mark.parametrize(
    "body, content_type, status",
    [
        (b"query=ASK%20%7B%7D", "", 415),
        (b"ASK {}", "text/plain", 415),
        ("ASK {}".encode("utf-16"), "application/sparql-query; charset=UTF-16", 415),
        (b"ASK { ?s ?p '\xff' }", "application/sparql-query", 400),
        (b"query=%FF", "application/x-www-form-urlencoded", 400),
        (b"query=ASK%20%7B%7D&query=ASK%20%7B%7D", "application/x-www-form-urlencoded", 400),
        (b"text=ASK%20%7B%7D", "application/x-www-form-urlencoded", 400),
        (b"", "application/sparql-query", 400),
        (b"&".join(b"a=b" for _ in range(3000)), "application/x-www-form-urlencoded", 400),
        (b"ASK {} #" + b"x" * (1 << 18), "application/sparql-query", 413),
    ],
)
def test_requests_that_are_none_are_refused(server: Server, body: bytes, content_type: str, status: int) -> None:
    answer = server.ask("POST", "/sparql", body, **({"Content_Type": content_type} if content_type else {}))
    assert answer.status == status
    assert answer.text.strip()
    assert server.query("ASK {}").status == 200


def test_the_bare_address_describes_the_service_to_machines_and_sends_people_to_the_page(server: Server) -> None:
    described = server.get("/sparql", Accept="text/turtle")
    assert described.status == 200
    assert described.headers["content-type"] == "text/turtle; charset=utf-8"
    endpoint = ox.NamedNode("http://www.w3.org/ns/sparql-service-description#endpoint")
    found = [
        quad.object.value for quad in ox.parse(described.body, format=ox.RdfFormat.TURTLE) if quad.predicate == endpoint
    ]
    assert found == [f"{server.url}/sparql"]
    person = server.get("/sparql", Accept="text/html,application/xhtml+xml,*/*;q=0.8")
    assert (person.status, person.headers["location"]) == (303, "/")
    assert server.get("/sparql", Accept="image/png").status == 406


def test_the_address_in_the_description_is_the_one_that_clients_use(exported: Path) -> None:
    with serving(exported, "--public-url", "https://data.example/graph/") as server:
        assert "<https://data.example/graph/sparql>" in server.get("/sparql", Accept="application/n-triples").text


def test_a_host_that_is_none_is_not_repeated(server: Server) -> None:
    connection = server.connection()
    connection.putrequest("GET", "/sparql", skip_host=True)
    connection.putheader("Host", 'a"><script>')
    connection.putheader("Accept", "text/turtle")
    connection.endheaders()
    assert b"<script" not in connection.getresponse().read()
    connection.close()


def test_the_dataset_is_described_where_crawlers_look(server: Server, store: ox.Store) -> None:
    answer = server.get("/.well-known/void", Accept="application/n-triples")
    assert answer.status == 200
    dataset = ox.NamedNode("http://rdfs.org/ns/void#Dataset")
    found = {quad.triple for quad in ox.parse(answer.body, format=ox.RdfFormat.N_TRIPLES)}
    assert any(triple.object == dataset for triple in found)
    assert all(ox.Quad(triple.subject, triple.predicate, triple.object) in store for triple in found)


def test_the_page_of_the_graph_is_served(server: Server, exported: Path, tmp_path: Path) -> None:
    answer = server.get("/explore")
    assert answer.status == 200
    assert answer.body == (exported / "coverage.html").read_bytes()
    (tmp_path / "coverage.ttl").write_bytes((exported / "coverage.ttl").read_bytes())
    with serving(tmp_path) as bare:
        answer = bare.get("/explore")
        assert answer.status == 404
        assert "graphkit build" in answer.text


def test_bundled_questions_are_there_for_the_page(server: Server) -> None:
    found = json.loads(server.get("/queries.json").body)
    names = {path.stem for path in QUERIES.glob("*.rq")}
    assert {question["name"] for question in found["queries"]} == names
    for question in found["queries"]:
        assert server.query(question["text"], "*/*").status == 200


def test_an_entity_is_a_page_for_people_and_rdf_for_machines(server: Server, store: ox.Store) -> None:
    iri = "https://w3id.org/graphkit/id/provider/forbes.com"
    page = server.get("/id/provider/forbes.com", Accept="text/html,*/*;q=0.8")
    assert page.status == 200
    assert page.headers["content-type"].startswith("text/html")
    assert "Forbes" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    for target, accept in (("", "application/n-triples"), ("?format=nt", "text/html")):
        answer = server.get(f"/id/provider/forbes.com{target}", Accept=accept)
        found = {quad.triple for quad in ox.parse(answer.body, format=ox.RdfFormat.N_TRIPLES)}
        node = ox.NamedNode(iri)
        expected = {
            quad.triple
            for quad in [*store.quads_for_pattern(node, None, None), *store.quads_for_pattern(None, None, node)]
        }
        assert found == expected


@pytest.mark.parametrize(
    "path",
    [
        "/id/provider/none.example",
        "/id/%00",
        "/id/a%20b",
        "/id/",
        "/nothing",
        "/ui/../__init__.py",
        "/ui/%2e%2e/__init__.py",
    ],
)
def test_what_is_not_there_is_404(server: Server, path: str) -> None:
    for accept in ("text/html", "*/*"):
        assert server.get(path, Accept=accept).status == 404


def test_no_address_leads_to_the_host_that_a_client_names(server: Server) -> None:
    assert server.get("/explore/", Host="evil.example").status == 404


def test_pages_are_only_read(server: Server) -> None:
    answer = server.ask("POST", "/explore", b"x=1")
    assert answer.status == 405
    assert answer.headers["allow"] == "GET, HEAD"


def test_iris_below_the_server_s_own_address_can_be_followed(seeds: Path, tmp_path: Path) -> None:
    base = "http://localhost:8000/id/"
    graphkit.export(graphkit.build(seeds), tmp_path, base=base, page=False)
    with serving(tmp_path) as server:
        rows = json.loads(server.query("SELECT ?s { ?s ?p ?o FILTER(ISIRI(?s)) } ORDER BY ?s LIMIT 300").body)
        found = {row["s"]["value"] for row in rows["results"]["bindings"]}
        below = sorted(iri for iri in found if iri.startswith(base))
        assert below
        for iri in below:
            answer = server.get(f"/id/{iri.removeprefix(base)}", Accept="application/n-triples")
            assert f"<{iri}> " in answer.text
