"""Fragments: those that name a page of its own, as in applications and help systems, and not a place on a page."""

from __future__ import annotations

import re

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


def page_fragment(fragment: str, rules: list[Rule]) -> str | None:
    """Return what of a fragment names a page; None where nothing does.

    >>> page_fragment("page/Guide/modes.html", []), page_fragment("comments", []), page_fragment("!news/7", [])
    ('page/Guide/modes.html', None, '!news/7')
    """
    place, found, _ = fragment.partition(_TEXT)
    if found:
        rules.append(Rule("fragment", f"#{_TEXT} dropped, the text to look for"))
    if place.startswith(("!", "/")):
        names_page = _ROUTE.fullmatch(place) is not None
    else:
        names_page = _PATH.fullmatch(place) is not None or _FILE.fullmatch(place) is not None
    if names_page:
        return place
    if place or not found:
        rules.append(Rule("fragment", f"#{place[:40]} dropped"))
    return None
