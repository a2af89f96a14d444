"""The dataset's own description: what is said in it, where it stands, and that nothing else changes it."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles.pyshacl_findings import pyshacl_findings
from processes.builds import ALL_FORMATS, cut_finely, exported, published, without_manifest
from processes.command import graphkit as command

import graphkit
from graphkit.errors import UsageError
from graphkit.rdf import difference, vocabulary
from graphkit.rdf.dataset import About, about
from graphkit.rdf.serialization import rdf_bytes, triples
from graphkit.rdf.syntaxes import EXPORT_SYNTAXES
from graphkit.validation import validate
from graphkit.validation.data_graph import read_data_graph

DATASET = f"{vocabulary.DEFAULT_BASE}dataset"
SAID: dict[str, Any] = {"title": "Cameras", "licence": "CC-BY-4.0", "creators": ["The Desk", "https://desk.example/"]}
ABOUT = About("Cameras", "https://spdx.org/licenses/CC-BY-4.0", ("The Desk", "https://desk.example/"))


# What is said


@pytest.mark.parametrize(
    "given_, expected",
    [
        ({}, About()),
        ({"licence": "MIT"}, About(licence="https://spdx.org/licenses/MIT")),
        ({"licence": "GPL-3.0-or-later"}, About(licence="https://spdx.org/licenses/GPL-3.0-or-later")),
        ({"licence": "https://example.org/terms"}, About(licence="https://example.org/terms")),
        ({"creators": "The  Desk\n"}, About(creators=("The Desk",))),
        ({"creators": ["b", "a", "b"]}, About(creators=("a", "b"))),
        (SAID, ABOUT),
    ],
)
def test_what_a_person_says_becomes_what_is_said(given_: dict[str, Any], expected: About) -> None:
    assert about(**given_) == expected


@pytest.mark.parametrize(
    "given_, message",
    [
        ({"licence": "CC BY 4.0"}, "licence: expected an IRI or an identifier of SPDX such as CC-BY-4.0, got 'CC BY"),
        ({"licence": "https://example.org/a b"}, "licence: expected an IRI"),
        ({"creators": ["https://desk.example/<>"]}, "creator: expected an IRI, got"),
        ({"creators": [" "]}, "creator: expected words without control characters"),
        ({"title": "a\x1b[31m"}, "title: expected words without control characters"),
        ({"creators": ["caf\udce9"]}, "creator: expected words"),
    ],
)
def test_what_cannot_be_said_is_refused_before_anything_is_read(given_: dict[str, Any], message: str) -> None:
    with pytest.raises(UsageError, match=re.escape(message)):
        graphkit.publish("no such folder", "nowhere", **given_)
    assert not Path("nowhere").exists()


def iri_of(subject: str, described: About) -> dict[str, set[str]]:
    graph = graphkit.build("seeds").graph
    found: dict[str, set[str]] = {}
    for triple in triples(graph, about=described):
        if triple.subject == ox.NamedNode(subject):
            found.setdefault(vocabulary.compact(triple.predicate.value), set()).add(triple.object.value)  # type: ignore[union-attr]
    return found


def test_licence_and_creators_stand_in_the_description() -> None:
    rows = iri_of(DATASET, ABOUT)
    assert rows["dcterms:title"] == {"Cameras"}
    assert rows["dcterms:license"] == {"https://spdx.org/licenses/CC-BY-4.0"}
    assert rows["dcterms:creator"] == {"https://desk.example/", f"{DATASET}/creator/the-desk"}
    assert iri_of(f"{DATASET}/creator/the-desk", ABOUT) == {
        "rdf:type": {vocabulary.AGENT},
        "rdfs:label": {"The Desk"},
    }


def test_what_is_not_given_is_not_said() -> None:
    rows = iri_of(DATASET, About())
    assert rows["dcterms:title"] == {"Coverage graph"}
    assert not {"dcterms:license", "dcterms:creator"} & rows.keys()


@given(st.permutations(["The Desk", "https://desk.example/", "Ärger & Co.", "c", "C"]))
def test_the_order_of_creators_changes_nothing(creators: list[str]) -> None:
    assert about(creators=creators) == about(creators=sorted(creators))


@pytest.mark.parametrize("described", [About(), ABOUT])
def test_the_shapes_know_all_that_is_said(described: About, seeds: Path, tmp_path: Path) -> None:
    graphkit.write_rdf(graphkit.build(seeds).graph, tmp_path / "coverage.ttl", about=described)
    assert validate(tmp_path).findings == ()
    assert pyshacl_findings(read_data_graph(tmp_path)) == ()


# Where it stands


@pytest.mark.parametrize("format", EXPORT_SYNTAXES)
def test_every_syntax_begins_with_it(format: str, seeds: Path) -> None:
    data = rdf_bytes(graphkit.build(seeds).graph, format=format, about=ABOUT)
    subjects = [quad.subject.value for quad in ox.parse(data, EXPORT_SYNTAXES[format])]
    described = [f"{subject}/".startswith(f"{DATASET}/") for subject in subjects]
    assert subjects[0] == DATASET
    assert described == sorted(described, reverse=True)
    assert 50 < sum(described) < len(subjects)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("base", [vocabulary.DEFAULT_BASE, "http://localhost/id/"])
def test_by_itself_it_is_the_beginning_of_the_export(packed: bool, base: str, seeds: Path, tmp_path: Path) -> None:
    graphkit.publish(seeds, tmp_path, formats="void", gzip=packed, base=base, page=False, cache=False, **SAID)
    ending = ".gz" * packed
    unpack: Callable[[bytes], bytes] = gzip.decompress if packed else bytes
    alone, whole = (unpack((tmp_path / f"{name}.ttl{ending}").read_bytes()) for name in ("void", "coverage"))
    assert whole.startswith(alone)
    about_it, rest = (list(ox.parse(data, ox.RdfFormat.TURTLE)) for data in (alone, whole))
    assert {quad.subject.value for quad in rest[len(about_it) :]}.isdisjoint({quad.subject.value for quad in about_it})
    assert all(f"{quad.subject.value}/".startswith(f"{base}dataset/") for quad in about_it)


def test_a_folder_that_had_it_alone_does_not_keep_an_old_one(seeds: Path, tmp_path: Path) -> None:
    assert "void.ttl" in published(seeds, tmp_path, formats="void")
    assert "void.ttl" not in published(seeds, tmp_path)


# Nothing else changes it


@pytest.mark.engine
@pytest.mark.parametrize("jobs", [1, 2])
def test_builds_in_memory_in_processes_and_from_a_cache_say_the_same(jobs: int, seeds: Path, tmp_path: Path) -> None:
    expected = exported(seeds, tmp_path / "in_memory", formats=ALL_FORMATS, **SAID)
    triples_only = [name for name in ALL_FORMATS if name not in ("nq", "trig")]
    with cut_finely(partition=20_000, segment=10_000, batch=20_000, files=9):
        out = tmp_path / "out"
        assert published(seeds, out, formats=ALL_FORMATS, jobs=jobs, **SAID) == expected
        assert published(seeds, out, formats=ALL_FORMATS, jobs=jobs, **SAID) == expected, "with a warm cache"
        bare = published(seeds, tmp_path / "bare", formats=triples_only, jobs=jobs, graph=False, **SAID)
        assert without_manifest(bare.pop("report.json")) == without_manifest(expected.pop("report.json"))
        assert bare == {name: data for name, data in expected.items() if not name.endswith((".nq", ".trig"))}


def test_other_words_need_no_record_read_again(seeds: Path, tmp_path: Path) -> None:
    with cut_finely(partition=20_000, segment=10_000):
        graphkit.publish(seeds, tmp_path / "out", page=False)
        for said in (SAID, {"licence": "CC0-1.0"}, {}, {"title": "A longer title than the one before it"}):
            made = graphkit.publish(seeds, tmp_path / "out", page=False, formats="void", **said)
            assert (made.read, made.reused > 50) == (0, True)
            expected = exported(seeds, tmp_path / "in_memory", formats="void", **said)
            for name in ("coverage.ttl", "void.ttl"):
                assert (tmp_path / "out" / name).read_bytes() == expected[name]


def test_a_patch_tells_the_words_that_changed(seeds: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    graphkit.publish(seeds, out, page=False)
    graphkit.publish(seeds, out, page=False, patch=True, **SAID)
    removed = (out / "coverage.removed.nq").read_text().splitlines()
    added = (out / "coverage.added.nq").read_text().splitlines()
    assert removed == [f'<{DATASET}> <{vocabulary.TITLE}> "Coverage graph" .']
    assert len(added) == 6
    graphkit.publish(seeds, out, page=False, patch=True, **SAID)
    assert (out / "coverage.added.nq").read_bytes() == b""


@pytest.mark.parametrize("buffer", [40, 500, 5_000, 8 << 20])
def test_a_patch_leads_from_an_export_that_stood_in_another_order(
    buffer: int, seeds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(difference, "_BUFFER", buffer)
    new = tmp_path / "new.ttl"
    new.write_bytes(rdf_bytes(graphkit.build(seeds).graph, about=ABOUT))
    header, *blocks = new.read_bytes().removesuffix(b" .\n").split(b" .\n<http")
    old = tmp_path / "old.ttl"
    old.write_bytes(b" .\n<http".join([header, *sorted(blocks, key=lambda block: block.partition(b">")[0])]) + b" .\n")
    assert old.read_bytes() != new.read_bytes()
    assert list(difference.difference(old, new)) == list(difference.difference(new, old)) == []
    less = tmp_path / "less.ttl"
    less.write_bytes(rdf_bytes(graphkit.build(seeds / "news").graph))
    for before, after in ((less, new), (new, less), (less, old), (old, less)):
        changed = set(ox.parse(path=before))
        for change in difference.difference(before, after):
            changed = (changed - {ox.Quad(*one) for one in change.removed}) | {ox.Quad(*one) for one in change.added}
        assert changed == set(ox.parse(path=after))


@pytest.mark.engine
def test_the_command_line_takes_it(seeds: Path, tmp_path: Path) -> None:
    options = (
        "--title",
        "Cameras",
        "--licence",
        "CC-BY-4.0",
        "--creator",
        "The Desk",
        "--creator",
        "https://desk.example/",
    )
    run = command("build", seeds, "-o", tmp_path, "--no-page", "-f", "void", *options)
    assert (run.returncode, run.stdout) == (0, ""), run.stderr
    assert "void.ttl" in run.stderr
    expected = exported(seeds, tmp_path / "in_memory", formats="void", **SAID)
    assert (tmp_path / "void.ttl").read_bytes() == expected["void.ttl"]
    run = command("build", seeds, "-o", tmp_path, "--licence", "of my own")
    assert (run.returncode, len(run.stderr.splitlines())) == (2, 1)
    run = command("build", seeds, "-o", tmp_path, "-f", "rtf")
    assert (run.returncode, "jsonld, void, got 'rtf'" in run.stderr) == (2, True)
