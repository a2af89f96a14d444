"""Data: the queries that are refused, each in one sentence."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from paths import ROOT

from graphkit.errors import UsageError
from graphkit.query.opening import open_data

EXPORT = ROOT / "exports" / "coverage.ttl"


@pytest.mark.parametrize(
    "text, expected",
    [
        ("DELETE WHERE { ?s ?p ?o }", "q.rq: expected a query, got an update: the data is only read"),
        ("LOAD <http://localhost:9/>", "q.rq: expected a query, got an update"),
        ("ASK { SERVICE <http://localhost:9/> { ?s ?p ?o } }", "q.rq: expected a query without SERVICE"),
        ("ASK FROM <http://localhost:9/> {}", "expected a graph of the data, got http://localhost:9/"),
        ("ASK FROM <relative> {}", "expected a graph of the data, got https://w3id.org/graphkit/id/relative"),
        ("SELECT *\n{ ?s ?p", "q.rq:2:8: "),
        ("SELECT ?a { ?a foo:b ?c }", "q.rq:1:"),
        ("", "q.rq:1:1: "),
        ("ASK " + "{" * 5000, "q.rq: expected at most 500 brackets in one another, got 5,000"),
    ],
)
def test_a_query_that_cannot_be_served_is_refused_in_a_sentence(text: str, expected: str) -> None:
    with pytest.raises(UsageError) as caught:
        open_data(EXPORT).query(text, name="q.rq")
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_parameter_that_is_not_selected_is_refused_in_a_sentence() -> None:
    with pytest.raises(UsageError, match="q: parameter o: expected a variable that the query selects"):
        open_data(EXPORT).query("SELECT ?s { ?s ?p ?o }", {ox.Variable("o"): ox.Literal("x")}, name="q")


def test_a_service_that_does_not_answer_is_one_sentence() -> None:
    data = open_data(EXPORT)
    try:
        found = data.query("SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", service=True)
        list(found)  # type: ignore[arg-type]
    except UsageError as error:
        said = str(error)
    except (OSError, RuntimeError) as error:
        said = str(data.failure(error))
    assert said.startswith("query: expected a query that can be evaluated, got: ")
