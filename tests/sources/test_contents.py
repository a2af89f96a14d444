"""A file is read within limits, whatever it is and however it is compressed."""

import gzip
import io
import os
import subprocess
import sys
import threading
import time
import tracemalloc
import zlib
from pathlib import Path

import pytest
from samples.record_files import GOOD, record

from graphkit.formats.recognition import MAX_BYTES, format_of
from graphkit.sources.contents import read_bytes
from graphkit.sources.finding import find
from graphkit.sources.source_file import SourceError, SourceFile


def fault_of(path: Path, form: str | None = None) -> str:
    with pytest.raises(SourceError) as caught:
        read_bytes(SourceFile(path.name, str(path), form or format_of(path.name) or "any"))
    assert caught.value.diagnostic.rejects
    assert str(caught.value) == str(caught.value.diagnostic)
    return str(caught.value)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read every file")
def test_a_file_that_may_not_be_read_is_reported(tmp_path: Path) -> None:
    path = record(tmp_path / "a.md")
    path.chmod(0)
    assert fault_of(path) == "a.md: expected a readable file, got permission denied [GK101]"


def test_reading_a_folder_as_a_file_is_reported(tmp_path: Path) -> None:
    (tmp_path / "a.md").mkdir()
    assert fault_of(tmp_path / "a.md") == "a.md: expected a regular file, got a pipe, socket or device [GK105]"
    assert fault_of(tmp_path / "a.md", "any") == "a.md: expected a readable file, got is a directory [GK101]"


def test_a_pipe_that_is_named_is_read_to_its_end(tmp_path: Path) -> None:
    data = b"---\n" + b"x" * 3_000_000
    reader, writer = os.pipe()

    def write() -> None:
        with os.fdopen(writer, "wb") as stream:
            stream.write(data[:5])
            stream.flush()
            time.sleep(0.1)
            stream.write(data[5:])

    thread = threading.Thread(target=write)
    thread.start()
    try:
        [file] = find([f"/dev/fd/{reader}"]).files
        assert read_bytes(file) == data
    finally:
        thread.join()
        os.close(reader)


def test_a_device_without_end_is_read_to_the_limit_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MAX_BYTES, "any", 3 << 20)
    assert fault_of(Path("/dev/zero")) == "zero: expected at most 3 MiB, got more [GK106]"


def test_a_file_of_which_the_size_is_unknown_is_read() -> None:
    assert read_bytes(SourceFile("version", "/proc/version", "any")).startswith(b"Linux")


def test_an_empty_file_is_empty(tmp_path: Path) -> None:
    (tmp_path / "a.md").touch()
    assert read_bytes(SourceFile("a.md", str(tmp_path / "a.md"), "markdown")) == b""


def test_a_markdown_file_of_fifty_megabytes_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "a.md").open("wb") as stream:
        stream.truncate(50_000_000)
    assert fault_of(tmp_path / "a.md") == "a.md: expected at most 16 MiB, got 48 MiB [GK106]"


def test_a_file_of_json_lines_of_fifty_megabytes_is_read(tmp_path: Path) -> None:
    with (tmp_path / "a.jsonl").open("wb") as stream:
        stream.truncate(50_000_000)
    assert len(read_bytes(SourceFile("a.jsonl", str(tmp_path / "a.jsonl"), "jsonlines"))) == 50_000_000


PACKED = gzip.compress(b"---\ntitle: a\n---\n" * 100, mtime=0)


TEXT = gzip.decompress(PACKED)


@pytest.mark.parametrize(
    "data, text",
    [
        (PACKED, TEXT),
        (PACKED + PACKED, TEXT * 2),
        (PACKED + b"\0" * 512 + PACKED + b"\0\0", TEXT * 2),
        (gzip.compress(b"", mtime=0), b""),
        (gzip.compress(b"", mtime=0) + PACKED, TEXT),
        (TEXT, TEXT),
    ],
)
def test_gzip_is_decompressed_by_its_content(tmp_path: Path, data: bytes, text: bytes) -> None:
    for name in ("a.md", "a.md.gz"):
        (tmp_path / name).write_bytes(data)
        assert read_bytes(SourceFile(name, str(tmp_path / name), "markdown")) == text


@pytest.mark.parametrize(
    "data, message",
    [
        (PACKED[:-9], "expected whole gzip data, got data that ends too early"),
        (PACKED[:5], "expected whole gzip data, got data that ends too early"),
        (PACKED + PACKED[:20], "expected whole gzip data, got data that ends too early"),
        (PACKED[:-8] + b"\0" * 8, "expected gzip data, got damaged data"),
        (PACKED[:30] + b"\xff" * 20 + PACKED[50:], "expected gzip data, got damaged data"),
        (PACKED + b"rubbish", "expected gzip data, got damaged data"),
        (b"\x1f\x8b\x99" + b"\0" * 9, "expected gzip data, got damaged data"),
    ],
)
def test_damaged_gzip_is_reported(tmp_path: Path, data: bytes, message: str) -> None:
    (tmp_path / "a.md.gz").write_bytes(data)
    assert fault_of(tmp_path / "a.md.gz") == f"a.md.gz: {message} [GK107]"


@pytest.mark.untraced
@pytest.mark.engine
@pytest.mark.parametrize("name, limit", [("a.md.gz", 16), ("a.jsonl.gz", 64), ("a.json.gz", 64)])
def test_a_gzip_bomb_is_decompressed_to_the_limit_only(tmp_path: Path, name: str, limit: int) -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(b"\0" * (1 << 20)) for _ in range(200)) + packer.flush()
    assert len(bomb) < 300_000
    (tmp_path / name).write_bytes(bomb)
    tracemalloc.start()
    assert fault_of(tmp_path / name) == f"{name}: expected at most {limit} MiB, got more [GK106]"
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3.2 * (limit << 20)


def test_a_gzip_bomb_of_many_members_is_decompressed_to_the_limit_only(tmp_path: Path) -> None:
    (tmp_path / "a.md.gz").write_bytes(gzip.compress(b"\0" * (1 << 20)) * 50)
    assert fault_of(tmp_path / "a.md.gz") == "a.md.gz: expected at most 16 MiB, got more [GK106]"


def test_a_gzip_file_that_expands_a_lot_may_when_it_is_large_itself(tmp_path: Path) -> None:
    data = os.urandom(1 << 20) + b"\0" * (80 << 20)
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(data, 1))
    assert len(read_bytes(SourceFile("a", str(tmp_path / "a.jsonl.gz"), "jsonlines"))) == len(data)


JSON = b'{"title": "A title", "webUrl": "https://example.org/a", "provider": {"name": "E", "domain": "example.org"}}'


@pytest.mark.parametrize(
    "data, records",
    [
        (f"---\n{GOOD}---\n".encode(), 1),
        (JSON, 1),
        (b"[" + JSON + b"]", 1),
        (JSON + b"\n" + JSON.replace(b"/a", b"/b"), 2),
        (gzip.compress(f"---\n{GOOD}---\n".encode(), mtime=0), 1),
        (gzip.compress(JSON + b"\n" + JSON, mtime=0), 2),
    ],
)
def test_standard_input_may_have_any_format(data: bytes, records: int) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "graphkit", "check", "-", "-"], input=data, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == b""
    assert f"1 file, {records} good record{'s' * (records > 1)}, 0 rejected" in done.stderr.decode()


def test_standard_input_is_read_to_the_limit_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MAX_BYTES, "any", 1 << 20)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"x" * (2 << 20))))
    assert fault_of(Path("-")) == "-: expected at most 1 MiB, got more [GK106]"
