"""A provider is its registrable domain, or a platform and a name on it."""

from __future__ import annotations

import re
import tomllib
from importlib import resources
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples.examples import examples

from graphkit.identity.folding import slug
from graphkit.identity.provider_refs import ProviderRef, platforms, providers_of, shows_own_domain
from graphkit.urls.domains import domain_of

SAFE_ID = re.compile(r"(?:article|provider|topic)(?:/[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?){1,3}")


ANY_TEXT = st.text(st.characters(), max_size=30)


LABELS = st.one_of(
    ANY_TEXT,
    st.text(" aAbBß-_.#+/İıſK\u0345\u0301Å\u00a0\t\ufb01", max_size=8),
    st.sampled_from(["C#", "C++", "c", "AI", "ai", "Computer Vision", "computer-vision", "c sune2nxaveay", "a" * 65]),
)


@pytest.mark.parametrize(
    "name,domain,publisher,distributor",
    [
        # A provider is its registrable domain, whatever its name.
        ("Forbes", "forbes.com", ("provider/forbes.com", "Forbes", "forbes.com", "", False), None),
        ("Forbes", "www.Forbes.com", ("provider/forbes.com", "Forbes", "forbes.com", "", False), None),
        ("", "forbes.com", ("provider/forbes.com", "", "forbes.com", "", False), None),
        ("BBC", "https://news.bbc.co.uk/x", ("provider/bbc.co.uk", "BBC", "bbc.co.uk", "", False), None),
        ("J", "日本.jp", ("provider/xn--wgv71a.jp", "J", "xn--wgv71a.jp", "", False), None),
        ("N", "1.2.3.4:80", ("provider/1.2.3.4", "N", "1.2.3.4", "", False), None),
        ("Me", "me.github.io", ("provider/me.github.io", "Me", "me.github.io", "", False), None),
        # Without a domain it is its name, until a domain is seen with it.
        ("Forbes", "", ("provider/forbes", "Forbes", "", "", True), None),
        ("Forbes Inc.", "", (f"provider/{slug('Forbes Inc.')}", "Forbes Inc.", "", "", True), None),
        ("N", "co.uk", ("provider/n", "N", "", "", True), None),
        ("N", "not a domain", ("provider/n", "N", "", "", True), None),
        ("N", "[::1]:8080", ("provider/n", "N", "", "", True), None),
        ("N", 'a"b.com', ("provider/n", "N", "", "", True), None),
        ("BBC", "BBC", ("provider/bbc", "BBC", "", "", True), None),
        ("", "", None, None),
        ("", "co.uk", None, None),
        # On a platform it is platform and name.
        ("IGN", "youtube.com", ("provider/youtube.com/ign", "IGN", "youtube.com", "YouTube", False), None),
        ("IGN", "m.youtube.com", ("provider/youtube.com/ign", "IGN", "youtube.com", "YouTube", False), None),
        ("IGN", "youtu.be", ("provider/youtube.com/ign", "IGN", "youtube.com", "YouTube", False), None),
        ("", "youtube.com", ("provider/youtube.com", "YouTube", "youtube.com", "YouTube", False), None),
        ("YouTube", "youtube.com", ("provider/youtube.com", "YouTube", "youtube.com", "YouTube", False), None),
        ("youtube.com", "youtu.be", ("provider/youtube.com", "YouTube", "youtube.com", "YouTube", False), None),
        ("IGN on MSN", "youtube.com", ("provider/youtube.com/ign-on-msn", "IGN on MSN", "youtube.com", "YouTube", False), None),
        # "X on Y" names a publisher and who distributes it.
        (
            "USA Today on MSN",
            "msn.com",
            ("provider/msn.com/usa-today", "USA Today", "msn.com", "MSN", True),
            ("provider/msn.com", "MSN", "msn.com"),
        ),
        (
            "USA Today on MSN.com",
            "www.msn.com",
            ("provider/msn.com/usa-today", "USA Today", "msn.com", "MSN", True),
            ("provider/msn.com", "MSN", "msn.com"),
        ),
        (
            "Reuters via Yahoo Finance",
            "finance.yahoo.com",
            ("provider/yahoo.com/reuters", "Reuters", "yahoo.com", "Yahoo", True),
            ("provider/yahoo.com", "Yahoo", "yahoo.com"),
        ),
        (
            "Focus on the Family ON msn",
            "msn.com",
            ("provider/msn.com/focus-on-the-family", "Focus on the Family", "msn.com", "MSN", True),
            ("provider/msn.com", "MSN", "msn.com"),
        ),
        ("MSN", "msn.com", ("provider/msn.com", "MSN", "msn.com", "", False), None),
        ("MSN on MSN", "msn.com", ("provider/msn.com", "MSN on MSN", "msn.com", "", False), None),
        ("Focus on Sport", "msn.com", ("provider/msn.com", "Focus on Sport", "msn.com", "", False), None),
        ("USA Today on MSN", "usatoday.com", ("provider/usatoday.com", "USA Today on MSN", "usatoday.com", "", False), None),
        ("London MSN", "msn.com", ("provider/msn.com", "London MSN", "msn.com", "", False), None),
    ],
)  # fmt: skip
def test_a_provider_has_this_identity(name: str, domain: str, publisher: Any, distributor: Any) -> None:
    found, through = providers_of(name, domain)
    if publisher is None:
        assert found is None
    else:
        assert found is not None
        assert (found.id, found.name, found.domain, found.platform, found.by_name) == publisher
        assert found.label == name
        assert SAFE_ID.fullmatch(found.id)
    if distributor is None:
        assert through is None
    else:
        assert through == ProviderRef(*distributor)


@examples(300)
@given(
    LABELS,
    st.one_of(ANY_TEXT, st.sampled_from(["forbes.com", "youtube.com", "msn.com", "[::1]", "co.uk", "x_y.org"])),
)
def test_a_provider_of_any_text_has_a_safe_id_that_names_it(name: str, domain: str) -> None:
    publisher, distributor = providers_of(name, domain)
    for ref in (publisher, distributor):
        if ref is not None:
            assert SAFE_ID.fullmatch(ref.id), ref.id
            assert ox.NamedNode(f"https://example.com/{ref.id}").value.endswith(ref.id)
            assert ref.name or ref.domain
    if name:
        assert publisher is not None
        assert publisher.label == name
        # An id made of a name alone is never the id of a domain.
        assert ("." in publisher.id) == bool(publisher.domain)


def test_every_platform_and_aggregator_of_the_table_is_one() -> None:
    table = platforms()
    for domain, (known_by, name) in table.platforms.items():
        publisher, _ = providers_of("Some Channel", domain)
        assert publisher is not None
        assert (publisher.id, publisher.platform) == (f"provider/{known_by}/some-channel", name)
    for domain, (name, _) in table.aggregators.items():
        publisher, distributor = providers_of(f"Some Paper on {name}", domain)
        assert publisher is not None
        assert distributor is not None
        assert (publisher.id, distributor.id) == (f"provider/{domain}/some-paper", f"provider/{domain}")
    assert not table.platforms.keys() & table.aggregators.keys()


@pytest.mark.parametrize(
    "name,domain,expected",
    [
        ("Forbes", "forbes.com", True),
        ("MSN", "msn.com", True),
        ("Yahoo Finance", "yahoo.com", True),
        ("Bloomberg", "msn.com", False),
        ("Bloomberg on MSN", "msn.com", False),
        ("Forbes", "", False),
        ("", "forbes.com", False),
        ("Forbes", "youtube.com", False),
    ],
)
def test_a_guest_does_not_show_a_domain_of_its_own(name: str, domain: str, expected: bool) -> None:
    publisher, distributor = providers_of(name, domain)
    assert publisher is not None
    assert shows_own_domain(publisher) is expected
    assert distributor is None or shows_own_domain(distributor)


def test_every_platform_and_aggregator_names_its_source() -> None:
    table = tomllib.loads(resources.files("graphkit.identity").joinpath("platforms.toml").read_text("utf-8"))
    domains = [entry["domain"] for kind in ("platform", "aggregator") for entry in table[kind]]
    assert len(domains) == len(set(domains))
    for kind in ("platform", "aggregator"):
        for entry in table[kind]:
            assert entry["source"].startswith("https://")
            assert domain_of(entry["domain"]) == entry["domain"], "a registrable domain in lower case"
    assert {entry["same_as"] for entry in table["platform"] if "same_as" in entry} <= set(domains)
    assert all(entry["name"] for entry in table["platform"])
    assert all(entry["names"] and all(entry["names"]) for entry in table["aggregator"])
