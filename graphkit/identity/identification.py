"""Identification: which article an entry refers to, and which provider published it.

An article is its canonical URL; a provider its registrable domain, or platform and name; a topic its folded label.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from graphkit.identity.article_keys import title_key
from graphkit.identity.identity_rules import IdentityRules
from graphkit.identity.provider_refs import ProviderRef, attribution_at
from graphkit.records.attributes import Stated, stated_values
from graphkit.records.entry import Entry, Image
from graphkit.urls import canonical_url
from graphkit.urls.amp import in_amp_cache
from graphkit.urls.receipts import NO_ADDRESS, Receipt
from graphkit.urls.web_address import MAX_URL


class Facts(Stated, frozen=True, array_like=True):
    """What one entry states about an article, identified. Empty, or None for a number or a date, means unknown.

    `key` is the match key of the article's URL; for an entry without any URL it is its title key, see `title_key`.
    `declared` are the other match keys that the entry says the article has, each with its relation.
    """

    key: str = ""
    url: str = ""
    variants: tuple[tuple[str, str], ...] = ()
    publisher: ProviderRef | None = None
    distributor: ProviderRef | None = None
    topics: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()
    declared: tuple[tuple[str, str], ...] = ()


def facts_of(entry: Entry, rules: IdentityRules | None = None) -> Facts:
    """Identify the article that `entry` refers to, and its provider; `rules` are those of identity.toml."""
    receipt_of = canonical_url.receipt if rules is None else rules.receipt
    found, variants = _addresses(entry, receipt_of)
    if rules is not None:
        variants = [one for one in variants if not rules.keeps_pages_apart(found.key, one[1])]
    attribution = attribution_at if rules is None else rules.attribution_at
    publisher, distributor, _ = attribution(entry.provider_name, entry.provider_domain, found.host)
    return Facts(  # type: ignore[call-arg]  # how many values `stated_values` gives is not known to mypy
        *stated_values(entry),
        found.key or title_key(entry.title, publisher.id if publisher else "", entry.published_at),
        found.url,
        tuple(sorted(set(variants))) if variants else (),
        publisher,
        distributor,
        entry.topics,
        entry.images,
        _declared(found.key, variants, receipt_of) if variants and found.key else (),
    )


def _declared(
    key: str, variants: Iterable[tuple[str, str]], receipt_of: Callable[[str], Receipt]
) -> tuple[tuple[str, str], ...]:
    """Return the match keys of the other addresses of an article, each with its relation, without its own key."""
    keys = {(relation, receipt_of(address).key) for relation, address in variants}
    return tuple(sorted(one for one in keys if one[1] and one[1] != key))


def _addresses(entry: Entry, receipt_of: Callable[[str], Receipt]) -> tuple[Receipt, list[tuple[str, str]]]:
    """Return the receipt of the address that identifies an entry, and its other addresses, each with its relation."""
    found = NO_ADDRESS
    variants: list[tuple[str, str]] = []
    for kind, address in (
        ("", entry.web_url),
        ("original", entry.original_url),
        ("amphtml", entry.amp_url),
        ("cachedCopy", entry.cdn_url),
    ):
        if not address or (found.url and address == found.url):
            continue
        if found.url and kind in ("amphtml", "cachedCopy"):
            # Only its relation matters; a cache is recognized by its host, without a receipt.
            in_cache = in_amp_cache(address)
            if in_cache or kind == "amphtml":
                variants.append(("cachedCopy" if in_cache else "amphtml", address))
                continue
        receipt = receipt_of(address)
        if not found.url and len(receipt.url) <= MAX_URL:
            found = receipt
        if kind == "original" and receipt.key == found.key and not receipt.amp:
            continue
        relation = receipt.amp or kind
        if relation and address != found.url:
            variants.append((relation, address))
    return found, variants
