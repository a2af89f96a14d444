"""AMP: addresses of caches, viewers and AMP pages, and the page that each is a copy of."""

from __future__ import annotations

import re
from functools import cache

from graphkit.files.packaged_tables import packaged_table
from graphkit.urls.public_suffixes import registrable_domain
from graphkit.urls.receipts import Rule
from graphkit.urls.web_address import parse

# Every AMP address contains these letters after one of these characters: in its host, a segment or a cache's name.
_AMP_SIGN = re.compile(r"[/.-]amp")


def may_be_amp(url: str) -> bool:
    """Return whether an address may be one of AMP; a cheap test that is never wrong about those that are."""
    return "amp" in url and _AMP_SIGN.search(url) is not None


_AMP_SEGMENT = re.compile(r"(?<=[^/])(/)amp/\Z|(?<=[^/])()/amp\Z")
# The hosts of AMP caches and viewers, with what their paths begin with.
_CACHE = (
    r"(?:(?:[^/?#]*\.)?(?:cdn\.ampproject\.org|bing-amp\.com)/[cv]/"
    r"|(?:www\.)?(?:google\.[a-z]{2,3}(?:\.[a-z]{2})?|bing\.com)/amp/)"
)
_IN_CACHE = re.compile(rf"https?://{_CACHE}")
_CACHED = re.compile(rf"{_CACHE}(s/)?([^/]+\.[^/]+.*)", re.DOTALL)


def in_amp_cache(url: str) -> bool:
    """Return whether a tidy address lies in an AMP cache or viewer, which keeps a copy of somebody else's page.

    >>> in_amp_cache("https://www-a-example.cdn.ampproject.org/c/s/www.a.example/amp"), in_amp_cache("https://a.example/amp")
    (True, False)
    """
    return _IN_CACHE.match(url) is not None


def unwrap_cache(authority: str, path: str, query: str | None, rules: list[Rule]) -> str:
    """Return the publisher's address that an AMP cache or viewer holds in its path, or an empty string."""
    match = _CACHED.fullmatch(f"{authority}{path}")
    if match is None:
        return ""
    inner = f"{'https' if match[1] else 'http'}://{match[2]}{'' if query is None else f'?{query}'}"
    inner_url = parse(inner, [])
    if inner_url:
        rules.append(Rule("amp-cache", f"unwrapped from {authority}"))
    return inner_url


def drop_amp_label(host: str, rules: list[Rule]) -> str:
    """Return a host without its label ``amp``, if that is no part of the registrable domain."""
    if "amp" not in host:
        return host
    labels = host.split(".")
    kept = [label for label in labels if label != "amp"]
    if len(kept) == len(labels) or not f".{'.'.join(kept)}".endswith(f".{registrable_domain(host)}"):
        return host
    rules.append(Rule("amp-host", "the host label amp dropped"))
    return ".".join(kept)


def drop_amp_segment(path: str, rules: list[Rule]) -> str:
    """Return a path without a last segment ``/amp``."""
    shorter = _AMP_SEGMENT.sub(r"\1", path)
    if shorter != path:
        rules.append(Rule("amp-path", "the last segment /amp dropped"))
    return shorter


def is_amp_parameter(part: str) -> bool:
    """Return whether a part of a query, a name or a name with its value, only asks for AMP."""
    return part.lower() in _amp_parameters()


@cache
def _amp_parameters() -> frozenset[str]:
    return frozenset(packaged_table("urls/amp.toml")["parameters"])
