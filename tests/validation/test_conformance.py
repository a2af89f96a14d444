"""Our check finds what pyshacl finds, in exports and in any other RDF."""

from __future__ import annotations

import logging
import random
from datetime import datetime
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from oracles.pyshacl_findings import pyshacl_findings
from samples.broken_exports import MUTATIONS, PREFIXES, SAMPLE
from samples.examples import examples

from graphkit.rdf import vocabulary
from graphkit.validation import conformance
from graphkit.validation.conformance import check_conformance
from graphkit.validation.data_graph import DataGraph, data_graph_of
from graphkit.validation.findings import Finding
from graphkit.validation.shapes import bundled, read_shapes

XSD = vocabulary.XSD
OWL_SAME = "http://www.w3.org/2002/07/owl#sameAs"


@pytest.fixture(autouse=True)
def quiet_rdflib(caplog: pytest.LogCaptureFixture) -> None:
    """rdflib logs a traceback for every literal that is not what its datatype says."""
    caplog.set_level(logging.CRITICAL, logger="rdflib")


def both(data: DataGraph) -> tuple[Finding, ...]:
    """Return our findings, which are those of pyshacl."""
    ours = check_conformance(data, bundled())
    assert ours == pyshacl_findings(data)
    return ours


def sample() -> list[ox.Triple]:
    return [quad.triple for quad in ox.parse(SAMPLE, ox.RdfFormat.TURTLE)]


def after(update: str) -> DataGraph:
    """Return the sample after a SPARQL update."""
    store = ox.Store()
    store.extend(ox.Quad(*triple) for triple in sample())
    store.update(PREFIXES + update)
    return data_graph_of(store)


def test_the_sample_is_sound() -> None:
    assert both(data_graph_of(sample())) == ()


@pytest.mark.engine
@pytest.mark.parametrize("update,message", MUTATIONS.values(), ids=MUTATIONS)
def test_both_name_the_fault(update: str, message: str) -> None:
    assert any(message in finding.message for finding in both(after(update)))


# Random faults

SUBJECTS = sorted({triple.subject for triple in sample()}, key=str)
PREDICATES = sorted(
    {triple.predicate for triple in sample()}
    | {
        ox.NamedNode(iri)
        for iri in (OWL_SAME, f"{vocabulary.RDFS}subClassOf", "urn:x:secured", f"{vocabulary.SCHEMA}isbn")
    },
    key=str,
)
CLASSES = sorted(
    {triple.object for triple in sample() if triple.predicate.value == vocabulary.TYPE} | {ox.NamedNode("urn:x:Class")},
    key=str,
)
# Of texts that are none of their datatype only those on which Python and XML Schema agree; see below for the others.
LITERALS = [
    *(ox.Literal(text) for text in ("", "AI", "News", "A film", "/etc", "2021-08-23T11:22:00Z", "https://a.example/")),
    *(ox.Literal(text, language=tag) for text in ("AI", "x") for tag in ("en", "de-CH")),
    *(
        ox.Literal(text, datatype=ox.NamedNode(XSD + kind))
        for kind, texts in {
            "integer": ("0", "-1", "007", "+5", "-0", "x", "", "1.5", "99999999999999999999"),
            "decimal": ("0.5", "-0.5", ".5", "x"),
            "double": ("1e3", "-1e3", "INF", "-INF", "NaN", "x"),
            "float": ("-0.0", "2.5"),
            "nonNegativeInteger": ("3",),
            "boolean": ("true", "x"),
            "date": ("2021-08-23", "x"),
            "dateTime": (
                "2021-08-23T11:22:00Z",
                "2021-08-23T11:22:00+00:00",
                "2021-08-23T11:22:00.123+02:00",
                "2021-08-23T11:22:00",
                "2021-02-30T11:22:00Z",
                "x",
            ),
            "anyURI": ("https://a.example/",),
        }.items()
        for text in texts
    ),
]
ADDRESSES = [ox.NamedNode(iri) for iri in ("https://a.example/", "javascript:alert(1)", "urn:x:nobody")]
OBJECTS = [*SUBJECTS, *CLASSES, *LITERALS, *ADDRESSES, ox.BlankNode("b")]

INTEGERS = [ox.Literal(text, datatype=ox.NamedNode(f"{XSD}integer")) for text in ("-7", "0", "7")]
NUMBERED = [
    triple
    for triple in sample()
    if isinstance(triple.object, ox.Literal) and triple.object.datatype.value == f"{XSD}integer"
]
SUBCLASS = ox.NamedNode(f"{vocabulary.RDFS}subClassOf")

named_faults = st.lists(st.sampled_from(sorted(MUTATIONS)), max_size=3)
edits = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.sampled_from(CLASSES), st.just(SUBCLASS), st.sampled_from(CLASSES)),
        st.sampled_from(NUMBERED).flatmap(
            lambda triple: st.tuples(
                st.just("add"), st.just(triple.subject), st.just(triple.predicate), st.sampled_from(INTEGERS)
            )
        ),
        # A value under another property of the same node, where it must not be, or must.
        st.tuples(st.just("say again"), st.integers(0, 999), st.integers(0, 99)),
        st.tuples(st.just("remove"), st.integers(0, 999)),
        st.tuples(st.just("move"), st.integers(0, 999), st.sampled_from([*SUBJECTS, ox.BlankNode("b")])),
        st.tuples(st.just("say otherwise"), st.integers(0, 999), st.sampled_from(OBJECTS)),
        st.tuples(st.just("say more"), st.integers(0, 999), st.sampled_from(OBJECTS)),
        st.tuples(
            st.just("add"),
            st.sampled_from([*SUBJECTS, *CLASSES, ox.BlankNode("b")]),
            st.sampled_from(PREDICATES),
            st.sampled_from(OBJECTS),
        ),
        st.tuples(
            st.just("add"),
            st.sampled_from([*SUBJECTS, ox.BlankNode("b")]),
            st.just(ox.NamedNode(vocabulary.TYPE)),
            st.sampled_from(CLASSES),
        ),
    ),
    min_size=1,
    max_size=8,
)


def mutated(triples: list[ox.Triple], changes: list[tuple[object, ...]]) -> list[ox.Triple]:
    triples = list(triples)
    for what, *rest in changes:
        if what == "add":
            triples.append(ox.Triple(*rest))  # type: ignore[arg-type]
            continue
        place = rest[0] % len(triples)  # type: ignore[operator]
        subject, predicate, _ = triples[place]
        if what == "remove":
            del triples[place]
        elif what == "move":
            triples[place] = ox.Triple(rest[1], predicate, triples[place].object)  # type: ignore[arg-type]
        elif what == "say again":
            others = [triple for triple in triples if triple.subject == subject]
            triples.append(ox.Triple(subject, predicate, others[rest[1] % len(others)].object))  # type: ignore[operator]
        elif what == "say otherwise":
            triples[place] = ox.Triple(subject, predicate, rest[1])  # type: ignore[arg-type]
        else:
            triples.append(ox.Triple(subject, predicate, rest[1]))  # type: ignore[arg-type]
    return triples


@pytest.mark.untraced
@pytest.mark.engine
@examples(200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(named_faults, edits)
def test_both_find_the_same_in_mutated_graphs(names: list[str], changes: list[tuple[object, ...]]) -> None:
    store = ox.Store()
    store.extend(ox.Quad(*triple) for triple in sample())
    for name in names:
        store.update(PREFIXES + MUTATIONS[name][0])
    both(data_graph_of(mutated(sorted((quad.triple for quad in store), key=str), changes)))


@pytest.mark.untraced
@pytest.mark.engine
def test_both_find_the_same_for_every_kind_of_value_of_every_property() -> None:
    triples = sample()
    said = {triple.subject: [one for one in triples if one.subject == triple.subject] for triple in triples}
    made = list(triples)
    for number, value in enumerate(OBJECTS):
        for subject, rows in said.items():
            for place, row in enumerate(rows):
                if row.predicate.value != vocabulary.TYPE:
                    other = ox.NamedNode(f"{subject.value}/{number}/{place}")  # type: ignore[union-attr]
                    made += [ox.Triple(other, one.predicate, one.object) for one in rows if one != row]
                    made.append(ox.Triple(other, row.predicate, value))
    asked = {"Class", "Datatype", "Disjoint", "Equals", "In", "MinInclusive", "Node", "NodeKind", "Or", "Pattern"}
    assert {finding.constraint for finding in both(data_graph_of(made))} >= asked


# Where they differ

MOMENTS = {
    "2021-08-23T24:00:00Z": True,
    "2021-08-23T24:00:01Z": False,
    "12021-08-23T11:22:00Z": True,
    "-0044-03-15T12:00:00Z": True,
    "2020-02-29T00:00:00Z": True,
    "2021-08-23T11:22:00.123456789Z": True,
    "2021-08-23T11:22:00+14:00": True,
    "2021-08-23T11:22:00+14:01": False,
    "2021-08-23T11:22Z": False,
    "2021-08-23 11:22:00Z": False,
    "20210823T112200Z": False,
    "2021-W10-1T11:22:00Z": False,
    "2021-08-23T11:22:00,5Z": False,
    "2021-08-23": False,
    " 2021-08-23T11:22:00Z": False,
    "2021-02-29T00:00:00Z": False,
    "1900-02-29T00:00:00Z": False,
}
NUMBERS = {"007": True, "+5": True, "-0": True, "1_000": False, " 1": False, "٣": False, "": False, "1.0": False}


@pytest.mark.parametrize("text,is_one", MOMENTS.items())
def test_a_time_is_what_xml_schema_says(text: str, is_one: bool) -> None:
    data = data_graph_of([*without("dateModified"), said("dateModified", text, "dateTime")])
    assert any(finding.constraint == "Datatype" for finding in check_conformance(data, bundled())) is not is_one


@pytest.mark.parametrize("text,is_one", NUMBERS.items())
def test_a_whole_number_is_what_xml_schema_says(text: str, is_one: bool) -> None:
    data = data_graph_of([*without("quality"), said("quality", text, "integer")])
    assert any(finding.constraint == "Datatype" for finding in check_conformance(data, bundled())) is not is_one


def without(name: str) -> list[ox.Triple]:
    return [triple for triple in sample() if not triple.predicate.value.endswith(name)]


def said(name: str, text: str, datatype: str) -> ox.Triple:
    space = vocabulary.GK if name == "quality" else vocabulary.SCHEMA
    article = ox.NamedNode(f"{vocabulary.DEFAULT_BASE}article/a")
    return ox.Triple(article, ox.NamedNode(space + name), ox.Literal(text, datatype=ox.NamedNode(XSD + datatype)))


def test_the_dates_of_xml_schema_and_those_of_python_are_one_calendar() -> None:
    for year in (1, 4, 100, 400, 1900, 2000, 2023, 2024, 9999):
        for month in range(1, 14):
            for day in range(1, 33):
                text = f"{year:04}-{month:02}-{day:02}T00:00:00"
                try:
                    datetime.fromisoformat(text)
                except ValueError:
                    expected = False
                else:
                    expected = True
                assert conformance._is_date_time(text) is expected, text


@pytest.mark.parametrize(
    "turtle", ["sh:uniqueLang true", "sh:path [ sh:inversePath schema:about ]", "sh:sparql [ sh:select 'x' ]"]
)
def test_a_shape_that_the_check_does_not_understand_is_refused(turtle: str) -> None:
    prefixes = "@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix schema: <https://schema.org/> ."
    with pytest.raises(NotImplementedError, match="expected"):
        read_shapes(f"{prefixes} <urn:a> sh:targetClass schema:Thing ; {turtle} .")


@pytest.mark.untraced
@pytest.mark.engine
@pytest.mark.parametrize("seed", range(5))
def test_both_find_the_same_in_a_mutated_export(seed: int, exported: Path) -> None:
    chance = random.Random(seed)
    triples = [quad.triple for quad in ox.parse(path=exported / "coverage.ttl")]
    changes: list[tuple[object, ...]] = []
    for _ in range(40):
        changes.append(("say otherwise", chance.randrange(10_000), chance.choice(OBJECTS)))
        changes.append(("remove", chance.randrange(10_000)))
        changes.append(("move", chance.randrange(10_000), chance.choice(triples).subject))
    assert len(both(data_graph_of(mutated(triples, changes)))) > 20


@pytest.mark.untraced
@pytest.mark.engine
def test_both_find_the_same_in_rdf_that_graphkit_did_not_make(exported: Path) -> None:
    chance = random.Random(0)
    triples = [quad.triple for quad in ox.parse(path=exported / "coverage.ttl") if "/dataset" not in str(quad.subject)]
    subjects = sorted({triple.subject for triple in triples}, key=str)
    blank = {subject: ox.BlankNode() for subject in chance.sample(subjects, len(subjects) // 5)}
    renamed = [
        ox.Triple(blank.get(one.subject, one.subject), one.predicate, blank.get(one.object, one.object))
        for one in triples
    ]
    data = data_graph_of(mutated(renamed, [("say otherwise", chance.randrange(10_000), ox.Literal("x"))]))
    assert data.base == ""
    assert len(both(data)) > 20
