"""Labels that fold alike are one topic, and each has an id of its own."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from samples.examples import examples

from graphkit.identity.folding import fold, slug, topic_id

SAFE_ID = re.compile(r"(?:article|provider|topic)(?:/[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?){1,3}")


ANY_TEXT = st.text(st.characters(), max_size=30)


LABELS = st.one_of(
    ANY_TEXT,
    st.text(" aAbBß-_.#+/İıſK\u0345\u0301Å\u00a0\t\ufb01", max_size=8),
    st.sampled_from(["C#", "C++", "c", "AI", "ai", "Computer Vision", "computer-vision", "c sune2nxaveay", "a" * 65]),
)


@pytest.mark.parametrize(
    "one,other,equal",
    [
        ("AI", "ai", True),
        ("Computer Vision", "  computer \t VISION\n", True),
        ("Straße", "STRASSE", True),
        ("ﬁre", "FIRE", True),
        ("Ａ１", "a1", True),
        ("Café", "Cafe\u0301", True),
        ("ΣΊΣΥΦΟΣ", "σίσυφος", True),
        ("K", "k", True),
        ("½", "1⁄2", True),
        ("a\u00a0b", "a b", True),
        ("a\u3000b", "a b", True),
        ("C#", "C++", False),
        ("C#", "C", False),
        ("Café", "Cafe", False),
        (".NET", "net", False),
        ("A/B", "A B", False),
        ("computer-vision", "computer vision", False),
        ("AI", "A I", False),
        ("日本", "日本語", False),
        ("c sune2nxaveay", "C#", False),
        ("a" * 64, "a" * 65, False),
        ("a" * 65 + "b", "a" * 65 + "c", False),
        ("", " ", True),
    ],
)
def test_two_labels_are_one_topic_or_two(one: str, other: str, equal: bool) -> None:
    assert (fold(one) == fold(other)) is equal
    assert (slug(one) == slug(other)) is equal
    assert (topic_id(one) == topic_id(other)) is equal


@pytest.mark.parametrize(
    "label,expected",
    [
        ("Computer Vision", "topic/computer-vision"),
        ("AI", "topic/ai"),
        ("5G", "topic/5g"),
        ("C#", r"topic/c_[a-z2-7]{12}"),
        ("Café society", r"topic/caf-society_[a-z2-7]{12}"),
        ("日本", r"topic/_[a-z2-7]{12}"),
        ("computer-vision", r"topic/computer-vision_[a-z2-7]{12}"),
        ("a" * 64, "topic/" + "a" * 64),
        ("a" * 65, "topic/" + "a" * 48 + "_[a-z2-7]{12}"),
        ("a" * 47 + " bcd" + "e" * 30, "topic/" + "a" * 47 + "_[a-z2-7]{12}"),
    ],
)
def test_a_topic_id_is_readable(label: str, expected: str) -> None:
    assert re.fullmatch(expected, topic_id(label))


@examples(400)
@given(LABELS)
@example("\u0345\u0301")
@example("\u1fb4\u0345")
@example("\u0390\u0345")
@example("\u03d3")
@example("\u1e9e")
@example("\u00a8 \u0308")
def test_folding_twice_is_folding_once(label: str) -> None:
    once = fold(label)
    assert fold(once) == once
    assert fold(label.upper()) == fold(label.upper().casefold())
    assert once == once.strip()
    assert SAFE_ID.fullmatch(topic_id(label))
    assert len(topic_id(label)) <= 80


def test_folding_any_one_character_with_any_mark_is_stable() -> None:
    marks = "\u0345\u0301\u0323"
    for number in [*range(0x3000), *range(0xA640, 0xABFF), *range(0xF900, 0x10000), *range(0x1D400, 0x1D800)]:
        character = chr(number)
        for text in (character, *(character + mark for mark in marks), *(mark + character for mark in marks)):
            once = fold.__wrapped__(text)
            assert fold.__wrapped__(once) == once, text.encode("unicode_escape")


@examples(400)
@given(LABELS, LABELS)
def test_two_texts_have_one_slug_exactly_where_they_fold_to_one_text(one: str, other: str) -> None:
    assert (slug(one) == slug(other)) == (fold(one) == fold(other))
    assert slug(one).isascii()


@examples(300)
@given(LABELS)
def test_a_label_meets_its_other_unicode_forms(label: str) -> None:
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert fold(unicodedata.normalize(form, label)) == fold(label)
