"""Match keys: by which two addresses of one page are equal."""

from __future__ import annotations

from functools import lru_cache

from graphkit.urls.public_suffixes import registrable_domain
from graphkit.urls.receipts import Rule

_KEY_SLASH = Rule("key-slash", "the slash at the end does not count for matching")


def match_key(url: str, rules: list[Rule]) -> tuple[str, str]:
    """Return the host and the whole of the match key: no scheme, no www. or m., no slash at the end."""
    authority, slash, rest = url[len("https://") :].partition("/")
    host = _key_host(authority)
    if host != authority:
        rules.append(Rule("key-host", f"{authority} matches as {host}"))
    cut = min((rest.find(sign) for sign in "?#" if sign in rest), default=len(rest))
    path, tail = f"{slash}{rest[:cut]}", rest[cut:]
    if path.endswith("/"):
        path = path.rstrip("/")
        if path:
            rules.append(_KEY_SLASH)
    return host, f"{host}{path}{tail}"


@lru_cache(maxsize=16_384)
def _key_host(authority: str) -> str:
    host = authority
    while host.startswith(("www.", "m.")):
        shorter = host.partition(".")[2]
        # www.com and m.com are sites of their own: the rest must still be a name that someone registered.
        if "." not in shorter or not registrable_domain(shorter):
            break
        host = shorter
    return host
