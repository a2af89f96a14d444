"""A stamp changes with the file, and counts only once the clock has gone on."""

import os
from pathlib import Path

import pytest

from graphkit.files.stamps import PACKED_SIZE, SETTLED_NS, FileStamp, stamp_of


def test_a_stamp_shows_another_size_time_and_file(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("a")
    stamps = [stamp_of(path.stat())]
    path.write_text("ab")
    stamps.append(stamp_of(path.stat()))
    os.utime(path, (0, 0))
    stamps.append(stamp_of(path.stat()))
    path.with_name("b").write_text("ab")
    path.with_name("b").replace(path)
    stamps.append(stamp_of(path.stat()))
    assert stamps[-1] == stamp_of(path.stat())
    assert len(set(stamps)) == len({stamp.packed() for stamp in stamps}) == 4


@pytest.mark.parametrize(
    "modified, changed, settled",
    [
        (0, 0, True),
        (SETTLED_NS, 0, False),
        (0, SETTLED_NS, False),
        (SETTLED_NS - 1, SETTLED_NS - 1, True),
        (10**20, 0, False),
    ],
)
def test_a_file_is_settled_when_both_its_times_are_past(modified: int, changed: int, settled: bool) -> None:
    assert FileStamp(1, modified, changed, 1).is_settled(2 * SETTLED_NS) is settled


@pytest.mark.parametrize("number", [0, -1, -(10**20), 2**63, 2**64 - 1])
def test_any_number_of_the_system_can_be_packed(number: int) -> None:
    assert len(FileStamp(1, number, number, number).packed()) == PACKED_SIZE
