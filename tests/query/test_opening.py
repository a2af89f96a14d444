"""Opening RDF: what is opened, when the cache builds a store again, and what a killed build leaves."""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import msgspec
import pyoxigraph as ox
import pytest
from paths import ROOT
from processes.waiting import PATIENCE

from graphkit.errors import NothingReadable, UsageError
from graphkit.files.stamps import SETTLED_NS
from graphkit.query import opening, rdf_loading, store_cache
from graphkit.query.data import Data
from graphkit.query.opening import open_data
from graphkit.query.rdf_files import RdfFiles, find_rdf
from graphkit.rdf.syntaxes import ENDINGS

EXPORT = ROOT / "exports" / "coverage.ttl"
# A process that is killed, or may not write, would leave a damaged file of coverage behind.
UNMEASURED = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
TRIPLE = '<urn:s> <urn:p> "{}" .\n'


def values(data: Data) -> list[str]:
    """Return all objects, in order."""
    return sorted(row["o"].value for row in data.query("SELECT ?o { ?s ?p ?o }"))  # type: ignore[union-attr]


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take every file for a large one."""
    monkeypatch.setattr(opening, "SMALL", 0)


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that each build of a store is added to."""
    found: list[str] = []
    build = store_cache._build

    def counted(kept: Path, files: RdfFiles) -> ox.Store:
        found.append(kept.name)
        return build(kept, files)

    monkeypatch.setattr(store_cache, "_build", counted)
    return found


def resolve(path: Path) -> None:
    """Make the stamp of a file one of long ago, so that its times can be trusted."""
    folder = path.parent / ".store"
    for record in store_cache._records(folder):
        store_cache._write(folder, msgspec.structs.replace(record, clock=record.clock + 10 * SETTLED_NS))


# What can be opened


def test_an_export_is_opened_by_its_folder_and_by_its_file() -> None:
    for path in (EXPORT.parent, str(EXPORT.parent), EXPORT):
        data = open_data(path)
        assert len(data.store) > 1000
        assert data.base == "https://w3id.org/graphkit/id/"
        assert not data.union
        assert data.kept is None


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.usefixtures("large")
def test_every_syntax_is_read_packed_or_not_in_memory_or_on_disk(
    ending: str, packed: bool, keep: bool, tmp_path: Path
) -> None:
    source = ox.Store()
    source.load('<urn:s> <urn:p> "ü", "b" .', ox.RdfFormat.TURTLE)
    text = source.dump(format=ENDINGS[ending], from_graph=ox.DefaultGraph())
    assert text is not None
    path = tmp_path / f"a.{ending}{'.gz' if packed else ''}"
    path.write_bytes(gzip.compress(text) if packed else text)
    data = open_data(path, keep=keep)
    assert values(data) == ["b", "ü"]
    assert (data.kept is not None) is keep


def test_a_folder_of_files_is_opened_as_one(tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text(TRIPLE.format("a"))
    (tmp_path / "b.nt.gz").write_bytes(gzip.compress(TRIPLE.format("b").encode()))
    (tmp_path / ".hidden.nt").write_text(TRIPLE.format("hidden"))
    (tmp_path / "notes.txt").write_text("no RDF")
    assert values(open_data(tmp_path)) == ["a", "b"]


def test_an_export_goes_before_other_files_of_its_folder(tmp_path: Path) -> None:
    (tmp_path / "coverage.ttl").write_text(TRIPLE.format("export"))
    (tmp_path / "other.ttl").write_text(TRIPLE.format("other"))
    assert values(open_data(tmp_path)) == ["export"]


def test_an_oxigraph_store_is_opened_as_it_is(tmp_path: Path) -> None:
    made = ox.Store(str(tmp_path / "made"))
    made.add(ox.Quad(ox.NamedNode("urn:s"), ox.NamedNode("urn:p"), ox.Literal("x"), ox.NamedNode("urn:g")))
    made.flush()
    del made
    data = open_data(tmp_path / "made")
    assert values(data) == ["x"]
    assert data.union
    shutil.copytree(tmp_path / "made", tmp_path / "copy")
    assert open_data(tmp_path / "copy").digest == data.digest


@pytest.mark.usefixtures("large")
def test_what_was_kept_is_opened_without_its_file(tmp_path: Path) -> None:
    path = tmp_path / "a.ttl"
    path.write_text(TRIPLE.format("x"))
    kept = open_data(path).kept
    assert kept is not None
    path.unlink()
    assert values(open_data(tmp_path / ".store")) == values(open_data(kept)) == ["x"]
    shutil.rmtree(kept)
    with pytest.raises(NothingReadable, match="expected a store, got none"):
        open_data(tmp_path / ".store")


def test_named_graphs_are_asked_together_unless_the_query_names_some(tmp_path: Path) -> None:
    path = tmp_path / "a.nq"
    path.write_text('<urn:s> <urn:p> "d" .\n<urn:s> <urn:p> "g" <urn:g> .\n<urn:s> <urn:p> "h" <urn:h> .\n')
    data = open_data(path)
    assert data.union
    assert values(data) == ["d", "g", "h"]
    found = data.query("SELECT ?o FROM <urn:g> { ?s ?p ?o }")
    assert [row["o"].value for row in found] == ["g"]  # type: ignore[union-attr]


@pytest.mark.parametrize("name", ["missing", "missing.ttl", "."])
def test_where_there_is_nothing_the_way_to_make_something_is_told(name: str, tmp_path: Path) -> None:
    with pytest.raises(NothingReadable, match=r"expected RDF, got .*`graphkit build"):
        open_data(tmp_path / name)


@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.usefixtures("large")
def test_a_file_without_triples_is_nothing(keep: bool, tmp_path: Path) -> None:
    (tmp_path / "a.ttl").write_text("# nothing\n")
    with pytest.raises(NothingReadable, match=r"a\.ttl: expected triples, got none"):
        open_data(tmp_path / "a.ttl", keep=keep)


@pytest.mark.parametrize("small", [0, 1 << 20])
@pytest.mark.parametrize(
    "name, data, expected",
    [
        ("a.ttl", b"<urn:s> <urn:p>\n  nonsense .", "a.ttl:2:3: expected Turtle, got an error: nonsense is not"),
        ("a.nt", b"<urn:s> <urn:p> 1 .", "a.nt:1:17: expected N-Triples"),
        ("a.rdf", b"<rdf", "a.rdf: expected RDF/XML, got an error: syntax error"),
        ("a.ttl", b"\xff\xfe", "a.ttl:1:1: expected Turtle"),
        ("a.ttl.gz", b"not packed", "a.ttl.gz: expected a file that can be read, got: not a gzipped file"),
        ("a.ttl.gz", gzip.compress(b"# \n" * 9999, mtime=0)[:-9], "a.ttl.gz: expected a file that can be read"),
        ("a.jsonld", b'{"@context": "http://localhost:9/context", "a": 1}', "a.jsonld: expected JSON-LD, got an error"),
    ],
)
def test_a_fault_of_the_file_is_one_sentence_with_its_place(
    name: str, data: bytes, expected: str, small: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "SMALL", small)
    (tmp_path / name).write_bytes(data)
    with pytest.raises(UsageError) as caught:
        open_data(tmp_path / name)
    assert expected in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.rglob("*.tmp"))


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").touch()
    with pytest.raises(UsageError, match="expected a file that ends with one of ttl, nt"):
        open_data(tmp_path / "a.csv")
    os.mkfifo(tmp_path / "a.ttl")
    with pytest.raises(UsageError, match="expected a regular file"):
        open_data(tmp_path / "a.ttl")


# The digest


@pytest.mark.parametrize("small", [0, 1 << 20])
def test_the_digest_is_of_the_content_and_not_of_the_place(
    small: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = open_data(EXPORT).digest
    monkeypatch.setattr(opening, "SMALL", small)
    for name in ("a/one.ttl", "b/coverage.ttl"):
        (tmp_path / name).parent.mkdir()
        shutil.copy(EXPORT, tmp_path / name)
        assert open_data(tmp_path / name).digest == plain
    (tmp_path / "a/one.ttl").write_bytes(EXPORT.read_bytes() + b"\n")
    assert open_data(tmp_path / "a/one.ttl").digest != plain


# When it is built


@pytest.mark.usefixtures("large")
def test_a_file_is_loaded_once(tmp_path: Path, builds: list[str]) -> None:
    path = tmp_path / "a.ttl"
    path.write_text(TRIPLE.format("x"))
    first = open_data(path)
    resolve(path)
    second = open_data(path)
    assert len(builds) == 1
    assert values(first) == values(second) == ["x"]
    assert first.digest == second.digest
    assert first.kept == second.kept


@pytest.mark.usefixtures("large")
def test_a_file_that_looks_as_it_did_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.ttl"
    path.write_text(TRIPLE.format("x"))
    open_data(path)
    resolve(path)
    monkeypatch.setattr(RdfFiles, "digest", None)
    assert values(open_data(path)) == ["x"]


@pytest.mark.usefixtures("large")
def test_a_change_that_its_times_do_not_show_is_seen_while_the_stamp_is_young(
    tmp_path: Path, builds: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.ttl"
    path.write_text(TRIPLE.format("x"))
    seen = store_cache._stamps_of(find_rdf(path))
    monkeypatch.setattr(store_cache, "_stamps_of", lambda _: seen)
    assert values(open_data(path)) == ["x"]
    path.write_text(TRIPLE.format("y"))  # the same size, and as good as the same moment
    assert values(open_data(path)) == ["y"]
    assert len(builds) == 2


@pytest.mark.usefixtures("large")
def test_a_changed_file_is_loaded_again_and_the_old_store_is_removed(tmp_path: Path, builds: list[str]) -> None:
    path = tmp_path / "a.ttl"
    path.write_text(TRIPLE.format("x"))
    old = open_data(path)
    resolve(path)
    path.write_text(TRIPLE.format("y"))
    new = open_data(path)
    assert values(new) == ["y"]
    assert old.kept is not None
    assert not old.kept.exists()
    assert values(old) == ["x"], "who has it open goes on"
    assert len(builds) == 2


@pytest.mark.usefixtures("large")
def test_a_touched_file_is_hashed_and_not_loaded_again(
    tmp_path: Path, builds: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.ttl"
    path.write_text(TRIPLE.format("x"))
    open_data(path)
    os.utime(path, ns=(1, 1))
    assert values(open_data(path)) == ["x"]
    resolve(path)
    monkeypatch.setattr(RdfFiles, "digest", None)
    assert values(open_data(path)) == ["x"], "the stamp is renewed"
    assert len(builds) == 1


@pytest.mark.usefixtures("large")
def test_files_side_by_side_have_stores_side_by_side(tmp_path: Path, builds: list[str]) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.ttl").write_text(TRIPLE.format(name))
    (tmp_path / "same.ttl").write_text(TRIPLE.format("a"))
    for _ in range(2):
        for name, held in (("a", "a"), ("b", "b"), ("same", "a")):
            assert values(open_data(tmp_path / f"{name}.ttl")) == [held]
    assert len(builds) == 2, "the same content is loaded once"
    assert values(open_data(tmp_path)) == ["a", "b"]
    (tmp_path / "b.ttl").unlink()
    (tmp_path / "a.ttl").write_text(TRIPLE.format("c"))
    open_data(tmp_path / "a.ttl")
    names = {record.name for record in store_cache._records(tmp_path / ".store")}
    assert names == {"a.ttl", "same.ttl", "all"}, "b.ttl is gone"


@pytest.mark.usefixtures("large")
def test_a_file_that_changes_while_it_is_loaded_is_loaded_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.ttl"
    path.write_text(TRIPLE.format("x"))
    load = rdf_loading.load
    changes = ["first", "second"]

    def changing(loaded: ox.Store, file: Path, data: bytes | None = None) -> None:
        load(loaded, file, data)
        if changes:
            path.write_text(TRIPLE.format(changes.pop(0)))

    monkeypatch.setattr(store_cache, "load", changing)
    assert values(open_data(path)) == ["second"]
    changes[:] = ["1", "22", "333", "4444"]
    path.write_text(TRIPLE.format("x"))
    with pytest.raises(UsageError, match="expected a file that stays as it is while it is read"):
        open_data(path)


@pytest.mark.parametrize(
    "name, value",
    [("layout", 0), ("engine", "pyoxigraph 0.0"), ("generation", "../.."), ("files", {}), ("digest", "1")],
)
@pytest.mark.usefixtures("large")
def test_a_stamp_of_another_version_or_of_nonsense_is_not_trusted(
    name: str, value: object, tmp_path: Path, builds: list[str]
) -> None:
    path = tmp_path / "a.ttl"
    path.write_text(TRIPLE.format("x"))
    open_data(path)
    (record,) = store_cache._records(tmp_path / ".store")
    path.touch()  # so that the digest is needed
    changed: dict[str, Any] = {name: value}
    store_cache._write(tmp_path / ".store", msgspec.structs.replace(record, **changed))
    assert values(open_data(path)) == ["x"]
    assert len(builds) == 2


# Where it cannot be kept, and where it is damaged


@pytest.mark.usefixtures("large")
def test_where_no_store_can_be_kept_memory_serves_with_a_notice(tmp_path: Path) -> None:
    path = tmp_path / "a.ttl"
    path.write_text(TRIPLE.format("x"))
    (tmp_path / ".store").write_text("a file in the way")
    said: list[str] = []
    assert values(open_data(path, notify=said.append)) == ["x"]
    assert len(said) == 1
    assert "the store cannot be kept there, so it is loaded into memory each time: " in said[0]
    assert (tmp_path / ".store").read_text() == "a file in the way"


@pytest.mark.usefixtures("large")
def test_a_full_disk_leaves_nothing_behind_and_memory_serves(tmp_path: Path) -> None:
    path = tmp_path / "a.nt"
    path.write_text("".join(TRIPLE.format(number) for number in range(20_000)))
    program = (
        "import resource, signal, sys; from graphkit.query import opening\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000)); opening.SMALL = 0\n"
        f"print(len(opening.open_data({str(path)!r}, notify=lambda text: print(text, file=sys.stderr)).store))\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, env=UNMEASURED)
    assert run.stdout == "20000\n", run.stderr
    assert "the store cannot be kept there" in run.stderr
    assert [entry.name for entry in (tmp_path / ".store").iterdir()] == ["lock"]


def damage(kept: Path, how: str) -> None:
    manifest = next(kept.glob("MANIFEST-*"))
    tables = sorted(kept.glob("*.sst"), key=lambda path: path.stat().st_size)
    if how == "manifest cut":
        os.truncate(manifest, manifest.stat().st_size // 2)
    elif how == "table gone":
        tables[-1].unlink()
    elif how == "all gone":
        shutil.rmtree(kept)
    elif how == "current empty":
        os.truncate(kept / "CURRENT", 0)
    else:
        raise AssertionError(how)


@pytest.mark.parametrize("how", ["manifest cut", "table gone", "all gone", "current empty"])
@pytest.mark.usefixtures("large")
def test_a_damaged_store_is_built_again_with_a_notice(how: str, tmp_path: Path, builds: list[str]) -> None:
    path = tmp_path / "coverage.ttl"
    shutil.copy(EXPORT, path)
    first = open_data(path)
    expected = values(first)
    resolve(path)
    assert first.kept is not None
    damage(first.kept, how)
    said: list[str] = []
    assert values(open_data(path, notify=said.append)) == expected
    assert said == [f"{tmp_path / '.store'}: the store is not as graphkit left it and is built again"]
    assert len(builds) == 2


@pytest.mark.usefixtures("large")
def test_damage_that_only_a_query_meets_removes_the_store(tmp_path: Path, builds: list[str]) -> None:
    path = tmp_path / "a.nt"
    path.write_text("".join(TRIPLE.format(f"{number:030d}") for number in range(5_000)))
    first = open_data(path)
    resolve(path)
    assert first.kept is not None
    asked = open_data(path)  # damage from before would show in the stamps
    for table in first.kept.glob("*.sst"):
        content = bytearray(table.read_bytes())
        for place in range(1_000, len(content) - 5_000, 1_000):
            content[place] ^= 0xFF
        table.write_bytes(content)
    with pytest.raises((RuntimeError, UsageError)) as caught:
        values(asked)
    said = caught.value if isinstance(caught.value, UsageError) else asked.failure(caught.value)
    assert str(said).endswith("expected a whole store, got a damaged one; it is removed: ask again")
    assert len(values(open_data(path))) == 5_000
    assert len(builds) == 2


@pytest.mark.parametrize("how", ["table gone", "current empty"])
def test_a_damaged_store_that_was_named_is_refused_in_a_sentence(how: str, tmp_path: Path) -> None:
    made = ox.Store(str(tmp_path / "made"))
    made.bulk_load(path=str(EXPORT), format=ox.RdfFormat.TURTLE)
    made.flush()
    del made
    damage(tmp_path / "made", how)
    with pytest.raises(UsageError, match="made: expected an Oxigraph store, got one that cannot be opened: ") as caught:
        open_data(tmp_path / "made")
    assert "\n" not in str(caught.value)


# Processes

PROGRAM = """
import sys
from graphkit.query import opening
opening.SMALL = 0
found = opening.open_data(sys.argv[1]).query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
print(next(iter(found))[0].value)
"""
MANY = 30_000


@pytest.fixture
def many(tmp_path: Path) -> Path:
    path = tmp_path / "many.nt"
    path.write_text("".join(TRIPLE.format(number) for number in range(MANY)))
    return path


def start(path: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", PROGRAM, str(path)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=UNMEASURED)


def outcome(process: subprocess.Popen[str]) -> tuple[int, str]:
    text, _ = process.communicate(timeout=PATIENCE)
    return process.returncode, text


@pytest.mark.engine
@pytest.mark.parametrize("moment", ["folder", "half-built", "built", "stamp"])
def test_a_build_that_is_killed_at_any_moment_leaves_nothing_wrong(moment: str, many: Path) -> None:
    folder = many.parent / ".store"
    patches = {
        "folder": "store_cache._clock = lambda folder: kill()",
        "half-built": "load = store_cache.load\ndef half(*args): load(*args); kill()\nstore_cache.load = half",
        "built": "build = store_cache._build\ndef built(*args): build(*args); kill()\nstore_cache._build = built",
        "stamp": "write = store_cache._write\ndef written(*args): write(*args); kill()\nstore_cache._write = written",
    }
    program = (
        f"import os, signal\nfrom graphkit.query import store_cache\ndef kill(): os.kill(os.getpid(), signal.SIGKILL)\n"
        f"{patches[moment]}\n{PROGRAM}"
    )
    run = subprocess.run([sys.executable, "-c", program, str(many)], check=False, timeout=PATIENCE, env=UNMEASURED)
    assert run.returncode == -signal.SIGKILL
    assert folder.is_dir()
    assert outcome(start(many)) == (0, f"{MANY}\n")
    assert not list(folder.glob("*.tmp"))
    assert len([entry for entry in folder.iterdir() if entry.is_dir()]) == 1


@pytest.mark.engine
def test_a_build_that_is_killed_somewhere_is_done_again(many: Path) -> None:
    for delay in (0.05, 0.15, 0.25, 0.35):
        process = start(many)
        time.sleep(delay)
        process.kill()
        outcome(process)
    assert outcome(start(many)) == (0, f"{MANY}\n")


@pytest.mark.engine
def test_processes_that_build_at_once_all_answer(many: Path) -> None:
    processes = [start(many) for _ in range(4)]
    assert [outcome(process) for process in processes] == [(0, f"{MANY}\n")] * 4
    assert len([entry for entry in (many.parent / ".store").iterdir() if entry.is_dir()]) == 1


@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.usefixtures("large")
def test_a_load_that_takes_a_while_is_told_before_it_begins(
    keep: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.ttl"
    path.write_text(TRIPLE.format("x" * 2_000_000))
    said: list[str] = []
    open_data(path, keep=keep, progress=said.append)
    assert said == []
    for module in (opening, store_cache):
        monkeypatch.setattr(module, "SLOW", 1_000_000)
    path.write_text(TRIPLE.format("y" * 2_000_000))
    open_data(path, keep=keep, progress=said.append)
    assert said == [f"Building the store of {path}, once: 2 MB" if keep else f"Loading {path}: 2 MB"]


# What somebody else has put there

FOREIGN = [ox.Quad(ox.NamedNode("urn:s"), ox.NamedNode("urn:p"), ox.Literal("not in the file"))]


def everything_in(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.usefixtures("large")
def test_a_link_in_the_place_of_the_cache_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "home/photos").mkdir(parents=True)
    (tmp_path / "home/photos/a.jpg").write_text("x")
    (tmp_path / "home/package.json").write_text("{}")
    before = everything_in(tmp_path / "home")
    (tmp_path / "repo").mkdir()
    (tmp_path / "repo/a.ttl").write_text(TRIPLE.format("x"))
    (tmp_path / "repo/.store").symlink_to("../home")
    said: list[str] = []
    assert values(open_data(tmp_path / "repo/a.ttl", notify=said.append)) == ["x"]
    assert everything_in(tmp_path / "home") == before
    assert "a link or a file, which graphkit does not follow" in said[0]
    with pytest.raises(NothingReadable):
        open_data(tmp_path / "repo/.store")


@pytest.mark.parametrize("name", ["lock", "record"])
@pytest.mark.usefixtures("large")
def test_a_link_in_the_cache_is_not_written_through(name: str, tmp_path: Path) -> None:
    path = tmp_path / "a.ttl"
    path.write_text(TRIPLE.format("x"))
    (tmp_path / ".store").mkdir(mode=0o700)
    outside = tmp_path / "outside.txt"
    outside.write_text("mine")
    before = outside.stat()
    place = store_cache._record_path(tmp_path / ".store", "a.ttl") if name == "record" else tmp_path / ".store/lock"
    place.symlink_to(outside)
    assert values(open_data(path)) == ["x"]
    assert outside.read_text() == "mine"
    assert outside.stat().st_mtime_ns == before.st_mtime_ns


@pytest.mark.usefixtures("large")
def test_what_lies_in_the_cache_and_is_not_its_own_stays(tmp_path: Path) -> None:
    path = tmp_path / "a.ttl"
    path.write_text(TRIPLE.format("x"))
    for name in ("photos", "kept.tmp", "f" * 32):
        (tmp_path / ".store" / name).mkdir(parents=True)
        (tmp_path / ".store" / name / "a").write_text("mine")
    (tmp_path / ".store").chmod(0o700)
    (tmp_path / ".store/package.json").write_text("{}")
    before = everything_in(tmp_path / ".store")
    for text in ("x", "y"):
        path.write_text(TRIPLE.format(text))
        assert values(open_data(path)) == [text]
    assert before.items() <= everything_in(tmp_path / ".store").items()


def planted(folder: Path) -> store_cache._CachedStore:
    """Put a store with other triples into a cache, and return its record."""
    generation = store_cache._new_generation()
    made = ox.Store(str(folder / generation))
    made.extend(FOREIGN)
    made.flush()
    del made
    files = find_rdf(folder.parent / "a.ttl")
    stamps = store_cache._kept_stamps(folder / generation)
    return store_cache._CachedStore(
        store_cache.LAYOUT, store_cache._ENGINE, {}, 0, files.digest(), False, "", generation, stamps, "a.ttl"
    )


@pytest.mark.parametrize("whose", ["another key", "no key", "an old one"])
@pytest.mark.usefixtures("large")
def test_a_record_that_another_user_or_machine_made_is_not_believed(
    whose: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.ttl"
    path.write_text(TRIPLE.format("x"))
    folder = tmp_path / ".store"
    folder.mkdir(mode=0o700)
    if whose == "another key":
        with monkeypatch.context() as patch:
            patch.setenv("XDG_STATE_HOME", str(tmp_path / "other"))
            store_cache._write(folder, planted(folder))
        for record in folder.glob("*.json"):  # under the name that it would have here
            record.rename(store_cache._record_path(folder, "a.ttl"))
    elif whose == "no key":
        text = msgspec.json.encode(planted(folder))
        store_cache._record_path(folder, "a.ttl").write_bytes(hashlib.blake2b(text).hexdigest().encode() + b"\n" + text)
    else:
        store_cache._record_path(folder, "a.ttl").write_bytes(msgspec.json.encode(planted(folder)))
    assert values(open_data(path)) == ["x"]
    assert values(open_data(folder)) == ["x"]


@pytest.mark.parametrize("how", ["copied", "a table replaced", "a file added"])
@pytest.mark.usefixtures("large")
def test_a_store_whose_files_are_not_those_that_were_written_is_built_again(
    how: str, tmp_path: Path, builds: list[str]
) -> None:
    path = tmp_path / "a.ttl"
    path.write_text(TRIPLE.format("x"))
    kept = open_data(path).kept
    resolve(path)
    assert kept is not None
    if how == "copied":
        shutil.copytree(kept, tmp_path / "copy")
        shutil.rmtree(kept)
        (tmp_path / "copy").rename(kept)
    elif how == "a table replaced":
        table = max(kept.glob("*.sst"), key=lambda one: one.stat().st_size)
        status = table.stat()
        (tmp_path / "new").write_bytes(table.read_bytes())
        os.utime(tmp_path / "new", ns=(status.st_atime_ns, status.st_mtime_ns))
        (tmp_path / "new").rename(table)
    else:
        (kept / "000099.log").write_bytes(b"")
    assert values(open_data(path)) == ["x"]
    assert len(builds) == 2


@pytest.mark.usefixtures("large")
def test_without_a_key_nothing_is_kept_and_memory_serves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.ttl"
    path.write_text(TRIPLE.format("x"))
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    said: list[str] = []
    assert values(open_data(path, notify=said.append)) == ["x"]
    assert not (tmp_path / ".store").exists()
    assert "no folder of yours holds graphkit's key" in said[0]
