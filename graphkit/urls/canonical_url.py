"""URLs: the canonical form of a page's address, the key by which two addresses match, and the rules that fired.

The policy stands on the WHATWG URL parser (ada) and the public suffix list as tldextract bundles it; nothing is ever
fetched. POLICY_VERSION changes when any address may come out differently.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache, lru_cache
from importlib import resources
from typing import Any

import ada_url
import msgspec

from graphkit.urls.public_suffixes import registrable_domain

POLICY_VERSION = "1"
MAX_URL = 1900
"""The longest address that is used, in characters: Virtuoso 7 cuts longer IRIs."""


class Rule(msgspec.Struct, frozen=True):
    """One rule that changed an address, and what it did."""

    name: str
    detail: str


class Receipt(msgspec.Struct, frozen=True):
    """A canonical URL with what led to it.

    `url`, `key` and `host` are empty where the text is no web address. `host` is the host of the match key.
    `amp` tells which kind of AMP address it was: ``amphtml`` (the publisher's), ``cachedCopy`` (a cache's) or empty.
    """

    url: str
    key: str
    host: str
    rules: tuple[Rule, ...] = ()
    amp: str = ""


NO_ADDRESS = Receipt("", "", "")


def canonical(text: str) -> str:
    """Return the canonical URL, or an empty string where `text` is no web address. Never raises on a string.

    >>> canonical("HTTP://www.Example.com:80/a/amp/?utm_source=x&id=7#top")
    'https://www.example.com/a/?id=7'
    >>> canonical("javascript:alert(1)")
    ''
    """
    return receipt(text).url


@lru_cache(maxsize=65_536)
def receipt(text: str) -> Receipt:
    """Return the canonical URL of `text`, its match key, and the rules that fired, in order."""
    rules: list[Rule] = []
    if _needs_nothing(text):
        host, key = _match_key(text, rules)
        return Receipt(text, key, host, tuple(rules))
    url = _parse(text, rules)
    while url:
        changed = _canonical_step(url, rules)
        if changed == url:
            break
        url = _parse(changed, rules)
    if not url:
        return NO_ADDRESS if not rules else Receipt("", "", "", tuple(rules))
    host, key = _match_key(url, rules)
    amp = "cachedCopy" if any(rule.name == "amp-cache" for rule in rules) else ""
    if not amp and any(rule.name.startswith("amp-") for rule in rules):
        amp = "amphtml"
    return Receipt(url, key, host, tuple(rules), amp)


@lru_cache(maxsize=65_536)
def tidy(text: str) -> str:
    """Return `text` as an IRI that every RDF reader takes, without any change of identity; empty if no web address.

    >>> tidy("https://example.com/a b?q=[1]")
    'https://example.com/a%20b?q=%5B1%5D'
    """
    if _is_settled(text):
        return text
    url = _parse(text, [])
    match = _PARTS.fullmatch(url)
    if match is None:
        return ""
    scheme, authority, path, query, fragment = match.groups()
    authority = authority.rpartition("@")[2]
    return _joined(scheme, authority, _encode(path), _encode(query), _encode(fragment))


_PARTS = re.compile(r"(https?)://([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.DOTALL)
_EDGE = " \t\n\r\f\x00\x0b"
_BARE_HOST = re.compile(r"www\.[^/?#\s.]+\.[^/?#\s]+", re.IGNORECASE)
# A web address whose host an IRI can hold: browsers take quotes, braces and backticks there, RDF readers do not.
_WEB = re.compile(r"https?://(?:[^/?#@]*@)?(?:[A-Za-z0-9._~!$&'()*+,;=-]+|\[[0-9a-f:.]+\])(?::[0-9]+)?(?:[/?#]|\Z)")


# What the WHATWG parser returns as it is: a plain host, nothing to encode, no path segment of dots.
_SETTLED = re.compile(
    r"https?://(?:(?!xn--)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+(?!xn--)[a-z]{2,}"
    r"/[A-Za-z0-9._~!$&'()*+,;=:@/-]*(?:\?[A-Za-z0-9._~!$&()*+,;=:@/?-]*)?"
)


def _is_settled(text: str) -> bool:
    return _SETTLED.fullmatch(text) is not None and "/." not in text


def _parse(text: str, rules: list[Rule]) -> str:
    """Return the address as the WHATWG parser writes it; empty unless it is http or https with a host for an IRI."""
    if _is_settled(text):
        return text
    text = text.strip(_EDGE)
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


def _joined(scheme: str, authority: str, path: str, query: str | None, fragment: str | None) -> str:
    tail = f"?{query}" if query is not None else ""
    end = f"#{fragment}" if fragment is not None else ""
    return f"{scheme}://{authority}{path}{tail}{end}"


# In each address of AMP these letters stand after such a sign: in its host, as a segment, in a cache's name.
_AMP_SIGN = re.compile(r"[/.-]amp")


def _needs_nothing(url: str) -> bool:
    """Tell whether no rule but those of the match key can change an address."""
    return (
        url.startswith("https:")
        and "?" not in url
        and not ("amp" in url and _AMP_SIGN.search(url))
        and _is_settled(url)
    )


def _canonical_step(url: str, rules: list[Rule]) -> str:
    """Apply every rule once to an address as the WHATWG parser writes it."""
    if _needs_nothing(url):
        return url
    match = _PARTS.fullmatch(url)
    if match is None:  # pragma: no cover - the parser's output always has these parts
        return ""
    scheme, authority, path, query, fragment = match.groups()
    unwrapped = _unwrap_cache(authority, path, query, rules)
    if unwrapped:
        return unwrapped
    if scheme == "http":
        rules.append(Rule("https", "https for http"))
        scheme = "https"
    authority = _host_rules(authority, rules)
    path, query, fragment = (_encoded(part, rules) for part in (path, query, fragment))
    shorter = _AMP_SEGMENT.sub(r"\1", path or "/")
    if shorter != path:
        rules.append(Rule("amp-path", "the last segment /amp dropped"))
        path = shorter
    if query is not None:
        query = _query_rules(query, rules)
    if fragment is not None and not fragment.startswith(("!", "/")):
        rules.append(Rule("fragment", f"#{fragment[:40]} dropped"))
        fragment = None
    return _joined(scheme, authority, path or "/", query, fragment)


_AMP_SEGMENT = re.compile(r"(?<=[^/])(/)amp/\Z|(?<=[^/])()/amp\Z")
# The hosts of AMP caches and viewers, with what their paths begin with.
_CACHE = (
    r"(?:(?:[^/?#]*\.)?(?:cdn\.ampproject\.org|bing-amp\.com)/[cv]/"
    r"|(?:www\.)?(?:google\.[a-z]{2,3}(?:\.[a-z]{2})?|bing\.com)/amp/)"
)
_IN_CACHE = re.compile(rf"https?://{_CACHE}")
_CACHED = re.compile(rf"{_CACHE}(s/)?([^/]+\.[^/]+.*)", re.DOTALL)


def in_amp_cache(url: str) -> bool:
    """Tell whether a tidy address lies in an AMP cache or viewer, which keeps a copy of somebody else's page.

    >>> in_amp_cache("https://www-a-example.cdn.ampproject.org/c/s/www.a.example/amp"), in_amp_cache("https://a.example/amp")
    (True, False)
    """
    return _IN_CACHE.match(url) is not None


def _unwrap_cache(authority: str, path: str, query: str | None, rules: list[Rule]) -> str:
    """Return the publisher's address that an AMP cache or viewer holds in its path, or an empty string."""
    match = _CACHED.fullmatch(f"{authority}{path}")
    if match is None:
        return ""
    inner = f"{'https' if match[1] else 'http'}://{match[2]}{'' if query is None else f'?{query}'}"
    inner_url = _parse(inner, [])
    if inner_url:
        rules.append(Rule("amp-cache", f"unwrapped from {authority}"))
    return inner_url


def _host_rules(authority: str, rules: list[Rule]) -> str:
    if "@" in authority:
        rules.append(Rule("credentials", "user name and password dropped"))
        authority = authority.rpartition("@")[2]
    host, colon, port = authority.rpartition(":") if authority.rpartition(":")[2].isdigit() else (authority, "", "")
    plain = host.rstrip(".") if not host.startswith("[") else host
    if plain and plain != host:
        rules.append(Rule("host-dot", "the dot after the host dropped"))
        host = plain
    if "amp" in host:
        labels = host.split(".")
        kept = [label for label in labels if label != "amp"]
        registrable = registrable_domain(host)
        if len(kept) < len(labels) and f".{'.'.join(kept)}".endswith(f".{registrable}"):
            rules.append(Rule("amp-host", "the host label amp dropped"))
            host = ".".join(kept)
    return f"{host}{colon}{port}"


def _query_rules(query: str, rules: list[Rule]) -> str | None:
    kept = []
    for part in query.split("&"):
        name = part.partition("=")[0].lower()
        if name in _trackers() or name.startswith(_tracker_prefixes()):
            rules.append(Rule("tracking", f"{name} dropped"))
        elif name in _amp_parameters() or part.lower() in _amp_parameters():
            rules.append(Rule("amp-query", f"{part[:40]} dropped"))
        else:
            kept.append(part)
    if not "".join(kept):
        rules.append(Rule("empty-query", "the empty query dropped"))
        return None
    return "&".join(kept)


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


def _encoded(part: str | None, rules: list[Rule]) -> str | None:
    encoded: str | None = _encode(part)
    if encoded != part:
        rules.append(Rule("percent-encoding", "percent-encoding normalised"))
    return encoded


_KEY_SLASH = Rule("key-slash", "the slash at the end does not count for matching")


def _match_key(url: str, rules: list[Rule]) -> tuple[str, str]:
    """Return the host and the whole of the match key: no scheme, no www. or m., no slash at the end."""
    authority, slash, rest = url[len("https://") :].partition("/")
    host = _key_host(authority)
    if host != authority:
        rules.append(Rule("key-host", f"{authority} matches as {host}"))
    cut = min((rest.find(sign) for sign in "?#" if sign in rest), default=len(rest))
    path, tail = f"{slash}{rest[:cut]}", rest[cut:]
    if path.endswith("/"):
        path = path.rstrip("/")
        if path:
            rules.append(_KEY_SLASH)
    return host, f"{host}{path}{tail}"


@lru_cache(maxsize=16_384)
def _key_host(authority: str) -> str:
    host = authority
    while host.startswith(("www.", "m.")):
        shorter = host.partition(".")[2]
        # www.com and m.com are sites of their own: what is left must still be a name that someone registered.
        if "." not in shorter or not registrable_domain(shorter):
            break
        host = shorter
    return host


@lru_cache(maxsize=16_384)
def domain_of(text: str) -> str:
    """Return the registrable domain that a provider's `domain` field names, whatever stands around it; or empty.

    >>> domain_of("https://www.BBC.co.uk/news"), domain_of("forbes.com"), domain_of("not a domain"), domain_of("BBC")
    ('bbc.co.uk', 'forbes.com', '', '')
    """
    text = text.strip(_EDGE)
    if not text:
        return ""
    url = _parse(text if "//" in text else f"https://{text}", [])
    match = _PARTS.fullmatch(url)
    if match is None:
        return ""
    host = match[2].rpartition("@")[2].rstrip(".")
    domain = registrable_domain(host)
    return domain if _DOMAIN.fullmatch(domain) else ""


# Of what the WHATWG parser takes for a host: names that can be registered, and safe in an id. One without a dot is
# somebody's name rather than a domain.
_DOMAIN = re.compile(r"[a-z0-9_][a-z0-9_-]*(?:\.[a-z0-9_-]+)*\.[a-z](?:[a-z0-9-]*[a-z0-9])?|[0-9]+(?:\.[0-9]+){3}")


def _table(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath(name).read_text("utf-8"))


@cache
def _trackers() -> frozenset[str]:
    return frozenset(name for group in _table("tracking_parameters.toml")["group"] for name in group["names"])


@cache
def _tracker_prefixes() -> tuple[str, ...]:
    return tuple(_table("tracking_parameters.toml")["prefixes"])


@cache
def _amp_parameters() -> frozenset[str]:
    return frozenset(_table("amp.toml")["parameters"])
