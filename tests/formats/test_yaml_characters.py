"""Characters that YAML parsers refuse, or read in a way that no writer meant."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples.record_files import PROVIDER, read_text

from graphkit.formats.yaml_characters import with_pairs_joined
from graphkit.formats.yaml_loader import load
from graphkit.records.entry import Entry


@pytest.mark.parametrize(
    "written, title",
    [
        (r'"Smile \uD83D\uDE00 please"', "Smile 😀 please"),
        (r'"\U0000d83d\U0000de00\ud83d\ude01"', "😀😁"),
        (r'"\\ud83d\\ude00"', r"\ud83d\ude00"),
        (r"'\ud83d\ude00'", r"\ud83d\ude00"),
        (r"\ud83d\ude00", r"\ud83d\ude00"),
        ('|\n  "\\ud83d\\ude00"', r'"\ud83d\ude00"'),
        ('"a\n  \\ud83d\\ude00"', "a 😀"),
    ],
)
def test_a_pair_of_surrogates_between_double_quotes_is_one_character(written: str, title: str) -> None:
    found, diagnostics = read_text(f"---\ntitle: {written}\n{PROVIDER}heat: x\n---\n")
    assert isinstance(found, Entry)
    assert found.title == title
    assert [one.rpartition("[")[2] for one in diagnostics] == ["GK302]"]


def test_half_a_pair_is_replaced_and_reported_with_its_place() -> None:
    found, diagnostics = read_text(
        f'---\ntitle: "a \\ud83d b"\ntopics: ["\\udE00", "\\ud83d\\ude00", 1]\n{PROVIDER}---\n'
    )
    assert isinstance(found, Entry)
    assert (found.title, found.topics) == ("a \ufffd b", ("\ufffd", "😀", "1"))
    assert diagnostics == [
        "a.md:2:11: expected characters that YAML allows, got U+D83D and 1 more [GK208]",
        "a.md:3:36: topics[2]: expected text, got the number 1 [GK301]",
    ]


def test_a_pair_is_joined_also_where_another_field_is_broken() -> None:
    found, diagnostics = read_text(f'---\nexcerpt: a: b\ntitle: "\\ud83d\\ude00"\n{PROVIDER}---\n')
    assert isinstance(found, Entry)
    assert (found.title, len(diagnostics)) == ("😀", 1)


@given(
    st.text(
        st.characters(min_codepoint=0xFFF0, max_codepoint=0x10FFFF, exclude_categories=["Cs"])
        | st.sampled_from('a\\"\n')
    )
)
def test_text_that_json_wrote_is_read_from_yaml(text: str) -> None:
    assert load(with_pairs_joined(json.dumps([text, text]), []), []) == [text, text]


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\x85"])
def test_a_line_separator_is_white_space(separator: str) -> None:
    text = f"---\ntitle: A{separator}b\nexcerpt: One line,{separator}next # not{separator}x: y\ntype: |\n  a{separator}b\n{PROVIDER}---\n"
    found, diagnostics = read_text(text)
    assert isinstance(found, Entry)
    assert (found.title, found.excerpt, found.media, diagnostics) == ("A b", "One line, next", "a b", [])


def test_a_field_behind_a_line_separator_is_no_field_of_its_own() -> None:
    found, diagnostics = read_text(f"---\ntitle: A\nexcerpt: One line,\u2028next: another\n{PROVIDER}---\n")
    assert isinstance(found, Entry)
    assert (found.excerpt, found.notes) == ("", ())
    assert diagnostics == ["a.md:3:24: excerpt: expected valid YAML, got a second colon in one line [GK204]"]
