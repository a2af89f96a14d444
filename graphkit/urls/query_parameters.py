"""Query parameters: those that identify a page, without trackers, sessions and requests for AMP."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import NamedTuple

from graphkit.files.packaged_tables import packaged_table
from graphkit.urls.amp import is_amp_parameter
from graphkit.urls.public_suffixes import registrable_domain
from graphkit.urls.receipts import Rule
from graphkit.urls.sessions import is_session_parameter

# A question mark that begins a parameter: somebody added it without looking whether there is a query already.
_SECOND_QUERY = re.compile(r"\?(?=[A-Za-z_][A-Za-z0-9_.-]*=)")
# A parameter whose value cannot be an address or a sentence, of which the question mark would be a part.
_PLAIN_PARAMETER = re.compile(r"[A-Za-z0-9_.~-]*(?:=[A-Za-z0-9_.~-]*)?")
# What is left of "&amp;" where only a part of it was decoded.
_AMPERSAND_NAME = re.compile(r"(?:amp(?:;|%3B))+", re.IGNORECASE)


class Trackers(NamedTuple):
    """Names of tracking parameters: in small letters, as written, and what such names begin with."""

    names: frozenset[str]
    as_written: frozenset[str]
    prefixes: tuple[str, ...]


def identifying_query(query: str, host: str, rules: list[Rule]) -> str | None:
    """Return the part of a query that identifies a page of `host`; None where none is left."""
    trackers, of_site = _trackers(), _site_trackers(host)
    kept = []
    parts = _parts(query, rules)
    for part in parts:
        name = part.partition("=")[0]
        folded = name.lower()
        if folded in trackers.names or name in trackers.as_written or folded.startswith(trackers.prefixes):
            rules.append(Rule("tracking", f"{folded[:40]} dropped"))
        elif folded in of_site:
            rules.append(Rule("tracking", f"{folded[:40]} dropped, which tracks on {registrable_domain(host)}"))
        elif is_session_parameter(folded, parts):
            rules.append(Rule("session", f"{folded} dropped"))
        elif is_amp_parameter(part):
            rules.append(Rule("amp-query", f"{part[:40]} dropped"))
        else:
            kept.append(part)
    if not kept:
        rules.append(Rule("empty-query", "the empty query dropped"))
        return None
    return "&".join(kept)


def _parts(query: str, rules: list[Rule]) -> list[str]:
    """Return the parameters of a query, without empty ones and superfluous question marks."""
    parts = query.split("&")
    if "?" in query:
        separated = [piece for part in query.rstrip("?").split("&") for piece in _at_question_marks(part.lstrip("?"))]
        if separated != parts:
            rules.append(Rule("second-query", "a superfluous question mark dropped"))
            parts = separated
    if "amp;" in query or "%3B" in query:
        named = [_AMPERSAND_NAME.sub("", part) if _AMPERSAND_NAME.match(part) else part for part in parts]
        if named != parts:
            rules.append(Rule("html-ampersand", "&amp; written as &"))
            parts = named
    full = [part for part in parts if part]
    if full and len(full) < len(parts):
        rules.append(Rule("empty-parameter", "an empty parameter dropped"))
    return full


def _at_question_marks(part: str) -> list[str]:
    pieces: list[str] = []
    for piece in _SECOND_QUERY.split(part):
        pieces.append(piece)
        if not _PLAIN_PARAMETER.fullmatch(piece):
            break
    rest = part[sum(map(len, pieces)) + len(pieces) :]
    return [*pieces[:-1], f"{pieces[-1]}?{rest}"] if rest else pieces


@cache
def _trackers() -> Trackers:
    table = packaged_table("urls/tracking_parameters.toml")
    names = [name for group in table["group"] for name in group["names"]]
    return Trackers(
        frozenset(name for name in names if name == name.lower()),
        frozenset(name for name in names if name != name.lower()),
        tuple(table["prefixes"]),
    )


@lru_cache(maxsize=4_096)
def _site_trackers(host: str) -> frozenset[str]:
    """Return the names that track on a host, by the tables of its registrable domain and of each host above it."""
    sites = _sites()
    domain = registrable_domain(host)
    names: set[str] = set()
    while host.endswith(domain) and host:
        names |= sites.get(host, frozenset())
        host = host.partition(".")[2]
    return frozenset(names)


@cache
def _sites() -> dict[str, frozenset[str]]:
    """Return the names that track on each site."""
    sites: dict[str, frozenset[str]] = {}
    for site in packaged_table("urls/tracking_parameters.toml")["site"]:
        for domain in site["domains"]:
            sites[domain] = sites.get(domain, frozenset()) | frozenset(site["names"])
    return sites
