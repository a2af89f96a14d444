"""``graphkit explain``: how a URL becomes the identity of an article."""

from __future__ import annotations

from typing import Annotated

import typer

from graphkit.cli.options import ExplicitIdentityOption, JsonOption
from graphkit.diagnostics.quoting import visible
from graphkit.errors import GraphkitError

_AMP = {"amphtml": "an AMP page of the publisher", "cachedCopy": "a copy in an AMP cache or viewer"}


def explain(
    url: Annotated[str, typer.Argument(metavar="URL", help="Any address, as a record gives it.")],
    provider: Annotated[
        str, typer.Option("--provider", help="The provider's name or label, as the record gives it.")
    ] = "",
    domain: Annotated[str, typer.Option("--domain", help="The provider's domain, as the record gives it.")] = "",
    identity: ExplicitIdentityOption = None,
    json: JsonOption = False,
) -> None:
    """Show the canonical URL, the match key, every rule that fired and the article's id."""
    from graphkit.files.atomic import json_text
    from graphkit.identity.article_keys import article_id
    from graphkit.identity.identity_file import identity_rules
    from graphkit.identity.provider_explanation import provider_explanation
    from graphkit.urls.canonical_url import POLICY_VERSION, receipt
    from graphkit.urls.web_address import MAX_URL

    corrections = identity_rules((), identity)
    found = receipt(url) if corrections is None else corrections.receipt(url)
    if not found.url and found.rules and found.rules[-1].name == "endless":
        raise GraphkitError(f"URL: expected an address behind the redirectors, got {found.rules[-1].detail}")
    if not found.url:
        raise GraphkitError(f"URL: expected a web address (http or https), got {url!r}")
    if len(found.url) > MAX_URL:
        raise GraphkitError(f"URL: expected at most {MAX_URL:,} characters, got {len(found.url):,}")
    article = article_id(found.key)
    facts = {"given": url, "canonical": found.url, "key": found.key, "id": article, "policy": POLICY_VERSION}
    if found.amp:
        facts["amp"] = found.amp if json else _AMP[found.amp]
    if provider or domain:
        facts |= provider_explanation(provider, domain, found.host, corrections)
    if json:
        rules = [{"rule": rule.name, "detail": rule.detail} for rule in found.rules]
        print(json_text({**facts, "rules": rules}), end="")
        return
    for name, value in facts.items():
        print(visible(f"{name:<10} {value}"))
    for index, rule in enumerate(found.rules):
        print(visible(f"{'' if index else 'rules':<10} {rule.name}: {rule.detail}"))
    if not found.rules:
        print(f"{'rules':<10} none fired")
