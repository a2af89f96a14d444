"""Plain text is what YAML 1.1 and 1.2 read alike, and the fast parser reads no other."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from samples.yaml_texts import loaded

from graphkit.formats import plain_yaml
from graphkit.formats.plain_yaml import is_plain, load_plain
from graphkit.formats.yaml_characters import replace_forbidden
from graphkit.records.dates import FULL_DATE
from graphkit.records.text_values import Spelled


@pytest.mark.parametrize(
    "line",
    [
        "a: foo", "a: it's a (b), c & d/e? yes!", "a: 7 News", 'a: "b: c # d"', 'a: "b\\n\\"c\\""', "a: 12", "a: -1", "a: 0", "a: true", "a: null",
        "a: 2021-08-23T11:22:33Z", "a: 2021-08-23T11:22:33+02:00", "a: é", "a: Ärger 漢字", "a: https://b.org/c?d=e&f=%20", "a:", "", "   ", "- foo", "  - a: b", "  - ", '- "a"', 'a: "\xa0é😀"',
    ],
)  # fmt: skip
def test_a_line_that_both_versions_of_yaml_read_alike_is_plain(line: str) -> None:
    assert is_plain(f"k: v\n{line}\n")


@pytest.mark.parametrize(
    "line",
    [
        "a: yes", "a: No", "a: on", "a: Y", "a: 017", "a: 0o17", "a: 12:30", "a: 1e3", "a: 1_000", "a: 1.5", "a: ~", "a: .inf", "a: inf",
        "a: 2021-08-23", "a: 2021-08-23 11:22", "a:\tb", "\ta: b", "a: b\t", "a: <<", "<<: a", "a: =", "a: *b", "a: &b c", "a: !b c", "? a", "a: |",
        "a: >-", "a: 'b'", "a: [b]", "a: {b: c}", "a: b: c", "a: b #c", "# c", 'a: "b', 'a: "b" c', 'a: "\\t"', 'a: "\x85"', 'a: "\u2028"',
        'a: "\ufeff"', 'a: "\x07"', 'a: "\ud800"', "a: b ", "a : b", '"a": b', "y: b", "no: b", "null: b", "- - a", "-", "-  a", "---", "...",
        "a: -", "a: 12345678901234567890", "a: C#", "x" * 101 + ": a", "a: b\r", "                         a: b", "%a", "a: https://b:80", "a: https://b#c",
    ],
)  # fmt: skip
def test_a_line_that_could_be_read_in_two_ways_is_not_plain(line: str) -> None:
    assert not is_plain(f"k: v\n{line}\n")


@pytest.mark.parametrize("text", ["a: b\na: c\n", "a: b\n c: d\n", "- a\nb: c\n", "a: yes\n"])
def test_the_accelerator_answers_nothing_where_it_might_differ(text: str) -> None:
    assert load_plain(text) is None


# Hypothesis takes seconds to turn the expression of quoted text into a strategy.
quoted = st.lists(
    st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from(["\\\\", "\\/", "\\n", "\\r", '\\"']))
)
plain_scalars = st.one_of(
    quoted.map(lambda signs: f'"{"".join(signs)}"').filter(re.compile(plain_yaml._VALUE).fullmatch),
    st.from_regex(rf"{plain_yaml.PLAIN}|{FULL_DATE}|{plain_yaml.NUMBER}|true|false|null", fullmatch=True),
)


@given(plain_scalars)
@example("tRUE")
@example("nULL")
@example("Null")
@example("\u212a")
@example('"\\/"')
@example("-0")
def test_a_plain_scalar_is_the_same_for_both_parsers(text: str) -> None:
    line = f"a: {text}\n"
    fast = load_plain(line)
    if fast is not None:
        value = loaded(line)
        found = value["a"].value if type(value["a"]) is Spelled and not isinstance(fast["a"], str) else value["a"]
        assert repr(fast["a"]) == repr(found)


@pytest.mark.untraced
@pytest.mark.engine
def test_no_character_makes_a_difference_between_the_parsers() -> None:
    signs = [chr(code) for code in (*range(0x20, 0x2100), 0x3000, 0x6F22, 0xFEFF, 0xFFFD, 0x1F600)]
    compared = 0
    for text in (
        form.format(sign) for sign in signs for form in ("{}", "a{}b", "{}a", "a{}", "{}yes", "no{}", "a {} b", '"{}"')
    ):
        line = f"k: {text}\n"
        fast = load_plain(line)
        if fast is not None:
            compared += 1
            assert fast == loaded(replace_forbidden(line, []))
    assert compared > len(signs)
