"""Records are found in the lists and pages of results that services put around them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples.json_texts import ENTRY, PROVIDER, RECORD, faults

from graphkit.formats.parsing import places, read


def pointers(text: str, format: str = "json") -> list[str]:
    found = read(text.encode(), format, "a")
    assert found.diagnostics == ()
    assert all(record == ENTRY for _, record in found.records)
    return [pointer for pointer, _ in found.records]


@pytest.mark.parametrize(
    "value, expected",
    [
        (RECORD, [""]),
        ([RECORD, RECORD], ["/0", "/1"]),
        ({"page": 1, "value": [RECORD]}, ["/value/0"]),
        ({"location": {"lat": None}, "updatedDateTime": "2020-06-05", "news": [RECORD, RECORD]}, ["/news/0", "/news/1"]),
        ({"news": [RECORD], "value": [RECORD]}, ["/news/0", "/value/0"]),
        ([{"page": 1, "value": [RECORD]}, RECORD, {"news": [RECORD]}], ["/0/value/0", "/1", "/2/news/0"]),
        ([[RECORD], [[RECORD]], []], ["/0/0", "/1/0/0"]),
        ({"value": [{"news": [RECORD]}]}, ["/value/0/news/0"]),
        ({"news": {"page": 1, "value": [RECORD]}}, ["/news/value/0"]),
        ({"title": "A feed", "value": [RECORD]}, ["/value/0"]),
        ({"value": [], "page": 3}, []),
    ],
)  # fmt: skip
def test_records_are_found_with_their_pointers(value: Any, expected: list[str]) -> None:
    assert pointers(json.dumps(value)) == expected
    assert pointers(json.dumps(value, indent=1)) == expected
    assert pointers(json.dumps(value, indent=1), "jsonlines") == expected


def test_each_line_of_json_lines_may_be_an_envelope() -> None:
    lines = [RECORD, {"page": 1, "value": [RECORD, RECORD]}, [RECORD], {"location": None, "news": [RECORD]}]
    text = "\n".join(map(json.dumps, lines))
    expected = ["/0", "/1/value/0", "/1/value/1", "/2/0", "/3/news/0"]
    for name in ("json", "jsonlines", "any"):
        assert pointers(text, name) == expected


def test_a_fault_in_an_envelope_has_its_place() -> None:
    text = f'{{"page": 1, "value": [{{"title": "T", {PROVIDER}}}]}}\n[{{"title": "T", "heat": "x", {PROVIDER}}}, 7]'
    assert faults(text) == [
        "a:2:25: [0].heat: expected a whole number, got 'x' [GK302]",
        "a:2:70: [1]: expected a mapping of fields, got 7 [GK210]",
    ]
    assert places(text.encode(), "json", [(0, "value", 0, "title"), (1, 0, "heat")]) == [(1, 33), (2, 25)]


def test_other_records_on_a_page_are_reported() -> None:
    found = read(json.dumps({"news": [RECORD], "videos": [RECORD], "markets": ["en-us"]}).encode(), "json", "a")
    assert [str(one) for one in found.diagnostics] == [
        "a:1:137: videos: expected records under value or news, got a list that is not read [GK319]"
    ]
    assert [pointer for pointer, _ in found.records] == ["/news/0"]


def test_a_record_with_an_address_is_no_envelope() -> None:
    assert faults(json.dumps({**RECORD, "news": [RECORD]})) == [
        "a:1:123: news: expected a field of a record, got one that is not read [GK319]"
    ]


def test_envelopes_nested_too_deep_are_rejected() -> None:
    depth = 63
    assert pointers("[" * depth + json.dumps(RECORD) + "]" * depth) == ["/0" * depth]
    found = read(b"[" * 100 + b"{}" + b"]" * 100, "json", "a")
    assert [(record, one.code) for (_, record), one in zip(found.records, found.diagnostics, strict=True)] == [
        (None, "GK210")
    ]


RECORDS = st.recursive(
    st.just(RECORD),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.builds(lambda name, items: {"page": 1, name: items}, st.sampled_from(["news", "value"]), st.lists(inner, max_size=3)),
    ),
    max_leaves=12,
)  # fmt: skip


@given(st.lists(RECORDS, max_size=5))
def test_no_envelope_loses_a_record(values: list[Any]) -> None:
    number = json.dumps(values).count('"title"')
    assert len(pointers(json.dumps(values))) == number
    lines = "\n".join(map(json.dumps, values))
    assert len(pointers(lines, "jsonlines")) == number
