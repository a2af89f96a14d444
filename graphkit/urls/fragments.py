"""Fragments: those that name a page of its own, as in applications and help systems, and not a place on a page."""

from __future__ import annotations

import re

from graphkit.urls.query_parameters import identifying_query
from graphkit.urls.receipts import Rule

# What browsers look for on a page: https://wicg.github.io/scroll-to-text-fragment/
_TEXT = ":~:"
# A fragment that begins like a path, `#/news/1` or `#!news`, and says more than that it does.
_ROUTE = re.compile(r"!?/*[^/!].*", re.DOTALL)
# A path without a slash at its beginning: segments without sign of a parameter or of another address.
_PATH = re.compile(
    r"(?!(?:comments?|disqus_thread|respond|replies|reply)/)[^/?=&:]+(?:/[^/?=&:]+)+/?(?:\?.*)?", re.DOTALL
)
# A file, also as the topic of a help system: `#power_modes.html`, `#t=Guide/power_modes.htm`.
_FILE = re.compile(r"(?:t=)?[^?=&:]+\.x?html?(?:[?&].*)?", re.DOTALL | re.IGNORECASE)


def page_fragment(fragment: str, host: str, rules: list[Rule]) -> str | None:
    """Return what of a fragment names a page of `host`; None where nothing does.

    >>> [page_fragment(one, "a.example", []) for one in ("page/Guide/modes.html", "comments", "!news/7?utm_source=x")]
    ['page/Guide/modes.html', None, '!news/7']
    """
    place, found, _ = fragment.partition(_TEXT)
    if found:
        rules.append(Rule("fragment", f"#{_TEXT} dropped, the text to look for"))
    if place.startswith(("!", "/")):
        names_page = _ROUTE.fullmatch(place) is not None
    else:
        names_page = _PATH.fullmatch(place) is not None or _FILE.fullmatch(place) is not None
    if names_page:
        return _without_readers(place, host, rules)
    if place or not found:
        rules.append(Rule("fragment", f"#{place[:40]} dropped"))
    return None


def _without_readers(place: str, host: str, rules: list[Rule]) -> str:
    """Return a fragment without what it says of a reader: trackers in its query, words that a help system was asked."""
    if place.startswith("t=") and "&" in place:
        rules.append(Rule("fragment", "what was searched for dropped"))
        return place.partition("&")[0]
    path, mark, query = place.partition("?")
    kept = identifying_query(query, host, rules) if mark else None
    return path if kept is None else f"{path}?{kept}"
