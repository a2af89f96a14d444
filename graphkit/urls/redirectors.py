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
    """Where a redirector holds its target, and how it writes it; see the table."""

    path: str
    parameters: tuple[str, ...]
    address: re.Pattern[str] | None
    base: str
    signed: bool
    writing: dict[int, str]


_TARGET = re.compile(r"(?:https?:)?//[^/?#]|www\.", re.IGNORECASE)
_SIGNATURE = re.compile(r":[A-Za-z0-9_-]{20,}\Z")


def may_redirect(url: str) -> bool:
    """Return whether an address without a query may be a redirector's; a cheap test."""
    return _hosts_with_targets_in_paths().match(url) is not None


def unwrap_redirector(authority: str, path: str, query: str | None, rules: list[Rule]) -> str:
    """Return the address that a redirector leads to, or an empty string.

    >>> unwrap_redirector("www.google.com", "/url", "sa=t&url=https://a.example/b&usg=c", [])
    'https://a.example/b'
    """
    for redirector in _redirectors_of(authority):
        if redirector.path and path.rstrip("/") != redirector.path:
            continue
        target = _target(path, query or "", redirector)
        inner = parse(target, []) if target else ""
        if inner:
            rules.append(Rule("redirect", f"unwrapped from {authority}{path[:40]}"))
            return inner
    return ""


def _target(path: str, query: str, redirector: Redirector) -> str:
    """Return the target in an address, if it is an address itself."""
    if redirector.address is not None:
        found = redirector.address.fullmatch(f"{path}?{query}" if query else path)
        return _address(found[1] if found else "")
    if not redirector.parameters:
        return _address(query)
    values = {name.lower(): value for name, _, value in (part.partition("=") for part in reversed(query.split("&")))}
    for name in redirector.parameters:
        target = decoded(values.get(name, "").translate(redirector.writing)).strip()
        if redirector.base and target.startswith("/"):
            target = f"{redirector.base}{target}"
        if _TARGET.match(target):
            return _SIGNATURE.sub("", target) if redirector.signed else target
    return ""


def _address(text: str) -> str:
    target = text if _TARGET.match(text) else decoded(text)
    return target if _TARGET.match(target) else ""


@lru_cache(maxsize=4_096)
def _redirectors_of(authority: str) -> tuple[Redirector, ...]:
    host = authority.rpartition("@")[2].removeprefix("www.")
    domain = registrable_domain(host)
    hosts = [host, f"{domain.partition('.')[0]}.*" if host == domain else "", f"*.{host.partition('.')[2]}"]
    table = _redirectors()
    return tuple(found for name in hosts for found in table.get(name, ()))


@cache
def _hosts_with_targets_in_paths() -> re.Pattern[str]:
    hosts = (host for host, of_host in _redirectors().items() for one in of_host if one.address is not None)
    return re.compile(rf"https://(?:{'|'.join(sorted(map(re.escape, hosts)))})/")


@cache
def _redirectors() -> dict[str, tuple[Redirector, ...]]:
    table: dict[str, tuple[Redirector, ...]] = {}
    for entry in packaged_table("urls/redirectors.toml")["redirector"]:
        redirector = Redirector(
            path=entry.get("path", ""),
            parameters=tuple(entry.get("parameters", ())),
            address=re.compile(entry["address"], re.DOTALL) if "address" in entry else None,
            base=entry.get("base", ""),
            signed=entry.get("signed", False),
            writing=str.maketrans(entry.get("writing", {})),
        )
        for host in entry["hosts"]:
            table[host] = (*table.get(host, ()), redirector)
    return table
