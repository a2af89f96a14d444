"""What comes out where mentions of one thing disagree, and what is united."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from oracles import plain_merge
from samples.examples import examples
from samples.generated_records import CORPORA, Raw, corpus_of, union

from graphkit.identity.folding import slug, topic_id
from graphkit.identity.identification import facts_of
from graphkit.merge import mentions as mentions_module
from graphkit.merge.articles import Article, Merged, merge
from graphkit.merge.mentions import Corpus, Mention, TopicMention, mentions_of
from graphkit.merge.providers import Provider
from graphkit.merge.topics import Topic
from graphkit.records.entry import Entry, Image, TopicEntry

URL = "https://www.example.com/a"
EARLY = datetime(2021, 8, 23, tzinfo=UTC)
LATE = EARLY + timedelta(days=1)
HUB = Entry(title="Hub", web_url="https://hub.example/")


def corpus(*entries: Entry, topics: tuple[TopicEntry, ...] = ()) -> Corpus:
    """Return the mentions in entries, each a record of its own in a file of its own: 0.md, 1.md …"""
    mentions = [mention for index, entry in enumerate(entries) for mention in mentions_of(entry, f"{index}.md", "")]
    return Corpus(tuple(mentions), tuple(TopicMention(f"t{i}.yaml", "", topic) for i, topic in enumerate(topics)))


def article_of(merged: Merged, title_or_url: str) -> Article:
    (found,) = (one for one in merged.articles if title_or_url in (one.title, one.url))
    return found


def provider_of(merged: Merged, node: str) -> Provider:
    return {provider.id: provider for provider in merged.providers}[f"provider/{node}"]


def topic_of(merged: Merged, label: str) -> Topic:
    return {topic.id: topic for topic in merged.topics}[topic_id(label)]


# --- the order of winning

# For each chosen field a smaller and a larger value; for a provider, the label counts.
VALUES: dict[str, tuple[Any, Any]] = {
    "title": ("a", "b"),
    "excerpt": ("a", "b"),
    "media": ("article", "video"),
    "heat": (3, 12),
    "status": ("draft", "removed"),
    "language": ("de", "en"),
    "provider_name": ("Example A", "Example B"),
    "web_url": ("https://example.com/a", "https://www.example.com/a"),
}
CHOSEN_AS = {"provider_name": "publisher_label", "web_url": "url"}

# What makes one mention stronger than the other, the strongest reason first.
REASONS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("own", {"own": True}, {"own": False}),
    (
        "the publisher's, though earlier and of lower quality",
        {"published_at": EARLY, "quality": 1},
        {"published_at": LATE, "quality": 99, "provider_name": "Example on MSN", "provider_domain": "msn.com"},
    ),
    (
        "own, though a copy",
        {"provider_name": "Example on MSN", "provider_domain": "msn.com"},
        {"own": False, "published_at": LATE, "quality": 99},
    ),
    ("own, though earlier", {"own": True, "published_at": EARLY}, {"own": False, "published_at": LATE}),
    ("own, though of lower quality", {"own": True, "quality": 1}, {"own": False, "quality": 99}),
    (
        "own, though without date and quality",
        {"own": True},
        {"own": False, "published_at": LATE, "quality": 99},
    ),
    ("later", {"published_at": LATE}, {"published_at": EARLY}),
    (
        "later, though of lower quality",
        {"published_at": LATE, "quality": 1},
        {"published_at": EARLY, "quality": 99},
    ),
    ("updated later", {"published_at": EARLY, "updated_at": LATE}, {"published_at": EARLY, "quality": 99}),
    ("later among related", {"own": False, "published_at": LATE}, {"own": False, "published_at": EARLY}),
    ("dated", {"published_at": EARLY}, {}),
    ("dated, though of lower quality", {"published_at": EARLY, "quality": 1}, {"quality": 99}),
    ("of higher quality", {"quality": 87}, {"quality": 11}),
    (
        "of higher quality at the same time",
        {"published_at": EARLY, "quality": 87},
        {"published_at": EARLY, "quality": 11},
    ),
    ("of higher quality among related", {"own": False, "quality": 87}, {"own": False, "quality": 11}),
    ("of known quality", {"quality": -5}, {}),
    ("of quality zero", {"quality": 0}, {"quality": -1}),
]


def mention_with(field: str, value: Any, *, own: bool = True, **others: Any) -> Entry:
    base: dict[str, Any] = {"web_url": URL, "provider_domain": "example.com"}
    entry = Entry(**{**base, **others, field: value})
    return entry if own else Entry(title="Hub", web_url="https://hub.example/", related=(entry,))


@pytest.mark.parametrize("field", VALUES)
@pytest.mark.parametrize("stronger,weaker", [case[1:] for case in REASONS], ids=[case[0] for case in REASONS])
@pytest.mark.parametrize("larger_wins", [True, False], ids=["larger", "smaller"])
@pytest.mark.parametrize("first", [True, False], ids=["first", "last"])
def test_the_stronger_mention_wins_each_field(
    field: str, stronger: dict[str, Any], weaker: dict[str, Any], larger_wins: bool, first: bool
) -> None:
    lower, higher = VALUES[field]
    winning, losing = (higher, lower) if larger_wins else (lower, higher)
    entries = [mention_with(field, winning, **stronger), mention_with(field, losing, **weaker)]
    merged = merge(corpus(*(entries if first else reversed(entries))))
    (found,) = (one for one in merged.articles if one.url != "https://hub.example/")
    assert getattr(found, CHOSEN_AS.get(field, field)) == winning
    counted = {"provider_name": "provider", "web_url": "url"}.get(field, field)
    several = field == "provider_name" and "provider_domain" in {**stronger, **weaker}
    assert (counted in merged.disagreements) is (several or field not in ("provider_name", "web_url"))


@pytest.mark.parametrize("field", VALUES)
@pytest.mark.parametrize("same", [{}, {"published_at": EARLY, "quality": 7}, {"own": False, "quality": 7}])
@pytest.mark.parametrize("first", [True, False])
def test_among_equals_the_larger_value_wins(field: str, same: dict[str, Any], first: bool) -> None:
    entries = [mention_with(field, value, **same) for value in VALUES[field]]
    merged = merge(corpus(*(entries if first else reversed(entries))))
    (found,) = (one for one in merged.articles if one.url != "https://hub.example/")
    assert getattr(found, CHOSEN_AS.get(field, field)) == max(VALUES[field])


@pytest.mark.parametrize("field", [name for name in VALUES if name not in ("web_url", "provider_name")])
def test_an_unknown_value_never_wins(field: str) -> None:
    unknown = None if field == "heat" else ""
    merged = merge(
        corpus(mention_with(field, unknown, published_at=LATE, quality=99), mention_with(field, VALUES[field][0]))
    )
    assert getattr(merged.articles[0], CHOSEN_AS.get(field, field)) == VALUES[field][0]
    assert not merged.disagreements


def test_the_quality_is_that_of_the_strongest_mention_that_knows_one() -> None:
    own = Entry(web_url=URL, published_at=EARLY, quality=1)
    other = Entry(web_url=URL, published_at=LATE, quality=99)
    hub = Entry(title="Hub", web_url="https://hub.example/", related=(other,))
    assert article_of(merge(corpus(own, hub)), URL).quality == 1
    assert article_of(merge(corpus(own, other)), URL).quality == 99
    assert article_of(merge(corpus(own, Entry(web_url=URL, quality=99))), URL).quality == 1
    assert article_of(merge(corpus(Entry(web_url=URL, published_at=LATE), own)), URL).quality == 1


MIDDLE = EARLY + (LATE - EARLY) / 2


@pytest.mark.parametrize(
    "own, listed, expected",
    [
        ([(EARLY, None)], [], (EARLY, None)),
        ([(EARLY, LATE)], [], (EARLY, LATE)),
        ([(EARLY, None), (MIDDLE, None), (LATE, None)], [], (EARLY, LATE)),
        ([(LATE, None), (EARLY, MIDDLE)], [], (EARLY, LATE)),
        ([(EARLY, None), (EARLY, LATE), (MIDDLE, MIDDLE)], [], (EARLY, LATE)),
        ([(MIDDLE, None)], [(EARLY, LATE)], (MIDDLE, None)),
        ([(None, None)], [(LATE, None), (EARLY, None)], (EARLY, LATE)),
        ([(None, MIDDLE)], [(EARLY, LATE)], (None, MIDDLE)),
        ([], [(LATE, None), (EARLY, MIDDLE)], (EARLY, LATE)),
        ([(None, None)], [], (None, None)),
    ],
)
def test_an_article_is_published_first_and_updated_last(
    own: list[tuple[Any, Any]], listed: list[tuple[Any, Any]], expected: tuple[Any, Any]
) -> None:
    def at(dates: tuple[Any, Any]) -> Entry:
        return Entry(web_url=URL, published_at=dates[0], updated_at=dates[1])

    hubs = [
        Entry(title="Hub", web_url=f"https://hub.example/{number}", related=(at(dates),))
        for number, dates in enumerate(listed)
    ]
    found = article_of(merge(corpus(*map(at, own), *hubs)), URL)
    assert (found.published_at, found.updated_at) == expected


def test_the_largest_of_many_equals_wins_and_each_field_by_itself() -> None:
    entries = [Entry(web_url=URL, title=title, excerpt=excerpt) for title, excerpt in ("bx", "cy", "ay", "cz", "aa")]
    found = merge(corpus(*entries)).articles[0]
    assert (found.title, found.excerpt) == ("c", "z")
    assert found.titles == ("a", "b", "c")


def test_a_weaker_mention_does_not_win_by_a_larger_value() -> None:
    strong = [Entry(web_url=URL, title=title, published_at=LATE) for title in "ab"]
    weak = [Entry(web_url=URL, title=title, published_at=EARLY) for title in "yz"]
    assert merge(corpus(weak[1], strong[0], strong[1], weak[0])).articles[0].title == "b"


def test_publisher_and_distributor_come_from_one_mention() -> None:
    through_msn = Entry(web_url=URL, provider_name="Example on MSN", provider_domain="msn.com", quality=9)
    direct = Entry(web_url=URL, provider_name="Other", provider_domain="other.example", quality=1)
    found = merge(corpus(through_msn, Entry(title="Hub", web_url="https://hub.example/", related=(direct,)))).articles[
        0
    ]
    assert (found.publisher, found.publisher_label, found.distributor) == (
        "provider/msn.com/example",
        "Example on MSN",
        "provider/msn.com",
    )
    merged = merge(corpus(through_msn, direct))
    found = merged.articles[0]
    assert (found.publisher, found.publisher_label, found.distributor) == (
        "provider/other.example",
        "Other",
        "",
    )
    assert merged.disagreements == {"provider": 1, "quality": 1}


def test_a_disagreement_is_counted_once_for_an_article() -> None:
    entries = [Entry(web_url=URL, title=title, heat=4) for title in "abc"]
    entries += [Entry(web_url="https://example.com/b", title=title) for title in "aa"]
    assert merge(corpus(*entries)).disagreements == {"title": 1}


def test_an_own_record_is_strong_though_a_related_entry_says_the_very_same() -> None:
    strong = facts_of(Entry(web_url=URL, title="a", published_at=LATE))
    weak = facts_of(Entry(web_url=URL, title="b", published_at=EARLY))
    hub = facts_of(HUB)
    mentions = (
        Mention("0.md", "", strong),
        Mention("1.md", "", hub),
        Mention("1.md", "/related/0", strong, hub.key),
        Mention("2.md", "", weak),
    )
    assert article_of(merge(Corpus(mentions)), URL).title == "a"
    assert article_of(merge(Corpus(mentions[::-1])), URL).title == "a"


# --- what is united


def test_sets_are_united() -> None:
    one = Entry(
        title="A", web_url=URL, original_url="https://msn.com/x", topics=("AI", "C#"), categories=("news",),
        images=(Image("https://example.com/i.jpg", 10, 20), Image("https://example.com/j.jpg")),
    )  # fmt: skip
    two = Entry(
        title="B", web_url="http://example.com/a/", amp_url="https://example.com/a/amp", topics=("ai", "Law"), categories=("sport", "news"),
        images=(Image("https://example.com/i.jpg", 10, 30), Image("https://example.com/j.jpg", 5, 0)),
    )  # fmt: skip
    merged = merge(corpus(one, two))
    (found,) = merged.articles
    assert found.titles == ("A", "B")
    assert found.topics == ("topic/ai", topic_id("C#"), "topic/law")
    assert found.categories == ("news", "sport")
    assert found.images == (("https://example.com/i.jpg", 10, 30), ("https://example.com/j.jpg", 5, 0))
    assert found.sources == (("0.md", ""), ("1.md", ""))
    assert found.url == "https://www.example.com/a"
    assert found.variants == (
        ("amphtml", "https://example.com/a/amp"),
        ("original", "https://example.com/a/"),
        ("original", "https://msn.com/x"),
    )


def test_an_articles_own_address_is_not_a_variant_of_it() -> None:
    amp = Entry(web_url="https://example.com/a", amp_url="https://www.example.com/a")
    plain = Entry(web_url="https://www.example.com/a")
    (found,) = merge(corpus(amp, plain)).articles
    assert (found.url, found.variants) == (
        "https://www.example.com/a",
        (("original", "https://example.com/a"),),
    )


def test_two_parts_that_know_two_files_by_one_name_lose_neither() -> None:
    one = corpus(Entry(title="A", web_url=URL), topics=(TopicEntry("AI"),))
    two = corpus(Entry(title="B", web_url="https://example.com/b"), topics=(TopicEntry("Law"),))
    merged = merge(union(one, two))
    assert merged == merge(union(two, one))
    assert {article.title for article in merged.articles} == {"A", "B"}
    assert {topic.label for topic in merged.topics} == {"AI", "Law"}


# --- entries without URL

WITHOUT_URL: dict[str, Any] = {
    "title": "A  Title",
    "published_at": EARLY,
    "provider_name": "IGN",
    "provider_domain": "youtube.com",
}


def test_an_entry_without_url_is_found_by_title_provider_and_date() -> None:
    full = Entry(**WITHOUT_URL, web_url=URL)
    lost = Entry(**{**WITHOUT_URL, "title": "a title"}, quality=5)
    merged = merge(corpus(full, Entry(title="Hub", web_url="https://hub.example/", related=(lost,)), lost))
    assert merged.counts["without_url_found"] == 2
    assert "without_url_alone" not in merged.counts
    found = article_of(merged, URL)
    assert found.quality == 5
    assert found.sources == (("0.md", ""), ("1.md", "/related/0"), ("2.md", ""))
    assert [link.target for link in article_of(merged, "Hub").related] == [found.id]


@pytest.mark.parametrize(
    "change",
    [
        {"title": "Another title"},
        {"provider_name": "GameSpot"},
        {"provider_domain": "ign.com"},
        {"published_at": LATE},
        {"published_at": None},
        {"provider_name": "", "provider_domain": ""},
    ],
)
def test_an_entry_without_url_that_differs_is_alone(change: dict[str, Any]) -> None:
    merged = merge(corpus(Entry(**WITHOUT_URL, web_url=URL), Entry(**{**WITHOUT_URL, **change})))
    assert merged.counts["without_url_alone"] == 1
    assert len(merged.articles) == 2
    (alone,) = (one for one in merged.articles if not one.url)
    assert alone.title == change.get("title", WITHOUT_URL["title"])


@pytest.mark.parametrize("gap", [{"published_at": None}, {"provider_name": "", "provider_domain": ""}])
def test_a_gap_in_both_finds_nothing(gap: dict[str, Any]) -> None:
    merged = merge(corpus(Entry(**{**WITHOUT_URL, **gap}, web_url=URL), Entry(**{**WITHOUT_URL, **gap})))
    assert merged.counts["without_url_alone"] == 1
    assert len(merged.articles) == 2


def test_an_entry_without_url_that_fits_several_articles_finds_none() -> None:
    entries = [
        Entry(**WITHOUT_URL, web_url=URL),
        Entry(**WITHOUT_URL, web_url="https://example.com/b"),
        Entry(**WITHOUT_URL),
    ]
    merged = merge(corpus(*entries))
    assert merged.counts["without_url_ambiguous"] == 1
    assert len(merged.articles) == 3
    merged = merge(corpus(*entries, Entry(**WITHOUT_URL)))
    assert merged.counts["without_url_ambiguous"] == 2
    assert len(merged.articles) == 3, "both are one article of their own"


def test_one_mention_that_fits_is_enough() -> None:
    disagreeing = Entry(
        web_url=URL,
        title="Newer title",
        published_at=LATE,
        provider_domain="youtube.com",
        provider_name="IGN",
    )
    merged = merge(corpus(Entry(**WITHOUT_URL, web_url=URL), disagreeing, Entry(**WITHOUT_URL)))
    assert merged.counts["without_url_found"] == 1
    assert len(merged.articles) == 1


def test_entries_without_url_are_one_article_if_title_provider_and_date_are_equal() -> None:
    merged = merge(corpus(Entry(**WITHOUT_URL), Entry(**{**WITHOUT_URL, "title": "A TITLE"})))
    assert merged.counts["without_url_alone"] == 2
    assert [article.url for article in merged.articles] == [""]


@pytest.mark.parametrize("lost", [name for name in WITHOUT_URL if name != "title"])
def test_entries_without_url_and_with_a_gap_are_articles_of_their_own(lost: str) -> None:
    gap = {**WITHOUT_URL, lost: None if lost == "published_at" else ""}
    if lost.startswith("provider"):
        gap |= {"provider_name": "", "provider_domain": ""}
    hub = Entry(title="Hub", web_url="https://hub.example/", related=(Entry(**gap), Entry(**gap)))
    complete = Entry(**{**WITHOUT_URL, "web_url": URL})
    merged = merge(corpus(Entry(**gap), Entry(**gap), hub, complete))
    assert merged.counts["without_url_alone"] == 4
    assert len(merged.articles) == 6
    assert len(article_of(merged, "https://hub.example/").related) == 2


@pytest.mark.parametrize("lost_domain,full_domain", [("", "example.com"), ("example.com", ""), ("", "")])
def test_a_bare_name_is_found_as_the_provider_it_stands_for(lost_domain: str, full_domain: str) -> None:
    shown = Entry(web_url="https://example.com/other", provider_name="Example", provider_domain="example.com")
    full = Entry(title="T", published_at=EARLY, provider_name="EXAMPLE", provider_domain=full_domain, web_url=URL)
    lost = Entry(title="T", published_at=EARLY, provider_name="Example", provider_domain=lost_domain)
    merged = merge(corpus(shown, full, lost))
    assert merged.counts["without_url_found"] == 1
    assert article_of(merged, URL).sources == (("1.md", ""), ("2.md", ""))


def test_a_bare_name_and_its_domain_make_one_lonely_article() -> None:
    lost = [
        Entry(title="T", published_at=EARLY, provider_name="Example", provider_domain=domain)
        for domain in ("", "example.com")
    ]
    hub = Entry(title="Hub", web_url="https://hub.example/", related=(lost[0],))
    merged = merge(corpus(lost[0], lost[1], hub))
    assert merged.counts["without_url_alone"] == 3
    found = article_of(merged, "T")
    assert found.publisher == "provider/example.com"
    assert len(found.sources) == 3
    assert [link.target for link in article_of(merged, "Hub").related] == [found.id]


def test_what_lists_a_found_entry_under_a_found_entry_is_linked_by_the_final_ids() -> None:
    child = Entry(title="Child", published_at=EARLY, provider_name="IGN", provider_domain="youtube.com")
    parent = Entry(**WITHOUT_URL, related=(child,))
    full_child = Entry(
        title="child",
        published_at=EARLY,
        provider_name="IGN",
        provider_domain="youtube.com",
        web_url="https://example.com/c",
    )
    merged = merge(corpus(parent, Entry(**WITHOUT_URL, web_url=URL), full_child))
    assert merged.counts["without_url_found"] == 2
    (link,) = article_of(merged, URL).related
    assert link.target == article_of(merged, "https://example.com/c").id


# --- providers


def test_x_on_y_is_published_by_x_where_some_record_shows_its_domain() -> None:
    through_msn = Entry(web_url="https://msn.com/x", provider_name="USA Today on MSN", provider_domain="msn.com")
    merged = merge(corpus(through_msn))
    found = merged.articles[0]
    assert (found.publisher, found.distributor) == ("provider/msn.com/usa-today", "provider/msn.com")
    fallback = provider_of(merged, "msn.com/usa-today")
    assert (fallback.name, fallback.domain, fallback.platform) == ("USA Today", "msn.com", "MSN")
    direct = Entry(web_url=URL, provider_name="USA TODAY", provider_domain="usatoday.com")
    merged = merge(corpus(through_msn, direct))
    found = article_of(merged, "https://msn.com/x")
    assert (found.publisher, found.publisher_label, found.distributor) == (
        "provider/usatoday.com",
        "USA Today on MSN",
        "provider/msn.com",
    )
    assert {provider.id for provider in merged.providers} == {"provider/usatoday.com", "provider/msn.com"}
    assert provider_of(merged, "usatoday.com").names == ("USA TODAY", "USA Today")


def shown(name: str, domain: str, *pages: str) -> list[Entry]:
    return [Entry(web_url=f"https://{domain}/{page}", provider_name=name, provider_domain=domain) for page in pages]


def on_msn(name: str) -> Entry:
    return Entry(web_url=MSN, provider_name=f"{name} on MSN", provider_domain="msn.com")


MSN = "https://msn.com/x"


@pytest.mark.parametrize("pages", [("1",), ("1", "2", "3")])
def test_a_name_of_two_domains_stands_for_neither(pages: tuple[str, ...]) -> None:
    bare = Entry(web_url=URL, provider_name="post")
    merged = merge(corpus(*shown("Post", "a.example", *pages), bare, on_msn("Post")))
    assert article_of(merged, URL).publisher == "provider/a.example"
    assert article_of(merged, MSN).publisher == "provider/a.example"
    merged = merge(corpus(*shown("Post", "a.example", *pages), *shown("POST", "b.example", "1"), bare, on_msn("Post")))
    assert article_of(merged, URL).publisher == "provider/post"
    assert article_of(merged, MSN).publisher == "provider/msn.com/post"
    assert {provider.id for provider in merged.providers} == {
        "provider/a.example",
        "provider/b.example",
        "provider/post",
        "provider/msn.com/post",
        "provider/msn.com",
    }


@pytest.mark.parametrize(
    "guest,own,expected",
    [
        ("GameRant", {"gamerant.com": "Game Rant"}, "gamerant.com"),
        ("Game Rant", {"gamerant.com": "GameRant"}, "gamerant.com"),
        ("Game-Rant", {"gamerant.com": "game rant"}, "gamerant.com"),
        ("U.S. News", {"usnews.com": "US News"}, "usnews.com"),
        ("Women's Wear", {"wwd.com": "Womens Wear"}, "wwd.com"),
        # Exactly one has the very name.
        ("Game Rant", {"gamerant.com": "Game Rant", "gamerant.example": "GameRant"}, "gamerant.com"),
        ("Game-Rant", {"gamerant.com": "Game Rant", "gamerant.example": "GameRant"}, "msn.com/{}"),
        ("Game Rant", {"gamerant.com": "Game Rants"}, "msn.com/{}"),
        ("C#", {"c.example": "C++"}, "msn.com/{}"),
        ("GameRant", {"youtube.com": "Game Rant"}, "msn.com/{}"),
    ],
)
def test_a_name_spelled_otherwise_is_that_of_the_one_provider_with_its_letters(
    guest: str, own: dict[str, str], expected: str
) -> None:
    merged = merge(corpus(on_msn(guest), *(shown(name, domain, "1")[0] for domain, name in own.items())))
    assert article_of(merged, MSN).publisher == f"provider/{expected.format(slug(guest))}"
    # Those with domains of their own are never joined.
    assert {f"provider/{domain}" for domain in own if domain != "youtube.com"} <= {one.id for one in merged.providers}


def test_two_spellings_on_one_aggregator_are_one_provider_unless_domains_tell_them_apart() -> None:
    second = Entry(web_url="https://msn.com/y", provider_name="GiveMeSport on MSN", provider_domain="msn.com")
    elsewhere = Entry(web_url="https://yahoo.com/y", provider_name="GiveMeSport via Yahoo", provider_domain="yahoo.com")
    merged = merge(corpus(on_msn("Give Me Sport"), second, elsewhere))
    publishers = {one.url: one.publisher for one in merged.articles}
    assert publishers == {
        MSN: "provider/msn.com/give-me-sport",
        second.web_url: "provider/msn.com/give-me-sport",
        elsewhere.web_url: "provider/yahoo.com/givemesport",
    }
    assert provider_of(merged, "msn.com/give-me-sport").names == ("Give Me Sport", "GiveMeSport")
    owned = [*shown("Give Me Sport", "a.example", "1"), *shown("GiveMeSport", "b.example", "1")]
    merged = merge(corpus(on_msn("Give Me Sport"), second, *owned))
    assert article_of(merged, MSN).publisher == "provider/a.example"
    assert article_of(merged, second.web_url).publisher == "provider/b.example"


def test_a_guest_on_an_aggregator_or_a_platform_lends_its_name_to_neither() -> None:
    guests = [
        Entry(web_url="https://msn.com/1", provider_name="Bloomberg", provider_domain="msn.com"),
        Entry(web_url="https://youtube.com/1", provider_name="Bloomberg", provider_domain="youtube.com"),
    ]
    named = [
        Entry(web_url="https://msn.com/2", provider_name="Bloomberg on MSN", provider_domain="msn.com"),
        Entry(web_url=URL, provider_name="Bloomberg"),
    ]
    merged = merge(corpus(*guests, *named))
    assert article_of(merged, "https://msn.com/2").publisher == "provider/msn.com/bloomberg"
    assert article_of(merged, URL).publisher == "provider/bloomberg"
    direct = Entry(web_url="https://bloomberg.com/1", provider_name="Bloomberg", provider_domain="bloomberg.com")
    merged = merge(corpus(*guests, *named, direct))
    assert article_of(merged, "https://msn.com/2").publisher == "provider/bloomberg.com"
    assert article_of(merged, URL).publisher == "provider/bloomberg.com"


def test_msn_by_name_is_msn() -> None:
    merged = merge(corpus(
        Entry(web_url=URL, provider_name="msn"),
        Entry(web_url="https://msn.com/1", provider_name="MSN", provider_domain="msn.com"),
    ))  # fmt: skip
    assert article_of(merged, URL).publisher == "provider/msn.com"


def test_the_commonest_name_by_distinct_articles_wins_then_the_larger() -> None:
    def named(name: str, *pages: str) -> list[Entry]:
        return [
            Entry(web_url=f"https://example.com/{page}", provider_name=name, provider_domain="example.com")
            for page in pages
        ]

    merged = merge(corpus(*named("Ex", "1", "2"), *named("Example", "3", "3/", "3#x", "3?gclid=1")))
    assert (merged.providers[0].name, merged.providers[0].names) == ("Ex", ("Ex", "Example"))
    merged = merge(corpus(*named("Ex", "1"), *named("Example", "2")))
    assert merged.providers[0].name == "Example"


def test_a_winning_publisher_without_a_name_lends_no_label_from_a_weaker_mention() -> None:
    strong = Entry(web_url=URL, provider_domain="example.com", quality=2)
    weak = Entry(web_url=URL, provider_name="Other", provider_domain="other.example", quality=1)
    (found,) = merge(corpus(strong, weak)).articles
    assert (found.publisher, found.publisher_label) == ("provider/example.com", "")


def test_a_provider_without_a_name_is_called_by_its_domain() -> None:
    merged = merge(corpus(Entry(web_url=URL, provider_domain="example.com")))
    assert merged.providers == (Provider("provider/example.com", "example.com", ("example.com",), "example.com", ""),)
    assert merged.articles[0].publisher_label == ""
    merged = merge(corpus(
        Entry(web_url=URL, provider_domain="example.com"),
        Entry(web_url="https://example.com/b", provider_domain="example.com"),
        Entry(web_url="https://example.com/c", provider_domain="example.com", provider_name="Ex"),
    ))  # fmt: skip
    assert merged.providers == (Provider("provider/example.com", "Ex", ("Ex",), "example.com", ""),)


def test_two_names_for_one_provider_are_no_disagreement() -> None:
    merged = merge(corpus(
        Entry(web_url=URL, provider_name="Example", provider_domain="example.com"),
        Entry(web_url=URL, provider_name="Example Inc", provider_domain="example.com"),
        Entry(web_url=URL, provider_name="Example"),
        Entry(web_url=URL, provider_name="Example on MSN", provider_domain="msn.com"),
    ))  # fmt: skip
    assert merged.disagreements == {}
    assert {provider.id for provider in merged.providers} == {"provider/example.com", "provider/msn.com"}


# --- topics


def test_the_commonest_label_by_distinct_articles_wins_then_the_larger() -> None:
    def about(label: str, *pages: str) -> list[Entry]:
        return [Entry(web_url=f"https://example.com/{page}", topics=(label,)) for page in pages]

    merged = merge(corpus(*about("AI", "1", "2"), *about("Ai", "3", "3/", "3#x", "3?gclid=1")))
    assert (topic_of(merged, "ai").label, topic_of(merged, "ai").labels) == ("AI", ("AI", "Ai"))
    assert topic_of(merge(corpus(*about("AI", "1"), *about("Ai", "2"))), "ai").label == "Ai"


def test_a_topic_file_names_the_topic_and_its_place_in_the_tree() -> None:
    entries = [Entry(web_url=f"https://example.com/{page}", topics=("VISION",)) for page in "123"]
    files = (
        TopicEntry(
            "Vision",
            labels=("CV",),
            parent="Artificial Intelligence",
            keywords=("CV", "vision", "VISION", "image", "Image"),
        ),
        TopicEntry("Law"),
    )
    merged = merge(corpus(*entries, topics=files))
    vision = topic_of(merged, "vision")
    assert vision.label == "Vision"
    assert vision.labels == ("CV", "VISION", "Vision")
    assert vision.keywords == ("Image", "image"), "no keyword that is a label already"
    assert vision.broader == ("topic/artificial-intelligence",)
    parent = topic_of(merged, "artificial intelligence")
    assert (parent.label, parent.labels, parent.broader) == (
        "Artificial Intelligence",
        ("Artificial Intelligence",),
        (),
    )
    assert topic_of(merged, "law").labels == ("Law",)
    assert (merged.counts["topic_records"], merged.counts["topics_own"]) == (2, 2)


@pytest.mark.parametrize("reverse", [False, True])
def test_where_topic_files_differ_the_larger_name_wins_and_the_rest_is_united(reverse: bool) -> None:
    files = [TopicEntry("AI", parent="B", keywords=("x",)), TopicEntry("ai", parent="A", keywords=("y",))]
    merged = merge(corpus(topics=tuple(reversed(files) if reverse else files)))
    found = topic_of(merged, "ai")
    assert (found.label, found.labels, found.keywords, found.broader) == (
        "ai",
        ("AI", "ai"),
        ("x", "y"),
        ("topic/a", "topic/b"),
    )
    assert (merged.counts["topic_records"], merged.counts["topics_own"]) == (2, 1)


def test_a_circle_of_topics_is_kept_as_the_files_say_and_none_is_broader_than_itself() -> None:
    merged = merge(
        corpus(topics=(TopicEntry("A", parent="B"), TopicEntry("B", parent="a"), TopicEntry("C", parent="c")))
    )
    assert topic_of(merged, "A").broader == ("topic/b",)
    assert topic_of(merged, "B").broader == ("topic/a",)
    assert topic_of(merged, "C").broader == ()
    assert topic_of(merged, "C").labels == ("C",)
    assert topic_of(merged, "A").labels == ("A", "a")


# --- related


def test_a_relation_has_its_least_rank_and_all_its_places() -> None:
    target, other = Entry(title="T", web_url=URL), Entry(title="O", web_url="https://example.com/o")
    hub: dict[str, Any] = {"title": "Hub", "web_url": "https://hub.example/"}
    merged = merge(corpus(Entry(**hub, related=(other, target)), Entry(**hub, related=(target, None, target)), target))
    links = {link.target: link for link in article_of(merged, "Hub").related}
    link = links[article_of(merged, URL).id]
    assert (link.rank, link.sources) == (
        0,
        (("0.md", "/related/1"), ("1.md", "/related/0"), ("1.md", "/related/2")),
    )
    assert [link.target for link in article_of(merged, "Hub").related] == sorted(links)
    assert article_of(merged, URL).related == ()
    assert merged.counts["own"] == 3
    assert merged.counts["related"] == 4
    assert merged.counts["articles_own"] == 2


def test_an_article_is_not_related_to_itself() -> None:
    merged = merge(corpus(
        Entry(title="T", web_url=URL, related=(Entry(title="T", web_url=f"{URL}?gclid=1"), Entry(title="O", web_url="https://example.com/o")))
    ))  # fmt: skip
    assert [link.target for link in article_of(merged, "T").related] == [article_of(merged, "O").id]
    assert merged.counts["related_to_itself"] == 1
    assert article_of(merged, "T").sources == (("0.md", ""), ("0.md", "/related/0"))


def test_related_of_related_hangs_on_what_lists_it() -> None:
    inner = Entry(title="Inner", web_url="https://example.com/inner")
    outer = Entry(title="Outer", web_url="https://example.com/outer", related=(inner,))
    merged = merge(corpus(Entry(title="Hub", web_url="https://hub.example/", related=(None, outer))))
    hub, middle, last = (article_of(merged, title) for title in ("Hub", "Outer", "Inner"))
    assert [link.target for link in hub.related] == [middle.id]
    assert [(link.target, link.rank, link.sources) for link in middle.related] == [
        (last.id, 0, (("0.md", "/related/1/related/0"),))
    ]
    assert last.sources == (("0.md", "/related/1/related/0"),)


def test_a_place_tells_own_and_related_mentions() -> None:
    inner = Entry(title="I", web_url="https://example.com/i")
    found = mentions_of(Entry(title="T", web_url=URL, related=(None, inner)), "a/b.md", "/value/3")
    assert [(one.source, one.pointer, one.parent, one.rank) for one in found] == [
        ("a/b.md", "/value/3", "", 0),
        ("a/b.md", "/value/3/related/1", "example.com/a", 1),
    ]


# --- the store of facts


@pytest.mark.engine
def test_facts_are_of_the_entry_at_hand_even_after_the_store_was_emptied(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mentions_module, "_FACTS", {})
    for number in range(40_000):  # more than the store holds; the ids of entries come round again
        entry = Entry(web_url=f"https://example.com/{number}")
        if mentions_module._shared_facts(entry).url != entry.web_url:
            pytest.fail(f"facts of another entry at {number}")
    assert len(mentions_module._FACTS) <= 16_384
    assert mentions_module._shared_facts(entry) is mentions_module._shared_facts(entry)


def test_nothing_gives_nothing() -> None:
    merged = merge(Corpus())
    assert (merged.articles, merged.providers, merged.topics, merged.disagreements) == ((), (), (), {})


# --- against the same rules said a second time


def compared(merged: Merged) -> dict[str, Any]:
    """Return what was merged in the form of the reference."""
    articles = {}
    for one in merged.articles:
        articles[one.id] = {
            **{name: getattr(one, name) or None for name in plain_merge.CHOSEN},
            **{name: set(getattr(one, name)) for name in ("titles", "categories", "topics", "variants", "sources")},
            "quality": one.quality,
            "heat": one.heat,
            "images": {url: (width, height) for url, width, height in one.images},
            "publisher": one.publisher or None,
            "publisher_label": one.publisher_label if one.publisher else None,
            "distributor": one.distributor or None,
        }
    return {
        "articles": articles,
        "providers": {
            one.id: {
                "name": one.name,
                "names": set(one.names),
                "domain": one.domain,
                "platform": one.platform,
            }
            for one in merged.providers
        },
        "topics": {
            one.id: {
                "label": one.label,
                "labels": set(one.labels),
                "keywords": set(one.keywords),
                "broader": set(one.broader),
            }
            for one in merged.topics
        },
        "related": {
            (one.id, link.target): (link.rank, set(link.sources)) for one in merged.articles for link in one.related
        },
        "disagreements": merged.disagreements,
    }


@examples(250)
@given(CORPORA)
def test_the_merge_is_what_the_design_says(records: list[Raw]) -> None:
    mentions = corpus_of(records)
    merged = merge(mentions)
    ours, reference = compared(merged), plain_merge.merged(mentions)
    for name in reference:
        assert ours[name] == reference[name], name
    for rows in (merged.articles, merged.providers, merged.topics):
        assert [row.id for row in rows] == sorted({row.id for row in rows})
    for one in merged.articles:
        several: tuple[tuple[Any, ...], ...] = (
            one.titles,
            one.categories,
            one.topics,
            one.variants,
            one.sources,
            one.images,
        )
        for values in several:
            assert list(values) == sorted(set(values))


def test_a_mention_is_a_value() -> None:
    one, other = (mentions_of(Entry(title="T", web_url=URL), "a.md", "")[0] for _ in range(2))
    assert isinstance(one, Mention)
    assert one == other
    assert hash(one) == hash(other)


def test_an_entry_that_is_found_counts_once_with_its_article() -> None:
    told: dict[str, Any] = {"title": "Ban", "published_at": EARLY, "provider_domain": "a.example"}
    merged = merge(
        corpus(
            Entry(web_url=URL, provider_name="Aah", topics=("AI",), **told),
            Entry(provider_name="Aah", topics=("AI",), **told),
            Entry(
                title="Other", web_url=f"{URL}/other", provider_name="Bee", provider_domain="a.example", topics=("ai",)
            ),
        )
    )
    assert merged.counts["without_url_found"] == 1
    (provider,) = merged.providers
    (topic,) = merged.topics
    # One article each has either spelling, so the larger counts; counted twice, the other would be the commonest.
    assert (provider.name, topic.label) == ("Bee", "ai")


def test_an_entry_that_is_found_leaves_both_names_of_its_provider() -> None:
    told: dict[str, Any] = {"title": "Ban", "published_at": EARLY, "provider_domain": "a.example"}
    merged = merge(corpus(Entry(web_url=URL, provider_name="Aah", **told), Entry(provider_name="Bee", **told)))
    assert merged.counts["without_url_found"] == 1
    assert merged.providers[0].names == ("Aah", "Bee")
