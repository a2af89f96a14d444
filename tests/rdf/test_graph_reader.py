"""The graph back from an export."""

from __future__ import annotations

import gzip
import tempfile
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from hypothesis import given
from paths import ROOT
from samples.examples import examples
from samples.generated_records import CORPORA, Raw, corpus_of

import graphkit
from graphkit.graph.construction import to_graph
from graphkit.graph.statistics import statistics
from graphkit.merge.articles import merge
from graphkit.rdf import vocabulary
from graphkit.rdf.graph_reader import find_export, read_graph
from graphkit.rdf.serialization import rdf_bytes, write_rdf
from graphkit.rdf.syntaxes import EXPORT_SYNTAXES

Graph = nx.MultiDiGraph


def as_told(graph: Graph[str], base: str = vocabulary.DEFAULT_BASE) -> tuple[Any, ...]:
    """Return all of a graph that its triples tell: no ranks, no places in files, an image's largest size."""
    sizes: dict[str, tuple[int, int]] = {}
    for _, data in graph.nodes(data=True):
        for image in data.get("images", ()):
            size = (image.get("width", 0), image.get("height", 0))
            sizes[image["url"]] = max(size, sizes.get(image["url"], size))
    nodes = []
    for node, attributes in graph.nodes(data=True):
        data = dict(attributes)
        if "sources" in data:
            data["sources"] = tuple((name, "") for name in sorted({name for name, _ in data["sources"]}))
        images = []
        for url in (image["url"] for image in data.pop("images", ())):
            if not url.startswith(base):
                named = {"url": url, "width": sizes[url][0], "height": sizes[url][1]}
                images.append({name: value for name, value in named.items() if value})
        nodes.append((node, data, images))
    edges = []
    for start, target, kind, data in graph.edges(keys=True, data=True):
        label = data.get("label") or graph.nodes[target].get("name")
        edges.append((start, target, kind, label if kind == "publisher" else None))
    return dict(graph.graph), nodes, sorted(edges, key=lambda edge: edge[:3])


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("syntax", EXPORT_SYNTAXES)
def test_the_seeds_come_back(syntax: str, packed: bool, tmp_path: Path) -> None:
    graph = graphkit.build(ROOT / "seeds").graph
    path = tmp_path / (f"a.{syntax}" + (".gz" if packed else ""))
    write_rdf(graph, path)
    again = graphkit.read_graph(path)
    assert as_told(again) == as_told(graph)
    assert list(again.nodes) == list(graph.nodes)
    assert rdf_bytes(again) == rdf_bytes(graph)
    assert statistics(again) == statistics(graph)


@examples(60)
@given(CORPORA)
def test_any_graph_comes_back_from_every_format(records: list[Raw]) -> None:
    graph = to_graph(merge(corpus_of(records)))
    turtle = rdf_bytes(graph)
    with tempfile.TemporaryDirectory() as folder:
        for syntax in EXPORT_SYNTAXES:
            path = Path(folder) / f"a.{syntax}"
            write_rdf(graph, path)
            again = read_graph(path)
            assert as_told(again) == as_told(graph)
            assert rdf_bytes(again) == turtle


def test_a_graph_comes_back_from_another_base(tmp_path: Path) -> None:
    graph = graphkit.build(ROOT / "seeds").graph
    write_rdf(graph, tmp_path / "a.ttl", base="urn:x:")
    assert as_told(graphkit.read_graph(str(tmp_path / "a.ttl"))) == as_told(graph)


def test_the_export_that_is_fastest_to_read_is_found_first(tmp_path: Path) -> None:
    assert find_export(tmp_path) is None
    for ending in ("jsonld", "rdf", "trig", "nq", "ttl", "nt"):
        (tmp_path / f"coverage.{ending}.gz").touch()
        assert find_export(tmp_path) == tmp_path / f"coverage.{ending}.gz"
        (tmp_path / f"coverage.{ending}").touch()
        assert find_export(tmp_path) == tmp_path / f"coverage.{ending}"
    (tmp_path / "coverage.nt").unlink()
    (tmp_path / "coverage.nt").mkdir()
    assert find_export(tmp_path) == tmp_path / "coverage.nt.gz"


DATASET = f"""<urn:x:dataset> <{vocabulary.URI_SPACE}> "urn:x:" ; <{vocabulary.POLICY}> "1" .\n"""
ARTICLE = f"<urn:x:article/a> a <{vocabulary.NEWS_ARTICLE}>"
PROVIDER = f"<urn:x:provider/a> a <{vocabulary.ORGANIZATION}>"


def test_statements_of_others_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "a.ttl"
    path.write_text(f'{DATASET}{ARTICLE} ; <urn:p> "x" .\n<urn:other> a <urn:Thing> .\n', "utf-8")
    graph = read_graph(path)
    assert list(graph.nodes.items()) == [("article/a", {"kind": "article", "media": "article"})]
    assert graph.graph == {"policy": "1"}


def test_quads_tell_which_files_list_a_relation_and_those_of_others_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "a.trig"
    related = f"<{vocabulary.RELATED}> <urn:x:article/b>"
    path.write_text(
        f"{DATASET}{ARTICLE} .\n<urn:x:article/b> a <{vocabulary.VIDEO_OBJECT}> .\n<urn:other> a <urn:Thing> .\n"
        f"<urn:x:source/b%20c.md> {{ <urn:x:article/a> {related} . <urn:other> {related} }}\n"
        f"<urn:x:source/a.md> {{ <urn:x:article/a> {related} }}\n",
        "utf-8",
    )
    edges = list(read_graph(path).edges(keys=True, data=True))
    assert edges == [("article/a", "article/b", "related", {"sources": (("a.md", ""), ("b c.md", ""))})]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<urn:a> <urn:b> <urn:c> .",
        "this is no Turtle",
        f'<urn:x:dataset> <{vocabulary.URI_SPACE}> "urn:x:" .',
        DATASET + f'{ARTICLE} ; <{vocabulary.QUALITY}> "high" .',
        DATASET + f'{ARTICLE} ; <{vocabulary.DATE_PUBLISHED}> "yesterday" .',
        DATASET + f"{ARTICLE} ; <{vocabulary.STATUS}> <urn:other> .",
        DATASET + f"{ARTICLE} ; <{vocabulary.RELATED}> <urn:x:article/unknown> .",
        DATASET + f"{ARTICLE} ; <{vocabulary.PUBLISHER}> <urn:x:provider/unknown> .",
        DATASET + f"{PROVIDER} .",
        DATASET + f"{ARTICLE} ; <urn:p> <<( <urn:a> <urn:b> <urn:c> )>> .",
    ],
)
def test_what_is_no_export_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "a.ttl"
    path.write_text(text, "utf-8")
    with pytest.raises(graphkit.UsageError, match=r"a\.ttl: expected RDF that graphkit made, got"):
        read_graph(path)


@pytest.mark.parametrize(
    "name,data",
    [
        ("a.ttl.gz", b"not packed"),
        ("a.ttl.gz", gzip.compress(DATASET.encode() * 99, mtime=0)[:-20]),
        ("a.ttl.gz", gzip.compress(b"", mtime=0)[:10] + b"\xff" * 20),
        ("a.ttl", b"\xff\xfe"),
        ("a.jsonld", b"{"),
        ("a.rdf", b"<rdf"),
    ],
)
def test_a_damaged_file_is_refused(name: str, data: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(graphkit.UsageError, match="expected RDF that graphkit made, got"):
        read_graph(tmp_path / name)


def test_a_file_that_is_not_there_or_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(graphkit.UsageError, match="expected RDF that graphkit made"):
        read_graph(tmp_path / "none.ttl")
    with pytest.raises(graphkit.UsageError, match="expected a file that ends with one of ttl"):
        read_graph(tmp_path / "a.csv")
