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
    titles = [{node: data.get("title") for node, data in graph.nodes(data=True)} for graph in graphs]
    assert titles[0] == titles[1]


def test_changed_records_are_other_records(tmp_path: Path) -> None:
    corpora.write_corpus(tmp_path, 50)
    before = contents(tmp_path)
    changed = corpora.change(tmp_path, [3, 40])
    after = contents(tmp_path)
    assert {name for name in before if before[name] != after[name]} == {
        str(path.relative_to(tmp_path)) for path in changed
    }
    assert len(changed) == 2


def test_a_generated_corpus_is_like_real_records(tmp_path: Path, shared_corpus: Path) -> None:
    corpora.write_corpus(tmp_path, 3000)
    made, real = corpora.counted(tmp_path), corpora.counted(shared_corpus)
    for name in ("bytes a file", "related entries a record", "records that list any", "characters of a title"):
        assert made[name] == pytest.approx(real[name], rel=0.2), name
    assert all(line.isascii() and len(line) <= 80 for line in corpora.comparison(made, real))
