"""The endpoint's description of itself keeps to the W3C's vocabulary and says only what is so."""

from __future__ import annotations

from collections.abc import Sequence

import pyoxigraph as ox
import pytest
from oracles.w3c_suite import FORMATS, SD, schema_faults
from paths import EXPORTS

from graphkit.rdf import vocabulary
from graphkit.server.result_formats import GRAPHS, SOLUTIONS
from graphkit.server.service_description import MOST_GRAPHS, VOID, service

ENDPOINT = "http://localhost:8000/sparql"
DATASET = vocabulary.DEFAULT_BASE + "dataset"
EXPORT = EXPORTS / "coverage.ttl"


def spoken(
    *, graphs: Sequence[str] = ("http://g/1", "http://g/é?a=b#c"), union: bool = True, dataset: str | None = DATASET
) -> list[ox.Triple]:
    return service(ENDPOINT, graphs=graphs, union=union, dataset=dataset)


def objects(triples: list[ox.Triple], predicate: str) -> list[str]:
    return [str(one.object).strip("<>") for one in triples if one.predicate.value == predicate]


@pytest.mark.parametrize("union", [True, False])
@pytest.mark.parametrize("dataset", [DATASET, None])
@pytest.mark.parametrize("graphs", [[], ["http://g/1"], [f"http://g/{number}" for number in range(MOST_GRAPHS)]])
def test_it_keeps_to_the_schema(union: bool, dataset: str | None, graphs: list[str]) -> None:
    triples = spoken(graphs=graphs, union=union, dataset=dataset)
    assert schema_faults(triples) == []
    assert objects(triples, f"{SD}endpoint") == [ENDPOINT]
    assert sorted(objects(triples, f"{SD}name")) == sorted(graphs)
    assert (objects(triples, f"{SD}feature") == [f"{SD}UnionDefaultGraph"]) == union
    assert bool(objects(triples, f"{vocabulary.VOID}sparqlEndpoint")) == bool(dataset)


def test_every_term_is_a_node_with_an_iri() -> None:
    assert all(isinstance(term, ox.NamedNode) for triple in spoken() for term in triple)


def test_the_same_service_is_described_in_the_same_words() -> None:
    assert spoken(graphs=["http://g/2", "http://g/1", "http://g/2"]) == spoken(graphs=["http://g/1", "http://g/2"])
    assert len(set(map(str, spoken()))) == len(spoken())


def test_a_list_of_graphs_is_whole_or_absent() -> None:
    triples = spoken(graphs=[f"http://g/{number}" for number in range(MOST_GRAPHS + 1)])
    assert objects(triples, f"{SD}namedGraph") == []
    assert schema_faults(triples) == []


def test_it_offers_the_query_language_alone() -> None:
    triples = spoken()
    assert objects(triples, f"{SD}supportedLanguage") == [f"{SD}SPARQL11Query"]
    assert f"{FORMATS}SPARQL_Results_JSON" in objects(triples, f"{SD}resultFormat")
    assert not {f"{SD}DereferencesURIs", f"{SD}BasicFederatedQuery"} & set(objects(triples, f"{SD}feature"))


def test_the_formats_are_those_that_the_endpoint_writes() -> None:
    # The engine names each of its formats by the IRI in the W3C's list; JSON-LD's it takes from elsewhere.
    iris = [one.syntax.iri for one in SOLUTIONS.values()] + [one.syntax.iri for one in GRAPHS.values()]
    written = {iri.rpartition("/")[2] for iri in iris}
    assert {iri.removeprefix(FORMATS) for iri in objects(spoken(), f"{SD}resultFormat")} == written


@pytest.mark.parametrize("format", [ox.RdfFormat.TURTLE, ox.RdfFormat.RDF_XML, ox.RdfFormat.JSON_LD], ids=str)
def test_any_syntax_gives_the_triples_back(format: ox.RdfFormat) -> None:
    written = ox.serialize(spoken(), format=format, prefixes={"sd": SD})
    assert written
    assert {quad.triple for quad in ox.parse(written, format=format)} == set(spoken())


def _without(predicate: str) -> list[ox.Triple]:
    return [one for one in spoken() if one.predicate.value != predicate]


def _with(subject: str, predicate: str, value: ox.NamedNode | ox.Literal) -> list[ox.Triple]:
    return [*spoken(), ox.Triple(ox.NamedNode(subject), ox.NamedNode(predicate), value)]


@pytest.mark.parametrize(
    "triples, fault",
    [
        (_without(vocabulary.TYPE), "no sd:Service"),
        (_without(f"{SD}endpoint"), "has 0 sd:endpoint"),
        (_without(f"{SD}name"), "has 0 sd:name"),
        (_with(f"{ENDPOINT}#service", f"{SD}defaultGraph", ox.NamedNode(f"{ENDPOINT}#default-graph")), "no sd:Dataset"),
        (_with(f"{ENDPOINT}#dataset", f"{SD}namedGraph", ox.NamedNode("http://g/1")), "no sd:NamedGraph"),
        (_with(f"{ENDPOINT}#service", f"{SD}endpoint", ox.Literal(ENDPOINT)), "no sd:IRI"),
        (_with(f"{ENDPOINT}#service", f"{SD}resultFormat", ox.NamedNode(f"{FORMATS}Turtel")), "no sd:Format"),
        (_with(f"{ENDPOINT}#service", f"{SD}supportedLanguage", ox.NamedNode(f"{SD}EmptyGraphs")), "no sd:Language"),
        (_with(f"{ENDPOINT}#service", f"{SD}url", ox.NamedNode(ENDPOINT)), "no property: sd:url"),
        (_with(f"{ENDPOINT}#dataset", vocabulary.TYPE, ox.NamedNode(f"{SD}DataSet")), "no class: sd:DataSet"),
    ],
)
def test_the_check_of_the_schema_finds(triples: list[ox.Triple], fault: str) -> None:
    assert any(fault in found for found in schema_faults(triples)), schema_faults(triples)


def test_void_gives_the_whole_description_in_the_data() -> None:
    store = ox.Store()
    store.load(path=EXPORT, format=ox.RdfFormat.TURTLE)
    found = store.query(VOID)
    assert isinstance(found, ox.QueryTriples)
    described = list(found)
    expected = {quad.triple for quad in store if str(quad.subject).startswith(f"<{DATASET}")}
    assert set(described) == expected
    assert len(described) == len(expected) > 100
    subjects = [str(one.subject).strip("<>") for one in described]
    assert subjects == sorted(subjects), "the triples of a node stand together"


def test_void_of_data_without_a_description_is_empty() -> None:
    found = ox.Store().query(VOID)
    assert isinstance(found, ox.QueryTriples)
    assert list(found) == []
