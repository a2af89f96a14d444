"""Which article, provider and topic an entry speaks of."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from importlib import resources
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from samples.examples import examples

from graphkit.identity.identification import (
    ProviderRef,
    article_id,
    facts_of,
    fold,
    is_complete,
    is_title_key,
    platforms,
    providers_of,
    shows_own_domain,
    slug,
    title_key,
    topic_id,
)
from graphkit.records.dates import utc_text
from graphkit.records.entry import Entry
from graphkit.urls.canonical_url import receipt
from graphkit.urls.domains import domain_of
from graphkit.urls.web_address import MAX_URL

SAFE_ID = re.compile(r"(?:article|provider|topic)(?:/[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?){1,3}")
MOMENT = datetime(2021, 8, 23, 17, 8, tzinfo=UTC)
ANY_TEXT = st.text(st.characters(), max_size=30)
LABELS = st.one_of(
    ANY_TEXT,
    st.text(" aAbBß-_.#+/İıſK\u0345\u0301Å\u00a0\t\ufb01", max_size=8),
    st.sampled_from(["C#", "C++", "c", "AI", "ai", "Computer Vision", "computer-vision", "c sune2nxaveay", "a" * 65]),
)


# --- providers


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


# --- topics


@pytest.mark.parametrize(
    "one,other,equal",
    [
        ("AI", "ai", True),
        ("Computer Vision", "  computer \t VISION\n", True),
        ("Straße", "STRASSE", True),
        ("ﬁre", "FIRE", True),
        ("Ａ１", "a1", True),
        ("Café", "Cafe\u0301", True),
        ("ΣΊΣΥΦΟΣ", "σίσυφος", True),
        ("K", "k", True),
        ("½", "1⁄2", True),
        ("a\u00a0b", "a b", True),
        ("a\u3000b", "a b", True),
        ("C#", "C++", False),
        ("C#", "C", False),
        ("Café", "Cafe", False),
        (".NET", "net", False),
        ("A/B", "A B", False),
        ("computer-vision", "computer vision", False),
        ("AI", "A I", False),
        ("日本", "日本語", False),
        ("c sune2nxaveay", "C#", False),
        ("a" * 64, "a" * 65, False),
        ("a" * 65 + "b", "a" * 65 + "c", False),
        ("", " ", True),
    ],
)
def test_two_labels_are_one_topic_or_two(one: str, other: str, equal: bool) -> None:
    assert (fold(one) == fold(other)) is equal
    assert (slug(one) == slug(other)) is equal
    assert (topic_id(one) == topic_id(other)) is equal


@pytest.mark.parametrize(
    "label,expected",
    [
        ("Computer Vision", "topic/computer-vision"),
        ("AI", "topic/ai"),
        ("5G", "topic/5g"),
        ("C#", r"topic/c_[a-z2-7]{12}"),
        ("Café society", r"topic/caf-society_[a-z2-7]{12}"),
        ("日本", r"topic/_[a-z2-7]{12}"),
        ("computer-vision", r"topic/computer-vision_[a-z2-7]{12}"),
        ("a" * 64, "topic/" + "a" * 64),
        ("a" * 65, "topic/" + "a" * 48 + "_[a-z2-7]{12}"),
        ("a" * 47 + " bcd" + "e" * 30, "topic/" + "a" * 47 + "_[a-z2-7]{12}"),
    ],
)
def test_a_topic_id_is_readable(label: str, expected: str) -> None:
    assert re.fullmatch(expected, topic_id(label))


@examples(400)
@given(LABELS)
@example("\u0345\u0301")
@example("\u1fb4\u0345")
@example("\u0390\u0345")
@example("\u03d3")
@example("\u1e9e")
@example("\u00a8 \u0308")
def test_folding_twice_is_folding_once(label: str) -> None:
    once = fold(label)
    assert fold(once) == once
    assert fold(label.upper()) == fold(label.upper().casefold())
    assert once == once.strip()
    assert SAFE_ID.fullmatch(topic_id(label))
    assert len(topic_id(label)) <= 80


def test_folding_any_one_character_with_any_mark_is_stable() -> None:
    marks = "\u0345\u0301\u0323"
    for number in [*range(0x3000), *range(0xA640, 0xABFF), *range(0xF900, 0x10000), *range(0x1D400, 0x1D800)]:
        character = chr(number)
        for text in (character, *(character + mark for mark in marks), *(mark + character for mark in marks)):
            once = fold.__wrapped__(text)
            assert fold.__wrapped__(once) == once, text.encode("unicode_escape")


@examples(400)
@given(LABELS, LABELS)
def test_two_texts_have_one_slug_exactly_where_they_fold_to_one_text(one: str, other: str) -> None:
    assert (slug(one) == slug(other)) == (fold(one) == fold(other))
    assert slug(one).isascii()


@examples(300)
@given(LABELS)
def test_a_label_meets_its_other_unicode_forms(label: str) -> None:
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert fold(unicodedata.normalize(form, label)) == fold(label)


# --- articles


@pytest.mark.parametrize(
    "url,host",
    [
        ("https://www.forbes.com/a", "forbes.com"),
        ("https://m.forbes.com:8080/a?b#!c", "forbes.com"),
        ("https://forbes.com/", "forbes.com"),
        ("https://1.2.3.4/a", "1.2.3.4"),
        ("https://日本.jp/a", "xn--wgv71a.jp"),
        ("https://localhost/a", "localhost"),
        ("https://[2001:db8::1]:80/a", r"2001-db8-1_[a-z2-7]{12}"),
        ("https://[::1]/a", r"1_[a-z2-7]{12}"),
        ("https://-x.example/a", r"x-example_[a-z2-7]{12}"),
        ("https://../a", r"_[a-z2-7]{12}"),
        ("https://a!b.example/a", r"a-b-example_[a-z2-7]{12}"),
    ],
)
def test_an_article_id_names_the_host(url: str, host: str) -> None:
    node = article_id(receipt(url).key)
    assert re.fullmatch(rf"article/{host}/[a-z2-7]{{16}}", node), node
    assert SAFE_ID.fullmatch(node)


def test_a_match_key_is_one_article_and_two_are_two() -> None:
    same = [
        "https://www.example.com/a",
        "http://m.example.com/a/?utm_source=x#top",
        "https://amp.example.com/a/amp",
    ]
    assert len({article_id(receipt(url).key) for url in same}) == 1
    different = [
        "https://example.com/a?id=1",
        "https://example.com/a?id=2",
        "https://example.com/A",
        "https://example.com:81/a",
        "https://example.org/a",
    ]
    assert len({article_id(receipt(url).key) for url in different}) == len(different)


@pytest.mark.parametrize(
    "title,provider,moment,findable",
    [
        ("T", "provider/youtube.com/ign", MOMENT, True),
        ("", "provider/youtube.com/ign", MOMENT, False),
        (" \t", "provider/youtube.com/ign", MOMENT, False),
        ("T", "", MOMENT, False),
        ("T", "provider/youtube.com/ign", None, False),
    ],
)
def test_a_title_key_finds_only_with_all_its_parts(
    title: str, provider: str, moment: datetime | None, findable: bool
) -> None:
    key = title_key(title, provider, moment)
    assert is_title_key(key)
    assert is_complete(key) is findable
    assert SAFE_ID.fullmatch(article_id(key))


def test_a_title_key_is_title_provider_and_date_folded() -> None:
    key = title_key("A  Title", "provider/x.com", MOMENT)
    assert key == title_key("a title\t", "provider/x.com", datetime(2021, 8, 23, 17, 8, tzinfo=UTC))
    assert key != title_key("a title", "provider/y.com", MOMENT)
    assert key != title_key("a title", "provider/x.com", MOMENT + timedelta(seconds=1))
    assert article_id(key).startswith("article/x.com/")
    assert article_id(title_key("T", "", None)).startswith("article/unknown/")
    assert not is_title_key(receipt("https://example.com/\ta").key)


@examples(300)
@given(
    LABELS,
    LABELS,
    st.sampled_from(["", "forbes.com", "youtube.com", "msn.com"]),
    st.none() | st.datetimes(timezones=st.just(UTC)),
)
def test_the_id_of_any_title_key_is_safe(title: str, name: str, domain: str, moment: datetime | None) -> None:
    facts = facts_of(Entry(title=title, provider_name=name, provider_domain=domain, published_at=moment))
    assert is_title_key(facts.key)
    assert facts.url == ""
    assert facts.key.count("\t") == 3
    assert SAFE_ID.fullmatch(article_id(facts.key)), article_id(facts.key)


WEB = "https://www.example.com/a"


@pytest.mark.parametrize(
    "entry,url,variants",
    [
        (Entry(web_url=WEB), WEB, ()),
        (Entry(web_url=f"{WEB}?utm_source=x#top"), WEB, ()),
        (Entry(original_url=WEB), WEB, ()),
        (Entry(web_url=WEB, original_url="http://example.com/a/"), WEB, ()),
        (Entry(web_url=WEB, original_url="https://msn.com/b"), WEB, (("original", "https://msn.com/b"),)),
        (Entry(web_url=WEB, amp_url=f"{WEB}/amp"), WEB, (("amphtml", f"{WEB}/amp"),)),
        (Entry(web_url=WEB, amp_url="https://example.com/a-amp.html"), WEB, (("amphtml", "https://example.com/a-amp.html"),)),
        (Entry(web_url=WEB, amp_url=WEB), WEB, ()),
        (
            Entry(web_url=WEB, amp_url=f"{WEB}/amp", cdn_url="https://x.cdn.ampproject.org/c/s/www.example.com/a/amp"),
            WEB,
            (("amphtml", f"{WEB}/amp"), ("cachedCopy", "https://x.cdn.ampproject.org/c/s/www.example.com/a/amp")),
        ),
        # What an address is counts, not the field it stands in.
        (
            Entry(web_url="https://x.cdn.ampproject.org/c/s/www.example.com/a"),
            WEB,
            (("cachedCopy", "https://x.cdn.ampproject.org/c/s/www.example.com/a"),),
        ),
        (Entry(web_url=f"{WEB}?amp"), WEB, (("amphtml", f"{WEB}?amp"),)),
        (Entry(web_url=WEB, original_url=f"{WEB}/amp"), WEB, (("amphtml", f"{WEB}/amp"),)),
        (Entry(web_url=WEB, cdn_url=f"{WEB}/amp"), WEB, (("amphtml", f"{WEB}/amp"),)),
        (Entry(amp_url=f"{WEB}/amp"), WEB, (("amphtml", f"{WEB}/amp"),)),
        (
            Entry(web_url=f"{WEB}/amp", amp_url=f"{WEB}?amp"),
            WEB,
            (("amphtml", f"{WEB}/amp"), ("amphtml", f"{WEB}?amp")),
        ),
        (Entry(cdn_url="https://cdn.example.net/a"), "https://cdn.example.net/a", ()),
        (Entry(web_url="javascript:alert(1)", original_url=WEB), WEB, ()),
        (Entry(web_url=f"{WEB}{'b' * MAX_URL}", original_url=WEB), WEB, ()),
    ],
)  # fmt: skip
def test_the_first_address_is_the_article_and_the_others_are_variants(
    entry: Entry, url: str, variants: tuple[tuple[str, str], ...]
) -> None:
    facts = facts_of(entry)
    assert facts.url == url
    assert facts.variants == variants
    assert facts.key == receipt(url).key


def test_an_address_that_is_too_long_gives_no_article_of_its_own() -> None:
    facts = facts_of(Entry(title="T", web_url=f"{WEB}{'b' * MAX_URL}"))
    assert is_title_key(facts.key)
    assert facts.url == ""


def test_facts_keep_what_an_entry_says() -> None:
    entry = Entry(
        title="T", excerpt="E", published_at=MOMENT, updated_at=MOMENT + timedelta(1), web_url=WEB, media="video", quality=0,
        heat=7, status="draft", categories=("news",), language="en", provider_name="P", provider_domain="p.com", topics=("AI",),
    )  # fmt: skip
    facts = facts_of(entry)
    for name in [
        "title",
        "excerpt",
        "published_at",
        "updated_at",
        "media",
        "quality",
        "heat",
        "status",
        "categories",
        "language",
        "topics",
        "images",
    ]:
        assert getattr(facts, name) == getattr(entry, name)
    assert (facts.publisher, facts.distributor) == providers_of("P", "p.com")


@pytest.mark.parametrize(
    "moment,text",
    [
        (MOMENT, "2021-08-23T17:08:00Z"),
        (MOMENT.replace(microsecond=1500), "2021-08-23T17:08:00.001500Z"),
        (datetime(2021, 8, 23, 19, 8, tzinfo=timezone(timedelta(hours=2))), "2021-08-23T17:08:00Z"),
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00Z"),
    ],
)
def test_a_moment_is_written_in_utc(moment: datetime, text: str) -> None:
    assert utc_text(moment) == text


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
