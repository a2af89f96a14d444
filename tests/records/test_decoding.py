"""A record's fields are read one by one: what is valid is kept, and each fault says where and why."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphkit.diagnostics.quoting import characters
from graphkit.records.decoding import MAX_RELATED_DEPTH, decode
from graphkit.records.entry import Entry, Image, TopicEntry
from graphkit.records.faults import FieldFault, field_name
from graphkit.records.text_values import Spelled

PROVIDER = {"name": "Example", "domain": "example.org"}


def entry(**fields: Any) -> tuple[Entry, list[FieldFault]]:
    """Decode a record that has a title and a provider besides these fields."""
    faults: list[FieldFault] = []
    found = decode({"title": "T", "provider": PROVIDER, **fields}, faults)
    assert isinstance(found, Entry)
    return found, faults


def test_a_whole_record_is_read_without_a_fault() -> None:
    faults: list[FieldFault] = []
    found = decode(
        {
            "category": "news",
            "categories": ["tech", "news"],
            "title": " A  title\n",
            "excerpt": "Words",
            "publishedDateTime": "2021-08-23T17:08:00Z",
            "updatedDateTime": "2021-08-23T19:08:00+02:00",
            "originalUrl": "https://example.org/o",
            "webUrl": "https://example.org/w",
            "ampWebUrl": "https://example.org/amp",
            "cdnAmpWebUrl": "https://cdn.example.org/c",
            "type": "Article",
            "quality": 40,
            "heat": 3,
            "published": True,
            "removed": False,
            "locale": "en-us",
            "provider": {"name": "Morning  Star", "domain": "example.org", "images": []},
            "topics": ["AI", " AI", "Computer  Vision"],
            "images": [{"url": "https://example.org/i.jpg", "width": 2, "height": 1, "isCached": True}],
            "related": [{"title": "R", "provider": PROVIDER}],
            "featuredContent": "<iframe>",
            "secured": "AAAA",
            "path": "_news/a.md",
        },
        faults,
    )
    assert faults == []
    assert found == Entry(
        title="A title",
        excerpt="Words",
        published_at=datetime(2021, 8, 23, 17, 8, tzinfo=UTC),
        updated_at=datetime(2021, 8, 23, 17, 8, tzinfo=UTC),
        web_url="https://example.org/w",
        original_url="https://example.org/o",
        amp_url="https://example.org/amp",
        cdn_url="https://cdn.example.org/c",
        media="article",
        quality=40,
        heat=3,
        status="published",
        categories=("tech", "news"),
        language="en-us",
        provider_name="Morning Star",
        provider_domain="example.org",
        topics=("AI", "Computer Vision"),
        images=(Image("https://example.org/i.jpg", 2, 1),),
        related=(Entry(title="R", provider_name="Example", provider_domain="example.org"),),
    )


def test_nulls_are_as_if_nothing_were_written() -> None:
    names = (
        "excerpt publishedDateTime webUrl quality heat published removed topics categories images related locale other"
    )
    assert entry(**dict.fromkeys(names.split())) == entry()


@pytest.mark.parametrize(
    "value, read",
    [
        ("2021-08-23T17:08:00Z", datetime(2021, 8, 23, 17, 8, tzinfo=UTC)),
        (" 2021-08-23t17:08:00z ", datetime(2021, 8, 23, 17, 8, tzinfo=UTC)),
        ("2021-08-23 17:08:00 Z", datetime(2021, 8, 23, 17, 8, tzinfo=UTC)),
        ("2021-08-23T17:08Z", datetime(2021, 8, 23, 17, 8, tzinfo=UTC)),
        ("2021-08-23T19:08:00+02:00", datetime(2021, 8, 23, 17, 8, tzinfo=UTC)),
        ("2021-08-23 19:08:00 +0200", datetime(2021, 8, 23, 17, 8, tzinfo=UTC)),
        ("2021-08-23 12:08:00 -05", datetime(2021, 8, 23, 17, 8, tzinfo=UTC)),
        ("2021-08-23T17:08:00.5Z", datetime(2021, 8, 23, 17, 8, 0, 500_000, tzinfo=UTC)),
        ("2021-08-23T17:08:00,1234567Z", datetime(2021, 8, 23, 17, 8, 0, 123_456, tzinfo=UTC)),
        ("2024-02-29T00:00:00Z", datetime(2024, 2, 29, tzinfo=UTC)),
        ("2021-08-23 11:08:00 -6", datetime(2021, 8, 23, 17, 8, tzinfo=UTC)),
        ("2021-08-24T01:08:00+8", datetime(2021, 8, 23, 17, 8, tzinfo=UTC)),
        ("2021-08-23 11:38:00.5  -5:30", datetime(2021, 8, 23, 17, 8, 0, 500_000, tzinfo=UTC)),
        ("20210823T170800Z", datetime(2021, 8, 23, 17, 8, tzinfo=UTC)),
        ("20210823T1708Z", datetime(2021, 8, 23, 17, 8, tzinfo=UTC)),
        ("20210823T190800.25+0200", datetime(2021, 8, 23, 17, 8, 0, 250_000, tzinfo=UTC)),
        ("", None),
        ("  ", None),
    ],
)
def test_iso_dates_are_read_as_utc(value: str, read: datetime | None) -> None:
    found, faults = entry(publishedDateTime=value)
    assert found.published_at == read
    assert faults == []


@pytest.mark.parametrize("value", ["2021-08-23", "2021-08-23T00:00:00", "2021-08-23 00:00", "20210823", 20210823])
def test_a_date_without_zone_is_taken_as_utc_and_reported(value: object) -> None:
    found, faults = entry(publishedDateTime=value)
    assert found.published_at == datetime(2021, 8, 23, tzinfo=UTC)
    assert faults == [FieldFault("GK305", ("publishedDateTime",), "a date with a time zone", repr(value))]


@pytest.mark.parametrize(
    "value",
    [
        "2021-02-29T00:00:00Z", "2021-13-01", "0000-01-01", "2021-08-23T25:00:00Z", "2021-08-23T11:60:00Z",
        "2021-08-23T11:22:60Z", "2021-08-23T11:22:33+99:99", "0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00",
        "20210229", "20210823T256000Z",
    ],
)  # fmt: skip
def test_a_date_that_does_not_exist_is_unknown_and_reported(value: str) -> None:
    found, faults = entry(publishedDateTime=value)
    assert found.published_at is None
    assert faults == [FieldFault("GK306", ("publishedDateTime",), "a date that exists", repr(value))]


@pytest.mark.parametrize(
    "value, got",
    [("3 Mai", "'3 Mai'"), ("23/08/2021", "'23/08/2021'"), (2021, "2021"), (True, "True"),
     ("٢٠٢١-08-23", "'٢٠٢١-08-23'"), ("2021-8-3", "'2021-8-3'"),
     ("2021-08-23T17:08:00+530", "'2021-08-23T17:08:00+530'"), ("202108", "'202108'"), (["2021-08-23"], "a list"), ({"a": 1}, "a mapping")],
)  # fmt: skip
def test_what_is_no_iso_date_is_unknown_and_reported(value: object, got: str) -> None:
    found, faults = entry(publishedDateTime=value)
    assert found.published_at is None
    assert faults == [FieldFault("GK304", ("publishedDateTime",), "an ISO 8601 date", got)]


@pytest.mark.parametrize(
    "value, read",
    [
        (0, 0),
        (189, 189),
        (2**63 - 1, 2**63 - 1),
        (Spelled("017", 15), 15),
        (Spelled("0x1F", 31), 31),
        (102.0, 102),
        (-1.0, -1),
        (Spelled("55.0", 55.0), 55),
        (None, None),
    ],
)
def test_whole_numbers_are_read(value: object, read: int | None) -> None:
    found, faults = entry(quality=value)
    assert found.quality == read
    assert faults == []


@pytest.mark.parametrize(
    "value, got",
    [("40", "'40'"), ("lots", "'lots'"), (1.5, "1.5"), (2.0**60, "1.152921504606847e+18"), (float("inf"), "inf"), (True, "True"), (2**63, str(2**63)), ([1], "a list"),
     (Spelled("1e999", 10**999), "'1e999'"), (Spelled("yes", True), "'yes'")],
)  # fmt: skip
def test_what_is_no_whole_number_is_unknown_and_reported(value: object, got: str) -> None:
    found, faults = entry(quality=value)
    assert found.quality is None
    assert faults == [FieldFault("GK302", ("quality",), "a whole number", got)]


def test_a_negative_heat_means_unknown_and_is_counted() -> None:
    found, faults = entry(heat=-1)
    assert (found.heat, found.notes, faults) == (None, ("unknown heat",), [])


@pytest.mark.parametrize(
    "published, removed, status",
    [
        (True, None, "published"),
        (False, None, "draft"),
        (None, None, ""),
        (True, True, "removed"),
        (False, False, "draft"),
        (Spelled("yes", True), None, "published"),
        (Spelled("Off", False), None, "draft"),
    ],
)
def test_the_status_says_what_the_flags_say(published: object, removed: object, status: str) -> None:
    found, faults = entry(published=published, removed=removed)
    assert (found.status, faults) == (status, [])


@pytest.mark.parametrize("value, got", [("maybe", "'maybe'"), (1, "1"), ([], "a list"), (Spelled("1_0", 10), "'1_0'")])
def test_a_flag_that_is_neither_true_nor_false_is_reported(value: object, got: str) -> None:
    found, faults = entry(published=value)
    assert found.status == ""
    assert faults == [FieldFault("GK303", ("published",), "true or false", got)]


@pytest.mark.parametrize(
    "value, title, got",
    [
        (2021, "2021", "the number 2021"),
        (1.5, "1.5", "the number 1.5"),
        (True, "true", "the boolean true"),
        (Spelled("yes", True), "yes", "the boolean yes"),
        (Spelled("1_000", 1000), "1_000", "the number 1_000"),
    ],
)
def test_a_number_as_title_is_kept_as_it_was_written(value: object, title: str, got: str) -> None:
    found, faults = entry(title=value)
    assert found.title == title
    assert faults == [FieldFault("GK301", ("title",), "text", got)]


@pytest.mark.parametrize("value, got", [([1], "a list"), ({"a": 1}, "a mapping")])
def test_a_title_that_is_no_text_is_unknown_and_reported_once(value: object, got: str) -> None:
    found, faults = entry(title=value, webUrl="https://example.org/")
    assert found.title == ""
    assert faults == [FieldFault("GK301", ("title",), "text", got)]


@pytest.mark.parametrize("title, got", [(None, "nothing"), ("", "nothing"), (" \n", "' \\n'")])
def test_an_empty_title_is_reported_where_an_address_is_there(title: object, got: str) -> None:
    found, faults = entry(title=title, webUrl="https://example.org/")
    assert (found.title, found.web_url) == ("", "https://example.org/")
    assert faults == [FieldFault("GK315", ("title",), "a title", got)]


@pytest.mark.parametrize("raw", [{}, {"heat": 4}, {"title": " ", "webUrl": ""}])
def test_a_record_with_neither_title_nor_address_is_rejected(raw: Mapping[str, Any]) -> None:
    faults: list[FieldFault] = []
    assert decode(raw, faults) is None
    assert faults == [FieldFault("GK314", (), "a web address or a title", "neither", rejects=True)]


@pytest.mark.parametrize(
    "text, kept, got",
    [
        ("a\x07b", "a\ufffdb", "U+0007"),
        ("\ud800\udfff", "\ufffd\ufffd", "U+D800 and 1 more"),
        ("\uffff", "\ufffd", "U+FFFF"),
        ("\x80\x00", "\ufffd\ufffd", "U+0080 and 1 more"),
    ],
)
def test_characters_that_no_text_may_hold_are_replaced_and_reported(text: str, kept: str, got: str) -> None:
    found, faults = entry(excerpt=text)
    assert found.excerpt == kept
    assert faults == [FieldFault("GK316", ("excerpt",), "text without control characters", got)]


@pytest.mark.parametrize("word", ["nan", "NaN", " nan ", "NaT", "<NA>"])
def test_a_missing_value_that_was_written_as_text_is_no_text(word: str) -> None:
    provider = {"name": word, "domain": "example.org"}
    found, faults = entry(webUrl="https://example.org/a", title=word, excerpt=word, topics=[word, "Courts"])
    assert (found.title, found.excerpt, found.topics) == ("", "", ("Courts",))
    assert [fault.code for fault in faults] == ["GK325", "GK315", "GK325", "GK325"]
    assert [fault.path for fault in faults if fault.code == "GK325"] == [("title",), ("topics", 0), ("excerpt",)]
    assert entry(provider=provider)[0].provider_name == ""
    assert entry(provider=word)[0].provider_name == ""


@pytest.mark.parametrize("text", ["Nan", "NAN", "NaN in JavaScript", "nan bread", "None", "NA", "NaTo"])
def test_a_word_that_only_looks_like_a_missing_value_is_kept(text: str) -> None:
    found, faults = entry(title=text, topics=[text], provider={"name": text, "domain": "example.org"})
    assert (found.title, found.topics, found.provider_name, faults) == (text, (text,), text, [])


@pytest.mark.parametrize(
    "written, read",
    [
        ("Tom &amp; Jerry&#8217;s &quot;last&quot; run", 'Tom & Jerry\u2019s "last" run'),
        ("&#x201C;Caf&eacute;&#x201D;", "\u201cCaf\u00e9\u201d"),
        ("&amp;amp; and &amp;#8217;", "&amp; and &#8217;"),
        ("AT&T &c, R&D; &copy &nosuchname; &; &#; &#xZZ;", "AT&T &c, R&D; &copy &nosuchname; &; &#; &#xZZ;"),
        ("&#7;&#0;&#xD83D;&#9999999;", "&#7;&#0;&#xD83D;&#9999999;"),
        ("nbsp:&nbsp;x", "nbsp:\u00a0x"),
        ("&#128512;", "\U0001f600"),
    ],
)
def test_complete_html_entities_are_decoded_once(written: str, read: str) -> None:
    found, faults = entry(
        title=written, excerpt=written, topics=[written], provider={"name": written, "domain": "a.org"}
    )
    line = " ".join(read.split())
    assert (found.title, found.excerpt, found.topics, found.provider_name) == (line, read, (line,), line)
    assert faults == []


@given(st.text())
def test_no_text_keeps_a_character_that_xml_forbids(text: str) -> None:
    found, _ = entry(excerpt=text)
    assert not any(ord(sign) < 32 and sign not in "\t\n" for sign in found.excerpt)
    found.excerpt.encode("utf-8")


def test_line_ends_inside_a_text_become_newlines() -> None:
    assert entry(excerpt="a\r\nb\rc")[0].excerpt == "a\nb\nc"


@pytest.mark.parametrize(
    "value, code, got",
    [
        ("javascript:alert(1)", "GK309", "'javascript:alert(1)'"),
        ("ftp://example.org/", "GK309", "'ftp://example.org/'"),
        ("not an address", "GK309", "'not an address'"),
        ("  ", "GK309", "'  '"),
        (5, "GK309", "5"),
        (["https://example.org/"], "GK309", "a list"),
        ("https://example.org/" + "a" * 9_980, "GK310", "10,000"),
    ],
)
def test_what_is_no_web_address_is_unknown_and_reported(value: object, code: str, got: str) -> None:
    found, faults = entry(webUrl=value)
    assert found.web_url == ""
    assert [(fault.code, fault.path, fault.got) for fault in faults] == [(code, ("webUrl",), got)]


@pytest.mark.parametrize(
    "value, url",
    [
        ("https://example.org/a b", "https://example.org/a%20b"),
        ("https://example.org/a?b=[c]", "https://example.org/a?b=%5Bc%5D"),
        ('https://example.org/<>"{}|^`\\', "https://example.org/%3C%3E%22%7B%7D%7C%5E%60/"),
    ],
)
def test_an_address_with_characters_to_encode_is_encoded_and_reported(value: str, url: str) -> None:
    found, faults = entry(webUrl=value)
    assert found.web_url == url
    assert faults == [FieldFault("GK318", ("webUrl",), "a web address without characters to encode", repr(value))]


@pytest.mark.parametrize(
    "value", [" https://example.org/\n", "HTTPS://EXAMPLE.ORG", "https://example.org/é", "//example.org"]
)
def test_an_address_that_browsers_take_without_a_word_has_no_fault(value: str) -> None:
    found, faults = entry(webUrl=value)
    assert found.web_url.startswith("https://example.org/")
    assert faults == []


def test_an_empty_address_is_counted() -> None:
    found, faults = entry(webUrl="", ampWebUrl="")
    assert (found.notes, faults) == (("empty webUrl", "empty ampWebUrl"), [])


@pytest.mark.parametrize(
    "value, read, fault",
    [
        (None, ("", ""), ("GK311", "a provider", "nothing")),
        ("", ("", ""), ("GK311", "a provider", "nothing")),
        ({}, ("", ""), ("GK311", "a provider's name and domain", "neither")),
        ({"name": " ", "domain": None}, ("", ""), ("GK311", "a provider's name and domain", "neither")),
        ({"name": "Forbes"}, ("Forbes", ""), ("GK312", "a provider's domain", "nothing")),
        ("The  Times", ("The Times", ""), ("GK308", "a mapping with name and domain", "'The  Times'")),
        (7, ("", ""), ("GK308", "a mapping with name and domain", "7")),
        (["Forbes"], ("", ""), ("GK308", "a mapping with name and domain", "a list")),
    ],
)
def test_a_provider_keeps_what_is_there(value: object, read: tuple[str, str], fault: tuple[str, str, str]) -> None:
    found, faults = entry(provider=value)
    assert (found.provider_name, found.provider_domain) == read
    code, expected, got = fault
    assert faults == [FieldFault(code, ("provider",), expected, got)]


def test_a_provider_without_a_name_is_its_domain() -> None:
    found, faults = entry(provider={"domain": "forbes.com"})
    assert (found.provider_name, found.provider_domain, faults) == ("", "forbes.com", [])


def test_topics_lose_nulls_and_repetitions() -> None:
    found, faults = entry(topics=["AI", None, "", " AI ", "C#"])
    assert (found.topics, found.notes, faults) == (("AI", "C#"), ("null in topics", "empty topics"), [])


@pytest.mark.parametrize(
    "value, topics, fault",
    [
        ("AI", ("AI",), FieldFault("GK307", ("topics",), "a list", "'AI'")),
        ({"a": 1}, (), FieldFault("GK307", ("topics",), "a list", "a mapping")),
        ([5, "AI"], ("5", "AI"), FieldFault("GK301", ("topics", 0), "text", "the number 5")),
        ([["AI"]], (), FieldFault("GK301", ("topics", 0), "text", "a list")),
    ],
)
def test_topics_that_are_no_list_of_texts_keep_what_can_be_kept(
    value: object, topics: tuple[str, ...], fault: FieldFault
) -> None:
    found, faults = entry(topics=value)
    assert (found.topics, faults) == (topics, [fault])


def test_the_category_comes_first_unless_it_is_listed() -> None:
    assert entry(category="news", categories=["tech"])[0].categories == ("news", "tech")
    assert entry(category="tech", categories=["news", "tech"])[0].categories == ("news", "tech")


def test_images_are_mappings_or_addresses() -> None:
    found, faults = entry(
        images=[
            {"url": "https://example.org/a", "width": 3, "height": -1},
            "https://example.org/b",
            None,
            {"url": ""},
            {"url": None},
        ]
    )
    assert found.images == (Image("https://example.org/a", 3, 0), Image("https://example.org/b"))
    assert found.notes == ("null in images", "empty url")
    assert faults == []


@pytest.mark.parametrize(
    "value, images, fault",
    [
        ("x", (), FieldFault("GK307", ("images",), "a list", "'x'")),
        (
            {"url": "https://example.org/a"},
            (Image("https://example.org/a"),),
            FieldFault("GK307", ("images",), "a list", "a mapping"),
        ),
        ([5], (), FieldFault("GK308", ("images", 0), "a mapping with url, width and height", "5")),
        ([{"width": 1}], (), FieldFault("GK309", ("images", 0, "url"), "a web address", "nothing")),
        (["x"], (), FieldFault("GK309", ("images", 0), "a web address (http or https)", "'x'")),
        (
            [{"url": "https://example.org/a", "width": "wide"}],
            (Image("https://example.org/a"),),
            FieldFault("GK302", ("images", 0, "width"), "a whole number", "'wide'"),
        ),
    ],
)
def test_images_of_another_form_keep_what_can_be_kept(
    value: object, images: tuple[Image, ...], fault: FieldFault
) -> None:
    found, faults = entry(images=value)
    assert (found.images, faults) == (images, [fault])


def test_related_entries_keep_their_rank_where_one_is_rejected() -> None:
    found, faults = entry(related=[{"title": "a", "provider": PROVIDER}, "b", {}, {"title": "c", "provider": PROVIDER}])
    assert [one and one.title for one in found.related] == ["a", None, None, "c"]
    assert faults == [
        FieldFault("GK210", ("related", 1), "a mapping", "'b'", rejects=True),
        FieldFault("GK314", ("related", 2), "a web address or a title", "neither", rejects=True),
    ]


@pytest.mark.parametrize(
    "value, titles, got", [({"title": "a", "provider": PROVIDER}, ["a"], "a mapping"), ("a", [], "'a'")]
)
def test_related_that_is_no_list_keeps_what_can_be_kept(value: object, titles: list[str], got: str) -> None:
    found, faults = entry(related=value)
    assert [one.title for one in found.related if one] == titles
    assert faults == [FieldFault("GK307", ("related",), "a list", got)]


def test_related_of_related_is_read_and_reported() -> None:
    inner = {"title": "b", "provider": PROVIDER}
    found, faults = entry(related=[{"title": "a", "provider": PROVIDER, "related": [inner]}])
    assert found.related[0] is not None
    assert [one.title for one in found.related[0].related if one] == ["b"]
    assert faults == [
        FieldFault("GK313", ("related", 0, "related"), "no related entries inside a related entry", "a list")
    ]


def test_related_of_related_ends_after_some_levels() -> None:
    raw: dict[str, Any] = {"title": "T", "provider": PROVIDER}
    for _ in range(30):
        raw = {"title": "T", "provider": PROVIDER, "related": [raw]}
    found = decode(raw, [])
    depth = 0
    while isinstance(found, Entry) and found.related[0] is not None:
        found = found.related[0]
        depth += 1
    assert depth == MAX_RELATED_DEPTH
    assert isinstance(found, Entry)
    assert found.related == (None,) * (30 - MAX_RELATED_DEPTH)


def test_fields_that_are_known_and_not_used_are_counted() -> None:
    found, faults = entry(price=3, level=None, ratings=[], highlight="")
    assert found.notes == ("unused field: price", "unused field: ratings")
    assert faults == []


NOT_READ = "one that is not read"


@pytest.mark.parametrize(
    "name, field",
    [
        ("url", "webUrl"),
        ("weburl", "webUrl"),
        ("web_url", "webUrl"),
        ("link", "webUrl"),
        ("WebURL", "webUrl"),
        ("amp_url", "ampWebUrl"),
        ("canonicalUrl", "webUrl"),
        ("date", "publishedDateTime"),
        ("publishedAt", "publishedDateTime"),
        ("published_date_time", "publishedDateTime"),
        ("publishedDateTme", "publishedDateTime"),
        ("modified", "updatedDateTime"),
        ("description", "excerpt"),
        ("source", "provider"),
        ("keywords", "topics"),
        ("topic", "topics"),
        ("author", "byline"),
        ("headline", "title"),
        ("Title", "title"),
        ("image", "images"),
        ("section", "category"),
        ("xyz", ""),
        ("note", ""),
    ],
)
def test_an_unknown_field_is_a_fault_that_names_the_closest_known_one(name: str, field: str) -> None:
    _, faults = entry(**{name: "x"})
    meant = f"{NOT_READ}; did you mean {field}?" if field else NOT_READ
    assert faults == [FieldFault("GK319", (name,), "a field of a record", meant)]


def test_unknown_fields_are_reported_at_every_level() -> None:
    _, faults = entry(
        provider={**PROVIDER, "website": "x.org"},
        images=[{"url": "https://a.org/a.png", "alt": "x"}],
        related=[{"title": "T", "provider": PROVIDER, "url": "https://a.org/2"}],
    )
    assert {(fault.path, fault.expected, fault.got) for fault in faults} == {
        (("provider", "website"), "a field of a provider", f"{NOT_READ}; did you mean domain?"),
        (("images", 0, "alt"), "a field of an image", NOT_READ),
        (("related", 0, "url"), "a field of a record", f"{NOT_READ}; did you mean webUrl?"),
    }


def test_an_unknown_field_without_a_value_is_none() -> None:
    assert entry(url=None, date="")[1] == []


def test_a_field_may_have_any_name() -> None:
    faults: list[FieldFault] = []
    decode({"title": "T", "provider": PROVIDER, 7: 1, True: 2, ("a",): 3}, faults)
    assert [(fault.code, fault.got) for fault in faults] == [("GK319", NOT_READ)] * 3


@pytest.mark.parametrize(
    "topics, tags, expected",
    [
        (None, ["Courts"], ("Courts",)),
        (["Law"], ["Courts", "Law", None], ("Law", "Courts")),
        (["Law"], None, ("Law",)),
        (["Law"], [], ("Law",)),
    ],
)
def test_tags_are_topics(topics: list[str] | None, tags: list[str] | None, expected: tuple[str, ...]) -> None:
    found, faults = entry(topics=topics, tags=tags)
    assert found.topics == expected
    assert faults == []


def test_a_topic_file_is_read_as_a_topic() -> None:
    faults: list[FieldFault] = []
    found = decode(
        {"taxonomy": "topic", "_id": "x", "name": " Diablo  4", "shortname": "D4", "parent": "Games", "keywords": ["a", None],
         "hashtags": ["#D4"], "secured": "AAAA", "color": "red"},
        faults,
    )  # fmt: skip
    assert found == TopicEntry("Diablo 4", ("D4",), "Games", ("a",), ("unused field: hashtags", "null in keywords"))
    assert [(fault.code, fault.path) for fault in faults] == [("GK319", ("color",))]


def test_a_topic_is_not_its_own_other_name() -> None:
    assert decode({"taxonomy": "topic", "name": "AI", "shortname": "AI"}, []) == TopicEntry("AI")


@pytest.mark.parametrize("name, got", [(None, "nothing"), ("", "''"), ([], "a list")])
def test_a_topic_without_a_name_is_rejected(name: object, got: str) -> None:
    faults: list[FieldFault] = []
    assert decode({"taxonomy": "topic", "name": name}, faults) is None
    assert faults[-1] == FieldFault("GK317", ("name",), "a topic's name", got, rejects=True)


def test_another_taxonomy_is_no_topic() -> None:
    assert isinstance(decode({"taxonomy": "place", "title": "T"}, []), Entry)


values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.just("https://example.org/"),
              st.builds(Spelled, st.text(max_size=3), st.one_of(st.integers(), st.booleans(), st.floats()))),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(("title", "url", "related", "name")), inner)),
    max_leaves=8,
)  # fmt: skip
NAMES = [
    "title",
    "webUrl",
    "publishedDateTime",
    "quality",
    "heat",
    "published",
    "provider",
    "topics",
    "images",
    "related",
    "taxonomy",
    "name",
    "keywords",
    "secured",
]


@given(st.dictionaries(st.one_of(st.sampled_from(NAMES), st.text(max_size=3)), values))
def test_no_value_stops_the_decoder_and_each_rejection_has_a_fault(raw: dict[str, Any]) -> None:
    faults: list[FieldFault] = []
    found = decode(raw, faults)
    assert (found is None) == any(fault.rejects and "related" not in fault.path for fault in faults)


@pytest.mark.parametrize(
    "path, name",
    [
        ((), ""),
        (("title",), "title"),
        (("related", 2, "images", 0, "url"), "related[2].images[0].url"),
        ((3, "title"), "[3].title"),
    ],
)
def test_a_path_is_written_as_people_write_it(path: tuple[str | int, ...], name: str) -> None:
    assert field_name(path) == name


def test_characters_are_counted_by_thousands() -> None:
    assert characters("\x00", 1_235) == "U+0000 and 1,234 more"


def test_related_entries_below_the_last_level_are_told_one_by_one() -> None:
    raw: dict[str, Any] = {"title": "T", "provider": PROVIDER, "related": [{"title": "a"}, {"title": "b"}, 5]}
    for _ in range(MAX_RELATED_DEPTH):
        raw = {"title": "T", "provider": PROVIDER, "related": [raw]}
    faults: list[FieldFault] = []
    decode(raw, faults)
    lost = [fault for fault in faults if fault.rejects]
    assert [fault.path[-1] for fault in lost] == [0, 1, 2]
    assert {(fault.code, fault.expected) for fault in lost} == {("GK205", "at most 8 levels of related entries")}


def test_related_entries_of_a_rejected_record_are_told_one_by_one() -> None:
    faults: list[FieldFault] = []
    good = {"title": "R", "provider": PROVIDER}
    assert decode({"excerpt": "E", "related": [good, {**good, "related": [good]}]}, faults) is None
    lost = [fault for fault in faults if fault.rejects]
    assert [(fault.code, field_name(fault.path)) for fault in lost] == [
        ("GK314", ""),
        ("GK314", "related[0]"),
        ("GK314", "related[1]"),
        ("GK314", "related[1].related[0]"),
    ]


def test_related_entries_of_a_rejected_related_entry_are_counted_after_the_others() -> None:
    good = {"title": "R", "provider": PROVIDER}
    found, faults = entry(related=[{"excerpt": "E", "related": [good, good]}, good])
    assert [one and one.title for one in found.related] == [None, "R", None, None]
    assert sum(fault.rejects for fault in faults) == 3


@pytest.mark.parametrize("item", ["Q1w2E3r4T5y6U7i8", "[Q1w2E3r4T5y6U7i8", "a Q1w2-E3r4_T5y6.U7i8"])
def test_a_long_word_where_a_list_or_an_entry_should_be_is_not_shown(item: str) -> None:
    for field in ("related", "topics", "images"):
        _, faults = entry(**{field: item})
        assert "GK307" in {fault.code for fault in faults}
        assert not any("Q1w2" in fault.got for fault in faults)
    _, faults = entry(related=[item])
    assert [fault.code for fault in faults] == ["GK210"]
    assert "Q1w2" not in faults[0].got


@pytest.mark.parametrize(
    "key, named",
    [
        ("_internal-id2", "_internal-id2"),
        ("a" * 15, "a" * 15),
        ("a" * 16, "…"),
        ("Q1w2+E3r4/T5aAbBcC", "…"),
        ("two words", "two words"),
        (None, "None"),
    ],
)
def test_an_unknown_field_is_named_unless_it_may_be_a_piece_of_a_ciphertext(key: Any, named: str) -> None:
    faults: list[FieldFault] = []
    decode({"title": "T", "provider": PROVIDER, key: 1}, faults)
    assert [field_name(fault.path) for fault in faults] == [named]
    assert "a" * 16 not in faults[0].got
