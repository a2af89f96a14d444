"""Web addresses: parsed as browsers do, and encoded so that every RDF reader takes them."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import ada_url

from graphkit.urls.receipts import Rule

MAX_URL = 1900
"""The longest address that is used, in characters: Virtuoso 7 cuts longer IRIs."""


@lru_cache(maxsize=65_536)
def tidy(text: str) -> str:
    """Return `text` as an IRI that every RDF reader takes, without any change of identity; empty if no web address.

    >>> tidy("https://example.com/a b?q=[1]")
    'https://example.com/a%20b?q=%5B1%5D'
    """
    if is_settled(text):
        return text
    url = parse(text, [])
    match = PARTS.fullmatch(url)
    if match is None:
        return ""
    scheme, authority, path, query, fragment = match.groups()
    authority = authority.rpartition("@")[2]
    tidied = joined(scheme, authority, _encode(path), _encode(query), _encode(fragment))
    return tidied if _bare(tidied, []) == tidied else tidy(tidied)


PARTS = re.compile(r"(https?)://([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.DOTALL)
EDGE = " \t\n\r\f\x00\x0b"
_BARE_HOST = re.compile(r"www\.[^/?#\s.]+\.[^/?#\s]+", re.IGNORECASE)
# A web address whose host an IRI can hold: browsers take quotes, braces and backticks there, RDF readers do not.
_WEB = re.compile(r"https?://(?:[^/?#@]*@)?(?:[A-Za-z0-9._~!$&'()*+,;=-]+|\[[0-9a-f:.]+\])(?::[0-9]+)?(?:[/?#]|\Z)")


# An ampersand as HTML writes it, once or several times over.
_HTML_AMPERSAND = re.compile(r"&(?:(?:amp|#0{0,4}38|#[xX]0{0,4}26);)+")
# What the WHATWG parser returns as it is: a plain host, nothing to encode, no path segment of dots.
_SETTLED = re.compile(
    r"https?://(?:(?!xn--)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?!xn--)[a-z]{2,}"
    r"/[A-Za-z0-9._~!$&'()*+,;=:@/-]*(?:\?[A-Za-z0-9._~!$&()*+,;=:@/?-]*)?"
)


def is_settled(text: str) -> bool:
    """Return whether the WHATWG parser returns a text as it is."""
    return _SETTLED.fullmatch(text) is not None and "/." not in text and "&amp;" not in text


# White space around an address, as it is or encoded: that of ASCII, no-break and zero-width space, byte order mark.
_ENCODED_SPACES = ("%09", "%0a", "%0b", "%0c", "%0d", "%20", "%c2%a0", "%e2%80%8b", "%ef%bb%bf")
_SPACES = (*EDGE, "\u00a0", "\u200b", "\ufeff", *_ENCODED_SPACES)
_SPACE_AT_START = re.compile(rf"(?:{'|'.join(map(re.escape, _SPACES))})+(?=https?:|www\.|//)", re.IGNORECASE)
_LONGEST_SPACE = 9
# What browsers skip wherever it is.
_SKIPPED = str.maketrans("", "", "\t\n\r")


def _bare(text: str, rules: list[Rule]) -> str:
    """Return a text without white space around it and without what HTML does to an ampersand."""
    text = text.translate(_SKIPPED).strip(EDGE)
    if "%" in text or not text.isascii():
        at_start = _SPACE_AT_START.match(text)
        start, end = at_start.end() if at_start else 0, len(text)
        while end > start:
            tail = text[max(start, end - _LONGEST_SPACE) : end].lower()
            space = next((space for space in _SPACES if tail.endswith(space)), "")
            if not space:
                break
            end -= len(space)
        if (start, end) != (0, len(text)):
            rules.append(Rule("space", "encoded white space around the address dropped"))
            text = text[start:end]
    if "&" in text:
        plain = _HTML_AMPERSAND.sub("&", text)
        if plain != text:
            rules.append(Rule("html-ampersand", "&amp; written as &"))
            text = plain
    return text


def without_line_end(path: str, rules: list[Rule]) -> str:
    """Return a path without the encoded end of the line that it was copied with."""
    end = len(path)
    while path[max(0, end - 3) : end].upper() in ("%0D", "%0A", "%09"):
        end -= 3
    if end < len(path):
        rules.append(Rule("space", "the encoded end of a line dropped"))
    return path[:end]


def parse(text: str, rules: list[Rule]) -> str:
    """Return the address as the WHATWG parser writes it; empty unless it is http or https with a host for an IRI."""
    if is_settled(text):
        return text
    skips = any(sign in text.strip(EDGE) for sign in "\t\n\r")
    text = _bare(text, rules)
    if text.startswith("//"):
        rules.append(Rule("scheme", "https put before an address that begins with //"))
        text = f"https:{text}"
    elif _BARE_HOST.match(text):
        rules.append(Rule("scheme", "https put before an address that begins with www."))
        text = f"https://{text}"
    try:
        url: str = ada_url.normalize_url(text)
    except (ValueError, UnicodeError):
        return ""
    if not _WEB.match(url):
        return ""
    if url != text or skips:
        rules.append(Rule("parser", "scheme, host, port, path and escapes written as browsers write them"))
    return _bare(url, rules)


_ASCII_ESCAPE = re.compile(r"%([0-7][0-9A-Fa-f])")


def decoded(text: str) -> str:
    """Return an address that was written into another one; escapes of other than ASCII mean the same in both."""
    return _ASCII_ESCAPE.sub(lambda match: chr(int(match[1], 16)), text)


def joined(scheme: str, authority: str, path: str, query: str | None, fragment: str | None) -> str:
    """Return the address of these parts."""
    tail = f"?{query}" if query is not None else ""
    end = f"#{fragment}" if fragment is not None else ""
    return f"{scheme}://{authority}{path}{tail}{end}"


# What an IRI, or the strictest RDF reader, forbids in a path, query or fragment; after the WHATWG parser all is ASCII.
_ANY_UNSAFE = re.compile(r"[^!$&'()*+,/:;=?@A-Za-z0-9._~-]")
_UNSAFE = re.compile(rf"%[0-9A-Fa-f]{{2}}|{_ANY_UNSAFE.pattern}")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def _encode(part: str | None) -> Any:
    if part is None or not _ANY_UNSAFE.search(part):
        return part
    return _UNSAFE.sub(_encode_match, part)


def _encode_match(match: re.Match[str]) -> str:
    found = match[0]
    if len(found) == 3 and found[0] == "%":
        character = chr(int(found[1:], 16))
        return character if character in _UNRESERVED else found.upper()
    return "".join(f"%{byte:02X}" for byte in found.encode("utf-8", "replace"))


def encoded(part: str | None, rules: list[Rule]) -> str | None:
    """Return a part of an address with its percent-encoding normalised."""
    encoded: str | None = _encode(part)
    if encoded != part:
        rules.append(Rule("percent-encoding", "percent-encoding normalised"))
    return encoded
