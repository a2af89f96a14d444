"""Untrusted text in messages is short, visible, and without ciphertext."""

import pytest

from graphkit.diagnostics.quoting import quoted, quoted_field, quoted_words, visible


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


@pytest.mark.parametrize(
    "word, is_shown",
    [
        ("https:/example.org/a-long-path", True),
        ("javascript:alert(1234567890)", True),
        ("www.example.org/a-long-path/", True),
        ("harbour-gazette.example/news", True),
        ("2021-08-23T10:00:00.000+02:00", True),
        ("12345678901234567890", True),
        ("f5bf459254b44647843e2c4f", False),
        ("c2VjcmV0IHdvcmRzc2VjcmV0", False),
        ("eyJhbGci.eyJzdWIi.Sw3Kt9aX", False),
        ("/2VjcmV0IHdvcmRzc2VjcmV0", False),
    ],
)
def test_a_field_is_quoted_without_long_words_that_may_be_a_ciphertext(word: str, is_shown: bool) -> None:
    assert quoted_field(word) == repr(word if is_shown else "…")
    assert quoted_field(f"a {word} b") == repr(f"a {word if is_shown else '…'} b")
