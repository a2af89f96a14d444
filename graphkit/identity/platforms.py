"""Platforms and aggregators: sites that carry what others publish, by the table that comes with the package."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from graphkit.files.packaged_tables import packaged_table
from graphkit.identity.folding import fold


class Platform(NamedTuple):
    """A site on which each channel, author or subdomain is a provider of its own.

    `not_sites` are subdomains of the platform itself; None where no subdomain is a provider.
    """

    domain: str
    name: str
    not_sites: frozenset[str] | None = None


class Aggregator(NamedTuple):
    """A site that republishes other publishers' pieces; `names` are its own, folded, `brands` their first words."""

    domain: str
    name: str
    names: frozenset[str]
    brands: tuple[tuple[str, ...], ...]


class Platforms(NamedTuple):
    """All platforms and aggregators, by each of their domains."""

    platforms: dict[str, Platform]
    aggregators: dict[str, Aggregator]


_NOT_SITES = frozenset({"www", "m", "mobile", "amp"})


@cache
def platforms() -> Platforms:
    """Read the table of platforms and aggregators."""
    data = packaged_table("identity/platforms.toml")
    found: dict[str, Platform] = {}
    for entry in data["platform"]:
        not_sites = _NOT_SITES.union(entry.get("not_sites", ())) if entry.get("sites") else None
        found[entry["domain"]] = Platform(entry["domain"], entry["name"], not_sites)
    for entry in data["same_as"]:
        found.update(dict.fromkeys(entry["domains"], found[entry["domain"]]))
    aggregators: dict[str, Aggregator] = {}
    for entry in data["aggregator"]:
        names = frozenset(fold(name) for name in (*entry.get("names", ()), *entry["brands"]))
        brands = tuple(words_of(brand) for brand in entry["brands"])
        aggregator = Aggregator(entry["domain"], entry["brands"][0], names, brands)
        aggregators.update(dict.fromkeys((entry["domain"], *entry.get("domains", ())), aggregator))
    return Platforms(found, aggregators)


def platform_of(host: str) -> tuple[Platform, str] | None:
    """Return the platform that a host belongs to, and the domain of the site on it, empty for the platform itself.

    >>> platform_of("harbournotes.substack.com")[1], platform_of("www.substack.com")[1], platform_of("bbc.co.uk")
    ('harbournotes.substack.com', '', None)
    """
    table = platforms().platforms
    labels = host.split(".")
    for start in range(len(labels) - 1):
        platform = table.get(".".join(labels[start:]))
        if platform is not None:
            site = labels[start - 1] if start else ""
            if not site or platform.not_sites is None or site in platform.not_sites or not _SITE.fullmatch(site):
                return platform, ""
            return platform, f"{site}.{platform.domain}"
    return None


_SITE = re.compile(r"[a-z0-9_][a-z0-9_-]*")


def aggregator_of(host: str) -> Aggregator | None:
    """Return the aggregator that a host belongs to."""
    table = platforms().aggregators
    labels = host.split(".")
    return next(
        (found for start in range(len(labels) - 1) if (found := table.get(".".join(labels[start:]))) is not None), None
    )


def words_of(name: str) -> tuple[str, ...]:
    """Return the words of a name, folded; a dot and what names a domain's end are none.

    >>> words_of("Yahoo! News U.K."), words_of("MSN.com")
    (('yahoo', 'news', 'uk'), ('msn',))
    """
    return tuple(_WORD.findall(_DOMAIN_END.sub(" ", fold(name)).replace(".", "")))


_WORD = re.compile(r"[^\W_]+")
_DOMAIN_END = re.compile(r"\.(?:com|net|org)\b")
