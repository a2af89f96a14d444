"""The machine key: made once, for one user, and no key that others could have read or put there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from graphkit.files import machine_key as module
from graphkit.files.machine_key import SIZE, authentication_code, machine_key


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    module._key_in.cache_clear()
    yield tmp_path / "graphkit"
    module._key_in.cache_clear()


def test_a_key_is_made_once_and_only_its_user_may_read_it(state: Path) -> None:
    key = machine_key()
    assert key is not None
    assert len(key) == SIZE
    module._key_in.cache_clear()
    assert machine_key() == key
    assert [path.name for path in state.iterdir()] == ["key"]
    assert (state / "key").stat().st_mode & 0o777 == 0o600
    assert state.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("how", ["readable by others", "a link", "short", "long", "a folder", "a pipe"])
def test_a_key_that_may_be_somebody_elses_is_none_and_stays(how: str, state: Path) -> None:
    state.mkdir()
    key = state / "key"
    if how == "a folder":
        key.mkdir()
    elif how == "a pipe":
        os.mkfifo(key, 0o600)
    elif how == "a link":
        (state / "other").write_bytes(bytes(SIZE))
        (state / "other").chmod(0o600)
        key.symlink_to("other")
    else:
        key.write_bytes(bytes(SIZE + {"short": -1, "long": 1}.get(how, 0)))
        key.chmod(0o644 if how == "readable by others" else 0o600)
    before = os.lstat(key)
    assert machine_key() is None
    assert os.lstat(key).st_ino == before.st_ino


def test_without_a_folder_for_it_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    assert machine_key() is None
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    monkeypatch.setenv("HOME", "/")
    assert machine_key() is None


@pytest.mark.usefixtures("state")
def test_codes_differ_by_key_and_by_data() -> None:
    one = authentication_code(b"a", size=16)
    assert one == authentication_code(b"a", size=16)
    assert len({one, authentication_code(b"b", size=16), authentication_code(b"a", size=16, key=bytes(SIZE))}) == 3
