"""URLs: the canonical form of a page's address, with a receipt of the rules that led to it.

The policy builds on the WHATWG URL parser (ada) and on the public suffix list that tldextract bundles; it fetches
nothing. POLICY_VERSION changes whenever an address may come out differently.
"""

from __future__ import annotations

from functools import lru_cache

from graphkit.urls.amp import drop_amp_label, drop_amp_segment, may_be_amp, unwrap_cache
from graphkit.urls.content_parameters import ContentParameters, query_with_content
from graphkit.urls.fragments import page_fragment
from graphkit.urls.match_key import match_key
from graphkit.urls.minted_ids import may_have_id, minted_address, moved_host
from graphkit.urls.query_parameters import identifying_query
from graphkit.urls.receipts import NO_ADDRESS, Receipt, Rule
from graphkit.urls.redirectors import may_redirect, unwrap_redirector
from graphkit.urls.sessions import drop_sessions
from graphkit.urls.web_address import PARTS, encoded, is_settled, joined, parse, without_line_end

POLICY_VERSION = "2"

_MOST_STEPS = 32
"""How often all rules are applied to one address, which bounds the time that redirectors within redirectors take."""


def canonical(text: str) -> str:
    """Return the canonical URL, or an empty string where `text` is no web address. Never raises on a string.

    >>> canonical("HTTP://www.Example.com:80/a/amp/?utm_source=x&id=7#top")
    'https://www.example.com/a/?id=7'
    >>> canonical("https://www.google.com/url?url=https://youtu.be/QzMZ7nqF9Pk%3Ft%3D7&usg=x")
    'https://www.youtube.com/watch?v=QzMZ7nqF9Pk'
    >>> canonical("javascript:alert(1)")
    ''
    """
    return receipt(text).url


@lru_cache(maxsize=65_536)
def receipt(text: str, content: ContentParameters = ()) -> Receipt:
    """Return the canonical URL of `text`, its match key, and the rules that fired, in order.

    `content` are parameters that a person states to be content on some hosts.
    """
    rules: list[Rule] = []
    if _needs_nothing(text):
        host, key = match_key(text, rules)
        return Receipt(text, key, host, tuple(rules))
    url = parse(text, rules)
    for _ in range(_MOST_STEPS):
        changed = _canonical_step(url, rules, content) if url else ""
        if changed == url:
            break
        url = parse(changed, rules)
    else:
        rules.append(Rule("endless", f"no address after {_MOST_STEPS} steps"))
        url = ""
    if not url:
        return NO_ADDRESS if not rules else Receipt("", "", "", tuple(rules))
    host, key = match_key(url, rules)
    amp = "cachedCopy" if any(rule.name == "amp-cache" for rule in rules) else ""
    if not amp and any(rule.name.startswith("amp-") for rule in rules):
        amp = "amphtml"
    return Receipt(url, key, host, tuple(rules), amp)


def _needs_nothing(url: str) -> bool:
    """Return whether no rule but those of the match key can change an address."""
    return (
        url.startswith("https:")
        and "?" not in url
        and ";" not in url
        and not may_be_amp(url)
        and is_settled(url)
        and "/(" not in url
        and not may_have_id(url)
        and not may_redirect(url)
    )


def _canonical_step(url: str, rules: list[Rule], content: ContentParameters) -> str:
    """Apply every rule once to an address as the WHATWG parser writes it."""
    if _needs_nothing(url):
        return url
    match = PARTS.fullmatch(url)
    if match is None:  # pragma: no cover - the parser's output always has these parts
        return ""
    scheme, authority, path, query, fragment = match.groups()
    unwrapped = unwrap_cache(authority, path, query, rules) or unwrap_redirector(authority, path, query, rules)
    if unwrapped:
        return unwrapped
    if scheme == "http":
        rules.append(Rule("https", "https for http"))
        scheme = "https"
    authority, given = _host_rules(authority, rules)
    path, query, fragment = (encoded(part, rules) for part in (path, query, fragment))
    path = without_line_end(drop_amp_segment(given, drop_sessions(path or "/", rules), rules), rules)
    minted = minted_address(authority, path, query, rules)
    if minted:
        return minted
    if query is not None:
        if content:
            query = query_with_content(query, authority, content, rules)
        else:
            query = identifying_query(query, authority, rules)
    if fragment is not None:
        fragment = page_fragment(fragment, authority, rules)
    return joined(scheme, authority, path, query, fragment)


def _host_rules(authority: str, rules: list[Rule]) -> tuple[str, str]:
    """Return the canonical host with its port, and the host as given."""
    if "@" in authority:
        rules.append(Rule("credentials", "user name and password dropped"))
        authority = authority.rpartition("@")[2]
    host, colon, port = authority.rpartition(":") if authority.rpartition(":")[2].isdigit() else (authority, "", "")
    plain = host.rstrip(".") if not host.startswith("[") else host
    # Without its dots `a.1..` would be an IP address, and none that exists.
    if plain and plain != host and parse(f"https://{plain}/", []):
        rules.append(Rule("host-dot", "the dot after the host dropped"))
        host = plain
    return f"{moved_host(drop_amp_label(host, rules), rules)}{colon}{port}", host
