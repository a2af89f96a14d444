"""Identity: which article, provider and topic an entry speaks of.

An article is its canonical URL; a provider its registrable domain, or platform and name; a topic its folded label.
An id is readable and safe as the local part of a CURIE; what an ASCII slug would lose is kept in a hash.
"""

from __future__ import annotations

import base64
import hashlib
import re
import unicodedata
from datetime import datetime
from functools import cache, lru_cache
from typing import NamedTuple

import msgspec

from graphkit.files.packaged_tables import packaged_table
from graphkit.records.attributes import Stated, stated_values
from graphkit.records.entry import Entry, Image
from graphkit.urls import canonical_url
from graphkit.urls.amp import in_amp_cache
from graphkit.urls.domains import domain_of
from graphkit.urls.receipts import NO_ADDRESS, Receipt
from graphkit.urls.web_address import MAX_URL


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


class Facts(Stated, frozen=True, array_like=True):
    """What one entry says of an article, identified. Empty, or None for a number or a date, means unknown.

    `key` is the match key of the article's URL; for an entry without any URL it is its title key, see `title_key`.
    """

    key: str = ""
    url: str = ""
    variants: tuple[tuple[str, str], ...] = ()
    publisher: ProviderRef | None = None
    distributor: ProviderRef | None = None
    topics: tuple[str, ...] = ()
    images: tuple[Image, ...] = ()


def facts_of(entry: Entry) -> Facts:
    """Identify the article that `entry` speaks of, and its provider."""
    found, variants = _addresses(entry)
    publisher, distributor = providers_of(entry.provider_name, entry.provider_domain)
    return Facts(  # type: ignore[call-arg]  # how many values `stated_values` gives is not known to mypy
        *stated_values(entry),
        found.key or title_key(entry.title, publisher.id if publisher else "", entry.published_at),
        found.url,
        tuple(sorted(set(variants))) if variants else (),
        publisher,
        distributor,
        entry.topics,
        entry.images,
    )


def _addresses(entry: Entry) -> tuple[Receipt, list[tuple[str, str]]]:
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
            # Only its relation is asked for; a cache is known by its host, without a receipt.
            in_cache = in_amp_cache(address)
            if in_cache or kind == "amphtml":
                variants.append(("cachedCopy" if in_cache else "amphtml", address))
                continue
        receipt = canonical_url.receipt(address)
        if not found.url and len(receipt.url) <= MAX_URL:
            found = receipt
        if kind == "original" and receipt.key == found.key and not receipt.amp:
            continue
        relation = receipt.amp or kind
        if relation and address != found.url:
            variants.append((relation, address))
    return found, variants


TITLE_KEY_MARK = "\t"
"""What a title key begins with and no match key contains."""


def title_key(title: str, provider: str, published_at: datetime | None) -> str:
    """Return the key of an entry without URL: its folded title, its provider's id and its date."""
    moment = "" if published_at is None else published_at.isoformat()
    return f"{TITLE_KEY_MARK}{fold(title)}\t{provider}\t{moment}"


def is_title_key(key: str) -> bool:
    """Tell a title key from a match key."""
    return key.startswith(TITLE_KEY_MARK)


def is_complete(key: str) -> bool:
    """Tell whether a title key has all three parts; one with a gap would find the wrong article."""
    return all(key.split("\t")[1:])


@lru_cache(maxsize=65_536)
def article_id(key: str) -> str:
    """Return the id of the article with this match key or title key.

    >>> article_id("forbes.com/sites/a")
    'article/forbes.com/dk27mplcf64n6qcp'
    """
    if is_title_key(key):
        provider = key.split("\t")[2].removeprefix("provider/") or "unknown"
        return f"article/{provider}/{_hash(key, 16)}"
    safe = _SAFE_HOST.match(key)
    host = safe[0] if safe else slug(_AUTHORITY.match(key)[1])  # type: ignore[index]  # it matches any text
    return f"article/{host}/{_hash(key, 16)}"


_SAFE_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?(?=(?::[0-9]*)?(?:[/?#]|\Z))")
_AUTHORITY = re.compile(r"([^/?#]*?)(?::[0-9]*)?(?=[/?#]|\Z)")


def topic_id(label: str) -> str:
    """Return the id of the topic with this label.

    >>> topic_id("Computer Vision"), topic_id(" computer  VISION"), topic_id("C#")
    ('topic/computer-vision', 'topic/computer-vision', 'topic/c_sune2nxaveay')
    """
    return f"topic/{slug(label)}"


@lru_cache(maxsize=65_536)
def fold(text: str) -> str:
    """Fold compatibility forms, case and white space, so that spellings of one label are equal."""
    return " ".join(unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).split())


_SLUG_FORM = re.compile(r"[a-z0-9]+(?: [a-z0-9]+)*")


@lru_cache(maxsize=65_536)
def slug(text: str) -> str:
    """Return a readable name for a folded text: letters, digits and hyphens; what that loses is kept as a hash.

    Two texts have the same slug only if they fold to the same text: a hash stands after ``_``, which no plain slug has.
    """
    folded = fold(text)
    if _SLUG_FORM.fullmatch(folded) and len(folded) <= 64:
        return folded.replace(" ", "-")
    readable = "-".join(re.findall(r"[a-z0-9]+", folded))[:48].strip("-")
    mark = _hash(folded, 12)
    return f"{readable}_{mark}"


def _hash(text: str, length: int) -> str:
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    return base64.b32encode(digest[:10]).decode("ascii").lower()[:length]


class Platforms(NamedTuple):
    """Platform domain → (domain it is known by, its name); aggregator domain → its names, folded."""

    platforms: dict[str, tuple[str, str]]
    aggregators: dict[str, tuple[str, frozenset[str]]]


@cache
def platforms() -> Platforms:
    """Read the table of platforms and aggregators that comes with the package."""
    data = packaged_table("graphkit.identity", "platforms.toml")
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
    """Return publisher and distributor for a provider's name and domain as written; None for what is not there.

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
    """Tell whether a provider is named here with a domain of its own, and not as a guest on somebody else's."""
    if ref.by_name or ref.platform or not ref.domain or not ref.name:
        return False
    aggregator = platforms().aggregators.get(ref.domain)
    return aggregator is None or fold(ref.name) in aggregator[1]
