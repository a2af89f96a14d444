"""Messages say where, what was expected and what came, and no foreign text commands the terminal."""

import pytest

from graphkit import errors
from graphkit.errors import CODES, Diagnostic, quoted, quoted_words, visible


def test_a_diagnostic_names_place_field_expectation_and_what_came() -> None:
    found = Diagnostic("2021/a.md", 7, 12, "related[2].heat", "GK302", "a whole number", "'x'")
    assert str(found) == "2021/a.md:7:12: related[2].heat: expected a whole number, got 'x' [GK302]"


def test_a_diagnostic_of_a_whole_file_has_neither_line_nor_field() -> None:
    assert str(Diagnostic("a.md", 0, 0, "", "GK101", "a readable file", "nothing")) == (
        "a.md: expected a readable file, got nothing [GK101]"
    )


def test_diagnostics_are_sorted_by_place() -> None:
    places = [("b.md", 1, 1), ("a.md", 10, 1), ("a.md", 9, 2), ("a.md", 9, 1)]
    found = [Diagnostic(*place, "", "GK204", "x", "y") for place in places]
    assert [(one.source, one.line, one.column) for one in sorted(found)] == sorted(places)


def test_a_diagnostic_with_a_hostile_name_commands_no_terminal() -> None:
    text = str(Diagnostic("a\x1b[2J\n.md", 1, 1, "\u202ex", "GK204", "x", "\udcff"))
    assert text == "a\\x1b[2J\\n.md:1:1: \\u202ex: expected x, got \\udcff [GK204]"
    assert text.isprintable()


@pytest.mark.parametrize(
    "text, shown",
    [
        ("plain é 漢字 😀", "plain é 漢字 😀"),
        ("\x00\t\r\n\x7f\x9b", "\\x00\\t\\r\\n\\x7f\\x9b"),
        ("\u200b\u2028\u2029\u202e\u2066\ufeff\u061c", "\\u200b\\u2028\\u2029\\u202e\\u2066\\ufeff\\u061c"),
        ("\ud800", "\\ud800"),
    ],
)
def test_only_what_cannot_be_seen_is_shown_as_an_escape(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize(
    "value, shown",
    [
        (None, "nothing"),
        ({"a": 1}, "a mapping"),
        ([1], "a list"),
        ((1,), "a list"),
        (12, "12"),
        (1.5, "1.5"),
        (True, "True"),
        ("it's", '"it\'s"'),
        ("a\nb", "'a\\nb'"),
        ("x" * 60, repr("x" * 60)),
        ("x" * 61, repr("x" * 60 + "…")),
        ("a secured: AAAA", "'a …'"),
        ("x" * 58 + "secured AAAA", repr("x" * 58 + "…")),
    ],
)
def test_a_value_is_quoted_short_and_without_ciphertext(value: object, shown: str) -> None:
    assert quoted(value) == shown


def test_codes_are_numbered_by_stage_and_have_a_meaning_each() -> None:
    assert all(code[:2] == "GK" and code[2:].isdigit() and code[2] in "123" for code in CODES)
    assert len(set(CODES.values())) == len(CODES)
    assert list(CODES) == sorted(CODES)


def test_all_errors_come_from_one_root() -> None:
    kinds = [errors.UsageError, errors.OutputError, errors.NothingReadable, errors.MissingExtra, errors.StoreError]
    assert all(issubclass(kind, errors.GraphkitError) for kind in kinds)
    assert issubclass(errors.OutputError, errors.UsageError)


@pytest.mark.parametrize(
    "value, shown",
    [
        ("3 Mai", "'3 Mai'"),
        ("x" * 15, repr("x" * 15)),
        ("x" * 16, "'…'"),
        ("a b64-_url_words.more b", "'a … b'"),
        (["x" * 16], "a list"),
        (None, "nothing"),
    ],
)
def test_a_value_that_may_be_anything_is_quoted_without_long_words(value: object, shown: str) -> None:
    assert quoted_words(value) == shown


def test_the_meaning_of_a_text_that_is_none_tells_what_is_kept_and_what_not() -> None:
    assert "kept as it was written" in CODES["GK301"]
    assert "a list or mapping is left out" in CODES["GK301"]
