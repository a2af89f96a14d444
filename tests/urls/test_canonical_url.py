"""Canonical addresses: every rule by example, and what holds for any string whatever."""

from __future__ import annotations

import re
from importlib import resources
from typing import Any

import pyoxigraph as ox
import pytest
import rdflib
import rdflib.util
from hypothesis import assume, example, given
from hypothesis import strategies as st
from samples.addresses import FORBIDDEN, STRINGS, addresses
from samples.examples import examples

from graphkit.urls import canonical_url
from graphkit.urls.canonical_url import canonical, receipt
from graphkit.urls.receipts import NO_ADDRESS
from graphkit.urls.web_address import tidy

# input, canonical, match key, rules in order
CASES = [
    # Nothing to do
    ("https://example.com/a", "https://example.com/a", "example.com/a", []),
    ("https://example.com/", "https://example.com/", "example.com", []),
    ("https://example.com/a?id=7&b=2", "https://example.com/a?id=7&b=2", "example.com/a?id=7&b=2", []),
    # Scheme
    ("http://example.com/a", "https://example.com/a", "example.com/a", ["https"]),
    ("//example.com/a", "https://example.com/a", "example.com/a", ["scheme"]),
    ("www.example.com/a", "https://www.example.com/a", "example.com/a", ["scheme", "key-host"]),
    ("www.example.com:8443/a", "https://www.example.com:8443/a", "example.com:8443/a", ["scheme", "key-host"]),
    ("WWW.Example.com", "https://www.example.com/", "example.com", ["scheme", "parser", "key-host"]),
    ("  https://example.com/a\n", "https://example.com/a", "example.com/a", []),
    ("https:example.com/a", "https://example.com/a", "example.com/a", ["parser"]),
    ("HTTPS://example.com/a", "https://example.com/a", "example.com/a", ["parser"]),
    # Host
    ("https://Example.COM/A", "https://example.com/A", "example.com/A", ["parser"]),
    ("https://bücher.example/a", "https://xn--bcher-kva.example/a", "xn--bcher-kva.example/a", ["parser"]),
    ("https://faß.de/", "https://xn--fa-hia.de/", "xn--fa-hia.de", ["parser"]),
    ("https://日本語.jp/", "https://xn--wgv71a119e.jp/", "xn--wgv71a119e.jp", ["parser"]),
    ("https://example.com./a", "https://example.com/a", "example.com/a", ["host-dot"]),
    ("https://example.com:443/a", "https://example.com/a", "example.com/a", ["parser"]),
    ("http://example.com:80/a", "https://example.com/a", "example.com/a", ["parser", "https"]),
    ("http://example.com:443/a", "https://example.com/a", "example.com/a", ["https", "parser"]),
    ("https://example.com:8080/a", "https://example.com:8080/a", "example.com:8080/a", []),
    ("https://user:word@example.com/a", "https://example.com/a", "example.com/a", ["credentials"]),
    ("https://a@b@example.com/a", "https://example.com/a", "example.com/a", ["parser", "credentials"]),
    ("http://0x7f.1/a", "https://127.0.0.1/a", "127.0.0.1/a", ["parser", "https"]),
    ("https://[2001:DB8::1]/a", "https://[2001:db8::1]/a", "[2001:db8::1]/a", ["parser"]),
    ("https://[::1]:8080/a", "https://[::1]:8080/a", "[::1]:8080/a", []),
    ("https://a_b.example.com/", "https://a_b.example.com/", "a_b.example.com", []),
    ("https://localhost/a", "https://localhost/a", "localhost/a", []),
    # www. and m. count in the address, and do not count for matching
    ("https://www.example.com/a", "https://www.example.com/a", "example.com/a", ["key-host"]),
    ("https://m.example.com/a", "https://m.example.com/a", "example.com/a", ["key-host"]),
    ("https://www.m.example.com/a", "https://www.m.example.com/a", "example.com/a", ["key-host"]),
    ("https://www.com/a", "https://www.com/a", "www.com/a", []),
    ("https://m.com/a", "https://m.com/a", "m.com/a", []),
    ("https://m.co.uk/a", "https://m.co.uk/a", "m.co.uk/a", []),
    ("https://www.github.io/a", "https://www.github.io/a", "www.github.io/a", []),
    ("https://music.example.com/a", "https://music.example.com/a", "music.example.com/a", []),
    # The slash at the end
    ("https://example.com/a/", "https://example.com/a/", "example.com/a", ["key-slash"]),
    ("https://example.com/a//", "https://example.com/a//", "example.com/a", ["key-slash"]),
    ("https://example.com/a/?b=1", "https://example.com/a/?b=1", "example.com/a?b=1", ["key-slash"]),
    ("https://example.com/a?b=/", "https://example.com/a?b=/", "example.com/a?b=/", []),
    ("https://example.com", "https://example.com/", "example.com", ["parser"]),
    ("https://example.com/a/./b/../c", "https://example.com/a/c", "example.com/a/c", ["parser"]),
    # AMP caches and viewers
    (
        "https://www-example-com.cdn.ampproject.org/c/s/www.example.com/a",
        "https://www.example.com/a",
        "example.com/a",
        ["amp-cache", "key-host"],
    ),
    (
        "https://anything.cdn.ampproject.org/c/example.com/a",
        "https://example.com/a",
        "example.com/a",
        ["amp-cache", "https"],
    ),
    (
        "https://cdn.ampproject.org/v/s/example.com/a/amp/?amp_js_v=0.1&usqp=mq331A",
        "https://example.com/a/",
        "example.com/a",
        ["amp-cache", "amp-path", "tracking", "tracking", "empty-query", "key-slash"],
    ),
    ("https://x.cdn.ampproject.org/i/s/example.com/a", "https://x.cdn.ampproject.org/i/s/example.com/a", "x.cdn.ampproject.org/i/s/example.com/a", []),
    ("https://x.cdn.ampproject.org/c/s/nothost/a", "https://x.cdn.ampproject.org/c/s/nothost/a", "x.cdn.ampproject.org/c/s/nothost/a", []),
    ("https://notcdn.ampproject.org/c/s/example.com/a", "https://notcdn.ampproject.org/c/s/example.com/a", "notcdn.ampproject.org/c/s/example.com/a", []),
    ("https://x.cdn.ampproject.org/c/s/exa%22mple.com/a", "https://x.cdn.ampproject.org/c/s/exa%22mple.com/a", "x.cdn.ampproject.org/c/s/exa%22mple.com/a", []),
    ("https://www.google.com/amp/s/example.com/a#aoh=1", "https://example.com/a", "example.com/a", ["amp-cache"]),
    ("https://google.co.uk/amp/example.com/a", "https://example.com/a", "example.com/a", ["amp-cache", "https"]),
    ("https://www.google.com/amp/about", "https://www.google.com/amp/about", "google.com/amp/about", ["key-host"]),
    ("https://example.com/amp/s/other.com/a", "https://example.com/amp/s/other.com/a", "example.com/amp/s/other.com/a", []),
    ("https://www.bing.com/amp/s/example.com/a", "https://example.com/a", "example.com/a", ["amp-cache"]),
    ("https://example-com.bing-amp.com/c/s/example.com/a", "https://example.com/a", "example.com/a", ["amp-cache"]),
    (
        "https://a.cdn.ampproject.org/c/s/b.cdn.ampproject.org/c/s/example.com/a",
        "https://example.com/a",
        "example.com/a",
        ["amp-cache", "amp-cache"],
    ),
    # AMP pages of the publisher
    ("https://example.com/a/amp", "https://example.com/a", "example.com/a", ["amp-path"]),
    ("https://example.com/a/amp/", "https://example.com/a/", "example.com/a", ["amp-path", "key-slash"]),
    ("https://example.com/a/amp/amp", "https://example.com/a", "example.com/a", ["amp-path", "amp-path"]),
    ("https://example.com/a/%61mp", "https://example.com/a", "example.com/a", ["percent-encoding", "amp-path"]),
    ("https://example.com/amp", "https://example.com/amp", "example.com/amp", []),
    ("https://example.com/amp/a", "https://example.com/amp/a", "example.com/amp/a", []),
    ("https://example.com/a/lamp", "https://example.com/a/lamp", "example.com/a/lamp", []),
    ("https://example.com/a?amp", "https://example.com/a", "example.com/a", ["amp-query", "empty-query"]),
    ("https://example.com/a?amp=1&id=7", "https://example.com/a?id=7", "example.com/a?id=7", ["amp-query"]),
    ("https://example.com/a?outputType=amp", "https://example.com/a", "example.com/a", ["amp-query", "empty-query"]),
    ("https://example.com/a?outputType=json", "https://example.com/a?outputType=json", "example.com/a?outputType=json", []),
    ("https://example.com/a?lamp=1", "https://example.com/a?lamp=1", "example.com/a?lamp=1", []),
    ("https://amp.example.com/a", "https://example.com/a", "example.com/a", ["amp-host"]),
    ("https://amp.example.co.uk:8080/a", "https://example.co.uk:8080/a", "example.co.uk:8080/a", ["amp-host"]),
    ("https://www.amp.example.com/a", "https://www.example.com/a", "example.com/a", ["amp-host", "key-host"]),
    ("https://amp.dev/a", "https://amp.dev/a", "amp.dev/a", []),
    ("https://amp.co.uk/a", "https://amp.co.uk/a", "amp.co.uk/a", []),
    ("https://amplify.example.com/a", "https://amplify.example.com/a", "amplify.example.com/a", []),
    # Tracking, by the exact name
    ("https://example.com/a?utm_source=x&utm_Medium=y", "https://example.com/a", "example.com/a", ["tracking", "tracking", "empty-query"]),
    ("https://example.com/a?gclid=1&id=2&FBCLID=3", "https://example.com/a?id=2", "example.com/a?id=2", ["tracking", "tracking"]),
    ("https://example.com/a?mc_cid=1&cid=2", "https://example.com/a?cid=2", "example.com/a?cid=2", ["tracking"]),
    ("https://example.com/a?%75tm_source=x", "https://example.com/a", "example.com/a", ["percent-encoding", "tracking", "empty-query"]),
    ("https://example.com/a?xutm_source=1&gclid2=1", "https://example.com/a?xutm_source=1&gclid2=1", "example.com/a?xutm_source=1&gclid2=1", []),
    ("https://example.com/a?b=gclid&c=utm_x", "https://example.com/a?b=gclid&c=utm_x", "example.com/a?b=gclid&c=utm_x", []),
    ("https://example.com/a?utm=1", "https://example.com/a?utm=1", "example.com/a?utm=1", []),
    ("https://example.com/utm_source=x", "https://example.com/utm_source=x", "example.com/utm_source=x", []),
    # Empty queries
    ("https://example.com/a?", "https://example.com/a", "example.com/a", ["empty-query"]),
    ("https://example.com/a?&&", "https://example.com/a", "example.com/a", ["empty-query"]),
    ("https://example.com/a?b", "https://example.com/a?b", "example.com/a?b", []),
    ("https://example.com/a?b=1&b=1", "https://example.com/a?b=1&b=1", "example.com/a?b=1&b=1", []),
    ("https://example.com/a?b=2&a=1", "https://example.com/a?b=2&a=1", "example.com/a?b=2&a=1", []),
    # Fragments
    ("https://example.com/a#top", "https://example.com/a", "example.com/a", ["fragment"]),
    ("https://example.com/a#", "https://example.com/a", "example.com/a", ["fragment"]),
    ("https://example.com/a#!/b", "https://example.com/a#!/b", "example.com/a#!/b", []),
    ("https://example.com/#/b?c=1", "https://example.com/#/b?c=1", "example.com#/b?c=1", []),
    ("https://example.com/a/#!b", "https://example.com/a/#!b", "example.com/a#!b", ["key-slash"]),
    ("https://example.com/#!a#b", "https://example.com/#!a%23b", "example.com#!a%23b", ["percent-encoding"]),
    ("https://example.com/a?utm_source=x#/b", "https://example.com/a#/b", "example.com/a#/b", ["tracking", "empty-query"]),
    # Percent-encoding, and what an IRI forbids
    ("https://example.com/%7euser/%41", "https://example.com/~user/A", "example.com/~user/A", ["percent-encoding"]),
    ("https://example.com/a%2fb", "https://example.com/a%2Fb", "example.com/a%2Fb", ["percent-encoding"]),
    ("https://example.com/a%2Fb", "https://example.com/a%2Fb", "example.com/a%2Fb", []),
    ("https://example.com/100%", "https://example.com/100%25", "example.com/100%25", ["percent-encoding"]),
    ("https://example.com/a%zz", "https://example.com/a%25zz", "example.com/a%25zz", ["percent-encoding"]),
    ("https://example.com/a b", "https://example.com/a%20b", "example.com/a%20b", ["parser"]),
    ("https://example.com/é", "https://example.com/%C3%A9", "example.com/%C3%A9", ["parser"]),
    ("https://example.com/[a]", "https://example.com/%5Ba%5D", "example.com/%5Ba%5D", ["percent-encoding"]),
    ('https://example.com/<a>"{b}|^`', "https://example.com/%3Ca%3E%22%7Bb%7D%7C%5E%60", "example.com/%3Ca%3E%22%7Bb%7D%7C%5E%60", ["parser", "percent-encoding"]),
    ("https://example.com/a\\b", "https://example.com/a/b", "example.com/a/b", ["parser"]),
    ("https://example.com/?q=\\|^`{}[]", "https://example.com/?q=%5C%7C%5E%60%7B%7D%5B%5D", "example.com?q=%5C%7C%5E%60%7B%7D%5B%5D", ["percent-encoding"]),
    ("https://example.com/a\tb\nc", "https://example.com/abc", "example.com/abc", ["parser"]),
    ("https://example.com/a\x01b\x7f", "https://example.com/a%01b%7F", "example.com/a%01b%7F", ["parser"]),
    ("https://example.com/a%E2%80", "https://example.com/a%E2%80", "example.com/a%E2%80", []),
    ("https://example.com/it's(1)*,;", "https://example.com/it's(1)*,;", "example.com/it's(1)*,;", []),
]  # fmt: skip


@pytest.mark.parametrize(
    "text,url,key,rules", CASES, ids=[case[0][:60].encode("unicode_escape").decode() for case in CASES]
)
def test_an_address_has_this_canonical_form_key_and_receipt(text: str, url: str, key: str, rules: list[str]) -> None:
    found = receipt(text)
    assert (found.url, found.key) == (url, key)
    assert [rule.name for rule in found.rules] == rules
    assert all(rule.detail for rule in found.rules)
    assert found.host == re.split(r"[/?#]", key)[0]
    assert canonical(text) == url
    assert canonical(url) == url
    assert receipt(url).key == key


def test_every_rule_is_among_the_examples() -> None:
    modules = resources.files("graphkit").joinpath("urls").iterdir()
    source = "".join(module.read_text("utf-8") for module in modules if module.name.endswith(".py"))
    assert set(re.findall(r'Rule\(\s*"([a-z-]+)"', source)) == {rule for case in CASES for rule in case[3]}


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "example.com/a",
        "not an address",
        "javascript:alert(1)",
        "data:text/html,<b>",
        "mailto:a@example.com",
        "ftp://example.com/a",
        "file:///etc/hosts",
        "/a/b",
        "//",
        "http://",
        "https://?a",
        "https://#a",
        "https:///",
        "https://exa mple.com/",
        "https://example.com:99999/",
        "https://[::1/",
        "https://%00/",
        "www.",
        "www.a",
        "https://\ud800/",
        "https://example.com/\udfff",
        "\x00",
        # Browsers take these for hosts; an IRI cannot hold them.
        'https://exa"mple.com/',
        "https://a{b}.com/",
        "https://a`b.com/",
        "https://a%7Bb.com/",
    ],
)
def test_what_is_no_web_address_has_no_canonical_form(text: str) -> None:
    assert canonical(text) == tidy(text) == ""
    assert receipt(text).key == receipt(text).host == receipt(text).amp == ""


def test_the_empty_text_gives_the_empty_receipt() -> None:
    assert receipt("") is NO_ADDRESS


@pytest.mark.parametrize("name", ["id", "cid", "v", "p", "story", "ref", "source", "page", "q", "article", "s", "t"])
@pytest.mark.parametrize("spelling", [str, str.upper])
def test_a_parameter_that_carries_identity_stays(name: str, spelling: Any) -> None:
    url = f"https://example.com/watch?{spelling(name)}=1&b=2"
    assert canonical(url) == url
    assert receipt(url).key.endswith(f"?{spelling(name)}=1&b=2")


@pytest.mark.parametrize(
    "text,kind",
    [
        ("https://example.com/a", ""),
        ("https://example.com/a?utm_source=x", ""),
        ("https://example.com/a?amp_js_v=1", ""),
        ("https://example.com/a/amp", "amphtml"),
        ("https://amp.example.com/a", "amphtml"),
        ("https://example.com/a?amp", "amphtml"),
        ("https://x.cdn.ampproject.org/c/s/example.com/a", "cachedCopy"),
        ("https://x.cdn.ampproject.org/c/s/example.com/a/amp", "cachedCopy"),
        ("https://www.google.com/amp/s/amp.example.com/a", "cachedCopy"),
    ],
)
def test_the_receipt_tells_an_amp_page_from_a_cached_copy(text: str, kind: str) -> None:
    assert receipt(text).amp == kind


@examples(600)
@given(STRINGS)
@example("https://u@www.google.com/amp/s/example.com/a#b")
@example("https://x.cdn.ampproject.org/c/s/u@example.com:80/%2e%2e/amp?amp#!a#b")
@example("www.com")
@example("https://amp.amp.com./amp/amp/?amp")
def test_the_canonical_form_of_any_string(text: str) -> None:
    found = receipt(text)
    assert canonical(found.url) == found.url
    if not found.url:
        assert (found.key, found.host, found.amp) == ("", "", "")
        return
    again = receipt(found.url)
    assert (again.key, again.host) == (found.key, found.host)
    assert {rule.name for rule in again.rules} <= {"key-host", "key-slash"}
    assert found.url.startswith("https://")
    assert found.key.startswith(found.host)
    assert not FORBIDDEN.search(found.url), found.url
    assert ox.NamedNode(found.url).value == found.url
    assert rdflib.URIRef(found.url).n3() == f"<{found.url}>"  # rdflib warns of what it takes for invalid
    path_on = found.url[len("https://") :].partition("/")[2]
    assert "[" not in path_on
    assert "]" not in path_on


@examples(250)
@given(addresses())
def test_addresses_with_one_key_differ_only_in_what_does_not_count(text: str) -> None:
    found = receipt(text)
    assume(found.url)
    for other in (
        found.url.replace("https://", "http://", 1) if ":" not in found.host else found.url,
        f"{found.url}?" if not re.search("[?#]", found.url) else found.url,
        f"{found.url}#top" if "#" not in found.url else found.url,
        f"{found.url}{'&' if '?' in found.url else '?'}utm_source=x&gclid=1" if "#" not in found.url else found.url,
    ):
        assert receipt(other).key == found.key


AMP_LABELS = (
    "amp",
    "www",
    "m",
    "example",
    "amplifier",
    "camp",
    "cdn",
    "ampproject",
    "bing-amp",
    "google",
    "bing",
    "org",
    "com",
    "co.uk",
)


AMP_SEGMENTS = ("amp", "c", "v", "s", "a", "amp.html", "amplifier", "-amp", "camp", "", "www.example.org", "a-amp-b")


@examples(1_000)
@given(
    st.sampled_from(("https", "https", "http")),
    st.lists(st.sampled_from(AMP_LABELS), min_size=1, max_size=4).map(".".join),
    st.lists(st.sampled_from(AMP_SEGMENTS), max_size=5).map("/".join),
    st.sampled_from(("", "", "?amp", "?a=amp", "#amp")),
)
def test_an_address_that_no_rule_seems_to_touch_is_what_all_rules_give(
    scheme: str, host: str, path: str, tail: str
) -> None:
    url = f"{scheme}://{host}/{path}{tail}"
    quick = canonical_url.receipt.__wrapped__(url)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(canonical_url, "_needs_nothing", lambda _: False)
        assert quick == canonical_url.receipt.__wrapped__(url)
