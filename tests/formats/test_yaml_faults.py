"""What is wrong with YAML text is told in plain words, with its place."""

import pytest
from samples.yaml_texts import fault_of

from graphkit.formats.yaml_faults import YamlFault


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
