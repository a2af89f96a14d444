"""The limits of YAML text: how deep it nests, and how much its aliases expand to."""

from __future__ import annotations

import re

import yaml

from graphkit.formats.input_format import MAX_DEPTH
from graphkit.formats.yaml_faults import SafeLoader, YamlError, YamlFault, place_of_mark

_INDENT = re.compile("(?:^|[\n\x85\u2028\u2029])( +)")
_OPENERS = re.compile(r"[\[{]|(?:[-?:] +){2,}|\? ")
ALIAS = re.compile(r"[\s\[{,:?-]\*[^\s,\]}]")
_SIGN = re.compile("[-?:]")

MAX_NODES = 200_000
"""The most values of a text, and again counting each repetition by an alias."""

CHARACTERS_A_VALUE = 64
"""This many characters of a repeated text weigh as much as one value."""


def check_size(text: str) -> None:
    """Raise `YamlError` for text that nests deeper than MAX_DEPTH or whose aliases expand beyond MAX_NODES.

    Cheap bounds come first: only text that could be too deep, or that has aliases, is parsed for it. PyYAML
    composes by recursion in C, without any limit of its own: text that is too deep would end the process.
    """
    indent = max(map(len, _INDENT.findall(text)), default=0)
    openers = sum(max(1, len(_SIGN.findall(found))) for found in _OPENERS.findall(text))
    # A column of its own may open two levels: a mapping, and a list that is not indented in it.
    if 2 * indent + openers < MAX_DEPTH and ALIAS.search(text) is None and _few_values(text):
        return
    loader = SafeLoader(text)
    try:
        _check_events(loader, text)
    except yaml.YAMLError:
        return  # the loader will report it
    finally:
        loader.dispose()


def _few_values(text: str) -> bool:
    """Return whether a text certainly has no more than MAX_NODES values: each has a sign or a line of its own."""
    return len(text) <= MAX_NODES or sum(map(text.count, "\n,:[{-?")) < MAX_NODES


def _check_events(loader: SafeLoader, text: str) -> None:
    sizes: dict[str | None, int] = {}
    stack: list[tuple[str | None, int]] = []
    total = values = 0
    while (event := loader.get_event()) is not None:
        values += isinstance(event, yaml.NodeEvent)
        if values > MAX_NODES:
            raise _too_much("GK212", f"at most {MAX_NODES:,} values", "more", event, text)
        if isinstance(event, yaml.CollectionStartEvent):
            stack.append((event.anchor, total))
            sizes.pop(event.anchor, None)
            if len(stack) > MAX_DEPTH:
                raise _too_much("GK205", f"at most {MAX_DEPTH} levels of nesting", "more", event, text)
            total += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = stack.pop()
            if anchor is not None:
                sizes[anchor] = total - before
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor not in sizes and any(anchor == event.anchor for anchor, _ in stack):
                raise _too_much("GK206", "aliases that come to an end", "an alias inside what it repeats", event, text)
            total += sizes.get(event.anchor, 1)
            if total > MAX_NODES:
                raise _too_much("GK206", f"aliases that give at most {MAX_NODES:,} values", "more", event, text)
        elif isinstance(event, yaml.ScalarEvent):
            weight = 1 + len(event.value) // CHARACTERS_A_VALUE
            total += weight
            if event.anchor is not None:
                sizes[event.anchor] = weight


def _too_much(code: str, expected: str, got: str, event: yaml.Event, text: str) -> YamlError:
    line, column = place_of_mark(event.start_mark, text)
    return YamlError(YamlFault(code, line, column, "", expected, got))
