"""YAML is read as PyYAML reads it, and numbers and dates keep their spelling."""

import contextlib
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples.yaml_texts import loaded

from graphkit.formats import parsing, yaml_loader
from graphkit.formats.yaml_characters import replace_forbidden
from graphkit.formats.yaml_faults import YamlError, YamlFault
from graphkit.formats.yaml_loader import load, positions
from graphkit.records.faults import FieldPath
from graphkit.records.positions import Lines
from graphkit.records.text_values import Spelled
from graphkit.sources import contents, finding


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
    loader = yaml_loader.YamlLoader(f"'{cleaned.replace(chr(39), '')}'")
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


def test_records_are_the_same_where_pyyaml_has_no_libyaml(seeds: Path) -> None:
    code = f"""
import sys
sys.modules["yaml._yaml"] = None
from graphkit.formats import parsing
from graphkit.sources import contents, finding
for file in finding.find([{str(seeds)!r}]).files:
    print(repr(parsing.read(contents.read_bytes(file), file.format, file.name)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.stderr == ""
    files = finding.find([seeds]).files
    assert done.stdout.splitlines() == [
        repr(parsing.read(contents.read_bytes(file), file.format, file.name)) for file in files
    ]


class CountingText(str):
    """A text that counts how many characters its methods look through."""

    __slots__ = ()
    scanned = 0

    def count(self, what: str, start: int, end: int) -> int:  # type: ignore[override]
        CountingText.scanned += end - start
        return super().count(what, start, end)

    def rfind(self, what: str, start: int, end: int) -> int:  # type: ignore[override]
        CountingText.scanned += end - start
        return super().rfind(what, start, end)


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> type[CountingText]:
    """Let the lines of a text count how many characters are looked through."""
    monkeypatch.setattr(CountingText, "scanned", 0)
    monkeypatch.setattr(yaml_loader, "Lines", lambda text: Lines(CountingText(text)))
    return CountingText


@pytest.mark.engine
def test_twenty_thousand_keys_that_stand_again_are_placed_in_one_pass(counting: type[CountingText]) -> None:
    text = "a: 1\n" * 20_000 + "  \n a: x\n".replace(" a", "a")
    faults: list[YamlFault] = []
    load(text, faults)
    assert len(faults) == 20_000
    assert (faults[0].line, faults[0].column) == (2, 1)
    assert (faults[-1].line, faults[-1].column) == (20_002, 1)
    assert counting.scanned < 10 * len(text)


@pytest.mark.engine
@pytest.mark.parametrize(
    "text, first, last",
    [
        ("topics:\n" + "- 1\n" * 20_000, (2, 3), (20_001, 3)),
        ("topics: [" + "1," * 20_000 + "]\n", (1, 10), (1, 40_008)),
    ],
)
def test_twenty_thousand_items_are_placed_in_one_pass(
    text: str, first: tuple[int, int], last: tuple[int, int], counting: type[CountingText]
) -> None:
    places = positions(text, [("topics", index) for index in range(20_000)])
    assert (places[0], places[-1]) == (first, last)
    assert 0 < counting.scanned < 10 * len(text)


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

    compose = yaml_loader.YamlLoader.get_single_node

    def counted(loader: Any) -> Any:
        root = compose(loader)
        root.value = Pairs(root.value)
        return root

    monkeypatch.setattr(yaml_loader.YamlLoader, "get_single_node", counted)
    text = "".join(f"a{number}: 1\n" for number in range(2_000))
    assert positions(text, [(f"a{number}",) for number in range(2_000)])[-1] == (2_000, 8)
    assert walks == 1
