"""Providers: those that mentions refer to, each with all its names, and who a bare name stands for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

import msgspec

from graphkit.identity.folding import fold
from graphkit.identity.provider_refs import ProviderRef, shows_own_domain


class Provider(msgspec.Struct, frozen=True):
    """A provider; `names` are all names seen, `name` the commonest, or the domain where none was seen."""

    id: str
    name: str
    names: tuple[str, ...]
    domain: str
    platform: str


def name_owners(signatures: Iterable[tuple[Iterable[ProviderRef], int]]) -> dict[str, str]:
    """Return, by folded name, the provider that mentions name with a domain of its own.

    If several domains go by one name, the one with the most articles owns it, then the larger id. This is found before
    entries without URL are resolved, as it helps to resolve them.
    """
    seen: dict[str, Counter[str]] = defaultdict(Counter)
    for signature, number in signatures:
        for name, provider in {(fold(ref.name), ref.id) for ref in signature if shows_own_domain(ref)}:
            seen[name][provider] += number
    return {name: commonest(counter) for name, counter in seen.items()}


def provider_id(ref: ProviderRef, owners: Mapping[str, str]) -> str:
    """Return the id of the provider that `ref` refers to; a bare name refers to its owner."""
    return owners.get(fold(ref.name), ref.id) if ref.by_name else ref.id


def all_providers(
    signatures: Iterable[tuple[Iterable[ProviderRef], int]], owners: Mapping[str, str]
) -> tuple[Provider, ...]:
    """Return all providers, sorted by id, each with the name that most articles give it."""
    names: dict[str, Counter[str]] = defaultdict(Counter)
    about: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for refs, number in signatures:
        named = set()
        for ref in refs:
            node = provider_id(ref, owners)
            named.add((node, ref.name))
            if node == ref.id:
                about[node].add((ref.domain, ref.platform))
        for node, name in named:
            names[node][name] += number if name else 0
    providers = []
    for node in sorted(names):
        domain, platform = max(about[node])
        name = commonest(names[node]) or domain
        providers.append(Provider(node, name, tuple(sorted({name, *names[node]} - {""})), domain, platform))
    return tuple(providers)


def commonest(counter: Counter[str]) -> str:
    """Return the text with the largest count, then the larger text."""
    return max(counter, key=lambda text: (counter[text], text))
