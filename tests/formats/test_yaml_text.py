"""YAML is read as PyYAML reads it, numbers and dates keep their spelling, and no text is too much."""

import contextlib
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from graphkit.formats import parsing, yaml_text
from graphkit.formats.yaml_text import (
    MAX_DEPTH,
    YamlError,
    YamlFault,
    fast_load,
    is_plain,
    load,
    positions,
    replace_forbidden,
)
from graphkit.records.faults import FieldPath
from graphkit.records.fields import Spelled
from graphkit.sources import finding


def loaded(text: str) -> Any:
    """Load text that has no fault."""
    faults: list[YamlFault] = []
    value = load(text, faults)
    assert faults == []
    return value


def fault_of(text: str) -> YamlFault:
    with pytest.raises(YamlError) as caught:
        load(text, [])
    return caught.value.fault


@pytest.mark.engine
@pytest.mark.parametrize(
    "text, value",
    [
        ("true", True), ("false", False), ("null", None), ("~", None), ("", None), ("0", 0), ("-5", -5), ("189", 189),
        ("foo", "foo"), ("2021-08-23", "2021-08-23"), ("2021-08-23T11:22:33Z", "2021-08-23T11:22:33Z"),
        ("2021-08-23 11:22:33 +1", "2021-08-23 11:22:33 +1"), ("1e3", "1e3"), ("0o17", "0o17"), ("=", "="), ("<<", "<<"),
        ("y", "y"), ("n", "n"), ("tRUE", "tRUE"), ("nULL", "nULL"), ("''", ""), ('"yes"', "yes"), ("'017'", "017"),
        ('"a\\tb\\x41\\u00e9\\U0001f600\\/"', "a\tbA\u00e9\U0001f600/"), ('"\\u2028"', "\u2028"), ("[a, b]", ["a", "b"]), ("{a: b}", {"a": "b"}), ('{"a":1}', {"a": 1}),
        ("# c", None), ("a #b", "a"), ("a#b", "a#b"), ("a :b", "a :b"), ("!foo bar", "bar"), ("!foo [a]", ["a"]), ("!foo {a: b}", {"a": "b"}),
        ("!!str 5", "5"), ("!!binary aGk=", "aGk="), ("!!timestamp 2021-01-01", "2021-01-01"), ("!!set {a, b}", {"a": None, "b": None}),
        ("!!omap [a: b]", [{"a": "b"}]), ("!!pairs [a: b]", [{"a": "b"}]), ("!!binary [a]", ["a"]), ('!!int ""', ""), ("!!int x", "x"),
        ('!!float ""', ""), ("!!bool maybe", "maybe"), ("!!python/object:os.system x", "x"), ("a\xa0b", "a\xa0b"),
        ("9" * 200, "9" * 200), ("1" + ":1" * 5_000_000, "1" + ":1" * 5_000_000),
    ],
)  # fmt: skip
def test_a_scalar_is_what_yaml_1_1_says_but_dates_stay_text(text: str, value: object) -> None:
    found = loaded(f"a: {text}\n")["a"]
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "text, value",
    [
        ("yes", True), ("No", False), ("ON", True), ("off", False), ("True", True), ("FALSE", False), ("017", 15), ("+1", 1), ("-0", 0),
        ("0x1F", 31), ("0b11", 3), ("1_000", 1000), ("12:30", 750), ("1.5", 1.5), (".5", 0.5), ("1.0e+3", 1000.0), (".inf", float("inf")),
        ("1:30.5", 90.5), ("12345678901234567890", 12345678901234567890),
    ],
)  # fmt: skip
def test_an_unusual_spelling_is_kept_with_its_value(text: str, value: object) -> None:
    found = loaded(f"a: {text}\n")["a"]
    assert type(found) is Spelled
    assert (str(found), found.value) == (text, value)


def test_anchors_and_merge_keys_are_followed() -> None:
    assert loaded("a: &x {b: 1, c: 2}\nd: *x\ne: {<<: *x, c: 3}\n") == {
        "a": {"b": 1, "c": 2},
        "d": {"b": 1, "c": 2},
        "e": {"b": 1, "c": 3},
    }
    assert loaded("? a\n: b\n") == {"a": "b"}


@pytest.mark.parametrize(
    "text, value",
    [
        ("a: |\n  b\n   c\n\n", "b\n c\n"),
        ("a: >-\n  b\n  c\n", "b c"),
        ("a: b\n  c\n\n  d\n", "b c\nd"),
        ("a: 'b\n\n  c'\n", "b\nc"),
        ('a: "b\n  c\\\n  d"\n', "b cd"),
        ("a: foo\n  - bar\n", "foo - bar"),
        ('a: "b\x85c"\n', "b c"),
        ('a: "b\u2028c"\n', "b\u2028c"),
    ],
)
def test_scalars_of_several_lines_are_folded_as_yaml_1_1_folds(text: str, value: str) -> None:
    assert loaded(text)["a"] == value


@pytest.mark.parametrize(
    "text, line, column, got",
    [
        ('a: "b\nc: d\n', 1, 4, "a quote that is not closed"),
        ("x: 1\na: 'b\nc: d\n", 2, 4, "a quote that is not closed"),
        ('a: "b\nc: "d"\n', 1, 4, "a quote that is not closed"),
        ('x: y\na:\n  - b: "c\n    d: "e"\n', 3, 8, "a quote that is not closed"),
        ('a: "b" c\n', 1, 8, "text that belongs to no field"),
        ('a: "b\n  c" d\n', 2, 6, "text that belongs to no field"),
        ("a:\n  - b\n c: d\n", 3, 2, "text that belongs to no field"),
        ('a: "b" [\n', 1, 8, "text that belongs to no field"),
        ("a: b\n &x c: d\n e: f\n", 2, 6, "a second colon in one line"),
        ('a: "b\\q"\n', 1, 6, "a backslash before a letter that it does not go with"),
        ("a: b: c\n", 1, 5, "a second colon in one line"),
        ("a: b\nfoo\nc: d\n", 2, 1, "a line without a colon"),
        ("a:\n  - b\n  c: d\n", 3, 3, "a line that belongs to no item of the list"),
        ("a: [b\nc: d\n", 1, 4, "a list that is not closed"),
        ("a: {b: c\nd: e: f\n", 1, 4, "a mapping that is not closed"),
        ("a: }\n", 1, 4, "a sign where a value should stand"),
        ("a: b\n...\nc: d\n", 3, 1, "more text after the end of the record"),
        ("a: b\n--- c\n", 2, 1, "a second document"),
        ("a: -\n", 1, 4, "a list item where none can stand"),
        ("a: @b\n", 1, 4, "a tab, or a sign that no value begins with"),
        ("a:\n\tb: c\n", 2, 1, "a tab, or a sign that no value begins with"),
        ("a: *b\n", 1, 4, "an alias of nothing"),
        ("a: &b c\nd: &b e\n", 2, 4, "an anchor that stands twice"),
        ("? [a]\n: b\n", 1, 3, "a list or a mapping as a key"),
        ("a: !!map b\n", 1, 4, "text of which the parser says: expected a mapping node, but found scalar"),
        (
            "a: !!map [b]\n",
            1,
            4,
            "text of which the parser says: expected a mapping node, but found sequence",
        ),
        ("a: !!seq b\n", 1, 4, "text of which the parser says: expected a sequence node, but found scalar"),
        ("a: !!int [b]\n", 1, 4, "text of which the parser says: expected a scalar node, but found sequence"),
        ("a: !<b c\n", 1, 7, "text of which the parser says: did not find the expected …"),
        ('a: "\u2028\x85b"\nc: d: e\n', 2, 5, "a second colon in one line"),
    ],
)
def test_broken_yaml_is_told_in_plain_words_with_its_place(text: str, line: int, column: int, got: str) -> None:
    assert fault_of(text) == YamlFault("GK204", line, column, "", "valid YAML", got)


def test_what_the_parser_cannot_even_begin_is_told_too() -> None:
    fault = fault_of("\x00")
    assert (fault.code, fault.line, fault.column) == ("GK204", 1, 1)
    assert fault.got


@pytest.mark.parametrize(
    "text, places",
    [
        ("a: 1\na: 2\n", [(2, 1, "a")]),
        ("a: 1\nb:\n  c: 1\n  c: 2\n  'c': 3\n", [(4, 3, "c"), (5, 3, "c")]),
        ("{a: 1, a: 2}", [(1, 8, "a")]),
        ("a: 1\n" + "x" * 100 + ": 1\n" + "x" * 100 + ": 2\n", [(3, 1, "x" * 64)]),
        ("secured: {AAAA: 1, AAAA: 2}\n", []),
        ("secured:\n  - AAAA: 1\n    AAAA: 2\n", []),
        ("secured: a\nsecured: b\n", [(2, 1, "secured")]),
        ("a: {<<: {b: 1}, <<: {c: 1}}\n", []),
    ],
)
def test_a_key_that_stands_again_is_told_and_the_last_counts(text: str, places: list[tuple[int, int, str]]) -> None:
    faults: list[YamlFault] = []
    load(text, faults)
    assert faults == [
        YamlFault("GK207", line, column, name, "each key once", "it again") for line, column, name in places
    ]


def test_the_last_of_equal_keys_counts() -> None:
    assert load("a: 1\na: 2\n", []) == {"a": 2}


def nested_lines(levels: int) -> str:
    return "".join(f"{' ' * level}a:\n" for level in range(levels))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a: " + "[" * 100 + "]" * 100, id="flow list"),
        pytest.param("a: " + "{a: " * 100 + "}" * 100, id="flow mapping"),
        pytest.param("a: " + "[" * 100_000, id="very deep flow"),
        pytest.param("a:\n  " + "- " * 100_000 + "x", id="very deep dashes"),
        pytest.param("a:\n  " + "-  " * 100_000 + "x", id="very deep dashes, two spaces apart"),
        pytest.param("? " * 100_000 + "x", id="very deep keys"),
        pytest.param("? - " * 1000 + "x", id="deep keys and dashes"),
        pytest.param(nested_lines(100), id="block"),
        pytest.param("\u2028".join(nested_lines(4_000).split("\n")), id="block in lines of YAML 1.1"),
        pytest.param("".join(f"{' ' * level}-\n{' ' * level} a:\n" for level in range(40)), id="two levels a column"),
    ],
)
def test_deep_nesting_is_refused_at_once(text: str) -> None:
    start = time.process_time()
    fault = fault_of(text)
    assert (fault.code, fault.expected, fault.got) == ("GK205", "at most 64 levels of nesting", "more")
    assert time.process_time() - start < 3


def test_very_deep_nesting_that_is_no_yaml_does_not_end_the_process() -> None:
    assert fault_of(": " * 100_000).code == "GK204"


@pytest.mark.parametrize("make", [lambda n: "[" * n + "]" * n, nested_lines])
def test_as_many_levels_as_allowed_are_read(make: Callable[[int], str]) -> None:
    value = loaded(make(MAX_DEPTH))
    depth = 0
    while value:
        value = value["a"] if isinstance(value, dict) else value[0]
        depth += 1
    assert depth in (MAX_DEPTH, MAX_DEPTH - 1)
    assert fault_of(make(MAX_DEPTH + 1)).code == "GK205"


def laughs(levels: int) -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, levels)]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    "text, line, column, expected, got",
    [
        (laughs(9), 6, 10, "aliases that give at most 200,000 values", "more"),
        (f"a: &a {'x' * 1_000_000}\nb: [{', '.join(['*a'] * 100)}]", 2, 49, "aliases that give at most 200,000 values", "more"),
        ("a: &a [*a]", 1, 8, "aliases that come to an end", "an alias inside what it repeats"),
        ("a: &a {b: [c, {d: *a}]}", 1, 19, "aliases that come to an end", "an alias inside what it repeats"),
        ("{b: &a {*a : 1}}", 1, 9, "aliases that come to an end", "an alias inside what it repeats"),
        ("a: &a b\nc: &a [*a]", 2, 8, "aliases that come to an end", "an alias inside what it repeats"),
    ],
)  # fmt: skip
def test_aliases_that_explode_are_refused_at_once(text: str, line: int, column: int, expected: str, got: str) -> None:
    start = time.process_time()
    assert fault_of(text) == YamlFault("GK206", line, column, "", expected, got)
    assert time.process_time() - start < 3


def test_aliases_that_give_little_are_followed() -> None:
    assert len(loaded(laughs(4))["a3"][0][0][0]) == 10
    assert loaded("a: &a b\nc: [*a, *a]\n") == {"a": "b", "c": ["b", "b"]}


@pytest.mark.parametrize(
    "text, cleaned, line, column, got",
    [
        ("a: b\nc: d\x07e\x07\n", "a: b\nc: d\ufffde\ufffd\n", 2, 5, "U+0007 and 1 more"),
        ("a: \ufeffb", "a: \ufffdb", 1, 4, "U+FEFF"),
        ("\x7f", "\ufffd", 1, 1, "U+007F"),
        ("a\ud800", "a\ufffd", 1, 2, "U+D800"),
        ("\ufffe", "\ufffd", 1, 1, "U+FFFE"),
    ],
)  # fmt: skip
def test_characters_that_yaml_forbids_are_replaced_with_one_fault(
    text: str, cleaned: str, line: int, column: int, got: str
) -> None:
    faults: list[YamlFault] = []
    assert replace_forbidden(text, faults) == cleaned
    assert faults == [YamlFault("GK208", line, column, "", "characters that YAML allows", got)]


@given(st.text())
def test_what_is_left_after_the_replacement_no_parser_refuses_for_its_characters(text: str) -> None:
    cleaned = replace_forbidden(text, [])
    with contextlib.suppress(YamlError):
        load(cleaned, [])
    # The parser looks at the characters before all else, and for these its error has no place in the text.
    loader = yaml_text._Loader(f"'{cleaned.replace(chr(39), '')}'")
    assert loader.check_token()


@pytest.mark.parametrize(
    "text, path, place",
    [
        ("a: 1\nb:\n  - c: 2\n    d: 3\n", (), (1, 1)),
        ("a: 1\nb:\n  - c: 2\n    d: 3\n", ("a",), (1, 4)),
        ("a: 1\nb:\n  - c: 2\n    d: 3\n", ("b", 0, "d"), (4, 8)),
        ("a: 1\nb:\n  - c: 2\n    d: 3\n", ("b", 0, "absent"), (3, 5)),
        ("a: 1\nb:\n  - c: 2\n    d: 3\n", ("b", 7), (3, 3)),
        ("a: 1\nb:\n  - c: 2\n    d: 3\n", ("a", 0), (1, 4)),
        ("a: 1\na: 2\n", ("a",), (2, 4)),
        ('x: "\u2028"\na: 1\n', ("a",), (2, 4)),
        ("x: 'é😀'\na: é\n", ("a",), (2, 4)),
    ],
)
def test_a_value_is_found_again_in_the_text(text: str, path: FieldPath, place: tuple[int, int]) -> None:
    assert positions(text, [path]) == [place]


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
    assert fast_load(text) is None


def test_without_the_accelerator_nothing_is_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    assert fast_load("a: b\n") == {"a": "b"}
    monkeypatch.setattr(yaml_text, "yaml_rs", None)
    assert fast_load("a: b\n") is None


plain_scalars = st.from_regex(yaml_text._VALUE, fullmatch=True)


@pytest.mark.engine
@given(plain_scalars)
@example("tRUE")
@example("nULL")
@example("Null")
@example("\u212a")
@example('"\\/"')
@example("-0")
def test_a_plain_scalar_is_the_same_for_both_parsers(text: str) -> None:
    line = f"a: {text}\n"
    fast = fast_load(line)
    if fast is not None:
        value = loaded(line)
        found = value["a"].value if type(value["a"]) is Spelled and not isinstance(fast["a"], str) else value["a"]
        assert repr(fast["a"]) == repr(found)


@pytest.mark.engine
def test_no_character_makes_a_difference_between_the_parsers() -> None:
    signs = [chr(code) for code in (*range(0x20, 0x2100), 0x3000, 0x6F22, 0xFEFF, 0xFFFD, 0x1F600)]
    compared = 0
    for text in (
        form.format(sign) for sign in signs for form in ("{}", "a{}b", "{}a", "a{}", "{}yes", "no{}", "a {} b", '"{}"')
    ):
        line = f"k: {text}\n"
        fast = fast_load(line)
        if fast is not None:
            compared += 1
            assert fast == loaded(replace_forbidden(line, []))
    assert compared > len(signs)


@pytest.mark.parametrize("absent", ["yaml_rs", "yaml._yaml", "yaml_rs yaml._yaml"])
def test_records_are_the_same_whichever_parsers_are_installed(absent: str, seeds: Path) -> None:
    code = f"""
import sys
sys.modules.update(dict.fromkeys("{absent}".split()))
from graphkit.formats import parsing
from graphkit.sources import finding
for file in finding.find([{str(seeds)!r}]).files:
    print(repr(parsing.read(finding.read_bytes(file), file.form, file.name)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.stderr == ""
    files = finding.find([seeds]).files
    assert done.stdout.splitlines() == [
        repr(parsing.read(finding.read_bytes(file), file.form, file.name)) for file in files
    ]


def scanned(work: Callable[[], object]) -> int:
    """Return how many characters the methods of texts have looked through from a beginning."""
    total = 0

    def note(_: object, event: str, called: Any) -> None:
        nonlocal total
        if event == "c_call" and called.__name__ in ("count", "rfind") and isinstance(called.__self__, str):
            total += len(called.__self__)

    sys.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
    return total


@pytest.mark.engine
def test_twenty_thousand_keys_that_stand_again_are_placed_in_one_pass() -> None:
    text = "a: 1\n" * 20_000 + "  \n a: x\n".replace(" a", "a")
    faults: list[YamlFault] = []
    assert scanned(lambda: load(text, faults)) < 10 * len(text)
    assert len(faults) == 20_000
    assert (faults[0].line, faults[0].column) == (2, 1)
    assert (faults[-1].line, faults[-1].column) == (20_002, 1)


@pytest.mark.engine
def test_twenty_thousand_items_are_placed_in_one_pass() -> None:
    text = "topics:\n" + "- 1\n" * 20_000
    paths: list[FieldPath] = [("topics", index) for index in range(20_000)]
    places: list[tuple[int, int]] = []
    assert scanned(lambda: places.extend(positions(text, paths))) < 10 * len(text)
    assert places[0] == (2, 3)
    assert places[-1] == (20_001, 3)


def test_the_fields_of_a_mapping_are_gone_through_once_for_all_paths(monkeypatch: pytest.MonkeyPatch) -> None:
    walks = 0

    class Pairs(list[Any]):
        def __iter__(self) -> Any:
            nonlocal walks
            walks += 1
            return super().__iter__()

        def __reversed__(self) -> Any:
            nonlocal walks
            walks += 1
            return super().__reversed__()

    compose = yaml_text._Loader.get_single_node

    def counted(loader: Any) -> Any:
        root = compose(loader)
        root.value = Pairs(root.value)
        return root

    monkeypatch.setattr(yaml_text._Loader, "get_single_node", counted)
    text = "".join(f"a{number}: 1\n" for number in range(2_000))
    assert positions(text, [(f"a{number}",) for number in range(2_000)])[-1] == (2_000, 8)
    assert walks == 1


@pytest.mark.parametrize(
    "text",
    [
        'secured: &s "CIPHER"\ntitle: *s\n',
        "secured: &s CIPHER\nexcerpt: *s\n",
        '"secured": &s >-\n  CIPHER\nexcerpt: *s\n',
        '"\\x73ecured": &s CIPHER\nexcerpt: *s\n',
        "related:\n- title: *s\n  secured: &s CIPHER\n- secured: &t CIPHER\n  title: *t\nexcerpt: *t\n".replace(
            "*s", "R"
        ),
        "secured: &s [CIPHER, CIPHER]\ntopics: *s\n",
        "secured: [&s CIPHER]\ntopics: [*s]\n",
        "secured: &s {title: CIPHER}\nprovider: *s\n",
        "secured: {a: [{b: &s CIPHER}]}\nexcerpt: *s\n",
        "secured: {&s CIPHER : 1}\nexcerpt: *s\n",
        "secured: &s {title: CIPHER}\n<<: *s\n",
        "excerpt: &s CIPHER\nsecured: *s\n",
        "images: &i [{url: CIPHER}]\nsecured: {a: *i}\n",
        "a: &m {secured: &s CIPHER}\nb: *m\nexcerpt: *s\n",
        "a: &m {secured: &s CIPHER}\nb: {<<: *m, title: *s}\n",
        "- secured: &s !!str CIPHER\n- *s\n",
    ],
)
def test_no_alias_carries_what_is_secured_to_another_field(text: str) -> None:
    assert "CIPHER" not in repr(load(text, []))


def test_an_alias_elsewhere_is_followed_beside_a_secured_field() -> None:
    found = load("title: &t T\nsecured: &s CIPHER\nexcerpt: *t\n", [])
    assert found == {"title": "T", "secured": "", "excerpt": "T"}
