"""The cache: whatever changed, the bytes are those of a build that remembers nothing."""

from __future__ import annotations

import contextlib
import fcntl
import gzip
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grimp
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from paths import ROOT
from processes.builds import BASES, cut_finely, files_in, limited, published
from samples.examples import examples
from samples.generated_records import BROKEN_RECORDS, CIPHERTEXT, ENTRIES_WITHOUT_URL, RECORDS, TOPIC_RECORDS, Raw

import graphkit
from graphkit.errors import OutputError
from graphkit.files import stamps
from graphkit.pipeline.local import (
    build_cache,
    build_steps,
    cached_state,
    in_memory,
    segments,
    stamped_files,
    turtle_writer,
)
from graphkit.pipeline.local.blob_store import BlobStore, Damaged, Extent
from graphkit.pipeline.local.worker_context import WorkerContext
from graphkit.pipeline.local.workspace import CACHE
from graphkit.sources import contents, finding
from graphkit.sources.source_file import SourceFile

TRUSTING = -(10**15)
"""Files that changed this many nanoseconds ago, and later ones too, are known by their stamps."""


@pytest.fixture(autouse=True)
def _no_power_is_cut() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        yield


@pytest.fixture
def many_parts() -> Iterator[None]:
    """Cut corpora finely where they are built with a cache."""
    with cut_finely(largest_in_memory=in_memory.LARGEST):
        yield


@pytest.fixture
def trusting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have files known by their stamps, though they changed just now."""
    monkeypatch.setattr(stamps, "SETTLED_NS", TRUSTING)


def stamp(path: Path) -> tuple[int, ...]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


def put(path: Path, data: bytes, *, keep_time: bool = False) -> None:
    """Write to a file, in place, so that its stamp tells: the system's clock may be slow to go on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    old = path.stat() if path.is_file() else None
    before = stamp(path) if old else ()
    path.write_bytes(data)
    while True:
        if old is not None and keep_time:
            os.utime(path, ns=(old.st_atime_ns, old.st_mtime_ns))
        elif old is not None:
            os.utime(path)
        if stamp(path) != before:
            return


def article(number: int, host: str = "a.example", **fields: Any) -> Raw:
    return {
        "title": f"Title {number}",
        "webUrl": f"https://{host}/{number}",
        "provider": {"name": "Example", "domain": host},
        "publishedDateTime": "2021-08-24T00:00:00Z",
        **fields,
    }


def text(record: Any, name: str = "a.json") -> bytes:
    """Return a record, or several, as the content of a file of this name."""
    written = json.dumps(record, ensure_ascii=False)
    if name.endswith(".md"):
        written = f"---\n{written}\n---\n"
    elif ".jsonl" in name:
        written = "\n".join(json.dumps(one) for one in (record if isinstance(record, list) else [record]))
    data = written.encode()
    return gzip.compress(data, mtime=0) if name.endswith(".gz") else data


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a few articles of three providers, some of which list each other."""
    for number in range(9):
        listed = [article(number + 1), article(number + 20)]
        put(tmp_path / f"in/{number}.json", text(article(number, f"{'abc'[number % 3]}.example", related=listed)))
    return tmp_path / "in"


def both(sources: Any, out: Path, **options: Any) -> dict[str, bytes]:
    """Publish with the cache of a folder and without any; return the files, which are the same."""
    with tempfile.TemporaryDirectory() as other:
        expected = published(sources, Path(other), cache=False, **options)
    found = published(sources, out, **options)
    assert found.keys() == expected.keys()
    for name, data in expected.items():
        assert found[name] == data, name
    return found


def counts(sources: Any, out: Path, **options: Any) -> tuple[int, int]:
    """Publish, and return how many files were read and how many reused."""
    made = graphkit.publish(sources, out, page=False, **options)
    return made.read, made.reused


# --- any change


NAMES = tuple(
    f"{place}{number}{end}"
    for place, end, number in (
        ("", ".md", 0),
        ("", ".md", 1),
        ("", ".json", 1),
        ("x/", ".md", 0),
        ("x/", ".jsonl", 2),
        ("x/y/", ".json", 0),
        ("x/y/", ".jsonl.gz", 1),
        ("z/", ".md", 1),
    )
)
CONTENTS = st.one_of(RECORDS, RECORDS, ENTRIES_WITHOUT_URL, ENTRIES_WITHOUT_URL, TOPIC_RECORDS, BROKEN_RECORDS)
SEVERAL = st.lists(CONTENTS, min_size=1, max_size=3)
DAMAGED = st.sampled_from(
    [b"", b"---\n", b"{", b"---\ntitle: [\n---\n", b"\xff\xfe", b"\x1f\x8b\x08 not gzip", b"words"]
)


class Folders(RuleBasedStateMachine):
    """Two folders of records that a person works in, and a folder of exports that is kept up to date.

    Files of one name in both folders are told apart by their content, or are one if that is the same.
    """

    settled_ns = stamps.SETTLED_NS

    def __init__(self) -> None:
        super().__init__()
        self.stack = contextlib.ExitStack()
        self.root = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.stack.enter_context(cut_finely(partition=300, segment=150, largest_in_memory=in_memory.LARGEST))
        patch = self.stack.enter_context(pytest.MonkeyPatch.context())
        patch.setattr(stamps, "SETTLED_NS", self.settled_ns)
        patch.setattr(build_cache, "_WASTE", 20_000)
        self.folders = [self.root / "one", self.root / "two"]
        for number, folder in enumerate(self.folders):
            folder.mkdir()
            for name in NAMES[:3]:
                put(folder / name, text(article(number), name))
        self.past: dict[Path, list[bytes]] = {}
        self.options: dict[str, Any] = {}

    def teardown(self) -> None:
        self.stack.close()

    def files(self) -> list[Path]:
        """Return all files, and links that lead nowhere, sorted."""
        return sorted(path for folder in self.folders for path in folder.rglob("*") if not path.is_dir())

    def path(self, data: st.DataObject) -> Path:
        """Draw a file that is there."""
        return data.draw(st.sampled_from(self.files()))

    def place(self, data: st.DataObject) -> Path:
        """Draw a path of a file, which may be there or not."""
        folder = data.draw(st.sampled_from(self.folders))
        return folder / data.draw(st.sampled_from(NAMES))

    def some(self) -> bool:
        return bool(self.files())

    def put(self, path: Path, data: bytes, *, keep_time: bool = False) -> None:
        if path.is_symlink():
            path.unlink()
        elif path.is_file():
            self.past.setdefault(path, []).append(path.read_bytes())
        put(path, data, keep_time=keep_time)

    @rule(data=st.data(), records=SEVERAL)
    def write(self, data: st.DataObject, records: list[Raw]) -> None:
        path = self.place(data)
        self.put(path, text(records if ".json" in path.name else records[0], path.name))

    @precondition(some)
    @rule(data=st.data(), record=CONTENTS, keep_time=st.booleans())
    def change_but_not_in_size(self, data: st.DataObject, record: Raw, keep_time: bool) -> None:
        path = self.path(data)
        if path.is_file() and not path.name.endswith(".gz"):
            size = path.stat().st_size
            content = text(record, path.name)
            self.put(path, content[:size] + b"\n" * (size - len(content)), keep_time=keep_time)

    @precondition(some)
    @rule(data=st.data(), damaged=DAMAGED)
    def damage(self, data: st.DataObject, damaged: bytes) -> None:
        self.put(self.path(data), damaged)

    @precondition(some)
    @rule(data=st.data())
    def lead_nowhere(self, data: st.DataObject) -> None:
        path = self.path(data)
        path.unlink()
        path.symlink_to("nowhere")

    @precondition(some)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        self.path(data).unlink()

    @precondition(some)
    @rule(data=st.data())
    def rename(self, data: st.DataObject) -> None:
        old, new = self.path(data), self.place(data)
        new.parent.mkdir(parents=True, exist_ok=True)
        old.replace(new)

    @precondition(some)
    @rule(data=st.data())
    def copy(self, data: st.DataObject) -> None:
        old, new = self.path(data), self.place(data)
        if old.is_file() and old != new:
            self.put(new, old.read_bytes())

    @precondition(some)
    @rule(data=st.data())
    def swap(self, data: st.DataObject) -> None:
        one, other = self.path(data), self.path(data)
        one.replace(self.root / "aside")
        if one != other:
            other.replace(one)
        (self.root / "aside").replace(other)

    @precondition(some)
    @rule(data=st.data(), second=st.integers(-(10**10), 4 * 10**9))
    def touch(self, data: st.DataObject, second: int) -> None:
        path = self.path(data)
        if path.is_file():
            os.utime(path, (second, second))

    @precondition(some)
    @rule(data=st.data())
    def revert(self, data: st.DataObject) -> None:
        path = self.path(data)
        if self.past.get(path):
            self.put(path, data.draw(st.sampled_from(self.past[path])))

    @rule(data=st.data(), names=st.permutations(["x", "z", "x/y", "w"]))
    def rename_a_folder(self, data: st.DataObject, names: list[str]) -> None:
        folder = data.draw(st.sampled_from(self.folders))
        old, new = folder / names[0], folder / names[1]
        if old.is_dir() and not new.exists() and old not in new.parents and new.parent.is_dir():
            old.rename(new)

    @rule(base=st.sampled_from(BASES), published_only=st.booleans(), compressed=st.booleans())
    def ask_for_other_things(self, base: str, published_only: bool, compressed: bool) -> None:
        self.options = {"base": base, "published_only": published_only, "gzip": compressed}

    @precondition(lambda self: (self.root / "out" / CACHE).is_file())
    @rule(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7), cut=st.booleans())
    def damage_the_cache(self, place: float, bit: int, cut: bool) -> None:
        path = self.root / "out" / CACHE
        data = bytearray(path.read_bytes())
        if cut or not data:
            path.write_bytes(data[: int(place * len(data))])
        else:
            data[int(place * len(data))] ^= 1 << bit
            path.write_bytes(data)

    @precondition(lambda self: (self.root / "out" / "coverage.ttl").is_file())
    @rule(place=st.floats(0, 1), lost=st.booleans())
    def work_in_the_export(self, place: float, lost: bool) -> None:
        path = self.root / "out" / "coverage.ttl"
        data = path.read_bytes()
        path.unlink()
        if not lost:
            path.write_bytes(data[: int(place * len(data))] + b"mine" + data[int(place * len(data)) + 4 :])

    @precondition(lambda self: not self.options)
    @rule()
    def build_again(self) -> None:
        """Build what did not change: only what cannot be read, or has the name of another, is read again."""
        try:
            made = graphkit.publish(self.folders, self.root / "out", page=False, force=True)
        except graphkit.NothingReadable:
            return
        again = graphkit.publish(self.folders, self.root / "out", page=False, force=True)
        names = Counter(file.name for file in finding.find(self.folders).files)
        unreadable = made.report["files"]["unreadable"]
        assert unreadable <= again.read <= unreadable + sum(number for number in names.values() if number > 1)
        assert again.read + again.reused == made.report["files"]["found"]

    @invariant()
    def the_bytes_are_those_of_a_build_that_remembers_nothing(self) -> None:
        both(self.folders, self.root / "out", force=True, **self.options)


class TrustedFolders(Folders):
    """The same, with files known by their stamps."""

    settled_ns = TRUSTING


@pytest.mark.parametrize("machine", [Folders, TrustedFolders])
def test_after_any_change_the_bytes_are_those_of_a_build_that_remembers_nothing(machine: type[Folders]) -> None:
    run_state_machine_as_test(machine, settings=examples(12, stateful_step_count=12))


# --- changes that reach other files than the one that changed

WITHOUT_URL = {
    "title": "Title 103",
    "provider": {"name": "Example", "domain": "a.example"},
    "publishedDateTime": "2021-08-24T00:00:00Z",
}
"""An entry without URL: it is found to be the article of `article(103)`, where that is there."""
MSN = {"name": "USA Today on MSN", "domain": "msn.com"}
Files = dict[str, Any]
REACHING: dict[str, tuple[Files, Files]] = {
    # what is there always, and what comes and goes
    "an entry without URL is found": ({"without-url.json": WITHOUT_URL}, {"late.json": article(103)}),
    "an entry without URL that comes is found": ({"early.json": article(103)}, {"without-url.json": WITHOUT_URL}),
    "an entry without URL is found twice": (
        {"without-url.json": WITHOUT_URL, "early.json": article(103)},
        {"late.json": article(104, "a.example", title="TITLE  103")},
    ),
    "a related entry without URL is found": ({"lists.json": article(101, related=[WITHOUT_URL])}, {"late.json": article(103)}),
    "an entry without URL lists others": (
        {"early.json": article(103)},
        {"without-url.json": {**WITHOUT_URL, "related": [article(105), {**WITHOUT_URL, "title": "Other"}]}},
    ),
    "an entry without URL is found by a name": (
        {"without-url.json": {**WITHOUT_URL, "provider": {"name": "Example"}}, "early.json": article(103)},
        {"late.json": article(109, "a.example")},
    ),
    "an entry without URL is found where a related article says more": (
        {"without-url.json": WITHOUT_URL, "early.json": article(103, title="Another")},
        {"late.json": article(101, related=[article(103)])},
    ),
    "the commonest name": (
        {f"{number}.json": article(100 + number, "n.example") for number in range(5)},
        {f"late{number}.json": article(110 + number, "n.example", provider={"name": "Other", "domain": "n.example"}) for number in range(9)},
    ),
    "a name that is as common": (
        {"1.json": article(101, "n.example")},
        {"2.json": article(102, provider={"name": "Exemplar", "domain": "n.example"})},
    ),
    "a name is shown": (
        {"guest.json": article(101, provider=MSN), "bare.json": article(102, provider={"name": "usa today"})},
        {"own.json": article(103, provider={"name": "USA Today", "domain": "usatoday.com"})},
    ),
    "a name is shown elsewhere": (
        {
            "guest.json": article(101, provider=MSN),
            "own.json": article(103, provider={"name": "USA Today", "domain": "usatoday.com"}),
        },
        {
            f"{number}.json": article(100 + number, provider={"name": "USA Today", "domain": "today.example"})
            for number in range(4, 6)
        },
    ),
    "letters of a name are shown": (
        {
            "guest.json": article(101, provider=MSN),
            "other.json": article(102, provider={"name": "USAToday on MSN", "domain": "msn.com"}),
        },
        {"own.json": article(103, provider={"name": "U.S.A. Today", "domain": "usatoday.com"})},
    ),
    "a spelling of more words": (
        {"guest.json": article(101, provider={"name": "USAToday on MSN", "domain": "msn.com"})},
        {"other.json": article(102, provider=MSN)},
    ),
    "a topic's label": (
        {"1.json": article(101, topics=["AI"]), "2.json": article(102, topics=["ai"])},
        {"3.json": article(103, topics=["AI", "Ai"]), "4.json": article(104, topics=["Ai"])},
    ),
    "a topic file": (
        {"1.json": article(101, topics=["AI"])},
        {"ai.md": {"taxonomy": "topic", "name": "ai", "parent": "Science", "keywords": ["robots"]}},
    ),
    "a topic file that names the topic of an entry without URL": (
        {"without-url.json": {**WITHOUT_URL, "topics": ["AI"]}, "early.json": article(103)},
        {"ai.md": {"taxonomy": "topic", "name": "ai"}},
    ),
    "an image's size": (
        {"1.json": article(101, images=[{"url": "https://a.example/i.png", "width": 10, "height": 10}])},
        {"2.json": article(102, images=[{"url": "https://a.example/i.png", "width": 20}])},
    ),
    "an image without a size": (
        {"1.json": article(101, images=[{"url": "https://a.example/i.png"}])},
        {"2.json": article(102, images=[{"url": "https://a.example/i.png", "width": 20, "height": 10}])},
    ),
    "an image in a namespace": (
        {"1.json": article(101)},
        {"2.json": article(102, images=[{"url": "https://schema.org/a/b.png"}])},
    ),
    "a provider in a namespace": ({"1.json": article(101)}, {"2.json": article(102, "schema.org")}),
    "a disagreement": ({"1.json": article(101, quality=5)}, {"2.json": article(101, quality=7, title="Other")}),
    "an address that a record declares": (
        {
            "1.json": article(101, title="Fair"),
            "3.json": article(103, related=[article(101)]),
            "4.json": {**WITHOUT_URL, "related": [article(101)]},
        },
        {"2.json": article(102, "b.example", title="Fair", ampWebUrl=article(101)["webUrl"])},
    ),
    "a second article that declares an address": (
        {
            "1.json": article(101, title="Fair"),
            "2.json": article(102, "b.example", title="Fair", ampWebUrl=article(101)["webUrl"]),
        },
        {"3.json": article(103, "c.example", title="Fair", ampWebUrl=article(101)["webUrl"])},
    ),
    "the article whose address is declared": (
        {"2.json": article(102, "b.example", title="Fair", originalUrl=article(101)["webUrl"])},
        {"1.json": article(101, title="Fair", topics=["AI"])},
    ),
    "a record of its own": ({"1.json": article(101, related=[article(102, excerpt="listed")])}, {"2.json": article(102)}),
    "a relation": ({"1.json": article(101)}, {"2.json": article(101, related=[article(103), article(101)])}),
    "a fault": ({"1.json": article(101)}, {"2.json": article(102, quality="good"), "3.md": {}}),
}  # fmt: skip


@pytest.mark.usefixtures("many_parts", "trusting")
@pytest.mark.parametrize("case", REACHING)
def test_what_comes_and_goes_reaches_all_that_it_changes(case: str, folder: Path, tmp_path: Path) -> None:
    always, sometimes = REACHING[case]
    place = folder / "case"
    for name, record in always.items():
        put(place / name, text(record, name))
    without = both(folder, tmp_path / "out")
    for name, record in sometimes.items():
        put(place / name, text(record, name))
    together = both(folder, tmp_path / "out")
    assert together["coverage.ttl"] != without["coverage.ttl"]
    for name in sometimes:
        (place / name).unlink()
    assert both(folder, tmp_path / "out") == without
    for name, record in sometimes.items():
        put(place / "moved" / name, text(record, name))
    both(folder, tmp_path / "out")
    for name in sometimes:
        (place / "moved" / name).rename(place / name)
    assert both(folder, tmp_path / "out") == together
    for name in always:
        (place / name).rename(place / f"other-{name}")
    both(folder, tmp_path / "out")


@pytest.mark.usefixtures("many_parts", "trusting")
@pytest.mark.parametrize("several", [2, 5])
def test_changes_that_undo_each_other_in_other_files_leave_the_bytes(
    several: int, folder: Path, tmp_path: Path
) -> None:
    before = both(folder, tmp_path / "out")
    paths = sorted(folder.iterdir())[:several]
    contents = [path.read_bytes() for path in paths]
    for path, content in zip(paths, contents[1:] + contents[:1], strict=True):
        put(path, content)
    turned = both(folder, tmp_path / "out")
    assert turned["coverage.ttl"] != before["coverage.ttl"], "the sources are others"
    for path, content in zip(paths, contents, strict=True):
        put(path, content)
    assert both(folder, tmp_path / "out") == before


# --- what is read


@pytest.mark.engine
@pytest.mark.usefixtures("many_parts", "trusting")
def test_a_corpus_that_grew_much_is_read_again_and_cut_as_one_of_its_size(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert counts(folder, out) == (9, 0)
    cut = remembered(out).partition_count
    for number in range(9, 24):
        put(folder / f"{number}.json", text(article(number)))
    assert counts(folder, out) == (15, 9), "it grew, but not much"
    assert remembered(out).partition_count == cut
    for number in range(24, 400):
        put(folder / f"{number}.json", text(article(number)))
    both(folder, out)
    published(folder, tmp_path / "new")
    assert remembered(out).partition_count == remembered(tmp_path / "new").partition_count > cut
    assert counts(folder, out) == (0, 400)


def remembered(out: Path) -> cached_state.CachedState:
    """Return what stands in the cache of a folder."""
    with BlobStore(str(out / CACHE)) as store:
        found = cached_state.unpacked_state(store.state() or b"")
    assert found is not None
    return found


@pytest.mark.usefixtures("many_parts")
@pytest.mark.parametrize("settled", [True, False])
def test_only_what_changed_is_read(
    settled: bool, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if settled:
        monkeypatch.setattr(stamps, "SETTLED_NS", TRUSTING)
    put(folder / "broken.md", b"nothing")
    put(folder / "topic.md", text({"taxonomy": "topic", "name": "AI"}, "topic.md"))
    out = tmp_path / "out"
    assert counts(folder, out) == (11, 0)
    assert counts(folder, out) == (0, 11)
    for path in folder.iterdir():
        os.utime(path)
    assert counts(folder, out) == (0, 11)
    (folder / "0.json").rename(folder / "renamed.json")
    (folder / "topic.md").rename(folder / "renamed.md")
    (folder / "broken.md").rename(folder / "renamed.txt")
    assert counts(folder, out) == (0, 11)
    folder.rename(tmp_path / "elsewhere")
    assert counts(tmp_path / "elsewhere", out) == (0, 11)
    folder = tmp_path / "elsewhere"
    assert counts(tmp_path, out, base="http://localhost:8000/id/") == (0, 11), "each file has one name more before it"
    put(folder / "1.json", text(article(100)))
    (folder / "2.json").unlink()
    put(folder / "3.copy.json", (folder / "3.json").read_bytes())
    assert counts(folder, out) == (2, 9)
    assert counts(folder, out, published_only=True) == (11, 0), "it decides what is read"
    assert counts(folder, out, gzip=True, published_only=True) == (0, 11)
    both(folder, out)


@pytest.mark.usefixtures("many_parts", "trusting")
def test_files_known_by_their_stamps_are_not_opened(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts(folder, tmp_path / "out")
    opened: list[str] = []
    whole = contents.read_bytes

    def read(file: SourceFile) -> bytes:
        opened.append(file.name)
        return whole(file)

    monkeypatch.setattr(contents, "read_bytes", read)
    counts(folder, tmp_path / "out")
    assert opened == []
    os.utime(folder / "3.json", (0, 0))
    counts(folder, tmp_path / "out")
    assert opened == ["3.json"]


@pytest.mark.usefixtures("many_parts")
def test_files_that_changed_just_now_are_opened_whatever_their_stamps(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Coarse:
        """A system whose clock stands still, and whose files keep their place."""

        stopped = (folder / "3.json").stat()

        def __getattr__(self, name: str) -> Any:
            return getattr(os, name)

        def stat(self, path: str) -> os.stat_result:
            return self.stopped if path.endswith("3.json") else Path(path).stat()

    monkeypatch.setattr(stamped_files, "os", Coarse())
    old = (folder / "3.json").read_bytes()
    for number in range(4):
        (folder / "3.json").write_bytes(old.replace(b"Title 3", b"Title %d" % number))
        found = both(folder, tmp_path / "out")
        assert b'"Title %d"' % number in found["coverage.ttl"]
    monkeypatch.setattr(stamps, "SETTLED_NS", TRUSTING)
    both(folder, tmp_path / "out")
    (folder / "3.json").write_bytes(old.replace(b"Title 3", b"Title X"))
    assert counts(folder, tmp_path / "out") == (0, 9), "a clock that stood still for long is believed"


@pytest.mark.usefixtures("many_parts", "trusting")
@pytest.mark.parametrize("second", [-(10**11), -1, 0, 2**31, 2**33, 10**11])
def test_files_of_any_date_are_taken(second: int, folder: Path, tmp_path: Path) -> None:
    for path in folder.iterdir():
        os.utime(path, (second, second))
    both(folder, tmp_path / "out")
    assert counts(folder, tmp_path / "out") == (0, 9)


@pytest.mark.usefixtures("many_parts", "trusting")
@pytest.mark.parametrize("start, end", [(".json", ".md"), (".json", ".jsonl"), (".jsonl", ".json"), (".md", ".yaml")])
def test_a_file_renamed_to_another_form_is_read_again(start: str, end: str, folder: Path, tmp_path: Path) -> None:
    put(folder / f"x{start}", text([article(50)] if end == ".json" else article(50), f"x{start}"))
    before = both(folder, tmp_path / "out")
    (folder / f"x{start}").rename(folder / f"x{end}")
    assert both(folder, tmp_path / "out") != before
    (folder / f"x{end}").rename(folder / f"y{end}")
    assert counts(folder, tmp_path / "out") == (0, 10)


# --- the cache as a file


@pytest.fixture
def small(folder: Path) -> Path:
    """Return a folder of three files."""
    for path in sorted(folder.iterdir())[3:]:
        path.unlink()
    put(
        folder / "without-url.json",
        text({**WITHOUT_URL, "title": "Title 1", "provider": {"name": "Example", "domain": "b.example"}}),
    )
    return folder


class Damaging:
    """A cache to damage, of a build before the last change, and what the next build should give."""

    def __init__(self, folder: Path, out: Path) -> None:
        self.folder = folder
        self.out = out
        published(folder, out)
        published(folder, out, base="http://localhost:8000/id/")
        self.whole = (out / CACHE).read_bytes()
        put(folder / "1.json", text(article(1, "c.example", related=[article(2)])))
        with tempfile.TemporaryDirectory() as other:
            self.expected = published(folder, Path(other), cache=False)

    def check(self, damaged: bytes) -> None:
        (self.out / CACHE).write_bytes(damaged)
        assert published(self.folder, self.out) == self.expected
        assert counts(self.folder, self.out) == (0, len(list(self.folder.iterdir()))), "it is whole again"


@pytest.mark.usefixtures("many_parts")
@pytest.mark.parametrize("always_compact", [True, False])
def test_a_cache_with_any_byte_damaged_gives_the_same_bytes(
    always_compact: bool, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if always_compact:
        monkeypatch.setattr(build_cache, "_WASTE", -(10**9))
    damaging = Damaging(small, tmp_path / "out")
    size = len(damaging.whole)
    filled = [place for place in range(size) if damaging.whole[place]]

    @examples(48)
    @given(st.sets(st.sampled_from(filled), min_size=1, max_size=3), st.integers(1, 255))
    def check(places: set[int], bits: int) -> None:
        damaged = bytearray(damaging.whole)
        for place in places:
            damaged[place] ^= bits
        damaging.check(bytes(damaged))

    check()


@pytest.mark.usefixtures("many_parts")
def test_a_cache_cut_at_any_length_gives_the_same_bytes(small: Path, tmp_path: Path) -> None:
    damaging = Damaging(small, tmp_path / "out")
    size = len(damaging.whole)

    @examples(48)
    @given(st.one_of(st.sampled_from((0, 1, 40, 511, 552, 4_095, 4_096, size - 1)), st.integers(0, size)))
    def check(length: int) -> None:
        damaging.check(damaging.whole[:length])

    check()


@pytest.mark.usefixtures("many_parts")
def test_anything_else_that_stands_in_its_place_gives_the_same_bytes(small: Path, tmp_path: Path) -> None:
    damaging = Damaging(small, tmp_path / "out")
    for other in (b"", b"graphkit", bytes(10_000), os.urandom(10_000), damaging.whole[:4_096] + os.urandom(50_000)):
        damaging.check(other)
    cache = tmp_path / "out" / CACHE
    cache.unlink()
    cache.symlink_to("../nowhere")
    (tmp_path / "nowhere").write_bytes(damaging.whole)
    assert published(small, tmp_path / "out") == damaging.expected
    assert (tmp_path / "nowhere").read_bytes() == damaging.whole, "a link is not followed"
    cache.unlink()
    os.mkfifo(cache)
    assert published(small, tmp_path / "out") == damaging.expected
    assert cache.is_file()
    cache.unlink()
    cache.mkdir()
    for _ in range(2):
        assert published(small, tmp_path / "out") == damaging.expected
        assert list(cache.iterdir()) == []


@pytest.mark.usefixtures("many_parts")
def test_a_cache_that_another_version_wrote_is_of_no_use(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert counts(small, tmp_path / "out") == (4, 0)
    monkeypatch.setattr(build_cache, "versions", lambda: "another")
    assert counts(small, tmp_path / "out") == (4, 0)
    assert counts(small, tmp_path / "out") == (0, 4)
    monkeypatch.undo()
    with cut_finely(largest_in_memory=in_memory.LARGEST):
        assert counts(small, tmp_path / "out") == (4, 0)
        both(small, tmp_path / "out")


def test_the_version_covers_every_module_that_a_build_runs_and_no_other() -> None:
    modules = grimp.build_graph("graphkit", cache_dir=None)
    assert set(build_cache.KEYED_MODULES) == {
        build_steps.__name__,
        *modules.find_upstream_modules(build_steps.__name__),
    }
    folders = {(ROOT / name.replace(".", "/")).parent for name in build_cache.KEYED_MODULES}
    folders |= {ROOT / name.replace(".", "/") for name in build_cache.KEYED_MODULES} - {ROOT / "graphkit"}
    tables = {str(path.relative_to(ROOT)) for folder in folders for path in folder.glob("*.toml")}
    assert set(build_cache.KEYED_TABLES) == tables


@pytest.mark.parametrize(
    "name, decides",
    [
        ("graphkit/records/decoding.py", True),
        ("graphkit/urls/canonical_url.py", True),
        ("graphkit/pipeline/local/counting.py", True),
        ("graphkit/urls/tracking_parameters.toml", True),
        ("graphkit/query/results.py", False),
        ("graphkit/server/http_connection.py", False),
        ("graphkit/page/node_display.py", False),
    ],
)
def test_the_version_is_that_of_all_code_that_decides(
    name: str, decides: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "graphkit"
    shutil.copytree(ROOT / "graphkit", package, ignore=shutil.ignore_patterns("__pycache__", "ui", "explorer"))
    monkeypatch.setattr(build_cache, "PACKAGE", package)
    before = build_cache.versions.__wrapped__()
    assert before == build_cache.versions.__wrapped__()
    path = tmp_path / name
    path.write_bytes(path.read_bytes() + b"\n")
    assert (build_cache.versions.__wrapped__() != before) == decides
    monkeypatch.setattr("importlib.metadata.version", lambda _: "0")
    other = build_cache.versions.__wrapped__()
    assert other != before
    monkeypatch.setattr("importlib.metadata.version", lambda package: "1" if package == "ada-url" else "0")
    assert build_cache.versions.__wrapped__() != other


@pytest.mark.usefixtures("many_parts")
def test_a_folder_that_may_not_be_written_to_has_no_cache(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = both(small, tmp_path / "out")
    (tmp_path / "out" / CACHE).unlink()
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert counts(small, tmp_path / "out") == counts(small, tmp_path / "out") == (4, 0)
    assert files_in(tmp_path / "out") == expected
    assert not (tmp_path / "out" / CACHE).exists()


@pytest.mark.usefixtures("many_parts")
@pytest.mark.parametrize("cache", [True, False])
def test_a_build_into_a_folder_that_another_writes_to_is_refused(cache: bool, small: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    expected = both(small, out)
    put(small / "1.json", text(article(11)))
    left = out / ".graphkit-build-1.tmp"
    left.write_bytes(b"of a build that is still at work")
    descriptor = os.open(out, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        with pytest.raises(OutputError, match="expected no other command that writes there, got one; wait until it"):
            counts(small, out, cache=cache)
        with pytest.raises(OutputError, match="expected no other command"):
            graphkit.export(graphkit.build(small), out)
    finally:
        os.close(descriptor)
    assert left.exists()
    left.unlink()
    assert files_in(out) == expected
    both(small, out)


@pytest.mark.usefixtures("many_parts")
@pytest.mark.parametrize("cache", [True, False])
@pytest.mark.parametrize("stage", ["Reading", "Merging", "Writing"])
def test_of_two_builds_at_once_the_second_is_refused(
    stage: str, cache: bool, small: Path, folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    both(small, out)
    refused: list[str] = []

    def build_another(now: str, done: int, total: int) -> None:
        if now == stage and not refused:
            with pytest.raises(OutputError) as caught:
                published(folder, out, cache=cache)
            refused.append(str(caught.value))

    put(small / "1.json", text(article(12)))
    found = published(small, out, progress=build_another)
    assert len(refused) == 1
    with tempfile.TemporaryDirectory() as apart:
        assert found == published(small, Path(apart) / "one", cache=False)
    both(folder, out)


BUILD = """
import os, signal, sys
import graphkit
from graphkit.pipeline.local import blob_store, build_cache, build_steps, workspace

build_steps._PARTITION_BYTES = build_steps._SEGMENT_BYTES = 300
build_cache._WASTE = -10**9 if "compact" in sys.argv else 1 << 20

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

{how}
def progress(stage, done, total):
    if stage == point:
        die()

graphkit.publish("in", "out", page=False, progress=progress)
"""
POINTS = {
    **{stage: f"point = {stage!r}" for stage in ("Reading", "Counting", "Merging", "Writing")},
    "before the state": "point = ''; blob_store.BlobStore.commit = die",
    "before the slot": "point = ''; blob_store.os.pwrite = die",
    "after the commit": "point = ''; build_cache.keep = lambda *given: (workspace.keep(*given), die())",
    "before a file takes its place": "point = ''; os.replace = die",
    "after a file took its place": "point = ''; whole = os.replace; os.replace = lambda *given: (whole(*given), die())",
}


@pytest.mark.engine
@pytest.mark.parametrize("how", [*POINTS, "before the slot compact", "after a file took its place compact"])
def test_a_build_that_is_killed_costs_the_next_one_nothing_but_time(how: str, small: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with cut_finely(partition=300, segment=300, largest_in_memory=in_memory.LARGEST):
        old = both(small, out)
        put(small / "1.json", text(article(1, "c.example", related=[article(2)])))
        (small / "0.json").rename(small / "7.json")
        run = subprocess.run(
            [sys.executable, "-c", BUILD.format(how=POINTS[how.removesuffix(" compact")]), *how.split()],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (run.returncode, run.stderr) == (-signal.SIGKILL, "")
        left = files_in(out)
        with tempfile.TemporaryDirectory() as other:
            new = published(small, Path(other), cache=False)
        for name in old:
            assert left[name] in (old[name], new[name]), "whole, of one build or the other"
        assert both(small, out) == new
        assert not list(out.glob(".graphkit-build-*"))
        (small / "2.json").unlink()
        both(small, out)


def test_a_full_disk_leaves_the_cache_as_it_was(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    for number in range(40):
        put(folder / f"long{number}.json", text(article(number, excerpt="long " * 100)))
    both(folder, out)
    old = files_in(out)
    put(folder / "1.json", text(article(1, "c.example", excerpt="very " * 2_000)))
    size = (out / CACHE).stat().st_size
    code = "import graphkit; graphkit.publish('in', 'out', page=False)"
    done = limited(code, tmp_path, most=size + 5_000)
    assert done.stderr.splitlines()[-1] == (
        "graphkit.errors.OutputError: out: expected room for a build's own file, got: file too large"
    )
    assert files_in(out) == old
    assert sorted(path.name for path in out.iterdir()) == [CACHE, *old]
    assert counts(folder, out) == (1, 48)
    both(folder, out)


def test_no_secret_and_no_path_of_the_machine_is_in_the_cache(folder: Path, tmp_path: Path) -> None:
    secret = CIPHERTEXT * 4
    for number, value in enumerate([secret, [secret], {"a": secret}, {secret: 1}]):
        record = article(number, secured=value, related=[{"title": "R", "secured": value}], quality="bad")
        for end in (".md", ".json", ".jsonl.gz"):
            put(folder / f"secret{number}{end}", text(record, end))
    put(folder / "broken.md", f"---\ntitle: T\nsecured: '{secret}\n---\n".encode())
    put(folder / "cut.json", text(article(1, secured=secret))[:-1])
    published(folder, tmp_path / "out")
    cache = (tmp_path / "out" / CACHE).read_bytes()
    assert b"Title 3" in cache, "the search finds what is there"
    pieces = {secret[start : start + 16].encode() for start in range(len(secret) - 15)}
    assert not [piece for piece in pieces if piece in cache]
    for path in (tmp_path, ROOT, Path(sys.prefix)):
        assert str(path).encode() not in cache


@pytest.mark.usefixtures("many_parts", "trusting")
def test_a_cache_does_not_grow_without_end(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build_cache, "_WASTE", 1_000)
    for number in range(10, 30):
        put(folder / f"{number}.json", text(article(number, excerpt="word " * 50)))
    sizes, smaller = [], 0
    for number in range(50):
        put(folder / f"{number % 7}.json", text(article(number, "d.example", excerpt=f"{number} " * 60)))
        assert counts(folder, tmp_path / "out") == ((29, 0) if number == 0 else (1, 28))
        sizes.append((tmp_path / "out" / CACHE).stat().st_size)
        smaller += len(sizes) > 1 and sizes[-1] < sizes[-2]
    both(folder, tmp_path / "out")
    published(folder, tmp_path / "new")
    fresh = (tmp_path / "new" / CACHE).stat().st_size
    assert smaller >= 2, "what is alive was written anew, more than once"
    assert max(sizes) < 4 * fresh


@pytest.mark.usefixtures("many_parts", "trusting")
def test_damage_that_is_found_while_a_cache_is_written_anew_is_no_error(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    expected = both(small, out)
    cache = out / CACHE
    whole = cache.read_bytes()
    monkeypatch.setattr(build_cache, "_WASTE", -(10**9))
    found = 0
    for place in range(4_096, len(whole), len(whole) // 40):
        cache.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        read, _ = counts(small, out)
        found += read > 0
        assert files_in(out) == expected
    assert found > 5


@pytest.mark.engine
@pytest.mark.usefixtures("many_parts")
def test_standard_input_is_read_once_though_the_cache_is_damaged(small: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    lines = text([article(number) for number in range(60, 66)], ".jsonl")
    script = textwrap.dedent(
        """
        import graphkit
        from graphkit.pipeline.local import build_steps
        build_steps._PARTITION_BYTES = build_steps._SEGMENT_BYTES = 300
        graphkit.publish(["-", "in"], "out", page=False)
        """
    )

    def build() -> dict[str, bytes]:
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            input=lines,
            check=True,
        )
        return files_in(out)

    expected = build()
    assert json.loads(expected["report.json"])["records"]["read"] == 10
    whole = (out / CACHE).read_bytes()
    place = whole.index(b"Title 2")
    (out / CACHE).write_bytes(whole[:place] + b"S" + whole[place + 1 :])
    assert build() == expected


# --- the export that is there


@pytest.mark.usefixtures("many_parts", "trusting")
@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.unlink(),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:-100]),
        lambda path: path.write_bytes(path.read_bytes() + b"# mine\n"),
        lambda path: put(path, path.read_bytes().replace(b"Title", b"Mine!")),
        lambda path: path.replace(path.with_name("coverage.nt")),
        lambda path: shutil.copy(path, path.with_name("a")) and path.with_name("a").replace(path),
        lambda path: (path.unlink(), path.symlink_to("../nowhere")),
    ],
    ids=["gone", "empty", "cut", "longer", "changed", "moved", "copied", "a link"],
)
def test_an_export_that_somebody_changed_is_written_anew_by_force(
    spoil: Callable[[Path], object], folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    expected = both(folder, out)
    spoil(out / "coverage.ttl")
    made = graphkit.publish(folder, out, page=False, force=True)
    assert (made.read, made.reused) == (0, 9)
    assert files_in(out).items() >= expected.items()
    put(folder / "1.json", text(article(1, "c.example")))
    for name in ("coverage.nt", "mine"):  # what `spoil` left beside it stays
        (out / name).unlink(missing_ok=True)
    both(folder, out, force=True)
    spoil(out / "coverage.ttl")
    (out / "coverage.nt").unlink(missing_ok=True)
    both(folder, out, force=True)


@pytest.mark.usefixtures("many_parts", "trusting")
def test_only_segments_that_changed_are_assembled(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assembled: list[int] = []
    whole = segments.assemble

    def assemble(context: WorkerContext, task: segments.AssembleTask) -> segments.AssembleResult:
        assembled.append(task.number)
        return whole(context, task)

    monkeypatch.setattr(turtle_writer, "assemble", assemble)
    counts(folder, tmp_path / "out")
    every = len(assembled)
    assert every >= 10
    assembled.clear()
    counts(folder, tmp_path / "out")
    assert assembled == []
    put(folder / "1.json", text(article(1, "b.example", title="Another", related=[article(2), article(21)])))
    counts(folder, tmp_path / "out")
    assert 0 < len(assembled) < every / 2
    both(folder, tmp_path / "out")


# --- what somebody else has put there


def planted(folder: Path, out: Path) -> None:
    """Leave a cache that says of the record in `folder` what another one said, though it is of the same bytes."""
    put(folder / "0.json", text(article(0, title="Planted")))
    graphkit.publish(folder, out, page=False)
    with BlobStore(str(out / CACHE)) as store:
        state = cached_state.unpacked_state(store.state() or b"")
        assert state is not None
        put(folder / "0.json", text(article(0, title="Written")))
        written = text(article(0, title="Written"))
        digests = hashlib.blake2b(written, digest_size=cached_state.DIGEST, person=b"json").digest()
        columns = msgspec.structs.replace(state.files, digests=digests)
        store.commit(cached_state.packed_state(msgspec.structs.replace(state, files=columns)))


@pytest.mark.parametrize("ours", [False, True])
def test_a_cache_is_believed_only_if_this_user_made_it_on_this_machine(
    ours: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    with monkeypatch.context() as patch:
        if not ours:
            patch.setenv("XDG_STATE_HOME", str(tmp_path / "another"))
        planted(tmp_path / "in", out)
    graphkit.publish(tmp_path / "in", out, page=False)
    assert (b"Planted" in (out / "coverage.ttl").read_bytes()) is ours, "the plant works"


def test_a_link_in_the_place_of_the_cache_stays_and_is_not_followed(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    graphkit.publish(folder, tmp_path / "other", page=False)
    before = (tmp_path / "other" / CACHE).read_bytes()
    out.mkdir()
    (out / CACHE).symlink_to(tmp_path / "other" / CACHE)
    assert counts(folder, out) == (9, 0)
    assert (out / CACHE).is_symlink()
    assert (tmp_path / "other" / CACHE).read_bytes() == before


def test_without_a_key_nothing_is_remembered(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    assert counts(folder, tmp_path / "out") == counts(folder, tmp_path / "out") == (9, 0)
    assert not (tmp_path / "out" / CACHE).exists()


@pytest.mark.parametrize("length", [0, -1, 1 << 40, 1 << 62, (1 << 63) - 1])
def test_an_extent_that_cannot_be_true_is_damage(length: int, tmp_path: Path) -> None:
    path = str(tmp_path / "store")
    with BlobStore(path, create=True) as store:
        extent = store.append(b"words")
        for bad in (Extent(extent.offset, length or 1, extent.checksum), Extent(-1, 5, 0), Extent(1 << 62, 5, 0)):
            with pytest.raises(Damaged):
                store.read(bad)
