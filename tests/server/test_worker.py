"""What a worker makes of a query, in this process: the scheduler and the HTTP around it have tests of their own."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

import graphkit
from graphkit.query.data import Data
from graphkit.query.sparql import MAX_DEPTH
from graphkit.server.query_worker import answer
from graphkit.server.response_cache import ResponseCache
from graphkit.server.result_formats import GRAPHS, SOLUTIONS
from graphkit.server.worker_messages import (
    HEAD_SIZE,
    QueryOutcome,
    QueryReply,
    QueryRequest,
    body_length,
    packed_head,
    packed_request,
    request_length,
    unpacked_reply,
    unpacked_request,
)

ROWS = "SELECT ?s ?p ?o { ?s ?p ?o } ORDER BY ?s ?p ?o LIMIT 50"


@pytest.fixture(scope="module")
def data() -> Data:
    return graphkit.open_data("exports")


def ask(data: Data, text: str, *, limit: Any = 1 << 20, **wanted: Any) -> QueryReply:
    return answer(data, QueryRequest(text, **wanted), limit=limit)


@pytest.mark.parametrize("format", SOLUTIONS)
def test_solutions_are_what_the_engine_writes(data: Data, format: str) -> None:
    reply = ask(data, ROWS, solutions=format)
    assert (reply.outcome, reply.format, reply.volatile) == (QueryOutcome.ANSWERED, format, False)
    results = data.store.query(ROWS)
    assert isinstance(results, ox.QuerySolutions)
    assert reply.body == results.serialize(format=SOLUTIONS[format].syntax)


@pytest.mark.parametrize("format", GRAPHS)
def test_graphs_hold_the_same_triples_in_every_syntax(data: Data, format: str) -> None:
    reply = ask(data, "DESCRIBE <provider/forbes.com>", graph=format)
    assert reply.outcome is QueryOutcome.ANSWERED
    found = {quad.triple for quad in ox.parse(reply.body, format=GRAPHS[format].syntax)}
    node = ox.NamedNode(f"{data.base}provider/forbes.com")
    assert found == {quad.triple for quad in data.store.quads_for_pattern(node, None, None)}
    assert found


@pytest.mark.parametrize(
    "text, outcome, sentence",
    [
        ("SELECT", QueryOutcome.MALFORMED, "query:1:"),
        ("", QueryOutcome.MALFORMED, "query:1:1: "),
        ("DROP ALL", QueryOutcome.REFUSED, "This endpoint is read-only"),
        ("ASK { SERVICE <x:y> { } }", QueryOutcome.REFUSED, "SERVICE"),
        ("ASK FROM <x:y> { }", QueryOutcome.MALFORMED, "expected a graph of the data, got x:y"),
        (f"ASK {'{' * (MAX_DEPTH + 1)}{'}' * (MAX_DEPTH + 1)}", QueryOutcome.MALFORMED, "501"),
    ],
)
def test_what_is_not_answered_is_told_in_a_sentence(
    data: Data, text: str, outcome: QueryOutcome, sentence: str
) -> None:
    reply = ask(data, text)
    assert reply.outcome is outcome
    assert sentence in reply.body.decode()


@pytest.mark.parametrize(
    "text, unwanted", [(ROWS, "solutions"), ("ASK {}", "boolean"), ("CONSTRUCT WHERE { ?s ?p ?o }", "graph")]
)
def test_a_result_that_the_client_does_not_take_is_not_made(data: Data, text: str, unwanted: str) -> None:
    assert ask(data, text, **{unwanted: ""}).outcome is QueryOutcome.NOT_ACCEPTABLE
    others = {"solutions", "boolean", "graph"} - {unwanted}
    assert ask(data, text, **dict.fromkeys(others, "")).outcome is QueryOutcome.ANSWERED


def test_a_result_over_the_limit_is_not_sent(data: Data) -> None:
    size = len(ask(data, ROWS).body)
    assert ask(data, ROWS, limit=size).outcome is QueryOutcome.ANSWERED
    refused = ask(data, ROWS, limit=size - 1)
    assert refused.outcome is QueryOutcome.TOO_LARGE
    assert f"{size:,}" in refused.body.decode()


def test_bodies_are_packed_if_that_helps(data: Data) -> None:
    packed, plain = ask(data, ROWS, gzip=True), ask(data, ROWS)
    assert (packed.gzip, plain.gzip) == (True, False)
    assert gzip.decompress(packed.body) == plain.body
    assert not ask(data, "ASK {}", gzip=True).gzip


def test_variables_are_bound_to_iris(data: Data) -> None:
    iri = f"{data.base}provider/forbes.com"
    reply = ask(data, "SELECT ?entity ?name { ?entity <https://schema.org/name> ?name }", iris=(("entity", iri),))
    assert [row["name"]["value"] for row in json.loads(reply.body)["results"]["bindings"]] == ["Forbes"]


def test_the_dataset_of_the_request_goes_before_that_of_the_query(tmp_path: Path) -> None:
    path = tmp_path / "data.nq"
    path.write_text("<x:s> <x:p> <x:one> <g:1> .\n<x:s> <x:p> <x:two> <g:2> .\n")
    data = graphkit.open_data(path)
    text = "SELECT ?o FROM <g:1> { ?s ?p ?o }"
    assert b"x:one" in ask(data, text).body
    assert b"x:two" not in ask(data, text).body
    assert b"x:two" in ask(data, text, default_graphs=("g:2",)).body
    assert b"x:one" not in ask(data, text, default_graphs=("g:2",)).body
    assert json.loads(ask(data, "SELECT ?o { ?s ?p ?o }").body)["results"]["bindings"].__len__() == 2


@given(
    st.builds(
        QueryRequest,
        st.text(),
        st.sampled_from(["", *SOLUTIONS]),
        st.sampled_from(["", *SOLUTIONS]),
        st.sampled_from(["", *GRAPHS]),
        st.lists(st.text()).map(tuple),
        st.lists(st.text()).map(tuple),
        st.lists(st.tuples(st.text(), st.text())).map(tuple),
        st.booleans(),
    )
)
def test_requests_come_over_as_they_are(request_sent: QueryRequest) -> None:
    packed = packed_request(request_sent)
    assert request_length(packed[:4]) == len(packed) - 4
    assert unpacked_request(packed[4:]) == request_sent


@given(
    st.sampled_from(QueryOutcome), st.sampled_from(["", *SOLUTIONS, *GRAPHS]), st.booleans(), st.booleans(), st.binary()
)
def test_replies_come_over_as_they_are(
    outcome: QueryOutcome, format: str, packed: bool, volatile: bool, body: bytes
) -> None:
    reply = QueryReply(outcome, format, packed, volatile, body)
    head = packed_head(reply)
    assert len(head) == HEAD_SIZE
    assert body_length(head) == len(body)
    found = unpacked_reply(head, body)
    assert found.processor_time > 0
    assert structs.replace(found, processor_time=0.0) == reply


def test_answers_that_are_asked_for_twice_are_kept_within_bounds() -> None:
    cache = ResponseCache(size=64_000)
    answered = [
        QueryReply(QueryOutcome.ANSWERED, "json", gzip=False, volatile=False, body=bytes(400)) for _ in range(200)
    ]
    for number, reply in enumerate(answered):
        key = (b"query=%d" % number, "*/*", None)
        cache.put(key, reply)
        assert cache.get(key) is None
        cache.put(key, reply)
        assert cache.get(key) is reply
    held = [number for number in range(200) if cache.get((b"query=%d" % number, "*/*", None)) is not None]
    assert held == list(range(200 - len(held), 200))
    assert 50 < len(held) < 64_000 / 400


@pytest.mark.parametrize(
    "reply",
    [
        QueryReply(QueryOutcome.FAILED, "", gzip=False, volatile=False, body=b"no"),
        QueryReply(QueryOutcome.ANSWERED, "json", gzip=False, volatile=True, body=b"now"),
        QueryReply(QueryOutcome.ANSWERED, "json", gzip=False, volatile=False, body=bytes(2000)),
    ],
)
def test_faults_changing_results_and_large_ones_are_not_kept(reply: QueryReply) -> None:
    cache = ResponseCache(size=64_000)
    for _ in range(3):
        cache.put((b"query=x", None, None), reply)
    assert cache.get((b"query=x", None, None)) is None
