"""A link in a folder of sources brings nothing from outside of it: no record, and no word in a diagnostic."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from processes.command import graphkit as command
from samples.record_files import record

import graphkit
from graphkit.errors import NothingReadable

FOREIGN = "root-hash-of-somebody-else"


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A folder with a record, and links to a file that is none, and to a record, outside of it."""
    record(tmp_path / "in/a.md")
    (tmp_path / "private").mkdir()
    (tmp_path / "private/key.md").write_text(f"{FOREIGN}:x:0:0\n{FOREIGN}: [\n---\n")
    (tmp_path / "private/key.yaml").write_text(
        f"title: {{{FOREIGN}: 1}}\npublishedDateTime: {FOREIGN}\nwebUrl: https://a.example/b\n"
    )
    for name in ("key.md", "key.yaml"):
        (tmp_path / "in" / name).symlink_to(tmp_path / "private" / name)
    return tmp_path / "in"


def everything(folder: Path) -> str:
    return "".join(path.read_text("utf-8", "replace") for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("cache", [True, False])
def test_nothing_of_what_a_link_leads_to_is_written(sources: Path, tmp_path: Path, *, cache: bool) -> None:
    published = graphkit.publish(sources, tmp_path / "out", cache=cache)
    assert [one.code for one in published.diagnostics] == ["GK110", "GK110"]
    assert [one.source for one in published.diagnostics] == ["key.md", "key.yaml"]
    assert FOREIGN not in everything(tmp_path / "out")
    assert published.report["files"]["found"] == 1


@pytest.mark.parametrize("cache", [True, False])
def test_what_is_followed_is_read_but_not_quoted(sources: Path, tmp_path: Path, *, cache: bool) -> None:
    for _ in range(2):
        published = graphkit.publish(sources, tmp_path / "out", cache=cache, follow_links=True)
        assert {one.source for one in published.diagnostics} == {"key.md", "key.yaml"}
        assert published.report["records"]["added"] == 2, "the record is there, without what is wrong with it"
        assert all(FOREIGN not in f"{one}{one.field}" for one in published.diagnostics)
        assert FOREIGN not in json.dumps(published.report)


def test_a_link_that_is_named_is_read(sources: Path) -> None:
    assert graphkit.build([sources / "key.yaml", sources / "a.md"]).report["records"]["added"] == 2
    with pytest.raises(NothingReadable):
        graphkit.build(sources / "key.md")


def test_a_link_that_leads_out_is_counted_under_strict(sources: Path) -> None:
    done = command("check", sources, "--strict")
    assert done.returncode == 1
    assert (
        "key.md: expected a link within the folder, got one that leads out of it; --follow-links follows it"
        in done.stdout
    )
