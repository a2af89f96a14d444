"""Files are found once each, by names that hold from any working directory, and no file can hang or fill the machine."""

import os
import time
from pathlib import Path

import msgspec
import pytest
from samples.record_files import GOOD, record

from graphkit.formats.recognition import format_of
from graphkit.sources.contents import read_bytes
from graphkit.sources.finding import SourceListing, find, placed
from graphkit.sources.source_file import SourceError, SourceFile, printable


def names(listing: SourceListing) -> list[str]:
    return [file.name for file in listing.files]


def faults(listing: SourceListing) -> list[str]:
    return [str(one) for one in listing.diagnostics]


def fault_of(path: Path, form: str | None = None) -> str:
    with pytest.raises(SourceError) as caught:
        read_bytes(SourceFile(path.name, str(path), form or format_of(path.name) or "any"))
    assert caught.value.diagnostic.rejects
    assert str(caught.value) == str(caught.value.diagnostic)
    return str(caught.value)


def test_a_folder_gives_its_files_at_any_depth_by_their_path_in_it(tmp_path: Path) -> None:
    for name in ("b.md", "a/c.json", "a/b/d.txt.gz", "e.png", ".hidden.md", ".git/f.md", "a/.g/h.md"):
        record(tmp_path / name)
    found = find([tmp_path])
    assert names(found) == ["a/b/d.txt.gz", "a/c.json", "b.md"]
    assert [file.format for file in found.files] == ["markdown", "json", "markdown"]
    assert (found.skipped, found.diagnostics) == (1, ())


def test_names_are_the_same_from_any_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record(tmp_path / "in/2021/a.md")
    seen = set()
    for where, source in (
        (tmp_path, "in"),
        (tmp_path, "./in/"),
        (tmp_path / "in", "."),
        (tmp_path / "in/2021", ".."),
        (Path("/"), str(tmp_path / "in")),
    ):
        monkeypatch.chdir(where)
        seen.add(tuple(names(find([source]))))
    assert seen == {("2021/a.md",)}


def test_no_name_holds_an_absolute_path(tmp_path: Path) -> None:
    record(tmp_path / "in/a.md")
    (tmp_path / "in/up").symlink_to(tmp_path / "in")
    (tmp_path / "empty").mkdir()
    wanted = ["in", "in/a.md", "in/*.md", "in/**", "none", "none/*.md", "none/", "empty"]
    found = find([f"{tmp_path}/{name}" for name in wanted])
    assert names(found) == ["a.md"]
    assert faults(found) == [
        "*.md: expected files that match the pattern, got none [GK104]",
        "empty: expected record files, got none of them [GK103]",
        "none: expected a file or folder, got nothing [GK104]",
        "up: expected a folder of its own, got a link to one that holds it [GK102]",
    ]
    assert str(tmp_path) not in repr([(file.name, found.diagnostics) for file in found.files])


def test_a_file_reached_twice_is_found_once_by_its_longest_name(tmp_path: Path) -> None:
    record(tmp_path / "in/2021/a.md")
    ways = [str(tmp_path / name) for name in ("in", "in/2021", "in/2021/a.md", "in/*/a.md", "in")]
    for order in (ways, ways[::-1]):
        found = find(order)
        assert names(found) == ["2021/a.md"]
        assert found.diagnostics == ()


def test_a_folder_given_twice_counts_once(tmp_path: Path) -> None:
    record(tmp_path / "in/a.md")
    record(tmp_path / "in/b.png")
    once = find([tmp_path / "in"])
    assert find([tmp_path / "in", tmp_path / "in", f"{tmp_path}/in/"]) == once
    assert (names(once), once.skipped) == (["a.md"], 1)


def test_the_order_of_the_sources_changes_nothing(tmp_path: Path) -> None:
    record(tmp_path / "x/a.md")
    record(tmp_path / "y/a.md", GOOD.replace("A title", "B"))
    (tmp_path / "empty").mkdir()
    ways = [tmp_path / "x", tmp_path / "empty", tmp_path / "none", tmp_path / "y", tmp_path / "x/a.md"]
    assert find(ways) == find(ways[::-1])
    assert len(find(ways).diagnostics) == 2


def test_different_files_of_one_name_are_told_apart_by_their_content(tmp_path: Path) -> None:
    record(tmp_path / "x/a.md")
    record(tmp_path / "y/a.md", GOOD.replace("A title", "B"))
    found = names(find([tmp_path / "x", tmp_path / "y"]))
    assert len(set(found)) == 2
    assert all(name.startswith("a.md~") and len(name) == 13 for name in found)
    (tmp_path / "x").rename(tmp_path / "z")
    assert names(find([tmp_path / "y", tmp_path / "z"])) == found


def test_copies_of_a_file_are_all_read_under_one_name(tmp_path: Path) -> None:
    record(tmp_path / "x/a.md")
    record(tmp_path / "y/a.md")
    assert names(find([tmp_path / "x", tmp_path / "y"])) == ["a.md", "a.md"]


def test_unreadable_files_of_one_name_are_all_kept(tmp_path: Path) -> None:
    record(tmp_path / "x/a.md")
    for folder in ("y", "z"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.md").symlink_to("nowhere")
    found = names(find([tmp_path / name for name in "xyz"]))
    assert len(found) == 3
    assert found[1:] == ["a.md~unreadable", "a.md~unreadable"]


def test_links_to_one_folder_give_its_files_once_by_its_own_name(tmp_path: Path) -> None:
    record(tmp_path / "in/b/real/x.md")
    (tmp_path / "in/a").mkdir()
    (tmp_path / "in/a/first").symlink_to(tmp_path / "in/b/real")
    (tmp_path / "in/z").symlink_to(tmp_path / "in/b/real")
    found = find([tmp_path / "in"])
    assert names(found) == ["b/real/x.md"]
    assert found.diagnostics == ()


def test_a_folder_given_by_name_and_by_link_is_found_once(tmp_path: Path) -> None:
    record(tmp_path / "real/sub/x.md")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert names(find([tmp_path / "real", tmp_path / "link"])) == ["sub/x.md"]


LEADS_OUT = "expected a link within the folder, got one that leads out of it; --follow-links follows it [GK110]"


@pytest.fixture
def linked(tmp_path: Path) -> Path:
    """A folder with links to a file and a folder elsewhere, also by way of another link, and to one of its own."""
    record(tmp_path / "else/x.md")
    record(tmp_path / "in/own/y.md")
    (tmp_path / "in/folder").symlink_to(tmp_path / "else")
    (tmp_path / "in/file.md").symlink_to(tmp_path / "else/x.md")
    (tmp_path / "in/own/by.md").symlink_to("../folder/x.md")
    (tmp_path / "in/picture.png").symlink_to(tmp_path / "else/x.md")
    (tmp_path / "in/again.md").symlink_to("own/y.md")
    return tmp_path / "in"


def test_links_that_lead_out_of_a_folder_are_reported_and_not_followed(linked: Path) -> None:
    found = find([linked])
    assert names(found) == ["own/y.md"]
    assert faults(found) == [f"{name}: {LEADS_OUT}" for name in ("file.md", "folder", "own/by.md")]
    assert found.outside == frozenset()


@pytest.mark.parametrize("pattern", ["in/*/*.md", "in/**/*.md", "in/*"])
def test_links_that_a_pattern_finds_are_followed_within_its_folder_only(
    linked: Path, monkeypatch: pytest.MonkeyPatch, pattern: str
) -> None:
    monkeypatch.chdir(linked.parent)
    found = find([pattern])
    assert all(not file.path.endswith("x.md") for file in found.files)
    assert f"folder: {LEADS_OUT}" in faults(found) or f"folder/x.md: {LEADS_OUT}" in faults(found)


def test_links_that_lead_out_of_a_folder_are_followed_if_wanted(linked: Path) -> None:
    found = find([linked], follow_links=True)
    assert names(found) == ["folder/x.md", "own/y.md"]
    assert found.outside == {"folder/x.md"}
    assert found.diagnostics == ()


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("other", ["else", "else/x.md", "in/file.md"])
def test_what_is_named_itself_may_be_linked_to(linked: Path, other: str, order: int) -> None:
    found = find([linked, linked.parent / other][::order])
    expected = "x.md" if other == "else/x.md" else "folder/x.md"
    assert expected in names(found) or "own/by.md" in names(found)
    assert found.outside == frozenset()
    assert (f"folder: {LEADS_OUT}" in faults(found)) == (other != "else")


def test_a_folder_that_is_named_by_a_link_is_searched(linked: Path) -> None:
    (linked.parent / "link").symlink_to(linked)
    assert names(find([linked.parent / "link"])) == ["own/y.md"]


def test_a_folder_whose_name_begins_like_that_of_another_is_outside(tmp_path: Path) -> None:
    record(tmp_path / "news/a.md")
    record(tmp_path / "newspapers/b.md")
    (tmp_path / "news/b.md").symlink_to(tmp_path / "newspapers/b.md")
    assert faults(find([tmp_path / "news"])) == [f"b.md: {LEADS_OUT}"]


def test_a_folder_that_links_to_itself_or_its_parent_is_reported(tmp_path: Path) -> None:
    record(tmp_path / "in/sub/x.md")
    (tmp_path / "in/sub/self").symlink_to(".")
    (tmp_path / "in/sub/up").symlink_to("..")
    found = find([tmp_path / "in"])
    assert names(found) == ["sub/x.md"]
    assert faults(found) == [
        "sub/self: expected a folder of its own, got a link to one that holds it [GK102]",
        "sub/up: expected a folder of its own, got a link to one that holds it [GK102]",
    ]


def test_a_link_to_itself_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.md").symlink_to("a.md")
    (tmp_path / "loop").symlink_to("loop")
    found = find([tmp_path])
    assert (names(found), found.skipped) == (["a.md"], 1)
    assert fault_of(tmp_path / "a.md") == "a.md: expected a readable file, got a link that leads to itself [GK101]"


def test_a_link_to_nothing_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.md").symlink_to("nowhere")
    assert names(find([tmp_path])) == ["a.md"]
    assert names(find([tmp_path / "a.md"])) == ["a.md"]
    assert fault_of(tmp_path / "a.md") == "a.md: expected a readable file, got no such file or directory [GK101]"


@pytest.mark.parametrize("inside", [[], [".hidden.md"], ["sub/"]])
def test_a_folder_without_files_is_reported(tmp_path: Path, inside: list[str]) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name in inside:
        if name.endswith("/"):
            (folder / name).mkdir()
        else:
            record(folder / name)
    assert faults(find([folder])) == ["in: expected record files, got none of them [GK103]"]


def test_a_folder_of_other_files_only_is_counted(tmp_path: Path) -> None:
    record(tmp_path / "in/a.png")
    found = find([tmp_path / "in"])
    assert (found.files, found.skipped) == ((), 1)


def test_a_folder_that_cannot_be_listed_is_reported_and_the_others_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(tmp_path / "in/a.md")
    record(tmp_path / "in/shut/b.md")
    # The superuser may list every folder, so that the modes of the file system cannot show this.
    real = os.scandir

    def scandir(path: str) -> object:
        if path.endswith("shut"):
            raise PermissionError(13, "Permission denied")
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    found = find([tmp_path / "in"])
    assert names(found) == ["a.md"]
    assert faults(found) == ["shut: expected a readable folder, got permission denied [GK101]"]
    assert faults(find([tmp_path / "in/shut"])) == ["shut: expected a readable folder, got permission denied [GK101]"]


@pytest.mark.parametrize(
    "pattern, expected",
    [
        ("*.md", ["b.md"]),
        ("*/*.md", ["2021/a.md", "2022/a.md"]),
        ("**/*.md", ["2021/a.md", "2022/a.md", "b.md"]),
        ("2021/*", ["a.md"]),
        ("202?", ["2021/a.md", "2022/a.md"]),
        ("*", ["2021/a.md", "2022/a.md", "b.md"]),
        ("**", ["2021/a.md", "2022/a.md", "b.md"]),
        ("202[1]/a.*", ["2021/a.md"]),
    ],
)
@pytest.mark.parametrize("absolute", [True, False])
def test_a_pattern_gives_the_files_and_folders_that_match(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pattern: str, expected: list[str], absolute: bool
) -> None:
    for name in ("2021/a.md", "2022/a.md"):
        record(tmp_path / "in" / name, GOOD.replace("A title", name))
    record(tmp_path / "in/b.md")
    monkeypatch.chdir(tmp_path / "in")
    found = find([f"{tmp_path}/in/{pattern}" if absolute else pattern])
    assert names(found) == expected
    assert found.diagnostics == ()


@pytest.mark.parametrize(
    "pattern, expected",
    [
        ("**/b/**/*.md", ["a/b/c/x.md", "a/b/y.md", "b/z.md"]),
        ("**/b", ["a/b/c/x.md", "a/b/y.md", "b/z.md"]),
        ("a/**/[xy].md", ["b/c/x.md", "b/y.md"]),
        ("?/**/c/*", ["a/b/c/x.md"]),
        ("**/**/z.*", ["b/z.md"]),
    ],
)
def test_two_stars_stand_for_any_number_of_folders(tmp_path: Path, pattern: str, expected: list[str]) -> None:
    for name in ("a/b/c/x.md", "a/b/y.md", "b/z.md", ".h/b/x.md", "w.md"):
        record(tmp_path / name)
    assert names(find([f"{tmp_path}/{pattern}"])) == expected


def test_two_stars_below_a_file_match_nothing(tmp_path: Path) -> None:
    record(tmp_path / "a.md")
    assert faults(find([f"{tmp_path}/a.md/**"])) == ["**: expected files that match the pattern, got none [GK104]"]


def test_two_stars_end_where_links_lead_back(tmp_path: Path) -> None:
    record(tmp_path / "a.md")
    for number in range(4):
        (tmp_path / f"up{number}").symlink_to(tmp_path)
    start = time.process_time()
    assert names(find([f"{tmp_path}/**/*.md"])) == ["a.md"]
    assert time.process_time() - start < 3


def test_other_files_that_match_a_pattern_are_counted(tmp_path: Path) -> None:
    record(tmp_path / "a.md")
    record(tmp_path / "a.png")
    found = find([f"{tmp_path}/a.*"])
    assert (names(found), found.skipped) == (["a.md"], 1)


def test_a_file_whose_name_looks_like_a_pattern_is_that_file(tmp_path: Path) -> None:
    record(tmp_path / "a[1].md")
    record(tmp_path / "a1.md")
    assert names(find([tmp_path / "a[1].md"])) == ["a[1].md"]


def test_a_file_of_any_ending_that_is_named_is_read_by_its_content(tmp_path: Path) -> None:
    path = record(tmp_path / "a.html")
    found = find([path])
    assert [(file.name, file.format) for file in found.files] == [("a.html", "any")]


def test_what_was_written_before_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record(tmp_path / "in/a.md")
    record(tmp_path / "in/out/coverage.md")
    record(tmp_path / "in/out/deep/b.md")
    record(tmp_path / "in/outside.md")
    out = tmp_path / "in/out"
    monkeypatch.chdir(tmp_path)
    for source in ("in", f"{tmp_path}/in", "in/*", "in/**", "in/**/*.md"):
        assert names(find([source], leave_out=[out])) == ["a.md", "outside.md"]
        assert names(find([source], leave_out=["in/out"])) == ["a.md", "outside.md"]
    assert names(find([out / "coverage.md"], leave_out=[out / "coverage.md"])) == []
    (tmp_path / "link").symlink_to(out)
    assert names(find(["in"], leave_out=["link"])) == ["a.md", "outside.md"]


def test_a_folder_is_read_where_the_export_goes_into_it_or_above_it(tmp_path: Path) -> None:
    record(tmp_path / "in/a.md")
    for out in (tmp_path, tmp_path / "in"):
        assert names(find([tmp_path / "in"], leave_out=[out])) == ["a.md"]
        assert names(find([f"{tmp_path}/in/*"], leave_out=[out])) == ["a.md"]


@pytest.mark.parametrize(
    "name, shown",
    [
        (b"with space.md", "with space.md"),
        (b"line\nend.md", "line\nend.md"),
        (b"\x1b[31mred\x07.md", "\x1b[31mred\x07.md"),
        ("é漢😀.md".encode(), "é漢😀.md"),
        (b"caf\xe9\xff.md", "caf\\xe9\\xff.md"),
        (b"-", None),
        (b"-.md", "-.md"),
        (b"a'\"<>&%?#.md", "a'\"<>&%?#.md"),
    ],
)
def test_a_file_may_have_any_name(tmp_path: Path, name: bytes, shown: str | None) -> None:
    record(tmp_path / os.fsdecode(name))
    found = find([tmp_path])
    assert names(found) == ([shown] if shown else [])
    for file in found.files:
        file.name.encode("utf-8")
        assert read_bytes(file).startswith(b"---\n")


def test_names_that_differ_in_bytes_that_are_no_utf8_stay_apart(tmp_path: Path) -> None:
    for name in (b"\xe9.md", b"\xe8.md"):
        record(tmp_path / os.fsdecode(name))
    assert names(find([tmp_path])) == ["\\xe8.md", "\\xe9.md"]


def test_a_missing_name_of_any_characters_is_reported() -> None:
    found = find(["no\udcff\n", "\ud800", "a\0b", ""])
    assert sorted(one.source for one in found.diagnostics) == ["", "\\ud800", "a\0b", "no\\xff\n"]
    assert {one.code for one in found.diagnostics} == {"GK104"}


def test_only_what_is_no_utf8_is_escaped() -> None:
    assert printable("é\n😀\udc80\ud800") == "é\n😀\\x80\\ud800"


def test_a_folder_named_like_a_record_is_a_folder(tmp_path: Path) -> None:
    record(tmp_path / "x.md/a.md")
    assert names(find([tmp_path])) == ["x.md/a.md"]
    assert names(find([tmp_path / "x.md"])) == ["a.md"]


def test_a_pipe_in_a_folder_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.md")
    assert names(find([tmp_path])) == ["a.md"]
    assert fault_of(tmp_path / "a.md") == "a.md: expected a regular file, got a pipe, socket or device [GK105]"


def test_diagnostics_have_paths_that_can_be_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record(tmp_path / "work/news/deep/a.md")
    (tmp_path / "work/empty").mkdir()
    (tmp_path / "work/news/away").symlink_to(tmp_path)
    monkeypatch.chdir(tmp_path / "work")
    sources = ["news", "empty", "none/*.md", "other/none.md", str(tmp_path / "work/empty")]
    found = find(sources)
    assert names(found) == ["deep/a.md"]
    one = found.diagnostics[0]
    shown = placed([*found.diagnostics, msgspec.structs.replace(one, source="deep/a.md")], found)
    assert {now.source for now in shown} >= {"news/away", "other/none.md", "none/*.md"}
    assert shown[-1].source == "news/deep/a.md"
    assert all(str(tmp_path) not in one.source for one in found.diagnostics)


def test_files_that_are_not_read_are_listed_except_those_of_an_export(tmp_path: Path) -> None:
    for name in ("a.md", "b.png", "deep/c.csv", "d.doc", "e.doc", ".hidden", "out/report.json", "out/coverage.ttl"):
        record(tmp_path / name)
    found = find([tmp_path])
    assert found.unread == tuple(str(tmp_path / name) for name in ("b.png", "d.doc", "deep/c.csv"))
    assert (found.unread_count, found.skipped) == (4, 6)
