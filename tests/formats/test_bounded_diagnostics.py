"""Of the faults of one file the first hundred are kept and all are counted, whatever the file holds."""

import gc
import gzip
import json
import random
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

import graphkit
from graphkit.diagnostics.diagnostic import Diagnostic
from graphkit.diagnostics.found_diagnostics import KEPT, FoundDiagnostics, first_of_each_source
from graphkit.formats import json_text
from graphkit.formats.parsing import Reading, read
from graphkit.pipeline import api

pytestmark = pytest.mark.engine

MANY = 20_000


def diagnostic(line: int, source: str = "a", *, code: str = "GK302") -> Diagnostic:
    """Return a diagnostic at a line."""
    return Diagnostic(source, line, 1, "heat", code, "a whole number", "'x'")


def test_the_first_diagnostics_in_order_are_kept_and_all_are_counted() -> None:
    lines = list(range(1, 1_001))
    random.Random(7).shuffle(lines)
    found = FoundDiagnostics()
    found += [diagnostic(line) for line in lines]
    assert found.first() == tuple(diagnostic(line) for line in range(1, KEPT + 1))
    assert found.by_code == {"GK302": 1_000}
    assert len(found) < 5 * KEPT


def test_what_is_first_does_not_depend_on_how_a_file_is_split() -> None:
    found = [diagnostic(line, source) for line in range(1, 301) for source in "ba"]
    whole = first_of_each_source(found)
    halves = [*first_of_each_source(found[:211]), *first_of_each_source(found[211:])]
    assert first_of_each_source(halves) == whole
    assert [one.source for one in whole] == ["a"] * KEPT + ["b"] * KEPT


def of_json(record: str) -> Callable[[int], tuple[bytes, str]]:
    """Return what makes a list of so many records."""
    return lambda number: (b"[" + b",".join([record.encode()] * number) + b"]", "json")


FILES: dict[str, tuple[Callable[[int], tuple[bytes, str]], str]] = {
    "a list of nothing": (of_json("{}"), "GK314"),
    "a list of lists": (of_json("[1]"), "GK210"),
    "a list of numbers": (of_json("1"), "GK210"),
    "a list of texts": (of_json('"a"'), "GK210"),
    "a page of nothing": (lambda number: (b'{"value":[' + b",".join([b"{}"] * number) + b"]}", "json"), "GK314"),
    "lines of nothing": (lambda number: (b"{}\n" * number, "jsonlines"), "GK314"),
    "lines that are broken": (lambda number: (b'{"a": "b\n' * number, "jsonlines"), "GK209"),
    "topics that are numbers": (lambda number: (json.dumps({"title": "T", "topics": [1] * number}).encode(), "json"), "GK301"),
    "topics that are numbers, in YAML": (
        lambda number: (b"title: T\ntopics:\n" + b"- 1\n" * number, "yaml"), "GK301"
    ),
    "images that are numbers": (lambda number: (json.dumps({"title": "T", "images": [1] * number}).encode(), "json"), "GK308"),
    "related entries that are numbers": (
        lambda number: (json.dumps({"title": "T", "related": [1] * number}).encode(), "json"), "GK210"
    ),
    "one key again and again": (lambda number: (b'{"title":"T"' + b',"a":1' * number + b"}", "json"), "GK207"),
    "one key again and again, in YAML": (lambda number: (b"title: T\n" + b"a: 1\n" * number, "yaml"), "GK207"),
    "keys that are too deep": (
        lambda number: (
            b'{"title":"T"' + b"".join(b',"%d":%b%b' % (one, b"[" * 70, b"]" * 70) for one in range(number // 100)) + b"}",
            "json",
        ),
        "GK205",
    ),
    "documents of nothing": (lambda number: (b"--- a\n" * (number // 100), "yaml"), "GK210"),
    "records in one Markdown file": (lambda number: (b"---\ntitle: a\n" * (number // 100) + b"---\n", "markdown"), "GK211"),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_the_faults_of_one_file_take_bounded_memory_and_are_all_counted(name: str) -> None:
    make, code = FILES[name]
    few, many = (read(*make(number), "a") for number in (MANY // 10, MANY))
    assert len(many.diagnostics) <= KEPT
    assert many.by_code[code] > 9 * few.by_code[code] or many.by_code[code] > 9 * KEPT
    assert sum(record is None for _, record in many.records) <= KEPT
    assert list(many.diagnostics) == sorted(many.diagnostics)


def kept_bytes(make: Callable[[int], tuple[bytes, str]], number: int) -> int:
    """Return the memory that is held once a file is read."""
    data, format = make(number)
    found: list[Reading] = []
    tracemalloc.start()
    try:
        found.append(read(data, format, "a"))
        gc.collect()
        return tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "name", ["a list of nothing", "lines of nothing", "topics that are numbers", "one key again and again"]
)
def test_what_is_kept_of_faults_does_not_grow_with_their_number(name: str) -> None:
    make, _ = FILES[name]
    kept_bytes(make, 10)
    # Labels of topics are kept: they are values.
    assert kept_bytes(make, MANY) < kept_bytes(make, MANY // 10) + 40_000


def test_a_text_whose_values_would_not_fit_into_memory_is_one_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_text, "MAX_MEMORY", 1_000_000)
    data, _ = of_json("{}")(100_000)
    found = read(data, "json", "a")
    assert found.records == (("", None),)
    assert [one.code for one in found.diagnostics] == ["GK106"]
    assert read(of_json("{}")(100)[0], "json", "a").by_code == {"GK314": 100}


@pytest.mark.engine
def test_a_build_counts_all_faults_in_any_way_it_runs(tmp_path: Path) -> None:
    sources = tmp_path / "src"
    sources.mkdir()
    good = (
        '{"title":"T","webUrl":"https://a.org/%d","heat":"x","provider":{"name":"A","domain":"a.org"},"related":[1]}\n'
    )
    (sources / "lines.jsonl").write_text("".join(good % number + "{}\n" for number in range(1_000)))
    (sources / "list.json.gz").write_bytes(gzip.compress(of_json("{}")(700)[0]))
    (sources / "topics.yaml").write_text('title: T\nwebUrl: "https://a.org/t"\ntopics: [' + "1, " * 300 + "]\n")
    reports = []
    for name, jobs, cached in (("one", 1, False), ("two", 2, False), ("cache", 1, True), ("again", 1, True)):
        out = tmp_path / ("cache" if name == "again" else name)
        published = api.publish(sources, out, jobs=jobs, cache=cached, page=False)
        reports.append((published.diagnostics, (out / "report.json").read_bytes(), (out / "coverage.ttl").read_bytes()))
    assert all(report == reports[0] for report in reports[1:])
    built = graphkit.build(sources)
    assert built.diagnostics == reports[0][0]
    assert built.report["diagnostics"]["by_code"] == {
        "GK210": 1_000,
        "GK301": 300,
        "GK302": 1_000,
        "GK311": 1,
        "GK314": 1_700,
    }
    assert built.report["records"] == {"read": 2_701, "added": 1_001, "merged": 0, "rejected": 1_700, "left_out": 0}
    assert built.report["related"]["read"] == built.report["related"]["rejected"] == 1_000
    assert len(built.diagnostics) == 300 == len(built.report["diagnostics"]["list"])
    assert api.check(sources).diagnostic_count == 4_001
