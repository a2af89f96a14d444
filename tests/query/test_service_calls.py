"""SERVICE, wherever the grammar has it and however it is written; and the word where it calls nobody."""

from __future__ import annotations

from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples.examples import examples

from graphkit.errors import QueryRefused, UsageError
from graphkit.query.data import Data

CALLS = [
    "ASK { SERVICE <http://a/> { } }",
    "ask{service<http://a/>{}}",
    "ASK { SeRvIcE SILENT ?where { } }",
    "ASK { SERVICE # a remark\n <http://a/#x> # another\n { } }",
    r"ASK { \u0053ERVICE <http://a/> { } }",
    r"ASK { \U00000053\u0065rvice <http://a/> { } }",
    "PREFIX a: <http://a/> ASK { { SELECT * { SERVICE a:sparql { } } } }",
    "PREFIX a: <http://a/> ASK { SERVICE a:x\\/y { } }",
    "PREFIX a: <http://a/> ASK { SERVICE SILENT a:c\\#b { ?s ?p ?o } }",
    "PREFIX : <http://a/> ASK { SERVICE:x { ?s ?p ?o } }",
    "PREFIX : <http://a/> ASK { SERVICE SILENT:x { ?s ?p ?o } }",
    "PREFIX : <http://a/> PREFIX service: <http://b/> ASK { ?s service:p ?service . service:x { ?s ?p ?o } }",
    "ASK { ?s ?p 1 SERVICE ?x { } }",
    "ASK { ?s ?p 1SERVICE ?x { } }",
    "ASK { ?s ?p trueSERVICE ?x { } }",
    "ASK { ?s ?p ?o; SERVICE <http://a/> { } }",
    "ASK { ?s ?p ?o.SERVICE <http://a/> { } }",
    "ASK { FILTER(?a<'x>')SERVICE<http://a/>{ } FILTER('a'='a') }",
    "ASK { FILTER(?a<?b)SERVICE#>\n?s{ } }",
    "ASK { FILTER NOT EXISTS { SERVICE ?s { } } }",
    "SELECT (EXISTS { SERVICE ?s { } } AS ?x) { }",
    "SELECT * { } ORDER BY (EXISTS { SERVICE ?s { } })",
    "CONSTRUCT { ?s ?p ?o } WHERE { { } UNION { GRAPH ?g { OPTIONAL { MINUS { SERVICE ?s { } } } } } }",
    f"ASK {{ SERVICE {' ' * 5000} <http://a/> {{ }} }}",
    f"ASK {{ SERVICE <http://a/{'x' * 5000}> {{ }} }}",
]
NO_CALLS = [
    "SELECT ?service ?x { ?service ?p ?x }",
    "ASK { ?s ?p 'customer service <b>' }",
    "ASK { ?s ?p 'SERVICE <http://a/> { }' }",
    "ASK { ?s ?p '''x' SERVICE <http://a/> { }''' }",
    'ASK { ?s ?p "\\\\u0053ERVICE" }',
    "ASK { <http://a/service> ?p 'x'@service }",
    "PREFIX a: <http://a/> ASK { ?s a:service ?o . OPTIONAL { ?o ?p ?q } }",
    "PREFIX a: <http://a/> ASK { ?s a:SERVICE\\#x ?o }",
    "PREFIX SERVICE: <http://a/> PREFIX service: <http://b/> ASK { ?s SERVICE:p service:o . { } }",
    "ASK { _:service ?p ?serviceqaaaaaa }",
    "ASK { } # of no service",
    "ASK { } # SERVICE <http://a/> { }\n",
    "BASE <http://service/> ASK { ?s <SERVICE> ?o }",
]


def _data() -> Data:
    return Data(ox.Store(), "", union=False, base="", path=Path("data"))


@pytest.mark.parametrize("text", CALLS)
def test_a_call_to_another_endpoint_is_refused_however_it_is_written(text: str) -> None:
    with pytest.raises(QueryRefused, match="without SERVICE"):
        _data().query(text)


@pytest.mark.parametrize("text", NO_CALLS)
def test_the_word_alone_is_no_call(text: str) -> None:
    _data().query(text)


def test_a_malformed_query_is_no_call_and_its_fault_has_the_place() -> None:
    with pytest.raises(UsageError, match=r"query:1:\d+: expected .* got"):
        _data().query("SELECT ?service { ?s ? } ")


_GAPS = st.sampled_from([" ", "\n", "\t", "# x\n", "#>\r", "  # '\n ", "#{\n"])
_BEFORE = st.sampled_from(
    [
        "",
        "?a ?b ?c.",
        "?a ?b 1",
        "FILTER(1<2)",
        "{}",
        "?a ?b 'x'.",
        "BIND(1 AS ?z)",
        "FILTER(?a<'x>')",
        "?a x:service ?service;",
        "?a ?b x:SERVICE\\#.",
        "?a x:p/x:q* 1 ",
        "VALUES ?v { 'SERVICE' }",
    ]
)
_AROUND = st.sampled_from(
    [
        "{}",
        "{{ {} }}",
        "OPTIONAL {{ {} }}",
        "MINUS {{ {} }}",
        "GRAPH ?g {{ {} }}",
        "{{ }} UNION {{ {} }}",
        "FILTER EXISTS {{ {} }}",
        "{{ SELECT * {{ {} }} }}",
        "BIND(EXISTS {{ {} }} AS ?y)",
        "SERVICE ?o {{ {} }}",
    ]
)
_WHERE = ["<http://127.0.0.1:9/>", "?where", "x:y", "<http://127.0.0.1:9/#{>", "<http://[::1]/'>", "x:a\\#b", "x:%20"]


@given(
    _AROUND,
    _AROUND,
    _BEFORE,
    st.lists(st.sampled_from("ul\\"), min_size=7, max_size=7),
    st.lists(_GAPS, max_size=3),
    st.booleans(),
    st.lists(_GAPS, min_size=1, max_size=3),
    st.sampled_from(_WHERE),
    st.lists(_GAPS, max_size=3),
)
@examples(300)
def test_no_call_that_the_engine_would_make_passes(
    outer: str,
    inner: str,
    before: str,
    spelling: list[str],
    gap: list[str],
    silent: bool,
    between: list[str],
    where: str,
    after: list[str],
) -> None:
    word = "".join(
        {"u": letter.upper(), "l": letter, "\\": f"\\u{ord(letter):04x}"}[way]
        for letter, way in zip("service", spelling, strict=True)
    )
    call = f"{word}{''.join(gap)}{'silent' + ''.join(between) if silent else ''}{where}{''.join(after)}{{}}"
    group = outer.format(inner.format(f"{before}{call}"))
    with pytest.raises((QueryRefused, UsageError)):
        _data().query(f"PREFIX x: <http://x/> ASK {{ {group} }}")
