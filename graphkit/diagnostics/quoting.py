"""Untrusted text in messages: escaped for the terminal, cut short, and without ciphertext."""

from __future__ import annotations

import re

_INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff]")


def visible(text: str) -> str:
    r"""Show control and direction characters as escapes, so that a terminal does not obey them.

    >>> visible("red \x1b[31m alert")
    'red \\x1b[31m alert'
    """
    return _INVISIBLE.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)


# Commands of GitHub's, Azure's and TeamCity's runners, at the beginning of a line or anywhere in it.
_COMMAND = re.compile(r"(?<!\S)::(?=[A-Za-z])|##(?=\w*\[)")


def for_terminal(text: str) -> str:
    r"""Return a text as `visible` does, and so that no CI takes it for a command.

    >>> for_terminal("::error file=a.md::red \x1b[31m alert")
    '\\x3a:error file=a.md::red \\x1b[31m alert'
    """
    return _COMMAND.sub(lambda match: f"\\x{ord(match[0][0]):02x}{match[0][1]}", visible(text))


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


def without_long_words(text: str) -> str:
    """Replace each long word by ``…``: it may be part of a ciphertext that lost its field.

    >>> without_long_words("secured: c2VjcmV0IHdvcmRz")
    'secured: …'
    """
    return re.sub(r"\S{16,}", "…", text)


def quoted_words(value: object) -> str:
    """Quote a value that may be anything, as `quoted` does, without its long words.

    >>> quoted_words("a c2VjcmV0IHdvcmRz")
    "'a …'"
    """
    return quoted(without_long_words(value) if isinstance(value, str) else value)


def quoted_field(value: object) -> str:
    """Quote the value of a field, as `quoted` does, without long words that are no address, host or date.

    >>> quoted_field("https:/example.org/a/long/path"), quoted_field("c2VjcmV0IHdvcmRz")
    ("'https:/example.org/a/long/path'", "'…'")
    """
    return quoted(_LONG_WORD.sub(_shown_word, value) if isinstance(value, str) else value)


_LONG_WORD = re.compile(r"\S{16,}")
_TELLING = re.compile(r"[a-z+]{1,12}:|www\.|[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})+(?:[:/?#]|\Z)|[0-9:.,/+TZ-]+\Z")


def _shown_word(match: re.Match[str]) -> str:
    return match[0] if _TELLING.match(match[0]) else "…"


def reason_of(error: Exception) -> str:
    """Return why a call to the operating system failed, in lower case."""
    return str(getattr(error, "strerror", None) or error).lower()


def characters(first: str, count: int) -> str:
    r"""Name the first of some characters that cannot be shown, and how many there are.

    >>> characters("\x07", 3)
    'U+0007 and 2 more'
    """
    return f"U+{ord(first):04X}" + (f" and {count - 1:,} more" if count > 1 else "")
