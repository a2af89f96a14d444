"""YAML text to plain values, the same whichever parser is installed.

PyYAML's C loader is the reference. yaml-rs is several times faster, but reads YAML 1.2, so it is given only
text of which every line has a form that both versions read alike (`is_plain`). A scalar that YAML 1.1 takes
for a number or a boolean keeps its spelling (`records.Spelled`); dates stay text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Any, NamedTuple

import yaml

from graphkit.diagnostics.quoting import characters
from graphkit.records.faults import FieldPath
from graphkit.records.fields import Spelled
from graphkit.records.positions import Lines

try:
    yaml_rs: ModuleType | None = import_module("yaml_rs")
except ImportError:  # the accelerator is an extra
    yaml_rs = None

MAX_DEPTH = 64
MAX_NODES = 200_000

try:
    from yaml import CSafeLoader as _SafeLoader
except ImportError:  # PyYAML was built without libyaml
    from yaml import SafeLoader as _SafeLoader  # type: ignore[assignment]


class YamlFault(NamedTuple):
    """One fault of YAML text; line and column count from 1 in the text, 0 where unknown."""

    code: str
    line: int
    column: int
    field: str
    expected: str
    got: str


class YamlError(Exception):
    """The text cannot be read as YAML; `fault` tells why."""

    def __init__(self, fault: YamlFault) -> None:
        super().__init__(fault.got)
        self.fault = fault


# Words that a YAML 1.1 or 1.2 parser takes for something else than text, where nothing follows them.
_WORD = r"(?i:y|n|yes|no|on|off|true|false|null|inf|nan|infinity)"
# Digits alone may be a number or a date; digits, a space and a letter are neither.
PLAIN = rf"(?:(?!{_WORD}\n)(?:[0-9][0-9.]* )?[^\W\d_][\w '&,()./!?+-]*(?<! )|https?://[A-Za-z0-9./_?=&%~+-]+)"
# U+0085, U+2028 and U+2029 break lines in YAML 1.1 only; the others left out are forbidden or read in several ways.
# Said as what is allowed, because sre matches that twice as fast as its complement.
_LETTER = r"[ !#-\[\]-~\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
QUOTED = rf'"{_LETTER}*(?:\\["\\/nr]{_LETTER}*)*"'
NUMBER = r"0|-?[1-9][0-9]{0,17}"
DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:Z|[+-][0-9]{2}:[0-9]{2})"
_VALUE = rf"(?:{QUOTED}|{PLAIN}|{DATE}|{NUMBER}|true|false|null)"
_KEY = rf"(?!{_WORD}:)[A-Za-z_][A-Za-z0-9_]{{0,99}}"
_LINE = rf" {{0,24}}(?:{_KEY}:(?: {_VALUE})?|- (?:{_KEY}:(?: {_VALUE})?|{_VALUE})?)?\n"


@cache
def _plain_text() -> re.Pattern[str]:
    """Return the pattern of plain text, which takes time to compile and most often is not needed."""
    return re.compile(rf"(?:{_LINE})*\Z")


def is_plain(text: str) -> bool:
    r"""Tell whether every line has a form that YAML 1.1 and 1.2 read alike.

    >>> is_plain('title: "A: b"\nquality: 40\n'), is_plain("published: yes\n")
    (True, False)
    """
    return _plain_text().match(text) is not None


def fast_load(text: str) -> Any | None:
    """Load text by the accelerator, or None where it is absent, the text is not plain or has a fault."""
    if yaml_rs is None or not is_plain(text):
        return None
    try:
        # No policy is the parser's own: a duplicate key is an error. Naming that one costs 1 µs a call.
        return yaml_rs.loads(text, parse_datetime=False, duplicate_key_policy=None)
    except (ValueError, RecursionError):
        return None


def load(text: str, faults: list[YamlFault]) -> Any:
    """Load one YAML document by the reference loader.

    Duplicate keys are appended to `faults`. Raises `YamlError` where there is no reading the text.
    """
    check_size(text)
    loader = _Loader(text)
    try:
        value = loader.get_single_data()
    except yaml.MarkedYAMLError as error:
        raise _yaml_error(error, text) from None
    except yaml.YAMLError as error:
        raise YamlError(YamlFault("GK204", 1, 1, "", "valid YAML", _first_line(error))) from None
    finally:
        loader.dispose()
    if loader.duplicates:
        lines = Lines(text)
        for offset, name in loader.duplicates:
            line, column = lines.place(offset)
            faults.append(YamlFault("GK207", line, column, name, "each key once", "it again"))
    return value


def _yaml_error(error: yaml.MarkedYAMLError, text: str) -> YamlError:
    mark = error.problem_mark or error.context_mark
    got = _in_our_words(error)
    if error.context in _BROKEN_FROM_ITS_BEGINNING:
        # Found out at its end, which may be that of the file; its beginning is what a person looks for.
        mark = error.context_mark or mark
    elif got == _OUR_WORDS["did not find expected key"] and (quote := _runaway_quote(text, mark)) is not None:
        mark, got = quote, "a quote that is not closed"
    line, column = _place(mark, text) if mark else (1, 1)
    return YamlError(YamlFault("GK204", line, column, "", "valid YAML", got))


def _runaway_quote(text: str, mark: Any) -> Any:
    """Return where the quoted text begins that ends at `mark` and swallowed fields, for want of a quote."""
    loader = _Loader(text)
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
    "found unhashable key": "a list or a mapping as a key",
}
"""What libyaml says, in words for people who write records."""


def _in_our_words(error: yaml.MarkedYAMLError) -> str:
    # Without what stands in the text: that may be the ciphertext.
    problem = error.problem or ""
    said = re.sub(r"'.*'|\".*\"", "…", problem, flags=re.DOTALL)
    return _OUR_WORDS.get(problem) or _OUR_WORDS.get(said) or f"text of which the parser says: {said}"


def _place(mark: Any, text: str) -> tuple[int, int]:
    """Return line and column of the one mark that is asked for in a text."""
    return Lines(text).place(mark.index)


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:80] if str(error) else type(error).__name__


_INDENT = re.compile("(?:^|[\n\x85\u2028\u2029])( +)")
_OPENERS = re.compile(r"[\[{]|(?:[-?:] +){2,}|\? ")
_ALIAS = re.compile(r"[\s\[{,:?-]\*[^\s,\]}]")
_SIGN = re.compile("[-?:]")
CHARACTERS_A_VALUE = 64
"""So many characters of a repeated text weigh as much as one value more."""


def check_size(text: str) -> None:
    """Raise `YamlError` for text that nests deeper than MAX_DEPTH or whose aliases expand beyond MAX_NODES.

    Cheap bounds come first: only text that could be too deep, or that has aliases, is parsed for it. PyYAML
    composes by recursion in C, without any limit of its own: text that is too deep would end the process.
    """
    indent = max(map(len, _INDENT.findall(text)), default=0)
    openers = sum(max(1, len(_SIGN.findall(found))) for found in _OPENERS.findall(text))
    # A column of its own may open two levels: a mapping, and a list that is not indented in it.
    if 2 * indent + openers < MAX_DEPTH and _ALIAS.search(text) is None:
        return
    loader = _Loader(text)
    try:
        _check_events(loader, text)
    except yaml.YAMLError:
        return  # the loader will say it with the right words
    finally:
        loader.dispose()


def _check_events(loader: _Loader, text: str) -> None:
    sizes: dict[str | None, int] = {}
    stack: list[tuple[str | None, int]] = []
    total = 0
    while loader.check_event():
        event = loader.get_event()
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
    line, column = _place(event.start_mark, text)
    return YamlError(YamlFault(code, line, column, "", expected, got))


_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|(?!\\A)\ufeff")


def replace_forbidden(text: str, faults: list[YamlFault]) -> str:
    """Replace each character that YAML forbids by U+FFFD, with one fault at the first of them."""
    first = _FORBIDDEN.search(text)
    if first is None:
        return text
    cleaned, count = _FORBIDDEN.subn("\ufffd", text)
    line, column = Lines(text).place(first.start())
    faults.append(YamlFault("GK208", line, column, "", "characters that YAML allows", characters(first[0], count)))
    return cleaned


class _Loader(_SafeLoader):
    """PyYAML's C loader that keeps dates as text and unusual spellings, and notes duplicate keys."""

    yaml_implicit_resolvers: dict[str, Any] = {  # noqa: RUF012 - PyYAML reads it from the class
        first: [
            (tag, pattern)
            for tag, pattern in resolvers
            if tag not in ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:value")
        ]
        for first, resolvers in _SafeLoader.yaml_implicit_resolvers.items()
    }

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.has_aliases = _ALIAS.search(text) is not None
        self.duplicates: list[tuple[int, str]] = []  # offset and name of each key that stands again

    def get_single_node(self) -> Any:
        """Compose the document, without what an alias could carry from under `secured` to another field."""
        root = super().get_single_node()
        if self.has_aliases and root is not None:
            _empty_secured(root)
        return root

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - PyYAML calls it so
        if not isinstance(node, yaml.MappingNode):  # the tag !!map may stand before what is none
            return super().construct_mapping(node, deep=deep)
        seen = set()
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen and key.tag != "tag:yaml.org,2002:merge":
                    self.duplicates.append((key.start_mark.index, key.value[:64]))
                seen.add(key.value)
                if key.value == "secured" and not isinstance(value, yaml.ScalarNode):
                    value.value = []  # no word on the inside of a ciphertext, whatever it looks like
        return super().construct_mapping(node, deep=deep)


def _empty_secured(root: Any) -> None:
    """Empty each node that stands under a `secured` key, and all inside it, wherever aliases repeat it."""
    secured: list[Any] = []
    for node in _nodes([root]):
        if isinstance(node, yaml.MappingNode):
            secured += [value for key, value in node.value if key.value == "secured"]
    for node in list(_nodes(secured)):
        node.value = "" if isinstance(node, yaml.ScalarNode) else []


def _nodes(waiting: list[Any]) -> Iterator[Any]:
    """Yield the nodes and all inside them, each once."""
    waiting = list(waiting)
    seen: set[int] = set()
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        yield node
        if isinstance(node, yaml.MappingNode):
            waiting += [part for pair in node.value for part in pair]
        elif isinstance(node, yaml.SequenceNode):
            waiting += node.value


MAX_NUMBER = 100
"""The longest number, in characters: reading ``1:1:1…`` in base 60 takes time that grows with the square."""


def _construct_scalar(loader: Any, node: yaml.ScalarNode) -> Any:
    kind = node.tag.rpartition(":")[2]
    text: str = loader.construct_scalar(node)
    if len(text) > MAX_NUMBER:
        return text
    try:
        value = getattr(loader, f"construct_yaml_{kind}")(node)
    except (ValueError, LookupError, OverflowError):
        return text
    if kind == "bool":
        return value if text in ("true", "false") else Spelled(text, value)
    if kind == "int":
        return value if len(text) < 20 and str(value) == text else Spelled(text, value)
    return Spelled(text, value)


def _construct_as_it_looks(loader: Any, node: yaml.Node) -> Any:
    """Read a node with a tag of its own (``!ruby/object``) as what it looks like, whatever the tag says."""
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return node.value


for _tag in ("int", "float", "bool"):
    _Loader.add_constructor(f"tag:yaml.org,2002:{_tag}", _construct_scalar)
for _tag in ("timestamp", "binary", "set", "omap", "pairs"):
    _Loader.add_constructor(f"tag:yaml.org,2002:{_tag}", _construct_as_it_looks)
_Loader.add_constructor(None, _construct_as_it_looks)


def positions(text: str, paths: list[FieldPath]) -> list[tuple[int, int]]:
    """Return line and column, from 1, of the value at each path; of its nearest parent where it is absent.

    The text must be one that `load` takes.
    """
    loader = _Loader(text)
    try:
        root = loader.get_single_node()
    finally:
        loader.dispose()
    lines = Lines(text)
    fields: dict[int, dict[Any, Any]] = {}
    return [lines.place(_node_at(root, path, fields).start_mark.index) for path in paths]


def _node_at(node: Any, path: FieldPath, fields: dict[int, dict[Any, Any]]) -> Any:
    """Return the node at a path; `fields` keeps what stands under each key of the mappings seen so far."""
    for part in path:
        child = None
        if isinstance(node, yaml.MappingNode):
            here = fields.get(id(node))
            if here is None:
                here = {key.value: value for key, value in node.value if isinstance(key, yaml.ScalarNode)}
                fields[id(node)] = here
            child = here.get(part)
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            child = node.value[part]
        if child is None:
            break
        node = child
    return node
