"""How the pages show a node: its symbol, its name and its link."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
_KINDS_OF_MEDIA = frozenset({"article", "video"})


def sort_of(facts: Mapping[str, Any]) -> str:
    """Return the symbol of a node: article, video, other (media), provider or topic."""
    kind = str(facts.get("kind", "article"))
    if kind != "article":
        return kind if kind in {"provider", "topic"} else "other"
    media = str(facts.get("media", "article"))
    return media if media in _KINDS_OF_MEDIA else "other"


def name_of(node: str, facts: Mapping[str, Any]) -> str:
    """Return the name of a node: its title, name or label, else its id."""
    for key in ("title", "name", "label"):
        name = str(facts.get(key, "")).strip()
        if name:
            return name
    return node


def web_address(known: Mapping[str, Any]) -> str:
    """Return the URL to link to, if it is http or https; for a provider, that of its domain."""
    if "url" not in known and "platform" not in known and _HOST.fullmatch(str(known.get("domain", ""))):
        return f"https://{known['domain']}/"
    url = str(known.get("url", ""))
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in {"http", "https"} and parts.hostname else ""
