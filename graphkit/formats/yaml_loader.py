"""YAML text to plain values by the reference loader, with the place of each value.

A scalar that YAML 1.1 takes for a number or a boolean keeps its spelling (`Spelled`); dates stay text.
"""

from __future__ import annotations

from math import isnan
from typing import Any

import yaml

from graphkit.formats.ciphertext import SECURED_AT_START, check_swallowed, empty_secured
from graphkit.formats.yaml_faults import SafeLoader, YamlFault, yaml_error
from graphkit.formats.yaml_limits import ALIAS, check_size
from graphkit.records.faults import FieldPath
from graphkit.records.positions import Lines
from graphkit.records.text_values import Spelled


def load(text: str, faults: list[YamlFault]) -> Any:
    """Load one YAML document by the reference loader.

    Duplicate keys are appended to `faults`. Raises `YamlError` if the text cannot be read.
    """
    check_size(text)
    loader = YamlLoader(text)
    try:
        value = loader.get_single_data()
    except yaml.YAMLError as error:
        raise yaml_error(error, text) from None
    finally:
        loader.dispose()
    lines = Lines(text)
    for offset in loader.swallowed:
        line, column = lines.place(offset)
        expected, got = "text without a line that begins with secured", "one"
        faults.append(YamlFault("GK326", line, column, "", expected, got))
    if loader.duplicates:
        for offset, name in loader.duplicates:
            line, column = lines.place(offset)
            faults.append(YamlFault("GK207", line, column, name, "each key once", "it again"))
    return value


class YamlLoader(SafeLoader):
    """PyYAML's C loader that keeps dates as text and unusual spellings, and notes duplicate keys."""

    yaml_implicit_resolvers: dict[str, Any] = {  # noqa: RUF012 - PyYAML reads it from the class
        first: [
            (tag, pattern)
            for tag, pattern in resolvers
            if tag not in ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:value")
        ]
        for first, resolvers in SafeLoader.yaml_implicit_resolvers.items()
    }

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text
        self.has_secured_line = SECURED_AT_START.search(text) is not None
        self.swallowed: list[int] = []  # offsets of the texts that ended in a ciphertext
        self.has_aliases = ALIAS.search(text) is not None
        self.duplicates: list[tuple[int, str]] = []  # offset and name of each repeated key

    def get_single_node(self) -> Any:
        """Compose the document without the values under `secured`, which an alias could carry to another field."""
        root = super().get_single_node()
        if root is None:
            return root
        if self.has_secured_line:
            self.swallowed += [node.start_mark.index for node in check_swallowed(root, self.text)]
        if self.has_aliases:
            empty_secured(root)
        return root

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - PyYAML calls it so
        """Construct a mapping, and note the keys that repeat."""
        if not isinstance(node, yaml.MappingNode):  # the tag !!map may precede any node
            return super().construct_mapping(node, deep=deep)
        seen = set()
        for key, value in node.value:
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen and key.tag != "tag:yaml.org,2002:merge":
                    self.duplicates.append((key.start_mark.index, key.value[:64]))
                seen.add(key.value)
                if key.value == "secured" and not isinstance(value, yaml.ScalarNode):
                    value.value = []  # nothing inside a ciphertext is reported
        return super().construct_mapping(node, deep=deep)


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
    return None if isnan(value) else Spelled(text, value)


def _construct_as_it_looks(loader: Any, node: yaml.Node) -> Any:
    """Read a node with a tag of its own (``!ruby/object``) as what it looks like, whatever the tag says."""
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return node.value


for _tag in ("int", "float", "bool"):
    YamlLoader.add_constructor(f"tag:yaml.org,2002:{_tag}", _construct_scalar)
for _tag in ("timestamp", "binary", "set", "omap", "pairs"):
    YamlLoader.add_constructor(f"tag:yaml.org,2002:{_tag}", _construct_as_it_looks)
YamlLoader.add_constructor(None, _construct_as_it_looks)


def positions(text: str, paths: list[FieldPath]) -> list[tuple[int, int]]:
    """Return line and column, from 1, of the value at each path; of its nearest parent where it is absent.

    The text must be one that `load` takes.
    """
    loader = YamlLoader(text)
    try:
        root = loader.get_single_node()
    finally:
        loader.dispose()
    lines = Lines(text)
    fields: dict[int, dict[Any, Any]] = {}
    return [lines.place(_node_at(root, path, fields).start_mark.index) for path in paths]


def _node_at(node: Any, path: FieldPath, fields: dict[int, dict[Any, Any]]) -> Any:
    """Return the node at a path; `fields` keeps the fields of the mappings seen so far."""
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
