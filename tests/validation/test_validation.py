"""Validation: what is told of a finding, where it came from, and in which form."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pyshacl
import pytest
import rdflib
import rdflib.compare
from hypothesis import given
from hypothesis import strategies as st
from paths import ROOT
from rdflib.namespace import RDF, SH
from samples.broken_exports import MUTATIONS, PREFIXES, SAMPLE
from sarif_pydantic import Sarif

import graphkit
from graphkit.rdf import vocabulary
from graphkit.rdf.ontology import shapes
from graphkit.validation import Finding, Place, validate
from graphkit.validation.reports import github, sarif, sentence, turtle
from graphkit.validation.shapes import bundled

BASE = vocabulary.DEFAULT_BASE


def check_sarif(log: dict[str, Any]) -> None:
    """Hold a log against models of SARIF 2.1.0: they take it, and nothing is in it that they do not know."""
    known = Sarif.model_validate(log).model_dump(mode="json", by_alias=True, exclude_unset=True)
    assert known == log


RECORD = """---
category: news
title: "Cameras on Mill Lane"
publishedDateTime: 2021-08-23T17:08:00Z
webUrl: "https://gazette.example/mill-lane"
type: article
quality: 40
provider:
  name: Harbour Gazette
  domain: gazette.example
topics:
  - Privacy
related:
  - title: "What the vendors say"
    webUrl: "https://wire.example/vendors"
    provider:
      name: Wire
      domain: wire.example
---
"""
OTHER = """---
title: "What the vendors say, in full"
webUrl: "https://wire.example/vendors"
heat: 7
images:
  - url: "https://wire.example/a.jpg"
    width: 5
provider:
  name: Wire
  domain: wire.example
---
"""


@pytest.fixture
def records(tmp_path: Path) -> Path:
    folder = tmp_path / "records"
    (folder / "2021").mkdir(parents=True)
    (folder / "2021" / "mill-lane.md").write_text(RECORD)
    (folder / "wire.yaml").write_text(OTHER.replace("---\n", ""))
    return folder


def broken(records: Path, update: str, *, format: str = "ttl") -> Path:
    """Build the records, change what the export says, and return the folder."""
    out = records.parent / "out"
    graphkit.write_rdf(graphkit.build(records).graph, out / "built.nt")
    store = ox.Store()
    store.load(path=str(out / "built.nt"))
    (out / "built.nt").unlink()
    store.update(PREFIXES + update)
    syntax = {"ttl": ox.RdfFormat.TURTLE, "nt": ox.RdfFormat.N_TRIPLES}[format]
    store.dump(
        str(out / f"coverage.{format}"), syntax, from_graph=ox.DefaultGraph(), prefixes=dict(vocabulary.PREFIXES)
    )
    return out


def only(findings: tuple[Finding, ...]) -> Finding:
    (finding,) = findings
    return finding


# Where it came from


@pytest.mark.parametrize(
    "update, file, start",
    [
        ("INSERT { ?a gk:quality 41 } WHERE { ?a gk:quality 40 }", "2021/mill-lane.md", "quality: 40"),
        ("INSERT { ?a gk:heat 'x' } WHERE { ?a gk:heat 7 }", "wire.yaml", "heat: 7"),
        (
            "INSERT { ?a schema:alternativeHeadline ?t } WHERE { ?a schema:headline ?t . FILTER CONTAINS(?t, 'Mill') }",
            "2021/mill-lane.md",
            'title: "Cameras',
        ),
        # A record of its own comes before one that lists it.
        (
            "INSERT { ?a schema:headline 'Another' } WHERE { ?a gk:heat 7 }",
            "wire.yaml",
            'title: "What the vendors say, in full"',
        ),
        (
            "INSERT { ?o schema:name 'Other' } WHERE { ?o schema:name 'Harbour Gazette' }",
            "2021/mill-lane.md",
            "  name:",
        ),
        ("INSERT { ?c skos:prefLabel 'Other' } WHERE { ?c skos:prefLabel 'Privacy' }", "2021/mill-lane.md", "  - Priv"),
        ("INSERT { ?i schema:width -1 } WHERE { ?i schema:width 5 }", "wire.yaml", "  - url:"),
    ],
)
def test_a_finding_names_the_line_of_the_record_that_it_came_from(
    update: str, file: str, start: str, records: Path
) -> None:
    found = validate(broken(records, update), records=records)
    finding = found.findings[0]
    first = finding.sources[0]
    path = records / file
    assert first.file == str(path)
    assert path.read_text().splitlines()[first.line - 1].startswith(start)


def test_the_record_that_says_the_value_comes_first(records: Path) -> None:
    update = (
        "INSERT { ?a schema:alternativeHeadline ?t } WHERE { ?a schema:headline ?t . FILTER CONTAINS(?t, 'in full') } ;"
        "DELETE { ?a schema:headline ?t } INSERT { ?a schema:headline 'What the vendors say' }"
        " WHERE { ?a gk:heat 7 ; schema:headline ?t }"
    )
    finding = only(validate(broken(records, update), records=records).findings)
    assert finding.value == '"What the vendors say"'
    line = (records / "2021" / "mill-lane.md").read_text().splitlines().index('  - title: "What the vendors say"') + 1
    assert [Path(place.file).name for place in finding.sources] == ["mill-lane.md", "wire.yaml"]
    assert finding.sources[0].line == line


def test_without_the_records_a_finding_names_their_files(records: Path) -> None:
    out = broken(records, "INSERT { ?a gk:heat 8 } WHERE { ?a gk:heat 7 }")
    assert only(validate(out).findings).sources == (Place("2021/mill-lane.md"), Place("wire.yaml"))


def test_a_record_that_is_gone_is_named_without_a_line(records: Path) -> None:
    out = broken(records, "INSERT { ?a gk:heat 8 } WHERE { ?a gk:heat 7 }")
    (records / "2021" / "mill-lane.md").unlink()
    (records / "wire.yaml").write_text("title: Another\nwebUrl: https://wire.example/other\n")
    found = only(validate(out, records=records).findings)
    assert set(found.sources) == {Place("2021/mill-lane.md"), Place(str(records / "wire.yaml"))}


def test_an_article_without_address_is_found_by_its_title(tmp_path: Path) -> None:
    records = tmp_path / "records"
    records.mkdir()
    (records / "a.jsonl").write_text(
        '\n{"title": "Walk", "provider": {"name": "X", "domain": "x.example"}, "heat": 3}\n'
    )
    out = broken(records, "INSERT { ?a gk:heat -3 } WHERE { ?a gk:heat 3 }")
    line = (records / "a.jsonl").read_text().splitlines()[1]
    place = Place(str(records / "a.jsonl"), 2, line.index("3}") + 1)
    assert [finding.sources for finding in validate(out, records=records).findings] == [(place,), (place,)]


def test_what_nobody_lists_has_no_source(records: Path) -> None:
    out = broken(records, "INSERT DATA { :dataset dcterms:title 'x' . <urn:x:lonely> a schema:Organization }")
    assert {finding.sources for finding in validate(out, records=records).findings} == {()}


@pytest.mark.engine
def test_every_finding_of_an_article_of_the_seeds_has_a_line(exported: Path, tmp_path: Path, seeds: Path) -> None:
    text = (exported / "coverage.ttl").read_text("utf-8")
    changed = re.sub(r"\tschema:headline (\".*?\") ;\n", r'\tschema:headline \1 , "x" ;\n', text)
    (tmp_path / "coverage.ttl").write_text(changed, "utf-8")
    findings = validate(tmp_path, records=seeds).findings
    assert len(findings) == text.count('schema:headline "')
    for finding in findings:
        place = finding.sources[0]
        assert place.line
        assert "itle" in Path(place.file).read_text("utf-8").splitlines()[place.line - 1]


@pytest.mark.parametrize("ending", ["ttl", "nt", "nq", "trig", "rdf", "jsonld"])
@pytest.mark.parametrize("packed", [False, True])
def test_a_finding_names_the_line_of_the_rdf(ending: str, packed: bool, records: Path) -> None:
    graph = graphkit.build(records).graph
    node = next(node for node, data in graph.nodes(data=True) if data.get("heat") == 7)
    graph.nodes[node]["heat"] = -7654
    path = records.parent / f"coverage.{ending}{'.gz' * packed}"
    graphkit.write_rdf(graph, path)
    finding = next(one for one in validate(path).findings if one.constraint == "MinInclusive")
    text = gzip.decompress(path.read_bytes()).decode() if packed else path.read_text()
    assert finding.at.file == str(path)
    line = text.splitlines()[finding.at.line - 1]
    assert ("-7654" if ending not in ("rdf", "jsonld") else node) in line[finding.at.column - 1 :]


TURTLES = {
    "usual": '@prefix s: <https://schema.org/> .\n<urn:a> a s:Organization ;\n  s:name "x" ;\n  s:url "no" .\n',
    "on one line each": (
        "PREFIX s: <https://schema.org/>\n\n<urn:b> a s:Organization .\n"
        '<urn:a> s:name "x" .\n<urn:a> a s:Organization .\n<urn:a> s:url "no" .\n'
    ),
    "with a long text that looks like Turtle": (
        '@prefix s: <https://schema.org/> .\n<urn:x> s:text """\n<urn:a> a s:Organization ;\n  s:url \'no\' .\n""" .\n'
        '<urn:a> a s:Organization ;  # a comment ;\n  s:name "x;" ;\n\n  # one more .\n  s:url "no" .\n'
    ),
    "with an escaped name": (
        "@prefix s: <https://schema.org/> .\n@prefix x: <urn:> .\nx:\\a a s:Organization ; s:url 'no' .\n".replace(
            "\\a", "a"
        )
    ),
}


@pytest.mark.parametrize("text", TURTLES.values(), ids=TURTLES)
def test_the_line_is_found_in_turtle_of_any_layout(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text(text)
    finding = next(one for one in validate(tmp_path / "a.ttl").findings if one.value == '"no"')
    line = text.splitlines()[finding.at.line - 1]
    assert "'no'" in line or '"no"' in line


# In which form


@pytest.fixture
def several(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Finding, ...]:
    """Return the findings of an export with ten faults, seen from its folder."""
    store = ox.Store()
    store.load(SAMPLE, ox.RdfFormat.TURTLE)
    for update, _ in list(MUTATIONS.values())[::7]:
        store.update(PREFIXES + update)
    store.dump(str(tmp_path / "coverage.ttl"), ox.RdfFormat.TURTLE, from_graph=ox.DefaultGraph())
    monkeypatch.chdir(tmp_path)
    found = validate("coverage.ttl").findings
    assert len(found) >= 10
    return found


def test_the_turtle_is_the_report_of_pyshacl(several: tuple[Finding, ...]) -> None:
    ours = rdflib.Graph().parse(data=turtle(several), format="turtle")
    assert {str(value) for value in ours.objects(predicate=rdflib.DC.source)} >= {"2021/a.md"}
    ours.remove((None, rdflib.DC.source, None))
    data = rdflib.Graph().parse("coverage.ttl")
    shapes_graph = rdflib.Graph().parse(data=shapes(), format="turtle")
    _, theirs, _ = pyshacl.validate(data, shacl_graph=shapes_graph)
    assert isinstance(theirs, rdflib.Graph)
    for detail in list(
        theirs.objects(predicate=SH.detail)
    ):  # of conformance, which the report may tell and ours does not
        theirs -= theirs.cbd(detail)
        theirs.remove((None, None, detail))
    assert _bare(ours) == _bare(theirs)


def _bare(graph: rdflib.Graph) -> list[set[tuple[str, str]]]:
    """Return what each result says, with paths by what they are made of: blank nodes of the data have other names."""
    results = []
    for result in graph.objects(graph.value(predicate=RDF.type, object=SH.ValidationReport), SH.result):
        rows = set()
        for predicate, value in graph.predicate_objects(result):
            if predicate == SH.resultPath and isinstance(value, rdflib.BNode):
                rows.add(
                    (
                        str(predicate),
                        " ".join(
                            sorted(
                                str(term)
                                for term in graph.transitive_objects(value, None)
                                if isinstance(term, rdflib.URIRef)
                            )
                        ),
                    )
                )
            else:
                rows.add((str(predicate), "a blank node" if isinstance(value, rdflib.BNode) else value.n3()))
        results.append(rows)
    return sorted(results, key=sorted)


def test_a_sound_export_conforms_in_every_form(exported: Path) -> None:
    found = validate(exported)
    report = rdflib.Graph().parse(data=turtle(found.findings), format="turtle")
    assert list(report.objects(predicate=SH.conforms)) == [rdflib.Literal(True)]
    log = json.loads(sarif(found.findings, bundled(), version="1.2.3"))
    check_sarif(log)
    assert log["runs"][0]["results"] == []
    assert github(found.findings) == ""


def test_the_sarif_keeps_to_its_schema_and_its_places_are_relative(several: tuple[Finding, ...]) -> None:
    log = json.loads(sarif(several, bundled(), BASE, version="1.2.3"))
    check_sarif(log)
    (run,) = log["runs"]
    assert len(run["results"]) == len(several)
    rules = run["tool"]["driver"]["rules"]
    for result, finding in zip(run["results"], several, strict=True):
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"] == finding.rule
        assert rules[result["ruleIndex"]]["shortDescription"]["text"] == finding.message
        uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert uri == "coverage.ttl", "the record's line is not known, the line of the export is"
    assert len({json.dumps(result["partialFingerprints"]) for result in run["results"]}) == len(several)


def test_a_finding_keeps_its_fingerprint_when_lines_move(records: Path) -> None:
    out = broken(records, "INSERT { ?a gk:heat 8 } WHERE { ?a gk:heat 7 }")
    before = json.loads(sarif(validate(out).findings, bundled(), version="1"))
    path = out / "coverage.ttl"
    path.write_text("\n\n" + path.read_text())
    after = json.loads(sarif(validate(out).findings, bundled(), version="1"))
    (one,), (other,) = before["runs"][0]["results"], after["runs"][0]["results"]
    assert one["partialFingerprints"] == other["partialFingerprints"]
    assert one["locations"] != other["locations"]


texts = st.text(max_size=30)
hostile = st.builds(
    Finding,
    focus=st.sampled_from(["<urn:x:a>", "_:b", f"<{BASE}article/a>"]),
    shape=st.sampled_from(sorted(shape.iri for shape in bundled())),
    constraint=st.sampled_from(["MaxCount", "Datatype"]),
    path=st.sampled_from(["", "<urn:x:p>"]),
    value=st.one_of(st.just(""), texts.map(lambda text: str(ox.Literal(text.encode("utf-8", "replace").decode())))),
    message=texts.map(lambda text: text.encode("utf-8", "replace").decode()),
    at=st.builds(Place, texts.filter(lambda text: text.encode("utf-8", "replace").decode() == text), st.integers(0, 9)),
)


@given(st.lists(hostile, max_size=4))
def test_no_text_breaks_out_of_a_report(findings: list[Finding]) -> None:
    found = tuple(findings)
    report = list(ox.parse(turtle(found), ox.RdfFormat.TURTLE))
    assert sum(quad.predicate.value.endswith("#focusNode") for quad in report) == len(found)
    said = {quad.object.value for quad in report if quad.predicate.value.endswith("#resultMessage")}
    assert said == {finding.message for finding in found}
    check_sarif(json.loads(sarif(found, bundled(), BASE, version="1.0.0")))
    lines = github(found, BASE).split("\n")
    assert lines.pop() == ""
    assert len(lines) == len(found)
    for line in lines:
        assert re.fullmatch(r"::(error|warning|notice) [^:]*::[^\r\n]*", line)
    for finding in found:
        shown = sentence(Finding(finding.focus, finding.shape, finding.constraint, finding.path, finding.value), BASE)
        assert shown.isprintable() or all(sign.isprintable() or sign.isspace() for sign in shown)


# On the command line


def command(*args: object, cwd: Path = ROOT, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "graphkit", "validate", *map(str, args)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, "COLUMNS": "80", "PYTHONPATH": str(ROOT), **env},
        check=False,
    )


@pytest.mark.engine
def test_findings_end_with_0_and_with_1_if_strict(records: Path) -> None:
    out = broken(records, "INSERT { ?a gk:heat 8 } WHERE { ?a gk:heat 7 }")
    run = command(out, "--records", records)
    assert (run.returncode, run.stderr) == (0, run.stderr)
    assert "held against the shapes: 1 finding\n" in run.stderr
    assert command(out, "--strict").returncode == 1
    assert command(out, "--strict", "--quiet", "--format", "github").returncode == 1


@pytest.mark.engine
def test_a_sound_export_prints_nothing_but_how_much_was_looked_at(exported: Path) -> None:
    run = command(exported, "--strict")
    assert (run.returncode, run.stdout) == (0, "")
    assert re.fullmatch(r"[0-9,]+ triples of [0-9,]+ subjects held against the shapes: no findings\n", run.stderr)
    assert command(exported, "--quiet").stderr == ""


def test_the_table_fits_80_columns_and_shows_control_characters(records: Path) -> None:
    out = broken(records, r'INSERT { ?a schema:headline "red \u001B[31m alert" } WHERE { ?a gk:heat 7 }')
    out = broken(records, r'INSERT { ?a gk:heat "\u001B[31m\u202E" } WHERE { ?a gk:heat 7 }')
    run = command(out, "--records", records)
    assert "\x1b" not in run.stdout
    assert "\u202e" not in run.stdout
    assert r"\x1b[31m" in run.stdout
    assert max(map(len, run.stdout.splitlines())) <= 80


def test_other_rdf_is_validated_too(tmp_path: Path) -> None:
    (tmp_path / "a.nt").write_text(
        "<urn:a> <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> <https://schema.org/Organization> .\n"
    )
    run = command(tmp_path)
    assert (run.returncode, "held against the shapes: 1 finding\n" in run.stderr) == (0, True), run.stderr


@pytest.mark.engine
def test_an_ill_typed_literal_is_a_finding_and_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text(
        '<urn:a> a <https://schema.org/NewsArticle> ; <https://schema.org/datePublished> "x"^^<http://www.w3.org/2001/XMLSchema#dateTime> .'
    )
    run = command(tmp_path, "--format", "github")
    assert "Traceback" not in run.stderr
    assert "'x'^^xsd:dateTime" in run.stdout


@pytest.mark.parametrize(
    "name, text, code, message",
    [
        ("a.ttl", "<urn:a> <urn:b> .\n", 2, "a.ttl:1:17: expected Turtle, got an error"),
        ("a.ttl", "", 3, "expected triples, got none"),
        ("a.txt", "", 2, "expected a file that ends with one of"),
        ("a.ttl.gz", "<urn:a> <urn:b> <urn:c> .\n", 2, "expected a file that can be read"),
        ("a.ttl", "<urn:a> <urn:b> <<( <urn:a> <urn:b> <urn:c> )>> .\n", 2, "expected"),
    ],
)
def test_what_is_no_rdf_ends_with_one_sentence(name: str, text: str, code: int, message: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    run = command(tmp_path / name)
    assert (run.returncode, run.stdout) == (code, "")
    assert message in run.stderr
    assert len(run.stderr.splitlines()) == 1


def test_an_unknown_format_ends_with_2(exported: Path) -> None:
    run = command(exported, "--format", "xml")
    assert (run.returncode, run.stdout) == (2, "")
    assert "expected one of" in run.stderr


@pytest.mark.engine
def test_a_report_goes_to_a_file_as_a_whole(records: Path, tmp_path: Path) -> None:
    out = broken(records, "INSERT { ?a gk:heat 8 } WHERE { ?a gk:heat 7 }")
    run = command(out, "-r", records, "-f", "sarif", "-o", tmp_path / "found.sarif", cwd=tmp_path)
    assert (run.returncode, run.stdout) == (0, "")
    log = json.loads((tmp_path / "found.sarif").read_text())
    (result,) = log["runs"][0]["results"]
    location = result["locations"][0]["physicalLocation"]
    assert location["artifactLocation"]["uri"] == "records/wire.yaml"
    assert command(out, "-o", tmp_path / "records").returncode == 2


def test_the_findings_are_the_same_whatever_the_order_of_statements(records: Path) -> None:
    out = broken(records, "INSERT { ?a gk:heat 8 ; gk:quality 1 , 2 } WHERE { ?a gk:heat 7 }", format="nt")
    path = out / "coverage.nt"
    lines = path.read_text().splitlines(keepends=True)
    one = [(finding.focus, finding.shape, finding.sources) for finding in validate(out, records=records).findings]
    path.write_text("".join(reversed(lines)))
    other = [(finding.focus, finding.shape, finding.sources) for finding in validate(out, records=records).findings]
    assert one == other != []


def test_several_files_are_one_graph(records: Path) -> None:
    out = broken(records, "", format="nt")
    lines = (out / "coverage.nt").read_text().splitlines(keepends=True)
    shutil.rmtree(out)
    out.mkdir()
    for number in range(3):
        (out / f"{number}.nt").write_text("".join(lines[number::3]))
    assert validate(out).findings == ()
    (out / "1.nt").unlink()
    assert validate(out).findings != ()
