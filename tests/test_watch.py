"""`graphkit watch` keeps the exports current: real processes, real files, the system's own notifications."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from graphkit import pipeline
from graphkit.errors import UsageError
from graphkit.watching import Sources

SEEDS = Path(__file__).parent.parent / "seeds"
PATIENCE = 60

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def records(tmp_path: Path) -> Path:
    folder = tmp_path / "records"
    folder.mkdir()
    for path in sorted(SEEDS.rglob("*.md"))[:8]:
        shutil.copy(path, folder)
    return folder


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    running: list[subprocess.Popen[str]] = []

    def run(*arguments: object) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "graphkit", "watch", *map(str, arguments), "--debounce", "50"]
        process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
        running.append(process)
        return process

    yield run
    for process in running:
        process.kill()
        process.communicate()


def eventually(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "the exports did not become current"
        time.sleep(0.02)


def is_current(out: Path, *sources: Path) -> Callable[[], bool]:
    """Return the condition that the exports are what a build of the sources gives now."""
    expected = out.parent / f"expected-{time.monotonic_ns()}"

    def condition() -> bool:
        try:
            pipeline.publish(sources, expected, page=False, cache=False)
            return (out / "coverage.ttl").read_bytes() == (expected / "coverage.ttl").read_bytes()
        except FileNotFoundError:
            return False

    return condition


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


def test_a_folder_that_goes_and_comes_back_is_followed(tmp_path: Path, records: Path, start: Start) -> None:
    out = tmp_path / "out"
    process = start(records, "--out", out)
    eventually(is_current(out, records))
    records.rename(tmp_path / "away")
    assert process.stderr is not None
    line = ""
    while "expected records in the sources" not in line:
        line = process.stderr.readline()
        assert line, "it ended"
    (tmp_path / "away").rename(records)
    write(records / "new.md", "New")
    eventually(is_current(out, records))
    assert process.poll() is None


def test_exports_below_the_sources_start_no_build(tmp_path: Path, records: Path, start: Start) -> None:
    out = records / "exports"
    process = start(records, "--out", out)
    eventually((out / "report.json").exists)
    write(records / "new.md", "Unheard of")
    eventually(lambda: b"Unheard of" in (out / "coverage.ttl").read_bytes())
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=PATIENCE)
    # One at the start and one for the new file; a third where the burst was cut in two.
    assert said.count(" read, ") in (2, 3)


@pytest.mark.parametrize("sign, code", [(signal.SIGTERM, 143), (signal.SIGINT, 0)])
def test_it_ends_as_it_is_told_and_leaves_nothing(
    tmp_path: Path, records: Path, start: Start, sign: signal.Signals, code: int
) -> None:
    out = tmp_path / "out"
    process = start(records, "--out", out)
    eventually(is_current(out, records))
    process.send_signal(sign)
    assert process.wait(PATIENCE) == code
    assert not [path for path in out.iterdir() if path.suffix == ".tmp"]


def test_a_burst_is_gathered(tmp_path: Path, records: Path, start: Start) -> None:
    out = tmp_path / "out"
    process = start(records, "--out", out)
    eventually(is_current(out, records))
    for number in range(200):
        write(records / f"burst-{number}.md", f"Burst {number}")
    eventually(is_current(out, records))
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=PATIENCE)
    assert said.count(" read, ") < 50


def test_standard_input_cannot_be_watched(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="standard input"):
        Sources(["-"], tmp_path)


def test_what_counts_is_what_a_build_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "records").mkdir()
    sources = Sources(["records", "single.md", "2026-*/**/*.md"], tmp_path / "records" / "exports")
    here = os.fspath(tmp_path)
    for path in ("records/a.md", "records/deep/b.jsonl", "records", "single.md", "2026-11/x/c.md"):
        assert sources.counts(f"{here}/{path}"), path
    for path in ("records/exports/coverage.ttl", "records/exports", "records/.hidden/a.md", "records/.a.md.swp"):
        assert not sources.counts(f"{here}/{path}"), path
    assert set(sources.folders()) == {f"{here}/records", here}
