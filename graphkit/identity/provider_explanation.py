"""Provider explanations: why a provider's name and domain, as a record gives them, mean this publisher."""

from __future__ import annotations

from graphkit.identity.identity_rules import IdentityRules
from graphkit.identity.provider_refs import attribution_at

_SAME = "the name stands for the one provider with a domain of its own that goes by it, if the records show exactly one"
_REASONS = {
    "nothing": "there is neither a name nor a domain",
    "domain": "a provider is its registrable domain, whatever its name",
    "name": f"there is no domain, so {_SAME}",
    "platform": "the domain is a platform's, and no name or site on it is given",
    "platform-site": "on a platform or portal that gives each site a subdomain, the provider is the site",
    "platform-name": "on a platform that many publish on, the provider is the platform and the name",
    "aggregator-label": f"the label names a publisher on an aggregator; {_SAME}",
    "aggregator-guest": f"the name on an aggregator's domain is not the aggregator's own; {_SAME}",
}


def provider_explanation(name: str, domain: str, host: str, rules: IdentityRules | None) -> dict[str, str]:
    """Return publisher and distributor of a page on a host, and the rule that decided.

    >>> provider_explanation("IGN", "youtube.com", "youtube.com", None)["publisher"]
    'provider/youtube.com/ign'
    """
    publisher, distributor, rule = (attribution_at if rules is None else rules.attribution_at)(name, domain, host)
    facts = {"publisher": publisher.id if publisher else "", "distributor": distributor.id if distributor else ""}
    facts["decided"] = f"{rule}: {_REASONS[rule]}" if rule in _REASONS else f"identity.toml: {rule}"
    if rules is not None and publisher is not None and publisher.id in rules.same:
        kept, text = rules.same[publisher.id]
        facts |= {"kept": kept, "because": f"identity.toml: {text}"}
    return {key: value for key, value in facts.items() if value}
