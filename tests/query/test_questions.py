"""Questions: what a query's header tells, and parameters that are bound and never pasted."""

from __future__ import annotations

import re
import string
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from paths import ROOT

from graphkit.errors import UsageError
from graphkit.query import questions
from graphkit.query.opening import open_data
from graphkit.query.parameters import BoundQuestion, assignments, bind
from graphkit.query.questions import Parameter, Question, bundled, find, read_question
from graphkit.rdf.vocabulary import DEFAULT_BASE, XSD

HEADED = """# title: Things
# question: Which things have this name?
# parameter: name (text, any) the name
# parameter: least (integer, 1) the smallest number
# columns: thing (IRI), name (text), least (integer)
SELECT ?thing ?name ?least {
  VALUES ?name { UNDEF }
  VALUES ?least { 1 }
  ?thing <urn:name> ?name ; <urn:number> ?number .
  FILTER(?number >= ?least)
}
"""
HOSTILE = [
    'say "hello"',
    "it's",
    "} UNION { ?s ?p ?o } #",
    '" } ?thing ?p ?o . VALUES ?x { "',
    "two\nlines",
    "tab\tand\r\nreturn",
    "back\\slash \\u0022",
    "\x1b[31mred",
    "\u202etfel ot thgir",
    "NUL \x00",
    "",
    "UNDEF",
    "<urn:x>",
    "{ } [ ] ( )",
    "@en",
    "^^<urn:x>",
    "😀 ﷽",
]


def rows(store: ox.Store, bound: BoundQuestion) -> list[dict[str, str]]:
    found = store.query(bound.text, substitutions=dict(bound.substitutions))
    assert isinstance(found, ox.QuerySolutions)
    names = [variable.value for variable in found.variables]
    return [{name: term.value for name, term in zip(names, row, strict=True)} for row in found]


def store_of(*facts: tuple[str, str, int]) -> ox.Store:
    """Return a store of things with a name and a number."""
    store = ox.Store()
    for thing, name, number in facts:
        store.add(ox.Quad(ox.NamedNode(f"urn:{thing}"), ox.NamedNode("urn:name"), ox.Literal(name)))
        store.add(ox.Quad(ox.NamedNode(f"urn:{thing}"), ox.NamedNode("urn:number"), ox.Literal(number)))
    return store


def test_a_header_tells_what_a_query_asks_and_takes() -> None:
    question = read_question(HEADED, "things")
    assert question == Question(
        "things",
        "Things",
        "Which things have this name?",
        (Parameter("name", "text", "any", "the name"), Parameter("least", "integer", "1", "the smallest number")),
        "thing (IRI), name (text), least (integer)",
        HEADED,
    )


def test_a_query_without_header_is_a_question_without_parameters() -> None:
    assert read_question("ASK { ?s ?p ?o }", "mine") == Question("mine", "", "", (), "", "ASK { ?s ?p ?o }")


@pytest.mark.parametrize(
    "header, expected",
    [
        ("# parameter: name", "things:1: expected `# parameter: NAME (TYPE, DEFAULT) help`"),
        ("# parameter: name (number, any) the name", "one of the types text, integer, date, IRI"),
        ("# parameter: other (text, any) x", "expected a line VALUES ?other { UNDEF } in the query, got none"),
        (
            "# parameter: name (text, any) x\n# parameter: name (text, any) x",
            "things:2: expected each parameter once, got name again",
        ),
    ],
)
def test_a_header_that_tells_nothing_sensible_is_refused_with_its_line(header: str, expected: str) -> None:
    with pytest.raises(UsageError, match=re.escape(expected)):
        read_question(f"{header}\nSELECT ?name {{ VALUES ?name {{ UNDEF }} }}", "things")


def test_values_in_a_string_or_comment_are_no_parameter() -> None:
    text = (
        "# parameter: name (text, any) x\n"
        'SELECT ?name ?said { # VALUES ?name { UNDEF }\n BIND("VALUES ?name { UNDEF }" AS ?said)\n'
    )
    with pytest.raises(UsageError, match="got none"):
        read_question(text + "}", "things")
    bound = bind(read_question(text + "values $name\n{ UNDEF }\n}", "things"), {"name": "x"})
    assert rows(ox.Store(), bound) == [{"name": "x", "said": "VALUES ?name { UNDEF }"}]
    assert "# VALUES ?name { UNDEF }\n" in bound.text


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_finds_itself_and_changes_no_query(name: str) -> None:
    store = store_of(("it", name, 2), ("other", "other", 2))
    question = read_question(HEADED, "things")
    bound = bind(question, {"name": name})
    assert bound.text == bind(question, {"name": "Computer Vision"}).text
    assert rows(store, bound) == [{"thing": "urn:it", "name": name, "least": "1"}]


@given(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.lists(st.text(st.characters(exclude_categories=["Cs"])), max_size=5),
)
@example('"', ['"', "'", "\\"])
def test_binding_a_text_is_filtering_in_python(name: str, others: list[str]) -> None:
    names = [name, *others, name + " ", name.upper()]
    store = store_of(*((str(index), text, 1) for index, text in enumerate(names)))
    found = rows(store, bind(read_question(HEADED, "things"), {"name": name}))
    assert sorted(row["thing"] for row in found) == sorted(
        f"urn:{index}" for index, text in enumerate(names) if text == name
    )


@given(st.integers(-(1 << 63), (1 << 63) - 1), st.lists(st.integers(-1000, 1000), max_size=5))
def test_binding_a_number_is_filtering_in_python(least: int, numbers: list[int]) -> None:
    store = store_of(*((str(index), "x", number) for index, number in enumerate(numbers)))
    found = rows(store, bind(read_question(HEADED, "things"), {"least": str(least)}))
    assert sorted(row["thing"] for row in found) == sorted(
        f"urn:{index}" for index, number in enumerate(numbers) if number >= least
    )


def test_parameters_that_are_not_given_keep_their_defaults() -> None:
    store = store_of(("a", "x", 0), ("b", "y", 1), ("c", "z", 2))
    question = read_question(HEADED, "things")
    assert sorted(row["thing"] for row in rows(store, bind(question, {}))) == ["urn:b", "urn:c"]
    assert bind(question, {}).text == HEADED
    assert len(rows(store, bind(question, {"least": "-1"}))) == 3


@pytest.mark.parametrize(
    "condition",
    ["!BOUND(?least) || ?number >= ?least", "?number = ?least", "?number IN (?least)", "sameTerm(?y, ?least)"],
)
def test_a_bound_parameter_means_what_the_same_values_written_out_mean(condition: str) -> None:
    """The engine takes a variable of VALUES { UNDEF } for one that is never bound, and `=` for sameTerm then."""
    store = ox.Store()
    for index, number in enumerate(["1", "1.0", "2", '"1"', '"01"^^<http://www.w3.org/2001/XMLSchema#integer>']):
        store.load(f"<urn:{index}> <urn:number> {number} .", ox.RdfFormat.TURTLE)
    text = (
        "# parameter: least (integer, any) x\nSELECT ?thing ?least { VALUES ?least { UNDEF } "
        f"?thing <urn:number> ?number BIND(?number AS ?y) FILTER({condition}) }}"
    )
    written = store.query(text.replace("UNDEF", "1"))
    expected = sorted(row["thing"].value for row in written)  # type: ignore[union-attr]
    found = rows(store, bind(read_question(text, "things"), {"least": "1"}))
    assert sorted(row["thing"] for row in found) == expected
    assert expected


@pytest.mark.parametrize(
    "type, value, term",
    [
        ("text", "x", ox.Literal("x")),
        ("integer", "+042", ox.Literal("42", datatype=ox.NamedNode(XSD + "integer"))),
        ("date", "2021-08-23", ox.Literal("2021-08-23", datatype=ox.NamedNode(XSD + "date"))),
        ("IRI", "https://a.example/b?c=ü", ox.NamedNode("https://a.example/b?c=ü")),
        ("IRI", "<urn:a>", ox.NamedNode("urn:a")),
        ("IRI", "<schema:about>", ox.NamedNode("schema:about")),
        ("IRI", "schema:about", ox.NamedNode("https://schema.org/about")),
        ("IRI", "provider/bbc.co.uk", ox.NamedNode(DEFAULT_BASE + "provider/bbc.co.uk")),
        ("IRI", "dataset", ox.NamedNode(DEFAULT_BASE + "dataset")),
    ],
)
def test_a_value_becomes_a_term_of_the_declared_type(type: str, value: str, term: ox.Literal | ox.NamedNode) -> None:
    text = f"# parameter: p ({type}, any) x\nSELECT ?p {{ VALUES ?p {{ UNDEF }} }}"
    bound = bind(read_question(text, "one"), {"p": value})
    assert dict(bound.substitutions) == {ox.Variable("p"): term}
    found = ox.Store().query(bound.text, substitutions=dict(bound.substitutions))
    assert [row["p"] for row in found] == [term]  # type: ignore[union-attr]


def test_an_id_stands_below_the_base_of_the_data() -> None:
    text = "# parameter: p (IRI, any) x\nSELECT ?p { VALUES ?p { UNDEF } }"
    bound = bind(read_question(text, "one"), {"p": "topic/privacy"}, base="urn:mine:")
    assert list(bound.substitutions.values()) == [ox.NamedNode("urn:mine:topic/privacy")]


@pytest.mark.parametrize(
    "type, value, expected",
    [
        ("integer", "1.5", "expected a whole number of at most 64 bits, got '1.5'"),
        ("integer", "", "expected a whole number"),
        ("integer", "٣", "expected a whole number"),
        ("integer", "9223372036854775808", "expected a whole number"),
        ("integer", "9" * 5000, "expected a whole number"),
        ("date", "3 Mai", "expected a date such as 2021-08-23, got '3 Mai'"),
        ("date", "2021-02-30", "expected a date"),
        ("date", "20210823", "expected a date"),
        ("date", "2021-08-23T00:00:00Z", "expected a date"),
        ("IRI", "no iri", "expected an IRI: absolute"),
        ("IRI", "privacy", "expected an IRI: absolute"),
        ("IRI", "<relative>", "expected an IRI: absolute"),
        ("IRI", "https://a.example/> ?p ?o", "expected an IRI: absolute"),
        ("text", "\udcff", "expected text in UTF-8"),
    ],
)
def test_a_value_of_another_type_is_refused(type: str, value: str, expected: str) -> None:
    text = f"# parameter: p ({type}, any) x\nSELECT ?p {{ VALUES ?p {{ UNDEF }} }}"
    with pytest.raises(UsageError, match=re.escape(expected)) as caught:
        bind(read_question(text, "one"), {"p": value})
    assert str(caught.value).startswith("one: parameter p: ")


def test_an_unknown_parameter_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match="things: parameter: expected one of least, name, got 'nmae'"):
        bind(read_question(HEADED, "things"), {"nmae": "x"})
    with pytest.raises(UsageError, match="expected none, as the query has no variables, got 'x'"):
        bind(read_question("ASK {}", "mine"), {"x": "y"})


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?thing ?name { ?thing <urn:name> ?name }",
        "SELECT * FROM <urn:g> WHERE{?thing <urn:name> ?name FILTER(?name = ?name)}",
        "SELECT (EXISTS { ?a ?b ?c } AS ?x) ?thing ?name { ?thing <urn:name> ?name }",
        "DESCRIBE ?thing ?name { ?thing <urn:name> ?name }",
        "CONSTRUCT { ?thing <urn:is> ?name } WHERE { ?thing <urn:name> ?name }",
        "ASK { ?thing <urn:name> ?name }",
    ],
)
def test_any_variable_of_a_query_without_header_can_be_set(text: str) -> None:
    store = store_of(("a", "it's", 1), ("b", "other", 1))
    for quad in list(store):
        store.add(ox.Quad(quad.subject, quad.predicate, quad.object, ox.NamedNode("urn:g")))
    bound = bind(read_question(text, "mine"), {"name": "it's"})
    found = store.query(bound.text, substitutions=dict(bound.substitutions))
    if isinstance(found, ox.QueryBoolean):
        assert found
        absent = bind(read_question(text, "mine"), {"name": "nobody"})
        assert not store.query(absent.text, substitutions=dict(absent.substitutions))
    elif isinstance(found, ox.QuerySolutions):
        assert [row["thing"] for row in found] == [ox.NamedNode("urn:a")]
    else:
        assert {triple.subject for triple in found} == {ox.NamedNode("urn:a")}


def test_a_value_in_angle_brackets_sets_an_undeclared_variable_to_an_iri() -> None:
    store = store_of(("a", "x", 1), ("b", "y", 1))
    bound = bind(read_question("SELECT ?thing ?name { ?thing <urn:name> ?name }", "mine"), {"thing": "<urn:b>"})
    assert rows(store, bound) == [{"thing": "urn:b", "name": "y"}]


@pytest.mark.parametrize(
    "text", ["SELECT ?a { SELECT ?a { ?a ?b ?c } }", "CONSTRUCT WHERE { ?a ?b ?c }", "DESCRIBE ?a", "?a"]
)
def test_a_query_with_no_place_for_a_value_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=re.escape("expected a query with a line VALUES ?a { UNDEF } for it")):
        bind(read_question(text, "mine"), {"a": "x"})


def test_a_parameter_stands_in_each_of_its_values() -> None:
    store = store_of(("a", "x", 1), ("b", "y", 1))
    text = (
        "# parameter: name (text, any) x\nSELECT ?thing ?name { "
        "{ VALUES ?name { UNDEF } ?thing <urn:name> ?name } UNION { VALUES ?name { UNDEF } ?thing <urn:name> ?name } }"
    )
    assert rows(store, bind(read_question(text, "mine"), {"name": "y"})) == [{"thing": "urn:b", "name": "y"}] * 2


def test_assignments_are_cut_at_the_first_sign() -> None:
    assert assignments(["a=b=c", "d="]) == {"a": "b=c", "d": ""}
    with pytest.raises(UsageError, match="expected NAME=VALUE, got 'topic'"):
        assignments(["topic"])
    with pytest.raises(UsageError, match="expected NAME=VALUE, got '=x'"):
        assignments(["=x"])
    with pytest.raises(UsageError, match="expected a once, got it twice"):
        assignments(["a=b", "a=c"])


def test_the_bundled_questions_are_those_of_the_folder() -> None:
    names = [question.name for question in bundled()]
    assert names == sorted(path.stem for path in (ROOT / "queries").glob("*.rq"))
    assert len(names) > 20
    for question in bundled():
        assert question.title
        assert question.question
        assert question.columns


def test_every_parameter_of_a_bundled_question_can_be_set() -> None:
    data = open_data(ROOT / "exports")
    samples = {"text": 'x" }', "integer": "7", "date": "2021-08-23", "IRI": "topic/privacy"}
    bound_once = 0
    for question in bundled():
        for parameter in question.parameters:
            bound = bind(question, {parameter.name: samples[parameter.type]})
            before, after = (data.query(question.text), data.query(bound.text, bound.substitutions))
            if isinstance(before, ox.QuerySolutions) and isinstance(after, ox.QuerySolutions):
                shown = [str(row[parameter.name]) for row in after]
                assert shown == [str(value) for value in bound.substitutions.values()] * len(shown)
            assert type(before) is type(after)
            bound_once += 1
    assert bound_once > 5


def test_a_bundled_question_answers_otherwise_when_it_is_set() -> None:
    data = open_data(ROOT / "exports")
    question = find("topic-timeline")
    for value in ("Privacy", "pRIVACY"):
        bound = bind(question, {"topic": value})
        found = data.query(bound.text, bound.substitutions)
        assert {row["label"].value for row in found} == {"Privacy"}  # type: ignore[union-attr]
    bound = bind(question, {"topic": 'Privacy" } #'})
    assert list(data.query(bound.text, bound.substitutions)) == []  # type: ignore[arg-type]


def test_an_unknown_question_is_refused_with_the_near_ones() -> None:
    with pytest.raises(UsageError) as caught:
        find("topic-timelin")
    assert "near: topic-timeline" in str(caught.value)
    assert "`graphkit queries`" in str(caught.value)
    with pytest.raises(UsageError) as caught:
        find("zzzz")
    assert "near" not in str(caught.value)


def test_packaged_questions_are_taken_before_those_of_a_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "query" / "bundled"
    folder.mkdir(parents=True)
    (folder / "one.rq").write_text("ASK {}")
    (folder / "notes.txt").write_text(string.ascii_letters)
    monkeypatch.setattr(questions, "files", lambda _: tmp_path)
    bundled.cache_clear()
    try:
        assert [question.name for question in bundled()] == ["one"]
    finally:
        bundled.cache_clear()
