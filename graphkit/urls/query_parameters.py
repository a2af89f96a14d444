"""Query parameters: those that identify a page, without those that track its readers or ask for AMP."""

from __future__ import annotations

from functools import cache

from graphkit.files.packaged_tables import packaged_table
from graphkit.urls.amp import is_amp_parameter
from graphkit.urls.receipts import Rule


def identifying_query(query: str, rules: list[Rule]) -> str | None:
    """Return a query with the parameters that identify a page; None where none is left."""
    trackers, prefixes = _trackers()
    kept = []
    for part in query.split("&"):
        name = part.partition("=")[0].lower()
        if name in trackers or name.startswith(prefixes):
            rules.append(Rule("tracking", f"{name} dropped"))
        elif is_amp_parameter(name) or is_amp_parameter(part):
            rules.append(Rule("amp-query", f"{part[:40]} dropped"))
        else:
            kept.append(part)
    if not "".join(kept):
        rules.append(Rule("empty-query", "the empty query dropped"))
        return None
    return "&".join(kept)


@cache
def _trackers() -> tuple[frozenset[str], tuple[str, ...]]:
    """Return the names of tracking parameters, and what such names begin with."""
    table = packaged_table("urls/tracking_parameters.toml")
    return frozenset(name for group in table["group"] for name in group["names"]), tuple(table["prefixes"])
