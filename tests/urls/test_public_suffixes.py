"""Registrable domains, against tldextract as an independent implementation."""

from __future__ import annotations

import tldextract
from hypothesis import given
from hypothesis import strategies as st
from samples.examples import examples

from graphkit.urls.public_suffixes import _rules, registrable_domain

EXTRACT = tldextract.TLDExtract(
    suffix_list_urls=(), cache_dir=None, fallback_to_snapshot=True, include_psl_private_domains=True
)


def by_tldextract(host: str) -> str:
    """Return what tldextract says; where it knows no suffix, the list's default rule is one label."""
    found = EXTRACT(host)
    if not found.suffix:
        return ".".join(host.split(".")[-2:])
    return f"{found.domain}.{found.suffix}" if found.domain else ""


def test_every_rule_of_the_list_gives_what_tldextract_gives() -> None:
    rules = sorted(_rules())
    assert len(rules) > 9_000
    for rule in rules:
        suffix = rule.lstrip("!").replace("*.", "w.")
        for host in (suffix, f"a.{suffix}", f"b.a.{suffix}"):
            if "." in host:
                assert registrable_domain(host) == by_tldextract(host), host


LABELS = st.sampled_from(
    [
        "a",
        "www",
        "co",
        "com",
        "uk",
        "ck",
        "jp",
        "kobe",
        "city",
        "kawasaki",
        "github",
        "io",
        "example",
        "xn--p1ai",
        "amp",
    ]
)


@examples(500)
@given(st.lists(LABELS, min_size=2, max_size=5).map(".".join))
def test_any_host_gives_what_tldextract_gives(host: str) -> None:
    assert registrable_domain(host) == by_tldextract(host)


def test_addresses_in_numbers_and_plain_names_stand_for_themselves() -> None:
    for host in ("127.0.0.1", "[::1]", "localhost"):
        assert registrable_domain(host) == host
    assert registrable_domain("news.example.com:8080") == "example.com"
