"""A build on a cluster gives the triples and the report of one machine. The clusters are real ones of Apache Spark.

Most tests use `local[2]`; one starts a standalone master with two workers, and kills one of them.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import corpora
import pytest
from foreign.spark_cluster import standalone
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from paths import SEEDS
from processes.killing import ended, kill
from processes.waiting import WHOLE_RUN, wait_for
from samples.examples import examples
from samples.generated_records import BROKEN_CORPORA, Raw, write_records

from graphkit.errors import MissingExtra, NothingReadable, OutputError, UsageError
from graphkit.formats.recognition import MAX_BYTES
from graphkit.merge.packing import partition_number
from graphkit.pipeline import api

pyspark = pytest.importorskip("pyspark")
pytestmark = [pytest.mark.tools, pytest.mark.skipif(shutil.which("java") is None, reason="Spark needs Java")]

from graphkit.pipeline import spark as cluster_package  # noqa: E402
from graphkit.pipeline.spark import (  # noqa: E402
    archives,
    entries_without_url,
    file_contents,
    job,
    output,
    reading_plan,
    session,
    source_search,
    spark_readers,
)

HOME = Path(pyspark.__file__).parent


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    """One session for all tests on this machine."""
    from graphkit.pipeline.spark.session import connected

    with connected("local[2]") as running:
        yield running


@contextlib.contextmanager
def small_tasks(spark: Any) -> Iterator[None]:
    """Have Spark read no more than 60 kB in a task."""
    usual = {f"spark.sql.files.{name}": "" for name in ("maxPartitionBytes", "openCostInBytes")}
    for name, value in zip(usual, ("60000", "0"), strict=True):
        usual[name] = spark.conf.get(name)
        spark.conf.set(name, value)
    try:
        yield
    finally:
        for name, value in usual.items():
            spark.conf.set(name, value)


def lines_of(out: Path) -> list[bytes]:
    parts = sorted((out / "coverage.nt").glob("part-*.nt.gz"))
    return [line for part in parts for line in gzip.decompress(part.read_bytes()).splitlines()]


def check_like_local(sources: list[Path], tmp_path: Path, local: list[Path] | None = None, **options: Any) -> Path:
    """Build by Spark and by the local engine; see that both say the same, and return Spark's folder."""
    out, expected = tmp_path / "out", tmp_path / "expected"
    told = cluster_package.build([str(source) for source in sources], str(out), **options)
    options.pop("master", None), options.pop("partitions", None)
    api.publish(local or sources, expected, formats=["nt"], page=False, cache=False, **options)
    lines = lines_of(out)
    assert sorted(lines) == sorted((expected / "coverage.nt").read_bytes().splitlines())
    report = json.loads((expected / "report.json").read_text("utf-8"))
    del report["written"]  # Spark writes folders, which have no hash
    assert told == report == json.loads((out / "report.json").read_text("utf-8"))
    return out


def test_addresses_that_records_declare_are_found_in_other_partitions(tmp_path: Path, spark: Any) -> None:
    page, amp, copy = "https://a.example/fair", "https://b.example/amp/fair", "https://c.example/fair"
    records: list[Raw] = [
        {"title": "Fair", "webUrl": page, "ampWebUrl": amp, "topics": ["AI"]},
        {"title": "Fair", "webUrl": amp, "provider": {"domain": "b.example"}},
        {"title": "Fair", "webUrl": copy, "originalUrl": page, "related": [{"title": "Fair", "webUrl": amp}]},
        {"title": "Other", "webUrl": "https://a.example/other", "related": [{"title": "Fair", "webUrl": amp}]},
    ]
    folder = tmp_path / "records"
    folder.mkdir()
    write_records(folder, records)
    for partitions in (1, 7):
        check_like_local([folder], tmp_path / str(partitions), partitions=partitions)


def test_the_seeds_are_what_one_machine_makes_of_them(tmp_path: Path, spark: Any) -> None:
    described: dict[str, Any] = {
        "title": "Cameras",
        "licence": "CC-BY-4.0",
        "creators": ["Desk", "https://desk.example/"],
    }
    out = check_like_local([SEEDS], tmp_path, partitions=5, base="http://localhost/id/", **described)
    assert lines_of(out)[0].startswith(b"<http://localhost/id/dataset> ")
    assert sorted(path.name for path in out.iterdir() if not path.name.startswith(".")) == [
        "coverage.nt",
        "edges",
        "nodes",
        "report.json",
    ]
    built = api.build(SEEDS).graph
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


def test_identity_toml_means_the_same_on_a_cluster(tmp_path: Path, spark: Any) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in/identity.toml").write_text(
        '[[same_provider]]\nproviders = ["kept.example", "big.example"]\n'
        '[labels]\n"The Moon on MSN" = "moon.example"\n'
        '[[different]]\narticles = ["https://big.example/p", "https://big.example/p/amp"]\n'
        '[parameters]\n"big.example" = ["gclid"]\n'
    )
    records = [
        *({"title": url, "webUrl": f"https://big.example/{url}", "provider": {"name": "Big", "domain": "big.example"}}
          for url in ("p", "p/amp", "q?gclid=1", "q?gclid=2")),
        {"title": "T", "webUrl": "https://msn.com/t", "provider": {"name": "The Moon on MSN", "domain": "msn.com"}},
    ]  # fmt: skip
    (tmp_path / "in/a.jsonl").write_text("\n".join(map(json.dumps, records)))
    out = check_like_local([tmp_path / "in"], tmp_path, partitions=3)
    report = json.loads((out / "report.json").read_text("utf-8"))
    assert list(report["identity"].values()) == [2, 1, 2, 4]
    assert report["files"] == {"found": 1, "unreadable": 0, "skipped": 0}
    (tmp_path / "other.toml").write_text("")
    check_like_local([tmp_path / "in"], tmp_path / "second", identity=tmp_path / "other.toml")


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
    entry = {"title": "Found again", "publishedDateTime": "2021-08-23T11:22:00Z", "provider": big}
    told = [
        {**entry, "webUrl": "https://big.example/found"},
        record(7, related=[entry, {**entry, "title": "Alone"}]),
        entry,
    ]
    (folder / "without-urls.json").write_text(json.dumps(told), "utf-8")
    topics = {"taxonomy": "topic", "name": "Harbour", "parent": "Cities", "keywords": ["port"]}
    (folder / "topic.json").write_text(json.dumps(topics), "utf-8")
    organizations = [
        {"taxonomy": "organization", "name": name, "domain": f"{name}.example"} for name in ("big", "alone")
    ]
    (folder / "organizations.jsonl").write_text(json.dumps(organizations, indent=1), "utf-8")
    monkeypatch.setattr(reading_plan, "CUT", 10_000)
    with small_tasks(spark):
        check_like_local([folder], tmp_path, partitions=7)


def test_archives_are_read_as_the_folders_they_hold(tmp_path: Path, spark: Any) -> None:
    folder, decompressed = tmp_path / "records", tmp_path / "unpacked"
    folder.mkdir()
    files = sorted(SEEDS.rglob("*.md"))[:12]
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"")
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        for path in (*files[:6], picture):
            archive.write(path, f"deep/{path.name}")
    with tarfile.open(folder / "b.tar.gz", "w:gz") as tar:
        for path in files[6:]:
            tar.add(path, f"./{path.name}")
    for name, archived in (("a.zip/deep", [*files[:6], picture]), ("b.tar.gz", files[6:])):
        (decompressed / name).mkdir(parents=True)
        for path in archived:
            shutil.copy(path, decompressed / name)
    check_like_local([folder], tmp_path, local=[decompressed])


def cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def scratched(data: bytes) -> bytes:
    """Overwrite the middle of some data."""
    middle = len(data) // 2
    return data[: middle - 100] + b"\xff" * 200 + data[middle + 100 :]


def zipped(files: dict[str, bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


def tarred(files: dict[str, bytes], mode: Any) -> bytes:
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode=mode) as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return data.getvalue()


NOISE = {f"{number}.md": random.Random(number).randbytes(20_000).hex().encode() for number in range(4)}


@pytest.mark.parametrize("damage", [cut, scratched, lambda _: b"PK broken", lambda _: b""])
@pytest.mark.parametrize(
    "name, data",
    [("x.zip", zipped(NOISE)), ("x.tar.gz", tarred(NOISE, "w:gz")), ("x.tgz", tarred(NOISE, "w:gz"))],
    ids=["zip", "tar.gz", "tgz"],
)
def test_a_damaged_archive_gives_one_diagnostic_and_nothing_else(name: str, data: bytes, damage: Any) -> None:
    assert len(list(file_contents.contents_of(name, name, data))) == 5
    (found,) = file_contents.contents_of(name, name, damage(data))
    assert str(found.diagnostic) == f"{name}: expected a whole archive, got damaged data [GK107]"


@pytest.mark.parametrize("members", range(4))
def test_a_tar_file_that_ends_after_a_member_is_damaged(members: int) -> None:
    whole = tarred(NOISE, "w:")
    size = 512 + -(-len(NOISE["0.md"]) // 512) * 512
    (found,) = file_contents.contents_of("x.tar", "x.tar", whole[: members * size])
    assert str(found.diagnostic) == "x.tar: expected a whole archive, got damaged data [GK107]"


@pytest.mark.parametrize("pack", [zipped, lambda files: tarred(files, "w:gz")], ids=["zip", "tar.gz"])
def test_an_archive_that_unpacks_to_too_much_is_not_unpacked(pack: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "x.zip" if pack is zipped else "x.tgz"
    monkeypatch.setattr(archives, "MIN_DECOMPRESSED", 1 << 20)
    monkeypatch.setattr(archives, "MAX_RATIO", 1)
    (found,) = file_contents.contents_of(name, name, pack({"a.md": bytes(10 << 20)}))
    assert str(found.diagnostic) == f"{name}: expected at most 1 MiB, got more [GK106]"


def test_a_member_that_is_too_large_is_told_of_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MAX_BYTES, "markdown", 1 << 20)
    told = [
        str(one.diagnostic or one.name)
        for data in (zipped, lambda files: tarred(files, "w:"))
        for one in file_contents.contents_of(
            "x.a", "x.zip" if data is zipped else "x.tar", data({"a.md": bytes(2 << 20), "b.md": b""})
        )
    ]
    expected = ["x.a/a.md: expected at most 1 MiB, got 2 MiB [GK106]", "x.a/b.md", "x.a"]
    assert told == expected * 2


def test_members_of_archives_are_named_below_them() -> None:
    data = zipped({"b.md": b"B", "a/.hidden.md": b"H", "a/c.jsonl": b"C", "a/d.png": b"D", "/../up.md": b"U"})
    found = list(file_contents.contents_of("x.zip", "x.zip", data))
    assert [(one.name, one.format, one.data) for one in found[:-1]] == [
        ("x.zip/b.md", "markdown", b"B"),
        ("x.zip/a/c.jsonl", "jsonlines", b"C"),
        ("x.zip/up.md", "markdown", b"U"),
    ]
    assert (sum(one.found for one in found), sum(one.skipped for one in found)) == (3, 1)


def test_packed_lines_come_in_portions_that_are_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_contents, "_COMPRESSED_LINES", 100)
    lines = b"\n".join(b'{"title": "%060d"}' % number for number in range(300_000))
    packed = gzip.compress(lines)
    found = list(file_contents.contents_of("a.jsonl", "a.jsonl.gz", packed))
    assert len(found) > 1
    assert sum(one.listed for one in found) == 1
    assert [one.lines_before for one in found] == [
        sum(each.data.count(b"\n") + 1 for each in found[:number]) for number in range(len(found))
    ]
    assert b"\n".join(one.data for one in found) == lines
    (broken,) = file_contents.contents_of("a.jsonl", "a.jsonl.gz", cut(packed))
    assert str(broken.diagnostic) == "a.jsonl: expected whole gzip data, got data that ends too early [GK107]"


def markdown(number: int, **more: Any) -> str:
    return f"---\n{json.dumps(record(number, **more))}\n---\n"


def write(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


ODD_NAMES = (
    *("a.md", "_b.md", "_posts/c.md", "_posts/_d.md", "_posts/deep/e.md", "deep/_posts/f.md", "deep/_/_/g.md"),
    *("é ü.md", "100%25.md", "a b#c?.md", "[x].md", "{y,z}.md", "*.md", "in [brackets]/h.md", "a:b.md", "x=1/_y=2.md"),
    *("H.MD", ".hidden.md", ".hidden/i.md", "_SUCCESS", "picture.png", "noending", "export/coverage.nt/part-0.nt"),
    *("export/report.json", "export/coverage.d3.json", "export/k.md"),
)


def test_files_are_found_and_named_as_on_one_machine(tmp_path: Path, spark: Any) -> None:
    """Spark itself leaves aside what begins with an underscore, and takes all names for patterns."""
    folder = write(tmp_path / "rec [1]", {name: markdown(number) for number, name in enumerate(ODD_NAMES)})
    (folder / "dangling.md").symlink_to("nowhere")
    (folder / "link").symlink_to(folder / "_posts")
    (folder / "caf\udce9.md").write_text(markdown(100))
    sources = [folder, folder / "_posts", folder / "a.md", folder / "noending", folder / ".hidden.md"]
    check_like_local(sources, tmp_path)


def test_patterns_loops_and_equal_names_are_what_they_are_on_one_machine(tmp_path: Path, spark: Any) -> None:
    one = write(tmp_path / "one", {"a.md": markdown(1), "deep/b.md": markdown(2), "deep/c.txt": markdown(3)})
    other = write(tmp_path / "onion", {"a.md": markdown(4)})
    (one / "deep" / "up").symlink_to(one)
    check_like_local([tmp_path / "on*" / "**" / "*.md", one, other, tmp_path / "none*"], tmp_path)


def test_another_file_system_is_read_and_written_by_the_same_rules(tmp_path: Path, spark: Any) -> None:
    # Hadoop cannot open a file with a colon in its name here.
    names = [name for name in ODD_NAMES if ":" not in name]
    folder = write(tmp_path / "records", {name: markdown(number) for number, name in enumerate(names)})
    spark._jsc.hadoopConfiguration().set("fs.viewfs.mounttable.default.link./data", tmp_path.as_uri())
    expected = tmp_path / "expected"
    for sources in (["records"], ["records/_posts", "records/a.md"], ["records/*"], ["records/_b.md"]):
        told = cluster_package.build([f"viewfs:///data/{name}" for name in sources], "viewfs:///data/out")
        names = [str(tmp_path / name) for name in sources]
        api.publish(names, expected, formats=["nt"], page=False, cache=False)
        assert sorted(lines_of(tmp_path / "out")) == sorted((expected / "coverage.nt").read_bytes().splitlines())
        report = json.loads((expected / "report.json").read_text("utf-8"))
        del report["written"]
        assert told == report
    with pytest.raises(NothingReadable, match=re.escape("the first fault: none*: expected files that match")):
        cluster_package.build(["viewfs:///data/none*"], "viewfs:///data/out")
    (folder / "empty").mkdir()
    with pytest.raises(NothingReadable, match="the first fault: empty: expected record files, got none of them"):
        cluster_package.build(["viewfs:///data/records/empty"], "viewfs:///data/out")
    with pytest.raises(UsageError, match="expected a pattern without"):
        cluster_package.build(["viewfs:///data/**/*.md"], "viewfs:///data/out")
    write(tmp_path / "colon", {"a:b.md": markdown(1), "c.md": markdown(2), "_deep/d.md": markdown(3)})
    told = cluster_package.build(["viewfs:///data/colon"], "viewfs:///data/out")
    assert told["files"] == {"found": 3, "unreadable": 1, "skipped": 0}
    assert "a:b.md: expected a readable file, got an error [GK101]" in told["diagnostics"]["list"]
    # What is written beside the records is not read.
    told = cluster_package.build(["viewfs:///data/records/deep"], "viewfs:///data/records/deep/out")
    assert told == cluster_package.build(["viewfs:///data/records/deep"], "viewfs:///data/records/deep/out")


def test_a_file_that_cannot_be_read_is_told_of_and_the_others_are_read(
    tmp_path: Path, spark: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = {"a.md": markdown(1), "gone.md": markdown(2), "gone.jsonl": json.dumps(record(4)) + "\n"}
    folder = write(tmp_path / "records", {**texts, "large.md": markdown(3, excerpt="x" * 3_000)})
    monkeypatch.setattr(reading_plan, "CUT", 10)
    monkeypatch.setattr(reading_plan, "LARGE", 1_000)
    monkeypatch.setattr(reading_plan, "MAX_WHOLE", 2_000)
    find = source_search.find_sources

    def find_before_it_goes(*arguments: Any) -> Any:
        found = find(*arguments)
        (folder / "gone.md").unlink()
        (folder / "gone.jsonl").unlink()
        return found

    monkeypatch.setattr(job, "find_sources", find_before_it_goes)
    spark.conf.set("spark.sql.sources.binaryFile.maxLength", "2000")  # as with 2 GiB, so that nobody tries
    try:
        told = cluster_package.build([str(folder)], str(tmp_path / "out"))
    finally:
        spark.conf.unset("spark.sql.sources.binaryFile.maxLength")
    assert told["files"] == {"found": 4, "unreadable": 3, "skipped": 0}
    assert told["records"] == {"read": 4, "added": 1, "merged": 0, "rejected": 3, "left_out": 0}
    assert [one for one in told["diagnostics"]["list"] if "[GK1" in one] == [
        "gone.jsonl: expected a readable file, got an error [GK101]",
        "gone.md: expected a readable file, got an error [GK101]",
        "large.md: expected at most 0 MiB, got 0 MiB [GK106]",
    ]


def test_files_of_lines_are_cut_whatever_they_are_called(
    tmp_path: Path, spark: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Spark shows their names as URIs there; tasks get parts of several files, which come to an end with no newline."""
    names = ("a.jsonl", "é ü+.JSONL", "100%25.jsonl", "a b#c?.jsonl", "deep/[x]{y,z}*.jsonl", "x=1.jsonl", "_b.jsonl")
    broken = ["", "{broken", json.dumps({"title": ""})]
    texts = {
        name: "\n".join([*(json.dumps(record(number * 1_000 + place)) for place in range(900)), *broken])
        for number, name in enumerate(names)
    }
    folder = write(
        tmp_path / "records", {**texts, "short.jsonl": json.dumps(record(9)), "b.json": texts["a.jsonl"][:99]}
    )
    monkeypatch.setattr(reading_plan, "CUT", 1_000)
    monkeypatch.setattr(spark_readers, "_LINES", 50)
    with small_tasks(spark):
        check_like_local([folder], tmp_path)


def test_what_lies_by_partitions_is_not_moved_again(spark: Any) -> None:
    context = spark.sparkContext
    parts = [
        context.parallelize([(partition, b"") for partition in range(9)], 3).groupByKey(4).mapValues(list)
        for _ in "abc"
    ]
    moves = [part.toDebugString().count(b"ShuffledRDD") for part in parts]
    whole = job.gathered(parts[0], parts[1], parts[2], 4)
    assert whole.toDebugString().count(b"ShuffledRDD") == sum(moves) == 3


def test_entries_without_url_that_list_others_lead_to_what_those_are(
    tmp_path: Path, spark: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    when = {"publishedDateTime": "2021-08-23T11:22:00Z"}
    entry = {**when, "provider": {"name": "Big"}}
    found = record(1, provider={"name": "Big", "domain": "big.example"}, **when)
    listing = {
        "title": "P",
        **entry,
        "related": [{"title": "Q", **entry}, {"title": "T1", **entry}, {"title": "P", **entry}],
    }
    folder = write(tmp_path / "records", {"a.json": json.dumps([found, listing])})
    check_like_local([folder], tmp_path, partitions=3)
    # Where there are very many titles, all articles are asked what they claim.
    monkeypatch.setattr(entries_without_url, "MAX_TITLE_HASHES", 0)
    check_like_local([folder], tmp_path / "again", partitions=3)


@pytest.mark.usefixtures("spark")
@examples(3, suppress_health_check=list(HealthCheck), database=None)
@given(corpora=st.lists(BROKEN_CORPORA, min_size=5, max_size=8))
def test_made_records_are_what_one_machine_makes_of_them(corpora: list[list[Raw]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "records").mkdir()
        write_records(folder / "records", [raw for corpus in corpora for raw in corpus])
        check_like_local([folder / "records"], folder, partitions=5)


def test_a_stage_is_one_job_however_many_tasks_it_has(tmp_path: Path, spark: Any) -> None:
    """A job for each task would have a cluster work as one machine."""
    tracker = spark.sparkContext.statusTracker()

    def jobs() -> int:
        before = set(tracker.getJobIdsForGroup(None))
        cluster_package.build([str(SEEDS)], str(tmp_path / "out"))
        return len(set(tracker.getJobIdsForGroup(None)) - before)

    with small_tasks(spark):
        number = jobs()
    assert number == jobs()


def test_a_provider_of_a_third_of_all_articles_has_them_in_all_partitions() -> None:
    sizes = Counter(partition_number(f"big.example/{number}", 50) for number in range(50_000))
    assert len(sizes) == 50
    assert max(sizes.values()) < 1.2 * min(sizes.values())


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

    def fail(*_: object) -> None:
        raise RuntimeError("the network is gone")

    monkeypatch.setattr(output.OutputFolder, "write_report", fail)
    with pytest.raises(RuntimeError, match="the network is gone"):
        cluster_package.build([str(SEEDS)], str(out))
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == before


def test_a_place_that_cannot_be_written_is_told_before_anything_is_read(tmp_path: Path, spark: Any) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match="file: expected a folder that can be written, got: "):
        cluster_package.build([str(tmp_path / "absent")], str(tmp_path / "file"))


def test_what_fails_on_a_worker_ends_in_one_sentence(spark: Any) -> None:
    from graphkit.pipeline.spark.session import errors_in_one_sentence

    with (
        pytest.raises(
            UsageError, match=r"^spark: expected a build that comes to its end, got: ZeroDivisionError: [^\n]*$"
        ),
        errors_in_one_sentence(),
    ):
        spark.sparkContext.parallelize([0], 1).map(lambda number: 1 // number).count()
    with pytest.raises(UsageError, match=r"^spark: expected .*No FileSystem for scheme \"nonsense\"$"):
        cluster_package.build(["nonsense://bucket/a"], "out")


def test_a_session_on_another_master_is_not_taken_for_the_one_that_is_asked_for(tmp_path: Path, spark: Any) -> None:
    with pytest.raises(UsageError, match=r"^master: expected local\[2\], whose session runs here, got spark://a:1$"):
        cluster_package.build([str(SEEDS)], str(tmp_path / "out"), master="spark://a:1")


def test_standard_input_cannot_be_read_by_a_cluster(tmp_path: Path, spark: Any) -> None:
    with pytest.raises(UsageError, match="got standard input"):
        cluster_package.build(["-"], str(tmp_path / "out"))


def command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run graphkit with the cluster in a process of its own."""
    command = [sys.executable, "-m", "graphkit", "build", "--engine", "spark", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, env={**os.environ, **environment}, timeout=WHOLE_RUN, check=False
    )


@pytest.mark.parametrize(
    "master, reason",
    [
        ("spark://127.0.0.1:9", "expected a Spark master that answers at spark://127.0.0.1:9, got: connection refused"),
        ("spark://nowhere.invalid:7077", "expected a Spark master that answers at spark://nowhere.invalid:7077, got: "),
        ("nonsense", "expected local[N], spark://host:port, yarn or k8s://…, got 'nonsense'"),
    ],
)
def test_a_master_that_is_not_there_is_named_in_one_sentence(master: str, reason: str, tmp_path: Path) -> None:
    done = command(str(SEEDS), "--out", str(tmp_path / "out"), "--master", master)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"graphkit: master: {reason}")
    assert done.stderr.count("\n") == 1


def test_java_is_asked_for_where_it_is_missing(tmp_path: Path) -> None:
    done = command(str(SEEDS), "--out", str(tmp_path / "out"), PATH=str(tmp_path), JAVA_HOME="")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "graphkit: spark: expected Java 17 or later (java on the PATH, or JAVA_HOME), got none\n"
    done = command(str(SEEDS), "--out", str(tmp_path / "out"), JAVA_HOME=str(tmp_path))
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("graphkit: spark: expected Java 17 or later and a cluster")


def test_a_build_says_what_one_machine_says_and_nothing_of_spark(tmp_path: Path) -> None:
    done = command(str(SEEDS), "--out", str(tmp_path / "out"), "--master", "local[2]")
    said = [line for line in done.stderr.splitlines() if "incubator modules" not in line]  # Java's own sentence
    assert done.returncode == 0
    assert [line.partition(" ")[0] for line in said if line] == ["records", "related", "graph", "wrote"]


@pytest.mark.parametrize(
    "options, said",
    [
        (["--format", "ttl"], "engine: expected local with --format, got spark, which "),
        (
            ["-f", "nt,nq", "--provenance", "--page", "--patch", "--gzip"],
            "engine: expected local with --format, --provenance, --page, --patch, got spark, which ",
        ),
        (["--jobs", "2", "--master", "local[2]"], "jobs: expected none beside --master, which "),
        (["--engine", "local", "--master", "local[2]"], "master: expected --engine spark with it, got local[2]"),
    ],
)
def test_options_that_would_be_left_out_are_refused(options: list[str], said: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = command(str(SEEDS), "--out", str(out), *options, JAVA_HOME=str(tmp_path))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"graphkit: {said}")
    assert done.stderr.count("\n") == 1
    assert not out.exists()


def test_strict_ends_with_1_and_options_of_what_a_cluster_does_anyway_are_served(tmp_path: Path) -> None:
    folder, out = write(tmp_path / "records", {"a.md": markdown(1, quality="much")}), tmp_path / "out"
    served = ["--format", "nt", "--gzip", "--no-page", "--no-graph", "--no-cache", "--jobs", "1", "--strict", "--quiet"]
    done = command(str(folder), "--out", str(out), *served)
    assert done.returncode == 1
    assert json.loads((out / "report.json").read_text("utf-8"))["diagnostics"]["by_code"]["GK302"] == 1


# Memory


@pytest.mark.parametrize(
    "memory, heap", [(512 << 20, 1 << 30), (8 << 30, 2 << 30), (24 << 30, 6 << 30), (512 << 30, 16 << 30)]
)
def test_java_gets_a_quarter_of_the_memory_within_bounds(memory: int, heap: int) -> None:
    assert session.java_heap(memory) == heap


@pytest.mark.parametrize("limit, expected", [("2147483648\n", 2 << 30), ("max\n", None), (None, None)])
def test_a_container_limits_the_memory(
    limit: str | None, expected: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "_LIMIT", tmp_path / "memory.max")
    if limit:
        (tmp_path / "memory.max").write_text(limit)
    of_the_machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    assert session.available_memory() == min(expected or of_the_machine, of_the_machine)


@pytest.mark.skipif(
    not os.environ.keys().isdisjoint({"SPARK_CONF_DIR", "SPARK_DRIVER_MEMORY", "PYSPARK_SUBMIT_ARGS"}),
    reason="settings of somebody's own",
)
def test_java_on_this_machine_gets_more_than_what_is_meant_for_a_driver(spark: Any) -> None:
    heap = spark._jvm.java.lang.Runtime.getRuntime().maxMemory()
    assert heap == pytest.approx(session.java_heap(session.available_memory()), rel=0.1)


def test_java_that_has_too_little_memory_is_told_of_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "large.json").write_text(json.dumps(record(1, excerpt="x" * (160 << 20))))
    little = "--driver-memory 512m pyspark-shell"
    done = command(str(tmp_path / "large.json"), "--out", str(tmp_path / "out"), PYSPARK_SUBMIT_ARGS=little)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == (
        "graphkit: spark: expected a build that comes to its end, got: Java ended with exit code 52, no memory left in "
        "its heap; give Java more, or make large files smaller: PYSPARK_SUBMIT_ARGS='--driver-memory 8g pyspark-shell'"
    )
    assert "Traceback" not in done.stderr
    assert "\tat " not in done.stderr


def test_java_that_is_killed_is_told_of_in_one_sentence(tmp_path: Path) -> None:
    out = tmp_path / "out"
    build = subprocess.Popen(
        [sys.executable, "-m", "graphkit", "build", "--engine", "spark", str(SEEDS), "--out", str(out)],
        stderr=subprocess.PIPE,
        text=True,
    )
    with ended(build):
        wait_for(lambda: build.poll() is not None or bool(list(out.glob("_building-*"))), "the build to begin")
        kill(map(int, Path(f"/proc/{build.pid}/task/{build.pid}/children").read_text().split()))
        said = build.communicate(timeout=WHOLE_RUN)[1]
    assert build.returncode == 2
    assert said.splitlines()[-1] == (
        "graphkit: spark: expected a build that comes to its end, got: Java was ended by signal 9 (Killed); perhaps the "
        "machine had no memory left: use fewer cores, or less for Java: "
        "PYSPARK_SUBMIT_ARGS='--driver-memory 2g pyspark-shell'"
    )
    assert "Traceback" not in said


@pytest.mark.usefixtures("spark")
@pytest.mark.parametrize(
    "reason, advice",
    [
        ("ExecutorLostFailure (executor 1 exited) Reason: Command exited with code 52", "give Java more"),
        ("Container from a bad node. Exit status: 137. Diagnostics: killed", "perhaps the machine had no memory left"),
        ("The executor with id 1 exited with exit code 137(SIGKILL)", "perhaps the machine had no memory left"),
        ("java.lang.OutOfMemoryError: Java heap space", "give Java more"),
    ],
)
def test_executors_without_memory_are_told_what_to_do(reason: str, advice: str) -> None:
    from pyspark.errors import PySparkException

    with (
        pytest.raises(UsageError, match=f"{re.escape(reason)}; {advice}.*: PYSPARK_SUBMIT_ARGS='--executor-memory "),
        session.errors_in_one_sentence(),
    ):
        raise PySparkException(reason)


# A real standalone cluster

SCRIPT = """
import sys
from graphkit.pipeline.spark import build
build([sys.argv[1]], sys.argv[2], master=sys.argv[3])
"""


def test_a_standalone_cluster_that_loses_a_worker_gives_the_same_triples(tmp_path: Path) -> None:
    records, out = tmp_path / "records", tmp_path / "out"
    corpora.write_corpus(records, 2_000)
    environment = {**os.environ, "SPARK_LOCAL_IP": "127.0.0.1"}
    said = tmp_path / "said"
    with standalone(tmp_path, HOME) as cluster, said.open("wb") as stream:
        arguments = [sys.executable, "-c", SCRIPT, str(records), str(out), cluster.master]
        build = subprocess.Popen(arguments, env=environment, stdout=stream, stderr=subprocess.STDOUT)
        with ended(build):
            # Both have done work that the rest of the build needs: then one of them goes, with all that it has.
            wait_for(
                lambda: build.poll() is not None or all(worker.keeps_shuffle_data() for worker in cluster.workers),
                "both workers to work",
                patience=WHOLE_RUN,
            )
            assert build.poll() is None, said.read_text("utf-8")
            cluster.workers[0].kill()
            build.wait(WHOLE_RUN)
    assert build.returncode == 0, said.read_text("utf-8")
    expected = tmp_path / "expected"
    api.publish(records, expected, formats=["nt"], page=False, cache=False)
    assert sorted(lines_of(out)) == sorted((expected / "coverage.nt").read_bytes().splitlines())
    report = json.loads((expected / "report.json").read_text("utf-8"))
    del report["written"]
    assert json.loads((out / "report.json").read_text("utf-8")) == report


def test_pyspark_is_asked_for_where_it_is_missing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(MissingExtra, match=r"pip install pyspark"):
        cluster_package.build([str(SEEDS)], str(tmp_path))
