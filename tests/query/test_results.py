"""Answers: every format says the same, and what a text holds is never obeyed."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
import xml.dom.minidom
import xml.etree.ElementTree as ET

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphkit.errors import OutputError, UsageError
from graphkit.query import results as query_results
from graphkit.query.data import Results
from graphkit.query.result_tables import LONG_IRI
from graphkit.query.results import Written, default_format, formats_of, write
from graphkit.query.sinks import TerminalSink
from graphkit.rdf import syntaxes

HOSTILE = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\tx",
    "\rx",
    "＝1",
    'a "b"',
    "a,b",
    "two\nlines",
    "<script>",
    "a|b",
    "\x1b[31m",
    "\u202ex",
]


def solutions(*texts: str) -> ox.QuerySolutions:
    """Return solutions with a number, a text and an IRI."""
    store = ox.Store()
    for number, text in enumerate(texts):
        node = ox.NamedNode(f"https://schema.org/{number}")
        store.add(ox.Quad(node, ox.NamedNode("urn:text"), ox.Literal(text)))
        store.add(ox.Quad(node, ox.NamedNode("urn:number"), ox.Literal(-number)))
    found = store.query(
        "SELECT ?number ?text ?node { ?node <urn:text> ?text ; <urn:number> ?number } ORDER BY DESC(?number)"
    )
    assert isinstance(found, ox.QuerySolutions)
    return found


def graph(turtle: str) -> ox.QueryTriples:
    store = ox.Store()
    store.load(turtle, ox.RdfFormat.TURTLE)
    found = store.query("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }")
    assert isinstance(found, ox.QueryTriples)
    return found


def boolean(text: str) -> ox.QueryBoolean:
    found = ox.Store().query(text)
    assert isinstance(found, ox.QueryBoolean)
    return found


def written(results: Results, format: str, **options: object) -> str:
    stream = io.BytesIO()
    write(results, format, stream, **options)  # type: ignore[arg-type]
    return stream.getvalue().decode()


def test_csv_tsv_json_and_xml_are_what_the_engine_writes() -> None:
    for name, syntax in syntaxes.RESULTS.items():
        expected = solutions(*HOSTILE).serialize(format=syntax)
        assert expected is not None
        assert written(solutions(*HOSTILE), name).removesuffix("\n") == expected.decode().removesuffix("\n")


def test_every_format_of_a_table_holds_the_same_texts() -> None:
    texts = ["plain", "ü 😀", "a & b"]
    assert [row[1] for row in csv.reader(io.StringIO(written(solutions(*texts), "csv")))][1:] == texts
    assert [row[1] for row in csv.reader(io.StringIO(written(solutions(*texts), "spreadsheet")))][1:] == texts
    rows = json.loads(written(solutions(*texts), "json"))["results"]["bindings"]
    assert [row["text"]["value"] for row in rows] == texts
    found = ET.fromstring(written(solutions(*texts), "xml")).iter("{http://www.w3.org/2005/sparql-results#}literal")
    assert [node.text for node in found if not node.attrib] == texts
    assert [line.split("\t")[1] for line in written(solutions(*texts), "tsv").splitlines()][1:] == [
        f'"{text}"' for text in texts
    ]
    for name in ("table", "markdown"):
        assert all(
            text.replace("&", "&amp;" if name == "markdown" else "&") in written(solutions(*texts), name)
            for text in texts
        )


@pytest.mark.parametrize("text", HOSTILE)
def test_a_spreadsheet_takes_no_text_for_a_formula(text: str) -> None:
    data = written(solutions(text), "spreadsheet")
    assert data.startswith("\ufeff")
    header, row = csv.reader(io.StringIO(data.removeprefix("\ufeff"), newline=""))
    assert header == ["number", "text", "node"]
    formula = text[0] in "=+-@\t\r＝"
    assert row == ["0", f"'{text}" if formula else text, "https://schema.org/0"]


def test_a_spreadsheet_keeps_numbers_as_they_are() -> None:
    rows = list(csv.reader(io.StringIO(written(solutions("a", "b", "c"), "spreadsheet").removeprefix("\ufeff"))))
    assert [row[0] for row in rows[1:]] == ["0", "-1", "-2"]
    sneaky = ox.Store().query('SELECT ("=1+1"^^<http://www.w3.org/2001/XMLSchema#integer> AS ?n) ?none {}')
    assert written(sneaky, "spreadsheet").splitlines()[1] == "'=1+1,"


def test_markdown_holds_no_html_no_marks_and_no_line_of_a_text() -> None:
    lines = written(solutions("<b>|`*_[x](y)", "a\nb\r\nc", "\x1b[31m"), "markdown").splitlines()
    assert lines == [
        "| number | text | node |",
        "| --- | --- | --- |",
        r"| 0 | &lt;b&gt;\|\`\*\_\[x\]\(y\) | <https://schema.org/0> |",
        r"| \-1 | a<br>b<br>c | <https://schema.org/1> |",
        r"| \-2 | \\x1b\[31m | <https://schema.org/2> |",
    ]


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_a_row_of_markdown_is_one_line_with_the_same_bars(text: str) -> None:
    lines = written(solutions(text), "markdown").split("\n")
    assert len(lines) == 4
    assert lines[2].replace("\\\\", "").replace("\\|", "").count("|") == 4
    assert "<script" not in lines[2]


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_a_terminal_obeys_nothing_that_a_text_holds(text: str) -> None:
    for name in ("table", "csv", "tsv", "json", "xml", "markdown", "spreadsheet"):
        stream = io.BytesIO()
        shown = TerminalSink(stream)
        write(solutions(text), name, shown)
        shown.end()
        printed = stream.getvalue().decode().replace("\n", "").replace("\t", "")
        assert not [sign for sign in printed if unicodedata.category(sign) == "Cc"]
        assert not set(printed) & set("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c")


def test_what_is_shown_does_not_depend_on_where_the_pieces_are_cut() -> None:
    data = "ü\r\n\x1b[0m\t€\r\r\n\u202e".encode()
    for cut in range(len(data) + 1):
        stream = io.BytesIO()
        shown = TerminalSink(stream)
        shown.write(data[:cut])
        shown.write(data[cut:])
        shown.end()
        assert stream.getvalue().decode() == "ü\n\\x1b[0m\t€\\r\n\\u202e"


def test_a_table_shows_ids_and_curies_and_cuts_long_iris_in_the_middle() -> None:
    store = ox.Store()
    long = "https://a.example/" + "b" * 200 + "/the-end"
    for value in ("urn:base:topic/x", "https://schema.org/about", "urn:other", long):
        store.add(ox.Quad(ox.NamedNode(value), ox.NamedNode("urn:p"), ox.Literal("x")))
    text = written(store.query("SELECT ?s { ?s ?p ?o } ORDER BY ?s"), "table", base="urn:base:")
    cells = [line.strip() for line in text.splitlines()[3:]]
    assert {"schema:about", "topic/x", "urn:other"} < set(cells)
    shortened = next(cell for cell in cells if "…" in cell)
    assert shortened.startswith("https://a.example/bbb")
    assert shortened.endswith("bbb/the-end")
    assert len(shortened) == LONG_IRI


def test_a_table_fits_its_width() -> None:
    text = written(solutions("word " * 50, "x" * 300), "table", width=80)
    assert max(map(len, text.splitlines())) <= 80
    assert text.count("x") >= 300


def test_a_table_is_cut_and_says_so() -> None:
    rows = ox.Store().query(
        "SELECT * { VALUES ?n { " + " ".join(map(str, range(query_results.TABLE_ROWS + 1))) + " } }"
    )
    stream = io.BytesIO()
    assert write(rows, "table", stream) == Written(empty=False, cut=True)
    assert str(query_results.TABLE_ROWS - 1) in stream.getvalue().decode()
    exact = ox.Store().query("SELECT * { VALUES ?n { " + " ".join(map(str, range(query_results.TABLE_ROWS))) + " } }")
    assert write(exact, "table", io.BytesIO()) == Written()


@pytest.mark.parametrize("name", query_results.SOLUTIONS)
def test_no_rows_are_told_and_one_row_is_not(name: str) -> None:
    stream = io.BytesIO()
    assert write(ox.Store().query("SELECT ?a ?b { ?a ?b ?c }"), name, stream) == Written(empty=True)
    assert "a" in stream.getvalue().decode(), "the header"
    assert write(solutions("x"), name, io.BytesIO()) == Written()
    assert write(solutions(*("x" * 50_000 for _ in range(3))), name, io.BytesIO()) == Written()


@pytest.mark.parametrize("name", query_results.BOOLEANS)
def test_true_and_false_are_told_apart_in_every_format(name: str) -> None:
    yes, no = written(boolean("ASK {}"), name), written(boolean("ASK { ?s ?p ?o }"), name)
    assert "true" in yes
    assert yes.replace("true", "false") == no
    if name not in ("json", "xml"):
        assert yes == "true\n"


TURTLE = """@prefix schema: <https://schema.org/> .
<urn:b> schema:name "two" ; a schema:Thing .
<urn:a> schema:name "one", "uno" ; schema:about <urn:b> .
"""


@pytest.mark.parametrize("name", syntaxes.RDF)
def test_a_graph_is_the_same_in_every_syntax(name: str) -> None:
    expected = {quad.triple for quad in ox.parse(TURTLE, ox.RdfFormat.TURTLE)}
    text = written(graph(TURTLE), name)
    assert {quad.triple for quad in ox.parse(text, syntaxes.RDF[name])} == expected


def test_turtle_is_sorted_and_declares_the_prefixes_it_uses() -> None:
    text = written(graph(TURTLE), "ttl")
    assert text.index("<urn:a>") < text.index("<urn:b> a schema:Thing")
    assert "@prefix schema:" in text
    assert "skos" not in text
    backwards = "".join(f"{quad.triple} .\n" for quad in reversed(list(ox.parse(TURTLE, ox.RdfFormat.TURTLE))))
    assert written(graph(backwards), "ttl") == text


def test_a_graph_can_be_a_table() -> None:
    stream = io.BytesIO()
    assert write(graph(TURTLE), "table", stream) == Written()
    assert stream.getvalue().decode().split()[:3] == ["subject", "predicate", "object"]
    assert write(graph(""), "table", io.BytesIO()) == write(graph(""), "ttl", io.BytesIO()) == Written(empty=True)


def test_a_graph_that_a_syntax_cannot_hold_is_refused() -> None:
    with pytest.raises(UsageError, match="format: expected a graph that jsonld can hold, got: "):
        written(graph("<urn:s> <urn:p> <<( <urn:s> <urn:p> 1 )>> ."), "jsonld")


@pytest.mark.parametrize(
    "results, format, offered",
    [
        ("SELECT * {}", "ttl", "table, csv"),
        ("ASK {}", "spreadsheet", "table, csv"),
        ("DESCRIBE <urn:x>", "csv", "ttl, nt"),
    ],
)
def test_a_format_of_another_kind_of_result_is_refused_before_anything_is_written(
    results: str, format: str, offered: str
) -> None:
    stream = io.BytesIO()
    with pytest.raises(UsageError, match=f"format: expected one of {offered}.* for such a result, got '{format}'"):
        write(ox.Store().query(results), format, stream)
    assert stream.getvalue() == b""


def test_the_format_is_a_table_for_people_and_data_for_programs() -> None:
    for text, name in (("SELECT * {}", "csv"), ("ASK {}", "csv"), ("DESCRIBE <urn:x>", "ttl")):
        results = ox.Store().query(text)
        assert default_format(results, terminal=False) == name
        assert default_format(results, terminal=True) == "table"
        assert name in formats_of(results)


class Full:
    """A place with no room left."""

    def __init__(self, error: OSError) -> None:
        self.error = error

    def write(self, _: bytes, /) -> None:
        raise self.error


@pytest.mark.parametrize("name", query_results.SOLUTIONS)
def test_a_place_that_cannot_be_written_is_told_and_a_broken_pipe_is_left_to_the_caller(name: str) -> None:
    texts = ["x" * 1000] * 100
    with pytest.raises(OutputError, match="output: expected a place that can be written, got: no room"):
        write(solutions(*texts), name, Full(OSError(28, "No room")))
    with pytest.raises(BrokenPipeError):
        write(solutions(*texts), name, Full(BrokenPipeError(32, "Broken pipe")))


@pytest.mark.parametrize("predicate", ["urn:x:1", "http://x/", "http://x/1", "urn:a:b-"])
def test_rdf_xml_is_well_formed_or_refused(predicate: str) -> None:
    store = ox.Store()
    store.add(ox.Quad(ox.NamedNode("urn:s"), ox.NamedNode(predicate), ox.Literal("<a:>")))
    sink = io.BytesIO()
    try:
        write(store.query("CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }"), "rdf", sink)
    except UsageError as error:
        assert "predicates that XML can name" in str(error)  # noqa: PT017 - or else it is written
        return
    xml.dom.minidom.parseString(sink.getvalue())
    assert [str(quad.predicate.value) for quad in ox.parse(sink.getvalue(), ox.RdfFormat.RDF_XML)] == [predicate]


def test_rdf_xml_whose_predicate_has_no_name_is_refused() -> None:
    store = ox.Store()
    store.add(ox.Quad(ox.NamedNode("urn:s"), ox.NamedNode("urn:x:1"), ox.Literal("o")))
    with pytest.raises(UsageError, match="predicates that XML can name"):
        write(store.query("CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }"), "rdf", io.BytesIO())
