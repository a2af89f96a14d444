"""Untrusted text in messages is short, visible, and without ciphertext."""

import pytest

from graphkit.diagnostics.quoting import quoted, quoted_words, visible


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
