"""Nesting of RDF text: the engine ends the process where triple terms or JSON nest too deeply."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from graphkit.files.compression import is_gzip_name, open_decompressed

MAX_NESTING = 500
"""Deeper RDF is refused. JSON-LD ends the process from about 3,300 levels, triple terms from about 18,000."""

READ = 1 << 20
_TERMS = re.compile(rb"<<\(|\)>>")
_JSON = re.compile(rb'\\.|["\[\]{}]', re.DOTALL)


def nests_too_deeply(path: Path, *, json: bool) -> bool:
    """Return whether a file of RDF nests more deeply than MAX_NESTING. Raises what reading it raises."""
    with open_decompressed(path, gzip=is_gzip_name(path.name)) as stream:
        return text_nests_too_deeply(stream, json=json)


def text_nests_too_deeply(stream: IO[bytes], *, json: bool) -> bool:
    """Return whether RDF nests more deeply than MAX_NESTING.

    >>> import io
    >>> text_nests_too_deeply(io.BytesIO(b"[" * 501), json=True)
    True
    """
    return any(depth > MAX_NESTING for depth in (_json_depths if json else _term_depths)(stream))


def _term_depths(stream: IO[bytes]) -> Iterator[int]:
    depth, rest = 0, b""
    while chunk := stream.read(READ):
        text = rest + chunk
        end = 0
        if b"<<(" in text or (depth and b")>>" in text):
            for match in _TERMS.finditer(text):
                depth = depth + 1 if match[0] == b"<<(" else max(depth - 1, 0)
                end = match.end()
                yield depth
        rest = text[max(end, len(text) - 2) :]


def _json_depths(stream: IO[bytes]) -> Iterator[int]:
    depth, rest, quoted = 0, b"", False
    while chunk := stream.read(READ):
        text = rest + chunk
        rest = b""
        if (len(text) - len(text.rstrip(b"\\"))) % 2:
            text, rest = text[:-1], b"\\"
        for match in _JSON.finditer(text):
            sign = match[0]
            if sign == b'"':
                quoted = not quoted
            elif not quoted and sign in b"[{":
                depth += 1
                yield depth
            elif not quoted and sign in b"]}":
                depth -= 1
