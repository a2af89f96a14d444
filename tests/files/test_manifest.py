"""The manifest: which files of a folder graphkit wrote, and whether they are of one build."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from samples.record_files import record

import graphkit
from graphkit.errors import OutputError, UsageError
from graphkit.files import manifest
from graphkit.files.manifest import PENDING, REPORT, check_whole, listed_files

NAMES = ("coverage.ttl", "coverage.html", "report.json")


class Killed(BaseException):
    """Ends a build as a kill would, without anything being tidied up."""


@pytest.fixture
def sources(tmp_path: Path) -> tuple[Path, Path]:
    for name in "ab":
        record(tmp_path / f"{name}/x.md", f'title: {name}\nwebUrl: "https://{name}.example/1"\n')
    return tmp_path / "a", tmp_path / "b"


def contents(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in out.iterdir() if path.is_file() and path.name != ".cache"}


def publish(source: Path, out: Path) -> None:
    graphkit.publish(source, out, cache=False)


def export(source: Path, out: Path) -> None:
    graphkit.export(graphkit.build(source), out)


@pytest.mark.parametrize("write", [publish, export])
def test_a_command_that_is_run_again_replaces_its_files_and_removes_those_of_before(
    write: Callable[[Path, Path], None], sources: tuple[Path, Path], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    graphkit.publish(sources[0], out, cache=False, formats=["nt"], patch=True)
    (out / "mine.txt").write_text("mine")
    write(sources[1], out)
    assert sorted(contents(out)) == sorted([*NAMES, "mine.txt"])
    assert set(listed_files(out) or ()) == set(NAMES) - {REPORT}
    again = contents(out)
    write(sources[1], out)
    assert contents(out) == again


def test_the_files_that_are_removed_are_told(sources: tuple[Path, Path], tmp_path: Path) -> None:
    graphkit.publish(sources[0], tmp_path / "out", formats=["nt"])
    made = graphkit.publish(sources[0], tmp_path / "out")
    assert made.removed == (tmp_path / "out/coverage.nt",)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("how", ["edited", "not listed", "a link"])
@pytest.mark.parametrize("write", [publish, export])
def test_a_file_that_graphkit_did_not_write_is_replaced_only_by_force(
    write: Callable[[Path, Path], None], how: str, name: str, sources: tuple[Path, Path], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    if how == "edited":
        write(sources[0], out)
        if name == REPORT:
            (out / name).write_text("[]")
        else:
            (out / name).write_bytes((out / name).read_bytes() + b"\n")
    else:
        out.mkdir()
        (tmp_path / "mine").write_text("mine")
        if how == "a link":
            (out / name).symlink_to(tmp_path / "mine")
        else:
            (out / name).write_text("mine")
    before = contents(out)
    with pytest.raises(OutputError, match=r"expected a file as graphkit wrote it.*--force"):
        write(sources[1], out)
    assert contents(out) == before
    if how == "edited":
        graphkit.publish(sources[1], out, cache=False, force=True)
        assert set(listed_files(out) or ()) == set(NAMES) - {REPORT}
        check_whole(out)


def test_what_export_wrote_or_somebody_edited_stays(sources: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    graphkit.publish(sources[0], out, formats=["nt", "void"], cache=False)
    (out / "coverage.graphml").write_text("a graph of somebody's")
    (out / "coverage.nt").write_text("edited")
    graphkit.publish(sources[0], out, cache=False)
    assert (out / "coverage.graphml").read_text() == "a graph of somebody's"
    assert (out / "coverage.nt").read_text() == "edited"
    assert not (out / "void.ttl").exists()


def test_a_folder_of_an_earlier_version_is_known_by_how_its_files_begin(
    sources: tuple[Path, Path], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    publish(sources[0], out)
    report = json.loads((out / REPORT).read_text())
    del report["written"]
    (out / REPORT).write_text(json.dumps(report))
    publish(sources[1], out)
    (out / REPORT).write_text(json.dumps(report))
    (out / "coverage.html").write_text("<html>mine</html>")
    with pytest.raises(OutputError):
        publish(sources[0], out)


@pytest.mark.parametrize("number", [0, 1, 2, 3])
def test_a_kill_between_two_renames_is_noticed_by_readers_and_mended_by_the_next_build(
    number: int, sources: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    publish(sources[0], out)
    old = contents(out)
    publish(sources[1], tmp_path / "other")
    new = contents(tmp_path / "other")
    replace, left = os.replace, [number]

    def killing(source: str, target: Path) -> None:
        if left[0] == 0:
            raise Killed  # whatever comes after this would not have happened either
        left[0] -= 1
        replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", killing)
        with pytest.raises(Killed):
            publish(sources[1], out)
    monkeypatch.setattr(manifest, "_PATIENCE", 0)
    found = {name: data for name, data in contents(out).items() if name in NAMES}
    if any(all(found[name] == one[name] for name in NAMES if name != REPORT) for one in (old, new)):
        check_whole(out)
    else:
        assert PENDING in contents(out)
        with pytest.raises(UsageError, match="expected the files of one build, got those of two"):
            graphkit.open_data(out)
    publish(sources[1], out)
    assert contents(out) == new
    assert graphkit.open_data(out).base


def test_the_mark_of_a_build_is_not_written_through_a_link(sources: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (tmp_path / "mine").write_text("mine")
    (out / PENDING).symlink_to(tmp_path / "mine")
    publish(sources[0], out)
    assert (tmp_path / "mine").read_text() == "mine"
    assert sorted(contents(out)) == sorted(NAMES)


@pytest.mark.parametrize("name", ["/etc/passwd", "../mine", "a/b"])
def test_a_planted_manifest_reaches_nothing_outside(name: str, sources: tuple[Path, Path], tmp_path: Path) -> None:
    out = tmp_path / "out"
    publish(sources[0], out)
    (tmp_path / "mine").write_text("mine")
    report = json.loads((out / REPORT).read_text())
    one = manifest.written_file(tmp_path / "mine")
    report["written"][name] = {"size": one.size, "sha256": one.sha256}
    (out / REPORT).write_text(json.dumps(report))
    publish(sources[0], out)
    assert (tmp_path / "mine").read_text() == "mine"
