"""Content parameters: those that a person states to be content on a host, though they track readers elsewhere."""

from __future__ import annotations

from graphkit.urls.query_parameters import identifying_query
from graphkit.urls.receipts import Rule
from graphkit.urls.web_address import PARTS

ContentParameters = tuple[tuple[str, tuple[str, ...]], ...]
"""Hosts, each with names of parameters in lower case."""


def query_with_content(query: str, host: str, content: ContentParameters, rules: list[Rule]) -> str | None:
    """Return the part of a query that identifies a page of `host`, see `identifying_query`, with what is content there.

    The parameters that are content come first, in their order.
    """
    names = _names_on(host, content)
    kept = [part for part in query.split("&") if _name(part) in names]
    if not kept:
        return identifying_query(query, host, rules)
    for part in kept:
        rule = Rule("identity-parameters", f"{_name(part)} kept: identity.toml says that it is content on this host")
        if rule not in rules:
            rules.append(rule)
    others = [part for part in query.split("&") if _name(part) not in names]
    rest = identifying_query("&".join(others), host, rules) if others else None
    return "&".join([*kept, rest] if rest else kept)


def keeps_parameter(url: str, host: str, names: tuple[str, ...]) -> bool:
    """Return whether an address has a parameter only because it is content on a host."""
    match = PARTS.fullmatch(url)
    if match is None or not match[4]:
        return False
    kept = _names_on(match[2], ((host, names),))
    return any(_name(part) in kept and identifying_query(part, match[2], []) is None for part in match[4].split("&"))


def _names_on(host: str, content: ContentParameters) -> frozenset[str]:
    plain = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    return frozenset(name for one, names in content if f".{plain}".endswith(f".{one}") for name in names)


def _name(part: str) -> str:
    return part.partition("=")[0].lower()
