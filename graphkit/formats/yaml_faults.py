"""Faults of YAML text, in words for people who write records."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import yaml

from graphkit.records.positions import Lines

try:
    from yaml import CSafeLoader as SafeLoader
except ImportError:  # PyYAML was built without libyaml
    from yaml import SafeLoader  # type: ignore[assignment]


__all__ = ["SafeLoader", "YamlError", "YamlFault", "place_of_mark", "yaml_error"]


class YamlFault(NamedTuple):
    """One fault of YAML text; line and column count from 1 in the text, 0 where unknown.

    `lost_entries` is the number of related entries that are lost by it.
    """

    code: str
    line: int
    column: int
    field: str
    expected: str
    got: str
    lost_entries: int = 0


class YamlError(Exception):
    """The text cannot be read as YAML; `fault` tells why."""

    def __init__(self, fault: YamlFault) -> None:
        super().__init__(fault.got)
        self.fault = fault


def yaml_error(error: yaml.YAMLError, text: str) -> YamlError:
    """Return what the parser found wrong with a text, with its place, in words for people who write records."""
    if not isinstance(error, yaml.MarkedYAMLError):
        return YamlError(YamlFault("GK204", 1, 1, "", "valid YAML", _first_line(error)))
    mark = error.problem_mark or error.context_mark
    got = _in_our_words(error)
    if error.context in _BROKEN_FROM_ITS_BEGINNING:
        # The parser notices at its end, which may be that of the file; a person looks for its beginning.
        mark = error.context_mark or mark
    elif got == _OUR_WORDS["did not find expected key"] and (quote := _runaway_quote(text, mark)) is not None:
        mark, got = quote, "a quote that is not closed"
    line, column = place_of_mark(mark, text) if mark else (1, 1)
    return YamlError(YamlFault("GK204", line, column, "", "valid YAML", got))


def _runaway_quote(text: str, mark: Any) -> Any:
    """Return the beginning of a quoted text that ends at `mark` and contains fields, for lack of a quote."""
    loader = SafeLoader(text)
    last = None
    while (token := loader.get_token()) is not None and token.start_mark.index < mark.index:
        last = token
    loader.dispose()
    if not isinstance(last, yaml.ScalarToken) or last.plain:
        return None
    return last.start_mark if _FIELD.search(text, last.start_mark.index, last.end_mark.index) else None


_FIELD = re.compile(r"\n[ -]*[A-Za-z_]\w*:")
_BROKEN_FROM_ITS_BEGINNING = (
    "while scanning a quoted scalar",
    "while scanning a simple key",
    "while parsing a flow mapping",
    "while parsing a flow sequence",
)


_OUR_WORDS = {
    "found unexpected end of stream": "a quote that is not closed",
    "found unexpected document indicator": "a quote that is not closed",
    "found unknown escape character": "a backslash before a letter that it does not go with",
    "mapping values are not allowed in this context": "a second colon in one line",
    "could not find expected ':'": "a line without a colon",
    "did not find expected key": "text that belongs to no field",
    "did not find expected '-' indicator": "a line that belongs to no item of the list",
    "did not find expected ',' or ']'": "a list that is not closed",
    "did not find expected ',' or '}'": "a mapping that is not closed",
    "did not find expected node content": "a sign where a value should stand",
    "did not find expected <document start>": "more text after the end of the record",
    "block sequence entries are not allowed in this context": "a list item where none can stand",
    "found character that cannot start any token": "a tab, or a sign that no value begins with",
    "found a tab character that violates indentation": "a tab, where spaces indent",
    "found undefined alias": "an alias of nothing",
    "but found another document": "a second document",
    "second occurrence": "an anchor that stands twice",
    "found secured inside of another text": "a text that goes on into secured, as a quote or an indent is wrong",
    "found unhashable key": "a list or a mapping as a key",
}
"""The messages of libyaml, in words for people who write records."""


def _in_our_words(error: yaml.MarkedYAMLError) -> str:
    # Without quotations from the text: they may be the ciphertext.
    problem = error.problem or ""
    said = re.sub(r"'.*'|\".*\"", "…", problem, flags=re.DOTALL)
    return _OUR_WORDS.get(problem) or _OUR_WORDS.get(said) or f"text of which the parser says: {said}"


def place_of_mark(mark: Any, text: str) -> tuple[int, int]:
    """Return line and column of a mark of PyYAML's in its text, from 1."""
    return Lines(text).place(mark.index)


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:80] if str(error) else type(error).__name__
