"""The laws: what holds for any corpus, in any order, from any directory."""

from __future__ import annotations

import gzip
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import networkx as nx
import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles.page_text import decompressed
from paths import ROOT, SHARED
from processes.waiting import PATIENCE
from samples.examples import examples
from samples.generated_records import BROKEN_CORPORA, CIPHERTEXT, CORPORA, Raw, corpus_of, union, write_records

import graphkit
from graphkit.diagnostics.found_diagnostics import FoundDiagnostics
from graphkit.formats.front_matter import read_markdown
from graphkit.graph.construction import to_graph
from graphkit.merge.articles import merge
from graphkit.merge.mentions import Corpus
from graphkit.pipeline.local.workspace import CACHE
from graphkit.rdf import vocabulary
from graphkit.rdf.serialization import rdf_bytes, triples
from graphkit.rdf.syntaxes import EXPORT_SYNTAXES

SHARED = SHARED / "corpus"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="needs the shared corpus beside the repository")


def everything(graph: nx.MultiDiGraph[str]) -> tuple[Any, ...]:
    """Return all that a graph holds, in its order."""
    return dict(graph.graph), list(graph.nodes(data=True)), list(graph.edges(keys=True, data=True))


# --- law 1: the order does not count


@pytest.mark.engine
@examples(200)
@given(CORPORA, st.randoms(use_true_random=False))
def test_any_order_split_and_grouping_of_the_mentions_gives_the_same(records: list[Raw], chance: random.Random) -> None:
    whole = corpus_of(records)
    merged = merge(whole)
    graph = to_graph(merged)
    parts = [Corpus() for _ in range(chance.randint(1, 4))]
    for mention in chance.sample(whole.mentions, len(whole.mentions)):
        for at in chance.sample(range(len(parts)), chance.randint(1, len(parts))):
            parts[at] = union(parts[at], Corpus((mention,)))
    for topic in chance.sample(whole.topics, len(whole.topics)):
        at = chance.randrange(len(parts))
        parts[at] = union(Corpus((), (topic,)), parts[at])
    parts += chance.sample(parts, chance.randint(0, len(parts)))
    while len(parts) > 1:  # unite any two, in any order
        one, other = (parts.pop(chance.randrange(len(parts))) for _ in range(2))
        parts.append(union(one, other))
    again = merge(parts[0])
    assert again == merged
    assert everything(to_graph(again)) == everything(graph)
    assert rdf_bytes(to_graph(again)) == rdf_bytes(graph)


@examples(30)
@given(BROKEN_CORPORA, st.randoms(use_true_random=False))
def test_any_order_of_the_sources_gives_the_same(records: list[Raw], chance: random.Random) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = write_records(folder, records)
        try:
            whole = graphkit.build(folder)
        except graphkit.NothingReadable:
            return
        sources: list[str | Path] = [*paths, *chance.sample(paths, chance.randint(0, len(paths)))]
        chance.shuffle(sources)
        for again in (
            graphkit.build(sources),
            graphkit.build([folder, *sources]),
            graphkit.build(f"{folder}/*.md"),
        ):
            assert everything(again.graph) == everything(whole.graph)
            assert again.report == whole.report
            assert again.diagnostics == whole.diagnostics
        for syntax in EXPORT_SYNTAXES:
            assert rdf_bytes(graphkit.build(sources).graph, format=syntax) == rdf_bytes(whole.graph, format=syntax)


@examples(25)
@given(CORPORA)
def test_a_record_under_one_name_more_adds_only_its_source(records: list[Raw]) -> None:
    once = to_graph(merge(corpus_of(records)))
    twice = to_graph(merge(corpus_of([*records, *records])))
    # Without an address, and without a provider or a date, an entry is an article of its own at each place.
    again = {node for node in twice.nodes if node not in once.nodes}
    assert all("url" not in twice.nodes[node] for node in again)
    twice.remove_nodes_from(again)
    assert list(once.nodes) == list(twice.nodes)
    assert list(once.edges(keys=True)) == list(twice.edges(keys=True))
    for node, data in once.nodes(data=True):
        others = {name: value for name, value in twice.nodes[node].items() if name != "sources"}
        assert others == {name: value for name, value in data.items() if name != "sources"}


BUILD = """
import sys
from graphkit.cli import main
sys.argv = ["graphkit", "build", *sys.argv[1:], "--quiet", "--format", "ttl,nt,nq,trig,rdf,jsonld"]
main()
"""


def exports(sources: list[str], out: Path, *, cwd: Path, seed: str) -> dict[str, bytes]:
    """Return all files that the command exports, run in a directory and with a hash seed of its own."""
    environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        [sys.executable, "-c", BUILD, *sources, "--out", str(out)],
        cwd=cwd, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    return {path.name: path.read_bytes() for path in sorted(out.iterdir()) if path.name != CACHE}


@pytest.mark.engine
def test_neither_hash_seed_nor_directory_nor_run_changes_a_byte(tmp_path: Path) -> None:
    elsewhere = tmp_path / "deep" / "er"
    elsewhere.mkdir(parents=True)
    by_name = exports(["seeds"], tmp_path / "a", cwd=ROOT, seed="0")
    assert sorted(by_name) == [
        "coverage.html",
        *(f"coverage.{end}" for end in ("jsonld", "nq", "nt", "rdf", "trig", "ttl")),
        "report.json",
    ]
    assert all(by_name.values())
    assert exports([str(ROOT / "seeds")], tmp_path / "b", cwd=elsewhere, seed="1") == by_name
    assert exports(["."], tmp_path / "c", cwd=ROOT / "seeds", seed="4242") == by_name
    assert (
        exports(
            [os.path.relpath(ROOT / "seeds", elsewhere), str(ROOT / "seeds")],
            tmp_path / "a",
            cwd=elsewhere,
            seed="7",
        )
        == by_name
    )
    for name, data in by_name.items():
        text = decompressed(data.decode()) if name == "coverage.html" else data.decode()
        assert str(ROOT) not in text, name
        assert str(tmp_path) not in text, name


# --- law 2: the same in, the same out; little changed, little different


@pytest.fixture
def seeds(tmp_path: Path) -> Path:
    """Return a copy of seeds/ to change."""
    folder = tmp_path / "seeds"
    for path in (ROOT / "seeds").rglob("*"):
        if path.is_file():
            target = folder / path.relative_to(ROOT / "seeds")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    return folder


def lines_apart(one: bytes, other: bytes) -> int:
    """Count the lines that stand in only one of two texts."""
    ours, theirs = (text.decode().splitlines() for text in (one, other))
    return len(set(ours) ^ set(theirs))


def test_building_twice_gives_the_same() -> None:
    one, two = (graphkit.build(ROOT / "seeds") for _ in range(2))
    assert everything(one.graph) == everything(two.graph)
    assert (one.report, one.diagnostics) == (two.report, two.diagnostics)
    for syntax in EXPORT_SYNTAXES:
        assert rdf_bytes(one.graph, format=syntax) == rdf_bytes(two.graph, format=syntax)


def test_one_changed_record_changes_a_few_lines(seeds: Path) -> None:
    before = rdf_bytes(graphkit.build(seeds).graph)
    path = min((seeds / "news").glob("2021-08-24-harbour*"))
    text = path.read_text("utf-8")
    changed, count = re.subn(r'^(title: "?)', r"\1Changed ", text, count=1, flags=re.MULTILINE)
    assert count == 1
    path.write_text(changed, "utf-8")
    after = rdf_bytes(graphkit.build(seeds).graph)
    assert 0 < lines_apart(before, after) <= 10
    assert abs(before.count(b"\n") - after.count(b"\n")) <= 2


def test_one_record_less_takes_away_its_lines_and_changes_the_counts_at_most(seeds: Path) -> None:
    before = rdf_bytes(graphkit.build(seeds).graph)
    min((seeds / "news").glob("2021-08-24-harbour*")).unlink()
    after = rdf_bytes(graphkit.build(seeds).graph)
    ours, theirs = (set(text.decode().splitlines()) for text in (before, after))
    dataset = after[: after.index(b"\n<http", after.rindex(b"/id/dataset/property/"))].count(b"\n")
    assert len(theirs - ours) < dataset
    assert len(theirs & ours) > 0.9 * len(theirs)


# --- law 3: no blank nodes


@examples(100)
@given(CORPORA)
def test_every_resource_has_an_iri_of_its_own(records: list[Raw]) -> None:
    statements = list(triples(to_graph(merge(corpus_of(records)))))
    for triple in statements:
        assert isinstance(triple.subject, ox.NamedNode)
        assert isinstance(triple.object, ox.NamedNode | ox.Literal)
    assert len(statements) == len(set(statements)), "each is said once"
    subjects = [triple.subject.value for triple in statements]  # type: ignore[union-attr]
    first = sum(f"{subject}/".startswith(f"{vocabulary.DEFAULT_BASE}dataset/") for subject in subjects)
    assert subjects == sorted(subjects[:first]) + sorted(subjects[first:])
    known = set(subjects)
    for triple in statements:
        value = triple.object.value  # type: ignore[union-attr]
        if value.startswith("https://w3id.org/graphkit/id/"):
            assert value in known or isinstance(triple.object, ox.Literal), value


# --- law 4: the report adds up


def adds_up(report: dict[str, Any], graph: nx.MultiDiGraph[str]) -> None:
    for counts in (report["records"], report["related"]):
        assert counts["read"] == counts["added"] + counts["merged"] + counts["rejected"]
        assert all(count >= 0 for count in counts.values())
    kinds = [data["kind"] for _, data in graph.nodes(data=True)]
    for kind in ("article", "provider", "topic"):
        assert report["graph"][f"{kind}s"] == kinds.count(kind)
    assert report["graph"]["related"] == sum(key == "related" for _, _, key in graph.edges(keys=True))
    articles = report["graph"]["articles"]
    topic_files = report["records"]["added"] + report["related"]["added"] - articles
    assert 0 <= topic_files <= report["graph"]["topics"], "an article was added by one record, a topic by one file"
    diagnostics = report["diagnostics"]
    assert sum(diagnostics["by_code"].values()) == len(diagnostics["list"])


@examples(100)
@given(BROKEN_CORPORA)
def test_the_report_of_any_corpus_adds_up(records: list[Raw]) -> None:
    with tempfile.TemporaryDirectory() as name:
        write_records(Path(name), records)
        try:
            built = graphkit.build(name)
        except graphkit.NothingReadable:
            return
    adds_up(built.report, built.graph)
    assert built.report["records"]["read"] == len(records)
    assert built.report["files"]["found"] == len(records)
    places = {place for _, data in built.graph.nodes(data=True) for place in data.get("sources", ())}
    topic_files = sum(raw.get("taxonomy") == "topic" and "name" in raw for raw in records)
    mentions = sum(built.report[kind]["read"] - built.report[kind]["rejected"] for kind in ("records", "related"))
    assert len(places) == mentions - topic_files, "every mention that was read is the source of an article"
    assert CIPHERTEXT not in json.dumps(built.report)
    assert CIPHERTEXT not in rdf_bytes(built.graph, format="nq").decode()


def test_the_report_of_the_seeds_adds_up() -> None:
    built = graphkit.build(ROOT / "seeds")
    adds_up(built.report, built.graph)
    assert built.report["records"]["read"] > 40


# --- the shared corpus, and law 5: the ciphertext stays where it is


@pytest.fixture(scope="module")
def shared() -> graphkit.Build:
    """Return what the real records give."""
    return graphkit.build(SHARED)


@needs_shared
def test_every_shared_record_is_built(shared: graphkit.Build) -> None:
    built = graphkit.build([SHARED / name for name in ("seed", "diablo4", "power-apps")])
    report = built.report
    assert report["files"] == {"found": 605, "unreadable": 0, "skipped": 0}
    assert report["records"]["read"] == report["records"]["added"] + report["records"]["merged"] == 605
    assert (report["records"]["rejected"], report["related"]["rejected"]) == (0, 0)
    adds_up(report, built.graph)
    adds_up(shared.report, shared.graph)
    own = {name for _, data in built.graph.nodes(data=True) for name, pointer in data.get("sources", ()) if not pointer}
    assert len(own) == 605


@needs_shared
def test_most_shared_entries_without_url_find_their_article(shared: graphkit.Build) -> None:
    assert shared.report["without_url"] == {"found": 50, "ambiguous": 0, "alone": 6}


@needs_shared
def test_any_order_of_the_shared_files_gives_the_same() -> None:
    paths = sorted(path for path in SHARED.rglob("*") if path.is_file())
    one = graphkit.build(paths)
    shuffled = random.Random(7).sample(paths, len(paths))
    two = graphkit.build(shuffled)
    assert everything(one.graph) == everything(two.graph)
    assert one.report == two.report
    assert rdf_bytes(one.graph) == rdf_bytes(two.graph)


def secrets_of(folder: Path) -> set[str]:
    """Return every ciphertext in the records of a folder, those under `related` and in JSON too."""
    found: set[str] = set()
    for path in folder.rglob("*"):
        if path.is_file():
            text = path.read_text("utf-8-sig")
            found.update(re.findall(r"""["']?secured["']?\s*:\s*["']?([^"'\s,}]+)""", text))
    return {secret for secret in found if len(secret) >= 16}


def pieces(text: str, length: int = 16) -> set[str]:
    return {text[start : start + length] for start in range(len(text) - length + 1)}


@pytest.mark.engine
@pytest.mark.parametrize("corpus", ["seeds", pytest.param("shared", marks=needs_shared)])
def test_no_piece_of_a_ciphertext_is_in_any_file(corpus: str, tmp_path: Path) -> None:
    folder = {"seeds": ROOT / "seeds", "shared": SHARED}[corpus]
    secrets = secrets_of(folder)
    assert len(secrets) >= {"seeds": 20, "shared": 600}[corpus]
    known = set().union(*map(pieces, secrets))
    # Only in runs of the characters of ciphertexts can a piece of one be.
    letters = "".join(sorted(set().union(*secrets)))
    runs = re.compile(f"[{re.escape(letters)}]{{16,}}")
    assert not known.isdisjoint(pieces(next(iter(secrets)))), "the search finds what is there"
    written = graphkit.export(graphkit.build(folder), tmp_path, formats=EXPORT_SYNTAXES)
    written += graphkit.export(graphkit.build(folder), tmp_path / "packed", gzip=True)
    assert len(written) == 8 + 3
    for path in written:
        data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        text = data.decode("utf-8")
        text = decompressed(text) if path.name == "coverage.html" else text
        for run in runs.finditer(text):
            assert known.isdisjoint(pieces(run[0])), path.name
        assert str(folder) not in text, path.name
        assert str(folder.resolve()) not in text, path.name
        assert str(tmp_path) not in text, path.name


def test_secured_reaches_neither_graph_nor_diagnostics_whatever_its_form(tmp_path: Path) -> None:
    secret = CIPHERTEXT * 4
    for index, value in enumerate([secret, [secret], {"a": secret}, {secret: 1}]):
        record = {
            "title": "T",
            "webUrl": "https://example.com/a",
            "secured": value,
            "related": [{"title": "R", "secured": value}],
        }
        (tmp_path / f"{index}.md").write_text(f"---\n{json.dumps(record)}\n---\n", "utf-8")
        (tmp_path / f"{index}.json").write_text(json.dumps(record), "utf-8")
        (tmp_path / f"{index}.jsonl").write_text(json.dumps(record), "utf-8")
    built = graphkit.build(tmp_path)
    everywhere = [
        json.dumps(built.report),
        repr(everything(built.graph)),
        repr(built.diagnostics),
        graphkit.draw(built.graph),
    ]
    everywhere += [rdf_bytes(built.graph, format=syntax).decode() for syntax in EXPORT_SYNTAXES]
    for text in everywhere:
        assert not any(piece in text for piece in pieces(secret))


@pytest.mark.parametrize(
    "yaml",
    [
        "secured: [{secret}",
        "secured: {secret}: x",
        "secured: '{secret}",
        'secured: "{secret}\\q"',
        "secured: {secret}\nsecured: {secret}",
        "secured: !x {secret}",
        "secured: *{secret}",
        "secured: &a {secret}\nb: *a",
        "secured: {secret}\n: x",
    ],
)
def test_no_diagnostic_quotes_a_ciphertext(yaml: str) -> None:
    secret = CIPHERTEXT * 4
    diagnostics = FoundDiagnostics()
    record = read_markdown(f"---\ntitle: T\n{yaml.format(secret=secret)}\n---\n", "a.md", diagnostics)
    said = "\n".join(map(str, diagnostics)) + repr(record)
    assert not any(piece in said for piece in pieces(secret)), said
