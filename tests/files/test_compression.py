"""Compressed files are known by their names or their first bytes, and the same text gives the same gzip data."""

import gzip
import io
from pathlib import Path

import pytest

from graphkit.files.compression import compressing, decompressing, ending_of, estimated_size, is_gzip, open_decompressed


@pytest.mark.parametrize(
    "name, ending",
    [
        ("a.md", "md"),
        ("a.JSONL.GZ", "jsonl"),
        ("a/b.c/d.ttl.gz", "ttl"),
        ("a.tar.gz", "tar"),
        ("a..md", "md"),
        (".md", ""),
        ("a/.ttl.gz", ""),
        ("a.b/c", ""),
        ("md", ""),
        ("gz", ""),
        ("a.gz", ""),
        ("a.", ""),
        ("", ""),
    ],
)
def test_the_ending_is_the_last_one_before_gz(name: str, ending: str) -> None:
    assert ending_of(name) == ending


def test_the_size_of_text_is_estimated_for_what_is_compressed() -> None:
    assert estimated_size("a.ttl.GZ", 100) > estimated_size("a.ttl", 100) == 100


@pytest.mark.parametrize("gzip_it", [False, True])
def test_what_is_compressed_is_read_as_it_was_written_and_has_no_time(tmp_path: Path, gzip_it: bool) -> None:
    path = tmp_path / "a"
    written = []
    for _ in range(2):
        stream = io.BytesIO()
        with compressing(stream, gzip=gzip_it) as text:
            text.write(b"abc")
        written.append(stream.getvalue())
    assert written[0] == written[1]
    assert is_gzip(written[0]) is gzip_it
    path.write_bytes(written[0])
    with open_decompressed(path, gzip=gzip_it) as text:
        assert text.read() == b"abc"


def test_a_stream_is_decompressed_as_it_is_read() -> None:
    assert decompressing(io.BytesIO(gzip.compress(b"abc"))).read() == b"abc"
