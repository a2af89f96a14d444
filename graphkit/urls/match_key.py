"""Match keys: by which two addresses of one page are equal."""

from __future__ import annotations

from functools import lru_cache

from graphkit.urls.minted_ids import may_have_id, minted_key
from graphkit.urls.public_suffixes import registrable_domain
from graphkit.urls.receipts import Rule

_KEY_SLASH = Rule("key-slash", "the slash at the end does not count for matching")


def match_key(url: str, rules: list[Rule]) -> tuple[str, str]:
    """Return the host and the whole of the match key: no scheme, no www. or mobile label, no slash at the end."""
    authority, slash, rest = url[len("https://") :].partition("/")
    before_query = rest.partition("#")[0].partition("?")[0]
    path, tail = f"{slash}{before_query}", rest[len(before_query) :]
    host = _key_host(authority, is_root=not rest)
    minted = minted_key(host, path, rules) if may_have_id(url) else ""
    if minted:
        return host, minted
    if host != authority:
        rules.append(Rule("key-host", f"{authority} matches as {host}"))
    if path.endswith("/"):
        path = path.rstrip("/")
        if path:
            rules.append(_KEY_SLASH)
    return host, f"{host}{path}{tail}"


@lru_cache(maxsize=16_384)
def _key_host(authority: str, *, is_root: bool) -> str:
    """Return a host without its label www., and without those that only say that a page is for phones.

    These are ``m`` and ``mobile`` before the registrable domain: m.example.com, en.m.wikipedia.org, mobile.example.com.
    The front page of a host ``mobile.`` stays apart, as it may be a section about mobile phones. So does every other
    label: ``touch``, ``wap``, ``i``, and editions such as ``uk.`` or ``edition.``
    """
    host, colon, port = authority.partition(":") if not authority.startswith("[") else (authority, "", "")
    domain = registrable_domain(host)
    # www.com and m.com are sites of their own: the rest must still be a name that someone registered.
    if not domain or not host.endswith(f".{domain}"):
        return authority
    phone = ("m",) if is_root else ("m", "mobile")
    labels = [label for label in host.removesuffix(f".{domain}").split(".") if label not in phone]
    while labels and labels[0] == "www":
        labels = labels[1:]
    return f"{'.'.join([*labels, domain])}{colon}{port}"
