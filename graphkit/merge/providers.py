"""Providers: those that mentions refer to, each with all its names, and who a bare name stands for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import NamedTuple

import msgspec

from graphkit.identity.folding import fold, letters
from graphkit.identity.identity_rules import IdentityRules
from graphkit.identity.provider_refs import ProviderRef, shows_own_domain


class Provider(msgspec.Struct, frozen=True):
    """A provider; `names` are all names seen, `name` the commonest, or the domain where none was seen."""

    id: str
    name: str
    names: tuple[str, ...]
    domain: str
    platform: str


class ProviderDecisions(NamedTuple):
    """The final id of each provider that has another one, and the rules of identity.toml that decided, by first id."""

    ids: dict[str, str]
    rules: dict[str, set[str]]


def provider_decisions(
    signatures: Iterable[tuple[Iterable[ProviderRef], int]], rules: IdentityRules | None = None
) -> ProviderDecisions:
    """Return which providers that mentions name are others.

    A bare name stands for the provider with a domain of its own that goes by it, or by the same letters if nobody goes
    by that name; if there are several, for none of them. Bare names that no domain has are one provider if they are on
    the same aggregator and have the same letters. `rules` say which providers are the same, and which never are. This
    is found before entries without URL are resolved, as it helps to resolve them.
    """
    refs = {ref for signature, number in signatures if number for ref in signature}
    found = ProviderDecisions({}, defaultdict(set))
    same = {} if rules is None else rules.same
    for ref in refs:
        if ref.id in same:
            kept, text = same[ref.id]
            found.rules[ref.id].add(text)
            if kept != ref.id:
                found.ids[ref.id] = kept
    by_name: dict[str, set[str]] = defaultdict(set)
    by_letters: dict[str, set[str]] = defaultdict(set)
    for ref in refs:
        if shows_own_domain(ref):
            by_name[fold(ref.name)].add(found.ids.get(ref.id, ref.id))
            by_letters[letters(ref.name)].add(found.ids.get(ref.id, ref.id))
    alike: dict[tuple[str, str], set[str]] = defaultdict(set)
    for ref in refs:
        if not ref.by_name or ref.id in found.ids:
            continue
        owners = by_name.get(fold(ref.name)) or by_letters.get(letters(ref.name))
        if owners is None:
            alike[ref.domain, letters(ref.name)].add(ref.id)
        else:
            owner = _one_of(owners, ref.id, rules, found)
            if owner:
                found.ids[ref.id] = owner
    for ids in alike.values():
        # With the most words: "Game Rant" rather than "GameRant".
        chosen = min(ids, key=lambda one: (-one.count("-"), one))
        found.ids.update((one, chosen) for one in ids if one != chosen and _one_of({chosen}, one, rules, found))
    return found


def _one_of(owners: set[str], node: str, rules: IdentityRules | None, found: ProviderDecisions) -> str:
    """Return the one owner of a name that a provider may be, empty if there is none or more than one."""
    if rules is not None:
        forbidden = {owner: text for owner in owners if (text := rules.keeps_apart(node, owner))}
        found.rules[node].update(forbidden.values())
        owners = owners - forbidden.keys()
    return next(iter(owners)) if len(owners) == 1 else ""


def rule_counts(
    signatures: Iterable[tuple[Iterable[ProviderRef], int]], decided: ProviderDecisions, rules: IdentityRules | None
) -> Counter[str]:
    """Return about the providers of how many articles each rule of identity.toml decided."""
    counts: Counter[str] = Counter()
    if rules is not None:
        for signature, number in signatures:
            used = set()
            for ref in signature:
                used |= decided.rules.get(ref.id, set()) | rules.uses_for(ref)
            for name in rules.counts(used):
                counts[name] += number
    return counts


def provider_id(ref: ProviderRef, final_ids: Mapping[str, str]) -> str:
    """Return the id of the provider that `ref` refers to."""
    return final_ids.get(ref.id, ref.id)


def all_providers(
    signatures: Iterable[tuple[Iterable[ProviderRef], int]],
    final_ids: Mapping[str, str],
    rules: IdentityRules | None = None,
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
        # Nobody may name the one that identity.toml keeps.
        domain, platform = max(about[node]) if node in about or rules is None else rules.kept[node]
        name = commonest(names[node]) or domain
        providers.append(Provider(node, name, tuple(sorted({name, *names[node]} - {""})), domain, platform))
    return tuple(providers)


def commonest(counter: Counter[str]) -> str:
    """Return the text with the largest count, then the larger text."""
    return max(counter, key=lambda text: (counter[text], text))
