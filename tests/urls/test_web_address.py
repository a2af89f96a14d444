"""A tidy address is one that every RDF reader takes, and stays the same address."""

from __future__ import annotations

import pyoxigraph as ox
import pytest
from hypothesis import example, given
from samples.addresses import FORBIDDEN, STRINGS
from samples.examples import examples

from graphkit.urls.canonical_url import canonical, receipt
from graphkit.urls.web_address import MAX_URL, tidy


@pytest.mark.parametrize(
    "text,tidied",
    [
        ("http://www.example.com/a/amp?utm_source=x#top", "http://www.example.com/a/amp?utm_source=x#top"),
        ("https://Example.com/a b?q=[1]#é", "https://example.com/a%20b?q=%5B1%5D#%C3%A9"),
        ("https://user:word@example.com/", "https://example.com/"),
        ("https://example.com/#a#b", "https://example.com/#a%23b"),
        ("https://example.com/%7e", "https://example.com/~"),
        ("www.example.com", "https://www.example.com/"),
        ("https://[::1]:80/", "https://[::1]:80/"),
        ("https://example.com/?#", "https://example.com/?#"),
        ("javascript:alert(1)", ""),
    ],
)
def test_tidying_encodes_and_changes_no_identity(text: str, tidied: str) -> None:
    assert tidy(text) == tidied


def test_a_long_address_is_handled_like_any_other() -> None:
    long = f"https://example.com/{'a' * 10_000}?utm_source=x"
    assert canonical(long) == long.partition("?")[0]
    assert len(tidy(long)) > MAX_URL


@examples(400)
@given(STRINGS)
@example("https://u:p@[::1]:80/[a]?[b]#[c]#d")
@example("https://www.1../a")
def test_tidying_any_string(text: str) -> None:
    tidied = tidy(text)
    assert tidy(tidied) == tidied
    assert bool(tidied) == bool(canonical(text))
    if tidied:
        assert not FORBIDDEN.search(tidied), tidied
        ox.NamedNode(tidied)
        assert receipt(tidied).url == receipt(text).url
        assert receipt(tidied).key == receipt(text).key
        assert receipt(tidied).amp == receipt(text).amp
