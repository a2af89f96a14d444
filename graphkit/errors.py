"""The errors graphkit raises and the diagnostics it reports.

    GraphkitError
    ├── UsageError         arguments that cannot be served (exit code 2)
    │   ├── OutputError    a target that cannot be written
    │   └── QueryRefused   a query that would change the data or call another machine
    ├── NothingReadable    no record in any of the sources (exit code 3)
    ├── MissingExtra       an optional package is not installed
    └── StoreError         a triple store refuses, fails, or lost what it was given (exit code 4)

Errors end a command. Diagnostics do not: they name one fault of the input, and the build goes on.
"""

from __future__ import annotations

import re
from types import MappingProxyType

import msgspec

CODES = MappingProxyType(
    {
        "GK101": "the file or folder cannot be read",
        "GK102": "a folder links back to a folder that holds it",
        "GK103": "the folder holds no record files",
        "GK104": "nothing is at the path, or nothing matches the pattern",
        "GK105": "not a regular file, so it is not read",
        "GK106": "the file or record is larger than the limit",
        "GK107": "the gzip data is damaged",
        "GK201": "the text is not UTF-8",
        "GK202": "there is no front matter",
        "GK203": "the front matter is not closed",
        "GK204": "the YAML cannot be parsed; the field that breaks it is left out",
        "GK205": "the nesting is too deep",
        "GK206": "the aliases expand to too much",
        "GK207": "a key stands twice in one mapping; the last one counts",
        "GK208": "a character that YAML forbids was replaced",
        "GK209": "the JSON cannot be parsed",
        "GK210": "a record should be a mapping",
        "GK301": "text was expected; a number or boolean is kept as it was written, a list or mapping is left out",
        "GK302": "a whole number was expected",
        "GK303": "true or false was expected",
        "GK304": "an ISO 8601 date was expected",
        "GK305": "the date has no time zone; UTC is assumed",
        "GK306": "the date does not exist",
        "GK307": "a list was expected",
        "GK308": "a mapping was expected",
        "GK309": "a web address (http or https) was expected",
        "GK310": "the web address is longer than the limit",
        "GK311": "the provider is missing or empty",
        "GK312": "the provider's domain is missing or is none",
        "GK313": "a related entry has related entries of its own",
        "GK314": "there is neither a web address nor a title, so the record is rejected, with its related entries",
        "GK315": "the title is missing or empty",
        "GK316": "a character that no text may hold was replaced",
        "GK317": "a topic record has no name, so it is rejected",
        "GK318": "the web address holds characters that had to be encoded",
    }
)
"""Every diagnostic code with its meaning. A code never changes what it means."""


class GraphkitError(Exception):
    """The root of all errors that graphkit raises on purpose."""


class UsageError(GraphkitError):
    """The arguments cannot be served."""


class OutputError(UsageError):
    """A target cannot be written."""


class QueryRefused(UsageError):
    """A query would change the data, or call another machine."""


class NothingReadable(GraphkitError):
    """None of the sources gave a record."""


class MissingExtra(GraphkitError):
    """An optional package is needed and is not installed."""


class StoreError(GraphkitError):
    """A triple store refuses, fails, or does not hold what it was given."""


class Diagnostic(msgspec.Struct, frozen=True, order=True, array_like=True):
    """One fault of the input: where it is, what was expected there and what came instead.

    `line` and `column` count from 1; both are 0 where a fault has no position in the text.
    `field` is a path such as ``related[2].publishedDateTime``; it is empty for a fault of a whole file.
    `rejects` tells that the record did not come into the graph.
    """

    source: str
    line: int
    column: int
    field: str
    code: str
    expected: str
    got: str
    rejects: bool = False

    def __str__(self) -> str:
        """Render as ``path:line:column: field: expected …, got … [code]``, safe for a terminal."""
        place = f"{self.source}:{self.line}:{self.column}" if self.line else self.source
        field = f"{self.field}: " if self.field else ""
        return visible(f"{place}: {field}expected {self.expected}, got {self.got} [{self.code}]")


_INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff]")


def visible(text: str) -> str:
    r"""Show control and direction characters as escapes, so that a terminal does not obey them.

    >>> visible("red \x1b[31m alert")
    'red \\x1b[31m alert'
    """
    return _INVISIBLE.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode("ascii")


def quoted(value: object, *, limit: int = 60) -> str:
    """Quote a value for a message, cut to `limit` characters, and before the word ``secured``.

    >>> quoted("3 Mai")
    "'3 Mai'"
    >>> quoted({"a": 1})
    'a mapping'
    """
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    text = str(value)
    end = text.find("secured")
    if 0 <= end < limit:
        text = f"{text[:end]}…"
    elif len(text) > limit:
        text = f"{text[:limit]}…"
    return repr(text) if isinstance(value, str) else text


_LONG_WORD = re.compile(r"\S{16,}")


def without_long_words(text: str) -> str:
    """Put ``…`` in place of each long word: it may be a piece of a ciphertext that lost its field.

    >>> without_long_words("secured: c2VjcmV0IHdvcmRz")
    'secured: …'
    """
    return _LONG_WORD.sub("…", text)


def quoted_words(value: object) -> str:
    """Quote a value that may be anything, as `quoted` does, without its long words.

    >>> quoted_words("a c2VjcmV0IHdvcmRz")
    "'a …'"
    """
    return quoted(without_long_words(value) if isinstance(value, str) else value)
