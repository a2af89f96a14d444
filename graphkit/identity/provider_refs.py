"""Providers as entries name them: a registrable domain, or a platform and a name on it."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import NamedTuple

import msgspec

from graphkit.files.packaged_tables import packaged_table
from graphkit.identity.folding import fold, slug
from graphkit.urls.domains import domain_of


class ProviderRef(msgspec.Struct, frozen=True, order=True, array_like=True):
    """A provider as one entry names it.

    `id` is final unless `by_name` is set: then any provider that other entries show under the same name comes first.
    `domain` is the registrable domain, `platform` the platform's name; both may be empty. `label` is as written.
    """

    id: str
    name: str
    domain: str = ""
    platform: str = ""
    label: str = ""
    by_name: bool = False


class Platforms(NamedTuple):
    """Platform domain → (domain it is known by, its name); aggregator domain → its names, folded."""

    platforms: dict[str, tuple[str, str]]
    aggregators: dict[str, tuple[str, frozenset[str]]]


@cache
def platforms() -> Platforms:
    """Read the table of platforms and aggregators that comes with the package."""
    data = packaged_table("identity/platforms.toml")
    return Platforms(
        {entry["domain"]: (entry.get("same_as", entry["domain"]), entry["name"]) for entry in data["platform"]},
        {
            entry["domain"]: (entry["names"][0], frozenset(fold(name) for name in entry["names"]))
            for entry in data["aggregator"]
        },
    )


# The last "on" counts: "Focus on the Family on MSN".
_ON = re.compile(r"(?P<publisher>.+)\s+(?:on|via)\s+(?P<distributor>.+)", re.IGNORECASE | re.DOTALL)


@lru_cache(maxsize=16_384)
def providers_of(name: str, domain: str) -> tuple[ProviderRef | None, ProviderRef | None]:
    """Return publisher and distributor for a provider's name and domain as written; None where there is none.

    >>> publisher, distributor = providers_of("USA Today on MSN", "msn.com")
    >>> publisher.name, publisher.by_name, distributor.id
    ('USA Today', True, 'provider/msn.com')
    """
    site = domain_of(domain)
    if not site:
        return (ProviderRef(f"provider/{slug(name)}", name, label=name, by_name=True), None) if name else (None, None)
    known = platforms()
    if site in known.platforms:
        site, platform = known.platforms[site]
        if not name or fold(name) in (fold(platform), site):
            return ProviderRef(f"provider/{site}", platform, site, platform, label=name), None
        return ProviderRef(f"provider/{site}/{slug(name)}", name, site, platform, label=name), None
    if site in known.aggregators:
        own_name, own_names = known.aggregators[site]
        match = _ON.fullmatch(name)
        if match and fold(match["distributor"]) in own_names and fold(match["publisher"]) not in own_names:
            publisher = match["publisher"].strip()
            fallback = f"provider/{site}/{slug(publisher)}"
            return (
                ProviderRef(fallback, publisher, site, own_name, label=name, by_name=True),
                ProviderRef(f"provider/{site}", own_name, site),
            )
    return ProviderRef(f"provider/{site}", name, site, label=name), None


def shows_own_domain(ref: ProviderRef) -> bool:
    """Return whether a provider is named here with its own domain, and not as a guest on another's."""
    if ref.by_name or ref.platform or not ref.domain or not ref.name:
        return False
    aggregator = platforms().aggregators.get(ref.domain)
    return aggregator is None or fold(ref.name) in aggregator[1]
