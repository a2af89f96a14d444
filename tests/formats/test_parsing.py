"""A record is the same in every format, and no bytes stop the reader."""

import json
import re
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples.json_texts import ENTRY, JSON, JSON_VALUES, RECORD
from samples.record_files import GOOD

from graphkit.formats import parsing
from graphkit.formats.parsing import read
from graphkit.merge.extraction import read_content
from graphkit.records.entry import Entry
from graphkit.sources.contents import read_bytes
from graphkit.sources.finding import find

MARKDOWN = f"---\n{GOOD}---\n".encode()


@pytest.mark.parametrize(
    "data, format, pointers",
    [
        (MARKDOWN, "markdown", [""]),
        (MARKDOWN.replace(b"\n", b"\r\n"), "markdown", [""]),
        (MARKDOWN.replace(b"\n", b"\r"), "markdown", [""]),
        (b"\xef\xbb\xbf" + MARKDOWN, "markdown", [""]),
        (b"\xef\xbb\xbf" + MARKDOWN.replace(b"\n", b"\r\n"), "markdown", [""]),
        (GOOD.encode(), "yaml", [""]),
        (b"\xef\xbb\xbf--- \r\n" + GOOD.encode(), "yaml", [""]),
        (JSON, "json", [""]),
        (b"\xef\xbb\xbf \r\n" + JSON + b"\n", "json", [""]),
        (b"[" + JSON + b"," + JSON + b"]", "json", ["/0", "/1"]),
        (b'{"page": 1, "value": [' + JSON + b"," + JSON + b"]}", "json", ["/value/0", "/value/1"]),
        (JSON + b"\n" + JSON, "jsonlines", ["/0", "/1"]),
        (b"\xef\xbb\xbf" + JSON + b"\r\n\r\n \n" + JSON + b"\r\n", "jsonlines", ["/0", "/3"]),
        (b"[]", "json", []),
        (b'{"value": []}', "json", []),
        (b"\n", "jsonlines", []),
        (MARKDOWN, "any", [""]),
        (b"\n\n" + MARKDOWN, "any", [""]),
        (b"\xef\xbb\xbf\n" + JSON, "any", [""]),
        (b"[" + JSON + b"]", "any", ["/0"]),
        (JSON + b"\n" + JSON, "any", ["/0", "/1"]),
        (json.dumps(RECORD, indent=1).encode(), "any", [""]),
        (json.dumps({"value": [RECORD, RECORD]}, indent=1).encode(), "any", ["/value/0", "/value/1"]),
        (b'{"title": "A title", "webUrl": "https://example.org/a", "provider": {"name": "Example", "domain": "example.org"}\n}', "any", [""]),
    ],
)  # fmt: skip
def test_a_record_is_the_same_in_every_form(data: bytes, format: str, pointers: list[str]) -> None:
    found = read(data, format, "a")
    assert found.diagnostics == ()
    assert [pointer for pointer, _ in found.records] == pointers
    assert all(record == ENTRY for _, record in found.records)


def test_an_index_page_is_read_as_its_records(shared_corpus: Path) -> None:
    data = (shared_corpus / "api-news-index.json").read_bytes()
    found = read(data, "json", "index")
    assert found.diagnostics == ()
    assert len(found.records) == len(msgspec.json.decode(data)["value"]) > 10
    assert all(isinstance(record, Entry) and record.title and record.web_url for _, record in found.records)


@pytest.mark.parametrize(
    "data, line, column, byte",
    [
        (b"\xff\xfet\x00", 1, 1, "0xFF"),
        (b"---\ntitle: caf\xe9\n", 2, 11, "0xE9"),
        ("---\n\u00e9\u00e9".encode() + b"\x80", 2, 3, "0x80"),
        (b"\xef\xbb\xbfab\r\nc\rd\xc3", 3, 2, "0xC3"),
        (b'{"a": "\xe9"}', 1, 8, "0xE9"),
        (b'{"a": "b",\n"c": "\xe9"}', 2, 7, "0xE9"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("format", ["markdown", "yaml", "json"])
def test_what_is_not_utf8_is_rejected_with_the_place_of_its_first_byte(
    data: bytes, line: int, column: int, byte: str, format: str
) -> None:
    found = read(data, format, "a")
    assert [record for _, record in found.records] == [None]
    assert [str(one) for one in found.diagnostics] == [
        f"a:{line}:{column}: expected UTF-8, got the byte {byte} [GK201]"
    ]
    assert found.diagnostics[0].rejects


@given(
    st.one_of(st.binary(), JSON_VALUES.map(lambda value: json.dumps(value).encode())),
    st.sampled_from(["any", "markdown", "yaml", "json", "jsonlines"]),
)
def test_no_bytes_stop_the_reader_and_each_rejection_is_told(data: bytes, format: str) -> None:
    found = read(data, format, "a")
    rejected = sum(record is None for _, record in found.records)
    assert rejected == sum(one.rejects and "related[" not in one.field for one in found.diagnostics)
    assert all(one.line and one.column for one in found.diagnostics)


def test_a_long_word_where_a_record_should_be_is_not_shown() -> None:
    found = read(b'["Q1w2E3r4T5y6U7i8"]', "json", "a")
    assert [one.code for one in found.diagnostics] == ["GK210"]
    assert "Q1w2" not in str(found.diagnostics[0])


PLACES = [
    (MARKDOWN, "markdown"),
    (b"\n\n" + MARKDOWN.replace(b"\n", b"\r\n"), "markdown"),
    (MARKDOWN.replace(b"---\n", b"---\nbroken: {a: b\n", 1), "markdown"),
    (GOOD.encode(), "yaml"),
    (JSON, "json"),
    (json.dumps(RECORD, indent=1).encode(), "any"),
    (b"[\n" + JSON + b",\r\n" + JSON + b"]", "json"),
    (b'{"page": 1,\n "value": [' + JSON + b"," + JSON + b"]}", "json"),
    (b"\xef\xbb\xbf" + JSON + b"\r\n\n" + JSON, "jsonlines"),
]


@pytest.mark.parametrize("data, format", PLACES)
def test_the_place_of_a_field_is_where_it_stands(data: bytes, format: str) -> None:
    pointers = [pointer for pointer, record in read(data, format, "a").records if record is not None]
    assert pointers
    records = [_path(pointer) for pointer in pointers]
    titles = parsing.places(data, format, [(*path, "title") for path in records])
    absent = parsing.places(data, format, [(*path, "topics", 3) for path in records])
    lines = data.decode("utf-8-sig").replace("\r\n", "\n").split("\n")
    for (line, column), around in zip(titles, absent, strict=True):
        assert lines[line - 1][column - 1 :].strip('"').startswith("A title")
        assert (1, 1) <= around <= (line, column)


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"no front matter", b"---\n- a\n---\n", b"---\n\t{\n---\n", b"[1"])
@pytest.mark.parametrize("format", ["markdown", "yaml", "json", "jsonlines", "any"])
def test_a_text_without_records_has_no_places_and_raises_nothing(data: bytes, format: str) -> None:
    path: tuple[str | int, ...] = (7, "title") if format == "jsonlines" else ("title",)
    ((line, column),) = parsing.places(data, format, [path])
    assert (line == 0) == (column == 0)


@pytest.mark.engine
def test_the_place_of_every_title_of_a_corpus_is_where_it_stands(any_corpus: Path) -> None:
    count = 0
    for file in find([any_corpus]).files:
        data = read_bytes(file)
        mentions = [mention for record in read_content(data, file.name, file.format).mentions for mention in record]
        found = parsing.places(data, file.format, [(*_path(mention.pointer), "title") for mention in mentions])
        lines = data.decode("utf-8-sig").replace("\r\n", "\n").split("\n")
        for mention, (line, column) in zip(mentions, found, strict=True):
            word = re.match(r"\w*", mention.facts.title)
            assert word is not None
            assert lines[line - 1][column - 1 :].lstrip("\"' >|").startswith(word[0]), (file.name, line, column)
            count += 1
    assert count > 100


def _path(pointer: str) -> tuple[str | int, ...]:
    return tuple(int(step) if step.isdigit() else step for step in pointer.split("/")[1:])
