"""Queries as text: what they are and what they reach for, whatever way the engine reads them."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from graphkit.query.sparql import FORMS, analyse, tokens


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
