"""The graph in the forms of other tools: nothing is lost, nothing is obeyed, and the same graph gives the same bytes."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import networkx as nx
import pyarrow.parquet
import pytest
from hypothesis import given
from oracles.flat_formats import (
    all_of,
    from_csv,
    from_cytoscape,
    from_d3,
    from_gexf,
    from_graphml,
    from_node_link,
    from_rows,
)
from paths import ROOT
from samples.examples import examples
from samples.generated_records import CORPORA, Raw, corpus_of
from samples.hostile_texts import HOSTILE, NOT_IN_XML, small_graph, texts

import graphkit
from graphkit.exporters import parquet, tables
from graphkit.exporters.export_files import write_formats
from graphkit.exporters.gexf import articles_by_day
from graphkit.exporters.registry import FILE_NAMES, FORMATS, OF_ANY_GRAPH
from graphkit.graph.construction import to_graph
from graphkit.merge.articles import Article, merge
from graphkit.merge.topics import Topic
from graphkit.pipeline.spark.rows import EDGES, NODES, edge_rows, node_row

Graph = nx.MultiDiGraph

READERS: dict[str, Callable[..., Graph[str]]] = {
    "graphml": from_graphml,
    "gexf": from_gexf,
    "node-link": from_node_link,
    "cytoscape": lambda data: from_cytoscape(json.loads(data)),
    "d3": lambda data: from_d3(json.loads(data)),
}
"""Readers of the forms that hold everything, from the bytes of their one file."""


def written(graph: Graph[str], form: str, **options: Any) -> list[bytes]:
    """Return the files of a form."""
    with tempfile.TemporaryDirectory() as folder:
        files, _ = write_formats(graph, folder, [form], **options)
        assert [path.name for path in files] == list(FORMATS[form].files)
        return [path.read_bytes() for path in files]


@pytest.fixture(scope="module")
def coverage(any_corpus: Path) -> Graph[str]:
    """Return the graph of the demonstration corpus, or of real records where they are at hand."""
    return graphkit.build([any_corpus]).graph


# --- nothing is lost


@pytest.mark.engine
@pytest.mark.parametrize("form", READERS)
def test_a_graph_comes_back_from_every_form_that_has_one_file(coverage: Graph[str], form: str) -> None:
    assert all_of(READERS[form](*written(coverage, form))) == all_of(coverage)


@pytest.mark.parametrize("form", READERS)
@examples(60)
@given(CORPORA)
def test_any_graph_comes_back(form: str, records: list[Raw]) -> None:
    graph = to_graph(merge(corpus_of(records)))
    assert all_of(READERS[form](*written(graph, form))) == all_of(graph)


@pytest.mark.parametrize("form", READERS)
@examples(60)
@given(texts, texts)
def test_hostile_text_comes_back_as_it_was(form: str, text: str, name: str) -> None:
    graph = small_graph(text, name)
    assert all_of(READERS[form](*written(graph, form))) == all_of(graph)


@examples(60)
@given(texts, texts)
def test_hostile_text_comes_back_from_parquet(text: str, name: str) -> None:
    graph = small_graph(text, name)
    assert all_of(_from_parquet(graph)) == ({}, *all_of(graph)[1:])


def test_a_graph_comes_back_from_parquet(coverage: Graph[str]) -> None:
    again = _from_parquet(coverage)
    for _, data in again.nodes(data=True):
        for image in data.get("images", ()):
            for size in [size for size, number in image.items() if number is None]:
                del image[size]
    assert all_of(again) == ({}, *all_of(coverage)[1:])


def _from_parquet(graph: Graph[str]) -> Graph[str]:
    read = [pyarrow.parquet.read_table(io.BytesIO(data)).to_pylist() for data in written(graph, "parquet")]
    for row in (*read[0], *read[1]):
        for name in ("variants", "sources"):
            if row.get(name):
                row[name] = [tuple(place.values()) for place in row[name]]
        for name in ("published_at", "updated_at"):
            if row.get(name):
                row[name] = row[name].isoformat()
    return from_rows(*read)


@examples(60)
@given(texts, texts)
def test_a_graph_comes_back_from_csv(text: str, name: str) -> None:
    # An empty text leaves its cell empty, and what opens with an apostrophe and = may have been either.
    graph = small_graph(text.lstrip("'") or "x", name.lstrip("'") or "y")
    assert all_of(from_csv(*written(graph, "csv"))) == ({}, *all_of(graph)[1:])


def test_a_separator_in_an_array_for_neo4j_is_replaced_and_told(tmp_path: Path) -> None:
    files, (note,) = write_formats(small_graph("a\x1fb", "plain"), tmp_path, ["neo4j"])
    assert note == f"{files[0]}: U+FFFD stands for U+001F, which parts elements, in 4 texts of arrays"
    article = next(csv.DictReader(io.StringIO(files[0].read_bytes().decode(), newline="")))
    assert article["titles:string[]"].split("\x1f") == ["Title", "a\ufffdb", "plain"]
    assert article["title:string"] == "a\x1fb"


def test_an_attribute_that_no_table_has_is_not_lost_silently() -> None:
    graph = small_graph("a", "b")
    graph.nodes["topic/t"]["pagerank"] = 0.5
    for form in ("csv", "neo4j", "parquet"):
        with pytest.raises(graphkit.UsageError, match="got 'pagerank' of topic/t"):
            written(graph, form)
    assert from_graphml(*written(graph, "graphml")).nodes["topic/t"]["pagerank"] == 0.5


def test_neo4j_is_told_an_empty_text_from_an_unknown_one_and_zero_from_nothing() -> None:
    articles, *_, edges, _ = written(small_graph("", "x"), "neo4j")
    header, known, other = articles.decode().splitlines()
    cells = dict(zip(header.split(","), known.split(","), strict=True))
    assert (cells["title:string"], cells["heat:long"], cells["status:string"]) == ('""', "0", "")
    assert dict(zip(header.split(","), other.split(","), strict=True))["heat:long"] == ""
    header, *rows = edges.decode().splitlines()
    assert [dict(zip(header.split(","), row.split(","), strict=True))["rank:long"] for row in rows] == ["", "", "0"]


@pytest.mark.parametrize("form", ["graphml", "gexf"])
def test_every_edge_has_an_id_of_its_own_and_in_gexf_a_kind(form: str) -> None:
    graph = small_graph("a", "b")
    graph.add_edge("article/news.example/aaaaaaaaaaaaaaaa", "provider/news.example", "distributor")
    edges = [dict(edge.attrib) for edge in ET.fromstring(written(graph, form)[0]).iterfind(".//{*}edge")]
    assert len({edge["id"] for edge in edges}) == len(edges) == 4
    assert {edge.get("kind") for edge in edges} == (
        {"about", "distributor", "publisher", "related"} if form == "gexf" else {None}
    )


def test_a_node_without_a_title_is_shown_by_its_id() -> None:
    graph = small_graph("", "")
    node = "article/news.example/aaaaaaaaaaaaaaaa"
    assert nx.read_graphml(io.BytesIO(written(graph, "graphml")[0])).nodes[node]["label"] == node
    assert json.loads(written(graph, "d3")[0])["nodes"][0]["name"] == node


# --- what XML forbids


@pytest.mark.parametrize("form", ["graphml", "gexf"])
def test_what_xml_forbids_is_shown_replaced_and_stands_exactly_beside(form: str, tmp_path: Path) -> None:
    graph = small_graph("bell\x07\ufffe", "plain")
    (path,), notes = write_formats(graph, tmp_path, [form])
    read = (nx.read_graphml if form == "graphml" else nx.read_gexf)(path)
    article = read.nodes["article/news.example/aaaaaaaaaaaaaaaa"]
    assert article["title"] == "bell\ufffd\ufffd"
    assert article["title.json"] == r'"bell\u0007\ufffe"'
    assert "language.json" not in article
    assert json.loads(article["titles"]) == sorted(["Title", "bell\x07\ufffe", "plain"])
    (note,) = notes
    assert re.fullmatch(rf"{re.escape(str(path))}: \d texts hold characters that XML does not keep; .*", note)


@pytest.mark.parametrize("form", ["graphml", "gexf"])
@pytest.mark.parametrize("text", HOSTILE)
def test_any_text_gives_well_formed_xml(form: str, text: str, tmp_path: Path) -> None:
    etree = pytest.importorskip("lxml.etree")
    (path,), _ = write_formats(small_graph(text, text), tmp_path, [form])
    assert not re.search(NOT_IN_XML.pattern.replace("\n", "\n\r"), path.read_bytes().decode("utf-8"))
    assert etree.parse(str(path)).getroot() is not None


def test_clean_text_gives_no_note_and_no_second_form(coverage: Graph[str], tmp_path: Path) -> None:
    graph = small_graph("plain", "text")
    files, notes = write_formats(graph, tmp_path, ["graphml", "gexf"])
    assert notes == ()
    for path in files:
        assert ".json" not in path.read_text("utf-8")


# --- time


def test_an_article_is_there_from_its_publication_and_an_edge_from_that_of_both_ends() -> None:
    graph = small_graph("a", "b")
    one, other = (node for node in graph if node.startswith("article"))
    graph.nodes[other]["published_at"] = datetime(2021, 8, 25, 0, 0, 0, 250_000, tzinfo=UTC)
    read = nx.read_gexf(io.BytesIO(*written(graph, "gexf")))
    assert read.graph["mode"] == "dynamic"
    starts = {node: data.get("start") for node, data in read.nodes(data=True)}
    assert starts == {
        one: "2021-08-23T11:22:00Z",
        other: "2021-08-25T00:00:00.250000Z",
        "provider/news.example": None,
        "topic/t": None,
    }
    edges = {data["kind"]: data["start"] for *_, data in read.edges(data=True)}
    assert edges == {
        "publisher": "2021-08-23T11:22:00Z",
        "about": "2021-08-23T11:22:00Z",
        "related": "2021-08-25T00:00:00.250000Z",
    }


@pytest.mark.engine
def test_a_topic_counts_its_articles_day_by_day(coverage: Graph[str]) -> None:
    read = nx.read_gexf(io.BytesIO(*written(coverage, "gexf")))
    counted = articles_by_day(coverage)
    assert len(counted) > 20
    for node in coverage:
        kinds = {"about", "publisher", "distributor"}
        moments = [
            coverage.nodes[start]["published_at"]
            for start in {a for a, _, kind in coverage.in_edges(node, keys=True) if kind in kinds}
            if "published_at" in coverage.nodes[start]
        ]
        told = read.nodes[node].get("articles", [])
        assert bool(told) == bool(moments)
        for number, begin, _ in told:
            assert number == sum(f"{moment:%Y-%m-%d}" <= begin[:10] for moment in moments)
        assert [end for *_, end in told] == [*(begin for _, begin, _ in told[1:]), *(["None"] if told else [])]
        assert not told or told[-1][0] == len(moments)


# --- spreadsheets


@pytest.mark.parametrize("bom", [False, True])
def test_no_cell_of_csv_is_a_formula(bom: bool) -> None:
    cells = []
    for text in ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "=cmd|' /C calc'!A0"):
        for data in written(small_graph(text, f"{text}!"), "csv", bom=bom):
            cells += [cell for row in csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")) for cell in row]
    assert sum(cell.startswith("'") for cell in cells) > 50
    assert [cell for cell in cells if re.match("[=+\\-@\t\r\n＝＋－＠]", cell)] == []


def test_csv_begins_with_a_byte_order_mark_only_where_it_is_asked_for(coverage: Graph[str]) -> None:
    for with_mark, plain in zip(written(coverage, "csv", bom=True), written(coverage, "csv"), strict=True):
        assert with_mark == b"\xef\xbb\xbf" + plain
        assert plain.decode("utf-8")[0] in "is"


def test_a_number_below_zero_stays_a_number() -> None:
    graph = small_graph("a", "b")
    graph.nodes["article/news.example/aaaaaaaaaaaaaaaa"]["quality"] = -5
    rows = list(csv.DictReader(io.StringIO(written(graph, "csv")[0].decode(), newline="")))
    assert rows[0]["quality"] == "-5"


# --- Parquet


@pytest.mark.tools
def test_parquet_has_the_columns_and_types_of_a_build_on_a_cluster() -> None:
    names = {
        "string": "string",
        "bigint": "int64",
        "int": "int32",
        "timestamp": "timestamp[us, tz=UTC]",
        "array<string>": "list<element: string>",
    }
    for data, told in zip(written(small_graph("a", "b"), "parquet"), (NODES, EDGES), strict=True):
        schema = pyarrow.parquet.read_schema(io.BytesIO(data))
        columns = re.findall(r"(\w+) ([a-z]+(?:<(?:[^<>]|<[^>]*>)*>)?)", told)
        assert [field.name for field in schema] == [name for name, _ in columns]
        for field, (_, spark) in zip(schema, columns, strict=True):
            if "struct" in spark:
                parts = ", ".join(f"{name}: {names[kind]}" for name, kind in re.findall(r"(\w+):(\w+)", spark))
                assert str(field.type) == f"list<element: struct<{parts}>>"
            else:
                assert str(field.type) == names[spark]


def test_the_rows_are_those_of_a_build_on_a_cluster(seeds: Path) -> None:
    from graphkit.pipeline.local import in_memory
    from graphkit.sources.finding import find

    merged = merge(in_memory.read(find((str(seeds),)), published_only=False, progress=lambda *_: None).corpus)
    graph = to_graph(merged)
    nodes = [
        *map(node_row, merged.articles),
        *map(node_row, merged.providers),
        *map(node_row, merged.topics),
    ]
    starts: tuple[Article | Topic, ...] = (*merged.articles, *merged.topics)
    edges = [row for start in starts for row in edge_rows(start)]
    for made, rows in ((tables.node_rows(graph), nodes), (tables.edge_rows(graph), edges)):
        assert sorted(map(_comparable, (row.values() for row in made))) == sorted(map(_comparable, rows))


def _comparable(row: Any) -> str:
    def cell(value: Any) -> Any:
        if isinstance(value, dict):
            return [value.get("url"), value.get("width"), value.get("height")]
        return [cell(one) for one in value] if isinstance(value, list | tuple) else value

    return repr([cell(value) for value in row])


@pytest.mark.untraced
@pytest.mark.engine
def test_a_row_group_has_100_000_rows() -> None:
    graph: Graph[str] = nx.MultiDiGraph(policy="1")
    graph.add_nodes_from((f"topic/{number:06}", {"kind": "topic", "label": "x"}) for number in range(100_001))
    nodes, edges = (pyarrow.parquet.ParquetFile(io.BytesIO(data)) for data in written(graph, "parquet"))
    assert [nodes.metadata.row_group(at).num_rows for at in range(nodes.num_row_groups)] == [100_000, 1]
    assert edges.metadata.num_rows == 0
    assert edges.schema_arrow.names[0] == "src"
    assert nodes.schema_arrow.metadata[b"graphkit.policy"] == b"1"
    assert parquet.ROW_GROUP == 100_000


def test_without_pyarrow_the_package_is_named(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['pyarrow'] = None\n"
        "import networkx\n"
        "from graphkit.exporters.export_files import write_formats\n"
        "from graphkit.errors import MissingExtra\n"
        "try: write_formats(networkx.MultiDiGraph(), sys.argv[1], ['parquet'])\n"
        "except MissingExtra as error: print(error)\n"
    )
    run = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True, text=True, check=True)
    assert "pip install pyarrow" in run.stdout
    assert list(tmp_path.iterdir()) == []


# --- the same bytes, whole or not at all

WRITE = """
import sys
sys.modules.update(dict.fromkeys(sys.argv[3:]))
import networkx, graphkit
from graphkit.exporters.export_files import write_formats
from graphkit.exporters.registry import OF_ANY_GRAPH
write_formats(graphkit.build(sys.argv[1]).graph, sys.argv[2], (*OF_ANY_GRAPH, "provenance"))
"""


@pytest.mark.engine
def test_neither_hash_seed_nor_directory_nor_lxml_changes_a_byte(tmp_path: Path) -> None:
    made = []
    for seed, cwd, hidden in (("0", ROOT, []), ("1", tmp_path, ["lxml", "lxml.etree"])):
        folder = tmp_path / seed
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        command = [sys.executable, "-c", WRITE, str(ROOT / "seeds"), str(folder), *hidden]
        subprocess.run(command, cwd=cwd, env=environment, check=True)
        made.append({path.name: path.read_bytes() for path in sorted(folder.iterdir())})
    assert made[0] == made[1]
    assert set(made[0]) == FILE_NAMES
    for name, data in made[0].items():
        assert data, name
        assert str(ROOT).encode() not in data, name
        assert datetime.now(UTC).strftime("%Y-%m-%d").encode() not in data, name


@pytest.mark.parametrize("form", OF_ANY_GRAPH)
def test_a_form_that_cannot_be_written_leaves_what_was_there(form: str, tmp_path: Path) -> None:
    names = FORMATS[form].files
    for name in names:
        (tmp_path / name).write_bytes(b"old")
    last = tmp_path / names[-1]
    last.unlink()
    last.mkdir()
    with pytest.raises(graphkit.OutputError, match="expected a file to write, got a folder"):
        write_formats(small_graph("a", "b"), tmp_path, ["graphml" if form != "graphml" else "gexf", form])
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)
    assert all((tmp_path / name).read_bytes() == b"old" for name in names[:-1])


def test_one_changed_title_changes_few_lines_of_json(seeds: Path) -> None:
    graph = graphkit.build(seeds).graph
    before = {form: written(graph, form)[0].splitlines() for form in ("node-link", "cytoscape", "d3", "jsonld")}
    graph.nodes[min(graph)]["title"] = "Another title"
    for form, lines in before.items():
        after = written(graph, form)[0].splitlines()
        assert len(after) == len(lines)
        # In JSON-LD one more title is one more triple, which two counts of the dataset's description tell.
        changed = sum(one != other for one, other in zip(lines, after, strict=True))
        assert changed == (3 if form == "jsonld" else 1), form


@pytest.mark.parametrize("form", OF_ANY_GRAPH)
def test_an_empty_graph_has_every_form(form: str) -> None:
    empty: Graph[str] = nx.MultiDiGraph(policy="1")
    assert all(data or form == "neo4j" for data in written(empty, form))


def test_a_number_that_a_table_cannot_hold_is_refused() -> None:
    graph = small_graph("a", "b")
    graph.nodes["article/news.example/aaaaaaaaaaaaaaaa"]["quality"] = 10**30
    with pytest.raises(graphkit.UsageError, match="parquet: expected whole numbers of at most 64 bits"):
        written(graph, "parquet")


def test_a_form_that_is_not_known_is_refused(tmp_path: Path) -> None:
    with pytest.raises(graphkit.UsageError, match=r"format: expected one of graphml, gexf, .*, got 'dot'"):
        write_formats(small_graph("a", "b"), tmp_path, ["graphml", "dot"])
    assert list(tmp_path.iterdir()) == []
