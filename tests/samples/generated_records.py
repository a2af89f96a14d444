"""Hypothesis strategies for small corpora of raw records that overlap, disagree and lack this and that."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from graphkit.merge.mentions import Corpus, Mention, TopicMention, mentions_of
from graphkit.records.decoding import decode
from graphkit.records.entry import Entry, TopicEntry

Raw = dict[str, Any]

# Few values of each kind, so that records meet: many forms of few addresses first of all.
ADDRESSES = (
    "https://www.example.com/a",
    "http://example.com/a/?utm_source=x#top",
    "https://m.example.com/a",
    "https://example.com/a/amp",
    "https://www-example-com.cdn.ampproject.org/c/s/www.example.com/a/amp?usqp=1",
    "https://example.com/b?id=1",
    "https://example.com/b?id=2",
    "https://www.msn.com/en/c",
    "https://youtu.be/x",
    "https://www.youtube.com/watch?v=1&gclid=2",
    "https://schema.org/docs/a-b.html",
    "https://[2001:db8::1]:8080/d",
    "https://example.com/e [1]",
)
TITLES = ("A title", "a  TITLE", "B", "Ünï \u2028 <b>\"'\\", "=1+1", "日本", "")
NAMES = (
    "Example",
    "example",
    "Example News",
    "IGN",
    "USA Today",
    "USA Today on MSN",
    "Example via MSN.com",
    "USAToday on MSN",
    "Ex-ample via Yahoo News UK",
    "MSN",
    "Ärger & Co.",
    "",
)
DOMAINS = (
    "example.com",
    "www.example.com",
    "usatoday.com",
    "youtube.com",
    "youtu.be",
    "msn.com",
    "sg.news.yahoo.com",
    "usatoday.substack.com",
    "substack.com",
    "example.org",
    "co.uk",
    "",
)
DATES = (
    "2021-08-23T11:22:00Z",
    "2021-08-23T13:22:00+02:00",
    "2021-08-24T00:00:00Z",
    "2021-08-24",
    "2021-08-24T00:00:00.250Z",
)
TOPICS = ("AI", "ai", "C#", "C++", "Computer Vision", "computer  vision", "日本", "Privacy", None)
IMAGES = (
    "https://example.com/i.jpg",
    "https://example.com/j.png",
    "https://w3id.org/graphkit/id/topics",
    "https://schema.org/i-j",
)
CIPHERTEXT = "c2VjcmV0"


def _some(values: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    return st.sampled_from(values)


PROVIDERS = st.one_of(
    st.fixed_dictionaries({}, optional={"name": _some(NAMES), "domain": _some(DOMAINS)}),
    st.sampled_from(["Example", None, ""]),
)
IMAGE_LISTS = st.lists(
    st.fixed_dictionaries(
        {"url": _some(IMAGES)}, optional={"width": _some((0, 1, 100, 1200)), "height": _some((0, 7, 754))}
    ),
    max_size=3,
)


def _fields(related: st.SearchStrategy[Any] | None) -> st.SearchStrategy[Raw]:
    fields: dict[str, st.SearchStrategy[Any]] = {
        "title": _some(TITLES),
        "excerpt": _some(("One.", "Two\r\nlines.", "Three <script>", "")),
        "publishedDateTime": _some(DATES),
        "updatedDateTime": _some(DATES),
        "webUrl": _some((*ADDRESSES, "", "")),
        "originalUrl": _some(ADDRESSES),
        "ampWebUrl": _some(ADDRESSES),
        "cdnAmpWebUrl": _some(ADDRESSES),
        "type": _some(("article", "video", "course", "Article", "")),
        "quality": _some((-1, 0, 5, 87, 189)),
        "heat": _some((-1, 0, 3, 12)),
        "published": st.booleans(),
        "removed": st.booleans(),
        "provider": PROVIDERS,
        "topics": st.lists(_some(TOPICS), max_size=3),
        "images": IMAGE_LISTS,
        "category": _some(("news", "sport")),
        "locale": _some(("en-us", "de")),
        "secured": st.integers(0, 9).map(lambda number: CIPHERTEXT * 8 + str(number)),
    }
    if related is not None:
        fields["related"] = st.lists(related, max_size=3)
    return st.fixed_dictionaries(
        {"title": _some(TITLES[:-1])}, optional={k: v for k, v in fields.items() if k != "title"}
    )


# Enough to be found again by: title, provider and date, with and without an address.
ENTRIES_WITHOUT_URL = st.fixed_dictionaries(
    {
        "title": _some(TITLES[:3]),
        "provider": st.fixed_dictionaries(
            {"name": _some(("Example", "IGN")), "domain": _some(("example.com", "youtube.com", ""))}
        ),
        "publishedDateTime": _some(DATES[:3]),
    },
    optional={
        "webUrl": _some((*ADDRESSES[:7], "")),
        "quality": _some((0, 5, 87)),
        "topics": st.lists(_some(TOPICS), max_size=2),
    },
)
ENTRIES = st.one_of(_fields(None), ENTRIES_WITHOUT_URL)
RECORDS = st.one_of(_fields(st.one_of(_fields(ENTRIES), ENTRIES_WITHOUT_URL)), ENTRIES_WITHOUT_URL)
TOPIC_RECORDS = st.fixed_dictionaries(
    {"taxonomy": st.just("topic"), "name": _some(("AI", "ai", "Computer Vision", "Privacy", "C#"))},
    optional={
        "parent": _some(("AI", "Law", "privacy", "Computer Vision")),
        "shortname": _some(("CV", "Pri", "AI")),
        "keywords": st.lists(_some(("CV", "vision", "ai", "data", None)), max_size=3),
    },
)
BROKEN_RECORDS = st.sampled_from(
    [{}, {"title": ""}, {"webUrl": "javascript:alert(1)"}, {"taxonomy": "topic"}, {"related": [1, None, {}]}]
)

CORPORA = st.lists(st.one_of(RECORDS, RECORDS, RECORDS, TOPIC_RECORDS), min_size=1, max_size=7)
BROKEN_CORPORA = st.lists(st.one_of(RECORDS, RECORDS, TOPIC_RECORDS, BROKEN_RECORDS), min_size=1, max_size=7)


def corpus_of(records: list[Raw]) -> Corpus:
    """Return the mentions in raw records, the record at index 3 from the file 3.md."""
    mentions: list[Mention] = []
    topics: list[TopicMention] = []
    for index, raw in enumerate(records):
        entry = decode(raw, [])
        if isinstance(entry, TopicEntry):
            topics.append(TopicMention(f"{index}.md", "", entry))
        elif isinstance(entry, Entry):
            mentions += mentions_of(entry, f"{index}.md", "")
    return Corpus(tuple(mentions), tuple(topics))


def union(*corpora: Corpus) -> Corpus:
    """Return the union of corpora as sets: each mention once, and also what two files of one name say."""
    mentions = dict.fromkeys(mention for corpus in corpora for mention in corpus.mentions)
    topics = dict.fromkeys(topic for corpus in corpora for topic in corpus.topics)
    return Corpus(tuple(mentions), tuple(topics))


def write_records(folder: Path, records: list[Raw]) -> list[Path]:
    """Write each record to a file of its own, as Markdown: JSON is YAML too."""
    paths = []
    for index, raw in enumerate(records):
        path = folder / f"{index}.md"
        path.write_text(f"---\n{json.dumps(raw, ensure_ascii=False)}\n---\n", "utf-8")
        paths.append(path)
    return paths
