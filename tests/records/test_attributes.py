"""Each attribute of an article is declared once, and everything that names it follows."""

import json
from pathlib import Path

import graphkit
from graphkit.exporters.tables import node_rows
from graphkit.merge.articles import Article
from graphkit.rdf.properties import PROPERTIES, Form, uses_of
from graphkit.records.attributes import ARTICLE, NODE_ATTRIBUTES, STATED, Merging
from graphkit.records.entry import Entry
from graphkit.records.known_fields import RECORD

EDGES = {"kind", "publisher", "publisher label", "distributor", "about", "related", "broader"}


def test_what_a_mention_states_is_what_a_merge_chooses_or_unites() -> None:
    merged = {one.name for one in ARTICLE if one.merging is not Merging.DERIVED}
    assert merged == set(STATED)
    assert {one.name for one in ARTICLE} <= set(Article.__struct_fields__)
    assert set(STATED) <= set(Entry.__struct_fields__)


def test_each_attribute_is_declared_once_and_has_a_property() -> None:
    for kind, attributes in NODE_ATTRIBUTES.items():
        names = [one.name for one in attributes]
        assert len(names) == len(set(names))
        assert set(names) <= {use.attribute for _, use in uses_of(kind)} <= set(names) | EDGES


def test_each_property_is_declared_once_and_has_a_label() -> None:
    iris = [one.iri for one in PROPERTIES]
    assert len(iris) == len(set(iris))
    assert all(one.label for one in PROPERTIES)


def test_a_plain_attribute_is_the_text_of_its_first_field() -> None:
    plain = [one for one in ARTICLE if one.is_plain]
    assert plain
    assert all(one.fields and set(one.fields) <= RECORD.read for one in plain)
    assert {use.form for _, use in uses_of("article") if use.attribute in {one.name for one in plain}} == {Form.TEXT}


def test_a_byline_goes_through_every_stage_as_it_is_written(tmp_path: Path) -> None:
    byline = 'Von "Ada" Byron, dpa'
    record = {
        "title": "T",
        "webUrl": "https://a.example/t",
        "byline": f"  {byline}\n",
        "provider": {"domain": "a.example"},
    }
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.json").write_text(json.dumps(record), "utf-8")
    (tmp_path / "in" / "b.json").write_text(json.dumps({**record, "byline": "B"}), "utf-8")
    published = graphkit.publish(tmp_path / "in", tmp_path / "out")
    assert published.report["disagreements"] == {"byline": 1}
    assert published.report["diagnostics"]["list"] == []
    graph = graphkit.read_graph(tmp_path / "out" / "coverage.ttl")
    assert [data["byline"] for _, data in graph.nodes(data=True) if "byline" in data] == [byline]
    assert 'gk:byline "Von \\"Ada\\" Byron, dpa"' in (tmp_path / "out" / "coverage.ttl").read_text("utf-8")
    assert not graphkit.validate(tmp_path / "out").findings
    assert next(node_rows(graphkit.build(tmp_path / "in").graph))["byline"] == byline
