"""The plain program that the benchmark compares with says what graphkit says: two ways to one graph."""

import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import networkx as nx
import pyoxigraph as ox
import pytest
from paths import ROOT
from processes.waiting import WHOLE_RUN

import graphkit
from graphkit.rdf.serialization import triples

PROGRAM = ROOT / "benchmarks" / "plain_rdflib.py"


@pytest.fixture(scope="module")
def program() -> ModuleType:
    """Load the program from its file: benchmarks are no package."""
    spec = spec_from_file_location(PROGRAM.stem, PROGRAM)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def plain(program: ModuleType, any_corpus: Path) -> "tuple[nx.MultiDiGraph[str], bytes]":
    """Return the plain program's graph and Turtle."""
    graph, data = program.build(any_corpus)
    return graph, data


@pytest.fixture(scope="module")
def ours(any_corpus: Path) -> "nx.MultiDiGraph[str]":
    """Return graphkit's graph."""
    return graphkit.build(any_corpus).graph


@pytest.mark.engine
def test_the_nodes_are_the_same(plain: "tuple[nx.MultiDiGraph[str], bytes]", ours: "nx.MultiDiGraph[str]") -> None:
    assert dict(plain[0].nodes.items()) == dict(ours.nodes.items())
    assert plain[0].graph == ours.graph


def test_the_edges_are_the_same(plain: "tuple[nx.MultiDiGraph[str], bytes]", ours: "nx.MultiDiGraph[str]") -> None:
    assert _edges(plain[0]) == _edges(ours)


def test_the_triples_are_the_same(plain: "tuple[nx.MultiDiGraph[str], bytes]", ours: "nx.MultiDiGraph[str]") -> None:
    assert _triples(plain[1]) == set(triples(ours))


@pytest.mark.engine
def test_the_command_writes_what_build_gives(
    plain: "tuple[nx.MultiDiGraph[str], bytes]", any_corpus: Path, tmp_path: Path
) -> None:
    out = tmp_path / "plain.ttl"
    subprocess.run([sys.executable, PROGRAM, any_corpus, out], check=True, timeout=WHOLE_RUN)
    assert _triples(out.read_bytes()) == _triples(plain[1])


def _edges(graph: "nx.MultiDiGraph[str]") -> dict[tuple[str, str, str], dict[str, Any]]:
    return {(start, target, kind): data for start, target, kind, data in graph.edges(keys=True, data=True)}


def _triples(turtle: bytes) -> set[ox.Triple]:
    # pyoxigraph keeps literals as they are written.
    return {quad.triple for quad in ox.parse(turtle, ox.RdfFormat.TURTLE)}
