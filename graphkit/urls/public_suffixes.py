"""Suffixes: the registrable domain of a host, by the public suffix list that tldextract bundles.

The list's file is read directly: importing tldextract imports requests, which takes longer than everything else that a
small build does. The algorithm is the one at https://github.com/publicsuffix/list/wiki/Format; a test holds it
against tldextract's own.
"""

from __future__ import annotations

from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

_LIST = ".tld_set_snapshot"


@lru_cache(maxsize=16_384)
def registrable_domain(host: str) -> str:
    """Return the registrable domain of a host in lower case and punycode; empty for a public suffix.

    An IP address and a name without dots are returned as they are. Private suffixes (``github.io``) count.

    >>> registrable_domain("news.bbc.co.uk"), registrable_domain("co.uk"), registrable_domain("a.b.example")
    ('bbc.co.uk', '', 'b.example')
    """
    host = host.partition(":")[0] if not host.startswith("[") else host
    if "." not in host or host.replace(".", "").isdigit():
        return host
    rules = _rules()
    labels = host.split(".")
    # The longest rule counts; an exception (!) beats the wildcard it excepts from.
    for start in range(len(labels)):
        suffix = ".".join(labels[start:])
        if f"!{suffix}" in rules:
            return suffix
        if suffix in rules or f"*.{'.'.join(labels[start + 1 :])}" in rules:
            return ".".join(labels[start - 1 :]) if start else ""
    return ".".join(labels[-2:])


@cache
def _rules() -> frozenset[str]:
    spec = find_spec("tldextract")
    if spec is None or spec.origin is None:  # pragma: no cover - tldextract is a dependency
        raise ModuleNotFoundError("tldextract")
    lines = Path(spec.origin).with_name(_LIST).read_text("utf-8").splitlines()
    rules = {line for line in lines if line and not line.startswith("//")}
    return frozenset(rule if rule.isascii() else _in_punycode(rule) for rule in rules)


def _in_punycode(rule: str) -> str:
    return ".".join(
        label if label.isascii() else f"xn--{label.encode('punycode').decode('ascii')}" for label in rule.split(".")
    )
