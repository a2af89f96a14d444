"""A walk visits every folder once, by its own name before that of a link, and comes to an end."""

import os
from pathlib import Path

import pytest

from graphkit.files.folders import FolderLoop, entries_of, walk


def test_an_entry_tells_where_it_really_is(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b.md").touch()
    (tmp_path / "c").symlink_to("a")
    (tmp_path / "d").symlink_to("nowhere")
    (tmp_path / "e").symlink_to("e")
    found = [
        (entry.name, os.path.relpath(entry.real, tmp_path), entry.is_link, entry.is_folder)
        for entry in entries_of(str(tmp_path))
    ]
    assert found == [
        ("a", "a", False, True),
        ("b.md", "b.md", False, False),
        ("c", "a", True, True),
        ("d", "nowhere", True, False),
        ("e", "e", True, False),
    ]


def test_a_folder_is_visited_once_and_under_its_own_name(tmp_path: Path) -> None:
    (tmp_path / "z" / "inner").mkdir(parents=True)
    (tmp_path / "a").symlink_to("z")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "left").mkdir()
    visited = list(walk(str(tmp_path), {str(tmp_path / "left")}))
    assert [folder.below for folder in visited] == ["", "z/", "z/inner/"]
    assert [folder.real for folder in visited] == [str(tmp_path), str(tmp_path / "z"), str(tmp_path / "z" / "inner")]


def test_a_loop_and_a_folder_that_is_not_there_are_told_and_the_walk_goes_on(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "back").symlink_to("..")
    faults = [(folder.below, type(folder.fault)) for folder in walk(str(tmp_path))]
    assert faults == [("", type(None)), ("a/", type(None)), ("a/back/", FolderLoop)]
    assert [type(folder.fault) for folder in walk(str(tmp_path / "gone"))] == [FileNotFoundError]


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read every folder")
def test_a_folder_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir(mode=0)
    assert [type(folder.fault) for folder in walk(str(tmp_path))] == [type(None), PermissionError]
