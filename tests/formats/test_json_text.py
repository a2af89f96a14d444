"""JSON is read with the place of every fault."""

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples.json_texts import JSON_VALUES, PROVIDER, RECORD, faults

from graphkit.formats import json_text
from graphkit.formats.parsing import read
from graphkit.records.entry import Entry


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
    assert faults(f'{{"title": "T", {PROVIDER}, "ratings": {"[" * 63}{"]" * 63}}}') == []
    assert faults(f'{{"title": "T", {PROVIDER}, "ratings": {"[" * 64}{"]" * 64}}}') != []


@pytest.mark.parametrize(
    "text, expected",
    [
        ('{"title": 5, "provider": 6}', ["a:1:11: title: expected text, got the number 5 [GK301]",
                                        "a:1:26: provider: expected a mapping with name and domain, got 6 [GK308]"]),
        ('{"title": "T",\r\n\t"quality": "x",\r"provider":{"domain":"a.org"}}', ["a:2:13: quality: expected a whole number, got 'x' [GK302]"]),
        (f'[{{"title": "T", {PROVIDER}}}, [7], null, "x"]', ["a:1:58: [1][0]: expected a mapping of fields, got 7 [GK210]",
                                                           "a:1:62: [2]: expected a mapping of fields, got nothing [GK210]",
                                                           "a:1:68: [3]: expected a mapping of fields, got 'x' [GK210]"]),
        ("5", ["a:1:1: expected a mapping of fields, got 5 [GK210]"]),
        (f'{{"title": "é\\"😀", "type": [], {PROVIDER}}}', ["a:1:27: type: expected text, got a list [GK301]"]),
        (f'{{"title": "T", {PROVIDER}, "related": [{{}}, {{"title": "R"}}]}}', [
            "a:1:67: related[0]: expected a web address or a title, got neither [GK314]",
            "a:1:71: related[1].provider: expected a provider, got nothing [GK311]"]),
        (f'{{"title": "a", {PROVIDER}, "title": "b", "x": {{"y": 1, "y": 2, "y": 3}}}}', [
            "a:1:55: title: expected each key once, got it again [GK207]",
            "a:1:74: x: expected a field of a record, got one that is not read [GK319]", "a:1:83: x.y: expected each key once, got it again [GK207]",
            "a:1:91: x.y: expected each key once, got it again [GK207]"]),
        (f'{{"title": "a", {PROVIDER}, "secured": {{"AAAA": 1, "AAAA": 2}}}}', []),
        (f'{{"title": "say \\"a\\": b", {PROVIDER}}}', []),
        (f'{{"title" : "a" , {PROVIDER}}}', []),
        (f'{{"title": "\\ud83d\\ude00", {PROVIDER}}}', []),
        (f'{{"title": "a\\ud800", {PROVIDER}}}', ["a:1:11: title: expected text without control characters, got U+D800 [GK316]"]),
        (f'{{"title": "a", "quality": NaN, "heat": 1e999, {PROVIDER}}}', ["a:1:40: heat: expected a whole number, got inf [GK302]"]),
        (f'{{"title": "a\\ud800", "title": "b", {PROVIDER}}}', ["a:1:22: title: expected each key once, got it again [GK207]"]),
    ],
)  # fmt: skip
def test_faults_in_json_have_their_place(text: str, expected: list[str]) -> None:
    assert faults(text) == expected


def test_many_faults_in_one_text_are_located_in_one_pass() -> None:
    data = json.dumps([{**RECORD, "quality": "x"}] * 5000, indent=1).encode()
    start = time.process_time()
    found = faults(data)
    assert len(found) == 100  # those that are kept
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


def paths_of(value: Any, path: tuple[str | int, ...] = ()) -> dict[tuple[str | int, ...], Any]:
    found = {path: value}
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        found |= paths_of(item, (*path, key))
    return found


@given(
    JSON_VALUES,
    st.sampled_from([None, 1, "\t"]),
    st.booleans(),
    st.sampled_from([(",", ":"), (", ", ": "), (" , ", " : ")]),
)
def test_a_value_is_found_where_it_begins(
    value: Any, indent: int | str | None, ascii: bool, separators: tuple[str, str]
) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii, separators=separators)
    wanted = paths_of(value)
    offsets, repeated, _ = json_text._offsets_of(text, set(wanted))
    assert repeated == []
    decoder = json.JSONDecoder()
    assert {path: decoder.raw_decode(text, offset)[0] for path, offset in offsets.items()} == wanted
