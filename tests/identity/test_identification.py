"""Which article, provider and topic an entry speaks of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from graphkit.identity.article_keys import is_title_key
from graphkit.identity.identification import facts_of
from graphkit.identity.provider_refs import providers_of
from graphkit.records.entry import Entry
from graphkit.urls.canonical_url import receipt
from graphkit.urls.web_address import MAX_URL

MOMENT = datetime(2021, 8, 23, 17, 8, tzinfo=UTC)


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
