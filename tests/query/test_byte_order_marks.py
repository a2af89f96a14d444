"""A byte order mark at the beginning of a file is not text, wherever RDF is read."""

import gzip
from pathlib import Path

import pyoxigraph as ox
import pytest

from graphkit.query.opening import open_data
from graphkit.query.rdf_loading import load, quads_of
from graphkit.rdf.difference import difference
from graphkit.rdf.graph_reader import read_export
from graphkit.rdf.serialization import description
from graphkit.rdf.syntaxes import ENDINGS
from graphkit.upload.parts import find_source
from graphkit.upload.source_profile import profile_of
from graphkit.validation.rdf_lines import _lines

MARK = b"\xef\xbb\xbf"
TRIPLE = ox.Quad(ox.NamedNode("http://a.example/s"), ox.NamedNode("http://a.example/p"), ox.Literal("x"))


def written(folder: Path, ending: str) -> Path:
    """Write one triple after a mark in the syntax of an ending."""
    path = folder / f"data.{ending}"
    data = MARK + (ox.serialize([TRIPLE], format=ENDINGS[ending.removesuffix(".gz")]) or b"")
    path.write_bytes(gzip.compress(data) if ending.endswith(".gz") else data)
    return path


@pytest.mark.parametrize("ending", [*ENDINGS, "ttl.gz", "nq.gz"])
def test_rdf_of_any_syntax_is_read_after_a_mark(ending: str, tmp_path: Path) -> None:
    path = written(tmp_path, ending)
    assert list(quads_of(path)) == [TRIPLE]
    store = ox.Store()
    load(store, path)
    assert list(store) == [TRIPLE]
    store = ox.Store()
    load(store, path, path.read_bytes())
    assert list(store) == [TRIPLE]
    with_data = open_data(path, keep=False)
    assert with_data.query("ASK { ?s ?p 'x' }")


@pytest.mark.parametrize("ending", ["ttl", "nt", "rdf", "jsonld", "nt.gz"])
def test_a_file_is_uploaded_without_its_mark(ending: str, tmp_path: Path) -> None:
    profile = profile_of(find_source(written(tmp_path, ending)), 1 << 20)
    assert profile.triples == 1
    assert profile.as_is == (ending.removesuffix(".gz") in ("ttl", "nt"))


def test_an_export_is_read_after_a_mark(exported: Path, tmp_path: Path) -> None:
    marked = tmp_path / "coverage.ttl"
    exported /= "coverage.ttl"
    marked.write_bytes(MARK + exported.read_bytes())
    assert read_export(marked)[0].number_of_nodes() == read_export(exported)[0].number_of_nodes() > 0
    assert list(difference(exported, marked)) == []
    assert description(marked, "https://example.org/") == description(exported, "https://example.org/")
    assert [line.subject for line in _lines(marked)] == [line.subject for line in _lines(exported)]
