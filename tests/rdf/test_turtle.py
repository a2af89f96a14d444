"""Turtle as text: the bytes that the RDF engine would write."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples.examples import examples
from samples.generated_records import CORPORA, Raw, corpus_of

from graphkit.graph.construction import to_graph
from graphkit.merge.articles import merge
from graphkit.rdf import vocabulary
from graphkit.rdf.serialization import prefixes_for, rdf_bytes
from graphkit.rdf.statements import statements, triples_of
from graphkit.rdf.terms import OxigraphTerms
from graphkit.rdf.turtle import TurtleTerms, header

SUBJECT, PREDICATE = ox.NamedNode("urn:x:s"), ox.NamedNode("urn:x:p")


def by_the_engine(value: ox.NamedNode | ox.Literal, prefixes: dict[str, str]) -> str:
    """Return a term as the engine writes it."""
    triple = ox.Triple(SUBJECT, PREDICATE, value)
    written = ox.serialize([triple], format=ox.RdfFormat.TURTLE, prefixes=prefixes) or b""
    text = written.removeprefix(header(prefixes)).decode()
    return text.removeprefix("<urn:x:s> <urn:x:p> ").removesuffix(" .\n")


@examples(500)
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_literals_are_written_as_the_engine_writes_them(text: str) -> None:
    assert TurtleTerms({}).literal(text) == by_the_engine(ox.Literal(text), {})


def test_every_character_is_written_as_the_engine_writes_it() -> None:
    terms = TurtleTerms({})
    for first in range(0, 0x110000, 0x800):
        if 0xD800 <= first < 0xE000:
            continue
        text = "".join(map(chr, range(first, first + 0x800)))
        assert terms.literal(text) == by_the_engine(ox.Literal(text), {}), hex(first)


@given(st.from_regex(r"[+-]?[0-9]*|[ -~]{0,8}", fullmatch=True))
def test_typed_literals_are_written_as_the_engine_writes_them(text: str) -> None:
    prefixes = dict(vocabulary.PREFIXES)
    for datatype in (vocabulary.XSD + "integer", vocabulary.XSD + "dateTime"):
        expected = by_the_engine(ox.Literal(text, datatype=ox.NamedNode(datatype)), prefixes)
        assert TurtleTerms(prefixes).typed(text, datatype) == expected


@examples(300)
@given(
    st.sampled_from([*vocabulary.PREFIXES.values(), "https://example.com/"]),
    st.from_regex(r"[A-Za-z0-9_]{1,8}", fullmatch=True),
)
def test_addresses_are_abbreviated_as_the_engine_does(space: str, local: str) -> None:
    prefixes = dict(vocabulary.PREFIXES)
    assert TurtleTerms(prefixes).iri(space + local) == by_the_engine(ox.NamedNode(space + local), prefixes)


@pytest.mark.parametrize("address", ["https://example.com/a b", "https://example.com/[", "no scheme", "http://e/%zz"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="IRI"):
        TurtleTerms({}).iri(address)


@examples(150)
@given(
    CORPORA, st.sampled_from([vocabulary.DEFAULT_BASE, "https://schema.org/", "http://localhost:8000/id/", "urn:news:"])
)
def test_a_file_is_what_the_engine_writes(raws: list[Raw], base: str) -> None:
    graph = to_graph(merge(corpus_of(raws)))
    found = statements(graph, base, OxigraphTerms())
    prefixes = prefixes_for(base, found.spaces)
    written = ox.serialize(triples_of(found.subjects), format=ox.RdfFormat.TURTLE, prefixes=prefixes)
    assert rdf_bytes(graph, base=base) == written
