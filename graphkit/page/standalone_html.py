"""The parts of a standalone page: text that no browser takes for markup, and a Content-Security-Policy."""

from __future__ import annotations

import hashlib
import json
import re
from base64 import b64encode
from collections.abc import Sequence
from importlib.resources.abc import Traversable
from typing import Any

_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_SURROGATES = re.compile("[\ud800-\udfff]")
_ESCAPES = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


def one_line(text: str) -> str:
    r"""Return a text without line ends, control characters and lone surrogates.

    >>> one_line("two\r\nlines\x00")
    'two lines'
    """
    return " ".join(_CONTROLS.sub(" ", text).split())


def json_in_html(value: Any) -> str:
    r"""Return JSON that is safe inside a script element: nothing in it ends the element or opens a comment.

    >>> json_in_html("</script>")
    '"\\u003c/script\\u003e"'
    """
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    return _SURROGATES.sub("\\\\ufffd", text.translate(_ESCAPES))


def policy(*, scripts: Sequence[str], style: str, images: str = "") -> str:
    """Return a Content-Security-Policy: these scripts, this style, no requests, and no HTML from strings.

    `images` are the sources from which the page may load images when a reader asks for them.
    """
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src {' '.join(map(_hash, scripts))}",
            f"style-src {_hash(style)}",
            *((f"img-src {images}",) if images else ()),
            "base-uri 'none'",
            "form-action 'none'",
            "require-trusted-types-for 'script'",
            "trusted-types 'none'",
        )
    )


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def asset(file: Traversable) -> str:
    """Read a text with the line ends to which a browser normalises all, since it hashes those."""
    return file.read_bytes().decode().replace("\r\n", "\n").replace("\r", "\n")
