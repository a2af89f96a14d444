"""An article has one key, and an id that is safe."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples.examples import examples

from graphkit.identity.article_keys import article_id, is_complete, is_title_key, title_key
from graphkit.identity.identification import facts_of
from graphkit.records.entry import Entry
from graphkit.urls.canonical_url import receipt

SAFE_ID = re.compile(r"(?:article|provider|topic)(?:/[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?){1,3}")


MOMENT = datetime(2021, 8, 23, 17, 8, tzinfo=UTC)


ANY_TEXT = st.text(st.characters(), max_size=30)


LABELS = st.one_of(
    ANY_TEXT,
    st.text(" aAbBß-_.#+/İıſK\u0345\u0301Å\u00a0\t\ufb01", max_size=8),
    st.sampled_from(["C#", "C++", "c", "AI", "ai", "Computer Vision", "computer-vision", "c sune2nxaveay", "a" * 65]),
)


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
