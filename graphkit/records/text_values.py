"""Text values: what a field holds as text that any export can hold, as a reader would see it."""

from __future__ import annotations

import html
import re
from html.entities import html5
from typing import Self

from graphkit.diagnostics.quoting import characters, quoted
from graphkit.records.faults import FieldFault, FieldPath

MISSING = frozenset({"nan", "NaN", "NaT", "<NA>"})
"""How pandas writes a missing value as text, to the letter: "Nan" is a name, and "NaN in JavaScript" a title."""


class Spelled(str):
    """A plain scalar that YAML 1.1 reads as a number or a boolean, in an unusual spelling.

    It is the text as written (``yes``, ``017``, ``1e3``); `value` is how YAML 1.1 reads it.
    """

    __slots__ = ("value",)
    value: object

    def __new__(cls, text: str, value: object) -> Self:
        """Keep `text` with the value that YAML 1.1 reads in it."""
        self = super().__new__(cls, text)
        self.value = value
        return self


def usual_text(text: str) -> str | None:
    """Return a text without white space around it; None where more has to be done, see `plain_text`."""
    if text.isprintable() and "&" not in text:
        text = text.strip()
        if text not in MISSING:
            return text
    return None


SECURED_NAME = r"[^\w\n]*(?:[&!*][^\s]*[ \t]+[^\w\n]*)?secured[\"'`*\\\s]*:"
"""What begins a line that holds a ciphertext, whatever surrounds it: the field's name, and a colon."""

SECURED_LINE = re.compile(rf"[\n\r\x85\u2028\u2029]{SECURED_NAME}")
"""The end of a line, and the beginning of one that holds a ciphertext."""

# What XML 1.0 cannot hold, no literal may hold: RDF/XML is one of the exports.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")


def plain_text(value: object, path: FieldPath, faults: list[FieldFault]) -> str:
    """Return a value as text that any export can hold, without white space around it."""
    if type(value) is str:
        text = without_entities(value)
    elif isinstance(value, dict | list):
        faults.append(FieldFault("GK301", path, "text", quoted(value)))
        return ""
    else:
        text = str(value).lower() if type(value) is bool else str(value)
        faults.append(FieldFault("GK301", path, "text", f"{_kind(value)} {text[:60]}"))
    if not text.isprintable():
        secured = SECURED_LINE.search(text)
        if secured:
            text = text[: secured.start()]
            faults.append(FieldFault("GK326", path, "text without a line that begins with secured", "one"))
        first = _FORBIDDEN.search(text)
        if first:
            text, count = _FORBIDDEN.subn("\ufffd", text)
            faults.append(FieldFault("GK316", path, "text without control characters", characters(first[0], count)))
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text.strip()
    if text in MISSING:
        faults.append(FieldFault("GK325", path, "text, or null where there is none", quoted(text)))
        return ""
    return text


def _kind(value: object) -> str:
    inner = value.value if isinstance(value, Spelled) else value
    return "the boolean" if isinstance(inner, bool) else "the number"


_ENTITY = re.compile(r"&(?:#(?:[0-9]{1,7}|[xX][0-9a-fA-F]{1,6})|[A-Za-z][A-Za-z0-9]{1,31});")


def without_entities(text: str) -> str:
    """Decode the HTML entities in a text, once. Only those that are complete and stand for a character are any.

    >>> without_entities("Q&amp;A: &#8220;AT&T &c.&#x201d; &amp;lt; &nosuch;")
    'Q&A: “AT&T &c.” &lt; &nosuch;'
    """
    return _ENTITY.sub(_character, text) if "&" in text else text


def _character(match: re.Match[str]) -> str:
    written = match[0]
    if written[1] != "#":
        return html5.get(written[1:], written)
    decoded = html.unescape(written)
    return written if not decoded or decoded == "\ufffd" or _FORBIDDEN.match(decoded) else decoded
