"""Exports in the forms of other tools, on the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import corpora
import networkx as nx
import pytest
from paths import SEEDS
from processes.command import graphkit

from graphkit import build, read_graph
from graphkit.exporters.registry import FILE_NAMES, FORMATS, OF_ANY_GRAPH
from graphkit.formats.recognition import format_of
from graphkit.rdf.serialization import rdf_bytes
from graphkit.sources.finding import NO_RECORDS


@pytest.fixture(scope="module")
def quads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of Turtle and quads. It is only read."""
    folder = tmp_path_factory.mktemp("quads")
    run = graphkit("build", SEEDS, "--out", folder, "--provenance", "--no-page", "--no-cache", "-q")
    assert (run.returncode, run.stderr) == (0, "")
    return folder


@pytest.mark.engine
def test_all_forms_are_written_beside_the_export_or_elsewhere(exported: Path, tmp_path: Path) -> None:
    run = graphkit("export", exported, "--format", "all", "--out", tmp_path)
    assert (run.returncode, run.stdout) == (0, "")
    names = [name for form in OF_ANY_GRAPH for name in FORMATS[form].files]
    assert run.stderr.splitlines() == [
        f"reading   {exported / 'coverage.ttl'}",
        *(f"wrote     {tmp_path / name}" for name in names),
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "coverage.ttl").write_bytes((exported / "coverage.ttl").read_bytes())
    run = graphkit("export", tmp_path / "here", "-f", "d3,csv,d3", "-q")
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")
    found = {path.name for path in (tmp_path / "here").iterdir()}
    assert found == {"coverage.ttl", "coverage.d3.json", "coverage.nodes.csv", "coverage.edges.csv"}
    for name in found - {"coverage.ttl"}:
        assert (tmp_path / "here" / name).read_bytes() == (tmp_path / name).read_bytes()


@pytest.mark.engine
def test_without_pyarrow_all_is_all_others_and_says_so(exported: Path, tmp_path: Path) -> None:
    def run(*options: str) -> subprocess.CompletedProcess[str]:
        code = "import sys; sys.modules['pyarrow'] = None; from graphkit.cli import main; main()"
        command = [sys.executable, "-c", code, "export", str(exported), "--out", str(tmp_path), *options]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    left_out = "left out  parquet: Parquet needs the package pyarrow: pip install pyarrow"
    done = run("--format", "all")
    assert (done.returncode, done.stderr.splitlines()[-1]) == (0, left_out)
    names = {name for form in OF_ANY_GRAPH for name in FORMATS[form].files if form != "parquet"}
    assert {path.name for path in tmp_path.iterdir()} == names
    quiet = run("--format", "all", "--quiet")
    assert (quiet.returncode, quiet.stderr.splitlines()) == (0, [left_out])
    for named in ("parquet", "all,parquet"):
        refused = run("--format", named)
        assert refused.returncode == 2
        assert refused.stderr.splitlines()[-1] == f"graphkit: {left_out.partition(': ')[2]}"


@pytest.mark.engine
def test_a_file_of_an_export_will_do(exported: Path, tmp_path: Path) -> None:
    assert graphkit("export", exported / "coverage.ttl", "-f", "graphml", "-o", tmp_path, "-q").returncode == 0
    graph = nx.read_graphml(tmp_path / "coverage.graphml", force_multigraph=True)
    assert set(graph) == set(read_graph(exported / "coverage.ttl"))


@pytest.mark.engine
def test_the_base_of_the_export_is_that_of_json_ld(tmp_path: Path) -> None:
    assert graphkit("build", SEEDS, "-o", tmp_path, "--base", "urn:x:", "--no-page", "-q").returncode == 0
    assert graphkit("export", tmp_path, "-f", "jsonld", "-q").returncode == 0
    document = json.loads((tmp_path / "coverage.schema.jsonld").read_bytes())
    assert document["@graph"][0]["@id"].startswith("urn:x:article/")


@pytest.mark.engine
def test_build_and_export_write_the_same_provenance(quads: Path, tmp_path: Path) -> None:
    assert sorted(path.name for path in quads.iterdir()) == [
        "coverage.nq",
        "coverage.trig",
        "coverage.ttl",
        "report.json",
    ]
    run = graphkit("export", quads, "--provenance", "--out", tmp_path)
    assert run.returncode == 0
    for name in ("coverage.trig", "coverage.nq"):
        assert (tmp_path / name).read_bytes() == (quads / name).read_bytes()
    (tmp_path / "coverage.nq").unlink()
    assert graphkit("export", tmp_path, "--provenance").returncode == 0  # from TriG alone
    assert (tmp_path / "coverage.nq").read_bytes() == (quads / "coverage.nq").read_bytes()


def test_quads_tell_which_files_list_a_relation(quads: Path) -> None:
    meant, read = build(SEEDS).graph, read_graph(quads / "coverage.nq")
    relations = [edge for edge in meant.edges(keys=True) if edge[2] == "related"]
    assert len(relations) > 200
    for edge in relations:
        assert read.edges[edge]["sources"] == tuple(
            (name, "") for name in sorted({name for name, _ in meant.edges[edge]["sources"]})
        )


def test_turtle_alone_does_not_tell_which_file_lists_a_relation(exported: Path, tmp_path: Path) -> None:
    run = graphkit("export", exported, "--provenance", "--out", tmp_path)
    assert run.returncode == 2
    assert "268 of 268 that do not; graphkit build --provenance writes both files" in run.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.engine
def test_quads_give_the_forms_the_sources_of_relations(quads: Path, exported: Path, tmp_path: Path) -> None:
    for folder, told in ((quads, True), (exported, False)):
        assert graphkit("export", folder, "-f", "node-link", "-o", tmp_path, "-q").returncode == 0
        edges = json.loads((tmp_path / "coverage.node-link.json").read_bytes())["edges"]
        assert {("sources" in edge) for edge in edges if edge["key"] == "related"} == {told}


@pytest.mark.engine
def test_a_new_build_leaves_what_export_wrote(tmp_path: Path) -> None:
    assert graphkit("build", SEEDS, "-o", tmp_path, "--no-page", "-q").returncode == 0
    assert graphkit("export", tmp_path, "-f", "all", "-q").returncode == 0
    assert {path.name for path in tmp_path.iterdir()} > FILE_NAMES - set(FORMATS["provenance"].files)
    assert graphkit("build", SEEDS, "-o", tmp_path, "--no-page", "-q").returncode == 0
    assert {path.name for path in tmp_path.iterdir()} > FILE_NAMES - set(FORMATS["provenance"].files)


@pytest.mark.engine
def test_no_form_is_read_as_records(exported: Path, tmp_path: Path) -> None:
    folder = tmp_path / "news"
    folder.mkdir()
    (folder / "a.md").write_text("---\ntitle: A\nwebUrl: https://news.example/a\n---\n")
    assert graphkit("export", exported, "-f", "all", "-o", folder / "out", "-q").returncode == 0
    built = build(folder)
    assert built.report["files"]["found"] == 1
    assert NO_RECORDS - {"report.json"} == {name for name in FILE_NAMES if format_of(name)}


@pytest.mark.untraced
@pytest.mark.engine
def test_an_export_that_is_killed_leaves_whole_files(tmp_path: Path) -> None:
    corpora.write_corpus(tmp_path / "records", 400)
    out = tmp_path / "out"
    assert graphkit("build", tmp_path / "records", "-o", out, "--no-page", "--no-cache", "-q").returncode == 0
    assert graphkit("export", out, "-f", "all", "-q").returncode == 0
    names = [name for form in OF_ANY_GRAPH for name in FORMATS[form].files]
    meant = {name: (out / name).read_bytes() for name in names}
    for number in (1, 4, 8, len(names)):  # files that are begun when it is killed
        for name in names:
            (out / name).write_bytes(b"old")
        command = [sys.executable, "-m", "graphkit", "export", str(out), "-f", "all", "-q", "--force"]
        with subprocess.Popen(command) as process:
            while len(list(out.glob(".graphkit-*.tmp"))) < number and process.poll() is None:
                pass
            process.kill()
        for name in names:
            assert (out / name).read_bytes() in (b"old", meant[name])
    assert graphkit("export", out, "-f", "all", "-q", "--force").returncode == 0
    assert {name: (out / name).read_bytes() for name in names} == meant
    assert list(out.glob(".graphkit-*.tmp")) == []


@pytest.mark.parametrize(
    "arguments,words",
    [
        ((), "format: expected all, --provenance, or some of graphml, gexf"),
        (("-f", "dot"), "format: expected one of graphml, gexf"),
        (("-f", "all", "-o", __file__), "expected a folder to write to, got a file"),
    ],
)
def test_what_cannot_be_served_is_one_sentence(arguments: tuple[str, ...], words: str, exported: Path) -> None:
    run = graphkit("export", exported, *arguments)
    assert run.returncode == 2
    assert words in run.stderr
    assert len(run.stderr.splitlines()) == 1


@pytest.mark.engine
def test_a_folder_without_an_export_is_one_sentence(tmp_path: Path) -> None:
    run = graphkit("export", tmp_path, "-f", "all")
    assert run.returncode == 2
    assert (
        run.stderr
        == f"graphkit: {tmp_path}: expected a folder with coverage.ttl or another RDF file, as graphkit build makes\n"
    )
    run = graphkit("export", tmp_path / "none", "-f", "all")
    assert run.returncode == 2
    assert "expected" in run.stderr


def test_a_text_that_xml_forbids_is_told(quads: Path, tmp_path: Path) -> None:
    turtle = (quads / "coverage.ttl").read_text("utf-8").replace('headline "', r'headline "\u0007\u001B[31m', 1)
    (tmp_path / "coverage.ttl").write_text(turtle, "utf-8")
    run = graphkit("export", tmp_path, "-f", "graphml")
    assert run.returncode == 0
    note = "2 texts hold characters that XML does not keep; NAME.json has the exact text, as JSON"
    assert run.stderr.splitlines()[2:] == [f"note      {tmp_path / 'coverage.graphml'}: {note}"]


def test_the_turtle_comes_back_from_quads_without_a_change(quads: Path) -> None:
    assert rdf_bytes(read_graph(quads / "coverage.nq")) == (quads / "coverage.ttl").read_bytes()
