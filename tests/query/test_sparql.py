"""Queries as text: what they are and what they reach for, whatever way the engine reads them."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from graphkit.query.sparql import FORMS, analyse, tokens

CALLS = [
    "ASK { SERVICE <http://a/> { } }",
    "ask{service<http://a/>{}}",
    "ASK { SeRvIcE SILENT ?where { } }",
    "ASK { SERVICE # a remark\n <http://a/#x> # another\n { } }",
    r"ASK { \u0053ERVICE <http://a/> { } }",
    r"ASK { \U00000053\u0065rvice <http://a/> { } }",
    "PREFIX a: <http://a/> ASK { { SELECT * { SERVICE a:sparql { } } } }",
    "PREFIX a: <http://a/> ASK { SERVICE a:x\\/y { } }",
    "ASK { ?s ?p 1SERVICE ?x { } }",
    "ASK { ?s ?p trueSERVICE ?x { } }",
    "ASK { ?s ?p ?o.SERVICE <http://a/> { } }",
    "ASK { FILTER(?a<'x>')SERVICE<http://a/>{ } FILTER('a'='a') }",
    "ASK { FILTER(?a<?b)SERVICE#>\n?s{ } }",
    f"ASK {{ SERVICE {' ' * 5000} <http://a/> {{ }} }}",
    f"ASK {{ SERVICE <http://a/{'x' * 5000}> {{ }} }}",
]
NO_CALLS = [
    "SELECT ?service ?x { ?service ?p ?x }",
    "ASK { ?s ?p 'customer service <b>' }",
    "ASK { <http://a/service> ?p ?o }",
    "PREFIX a: <http://a/> ASK { ?s a:service ?o . OPTIONAL { ?o ?p ?q } }",
    "ASK { } # of no service",
    "ASK { } # of no service\n",
]


@pytest.mark.parametrize("text", CALLS)
def test_a_call_to_another_endpoint_is_seen_however_it_is_written(text: str) -> None:
    assert analyse(text).service


@pytest.mark.parametrize("text", NO_CALLS)
def test_the_word_alone_is_no_call(text: str) -> None:
    assert not analyse(text).service
    ox.Store().query(text)  # and it is a query


_GAPS = st.sampled_from([" ", "\n", "\t", "# x\n", "#>\r", "  # '\n ", "#{\n"])
_BEFORE = st.sampled_from(
    ["", "?a ?b ?c.", "?a ?b 1", "FILTER(1<2)", "{}", "?a ?b 'x'.", "BIND(1 AS ?z)", "FILTER(?a<'x>')"]
)


@given(
    _BEFORE,
    st.lists(st.booleans(), min_size=7, max_size=7),
    st.lists(_GAPS, max_size=3),
    st.booleans(),
    st.lists(_GAPS, min_size=1, max_size=3),
    st.sampled_from(["<http://127.0.0.1:9/>", "?where", "x:y", "<http://127.0.0.1:9/#{>", "<http://[::1]/'>"]),
    st.lists(_GAPS, max_size=3),
)
def test_whatever_the_engine_takes_for_a_call_is_seen(
    before: str, case: list[bool], gap: list[str], silent: bool, between: list[str], where: str, after: list[str]
) -> None:
    word = "".join(letter.upper() if upper else letter for letter, upper in zip("service", case, strict=True))
    call = f"{word}{''.join(gap)}{'silent' + ''.join(between) if silent else ''}{where}{''.join(after)}{{}}"
    text = f"PREFIX x: <http://x/> ASK {{ {before}{call} }}"
    try:
        ox.Store().query(text)
    except SyntaxError:
        return  # the engine does not take it at all
    except (OSError, RuntimeError):
        pass  # it did call out
    assert analyse(text).service


@pytest.mark.parametrize(
    "text, form",
    [
        ("PREFIX select: <http://a/> # ask\nBASE <http://construct/> describe ?x", "DESCRIBE"),
        ("SELECT (1 AS ?ask) { }", "SELECT"),
        ("ASK { { SELECT * { } } }", "ASK"),
        ("CONSTRUCT WHERE { ?s ?p ?o }", "CONSTRUCT"),
        ("PREFIX a: <http://a/> INSERT DATA { a:a a:b a:c }", "UPDATE"),
        ("WITH <http://a/> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }", "UPDATE"),
        ("load <file:///etc/passwd>", "UPDATE"),
        ("clear all", "UPDATE"),
        ("", ""),
        ("hello", ""),
    ],
)
def test_the_form_is_the_first_word_after_the_prologue(text: str, form: str) -> None:
    assert analyse(text).form == form


def test_graphs_are_resolved_as_the_engine_does() -> None:
    text = """BASE <http://a/b/> PREFIX g: <../graph/> PREFIX : <http://d/>
    SELECT ?from FROM <file:///etc/passwd> from named g:one\\/two FROM :x FROM <three> FROM h:unknown
    { ?from ?p 'FROM <http://no/>' }"""
    assert analyse(text).graphs == (
        "file:///etc/passwd",
        "http://a/graph/one/two",
        "http://d/x",
        "http://a/b/three",
        None,
    )


@pytest.mark.parametrize("name", ["NOW()", "rand()", "UUID()", "StrUuid()", "BNODE()"])
def test_a_query_with_a_changing_value_is_volatile(name: str) -> None:
    assert analyse(f"SELECT ({name} AS ?x) {{ }}").volatile
    assert not analyse(f"SELECT ('{name}' AS ?now) {{ }}").volatile


def test_depth_counts_open_brackets() -> None:
    assert analyse("ASK { { FILTER(1 = (2)) } }").depth == 4
    assert analyse("ASK { FILTER('((((((' = ')') } # {{{{{").depth == 2


@given(st.text(st.sampled_from("<>'\"\\#?$:.a{}()\n u0053SERVICE@-^&|1e+%é\U0001f600")))
@example('"""\\')
def test_any_text_is_cut_into_tokens_that_stand_in_it(text: str) -> None:
    end = 0
    for kind, piece, start in tokens(text):
        assert kind
        assert text.startswith(piece, start)
        gap = text[end:start]
        assert not gap.strip() or gap.lstrip().startswith("#")
        end = start + len(piece)
    found = analyse(text)
    assert found.form in {*FORMS, "UPDATE", ""}
