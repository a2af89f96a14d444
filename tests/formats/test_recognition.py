"""A file's content tells its format, and its ending where the content does not."""

import pytest

from graphkit.formats.recognition import ANY, BY_ENDING, INPUT_FORMATS, format_by_content, format_of


@pytest.mark.parametrize(
    "name, format",
    [
        ("a.md", "markdown"), ("a.markdown", "markdown"), ("a.txt", "markdown"), ("a.json", "json"), ("a.jsonl", "jsonlines"),
        ("a.yaml", "yaml"), ("a.ndjson", "jsonlines"), ("a.jl.gz", "jsonlines"), ("a.yml", "yaml"), ("a.MD", "markdown"), ("a.md.gz", "markdown"), ("A.JSONL.GZ", "jsonlines"),
        ("/b.c/a.md", "markdown"), ("a.gz", None), ("a.gz.gz", None), ("a.png", None), ("md", None), (".md", None), ("", None),
    ],
)  # fmt: skip
def test_the_ending_tells_the_format(name: str, format: str | None) -> None:
    assert format_of(name) == format


@pytest.mark.parametrize(
    "data, format",
    [
        (b"", "markdown"),
        (b"any text: a\n", "markdown"),
        (b"# a comment\n\ntitle: a\n", "yaml"),
        (b"---\ntitle: a\n---\n", "markdown"),
        (b"\xef\xbb\xbf [", "json"),
        (b'{"a": 1}', "json"),
        (b'{\n"a": 1\n}\n', "json"),
        (b'{"a": 1}\n{"a": 2}\n', "jsonlines"),
        (b'{"a": \n{"a": 2}\n', "jsonlines"),
    ],
)
def test_content_is_in_one_format(data: bytes, format: str) -> None:
    assert format_by_content(data).name == format
    assert sum(one.matches(data) for one in INPUT_FORMATS) <= 1


@pytest.mark.parametrize(
    "data, named, format",
    [
        (b'{"a": 1}\n{"a": 2}\n', "json", "jsonlines"),
        (b'{"heat": NaN}\n{"a": 2}\n', "json", "jsonlines"),
        (b'[{"a": 1}]\n{"value": []}\n', "json", "jsonlines"),
        (b'{"a": 1}\n\n', "json", "json"),
        (b'{"a": 1}\n\n', "jsonlines", "jsonlines"),
        (b'[\n{"a": 1},\n{"a": 2}\n]\n', "jsonlines", "json"),
        (b'{"value": [\n{"a": 1}\n]}\n', "jsonlines", "json"),
        (b'{"value": [\n{"a": 1}\n]}\n', "any", "json"),
        (b'{\n  "a": 1\n}\n', "jsonlines", "json"),
        (b'{"a": "cut\n{"a": 2}\n', "jsonlines", "jsonlines"),
        (b'{"a": "cut\n{"a": "cut\n', "jsonlines", "jsonlines"),
        (b'{"a": 1}\n{"a": 2}\n', "markdown", "jsonlines"),
        (b'[{"a": 1}]', "markdown", "json"),
        (b'{"a": 1}', "yaml", "json"),
        (b"{a: 1}", "yaml", "yaml"),
        (b"{% include a %}\n", "markdown", "markdown"),
        (b"[a link](b)\n", "markdown", "markdown"),
        (b"---\ntitle: a\n---\n", "json", "markdown"),
        (b"title: a\n", "jsonlines", "yaml"),
        (b"hello", "json", "json"),
        (b"", "jsonlines", "jsonlines"),
    ],
)
def test_content_decides_against_the_name(data: bytes, named: str, format: str) -> None:
    assert format_by_content(data, named).name == format


def test_no_two_formats_have_the_same_name_or_ending() -> None:
    assert len({one.name for one in INPUT_FORMATS} | {ANY}) == len(INPUT_FORMATS) + 1
    assert len(BY_ENDING) == sum(len(one.endings) for one in INPUT_FORMATS)
