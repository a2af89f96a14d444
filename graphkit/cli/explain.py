"""``graphkit explain``: how a URL becomes the identity of an article, and whether two are one article."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graphkit.cli.options import ExplicitIdentityOption, JsonOption
from graphkit.diagnostics.quoting import for_terminal
from graphkit.errors import GraphkitError, UsageError

if TYPE_CHECKING:
    from graphkit.identity.identity_rules import IdentityRules
    from graphkit.urls.receipts import Receipt

_AMP = {"amphtml": "an AMP page of the publisher", "cachedCopy": "a copy in an AMP cache or viewer"}


def explain(
    url: Annotated[str, typer.Argument(metavar="URL", help="Any address, as a record gives it.")],
    other: Annotated[
        str,
        typer.Argument(metavar="[URL]", help="A second address: are they one article, and why?", show_default=False),
    ] = "",
    provider: Annotated[
        str, typer.Option("--provider", help="The provider's name or label, as the record gives it.")
    ] = "",
    domain: Annotated[str, typer.Option("--domain", help="The provider's domain, as the record gives it.")] = "",
    identity: ExplicitIdentityOption = None,
    json: JsonOption = False,
) -> None:
    """Show the canonical URL, the match key, every rule that fired and the article's id; compare two addresses."""
    from graphkit.files.atomic import json_text
    from graphkit.identity.identity_file import identity_rules
    from graphkit.identity.provider_explanation import provider_explanation

    corrections = identity_rules((), identity)
    if other and (provider or domain):
        raise UsageError("provider: expected one address with --provider or --domain, got two")
    found = _receipt(url, corrections)
    facts = _facts(url, found)
    if provider or domain:
        facts |= provider_explanation(provider, domain, found.host, corrections)
    explained = [{**facts, "rules": _rules(found)}]
    if not other:
        print(json_text(explained[0]), end="") if json else _print_facts(explained[0])
        return
    second = _receipt(other, corrections)
    explained.append({**_facts(other, second), "rules": _rules(second)})
    is_one, reason = _verdict(found, second)
    if json:
        print(json_text({"addresses": explained, "one_article": is_one, "reason": reason}), end="")
        return
    for each in explained:
        _print_facts(each)
        print()
    verdict = f"{'one article' if is_one else 'two articles'}: {reason}"
    print(textwrap.fill(for_terminal(verdict), 80, break_long_words=False, break_on_hyphens=False))


def _receipt(url: str, corrections: IdentityRules | None) -> Receipt:
    from graphkit.urls.canonical_url import receipt
    from graphkit.urls.web_address import MAX_URL

    found = receipt(url) if corrections is None else corrections.receipt(url)
    if not found.url and found.rules and found.rules[-1].name == "endless":
        raise GraphkitError(f"URL: expected an address behind the redirectors, got {found.rules[-1].detail}")
    if not found.url:
        raise GraphkitError(f"URL: expected a web address (http or https), got {url!r}")
    if len(found.url) > MAX_URL:
        raise GraphkitError(f"URL: expected at most {MAX_URL:,} characters, got {len(found.url):,}")
    return found


def _facts(url: str, found: Receipt) -> dict[str, Any]:
    from graphkit.identity.article_keys import article_id
    from graphkit.urls.canonical_url import POLICY_VERSION

    facts = {"given": url, "canonical": found.url, "key": found.key, "id": article_id(found.key)}
    return {**facts, "policy": POLICY_VERSION, **({"amp": found.amp} if found.amp else {})}


def _rules(found: Receipt) -> list[dict[str, str]]:
    return [{"rule": rule.name, "detail": rule.detail} for rule in found.rules]


def _print_facts(facts: dict[str, Any]) -> None:
    rules = facts.pop("rules")
    for name, value in facts.items():
        print(for_terminal(f"{name:<10} {_AMP[value] if name == 'amp' else value}"))
    for index, rule in enumerate(rules):
        print(for_terminal(f"{'' if index else 'rules':<10} {rule['rule']}: {rule['detail']}"))
    if not rules:
        print(f"{'rules':<10} none fired")


def _verdict(first: Receipt, second: Receipt) -> tuple[bool, str]:
    """Return whether two addresses are one article, and why."""
    from graphkit.urls.key_comparison import key_difference

    if first.key != second.key:
        stated = [rule.detail for rule in first.rules if rule.name == "identity-different" and rule in second.rules]
        if stated:
            return False, f"identity.toml says that they are never the same ({stated[0]})."
        return False, f"they differ in {key_difference(first.key, second.key)}."
    rules = list(dict.fromkeys(rule.name for rule in (*first.rules, *second.rules)))
    same = "both have the same canonical URL" if first.url == second.url else f"both match as {first.key}"
    return True, f"{same}, by {', '.join(rules)}." if rules else f"{same}."
