"""Other tools read the forms: Gephi, Neo4j's importer, Cytoscape.js, d3-force, DuckDB and Polars, each the real one."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import networkx as nx
import polars as pl
import pytest
from foreign.readers import Row, gephi, neo4j, node
from oracles.flat_formats import all_of, from_cytoscape, from_d3, graph_of, own_label, without
from paths import ROOT
from samples.hostile_texts import HOSTILE, small_graph

import graphkit
from graphkit.exporters.export_files import write_formats
from graphkit.graph.statistics import statistics

Graph = nx.MultiDiGraph

BREAKING = "".join(HOSTILE)
"""All hostile texts in one."""


@pytest.fixture(scope="module")
def coverage(seeds: Path) -> Graph[str]:
    """Return the graph of the demonstration corpus."""
    return graphkit.build(seeds).graph


@pytest.fixture(scope="module")
def hostile() -> Graph[str]:
    """Return a graph of hostile texts, in which two edges lead from one node to another, and back."""
    graph = small_graph(BREAKING, BREAKING[::-1])
    one, other = (node for node in graph if node.startswith("article"))
    graph.add_edge(one, "provider/news.example", "distributor")
    graph.add_edge(other, one, "related", rank=3, sources=(("a.md", ""),))
    return graph


def file_of(graph: Graph[str], form: str, folder: Path) -> Path:
    return write_formats(graph, folder, [form]).files[0]


# --- Gephi


@pytest.mark.tools
@pytest.mark.parametrize("form", ["graphml", "gexf"])
@pytest.mark.parametrize("which", ["coverage", "hostile"])
def test_gephi_reads_all_of_the_graph(form: str, which: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    graph: Graph[str] = request.getfixturevalue(which).copy()
    if form == "graphml":  # in which Gephi knows no kinds of edges, and makes one of two that have the same ends
        graph.remove_edges_from([edge for edge in graph.edges(keys=True) if edge[2] == "distributor"])
    about, nodes, edges = gephi(file_of(graph, form, tmp_path))
    assert about["issues"] == (
        ["Graph attributes 'policy' ignored as not supported by Gephi"] if form == "graphml" else []
    )
    assert about["dynamic"] == (form == "gexf")
    read = graph_of(
        ((row["_id"], own_label(_gephi_row(row, "articles"))) for row in nodes),
        (
            (row["_source"], row["_target"], row["kind"], without(_gephi_row(row), "id", "kind", "networkx_key"))
            for row in edges
        ),
        graph.graph,
    )
    assert all_of(read) == all_of(graph)


def _gephi_row(row: Row, *left_out: str) -> Row:
    """Return a row's own cells; its label is a property of Gephi's."""
    named = {name: value for name, value in row.items() if not name.startswith("_") and name not in left_out}
    return named | ({"label": row["_label"]} if "_label" in row else {})


@pytest.mark.tools
def test_the_timeline_of_gephi_knows_when_an_article_came(coverage: Graph[str], tmp_path: Path) -> None:
    about, nodes, _ = gephi(file_of(coverage, "gexf", tmp_path))
    moments: dict[str, datetime] = {
        name: data["published_at"] for name, data in coverage.nodes(data=True) if "published_at" in data
    }
    assert len(moments) > 50
    begins = {row["_id"]: row["_timeset"] for row in nodes if "_timeset" in row}
    assert begins == {name: [_milliseconds(moment), None] for name, moment in moments.items()}
    assert about["begins"] <= min(map(_milliseconds, moments.values()))
    privacy = next(row["articles"] for row in nodes if row["_id"] == "topic/privacy")
    assert privacy[-1][1] == sum(kind == "about" for *_, kind in coverage.in_edges("topic/privacy", keys=True)) > 5


def _milliseconds(moment: datetime) -> float:
    return moment.timestamp() * 1000


# --- Neo4j


@pytest.mark.tools
def test_neo4j_imports_all_of_the_graph(coverage: Graph[str], hostile: Graph[str], tmp_path: Path) -> None:
    graph: Graph[str] = coverage.copy()  # both at once: it takes half a minute to start
    graph.add_nodes_from(hostile.nodes(data=True))
    for start, target, kind, data in hostile.edges(keys=True, data=True):
        graph.add_edge(start, target, kind, **data)
    files, notes = write_formats(graph, tmp_path, ["neo4j"])
    assert notes == ()
    nodes, edges = neo4j(tmp_path / "home", files[-1])
    read = graph_of(((row["id"], _of_neo4j(row)) for row in nodes), map(_edge_of_neo4j, edges), graph.graph)
    told, meant = all_of(read), all_of(graph)
    assert dict(told[1]) == dict(meant[1])
    assert told[2] == meant[2]


def _of_neo4j(row: Row) -> Row:
    known = without(row, "id", "_labels") | {"kind": row["_labels"][0].lower()}
    relations = {"amp_pages": "amphtml", "cached_copies": "cachedCopy", "originals": "original"}
    variants = [(relations[name], url) for name in relations for url in known.pop(name, ())]
    sizes = zip(
        *(known.pop(name, ()) for name in ("images", "image_widths", "image_heights")),
        strict=True,
    )
    images = [
        {name: value for name, value in zip(("url", "width", "height"), image, strict=True) if value} for image in sizes
    ]
    return (
        _with_sources(known)
        | ({"variants": sorted(variants)} if variants else {})
        | ({"images": images} if images else {})
    )


def _edge_of_neo4j(row: Row) -> tuple[str, str, str, Row]:
    return row["_start"], row["_end"], row["_type"].lower(), _with_sources(without(row, "_start", "_end", "_type"))


def _with_sources(row: Row) -> Row:
    files = row.pop("sources", None)
    pointers = row.pop("source_pointers", None) or ["#"] * len(files or ())
    if files is None:
        return row
    return row | {"sources": [(name, pointer.removeprefix("#")) for name, pointer in zip(files, pointers, strict=True)]}


# --- in a page


@pytest.mark.tools
@pytest.mark.parametrize("which", ["coverage", "hostile"])
def test_cytoscape_js_reads_all_of_the_graph(which: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    graph: Graph[str] = request.getfixturevalue(which)
    read = json.loads(node("graphs.mjs", "cytoscape", file_of(graph, "cytoscape", tmp_path)))
    assert all_of(from_cytoscape(read)) == all_of(graph)


@pytest.mark.tools
@pytest.mark.parametrize("which", ["coverage", "hostile"])
def test_d3_places_all_of_the_graph(which: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    graph: Graph[str] = request.getfixturevalue(which)
    read = json.loads(node("graphs.mjs", "d3", file_of(graph, "d3", tmp_path)))
    assert read["placed"]
    assert all_of(from_d3({**read, "graph": graph.graph})) == all_of(graph)


# --- tables


@pytest.mark.parametrize("which", ["coverage", "hostile"])
def test_duckdb_and_polars_read_the_same_rows(which: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    graph: Graph[str] = request.getfixturevalue(which)
    nodes, edges = write_formats(graph, tmp_path, ["parquet"]).files
    with duckdb.connect() as database:
        for path, number in ((nodes, len(graph)), (edges, graph.number_of_edges())):
            database.execute("SET TimeZone = 'UTC'")
            relation = database.execute("SELECT * FROM read_parquet(?)", [str(path)])
            names = [column[0] for column in relation.description]
            rows = [dict(zip(names, row, strict=True)) for row in relation.fetchall()]
            assert len(rows) == number
            assert [_in_utc(row) for row in rows] == [_in_utc(row) for row in pl.read_parquet(path).to_dicts()]
            for row in rows:
                data = graph.nodes[row["id"]] if "id" in row else graph.edges[row["src"], row["dst"], row["kind"]]
                told = {name: value for name, value in _in_utc(row).items() if value not in (None, [])}
                for name in ("title", "excerpt", "published_at", "quality", "heat", "name", "label", "rank"):
                    assert told.get(name) == data.get(name)
                for name in ("titles", "categories", "names", "keywords"):
                    assert tuple(told.get(name, ())) == data.get(name, ())
        rank = database.execute(
            "SELECT dst, count(*) FROM read_parquet(?) WHERE kind = 'about' GROUP BY dst ORDER BY ALL", [str(edges)]
        ).fetchall()
        assert dict(rank) == {
            topic: sum(kind == "about" for *_, kind in graph.in_edges(topic, keys=True)) for topic, _ in rank
        }


def test_the_query_in_the_documents_finds_the_top_topics(
    coverage: Graph[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_formats(coverage, tmp_path, ["parquet"])
    text = (ROOT / "docs" / "export-formats.md").read_text("utf-8")
    (query,) = re.findall(r"^```sql\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    monkeypatch.chdir(tmp_path)
    top = [(row["name"], row["articles"]) for row in statistics(coverage, top=3)["topics"]]
    with duckdb.connect() as database:
        assert database.execute(query).fetchall() == top


def _in_utc(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value.astimezone(UTC) if isinstance(value, datetime) else value for name, value in row.items()}
