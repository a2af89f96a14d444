"""Providers as entries name them: a registrable domain, or a platform and a site or name on it."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import msgspec

from graphkit.identity.aggregator_labels import is_own_name, mentions_brand, publisher_named
from graphkit.identity.folding import fold, slug
from graphkit.identity.platforms import Aggregator, Platform, aggregator_of, platform_of
from graphkit.urls.domains import domain_of, host_of


class ProviderRef(msgspec.Struct, frozen=True, order=True, array_like=True):
    """A provider as one entry names it.

    `id` is final unless `by_name` is set: then any provider that other entries show under the same name comes first.
    `domain` is the registrable domain or that of a site on a platform, `platform` the name of the platform whose domain
    it is otherwise; both may be empty. `label` is as written.
    """

    id: str
    name: str
    domain: str = ""
    platform: str = ""
    label: str = ""
    by_name: bool = False


class Attribution(NamedTuple):
    """Publisher and distributor of an entry, None where there is none, and the rule that found them."""

    publisher: ProviderRef | None
    distributor: ProviderRef | None
    rule: str


def providers_of(name: str, domain: str) -> tuple[ProviderRef | None, ProviderRef | None]:
    """Return publisher and distributor for a provider's name and domain as written; None where there is none.

    >>> publisher, distributor = providers_of("USA Today on MSN", "msn.com")
    >>> publisher.name, publisher.by_name, distributor.id
    ('USA Today', True, 'provider/msn.com')
    """
    found = attribution(name, domain)
    return found.publisher, found.distributor


@lru_cache(maxsize=16_384)
def attribution(name: str, domain: str) -> Attribution:
    """Return publisher and distributor for a provider's name and domain as written, and the rule that found them."""
    host = host_of(domain)
    platform = platform_of(host) if host else None
    if platform is not None:
        return _on_platform(name, *platform)
    aggregator = aggregator_of(host) if host else None
    if aggregator is not None:
        return _on_aggregator(name, aggregator)
    site = domain_of(domain)
    if site:
        return Attribution(ProviderRef(f"provider/{site}", name, site, label=name), None, "domain")
    if name:
        return Attribution(ProviderRef(f"provider/{slug(name)}", name, label=name, by_name=True), None, "name")
    return Attribution(None, None, "nothing")


@lru_cache(maxsize=16_384)
def attribution_at(name: str, domain: str, host: str) -> Attribution:
    """Return who published and distributed a page on a host.

    The host decides where a provider's domain is missing or only names a platform: which aggregator a label speaks of,
    which site on the platform it is. It also decides that a label speaks of the page's aggregator where the domain is
    the publisher's.

    >>> attribution_at("Harbour Notes", "substack.com", "harbournotes.substack.com").publisher.id
    'provider/harbournotes.substack.com'
    """
    found = attribution(name, domain)
    if not host or found.publisher is None:
        return found
    there = attribution(name, host)
    if there.rule == "aggregator-label" and there.publisher is not None:
        if found.rule == "name":
            return there
        if found.rule == "domain":
            return there._replace(publisher=msgspec.structs.replace(found.publisher, name=there.publisher.name))
    on_platform = found.rule in ("platform", "platform-name") and there.rule == "platform-site"
    return there if on_platform and _platform_of(there) == _platform_of(found) else found


def _platform_of(found: Attribution) -> str:
    known = platform_of(found.publisher.domain) if found.publisher else None
    return known[0].domain if known else ""


def _on_platform(name: str, platform: Platform, site: str) -> Attribution:
    if site:
        return Attribution(ProviderRef(f"provider/{site}", name, site, label=name), None, "platform-site")
    domain = platform.domain
    if not name or fold(name) in (fold(platform.name), domain):
        return Attribution(
            ProviderRef(f"provider/{domain}", platform.name, domain, platform.name, name), None, "platform"
        )
    return Attribution(
        ProviderRef(f"provider/{domain}/{slug(name)}", name, domain, platform.name, name), None, "platform-name"
    )


def _on_aggregator(name: str, aggregator: Aggregator) -> Attribution:
    domain = aggregator.domain
    if not name or is_own_name(name, aggregator):
        return Attribution(ProviderRef(f"provider/{domain}", name, domain, label=name), None, "domain")
    publisher, rule = publisher_named(name, aggregator), "aggregator-label"
    if not publisher:
        if mentions_brand(name, aggregator):
            # Nobody else, so it does not name the aggregator either: "Live on MSN".
            return Attribution(ProviderRef(f"provider/{domain}", aggregator.name, domain, label=name), None, "domain")
        publisher, rule = name, "aggregator-guest"
    return Attribution(
        ProviderRef(f"provider/{domain}/{slug(publisher)}", publisher, domain, aggregator.name, name, by_name=True),
        ProviderRef(f"provider/{domain}", aggregator.name, domain),
        rule,
    )


def shows_own_domain(ref: ProviderRef) -> bool:
    """Return whether a provider is named here with its own domain, and not as a guest on another's."""
    return bool(ref.domain and ref.name) and not (ref.by_name or ref.platform)
