"""Every form a record comes in gives the same records, and every fault of a JSON text has its line and column."""

import json
import re
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import front_matter_text
from samples.examples import examples
from samples.record_files import GOOD

from graphkit.formats import fast_path, parsing
from graphkit.formats.parsing import read
from graphkit.merge.extraction import read_content
from graphkit.records.entry import Entry
from graphkit.sources.finding import find, read_bytes

ENTRY = Entry(title="A title", web_url="https://example.org/a", provider_name="Example", provider_domain="example.org")
RECORD = {
    "title": "A title",
    "webUrl": "https://example.org/a",
    "provider": {"name": "Example", "domain": "example.org"},
}
JSON = json.dumps(RECORD).encode()
MARKDOWN = f"---\n{GOOD}---\n".encode()
PROVIDER = '"provider": {"domain": "example.org"}'


def faults(data: bytes | str, form: str = "json") -> list[str]:
    found = read(data.encode() if isinstance(data, str) else data, form, "a")
    return [str(one) for one in sorted(found.diagnostics)]


@pytest.mark.parametrize(
    "data, form, pointers",
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
def test_a_record_is_the_same_in_every_form(data: bytes, form: str, pointers: list[str]) -> None:
    found = read(data, form, "a")
    assert found.diagnostics == ()
    assert [pointer for pointer, _ in found.records] == pointers
    assert all(record == ENTRY for _, record in found.records)


def test_of_lines_whose_first_is_broken_the_others_are_read() -> None:
    found = read(b'{"title": \n' + JSON + b"\n" + JSON, "any", "a")
    assert [record for _, record in found.records] == [None, ENTRY, ENTRY]


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
@pytest.mark.parametrize("form", ["markdown", "yaml", "json"])
def test_what_is_not_utf8_is_rejected_with_the_place_of_its_first_byte(
    data: bytes, line: int, column: int, byte: str, form: str
) -> None:
    found = read(data, form, "a")
    assert [record for _, record in found.records] == [None]
    assert [str(one) for one in found.diagnostics] == [
        f"a:{line}:{column}: expected UTF-8, got the byte {byte} [GK201]"
    ]
    assert found.diagnostics[0].rejects


@pytest.mark.parametrize(
    "data, line, column, got",
    [
        (b"", 1, 1, "the end of the text"),
        (b"[1,", 1, 4, "the end of the text"),
        (b'{"a": "b', 1, 7, "a text that is not closed"),
        (b'{"a"\n 1}', 2, 2, "the character '1'"),
        (b'{"a": 1} x', 1, 10, "the character 'x'"),
        (b'{"a": tru}', 1, 7, "the character 't'"),
        (b"{'a': 1}", 1, 2, '''the character "'"'''),
        (b'{"a": "b\nc"}', 1, 9, "white space"),
        (b'{"a": "\\q"}', 1, 8, "the character '\\\\'"),
        (b'{"a": "\x01"}', 1, 8, "the character '\\x01'"),
        (b"hello", 1, 1, "the character 'h'"),
        ("\ufeff\u00e9".encode(), 1, 1, "the character '\u00e9'"),
    ],
)  # fmt: skip
def test_broken_json_is_rejected_with_its_place(data: bytes, line: int, column: int, got: str) -> None:
    found = read(data, "json", "a")
    assert [record for _, record in found.records] == [None]
    assert [str(one) for one in found.diagnostics] == [f"a:{line}:{column}: expected valid JSON, got {got} [GK209]"]


def test_a_number_of_thousands_of_digits_is_rejected() -> None:
    text = '{"title": "\\ud800", "quality": ' + "9" * 10_000 + "}"
    assert faults(text) == ["a:1:1: expected numbers of a usual length, got one of thousands of digits [GK209]"]


@pytest.mark.parametrize(
    "data, place",
    [(b"[" * 100_000, "1:65"), (b'{"a":' * 100_000, "1:321"), (b'{"a": "[[[",\n"b":' + b"[" * 5000, "2:68")],
)
def test_json_nested_without_end_is_rejected_at_once(data: bytes, place: str) -> None:
    start = time.process_time()
    assert faults(data) == [f"a:{place}: expected at most 64 levels of nesting, got more [GK205]"]
    assert time.process_time() - start < 3


def test_a_field_of_json_nested_too_deep_is_left_out_and_the_others_stay() -> None:
    deep = "[" * 100 + "]" * 100
    text = f'{{"value": [{{"title": "T",\n "images": {deep}, {PROVIDER}}}]}}'
    found = read(text.encode(), "json", "a")
    assert [str(one) for one in found.diagnostics] == [
        "a:2:12: value[0].images: expected at most 64 levels of nesting, got more [GK205]"
    ]
    assert found.records == (("/value/0", Entry(title="T", provider_domain="example.org")),)


def test_as_many_levels_of_json_as_allowed_are_read() -> None:
    assert faults(f'{{"title": "T", {PROVIDER}, "x": {"[" * 63}{"]" * 63}}}') == []
    assert faults(f'{{"title": "T", {PROVIDER}, "x": {"[" * 64}{"]" * 64}}}') != []


@pytest.mark.parametrize(
    "text, expected",
    [
        ('{"title": 5, "provider": 6}', ["a:1:11: title: expected text, got the number 5 [GK301]",
                                        "a:1:26: provider: expected a mapping with name and domain, got 6 [GK308]"]),
        ('{"title": "T",\r\n\t"quality": "x",\r"provider":{"domain":"a.org"}}', ["a:2:13: quality: expected a whole number, got 'x' [GK302]"]),
        (f'[{{"title": "T", {PROVIDER}}}, [7], null, "x"]', ["a:1:57: [1]: expected a mapping of fields, got a list [GK210]",
                                                           "a:1:62: [2]: expected a mapping of fields, got nothing [GK210]",
                                                           "a:1:68: [3]: expected a mapping of fields, got 'x' [GK210]"]),
        ("5", ["a:1:1: expected a mapping of fields, got 5 [GK210]"]),
        (f'{{"title": "é\\"😀", "type": [], {PROVIDER}}}', ["a:1:27: type: expected text, got a list [GK301]"]),
        (f'{{"title": "T", {PROVIDER}, "related": [{{}}, {{"title": "R"}}]}}', [
            "a:1:67: related[0]: expected a web address or a title, got neither [GK314]",
            "a:1:71: related[1].provider: expected a provider, got nothing [GK311]"]),
        (f'{{"title": "a", {PROVIDER}, "title": "b", "x": {{"y": 1, "y": 2, "y": 3}}}}', [
            "a:1:55: title: expected each key once, got it again [GK207]", "a:1:83: x.y: expected each key once, got it again [GK207]",
            "a:1:91: x.y: expected each key once, got it again [GK207]"]),
        (f'{{"title": "a", {PROVIDER}, "secured": {{"AAAA": 1, "AAAA": 2}}}}', []),
        (f'{{"title": "say \\"a\\": b", {PROVIDER}}}', []),
        (f'{{"title" : "a" , {PROVIDER}}}', []),
        (f'{{"title": "\\ud83d\\ude00", {PROVIDER}}}', []),
        (f'{{"title": "a\\ud800", {PROVIDER}}}', ["a:1:11: title: expected text without control characters, got U+D800 [GK316]"]),
        (f'{{"title": "a", "quality": NaN, "heat": 1e999, {PROVIDER}}}', ["a:1:27: quality: expected a whole number, got nan [GK302]",
                                                                        "a:1:40: heat: expected a whole number, got inf [GK302]"]),
        (f'{{"title": "a\\ud800", "title": "b", {PROVIDER}}}', ["a:1:22: title: expected each key once, got it again [GK207]"]),
    ],
)  # fmt: skip
def test_faults_in_json_have_their_place(text: str, expected: list[str]) -> None:
    assert faults(text) == expected


def test_faults_in_json_lines_have_the_line_of_the_file() -> None:
    lines = [
        f'{{"title": "T", "quality": "x", {PROVIDER}}}',
        "",
        "{",
        "[]",
        f'{{"title": "T", {PROVIDER}, "title": "U"}}',
        '{"title": "\xe9"}',
        "[" * 5000,
    ]
    data = b"\xef\xbb\xbf" + "\r\n".join(lines).encode("latin-1")
    assert faults(data, "jsonlines") == [
        "a:1:27: quality: expected a whole number, got 'x' [GK302]",
        "a:3:2: expected valid JSON, got the end of the text [GK209]",
        "a:4:1: expected a mapping of fields, got a list [GK210]",
        "a:5:55: title: expected each key once, got it again [GK207]",
        "a:6:12: expected UTF-8, got the byte 0xE9 [GK201]",
        "a:7:65: expected at most 64 levels of nesting, got more [GK205]",
    ]


def test_a_line_that_is_too_long_is_rejected_and_the_others_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsing, "MAX_LINE", 1 << 20)
    long = json.dumps({**RECORD, "excerpt": "x" * (1 << 20)}).encode()
    found = read(JSON + b"\n" + long + b"\n" + JSON, "jsonlines", "a")
    assert [record for _, record in found.records] == [ENTRY, None, ENTRY]
    assert [str(one) for one in found.diagnostics] == ["a:2:1: expected a line of at most 1 MiB, got 1.0 MiB [GK106]"]


def test_fifty_megabytes_of_json_lines_are_fine() -> None:
    line = json.dumps({**RECORD, "excerpt": "x" * 5000}).encode() + b"\n"
    found = read(line * (50_000_000 // len(line) + 1), "jsonlines", "a")
    assert found.diagnostics == ()
    assert len(found.records) > 9000


def test_many_faults_in_one_text_are_located_in_one_pass() -> None:
    data = json.dumps([{**RECORD, "quality": "x"}] * 5000, indent=1).encode()
    start = time.process_time()
    found = faults(data)
    assert len(found) == 5000
    assert found[0] == "a:9:14: [0].quality: expected a whole number, got 'x' [GK302]"
    assert time.process_time() - start < 5


def test_the_ciphertext_in_json_stays_there() -> None:
    cipher = "oS0HWfxwFq+XHljtDVYjx3/ObgZGF5napl=="
    texts = [
        f'{{"title": "T", "secured": "{cipher}"}}',
        f'{{"title": "T", "secured": ["{cipher}"], "related": [{{"title": "R", "secured": "{cipher}"}}, {{"secured": "{cipher}"}}]}}',
        f'{{"title": "T", "secured": {{"{cipher}": 1, "{cipher}": 2}}}}',
        f'{{"title": "T", "secured": "{cipher}',
        f'{{"title": "T", "secured": {cipher}}}',
        f'{{"title": "T", "secured": "{cipher}" "{cipher}"}}',
        f'["secured {cipher}"]',
    ]
    for text in texts:
        found = read(text.encode(), "json", "a")
        assert cipher[:8] not in repr(found)
        assert found.diagnostics


json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=3)),
    max_leaves=12,
)


def paths_of(value: Any, path: tuple[str | int, ...] = ()) -> dict[tuple[str | int, ...], Any]:
    found = {path: value}
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        found |= paths_of(item, (*path, key))
    return found


@given(
    json_values,
    st.sampled_from([None, 1, "\t"]),
    st.booleans(),
    st.sampled_from([(",", ":"), (", ", ": "), (" , ", " : ")]),
)
def test_a_value_is_found_where_it_begins(
    value: Any, indent: int | str | None, ascii: bool, separators: tuple[str, str]
) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii, separators=separators)
    wanted = paths_of(value)
    offsets, repeated = parsing._json_offsets(text, set(wanted))
    assert repeated == []
    decoder = json.JSONDecoder()
    assert {path: decoder.raw_decode(text, offset)[0] for path, offset in offsets.items()} == wanted


@given(
    st.one_of(st.binary(), json_values.map(lambda value: json.dumps(value).encode())),
    st.sampled_from(["any", "markdown", "yaml", "json", "jsonlines"]),
)
def test_no_bytes_stop_the_reader_and_each_rejection_is_told(data: bytes, form: str) -> None:
    found = read(data, form, "a")
    rejected = sum(record is None for _, record in found.records)
    assert rejected == sum(one.rejects and "related[" not in one.field for one in found.diagnostics)
    assert all(one.line and one.column for one in found.diagnostics)


@pytest.mark.browser
def test_a_long_word_where_a_record_should_be_is_not_shown() -> None:
    reading = read(b'["Q1w2E3r4T5y6U7i8"]', "json", "a")
    assert [one.code for one in reading.diagnostics] == ["GK210"]
    assert "Q1w2" not in str(reading.diagnostics[0])


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


@pytest.mark.parametrize("data, form", PLACES)
def test_the_place_of_a_field_is_where_it_stands(data: bytes, form: str) -> None:
    pointers = [pointer for pointer, record in read(data, form, "a").records if record is not None]
    assert pointers
    records = [_path(pointer) for pointer in pointers]
    titles = parsing.places(data, form, [(*path, "title") for path in records])
    absent = parsing.places(data, form, [(*path, "topics", 3) for path in records])
    lines = data.decode("utf-8-sig").replace("\r\n", "\n").split("\n")
    for (line, column), around in zip(titles, absent, strict=True):
        assert lines[line - 1][column - 1 :].strip('"').startswith("A title")
        assert (1, 1) <= around <= (line, column)


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"no front matter", b"---\n- a\n---\n", b"---\n\t{\n---\n", b"[1"])
@pytest.mark.parametrize("form", ["markdown", "yaml", "json", "jsonlines", "any"])
def test_a_text_without_records_has_no_places_and_raises_nothing(data: bytes, form: str) -> None:
    path: tuple[str | int, ...] = (7, "title") if form == "jsonlines" else ("title",)
    ((line, column),) = parsing.places(data, form, [path])
    assert (line == 0) == (column == 0)


@pytest.mark.engine
def test_the_place_of_every_title_of_a_corpus_is_where_it_stands(any_corpus: Path) -> None:
    count = 0
    for file in find([any_corpus]).files:
        data = read_bytes(file)
        mentions = [mention for record in read_content(data, file.name, file.form).mentions for mention in record]
        found = parsing.places(data, file.form, [(*_path(mention.pointer), "title") for mention in mentions])
        lines = data.decode("utf-8-sig").replace("\r\n", "\n").split("\n")
        for mention, (line, column) in zip(mentions, found, strict=True):
            word = re.match(r"\w*", mention.facts.title)
            assert word is not None
            assert lines[line - 1][column - 1 :].lstrip("\"' >|").startswith(word[0]), (file.name, line, column)
            count += 1
    assert count > 100


def _path(pointer: str) -> tuple[str | int, ...]:
    return tuple(int(step) if step.isdigit() else step for step in pointer.split("/")[1:])


SLOW_TO_MAKE = examples(400)


@pytest.mark.engine
@SLOW_TO_MAKE
@given(front_matter_text.usual_json())
def test_what_is_read_at_once_is_what_is_read_field_by_field_without_a_fault(text: str) -> None:
    record = fast_path.record_of_json(text.encode())
    if record is not None:
        found = read(text.encode(), "json", "a")
        assert repr(found.records) == repr((("", record),))
        assert found.diagnostics == ()


@pytest.mark.engine
@SLOW_TO_MAKE
@given(front_matter_text.usual_json(odd=False))
def test_json_in_the_usual_form_is_read_at_once(text: str) -> None:
    assert fast_path.record_of_json(text.encode()) is not None
    assert read(text.encode(), "jsonlines", "a").records == (("/0", fast_path.record_of_json(text.encode())),)
