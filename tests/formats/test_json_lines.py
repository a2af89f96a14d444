"""A line of JSON Lines costs no other line."""

import json

import pytest
from samples.json_texts import ENTRY, JSON, PROVIDER, RECORD, faults

from graphkit.formats import json_lines
from graphkit.formats.parsing import read


def test_of_lines_whose_first_is_broken_the_others_are_read() -> None:
    found = read(b'{"title": \n' + JSON + b"\n" + JSON, "any", "a")
    assert [record for _, record in found.records] == [None, ENTRY, ENTRY]


def test_faults_in_json_lines_have_the_line_of_the_file() -> None:
    lines = [
        f'{{"title": "T", "quality": "x", {PROVIDER}}}',
        "",
        "{",
        "[[1]]",
        f'{{"title": "T", {PROVIDER}, "title": "U"}}',
        '{"title": "\xe9"}',
        "[" * 5000,
    ]
    data = b"\xef\xbb\xbf" + "\r\n".join(lines).encode("latin-1")
    assert faults(data, "jsonlines") == [
        "a:1:27: quality: expected a whole number, got 'x' [GK302]",
        "a:3:2: expected valid JSON, got the end of the text [GK209]",
        "a:4:3: [0][0]: expected a mapping of fields, got 1 [GK210]",
        "a:5:55: title: expected each key once, got it again [GK207]",
        "a:6:12: expected UTF-8, got the byte 0xE9 [GK201]",
        "a:7:65: expected at most 64 levels of nesting, got more [GK205]",
    ]


def test_a_line_that_is_too_long_is_rejected_and_the_others_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_lines, "MAX_LINE", 1 << 20)
    long = json.dumps({**RECORD, "excerpt": "x" * (1 << 20)}).encode()
    found = read(JSON + b"\n" + long + b"\n" + JSON, "jsonlines", "a")
    assert [record for _, record in found.records] == [ENTRY, None, ENTRY]
    assert [str(one) for one in found.diagnostics] == ["a:2:1: expected a line of at most 1 MiB, got 1.0 MiB [GK106]"]


def test_fifty_megabytes_of_json_lines_are_fine() -> None:
    line = json.dumps({**RECORD, "excerpt": "x" * 5000}).encode() + b"\n"
    found = read(line * (50_000_000 // len(line) + 1), "jsonlines", "a")
    assert found.diagnostics == ()
    assert len(found.records) > 9000
