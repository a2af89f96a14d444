"""A file is written whole or not at all, and what stood there before stays until then."""

import fcntl
import os
import threading
from pathlib import Path

import pytest
from processes.builds import limited
from processes.waiting import PATIENCE
from samples.record_files import record

from graphkit.errors import OutputError
from graphkit.files.atomic import remove, remove_left, replacing, write_text


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def write(path: Path, data: bytes = b"new") -> None:
    with replacing(path) as stream:
        stream.write(data)


def test_a_file_is_written_with_the_folders_it_is_in(tmp_path: Path) -> None:
    write(tmp_path / "a/b/c.ttl")
    assert (tmp_path / "a/b/c.ttl").read_bytes() == b"new"
    assert names_in(tmp_path / "a/b") == ["c.ttl"]


def test_a_new_file_has_the_mode_that_any_new_file_has(tmp_path: Path) -> None:
    old = os.umask(0o027)
    try:
        write(tmp_path / "a")
    finally:
        os.umask(old)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640


def test_a_reader_sees_the_old_content_until_the_block_ends(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    with replacing(path) as stream:
        stream.write(b"new")
        stream.flush()
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_where_the_block_fails_the_old_file_stays_and_nothing_beside_it(
    tmp_path: Path, error: type[BaseException]
) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")

    def fail() -> None:
        with replacing(path) as stream:
            stream.write(b"new")
            raise error

    with pytest.raises(error):
        fail()
    assert path.read_bytes() == b"old"
    assert names_in(tmp_path) == ["a"]


def test_a_name_as_long_as_a_name_may_be_is_written(tmp_path: Path) -> None:
    write(tmp_path / ("x" * 255))
    assert names_in(tmp_path) == ["x" * 255]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real/a").write_bytes(b"old")
    (tmp_path / "link").symlink_to("real/a")
    (tmp_path / "dangling").symlink_to("real/b")
    write(tmp_path / "link")
    write(tmp_path / "dangling")
    assert (tmp_path / "link").is_symlink()
    assert names_in(tmp_path / "real") == ["a", "b"]
    assert (tmp_path / "real/a").read_bytes() == (tmp_path / "real/b").read_bytes() == b"new"


def test_a_pipe_is_written_to_and_stays_a_pipe(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    got: list[bytes] = []
    reader = threading.Thread(target=lambda: got.append(path.read_bytes()))
    reader.start()
    write(path)
    reader.join(PATIENCE)
    assert got == [b"new"]
    assert path.is_fifo()


def test_a_device_stays_a_device() -> None:
    write(Path("/dev/null"))
    assert Path("/dev/null").is_char_device()


def test_a_device_that_is_full_is_reported() -> None:
    with pytest.raises(
        OutputError, match=r"^/dev/full: expected a file that can be written, got: no space left on device$"
    ):
        write(Path("/dev/full"))


def test_a_folder_as_target_is_reported(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(OutputError, match=r"/a: expected a file to write, got a folder$"):
        write(tmp_path / "a")
    assert names_in(tmp_path) == ["a"]


@pytest.mark.parametrize("target", ["a/b", "a/b/c"])
def test_a_file_where_a_folder_should_be_is_reported(tmp_path: Path, target: str) -> None:
    (tmp_path / "a").write_bytes(b"old")
    with pytest.raises(OutputError, match=r"expected a file that can be written, got: (file exists|not a directory)$"):
        write(tmp_path / target)
    assert (tmp_path / "a").read_bytes() == b"old"


def test_a_link_to_itself_as_folder_is_reported(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(OutputError, match="expected a file that can be written"):
        write(tmp_path / "loop/a")


def test_where_there_is_no_room_the_old_file_stays_and_nothing_beside_it(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    done = limited(
        """
        from pathlib import Path
        from graphkit.files.atomic import remove, remove_left, replacing, write_text
        with replacing(Path("a")) as stream:
            for _ in range(1000):
                stream.write(b"x" * 1000)
        """,
        tmp_path,
    )
    assert "OutputError: a: expected a file that can be written, got: file too large" in done.stderr
    assert (tmp_path / "a").read_bytes() == b"old"
    assert names_in(tmp_path) == ["a"]


@pytest.mark.engine
@pytest.mark.parametrize(
    "options, sentence",
    [
        ("--jobs=1 --no-cache", "out/coverage.ttl: expected a file that can be written, got: file too large"),
        ("--jobs=1", "out: expected room for a build's own file, got: file too large"),
        ("--jobs=2", "out: expected room for a build's own file, got: file too large"),
    ],
)
def test_an_export_without_room_leaves_the_old_export_as_it_was(options: str, sentence: str, tmp_path: Path) -> None:
    for number in range(40):
        record(
            tmp_path / f"in/{number}.md",
            f'title: "Title {number}"\nprovider:\n  domain: example.org\nexcerpt: "{"word " * 200}"\n',
        )
    build = f"""
    import sys
    from graphkit.cli import main
    from graphkit.pipeline.local import build_options

    build_options.POOL_BYTES = -1
    if __name__ == "__main__":
        sys.argv = ["graphkit", "build", "in", "--out", "out", "--quiet", "--no-page", "--force", *{options.split()}]
        main()
    """
    (tmp_path / "out").mkdir()
    for name in ("coverage.ttl", "report.json"):
        (tmp_path / "out" / name).write_bytes(b"old")
    done = limited(build, tmp_path)
    assert done.returncode == 2, done.stderr
    assert done.stderr == f"graphkit: {sentence}\n"
    assert names_in(tmp_path / "out") == ["coverage.ttl", "report.json"]
    assert {path.read_bytes() for path in (tmp_path / "out").iterdir()} == {b"old"}


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_folder_that_may_not_be_written_to_is_reported(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="got: permission denied"):
        write(tmp_path / "a")
    tmp_path.chmod(0o700)


def test_a_replaced_file_keeps_who_may_read_it(tmp_path: Path) -> None:
    target = tmp_path / "a.ttl"
    target.write_text("old")
    target.chmod(0o600)
    write_text(target, "new")
    assert (target.read_text(), target.stat().st_mode & 0o777) == ("new", 0o600)


def test_a_file_that_is_not_there_is_removed_without_a_word_and_a_folder_is_not(tmp_path: Path) -> None:
    remove(tmp_path / "a.ttl")
    (tmp_path / "b").mkdir()
    with pytest.raises(OutputError, match="expected a file that can be removed, got"):
        remove(tmp_path / "b")


def test_what_killed_processes_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    for name in ("coverage.ttl", ".graphkit-.tmp", ".graphkit-x.tmp", ".graphkit-locked.tmp", ".graphkit-x.txt"):
        (tmp_path / name).touch()
    (tmp_path / ".graphkit-link.tmp").symlink_to(tmp_path / "coverage.ttl")
    (tmp_path / ".graphkit-folder.tmp").mkdir()
    os.mkfifo(tmp_path / ".graphkit-pipe.tmp")
    with (tmp_path / ".graphkit-locked.tmp").open() as locked:
        fcntl.flock(locked, fcntl.LOCK_EX)
        with replacing(tmp_path / "new") as stream:
            remove_left(tmp_path)
            written = Path(str(stream.name)).name
            assert {path.name for path in tmp_path.iterdir()} == {
                "coverage.ttl",
                written,
                *(f".graphkit-{name}" for name in ("x.txt", "locked.tmp", "link.tmp", "folder.tmp", "pipe.tmp")),
            }
    remove_left(tmp_path / "missing")
