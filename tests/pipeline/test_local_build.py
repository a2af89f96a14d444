"""The local build: however it is partitioned, by however many processes, the bytes are those of an in-memory build."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from paths import ROOT
from processes.builds import ALL_FORMATS, BASES, cut_finely, exported, files_in, published
from processes.killing import kill
from processes.waiting import PATIENCE
from samples.examples import examples
from samples.generated_records import BROKEN_CORPORA, Raw, write_records

import graphkit
from graphkit.pipeline import api
from graphkit.pipeline.local import build_options, in_memory, stamped_files
from graphkit.pipeline.local.blob_store import BlobStore
from graphkit.pipeline.local.worker_context import TaskSettings
from graphkit.pipeline.local.worker_pool import InProcess, cores, worker_pool
from graphkit.sources import contents


def everything(graph: nx.MultiDiGraph[str]) -> tuple[Any, ...]:
    """Return all that a graph holds, in its order."""
    return dict(graph.graph), list(graph.nodes(data=True)), list(graph.edges(keys=True, data=True))


def article(number: int, host: str = "a.example", **fields: Any) -> Raw:
    return {
        "title": f"Title {number}",
        "webUrl": f"https://{host}/{number}",
        "provider": {"name": host.title(), "domain": host},
        **fields,
    }


def write(path: Path, record: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record, ensure_ascii=False), "utf-8")
    return path


# --- the same bytes


@pytest.mark.engine
@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_the_seeds_give_the_same_bytes_in_every_format(jobs: int, seeds: Path, tmp_path: Path) -> None:
    expected = exported(seeds, tmp_path / "in_memory", formats=ALL_FORMATS)
    assert len(expected) == len(ALL_FORMATS) + 1
    with cut_finely(partition=20_000, segment=10_000, batch=20_000, files=9):
        assert published(seeds, tmp_path / "out", formats=ALL_FORMATS, jobs=jobs, cache=False) == expected
        assert published(seeds, tmp_path / "out", formats=ALL_FORMATS, jobs=jobs) == expected


@pytest.mark.engine
@pytest.mark.parametrize("jobs", [1, 2])
def test_the_page_and_compressed_files_are_the_same(jobs: int, seeds: Path, exported: Path, tmp_path: Path) -> None:
    with cut_finely(partition=20_000, segment=10_000, batch=20_000):
        graphkit.publish(seeds, tmp_path / "out", jobs=jobs)
    assert files_in(tmp_path / "out") == files_in(exported)
    graphkit.export(graphkit.build(seeds), tmp_path / "packed", formats=ALL_FORMATS, gzip=True, page=False)
    with cut_finely(partition=20_000, segment=10_000, batch=20_000):
        graphkit.publish(seeds, tmp_path / "out", formats=ALL_FORMATS, gzip=True, page=False, jobs=jobs)
    packed, expected = files_in(tmp_path / "out"), files_in(tmp_path / "packed")
    assert packed.keys() == expected.keys()
    for name, data in expected.items():
        assert packed[name] == data or gzip.decompress(packed[name]) == gzip.decompress(data), name
        assert packed[name][4:8] == b"\0\0\0\0" or name == "report.json", "no time in the gzip header"


@pytest.mark.engine
def test_real_records_give_the_same_bytes(shared_corpus: Path, tmp_path: Path) -> None:
    expected = exported(shared_corpus, tmp_path / "in_memory")
    with cut_finely(partition=40_000, segment=100_000, batch=200_000, files=100, group=50):
        assert published(shared_corpus, tmp_path / "one", cache=False) == expected
        assert published(shared_corpus, tmp_path / "two", jobs=2, graph=False) == expected
    assert published(shared_corpus, tmp_path / "whole") == expected, "one share, one range"


@examples(60)
@given(
    BROKEN_CORPORA,
    st.integers(50, 2_000),
    st.integers(50, 2_000),
    st.integers(1, 3),
    st.booleans(),
    st.sampled_from(BASES),
    st.lists(st.sampled_from(["Desk", "desk", "https://desk.example/", "https://schema.org/a-b", "Ärger & Co."])),
)
def test_any_cut_into_partitions_segments_and_batches_gives_the_same_bytes(
    records: list[Raw],
    partition: int,
    segment: int,
    files: int,
    published_only: bool,
    base: str,
    creators: list[str],
) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "in").mkdir()
        write_records(folder / "in", records)
        options: dict[str, Any] = {"published_only": published_only, "base": base, "formats": ["nq", "void"]}
        options |= {"creators": creators, "licence": "CC0-1.0" if creators else ""}
        expected = exported(folder / "in", folder / "in_memory", **options)
        with cut_finely(partition=partition, segment=segment, files=files):
            assert published(folder / "in", folder / "out", cache=False, **options) == expected


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize(
    "record",
    [
        article(1, "schema.org"),
        article(1, webUrl="https://schema.org/docs/faq.html"),
        article(1, images=[{"url": "https://schema.org/a/b.png"}]),
        article(1, images=[{"url": "https://schema.org/word"}]),
        article(1, images=[{"url": "https://w3id.org/graphkit/ns#a-b"}]),
        article(1, ampWebUrl="http://www.w3.org/ns/prov#amp/x"),
    ],
    ids=["provider", "page", "image", "word", "own", "variant"],
)
def test_an_address_in_a_namespace_forbids_its_prefix_everywhere(record: Raw, base: str, tmp_path: Path) -> None:
    for number in range(2, 8):
        write(tmp_path / f"in/{number}.json", article(number))
    write(tmp_path / "in/1.json", record)
    expected = exported(tmp_path / "in", tmp_path / "in_memory", base=base)
    with cut_finely():
        assert published(tmp_path / "in", tmp_path / "out", base=base, cache=False) == expected


@pytest.mark.engine
def test_every_form_of_record_gives_the_same_bytes(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    records = [article(number, f"{number % 3}.example", topics=["AI"]) for number in range(30)]
    write(folder / "one.json", records[0])
    write(folder / "deep/several.json", records[1:5])
    (folder / "lines.jsonl").write_text("\n".join(map(json.dumps, [*records[5:9], {}, records[9]])))
    (folder / "broken.jsonl").write_text("\n".join([*map(json.dumps, records[9:12]), "{", "[]", "7"]))
    (folder / "packed.jsonl.gz").write_bytes(gzip.compress("\n".join(map(json.dumps, records[12:20])).encode()))
    (folder / "packed.json.gz").write_bytes(gzip.compress(json.dumps(records[20:22]).encode()))
    (folder / "record.yaml").write_text(json.dumps(records[22]))
    (folder / "record.md").write_text(f"---\n{json.dumps(records[23])}\n---\n")
    (folder / "topic.md").write_text("---\ntaxonomy: topic\nname: AI\nkeywords: [machines]\n---\n")
    expected = exported(folder, tmp_path / "in_memory")
    assert json.loads(expected["report.json"])["records"]["read"] > 25
    for jobs in (1, 2):
        with cut_finely():
            assert published(folder, tmp_path / "out", jobs=jobs, cache=False) == expected


@pytest.mark.engine
@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("size", [1, 700, 10_000_000])
def test_a_large_file_read_in_portions_gives_the_same_bytes(
    size: int, jobs: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [json.dumps(article(number, related=[article(number + 1), {"title": "R"}])) for number in range(20)]
    text = "\n".join([*lines[:7], "", "{", *lines[7:], '{"title": 1, "webUrl": 2}'])
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.jsonl").write_text(text)
    (tmp_path / "in/b.jsonl.gz").write_bytes(gzip.compress(text.encode()) + gzip.compress(lines[0].encode()))
    (tmp_path / "in/c.jsonl.gz").write_bytes(gzip.compress(text.encode())[:-20])
    no_lines = {"news": [article(number, "c.example") for number in range(20)]}
    (tmp_path / "in/d.jsonl").write_text(json.dumps([no_lines], indent=1))
    (tmp_path / "in/e.ndjson.gz").write_bytes(gzip.compress(json.dumps(no_lines).encode()))
    expected = exported(tmp_path / "in", tmp_path / "in_memory")
    monkeypatch.setattr(stamped_files, "LARGE", 0)
    whole = contents.portions
    monkeypatch.setattr(contents, "portions", lambda file: whole(file, size))
    with cut_finely():
        assert published(tmp_path / "in", tmp_path / "out", jobs=jobs, cache=False) == expected


@pytest.mark.engine
@pytest.mark.parametrize("jobs", [1, 2])
def test_standard_input_is_built_by_the_engine(jobs: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "\n".join(json.dumps(article(number)) for number in range(20)).encode()
    write(tmp_path / "in/a.json", article(3, "b.example"))
    found = []
    for folder in ("in_memory", "out"):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
        if folder == "in_memory":
            found.append(exported(["-", tmp_path / "in"], tmp_path / folder))
        else:
            with cut_finely():
                found.append(published(["-", tmp_path / "in"], tmp_path / folder, jobs=jobs))
    assert json.loads(found[0]["report.json"])["records"]["read"] == 21
    assert found[0] == found[1]


@pytest.mark.engine
@pytest.mark.parametrize("jobs", [1, 2])
def test_broken_files_are_told_of_in_the_same_way(jobs: int, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    write(folder / "good.json", article(1))
    (folder / "empty.md").write_bytes(b"")
    (folder / "latin.md").write_bytes(b"---\ntitle: \xe4\n---\n")
    (folder / "cut.json.gz").write_bytes(gzip.compress(json.dumps(article(2)).encode())[:-9])
    (folder / "cut.json").write_text(json.dumps(article(2))[:-9])
    (folder / "nowhere.md").symlink_to("nothing.md")
    (folder / "again").symlink_to(".")
    os.mkfifo(folder / "pipe.json")
    (folder / "caf\udce9.json").write_text(json.dumps(article(3)))
    (folder / "picture.png").write_bytes(b"png")
    expected = exported([folder, tmp_path / "missing"], tmp_path / "in_memory")
    report = json.loads(expected["report.json"])
    assert (report["files"]["unreadable"], report["files"]["skipped"]) == (3, 1)
    with cut_finely():
        for _ in range(2):
            assert published([folder, tmp_path / "missing"], tmp_path / "out", jobs=jobs) == expected


@pytest.mark.engine
@pytest.mark.parametrize("same", [True, False])
def test_files_of_one_name_from_two_folders_give_the_same_bytes(same: bool, tmp_path: Path) -> None:
    folders = [tmp_path / name for name in "abc"]
    for number, folder in enumerate(folders):
        write(folder / "x.json", article(7 if same else number // 2, related=[article(9)]))
        write(folder / f"{number}.json", article(number))
    expected = exported(folders, tmp_path / "in_memory")
    with cut_finely():
        assert published(folders, tmp_path / "out", cache=False) == expected
        assert published(folders, tmp_path / "out", jobs=2) == expected


@pytest.mark.engine
def test_values_at_their_limits_are_handed_over_whole(tmp_path: Path) -> None:
    most = 2**63 - 1
    times = ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "1970-01-01T00:00:00.000001+14:00", "1582-10-10")
    for number, time in enumerate(times):
        for sign in (1, -1):
            record = article(
                number,
                publishedDateTime=time,
                updatedDateTime=time,
                quality=sign * most,
                heat=-sign * most,
                images=[{"url": f"https://a.example/{number}.png", "width": most, "height": 1}],
                excerpt="\U0001f600 \u0000 \ufffe \u2028",
            )
            write(tmp_path / f"in/{number}{sign}.json", record)
    (tmp_path / "in/lone.json").write_text('{"title": "a \\ud800 b", "webUrl": "https://a.example/\\ud800"}')
    expected = exported(tmp_path / "in", tmp_path / "in_memory")
    with cut_finely():
        assert published(tmp_path / "in", tmp_path / "out", jobs=2) == expected


# --- the graph


@pytest.mark.engine
@pytest.mark.parametrize("published_only", [True, False])
def test_several_processes_give_the_same_graph(published_only: bool, any_corpus: Path) -> None:
    one = graphkit.build(any_corpus, published_only=published_only)
    two = graphkit.build(any_corpus, published_only=published_only, jobs=2)
    with cut_finely(partition=30_000, segment=30_000, batch=200_000, files=100):
        finely = graphkit.build(any_corpus, published_only=published_only, jobs=2)
    for other in (two, finely):
        assert everything(other.graph) == everything(one.graph)
        assert (other.report, other.diagnostics) == (one.report, one.diagnostics)


def test_a_graph_too_large_for_a_page_is_written_without_one(
    seeds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api, "PAGE_NODES", 20)
    made = graphkit.publish(seeds, tmp_path)
    assert made.page_left_out
    assert sorted(files_in(tmp_path)) == ["coverage.ttl", "report.json"]
    made = graphkit.publish(seeds, tmp_path, page=True)
    assert not made.page_left_out
    assert (tmp_path / "coverage.html").exists()
    assert not graphkit.publish(seeds, tmp_path, page=False).page_left_out


def test_without_a_graph_networkx_is_not_loaded(seeds: Path, tmp_path: Path) -> None:
    code = (
        f"import graphkit, sys; graphkit.publish({str(seeds)!r}, 'out', graph=False); print('networkx' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout == "False\n"


@pytest.mark.parametrize("options", [{"page": True}, {"formats": "nq"}, {"formats": ["nt", "trig"]}])
def test_what_is_made_of_the_graph_cannot_be_had_without_it(options: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(graphkit.UsageError, match="neither a page nor nq nor trig"):
        graphkit.publish("seeds", tmp_path / "out", graph=False, **options)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("jobs", [0, -1])
def test_there_is_no_build_by_no_process(jobs: int, tmp_path: Path) -> None:
    for call in (
        lambda: graphkit.build("seeds", jobs=jobs),
        lambda: graphkit.publish("seeds", tmp_path / "out", jobs=jobs),
    ):
        with pytest.raises(graphkit.UsageError, match=f"expected 1 or more processes, got {jobs}"):
            call()
    assert not (tmp_path / "out").exists()
    assert cores() >= 1


@pytest.mark.engine
@pytest.mark.parametrize("jobs", [1, 2])
def test_where_no_record_is_nothing_is_written(jobs: int, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.md").write_text("nothing\n")
    with cut_finely(), pytest.raises(graphkit.NothingReadable, match=r"got none in 1 file; the first fault: /.*/a\.md"):
        graphkit.publish(tmp_path / "in", tmp_path / "far/out", jobs=jobs)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in"]


def test_progress_goes_on_to_the_end_of_every_stage(seeds: Path, tmp_path: Path) -> None:
    told: dict[str, list[tuple[int, int]]] = {}
    with cut_finely(partition=20_000, segment=10_000, batch=20_000):
        graphkit.publish(
            seeds, tmp_path, progress=lambda stage, done, of: told.setdefault(stage, []).append((done, of))
        )
    assert list(told) == ["Reading", "Counting", "Merging", "Writing"]
    for stage, numbers in told.items():
        assert numbers == sorted(numbers), stage
        assert len({of for _, of in numbers}) == 1, stage
        assert numbers[-1][0] == numbers[-1][1], stage
    assert told["Reading"][-1] == (59, 59)


# --- processes that end


def children() -> list[int]:
    return [child.pid for child in multiprocessing.active_children() if child.pid]


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.engine
@pytest.mark.parametrize("stage", ["Reading", "Counting", "Merging", "Writing"])
def test_a_killed_worker_is_one_error_and_leaves_the_old_export(stage: str, seeds: Path, tmp_path: Path) -> None:
    (tmp_path / "coverage.ttl").write_text("old")
    before = children()

    def at(now: str, done: int, total: int) -> None:
        if now == stage:
            kill(set(children()) - set(before))

    with (
        cut_finely(partition=1_000, segment=1_000, batch=1_000),
        pytest.raises(graphkit.GraphkitError, match=r"^expected all processes to finish, got one that was ended"),
    ):
        graphkit.publish(seeds, tmp_path, jobs=2, progress=at, force=True)
    assert (tmp_path / "coverage.ttl").read_text() == "old"
    assert names_in(tmp_path) == ["coverage.ttl"]
    assert children() == before


PUBLISH = """
import os, signal, sys
import graphkit
from graphkit.pipeline.local import build_options, build_steps, file_reading, in_memory

in_memory.LARGEST = build_options.POOL_BYTES = -1
build_steps._PARTITION_BYTES = build_steps._SEGMENT_BYTES = file_reading._BATCH_BYTES = 1_000

def progress(stage, done, total):
    if stage == sys.argv[3]:
        {what}

if __name__ == "__main__":
    try:
        graphkit.publish(sys.argv[1], sys.argv[2], jobs=2, progress=progress, force=True)
    except KeyboardInterrupt:
        print("interrupted")
"""


def publishing(what: str, tmp_path: Path, *arguments: object) -> subprocess.Popen[str]:
    """Start a build in a group of processes of its own, which does something when it is at a stage."""
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(PUBLISH).format(what=what))
    return subprocess.Popen(
        [sys.executable, str(script), *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.mark.engine
@pytest.mark.parametrize("stage", ["Reading", "Merging"])
def test_an_interrupt_leaves_neither_a_process_nor_a_file(stage: str, seeds: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "coverage.ttl").write_text("old")
    run = publishing("os.killpg(0, signal.SIGINT)", tmp_path, seeds, out, stage)
    # The pipes end when the last process that holds them does.
    output, errors = run.communicate(timeout=PATIENCE)
    assert (output, errors) == ("interrupted\n", "")
    assert names_in(out) == ["coverage.ttl"]
    assert (out / "coverage.ttl").read_text() == "old"


def test_workers_end_with_the_process_that_is_killed(seeds: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run = publishing("os.kill(os.getpid(), signal.SIGKILL)", tmp_path, seeds, out, "Reading")
    output, errors = run.communicate(timeout=PATIENCE)  # which waits for the workers' ends of the pipes
    assert (run.returncode, output) == (-signal.SIGKILL, "")
    assert "Traceback" not in errors
    left = names_in(out)
    assert left
    assert all(name.startswith(".graphkit-build-") for name in left)
    with cut_finely(partition=1_000, segment=1_000, batch=1_000):
        graphkit.publish(seeds, out, page=False)
    assert names_in(out) == [".cache", "coverage.ttl", "report.json"]
    assert files_in(out) == exported(seeds, tmp_path / "in_memory")


def opened() -> list[str]:
    """Return what the files of builds that are open in this process are called."""
    links = []
    for path in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):  # that by which the folder is read
            links.append(str(path.readlink()))
    return [link for link in links if ".graphkit-" in link or ".cache" in link]


@pytest.mark.engine
@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="open files are found in /proc")
@pytest.mark.parametrize("jobs", [1, 2])
def test_no_file_stays_open(jobs: int, seeds: Path, tmp_path: Path) -> None:
    seen: set[str] = set()
    with cut_finely(partition=20_000, segment=20_000, batch=20_000):
        for _ in range(2):
            graphkit.publish(seeds, tmp_path, page=False, jobs=jobs, progress=lambda *_: seen.update(opened()))
            assert opened() == []
        graphkit.publish(seeds, tmp_path, page=False, jobs=jobs, cache=False)
        (tmp_path / "in").mkdir()
        with pytest.raises(graphkit.NothingReadable):
            graphkit.publish(tmp_path / "in", tmp_path / "other", jobs=jobs)
    assert opened() == []
    assert {name.rpartition("/")[2][:7] for name in seen} == {".cache", ".graphk"}, "the search finds what is open"


def test_several_threads_can_build_at_once(seeds: Path, tmp_path: Path) -> None:
    write(tmp_path / "in/1.json", article(1))
    corpora = [seeds, tmp_path / "in"] * 3
    expected = [exported(corpus, tmp_path / f"in_memory{number}") for number, corpus in enumerate(corpora)]
    found: dict[int, dict[str, bytes]] = {}

    def publish(number: int) -> None:
        found[number] = published(corpora[number], tmp_path / f"out{number}")

    with cut_finely(partition=20_000, segment=20_000):
        threads = [threading.Thread(target=publish, args=(number,)) for number in range(len(corpora))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert [found[number] for number in range(len(corpora))] == expected


def test_one_process_runs_its_tasks_when_their_results_are_asked_for(tmp_path: Path) -> None:
    done: list[int] = []
    path = str(tmp_path / "store")
    BlobStore(path, create=True).close()
    with worker_pool(1, TaskSettings(path, path, 1, published_only=False, base="")) as pool:
        results = pool.run(lambda _, task: done.append(task), [1, 2, 3])
        assert done == []
        next(results)
        assert done == [1]


def test_finely_cut_corpora_have_many_parts(seeds: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counts: Counter[str] = Counter()

    def run(pool: InProcess, work: Any, tasks: Any) -> Iterator[Any]:
        for task in tasks:
            counts[work.__name__] += 1
            yield task, work(pool.context, task)

    monkeypatch.setattr(InProcess, "run", run)
    with cut_finely(partition=10_000, segment=10_000, files=9):
        published(seeds, tmp_path, cache=False)
    assert counts.keys() == {"read_files", "count_partition", "reduce_one", "describe_group", "assemble"}
    assert min(counts.values()) > 5
    counts.clear()
    assert in_memory.LARGEST > 0
    published(seeds, tmp_path, cache=False)
    assert not counts, "what is small is built in memory"
    assert build_options.POOL_BYTES > 0
