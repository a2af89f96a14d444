"""A build that is killed at any moment leaves whole exports, and the next one gives the right bytes."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import corpora
import pytest
from processes.waiting import wait_for
from samples.examples import scaled

pytestmark = [pytest.mark.engine, pytest.mark.untraced, pytest.mark.timeout(600)]

MOMENTS = scaled(4)
"""How many builds of each kind are killed."""
NAMES = ("coverage.ttl", "report.json")
RECORDS = 1_500


def command(*arguments: object, verb: str = "build") -> list[str]:
    return [sys.executable, "-m", "graphkit", verb, *map(str, arguments), "--no-page"]


def exports(out: Path) -> dict[str, bytes]:
    return {name: (out / name).read_bytes() for name in NAMES if (out / name).exists()}


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("records")
    corpora.write_corpus(folder, RECORDS)
    return folder


@pytest.fixture
def expected(records: Path, tmp_path: Path) -> dict[str, bytes]:
    return built_anew(records, tmp_path)


def built_anew(records: Path, tmp_path: Path) -> dict[str, bytes]:
    """Return what a build gives that remembers nothing."""
    out = tmp_path / "anew"
    shutil.rmtree(out, ignore_errors=True)
    subprocess.run(command(records, "--out", out, "--no-cache", "--quiet"), check=True)
    return exports(out)


def killed(arguments: list[str], moment: float) -> None:
    """Run a command in a group of its own, and kill its first process after some seconds; see that all of them end."""
    process = subprocess.Popen(arguments, start_new_session=True, stderr=subprocess.DEVNULL)
    try:
        process.wait(moment)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
    wait_for(lambda: not group(process.pid), "processes to end after the first one was killed", pause=0.01)


def group(leader: int) -> list[int]:
    """Return the processes of a group that are still running."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state, _, parent_group = (entry / "stat").read_text().rpartition(")")[2].split()[:3]
            except (OSError, ValueError):
                continue
            if int(parent_group) == leader and state != "Z":
                found.append(int(entry.name))
    return found


def duration(arguments: list[str]) -> float:
    start = time.monotonic()
    subprocess.run(arguments, check=True, stderr=subprocess.DEVNULL)
    return time.monotonic() - start


def moments(longest: float, seed: int) -> list[float]:
    return [random.Random(f"{seed} {number}").uniform(0.05, longest * 1.1) for number in range(MOMENTS)]


def change_one(records: Path, number: int, folder: Path) -> None:
    """Change one record in one step: whoever builds meanwhile has read it as it was, or as it is then."""
    aside = folder / "aside"
    before = next(iter(corpora.records(number, number + 1, 1)))[0]
    (aside / before).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(records / before, aside / before)
    (changed,) = corpora.change(aside, [number], mark=f"watched {number}")
    changed.replace(records / before)


def test_a_first_build_that_is_killed_leaves_nothing_half(
    records: Path, tmp_path: Path, expected: dict[str, bytes]
) -> None:
    out = tmp_path / "out"
    arguments = command(records, "--out", out, "--jobs", "2", "--quiet")
    longest = duration(arguments)
    for moment in moments(longest, 1):
        shutil.rmtree(out)
        killed(arguments, moment)
        assert all(expected[name] == data for name, data in exports(out).items()), moment
        subprocess.run(arguments, check=True)
        assert exports(out) == expected, moment
        assert not list(out.glob(".graphkit-build-*")), moment


def test_a_build_of_changes_that_is_killed_leaves_the_old_exports_or_the_new(records: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = command(records, "--out", out, "--jobs", "2", "--quiet")
    subprocess.run(arguments, check=True)
    after = exports(out)
    for number, moment in enumerate(moments(2.5, 2)):
        before = after
        corpora.change(records, range(number, RECORDS, RECORDS // 7), mark=f"changed {number}")
        after = built_anew(records, tmp_path)
        assert after != before
        killed(arguments, moment)
        found = exports(out)
        assert all(found[name] in (before[name], after[name]) for name in NAMES), moment
        subprocess.run(arguments, check=True)
        assert exports(out) == after, moment


def test_watching_that_is_killed_leaves_whole_exports(records: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    build = command(records, "--out", out, "--jobs", "1", "--quiet")
    subprocess.run(build, check=True)
    before = exports(out)
    for number, moment in enumerate(moments(3, 3)[: MOMENTS // 2 + 1]):
        process = subprocess.Popen(command(records, "--out", out, "--quiet", verb="watch"), start_new_session=True)
        time.sleep(0.5)  # some time into its start, when it may or may not be watching yet
        change_one(records, number, tmp_path)
        time.sleep(moment)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        after = built_anew(records, tmp_path)
        found = exports(out)
        assert all(found[name] in (before[name], after[name]) for name in NAMES), moment
        subprocess.run(build, check=True)
        assert exports(out) == after, moment
        before = after
