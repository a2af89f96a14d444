"""No text nests too deep or expands to too much, and none takes long to refuse."""

import time
from collections.abc import Callable

import pytest
from samples.yaml_texts import fault_of, loaded

from graphkit.formats.input_format import MAX_DEPTH
from graphkit.formats.yaml_faults import YamlFault


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
