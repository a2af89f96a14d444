"""A build on a cluster gives the triples and the report of one machine. The clusters are real ones of Apache Spark.

Most tests use `local[2]`; one starts a standalone master with two workers on the loopback interface, by the scripts that
come with pyspark, and kills one of them.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import threading
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import corpora
import pytest

from graphkit import pipeline
from graphkit.errors import GraphkitError, NothingReadable, UsageError

pyspark = pytest.importorskip("pyspark")
pytestmark = pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java")

from graphkit import cluster as cluster_package  # noqa: E402
from graphkit.cluster import contents  # noqa: E402

SEEDS = Path(__file__).parent.parent / "seeds"
HOME = Path(pyspark.__file__).parent
PATIENCE = 120


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    """One session for all tests on this machine."""
    from graphkit.cluster.session import connected

    with connected("local[2]") as session:
        yield session


def lines_of(out: Path) -> list[bytes]:
    parts = sorted((out / "coverage.nt").glob("part-*.nt.gz"))
    return [line for part in parts for line in gzip.decompress(part.read_bytes()).splitlines()]


def check_like_local(sources: list[Path], tmp_path: Path, local: list[Path] | None = None, **options: Any) -> Path:
    """Build by Spark and by the local engine; see that both say the same, and return Spark's folder."""
    out, expected = tmp_path / "out", tmp_path / "expected"
    told = cluster_package.build([str(source) for source in sources], str(out), **options)
    options.pop("master", None), options.pop("shares", None)
    pipeline.publish(local or sources, expected, formats=["nt"], page=False, cache=False, **options)
    lines = lines_of(out)
    assert sorted(lines) == sorted((expected / "coverage.nt").read_bytes().splitlines())
    report = json.loads((expected / "report.json").read_text("utf-8"))
    if local is None:
        assert told == report == json.loads((out / "report.json").read_text("utf-8"))
    return out


def test_the_seeds_are_what_one_machine_makes_of_them(tmp_path: Path, spark: Any) -> None:
    out = check_like_local([SEEDS], tmp_path, shares=5, base="http://localhost/id/")
    assert sorted(path.name for path in out.iterdir() if not path.name.startswith(".")) == [
        "coverage.nt",
        "edges",
        "nodes",
        "report.json",
    ]
    built = pipeline.build(SEEDS).graph
    nodes = {row.id: row for row in spark.read.parquet(str(out / "nodes")).collect()}
    assert set(nodes) == set(built)
    for node, data in built.nodes(data=True):
        assert nodes[node].kind == data["kind"]
        assert nodes[node].title == data.get("title")
        assert nodes[node].name == data.get("name")
        assert nodes[node].label == data.get("label")
        assert [tuple(place) for place in nodes[node].sources or ()] == list(data.get("sources", ()))
    edges = {(row.src, row.dst, row.kind) for row in spark.read.parquet(str(out / "edges")).collect()}
    assert edges == set(built.edges(keys=True))


def record(number: int, **more: Any) -> dict[str, Any]:
    return {"title": f"T{number}", "webUrl": f"https://big.example/{number}", **more}


def test_messy_and_skewed_records_are_what_one_machine_makes_of_them(
    tmp_path: Path, spark: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One provider has a third of all articles, one article lists a thousand, and files are damaged."""
    folder = tmp_path / "records"
    corpora.write_corpus(folder / "md", 300)
    big = {"name": "Big", "domain": "big.example"}
    lines = [json.dumps(record(number, provider=big)) for number in range(600)]
    hub = record(9999, related=[record(number, provider=big, quality=number) for number in range(1000)])
    lines += [json.dumps(hub), "", "{broken", "[]", json.dumps({"title": ""})]
    (folder / "large.jsonl").write_bytes(b"\xef\xbb\xbf" + "\n".join(lines).encode() + b'\n{"title": "\xff"}\r\n')
    packed = gzip.compress("\n".join(lines[:50]).encode())
    (folder / "good.jsonl.gz").write_bytes(packed)
    (folder / "damaged.jsonl.gz").write_bytes(packed[: len(packed) // 2])
    (folder / "not utf-8.md").write_bytes(b"---\ntitle: \xff\n---\n")
    (folder / "picture.png").write_bytes(b"\x89PNG")
    (folder / ".hidden.md").write_text("---\ntitle: Hidden\n---\n")
    card = {"title": "Found again", "publishedDateTime": "2021-08-23T11:22:00Z", "provider": big}
    told = [
        {**card, "webUrl": "https://big.example/found"},
        record(7, related=[card, {**card, "title": "Alone"}]),
        card,
    ]
    (folder / "cards.json").write_text(json.dumps(told), "utf-8")
    topics = {"taxonomy": "topic", "name": "Harbour", "parent": "Cities", "keywords": ["port"]}
    (folder / "topic.json").write_text(json.dumps(topics), "utf-8")
    monkeypatch.setattr(contents, "LARGE", 10_000)
    spark.conf.set("spark.sql.files.maxPartitionBytes", "60000")
    try:
        check_like_local([folder], tmp_path, shares=7)
    finally:
        spark.conf.set("spark.sql.files.maxPartitionBytes", str(32 << 20))


def test_archives_are_read_as_the_folders_they_hold(tmp_path: Path, spark: Any) -> None:
    folder, unpacked = tmp_path / "records", tmp_path / "unpacked"
    folder.mkdir()
    files = sorted(SEEDS.rglob("*.md"))[:12]
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        for path in files[:6]:
            archive.write(path, f"deep/{path.name}")
    with tarfile.open(folder / "b.tar.gz", "w:gz") as tar:
        for path in files[6:]:
            tar.add(path, path.name)
    for name, archived in (("a.zip/deep", files[:6]), ("b.tar.gz", files[6:])):
        (unpacked / name).mkdir(parents=True)
        for path in archived:
            shutil.copy(path, unpacked / name)
    check_like_local([folder], tmp_path, local=[unpacked])
    (folder / "c.zip").write_bytes(b"PK broken")
    told = cluster_package.build([str(folder)], str(tmp_path / "again"))
    assert told["diagnostics"]["list"] == ["c.zip: expected a whole archive, got damaged data [GK107]"]


def test_unpublished_records_are_left_out_as_on_one_machine(tmp_path: Path, spark: Any) -> None:
    check_like_local([SEEDS], tmp_path, published_only=True)


def test_real_records_are_what_one_machine_makes_of_them(tmp_path: Path, spark: Any, shared_corpus: Path) -> None:
    check_like_local([shared_corpus], tmp_path)


def test_a_build_that_finds_nothing_leaves_nothing(tmp_path: Path, spark: Any) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "a.png").write_bytes(b"")
    with pytest.raises(NothingReadable, match="got none in 0 files"):
        cluster_package.build([str(tmp_path / "empty")], str(tmp_path / "out"))
    with pytest.raises(NothingReadable, match="expected a file or folder, got nothing"):
        cluster_package.build([str(tmp_path / "absent")], str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_a_build_that_fails_leaves_what_was_there(tmp_path: Path, spark: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out"
    cluster_package.build([str(SEEDS)], str(out))
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    from graphkit.cluster.results import Results

    def fail(*_: object) -> None:
        raise RuntimeError("the network is gone")

    monkeypatch.setattr(Results, "write_report", fail)
    with pytest.raises(RuntimeError, match="the network is gone"):
        cluster_package.build([str(SEEDS)], str(out))
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize("master", ["spark://127.0.0.1:9", "spark://nowhere.invalid:7077", "nonsense"])
def test_a_master_that_is_not_there_is_named_in_one_sentence(master: str, tmp_path: Path) -> None:
    from graphkit.cluster.session import _check_reachable

    with pytest.raises(UsageError, match=r"^master: expected "):
        _check_reachable(master)


# A real standalone cluster


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def standalone(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """Start a master and two workers on the loopback interface; give the master's address and the workers."""
    port = free_port()
    environment = {
        **os.environ,
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_LOCAL_HOSTNAME": "localhost",
        "PYSPARK_PYTHON": sys.executable,
        "SPARK_WORKER_DIR": str(tmp_path / "work"),
        "SPARK_HOME": str(HOME),
    }
    log = (tmp_path / "cluster.log").open("wb")

    def start(kind: str, *arguments: str) -> subprocess.Popen[bytes]:
        command = [str(HOME / "bin" / "spark-class"), f"org.apache.spark.deploy.{kind}", "--host", "127.0.0.1"]
        return subprocess.Popen(
            [*command, "--webui-port", "0", *arguments], env=environment, stdout=log, stderr=log, start_new_session=True
        )

    master = f"spark://127.0.0.1:{port}"
    processes = [start("master.Master", "--port", str(port))]
    try:
        deadline = time.monotonic() + PATIENCE
        while not answers(port):
            assert time.monotonic() < deadline, "the master did not start"
            time.sleep(0.1)
        workers = [start("worker.Worker", "--cores", "1", "--memory", "1g", master) for _ in range(2)]
        processes += workers
        yield master, workers
    finally:
        for process in processes:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        log.close()


SCRIPT = """
import sys
from graphkit.cluster import build
build([sys.argv[1]], sys.argv[2], master=sys.argv[3])
"""


def test_a_standalone_cluster_that_loses_a_worker_gives_the_same_triples(
    tmp_path: Path, standalone: tuple[str, list[subprocess.Popen[bytes]]]
) -> None:
    master, workers = standalone
    records, out = tmp_path / "records", tmp_path / "out"
    corpora.write_corpus(records, 2_000)
    environment = {**os.environ, "SPARK_LOCAL_IP": "127.0.0.1"}
    command = [sys.executable, "-c", SCRIPT, str(records), str(out), master]
    build = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    said: list[bytes] = []
    reader = threading.Thread(target=lambda: said.append(build.communicate()[0]))
    reader.start()
    deadline = time.monotonic() + PATIENCE
    work = tmp_path / "work"
    # A worker's executor has begun to keep what it made: then the worker and all its processes go.
    while not _blocks(work):
        assert build.poll() is None, said
        assert time.monotonic() < deadline, "no executor came to work"
        time.sleep(0.05)
    os.killpg(workers[0].pid, signal.SIGKILL)
    reader.join()
    assert build.returncode == 0, said[0].decode()
    expected = tmp_path / "expected"
    pipeline.publish(records, expected, formats=["nt"], page=False, cache=False)
    assert sorted(lines_of(out)) == sorted((expected / "coverage.nt").read_bytes().splitlines())


def _blocks(work: Path) -> bool:
    """Tell whether executors of two workers have started."""
    return len({path.parent for path in work.glob("app-*/*/stderr")}) >= 2


def test_pyspark_is_asked_for_where_it_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(GraphkitError, match=r"pip install 'graphkit\[spark\]'"):
        cluster_package.build([str(SEEDS)], str(tmp_path))


def test_members_of_archives_are_named_below_them() -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("b.md", "B")
        archive.writestr("a/.hidden.md", "H")
        archive.writestr("a/c.jsonl", "C")
        archive.writestr("a/d.png", "D")
    found = list(contents.members("x.zip", data.getvalue()))
    assert [(one.name, one.form, one.data) for one in found] == [
        ("x.zip/a/c.jsonl", "jsonlines", b"C"),
        ("x.zip/b.md", "markdown", b"B"),
    ]
