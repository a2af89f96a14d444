"""Domains: the one that a provider's `domain` field names."""

from __future__ import annotations

import re
from functools import lru_cache

from graphkit.urls.public_suffixes import registrable_domain
from graphkit.urls.web_address import EDGE, PARTS, parse


@lru_cache(maxsize=16_384)
def domain_of(text: str) -> str:
    """Return the registrable domain in the text of a provider's `domain` field; empty if there is none.

    >>> domain_of("https://www.BBC.co.uk/news"), domain_of("forbes.com"), domain_of("not a domain"), domain_of("BBC")
    ('bbc.co.uk', 'forbes.com', '', '')
    """
    domain = registrable_domain(host_of(text))
    return domain if _DOMAIN.fullmatch(domain) else ""


@lru_cache(maxsize=16_384)
def host_of(text: str) -> str:
    """Return the host in the text of a provider's `domain` field, with its port; empty if there is none.

    >>> host_of("https://Harbournotes.substack.com/about"), host_of("forbes.com"), host_of("")
    ('harbournotes.substack.com', 'forbes.com', '')
    """
    text = text.strip(EDGE)
    if not text:
        return ""
    match = PARTS.fullmatch(parse(text if "//" in text else f"https://{text}", []))
    return "" if match is None else match[2].rpartition("@")[2].rstrip(".")


# Of what the WHATWG parser takes for a host: names that can be registered, and safe in an id. One without a dot is
# somebody's name rather than a domain.
_DOMAIN = re.compile(r"[a-z0-9_][a-z0-9_-]*(?:\.[a-z0-9_-]+)*\.[a-z](?:[a-z0-9-]*[a-z0-9])?|[0-9]+(?:\.[0-9]+){3}")
