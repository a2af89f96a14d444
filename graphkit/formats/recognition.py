"""Recognition: which format a file has, by its name or by its content. A new format is a row of `INPUT_FORMATS`."""

from __future__ import annotations

from graphkit.files.compression import ending_of
from graphkit.formats.front_matter import MARKDOWN
from graphkit.formats.input_format import InputFormat
from graphkit.formats.json_lines import JSON_LINES
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


def format_by_content(data: bytes) -> InputFormat:
    """Return the format that content is in."""
    return next((format for format in INPUT_FORMATS if format.matches(data)), MARKDOWN)
