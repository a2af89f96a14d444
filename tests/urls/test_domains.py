"""A provider's domain is one that can be registered."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples.addresses import ANY_TEXT, HOSTS
from samples.examples import examples

from graphkit.urls.domains import domain_of


@pytest.mark.parametrize(
    "text,domain",
    [
        ("forbes.com", "forbes.com"),
        ("www.forbes.com", "forbes.com"),
        (" Forbes.COM. ", "forbes.com"),
        ("https://www.bbc.co.uk/news?x#y", "bbc.co.uk"),
        ("//news.bbc.co.uk", "bbc.co.uk"),
        ("http://user:word@forbes.com:8080/", "forbes.com"),
        ("forbes.com:8080", "forbes.com"),
        ("someone.github.io", "someone.github.io"),
        ("日本.jp", "xn--wgv71a.jp"),
        ("1.2.3.4:80", "1.2.3.4"),
        ("a_b.com", "a_b.com"),
        ("press.example", "press.example"),
        ("", ""),
        (" ", ""),
        ("co.uk", ""),
        ("github.io", ""),
        ("com", ""),
        ("BBC", ""),
        ("localhost", ""),
        ("[::1]", ""),
        ("[::1]:80", ""),
        ("https://[2001:db8::1]/", ""),
        ("not a domain", ""),
        ("..", ""),
        ("a..b", ""),
        ("0.0..", ""),
        ("a.0x1..", ""),
        ("a.b..", "a.b"),
        ("-x.com", ""),
        ("x-.com", "x-.com"),
        ('a"b.com', ""),
        ("a!b.com", ""),
        ("ftp://forbes.com/", ""),
        ("\ud800.com", ""),
    ],
)
def test_a_domain_is_the_registrable_one_or_none(text: str, domain: str) -> None:
    assert domain_of(text) == domain


@examples(250)
@given(st.one_of(ANY_TEXT, HOSTS))
def test_a_domain_of_any_string_is_safe_in_an_id(text: str) -> None:
    domain = domain_of(text)
    assert domain == "" or re.fullmatch(r"[a-z0-9_][a-z0-9_.-]*\.[a-z0-9-]*[a-z0-9]", domain)
    assert domain_of(domain) == domain
