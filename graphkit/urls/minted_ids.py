"""Ids that platforms mint: addresses of one page of YouTube, MSN or X, however they are written."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from graphkit.files.packaged_tables import packaged_table
from graphkit.urls.receipts import Rule


class MintedPage(NamedTuple):
    """How the address of a page with an id looks, and how it or its match key is written."""

    platform: str
    path: re.Pattern[str]
    parameter: str
    query: re.Pattern[str]
    address: str
    key: str


class MintedPages(NamedTuple):
    """Pages by host, hosts that moved, and a pattern of what an address of one of them begins with."""

    pages: dict[str, tuple[MintedPage, ...]]
    moved: dict[str, str]
    hosts: re.Pattern[str]


def may_have_id(url: str) -> bool:
    """Return whether an address lies on a platform that mints ids; a cheap test."""
    return minted_pages().hosts.match(url) is not None


def moved_host(host: str, rules: list[Rule]) -> str:
    """Return the host that a site has today."""
    new = minted_pages().moved.get(host.removeprefix("www.").removeprefix("m."))
    if new is None:
        return host
    rules.append(Rule("moved", f"{host} is {new} today"))
    return new


def minted_address(host: str, path: str, query: str | None, rules: list[Rule]) -> str:
    """Return the address of a page that has an id, without what the id makes superfluous; empty where there is none.

    >>> minted_address("m.youtube.com", "/shorts/QzMZ7nqF9Pk", "feature=share", [])
    'https://www.youtube.com/watch?v=QzMZ7nqF9Pk'
    """
    page, found = _page(host, path, query)
    if page is None:
        return ""
    address = page.address.format(id=found) if page.address else f"https://{host}{path}"
    # Whether a site's addresses begin with www. is left as it is, here as elsewhere.
    address = address.replace(f"https://www.{host}/", f"https://{host}/", 1)
    if address != f"https://{host}{path}{'' if query is None else f'?{query}'}":
        rules.append(Rule("minted-id", f"{page.platform} knows this page as {found[:40]}"))
    return address


def minted_key(host: str, path: str, rules: list[Rule]) -> str:
    """Return the match key of a page whose platform has an id for it; empty where there is none."""
    page, found = _page(host, path, None)
    if page is None or not page.key:
        return ""
    rules.append(Rule("key-id", f"{page.platform} knows this page as {found}"))
    return page.key.format(id=found)


def _page(host: str, path: str, query: str | None) -> tuple[MintedPage | None, str]:
    host = host.removeprefix("www.").removeprefix("m.")
    for page in minted_pages().pages.get(host, ()):
        match = page.path.fullmatch(path)
        if match and page.parameter:
            match = page.query.fullmatch(_first_value(query or "", page.parameter))
        if match:
            return page, match["id"]
    return None, ""


def _first_value(query: str, parameter: str) -> str:
    for part in re.split("[&?]", query):
        name, _, value = part.partition("=")
        if name == parameter:
            return value
    return ""


@cache
def minted_pages() -> MintedPages:
    """Read the table of platforms that mint ids."""
    table = packaged_table("urls/minted_ids.toml")
    pages: dict[str, tuple[MintedPage, ...]] = {}
    for entry in table["page"]:
        page = MintedPage(
            entry["platform"],
            re.compile(entry["path"]),
            entry.get("parameter", ""),
            re.compile(entry.get("query", "")),
            entry.get("address", ""),
            entry.get("key", ""),
        )
        for host in entry["hosts"]:
            pages[host] = (*pages.get(host, ()), page)
    moved = {host: entry["to"] for entry in table["moved"] for host in entry["hosts"]}
    hosts = "|".join(re.escape(host) for host in sorted({*pages, *moved}))
    return MintedPages(pages, moved, re.compile(rf"https?://(?:www\.|m\.|www\.m\.)?(?:{hosts})[/:?#]"))
