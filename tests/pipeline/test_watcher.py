"""`graphkit watch` keeps the exports current: real processes, real files, the system's own notifications."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Condition, Event, Thread
from typing import Any

import corpora
import pytest
from paths import SEEDS
from processes.builds import without_manifest
from processes.waiting import PATIENCE, wait_for

from graphkit.errors import NothingReadable, UsageError
from graphkit.pipeline import api, watcher

pytestmark = pytest.mark.engine

# What is heard of


class Following:
    """`watch` in a thread, which counts its builds and its looks at what no notification tells of."""

    def __init__(self, patch: pytest.MonkeyPatch, names: list[str], out: Path) -> None:
        self.builds = self.looks = 0
        self.well = True
        self.during: list[Callable[[], object]] = []
        self.changed = Condition()
        self.stop = Event()
        look = watcher._polled_state

        def counting_look(*arguments: object) -> object:
            with self.changed:
                self.looks += 1
                self.changed.notify_all()
            return look(*arguments)  # type: ignore[arg-type]

        patch.setattr(watcher, "_polled_state", counting_look)
        patch.setattr(watcher, "_POLL", 40)
        arguments = (names, out, self.build, self.stop)
        options = {"debounce": 20, "retry": 0.2, "follow_links": True}
        self.thread = Thread(target=watcher.watch, args=arguments, kwargs=options)
        self.thread.start()

    def build(self) -> bool:
        with self.changed:
            if self.during:
                self.during.pop()()
            self.builds += 1
            self.changed.notify_all()
        return self.well

    def builds_become(self, number: int) -> bool:
        with self.changed:
            return self.changed.wait_for(lambda: self.builds >= number, PATIENCE)

    def hears(self, change: Callable[[], object], *, looks: int = 250) -> bool:
        """Tell whether a change, made while all is quiet, is followed by a build before so many looks."""
        self.resolve()
        with self.changed:
            change()
            builds, last = self.builds, self.looks + looks
            assert self.changed.wait_for(lambda: self.builds > builds or self.looks > last, PATIENCE)
            return self.builds > builds

    def resolve(self) -> None:
        """Wait until there are five looks without a build."""
        deadline = time.monotonic() + PATIENCE
        with self.changed:
            while time.monotonic() < deadline:
                builds, last = self.builds, self.looks + 5
                assert self.changed.wait_for(lambda: self.builds > builds or self.looks > last, PATIENCE)  # noqa: B023
                if builds == self.builds > 0:
                    return
        pytest.fail("the builds do not end")


Follow = Callable[..., Following]


@pytest.fixture
def follow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Follow]:
    """Watch sources that are named from a folder of the test's own."""
    running: list[Following] = []
    monkeypatch.chdir(tmp_path)

    def start(*names: str, out: str = "out") -> Following:
        running.append(Following(monkeypatch, list(names), Path(out)))
        return running[-1]

    yield start
    for following in running:
        following.stop.set()
        following.thread.join(PATIENCE)
        assert not following.thread.is_alive()


def put(path: str) -> Callable[[], None]:
    """Return what writes a file anew, and the folders that it needs."""

    def write() -> None:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_text(f"{time.monotonic_ns()}", "utf-8")

    return write


def replace(path: str) -> Callable[[], None]:
    """Return what replaces a file as editors do."""

    def rename() -> None:
        put("aside/new")()
        Path("aside/new").replace(path)

    return rename


def link(path: str, target: str) -> Callable[[], None]:
    """Return what makes a link, or exchanges it for another one in one step."""

    def make() -> None:
        Path("aside").mkdir(exist_ok=True)
        Path("aside/link").symlink_to(Path(target).absolute())
        Path("aside/link").replace(path)

    return make


def move(path: str, target: str) -> Callable[[], object]:
    return lambda: Path(path).rename(target)


def remove(path: str) -> Callable[[], None]:
    return lambda: shutil.rmtree(path) if Path(path).is_dir() else Path(path).unlink()


def anew(path: str) -> Callable[[], None]:
    """Return what deletes a folder and makes one of its name, which may get its number, too."""

    def make() -> None:
        shutil.rmtree(path)
        Path(path).mkdir()

    return make


NOT_UTF_8 = os.fsdecode(b"caf\xe9")

FOLDER = [put("records/a.md")]
LINKED = [put("records/a.md"), put("far/deep/b.md"), put("far/c.md")]

HEARD = {
    "a new file": (FOLDER, ["records"], [put("records/b.md")]),
    "a changed file": (FOLDER, ["records"], [put("records/a.md")]),
    "a replaced file": (FOLDER, ["records"], [replace("records/a.md")]),
    "a deleted file": (FOLDER, ["records"], [remove("records/a.md")]),
    "a file that is not read but counted": (FOLDER, ["records"], [put("records/a.png")]),
    "a file in a new folder": (FOLDER, ["records"], [put("records/x/y/b.md"), put("records/x/y/b.md")]),
    "a folder moved in": (LINKED, ["records"], [move("far", "records/x"), put("records/x/deep/b.md")]),
    "a folder renamed": (
        [put("records/x/y/a.md")],
        ["records"],
        [move("records/x", "records/z"), put("records/z/y/a.md")],
    ),
    "a folder moved away": ([*FOLDER, put("records/x/a.md")], ["records"], [move("records/x", "away")]),
    "a folder made anew": ([put("records/x/a.md")], ["records"], [anew("records/x"), put("records/x/b.md")]),
    "a source made anew": (FOLDER, ["records"], [anew("records"), put("records/b.md")]),
    "a source that goes and comes": (FOLDER, ["records"], [move("records", "away"), move("away", "records")]),
    "a source that is not there yet": ([], ["x/y/records"], [put("x/y/records/a.md"), put("x/y/records/a.md")]),
    "a file that is not there yet": ([], ["x/y/a.md"], [put("x/y/a.md"), put("x/y/a.md")]),
    "a single file": (FOLDER, ["records/a.md"], [put("records/a.md"), replace("records/a.md"), put("records/a.md")]),
    "a single file that is hidden": ([put("records/.a.md")], ["records/.a.md"], [put("records/.a.md")]),
    "a file with signs of patterns": ([put("records/[a]*.md")], ["records/[a]*.md"], [put("records/[a]*.md")]),
    "a link to a file": (
        [*LINKED, link("records/l.md", "far/c.md")],
        ["records"],
        [put("far/c.md"), replace("far/c.md"), link("records/l.md", "far/deep/b.md"), put("far/deep/b.md")],
    ),
    "a link to nothing": ([*LINKED, link("records/l.md", "far/d.md")], ["records"], [put("far/d.md")]),
    "a link to a folder": ([*LINKED, link("records/l", "far")], ["records"], [put("far/deep/b.md"), put("far/d.md")]),
    "a new link to a folder": (LINKED, ["records"], [link("records/l", "far"), put("far/deep/b.md")]),
    "a source that is a link": (
        [*LINKED, link("source", "records")],
        ["source"],
        [put("records/b.md"), link("source", "far"), put("far/deep/b.md")],
    ),
    "a single file that is a link": (
        [*LINKED, link("l.md", "far/c.md")],
        ["l.md"],
        [put("far/c.md"), link("l.md", "records/a.md"), put("records/a.md")],
    ),
    "links that lead to what holds them": (
        [*LINKED, link("records/far", "far"), link("far/records", "records")],
        ["records"],
        [put("far/deep/b.md"), put("records/a.md")],
    ),
    "a file that fits a pattern": (FOLDER, ["records/*.md"], [put("records/b.md"), put("records/a.md")]),
    "a folder that fits a pattern": (
        FOLDER,
        ["2026-*/**/*.md"],
        [lambda: Path("2026-11").mkdir(), put("2026-11/x.md"), put("2026-11/y/z.md"), put("2026-11/y/z.md")],
    ),
    "a folder that a pattern ends with": ([put("r/x1/y/a.md")], ["r/x?"], [put("r/x1/y/a.md"), put("r/x2/b.md")]),
    "a folder before a file that fits": ([put("r/x/s/a.md")], ["r/*/s/*.md"], [put("r/x/s/b.md"), put("r/y/s/a.md")]),
    "a link that fits a pattern": ([*LINKED, link("records/l.md", "far/c.md")], ["records/*.md"], [put("far/c.md")]),
    "a name that is not UTF-8": (FOLDER, ["records"], [put(f"records/{NOT_UTF_8}.md"), put("records/b.md")]),
    "a folder whose name is not UTF-8": (
        [put(f"records/{NOT_UTF_8}/a.md")],
        ["records"],
        [put(f"records/{NOT_UTF_8}/a.md"), put(f"records/{NOT_UTF_8}/b.md")],
    ),
    "a folder that has a name that is not UTF-8": (
        [put(f"records/{NOT_UTF_8}.md"), put("records/a.md")],
        ["records"],
        [put("records/a.md"), put(f"records/{NOT_UTF_8}.md"), remove(f"records/{NOT_UTF_8}.md"), put("records/a.md")],
    ),
    "one of several sources": (
        [*FOLDER, put("more/a.md")],
        ["records", "more"],
        [put("records/a.md"), put("more/b.md")],
    ),
}


@pytest.mark.parametrize("names", [["records"], ["records/*"], ["records/**"]])
def test_a_link_that_leads_out_is_not_watched_unless_it_is_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for path in ("records/a.md", "records/x/b.md", "far/deep/c.md", "near/d.md"):
        put(path)()
    link("records/far", "far")()
    link("records/d.md", "near/d.md")()
    within = {str(tmp_path / "records"), str(tmp_path / "records/x")}
    without = {str(tmp_path / name) for name in ("far", "far/deep", "near")}
    assert set(watcher.watched_folders(names, "out")) == within
    assert set(watcher.watched_folders(names, "out", follow_links=True)) == within | without


@pytest.mark.parametrize("before, names, changes", HEARD.values(), ids=HEARD)
def test_a_change_of_the_sources_leads_to_a_build(
    follow: Follow, before: list[Callable[[], object]], names: list[str], changes: list[Callable[[], object]]
) -> None:
    for make in before:
        make()
    following = follow(*names)
    for number, change in enumerate(changes):
        assert following.hears(change), number


UNHEARD = {
    "a hidden file": ("records", "out", put("records/.a.md.swp")),
    "a file in a hidden folder": ("records", "out", put("records/.git/a.md")),
    "a file in a hidden folder that was there": ("records", "out", put("records/.old/a.md")),
    "a file beside a single one": ("records/a.md", "out", put("records/b.md")),
    "a file that does not fit a pattern": ("records/*.md", "out", put("records/b.json")),
    "a folder that does not fit a pattern": ("2026-*/*.md", "out", put("2025-11/a.md")),
    "a file below a folder that a pattern does not reach": ("*/*.md", "out", put("records/x/a.md")),
    "an export": ("records", "records/exports", put("records/exports/coverage.ttl")),
    "anything among exports": ("records", "records/exports", put("records/exports/a.md")),
    "an export among records": ("records", "records", put("records/coverage.ttl")),
    "a report among records": ("records", "records", put("records/report.json")),
    "an export in a folder that a link leads to": ("link", "records/exports", put("records/exports/coverage.ttl")),
    "an export in a folder that a link names": ("records", "link/exports", put("records/exports/coverage.ttl")),
    "an export below a pattern": ("rec*/**/*", "records/exports", put("records/exports/coverage.ttl")),
    "reading": ("records", "out", Path("records/a.md").read_bytes),
}


@pytest.mark.parametrize("name, out, change", UNHEARD.values(), ids=UNHEARD)
def test_any_other_change_leads_to_none(follow: Follow, name: str, out: str, change: Callable[[], object]) -> None:
    put("records/a.md")()
    put("records/.old/b.md")()
    link("link", "records")()
    following = follow(name, out=out)
    assert not following.hears(change, looks=8)
    assert following.hears(replace("records/a.md") if "2026" not in name else put("2026-01/a.md"))


def build_in_vain() -> None:
    with pytest.raises(NothingReadable):
        api.publish("records", "records/x/exports")


def test_a_build_that_removes_the_folders_it_made_leads_to_none(follow: Follow) -> None:
    put("records/a.txt")()  # no record
    following = follow("records", out="records/x/exports")
    assert not following.hears(build_in_vain, looks=8)


@pytest.mark.parametrize("name", ["a", NOT_UTF_8])
def test_reading_and_writing_of_a_build_leads_to_none(follow: Follow, name: str) -> None:
    Path(f"records/{name}").mkdir(parents=True)
    write(Path("one.md"), "Any")
    shutil.copy("one.md", f"records/{name}.md")
    shutil.copy("one.md", f"records/{name}/{name}.md")
    following = follow("records", out="records")
    assert not following.hears(lambda: api.publish("records", "records", formats=["nq"]), looks=8)


def test_what_changes_during_a_build_leads_to_one_more(follow: Follow) -> None:
    put("records/a.md")()
    following = follow("records")
    following.resolve()
    builds = following.builds
    following.during.append(put("records/a.md"))
    put("records/a.md")()
    assert following.builds_become(builds + 2)


def test_a_build_that_failed_is_tried_again(follow: Follow) -> None:
    put("records/a.md")()
    following = follow("records")
    following.resolve()
    builds = following.builds
    following.well = False
    put("records/a.md")()
    assert following.builds_become(builds + 3)
    following.well = True
    following.resolve()


def test_standard_input_cannot_be_watched(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="got standard input, which cannot be read again"):
        watcher.watch(["-"], tmp_path, lambda: True, Event())


def test_a_system_that_can_watch_no_more_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import watchfiles

    def full(*_: object, **__: object) -> Iterator[None]:
        raise OSError("OS file watch limit reached.")
        yield

    monkeypatch.setattr(watchfiles, "watch", full)
    with pytest.raises(UsageError, match=r"expected 1 folders that .* can watch, got: OS file watch limit reached"):
        watcher.watch([str(tmp_path)], tmp_path / "out", lambda: True, Event())


# What is written


Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def records(tmp_path: Path) -> Path:
    folder = tmp_path / "records"
    folder.mkdir()
    for path in sorted(SEEDS.rglob("*.md"))[:8]:
        shutil.copy(path, folder)
    return folder


@pytest.fixture
def said(tmp_path: Path) -> Callable[[], str]:
    """Return what the process has said so far."""
    return lambda: (tmp_path / "said").read_text("utf-8")


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    running: list[subprocess.Popen[bytes]] = []

    def run(*arguments: object) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "graphkit", "watch", *map(str, arguments), "--debounce", "50"]
        with (tmp_path / "said").open("wb") as stream:
            process = subprocess.Popen(command, cwd=tmp_path, stderr=stream, start_new_session=True)
        running.append(process)
        return process

    yield run
    for process in running:
        process.kill()
        process.wait()


def eventually(condition: Callable[[], object]) -> None:
    """Wait until a condition holds."""
    wait_for(condition, "this", pause=0.02)


def content(folder: Path) -> dict[str, Any]:
    """Return the exports in a folder, and its report without the list of files: a watched folder has a page too."""
    found: dict[str, Any] = {name: (folder / name).read_bytes() for name in EXPORTS}
    return {**found, "report.json": without_manifest(found["report.json"])}


def is_current(out: Path, *sources: Path) -> Callable[[], bool]:
    """Return the condition that the exports are what a build of the sources gives now."""
    expected = out.parent / f"expected-{time.monotonic_ns()}"

    def condition() -> bool:
        try:
            api.publish(sources, expected, page=False, cache=False)
            return content(out) == content(expected)
        except FileNotFoundError:
            return False

    return condition


def is_large(path: Path) -> bool:
    try:
        return path.stat().st_size > 100_000
    except FileNotFoundError:  # it has gone since it was found
        return False


def names_in(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


EXPORTS = ("coverage.ttl", "report.json")


def write(path: Path, title: str) -> None:
    path.write_text(f'---\ntitle: "{title}"\nwebUrl: "https://example.com/{path.stem}"\n---\n', "utf-8")


def test_files_that_come_change_and_go_are_followed(tmp_path: Path, records: Path, start: Start) -> None:
    out = tmp_path / "out"
    start(records, "--out", out)
    eventually(is_current(out, records))
    write(records / "new.md", "New")
    eventually(is_current(out, records))
    write(records / "new.md", "Changed")
    eventually(is_current(out, records))
    (records / "new.md").rename(records / "renamed.md")
    eventually(is_current(out, records))
    (records / "renamed.md").unlink()
    eventually(is_current(out, records))
    write(tmp_path / "aside.md", "As editors do")
    (tmp_path / "aside.md").replace(min(records.iterdir()))
    eventually(is_current(out, records))
    (records / "deep" / "er").mkdir(parents=True)
    write(records / "deep" / "er" / "one.md", "Deep")
    eventually(is_current(out, records))


def test_a_folder_that_goes_and_comes_back_is_followed(
    tmp_path: Path, records: Path, start: Start, said: Callable[[], str]
) -> None:
    out = tmp_path / "out"
    process = start(records, "--out", out)
    eventually(is_current(out, records))
    records.rename(tmp_path / "away")
    eventually(lambda: "expected records in the sources" in said())
    (tmp_path / "away").rename(records)
    write(records / "new.md", "New")
    eventually(is_current(out, records))
    assert process.poll() is None


@pytest.mark.parametrize("place", ["beside", "elsewhere"])
def test_a_change_of_identity_toml_is_followed(
    tmp_path: Path, records: Path, start: Start, said: Callable[[], str], place: str
) -> None:
    out, identity = tmp_path / "out", (records if place == "beside" else tmp_path) / "identity.toml"
    # A single file: beside it nothing else matters.
    (record,) = list(records.iterdir())[:1]
    if place == "elsewhere":
        identity.write_text("")
    start(record, "--out", out, *(["--identity", identity] if place == "elsewhere" else []))
    eventually((out / "coverage.ttl").exists)
    identity.write_text("[label]")
    eventually(lambda: "[GK402]" in said())
    identity.write_text('[parameters]\n"a.example" = ["gclid"]')
    eventually(lambda: b"parameters: a.example: gclid" in (out / "report.json").read_bytes())
    if place == "beside":
        identity.unlink()
        eventually(lambda: b"parameters: a.example" not in (out / "report.json").read_bytes())


@pytest.mark.parametrize("place", ["exports", "."], ids=["below the sources", "among the sources"])
def test_exports_start_no_build(records: Path, start: Start, said: Callable[[], str], place: str) -> None:
    out = records / place
    process = start(records, "--out", out, "--page", "--format", "nq")
    eventually((out / "coverage.ttl").exists)
    for number in range(5):
        write(records.parent / "aside.md", f"Unheard of {number}")
        (records.parent / "aside.md").replace(records / "new.md")
        eventually(lambda: f"Unheard of {number}".encode() in (out / "coverage.ttl").read_bytes())  # noqa: B023
    # One at the start and one for each change, whose burst may be cut in two.
    eventually(lambda: said().count(" read, ") >= 6)
    process.send_signal(signal.SIGTERM)
    process.wait(PATIENCE)
    assert said().count(" read, ") <= 11


def test_a_burst_is_gathered(tmp_path: Path, records: Path, start: Start, said: Callable[[], str]) -> None:
    out = tmp_path / "out"
    process = start(records, "--out", out)
    eventually(is_current(out, records))
    for number in range(200):
        write(records / f"burst-{number}.md", f"Burst {number}")
    eventually(is_current(out, records))
    process.send_signal(signal.SIGTERM)
    process.wait(PATIENCE)
    assert said().count(" read, ") < 50


def test_options_mean_what_they_mean_for_a_build(tmp_path: Path, records: Path, start: Start) -> None:
    out = tmp_path / "out"
    start(records, "--out", out, "--gzip", "--format", "nt", "--no-graph", "--base", "https://example.org/")
    expected = tmp_path / "expected"
    api.publish(records, expected, gzip=True, formats=["nt"], graph=False, base="https://example.org/")
    eventually(lambda: out.exists() and names_in(out) == names_in(expected))
    for name in ("coverage.ttl.gz", "coverage.nt.gz", "report.json"):
        assert (out / name).read_bytes() == (expected / name).read_bytes()


def test_a_full_disk_is_told_once_and_overcome(
    tmp_path: Path, records: Path, start: Start, said: Callable[[], str]
) -> None:
    out = tmp_path / "out"
    process = start(records, "--out", out, "--no-page")
    eventually(lambda: " read, " in said())  # which comes after all that it writes
    before = (out / "coverage.ttl").read_bytes()
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (8_000, resource.RLIM_INFINITY))  # as if no more were free
    write(records / "new.md", "New")
    eventually(lambda: "file too large" in said())
    assert (out / "coverage.ttl").read_bytes() == before
    assert "Traceback" not in said()
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    eventually(is_current(out, records))
    assert said().count("file too large") == 1


@pytest.mark.parametrize("wrong", [["--no-graph", "--page"], ["--format", "docx"], ["--base", "nowhere"]])
def test_arguments_that_cannot_be_served_end_it(
    records: Path, start: Start, said: Callable[[], str], wrong: list[str]
) -> None:
    assert start(records, *wrong).wait(PATIENCE) == 2
    assert len(said().splitlines()) == 1


# How it ends


ENDS = [(signal.SIGTERM, 143), (signal.SIGINT, 0)]


@pytest.mark.parametrize("sign, code", ENDS)
def test_it_ends_as_it_is_told_and_leaves_nothing(
    tmp_path: Path, records: Path, start: Start, said: Callable[[], str], sign: signal.Signals, code: int
) -> None:
    out = tmp_path / "out"
    process = start(records, "--out", out, "--no-page")
    eventually(lambda: " read, " in said())
    process.send_signal(sign)
    assert process.wait(PATIENCE) == code
    assert names_in(out) == {"coverage.ttl", "report.json", ".cache"}


@pytest.mark.parametrize("sign, code", ENDS)
@pytest.mark.parametrize("to_all", [False, True], ids=["to the first process", "to all processes"])
def test_it_ends_in_the_middle_of_a_build(
    tmp_path: Path, start: Start, said: Callable[[], str], sign: signal.Signals, code: int, *, to_all: bool
) -> None:
    corpora.write_corpus(tmp_path / "records", 1_500)
    out = tmp_path / "out"
    process = start("records", "--out", out, "--jobs", "2")
    # The spill of a build whose other processes have begun to read.
    eventually(lambda: any(map(is_large, out.glob(".graphkit-build-*"))))
    (os.killpg if to_all else os.kill)(process.pid, sign)
    assert process.wait(PATIENCE) == code
    assert not list(out.iterdir())
    assert "Traceback" not in said()
