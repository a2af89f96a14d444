"""Identity rules: what a person states about providers and articles in identity.toml, where the policy is wrong.

Same providers, things that are never the same, the provider that a label means, parameters that are content on a host.
Each rule has a text, by which receipts, `graphkit explain` and the report name it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

import msgspec

from graphkit.identity.folding import fold, slug
from graphkit.identity.platforms import aggregator_of
from graphkit.identity.provider_refs import Attribution, ProviderRef, attribution, attribution_at
from graphkit.urls import canonical_url
from graphkit.urls.content_parameters import ContentParameters, keeps_parameter
from graphkit.urls.domains import host_of
from graphkit.urls.match_key import match_key
from graphkit.urls.receipts import Receipt, Rule
from graphkit.urls.web_address import tidy

COUNTED = "identity\t"
"""What the counts of rules begin with, among those of a merge."""


class IdentityRules(msgspec.Struct, frozen=True):
    """The rules of identity.toml.

    `same` leads from a provider's id to the one to keep, `kept` describes that one. `apart` are providers, each with
    the texts of the rules by which it is never the same as the others of a rule; `sites` are hosts that are therefore
    providers by themselves. `pages` are match keys that identify articles by themselves, with the rule's text. `labels`
    are folded, each with the provider that it means. `parameters` are the names that are content, by host. `texts` are
    the texts of all rules, sorted.
    """

    texts: tuple[str, ...] = ()
    same: dict[str, tuple[str, str]] = {}
    kept: dict[str, tuple[str, str]] = {}
    apart: dict[str, tuple[str, ...]] = {}
    sites: dict[str, str] = {}
    pages: dict[str, str] = {}
    labels: dict[str, tuple[ProviderRef, str]] = {}
    parameters: ContentParameters = ()

    def keeps_apart(self, one: str, other: str) -> str:
        """Return the text of the rule that two providers are never the same by, empty if there is none."""
        texts = self.apart.get(one, ())
        return next((text for text in self.apart.get(other, ()) if text in texts), "")

    def keeps_pages_apart(self, key: str, address: str) -> bool:
        """Return whether an address is never the article with this key, whatever a record declares."""
        text = self.pages.get(key)
        other = page_key(address) if text is not None else key
        return other != key and self.pages.get(other) == text

    def attribution_at(self, name: str, domain: str, host: str) -> Attribution:
        """Return who published and distributed a page on a host."""
        found = self._of_site(name, domain) or attribution_at(name, domain, host)
        known = self.labels.get(fold(name)) if name else None
        if known is None:
            return found
        target, text = known
        written = found.publisher.name if found.publisher and found.rule == "aggregator-label" else name
        publisher = msgspec.structs.replace(target, name=target.name if target.by_name else written, label=name)
        distributor = found.distributor
        if distributor is None and found.publisher is not None and found.publisher.id != target.id:
            aggregator = aggregator_of(host_of(domain))
            if aggregator is not None:
                distributor = ProviderRef(f"provider/{aggregator.domain}", aggregator.name, aggregator.domain)
        return Attribution(publisher, distributor, text)

    def _of_site(self, name: str, domain: str) -> Attribution | None:
        """Return the provider that a host is by itself, as it is never the same as others of its domain."""
        labels = host_of(domain).split(".") if self.sites and domain else []
        for start in range(len(labels) - 1):
            host = ".".join(labels[start:])
            if host in self.sites:
                return Attribution(ProviderRef(f"provider/{host}", name, host, label=name), None, self.sites[host])
        return None

    def receipt(self, address: str) -> Receipt:
        """Return the receipt of an address, see `canonical_url.receipt`."""
        if self.pages:
            url, host, key = _page(address)
            if key in self.pages:
                return Receipt(url, key, host, (Rule("identity-different", self.pages[key]),))
        return canonical_url.receipt(address, self.parameters)

    def uses(self, key: str, urls: Iterable[str]) -> Iterable[str]:
        """Yield the texts of the rules that identified an article with this key and these canonical URLs."""
        if key in self.pages:
            yield self.pages[key]
        for host, names in self.parameters:
            if any(keeps_parameter(url, host, names) for url in urls):
                yield parameters_text(host, names)

    def uses_for(self, ref: ProviderRef) -> set[str]:
        """Return the texts of the rules that a provider was named by."""
        label = self.labels.get(fold(ref.label)) if ref.label else None
        texts = {label[1]} if label is not None and label[0].id == ref.id else set()
        return texts | {self.sites[ref.domain]} if ref.domain in self.sites else texts

    def counts(self, used: Iterable[str]) -> Counter[str]:
        """Return how often each rule was used, as counts of a merge."""
        return Counter(f"{COUNTED}{text}" for text in used)


def parameters_text(host: str, names: Iterable[str]) -> str:
    """Return the text of a rule about parameters."""
    return f"parameters: {host}: {', '.join(names)}"


def _page(address: str) -> tuple[str, str, str]:
    """Return an address, its host and its match key as they are without the policy."""
    url = tidy(address)
    if not url:
        return "", "", ""
    url = f"https://{url.partition('://')[2]}"
    return url, *match_key(url, [])


def page_key(address: str) -> str:
    """Return the match key that an address has without the policy, empty if it is no web address."""
    return _page(address)[2]


def provider_named(text: str) -> ProviderRef | None:
    """Return the provider that identity.toml names: a domain, a platform and a name, or a bare name; None if none.

    >>> provider_named("www.Forbes.com").id, provider_named("youtube.com/IGN").id, provider_named("Forbes").id
    ('provider/forbes.com', 'provider/youtube.com/ign', 'provider/forbes')
    """
    scheme, _, rest = text.strip().removeprefix("provider/").rpartition("://")
    domain, _, name = rest.partition("/")
    name = name.strip("/")
    found = attribution("", domain).publisher if "." in domain else None
    if found is not None:
        if not name or scheme:
            return found
        aggregator = aggregator_of(host_of(domain))
        if aggregator is not None:
            found = ProviderRef(found.id, aggregator.name, aggregator.domain, aggregator.name)
        if not found.platform:
            return None
        return msgspec.structs.replace(found, id=f"{found.id}/{_slug_of(name)}", name=name)
    if scheme or "/" in rest or not fold(rest):
        return None
    return ProviderRef(f"provider/{_slug_of(rest)}", rest, by_name=True)


def _slug_of(text: str) -> str:
    """Return the slug of a name; one that is a slug already, as in the graph, is kept."""
    return text if _SLUG.fullmatch(text) else slug(text)


_SLUG = re.compile(r"(?:[a-z0-9]+(?:-[a-z0-9]+)*)?(?:_[a-z2-7]{12})?")
