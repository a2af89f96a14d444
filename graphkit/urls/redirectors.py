"""Redirectors: addresses that lead to another one, which they hold."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import NamedTuple

from graphkit.files.packaged_tables import packaged_table
from graphkit.urls.public_suffixes import registrable_domain
from graphkit.urls.receipts import Rule
from graphkit.urls.web_address import decoded, parse


class Redirector(NamedTuple):
    """Where a redirector holds its target: a path (any if empty) and parameters (the whole query if there are none)."""

    path: str
    parameters: tuple[str, ...]
    base: str
    signed: bool


_TARGET = re.compile(r"(?:https?:)?//[^/?#]|www\.", re.IGNORECASE)
_SIGNATURE = re.compile(r":[A-Za-z0-9_-]{20,}\Z")


def unwrap_redirector(authority: str, path: str, query: str | None, rules: list[Rule]) -> str:
    """Return the address that a redirector leads to, or an empty string.

    >>> unwrap_redirector("www.google.com", "/url", "sa=t&url=https://a.example/b&usg=c", [])
    'https://a.example/b'
    """
    if not query:
        return ""
    for redirector in _redirectors_of(authority):
        if redirector.path and path.rstrip("/") != redirector.path:
            continue
        target = _target(query, redirector)
        inner = parse(target, []) if target else ""
        if inner:
            rules.append(Rule("redirect", f"unwrapped from {authority}{path[:40]}"))
            return inner
    return ""


def _target(query: str, redirector: Redirector) -> str:
    """Return the target in a query, if it is an address."""
    if not redirector.parameters:
        target = query if _TARGET.match(query) else decoded(query)
        return target if _TARGET.match(target) else ""
    values = {name.lower(): value for name, _, value in (part.partition("=") for part in reversed(query.split("&")))}
    for name in redirector.parameters:
        target = decoded(values.get(name, "")).strip()
        if redirector.base and target.startswith("/"):
            target = f"{redirector.base}{target}"
        if _TARGET.match(target):
            return _SIGNATURE.sub("", target) if redirector.signed else target
    return ""


@lru_cache(maxsize=4_096)
def _redirectors_of(authority: str) -> tuple[Redirector, ...]:
    host = authority.rpartition("@")[2].removeprefix("www.")
    domain = registrable_domain(host)
    hosts = [host, f"{domain.partition('.')[0]}.*" if host == domain else "", f"*.{host.partition('.')[2]}"]
    table = _redirectors()
    return tuple(found for name in hosts for found in table.get(name, ()))


@cache
def _redirectors() -> dict[str, tuple[Redirector, ...]]:
    table: dict[str, tuple[Redirector, ...]] = {}
    for entry in packaged_table("urls/redirectors.toml")["redirector"]:
        redirector = Redirector(
            entry.get("path", ""), tuple(entry.get("parameters", ())), entry.get("base", ""), entry.get("signed", False)
        )
        for host in entry["hosts"]:
            table[host] = (*table.get(host, ()), redirector)
    return table
