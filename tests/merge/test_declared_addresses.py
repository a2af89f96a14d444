"""A record under an address that another one declares is the same article, where nothing speaks against it."""

from __future__ import annotations

import pytest

from graphkit.merge.articles import Merged, merge
from graphkit.merge.mentions import Corpus, mentions_of
from graphkit.records.entry import Entry

PAGE = "https://www.courier.example/article/fair/69-d35b"
AMP = "https://www.courier.example/amp/article/fair/69-d35b"
COPY = "https://portal.example/fair"


def merged(*entries: Entry) -> Merged:
    """Merge entries, each a record of its own."""
    found = [mentions_of(entry, f"{number}.md", "") for number, entry in enumerate(entries)]
    results = [merge(Corpus(tuple(one for some in order for one in some))) for order in (found, found[::-1])]
    assert results[0] == results[1]
    return results[0]


def entry(url: str, title: str = "Fair called off", amp: str = "", original: str = "", cached: str = "") -> Entry:
    return Entry(title=title, web_url=url, amp_url=amp, original_url=original, cdn_url=cached)


def urls(*entries: Entry) -> list[str]:
    return sorted(article.url for article in merged(*entries).articles)


@pytest.mark.parametrize(
    "entries, page",
    [
        ([entry(PAGE, amp=AMP), entry(AMP)], PAGE),
        ([entry(PAGE), entry(AMP, original=PAGE)], PAGE),
        ([entry(PAGE, amp=AMP), entry(AMP, original=PAGE)], PAGE),
        ([entry(PAGE), entry(COPY, original=PAGE)], PAGE),
        ([entry(PAGE, cached=f"https://www-courier-example.cdn.ampproject.org/c/s/{AMP[8:]}"), entry(AMP)], PAGE),
        ([entry(PAGE, amp=AMP), entry(AMP), entry(COPY, original=PAGE)], PAGE),
    ],
)
def test_an_address_that_a_record_declares_is_the_same_article(entries: list[Entry], page: str) -> None:
    article = merged(*entries).articles[0]
    assert urls(*entries) == [page]
    assert article.id == merged(entry(page)).articles[0].id
    assert {url for _, url in article.variants} == {one.web_url for one in entries} - {page} | {
        each for one in entries for each in (one.amp_url, one.cdn_url) if each
    }


@pytest.mark.parametrize(
    "entries",
    [
        [entry(PAGE, amp=AMP), entry(AMP, "Another title")],
        [entry(PAGE, amp=AMP), entry(COPY, amp=AMP), entry(AMP)],
        [entry(PAGE), entry(COPY, original=PAGE), entry("https://other.example/fair", original=PAGE)],
        [entry(PAGE, original="https://www.courier.example/"), entry("https://www.courier.example/")],
        [entry(PAGE, amp=AMP), entry(COPY), entry(AMP, original=COPY)],
    ],
)
def test_evidence_that_something_speaks_against_joins_nothing(entries: list[Entry]) -> None:
    assert urls(*entries) == sorted(one.web_url for one in entries)


def test_a_circle_of_declarations_is_one_article() -> None:
    assert len(merged(entry(PAGE, amp=COPY), entry(COPY, amp=PAGE)).articles) == 1
