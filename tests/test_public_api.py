"""What ``import graphkit`` offers."""

from __future__ import annotations

from pathlib import Path

import networkx as nx
import pytest
from paths import ROOT

import graphkit


def test_the_public_names_are_these() -> None:
    assert graphkit.__all__ == [
        "Build",
        "Diagnostic",
        "GraphkitError",
        "MissingExtra",
        "NothingReadable",
        "OutputError",
        "UsageError",
        "build",
        "canonical",
        "draw",
        "explore",
        "export",
        "open_data",
        "publish",
        "read_graph",
        "to_rdflib",
        "validate",
        "write_rdf",
    ]
    assert graphkit.__all__ == sorted(graphkit.__all__)
    assert all(hasattr(graphkit, name) for name in graphkit.__all__)
    assert set(graphkit.__all__) <= set(dir(graphkit))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        graphkit.nonsense  # noqa: B018


def test_build_gives_graph_report_and_diagnostics() -> None:
    built = graphkit.build(ROOT / "seeds")
    assert type(built.graph) is nx.MultiDiGraph
    assert built.report["graph"]["articles"] == sum(
        data["kind"] == "article" for _, data in built.graph.nodes(data=True)
    )
    assert built.diagnostics == ()


def test_build_takes_one_source_or_many() -> None:
    news, video = ROOT / "seeds" / "news", str(ROOT / "seeds" / "video")
    assert graphkit.build([news, video]).report["files"]["found"] == (
        graphkit.build(news).report["files"]["found"] + graphkit.build(video).report["files"]["found"]
    )


def test_errors_are_one_family(tmp_path: Path) -> None:
    with pytest.raises(graphkit.NothingReadable, match="got none in 0 files"):
        graphkit.build(tmp_path)
    with pytest.raises(graphkit.UsageError, match="expected one of"):
        graphkit.write_rdf(nx.MultiDiGraph(), tmp_path / "a.docx")
    for name in ("MissingExtra", "NothingReadable", "OutputError", "UsageError"):
        assert issubclass(getattr(graphkit, name), graphkit.GraphkitError)


def test_progress_is_told_of_every_file() -> None:
    calls: list[tuple[int, int]] = []
    from graphkit.pipeline import api

    api.build(ROOT / "seeds" / "video", progress=lambda done, total: calls.append((done, total)))
    assert calls == [(number, len(calls)) for number in range(1, len(calls) + 1)]
    assert len(calls) == 5
