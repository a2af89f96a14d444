"""Keys and ids of articles: a match key of a URL, or a title key for an entry without URL."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache

from graphkit.identity.folding import fold, short_hash, slug

TITLE_KEY_MARK = "\t"
"""What a title key begins with and no match key contains."""


def title_key(title: str, provider: str, published_at: datetime | None) -> str:
    """Return the key of an entry without URL: its folded title, its provider's id and its date."""
    moment = "" if published_at is None else published_at.isoformat()
    return f"{TITLE_KEY_MARK}{fold(title)}\t{provider}\t{moment}"


def is_title_key(key: str) -> bool:
    """Tell a title key from a match key."""
    return key.startswith(TITLE_KEY_MARK)


def is_complete(key: str) -> bool:
    """Return whether a title key has all three parts; one with a gap would find the wrong article."""
    return all(key.split("\t")[1:4])


def title_key_at(key: str, source: str, pointer: str) -> str:
    """Return the key of an entry at a place: with the place if its title key has a gap, and so shows no article."""
    return f"{key}\t{source}\t{pointer}" if is_title_key(key) and not is_complete(key) else key


@lru_cache(maxsize=65_536)
def article_id(key: str) -> str:
    """Return the id of the article with this match key or title key.

    >>> article_id("forbes.com/sites/a")
    'article/forbes.com/dk27mplcf64n6qcp'
    """
    if is_title_key(key):
        provider = key.split("\t")[2].removeprefix("provider/") or "unknown"
        return f"article/{provider}/{short_hash(key, 16)}"
    safe = _SAFE_HOST.match(key)
    host = safe[0] if safe else slug(_AUTHORITY.match(key)[1])  # type: ignore[index]  # it matches any text
    return f"article/{host}/{short_hash(key, 16)}"


_SAFE_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?(?=(?::[0-9]*)?(?:[/?#]|\Z))")
_AUTHORITY = re.compile(r"([^/?#]*?)(?::[0-9]*)?(?=[/?#]|\Z)")
