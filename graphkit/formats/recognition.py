"""Recognition: which format a file has, by its content and its name. A new format is a row of `INPUT_FORMATS`."""

from __future__ import annotations

from graphkit.files.compression import BOM, ending_of
from graphkit.formats.front_matter import MARKDOWN
from graphkit.formats.input_format import InputFormat
from graphkit.formats.json_lines import JSON_LINES, are_lines, is_json
from graphkit.formats.json_records import JSON
from graphkit.formats.yaml_record import YAML

INPUT_FORMATS = (MARKDOWN, JSON, JSON_LINES, YAML)

ANY = "any"
"""The format of a file whose name does not tell: that of its content."""

BY_NAME = {format.name: format for format in INPUT_FORMATS}
BY_ENDING = {ending: format.name for format in INPUT_FORMATS for ending in format.endings}

MAX_BYTES = {format.name: format.max_bytes for format in INPUT_FORMATS} | {ANY: 1 << 30}
"""The largest file of each format that is read, in bytes, decompressed."""


def format_of(name: str) -> str | None:
    """Return the name of the format that a file's ending names, or None.

    >>> format_of("a.md"), format_of("b.JSONL.gz"), format_of("c.png")
    ('markdown', 'jsonlines', None)
    """
    return BY_ENDING.get(ending_of(name))


def format_by_content(data: bytes, named: str = ANY) -> InputFormat:
    """Return the format that content is in; where that is not clear, the one that the file's name gave."""
    if named == ANY:
        return next((format for format in INPUT_FORMATS if format.matches(data)), MARKDOWN)
    start = data[:4096].lstrip(_BLANK)
    if start.startswith((b"[", b"{")):
        lines = are_lines(data)
        if named not in _JSON_NAMES and not (lines or is_json(data.removeprefix(BOM))):
            return BY_NAME[named]
        return BY_NAME[named] if lines is None and named in _JSON_NAMES else JSON_LINES if lines else JSON
    if named in _JSON_NAMES and start.startswith(b"---"):
        return MARKDOWN
    if named in _JSON_NAMES and YAML.matches(data):
        return YAML
    return BY_NAME[named]


_BLANK = BOM + b" \t\r\n"
_JSON_NAMES = (JSON.name, JSON_LINES.name)
