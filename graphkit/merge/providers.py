"""Providers: those that mentions refer to, each with all its names, and who a bare name stands for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

import msgspec

from graphkit.identity.folding import fold, letters
from graphkit.identity.provider_refs import ProviderRef, shows_own_domain


class Provider(msgspec.Struct, frozen=True):
    """A provider; `names` are all names seen, `name` the commonest, or the domain where none was seen."""

    id: str
    name: str
    names: tuple[str, ...]
    domain: str
    platform: str


def final_provider_ids(signatures: Iterable[tuple[Iterable[ProviderRef], int]]) -> dict[str, str]:
    """Return the final id of each bare name that stands for another provider, by the id that it has by itself.

    A bare name stands for the provider with a domain of its own that goes by it, or by the same letters if nobody goes
    by that name; if there are several, for none of them. Bare names that no domain has are one provider if they are on
    the same aggregator and have the same letters. This is found before entries without URL are resolved, as it helps to
    resolve them.
    """
    refs = {ref for signature, number in signatures if number for ref in signature}
    by_name: dict[str, set[str]] = defaultdict(set)
    by_letters: dict[str, set[str]] = defaultdict(set)
    for ref in refs:
        if shows_own_domain(ref):
            by_name[fold(ref.name)].add(ref.id)
            by_letters[letters(ref.name)].add(ref.id)
    alike: dict[tuple[str, str], set[str]] = defaultdict(set)
    found = {}
    for ref in refs:
        if ref.by_name:
            owners = by_name.get(fold(ref.name)) or by_letters.get(letters(ref.name))
            if owners is None:
                alike[ref.domain, letters(ref.name)].add(ref.id)
            elif len(owners) == 1:
                (found[ref.id],) = owners
    for ids in alike.values():
        # With the most words: "Game Rant" rather than "GameRant".
        chosen = min(ids, key=lambda one: (-one.count("-"), one))
        found.update(dict.fromkeys(ids - {chosen}, chosen))
    return found


def provider_id(ref: ProviderRef, final_ids: Mapping[str, str]) -> str:
    """Return the id of the provider that `ref` refers to."""
    return final_ids.get(ref.id, ref.id)


def all_providers(
    signatures: Iterable[tuple[Iterable[ProviderRef], int]], final_ids: Mapping[str, str]
) -> tuple[Provider, ...]:
    """Return all providers, sorted by id, each with the name that most articles give it."""
    names: dict[str, Counter[str]] = defaultdict(Counter)
    about: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for refs, number in signatures:
        named = set()
        for ref in refs:
            node = provider_id(ref, final_ids)
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
