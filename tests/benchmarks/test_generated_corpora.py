"""The corpora that benchmarks make: the same for the same seed, and like real records."""

from __future__ import annotations

from pathlib import Path

import corpora
import pytest

import graphkit


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_the_same_seed_gives_the_same_bytes_in_any_number_of_processes(tmp_path: Path) -> None:
    corpora.write_corpus(tmp_path / "one", 200, seed=3)
    corpora.write_corpus(tmp_path / "two", 200, seed=3, processes=2)
    corpora.write_corpus(tmp_path / "other", 200, seed=4)
    assert contents(tmp_path / "one") == contents(tmp_path / "two") != contents(tmp_path / "other")


def test_a_record_is_the_same_in_a_larger_corpus(tmp_path: Path) -> None:
    corpora.write_corpus(tmp_path / "small", 100)
    corpora.write_corpus(tmp_path / "large", 300)
    large = contents(tmp_path / "large")
    assert all(large[name] == data for name, data in contents(tmp_path / "small").items())
    assert len(large) == 300


def test_a_generated_corpus_adds_up(tmp_path: Path) -> None:
    corpora.write_corpus(tmp_path, 600)
    records = graphkit.build(tmp_path).report["records"]
    assert records["read"] == 600 == records["added"] + records["merged"] + records["rejected"]


def test_json_lines_give_the_same_articles(tmp_path: Path) -> None:
    corpora.write_corpus(tmp_path / "md", 240)
    corpora.write_corpus(tmp_path / "lines", 240, form="jsonl.gz")
    graphs = [graphkit.build(tmp_path / form).graph for form in ("md", "lines")]
    for graph in graphs:
        for _, data in graph.nodes(data=True):
            data.pop("sources", None)
        for _, _, data in graph.edges(data=True):
            data.pop("sources", None)
    first, second = graphs
    assert {node: first.nodes[node] for node in first} == {node: second.nodes[node] for node in second}
    assert {edge[:3]: edge[3] for edge in first.edges(keys=True, data=True)} == {
        edge[:3]: edge[3] for edge in second.edges(keys=True, data=True)
    }
    assert {kind for _, _, kind in first.edges(keys=True)} >= {"publisher", "about", "related"}


def test_changed_records_are_other_records(tmp_path: Path) -> None:
    corpora.write_corpus(tmp_path, 50)
    before = contents(tmp_path)
    changed = corpora.change(tmp_path, [3, 40])
    after = contents(tmp_path)
    assert {name for name in before if before[name] != after[name]} == {
        str(path.relative_to(tmp_path)) for path in changed
    }
    assert len(changed) == 2


def test_changing_a_corpus_of_another_seed_adds_no_file(tmp_path: Path) -> None:
    corpora.write_corpus(tmp_path, 50, seed=1)
    before = contents(tmp_path)
    with pytest.raises(FileNotFoundError, match="expected a corpus of this seed"):
        corpora.change(tmp_path, [3], seed=2)
    assert contents(tmp_path) == before


@pytest.mark.engine
def test_a_generated_corpus_has_the_overlap_that_is_reported(tmp_path: Path) -> None:
    corpora.write_corpus(tmp_path, 4000)
    made = corpora.counted(tmp_path)
    for name, tolerance in {
        "related entries a record": 0.1,
        "entries that are records": 0.05,
        "of these found again": 0.05,
        "entries without address": 0.4,
        "published": 0.1,
        "drafts": 0.1,
        "without status": 0.3,
        "files with CRLF": 0.3,
        "entries with another title": 0.3,
        "entries with another quality": 0.4,
        "entries with another published_at": 0.4,
        "entries with another excerpt": 0.5,
    }.items():
        assert made[name] == pytest.approx(corpora.REPORTED[name], rel=tolerance), name


def test_another_seed_makes_other_ciphertexts() -> None:
    ciphertexts = [
        {data.partition(b"secured:")[2] for _, data in corpora.records(0, corpora.STORY, seed)} for seed in (1, 2)
    ]
    assert not ciphertexts[0] & ciphertexts[1]


def test_some_records_of_a_generated_corpus_are_broken_in_each_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corpora, "BROKEN", 0.5)
    corpora.write_corpus(tmp_path, 200)
    files = contents(tmp_path).values()
    assert any(not data.removeprefix(b"\xef\xbb\xbf").startswith(b"---") for data in files)
    assert any(b'excerpt: "\xe9' in data for data in files)
    report = graphkit.build(tmp_path).report["records"]
    assert 0 < report["rejected"] < 200
    assert report["read"] == report["added"] + report["merged"] + report["rejected"]


@pytest.mark.engine
def test_providers_of_a_generated_corpus_have_a_heavy_tail(tmp_path: Path) -> None:
    corpora.write_corpus(tmp_path, 2000)
    made = corpora.counted(tmp_path)
    assert made["share of the ten largest"] > 0.2 > made["share of the largest provider"] > 0.04
    assert made["of channels on youtube.com"] > made["of labels on msn.com"] > 0


@pytest.mark.engine
def test_a_generated_corpus_is_like_real_records(tmp_path: Path, shared_corpus: Path) -> None:
    corpora.write_corpus(tmp_path, 3000)
    made, real = corpora.counted(tmp_path), corpora.counted(shared_corpus)
    for name in ("bytes a file", "related entries a record", "records that list any", "characters of a title"):
        assert made[name] == pytest.approx(real[name], rel=0.2), name
    assert all(line.isascii() and len(line) <= 80 for line in corpora.comparison(made, real))


def test_a_well_formed_corpus_has_no_record_that_is_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpora, "BROKEN", 1)
    corpora.write_corpus(tmp_path / "any", 20)
    corpora.write_corpus(tmp_path / "good", 20, well_formed=True)
    reports = {name: graphkit.build(tmp_path / name).report for name in ("any", "good")}
    assert reports["any"]["diagnostics"]["list"]
    assert not reports["good"]["diagnostics"]["list"]
