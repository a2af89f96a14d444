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

from graphkit.identity import aggregator_labels
from graphkit.identity.folding import slug
from graphkit.identity.platforms import platform_of, platforms
from graphkit.identity.provider_refs import ProviderRef, attribution_at, providers_of, shows_own_domain
from graphkit.urls.domains import host_of

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
        ("MSN on MSN", "msn.com", ("provider/msn.com", "MSN", "msn.com", "", False), None),
        ("USA Today on MSN", "usatoday.com", ("provider/usatoday.com", "USA Today on MSN", "usatoday.com", "", False), None),
        ("London MSN", "msn.com", ("provider/msn.com", "MSN", "msn.com", "", False), None),
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


@pytest.mark.parametrize(
    "domain,site",
    [
        ("harbournotes.substack.com", "harbournotes.substack.com"),
        ("https://chipweekly.substack.com/about", "chipweekly.substack.com"),
        ("www.chipweekly.substack.com", "chipweekly.substack.com"),
        ("reader.medium.com", "reader.medium.com"),
        ("news.tumblr.com", "news.tumblr.com"),
        ("village.wordpress.com", "village.wordpress.com"),
        ("paper.ghost.io", "paper.ghost.io"),
        ("old.typepad.com", "old.typepad.com"),
        ("club.weebly.com", "club.weebly.com"),
        ("me.wixsite.com", "me.wixsite.com"),
        ("me.github.io", "me.github.io"),
        ("letter.beehiiv.com", "letter.beehiiv.com"),
        ("diary.livejournal.com", "diary.livejournal.com"),
        ("channel.t.me", "channel.t.me"),
        ("channel.telegram.me", "channel.t.me"),
        ("space.quora.com", "space.quora.com"),
        # Blogger shows a blog under the domain of the reader's country.
        ("blog.blogspot.com", "blog.blogspot.com"),
        ("blog.blogspot.co.uk", "blog.blogspot.com"),
        ("blog.blogspot.com.br", "blog.blogspot.com"),
        ("blog.blogspot.de", "blog.blogspot.com"),
        # Portals whose sections are brands.
        ("abcnews.go.com", "abcnews.go.com"),
        ("espn.go.com", "espn.go.com"),
        ("timesofindia.indiatimes.com", "timesofindia.indiatimes.com"),
    ],
)
def test_a_site_on_a_platform_is_a_provider_of_its_own(domain: str, site: str) -> None:
    expected = ProviderRef(f"provider/{site}", "Some Site", site, label="Some Site")
    assert providers_of("Some Site", domain) == (expected, None)
    assert shows_own_domain(expected)


@pytest.mark.parametrize(
    "domain,platform",
    [
        ("substack.com", "substack.com"),
        ("www.substack.com", "substack.com"),
        ("open.substack.com", "substack.com"),
        ("sites.google.com", "sites.google.com"),
        ("wordpress.com", "wordpress.com"),
        ("fr.wordpress.com", "wordpress.com"),
        ("medium.com", "medium.com"),
        ("t.me", "t.me"),
        ("telegram.me", "t.me"),
        ("fr.quora.com", "quora.com"),
        ("uk.linkedin.com", "linkedin.com"),
        ("www.patreon.com", "patreon.com"),
        ("buttondown.com", "buttondown.email"),
        ("github.io", "github.io"),
        ("blogspot.co.uk", "blogspot.com"),
        ("go.com", "go.com"),
    ],
)
def test_a_name_on_a_platform_is_a_provider_of_its_own(domain: str, platform: str) -> None:
    one, _ = providers_of("Village Hall", domain)
    other, _ = providers_of("Chess Club", domain)
    assert one is not None
    assert other is not None
    assert (one.id, other.id) == (f"provider/{platform}/village-hall", f"provider/{platform}/chess-club")
    assert one.platform == other.platform != ""


def test_google_itself_is_no_platform() -> None:
    assert providers_of("The Keyword", "blog.google.com")[0] == ProviderRef(
        "provider/google.com", "The Keyword", "google.com", label="The Keyword"
    )


def test_every_platform_and_aggregator_of_the_table_is_one() -> None:
    table = platforms()
    for domain, platform in table.platforms.items():
        publisher, _ = providers_of("Some Channel", domain)
        assert publisher is not None
        assert (publisher.id, publisher.platform) == (f"provider/{platform.domain}/some-channel", platform.name)
        assert (platform_of(f"some.{domain}") or "none")[1] == (
            f"some.{platform.domain}" if platform.not_sites is not None else ""
        )
    for domain, aggregator in table.aggregators.items():
        publisher, distributor = providers_of(f"Some Paper on {aggregator.name}", domain)
        assert publisher is not None
        assert distributor is not None
        assert (publisher.id, distributor.id) == (
            f"provider/{aggregator.domain}/some-paper",
            f"provider/{aggregator.domain}",
        )
    assert not table.platforms.keys() & table.aggregators.keys()


@pytest.mark.parametrize(
    "label,domain",
    [
        ("Some Paper via Yahoo News Singapore", "sg.news.yahoo.com"),
        ("Some Paper via Yahoo News UK", "uk.news.yahoo.com"),
        ("Some Paper via Yahoo! News UK & Ireland", "yahoo.com"),
        ("Some Paper on Yahoo Finance Canada", "ca.finance.yahoo.com"),
        ("Some Paper via Yahoo", "yahoo.co.uk"),
        ("Some Paper via Yahoo Eurosport", "yahoo.com"),
        ("Some Paper via YAHOO!Finance", "yahoo.com"),
        ("Some Paper via yahoo.com", "yahoo.com"),
        ("Some Paper via uk.news.yahoo.com", "yahoo.com"),
        ("Some Paper on MSN UK", "msn.com"),
        ("Some Paper on MSN (UK)", "msn.com"),
        ("Some Paper (via MSN)", "msn.com"),
        ("Some Paper - MSN Money", "msn.com"),
        ("Some Paper, via MSN South Africa", "msn.com"),
        ("Some Paper on Microsoft Start", "msn.com"),
        ("Some Paper auf MSN", "msn.com"),
        ("von Some Paper auf MSN Nachrichten", "msn.com"),
        ("Von Some Paper auf MSN", "msn.com"),
        ("Some Paper bei Yahoo Nachrichten Deutschland", "de.nachrichten.yahoo.com"),
        ("Some Paper sur MSN", "msn.com"),
        ("par Some Paper sur Yahoo Actualités", "fr.news.yahoo.com"),
        ("Some Paper sur Yahoo Finance France", "fr.finance.yahoo.com"),
        ("Some Paper en Yahoo Noticias", "es.noticias.yahoo.com"),
        ("Some Paper en MSN en español", "msn.com"),
        ("Some Paper vía Yahoo Finanzas", "yahoo.com"),
        ("Some Paper a través de MSN España", "msn.com"),
        ("Some Paper su MSN Italia", "msn.com"),
        ("Some Paper tramite Yahoo Notizie", "it.notizie.yahoo.com"),
        ("Some Paper op MSN Nederland", "msn.com"),
        ("van Some Paper op MSN Nieuws", "msn.com"),
        ("Some Paper no MSN Brasil", "msn.com"),
        ("Some Paper no Yahoo Notícias", "br.noticias.yahoo.com"),
        ("Some Paper na MSN", "msn.com"),
        ("Some Paper på MSN Nyheter", "msn.com"),
        ("Some Paper via Yahoo! JAPAN", "news.yahoo.co.jp"),
        ("Some Paper via Google News", "news.google.com"),
        ("Some Paper via AOL.co.uk", "aol.co.uk"),
    ],
)
def test_a_label_in_any_language_names_publisher_and_aggregator(label: str, domain: str) -> None:
    publisher, distributor = providers_of(label, domain)
    assert publisher is not None
    assert distributor is not None
    assert (publisher.name, publisher.by_name, publisher.label) == ("Some Paper", True, label)
    assert publisher.id == f"{distributor.id}/some-paper"
    assert distributor.name in {"MSN", "Yahoo", "Yahoo! JAPAN", "AOL", "Google News"}


@pytest.mark.parametrize(
    "label,publisher",
    [
        # What resembles a label may be part of a name.
        ("de Volkskrant op MSN", "de Volkskrant"),
        ("de Volkskrant via MSN", "de Volkskrant"),
        ("Por Esto en MSN", "Por Esto"),
        ("Live on Mars on MSN", "Live on Mars"),
        ("Cine en Casa en MSN en español", "Cine en Casa"),
        ("News on Sunday", "News on Sunday"),
        ("NBC News on MSNBC", "NBC News on MSNBC"),
        ("MSNBC on MSN", "MSNBC"),
        ("MSNBC", "MSNBC"),
        ("Via Nova", "Via Nova"),
        ("On Wisconsin on MSN", "On Wisconsin"),
        ("Reuters", "Reuters"),
        # Yahoo's name is none on MSN.
        ("Reuters via Yahoo News", "Reuters via Yahoo News"),
    ],
)
def test_a_label_never_cuts_a_name(label: str, publisher: str) -> None:
    found, distributor = providers_of(label, "www.msn.com")
    assert found is not None
    assert distributor is not None
    assert (found.name, distributor.id) == (publisher, "provider/msn.com")


@pytest.mark.parametrize(
    "label",
    [
        "Live on MSN",
        "MSNnews",
        "MSN Live",
        "Watch live on MSN",
        "MSN",
        "MSN UK",
        "MSN on MSN",
        "MSN Autohaus",
        "on MSN",
    ],
)
def test_a_label_without_a_publisher_is_the_aggregator(label: str) -> None:
    publisher, distributor = providers_of(label, "msn.com")
    assert publisher is not None
    assert (publisher.id, distributor) == ("provider/msn.com", None)
    assert publisher.name in {"MSN", "MSNnews", "MSN Live", "MSN UK"}, "never called by what names nobody else either"


def test_a_label_of_very_many_words_takes_no_longer_than_its_length_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at = []
    monkeypatch.setattr(aggregator_labels, "is_own_name", lambda name, _: looked_at.append(len(name)))
    aggregator_labels.publisher_named("on " * 50_000 + "MSN", platforms().aggregators["msn.com"])
    assert 0 < len(looked_at) < 100
    assert max(looked_at) <= 100


@pytest.mark.parametrize(
    "name,domain,host,publisher,distributor",
    [
        # Without a domain, or with a platform's, the address decides.
        ("USA Today on MSN", "", "msn.com", "provider/msn.com/usa-today", "provider/msn.com"),
        ("USA Today", "", "msn.com", "provider/usa-today", None),
        ("USA Today on MSN", "", "usatoday.com", f"provider/{slug('USA Today on MSN')}", None),
        ("USA Today on MSN", "usatoday.com", "msn.com", "provider/usatoday.com", "provider/msn.com"),
        ("USA Today on MSN", "usatoday.com", "usatoday.com", "provider/usatoday.com", None),
        ("USA Today on MSN", "usatoday.com", "yahoo.com", "provider/usatoday.com", None),
        ("USA Today", "usatoday.com", "msn.com", "provider/usatoday.com", None),
        ("Harbour Notes", "substack.com", "harbournotes.substack.com", "provider/harbournotes.substack.com", None),
        ("", "substack.com", "harbournotes.substack.com", "provider/harbournotes.substack.com", None),
        ("Harbour Notes", "substack.com", "harbournotes.com", "provider/substack.com/harbour-notes", None),
        ("Harbour Notes", "substack.com", "blog.tumblr.com", "provider/substack.com/harbour-notes", None),
        ("Harbour Notes", "a.substack.com", "b.substack.com", "provider/a.substack.com", None),
        ("IGN", "youtube.com", "ign.youtube.com", "provider/youtube.com/ign", None),
        ("Blog", "", "blog.tumblr.com", "provider/blog", None),
        ("", "", "msn.com", None, None),
    ],
)
def test_the_address_decides_what_a_domain_leaves_open(
    name: str, domain: str, host: str, publisher: str | None, distributor: str | None
) -> None:
    found = attribution_at(name, domain, host)
    assert (found.publisher and found.publisher.id) == publisher
    assert (found.distributor and found.distributor.id) == distributor
    assert found.publisher is None or distributor is None or found.publisher.name == "USA Today"


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
    entries = [*table["platform"], *table["same_as"], *table["aggregator"]]
    domains = [
        *(entry["domain"] for kind in ("platform", "aggregator") for entry in table[kind]),
        *(domain for entry in entries for domain in entry.get("domains", ())),
    ]
    assert len(domains) == len(set(domains))
    for entry in entries:
        assert entry["source"].startswith("https://")
    assert all(host_of(domain) == domain and "." in domain for domain in domains), "a host in lower case"
    assert all(entry["name"] for entry in table["platform"])
    assert all(entry["brands"] and all(entry["brands"]) for entry in table["aggregator"])
