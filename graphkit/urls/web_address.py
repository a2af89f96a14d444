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
    return joined(scheme, authority, _encode(path), _encode(query), _encode(fragment))


PARTS = re.compile(r"(https?)://([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.DOTALL)
EDGE = " \t\n\r\f\x00\x0b"
_BARE_HOST = re.compile(r"www\.[^/?#\s.]+\.[^/?#\s]+", re.IGNORECASE)
# A web address whose host an IRI can hold: browsers take quotes, braces and backticks there, RDF readers do not.
_WEB = re.compile(r"https?://(?:[^/?#@]*@)?(?:[A-Za-z0-9._~!$&'()*+,;=-]+|\[[0-9a-f:.]+\])(?::[0-9]+)?(?:[/?#]|\Z)")


# What the WHATWG parser returns as it is: a plain host, nothing to encode, no path segment of dots.
_SETTLED = re.compile(
    r"https?://(?:(?!xn--)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?!xn--)[a-z]{2,}"
    r"/[A-Za-z0-9._~!$&'()*+,;=:@/-]*(?:\?[A-Za-z0-9._~!$&()*+,;=:@/?-]*)?"
)


def is_settled(text: str) -> bool:
    """Return whether the WHATWG parser returns a text as it is."""
    return _SETTLED.fullmatch(text) is not None and "/." not in text


def parse(text: str, rules: list[Rule]) -> str:
    """Return the address as the WHATWG parser writes it; empty unless it is http or https with a host for an IRI."""
    if is_settled(text):
        return text
    text = text.strip(EDGE)
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
    if url != text:
        rules.append(Rule("parser", "scheme, host, port, path and escapes written as browsers write them"))
    return url


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
