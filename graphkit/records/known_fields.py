"""Known fields: those that graphkit reads, those that it leaves unused, and what another name may have meant."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, NamedTuple

from graphkit.records.attributes import ARTICLE
from graphkit.records.faults import FieldFault, FieldPath


class KnownFields(NamedTuple):
    """The fields of one kind of mapping; `unused` ones are known to hold nothing that belongs in the graph."""

    kind: str
    read: frozenset[str]
    unused: frozenset[str] = frozenset()


def _fields(names: str) -> frozenset[str]:
    return frozenset(names.split())


RECORD = KnownFields(
    "a record",
    frozenset(name for attribute in ARTICLE for name in attribute.fields) | _fields("provider topics tags related"),
    _fields(
        "_id attribution content duration featuredContent highlight instructors isCached length level levels path price"
        " rating ratings secured sourceUrl taxonomy"
    ),
)
PROVIDER = KnownFields("a provider", _fields("name domain"), _fields("_id authors images publishers secured"))
IMAGE = KnownFields("an image", _fields("url width height"), _fields("attribution isCached secured title"))
TOPIC = KnownFields(
    "a topic", _fields("taxonomy name shortname parent keywords"), _fields("_id hashtags images secured services")
)
ORGANIZATION = KnownFields(
    "an organization",
    _fields("taxonomy name domain"),
    _fields("_id hashtags images keywords parent secured services shortname"),
)

TOP_FIELDS = RECORD.read | RECORD.unused | TOPIC.read | TOPIC.unused | ORGANIZATION.read
"""All fields that a record of any kind may have at its top."""

_OTHER_NAMES = {
    "webUrl": "address articleUrl canonicalUrl href link permalink source_url uri url",
    "originalUrl": "originalLink sourceLink",
    "ampWebUrl": "amp ampUrl amphtml",
    "title": "headline name",
    "excerpt": "abstract body description lead snippet standfirst subtitle summary text",
    "publishedDateTime": "created createdAt date datePublished pubDate publicationDate published_date publishedAt time",
    "updatedDateTime": "dateModified lastModified modified updated updatedAt",
    "provider": "organization outlet publication publisher site source sourceName",
    "topics": "concepts hashtags keywords subjects",
    "byline": "author authors creator writer",
    "category": "genre section sections",
    "locale": "lang language",
    "images": "image imageUrl photo picture pictures thumbnail urlToImage",
    "related": "relatedArticles relatedContent seeAlso",
    "type": "kind media mediaType",
    "domain": "host hostname website",
    "parent": "broader",
    "shortname": "alias shortName",
}


def _letters(name: str) -> str:
    """Return the letters of a name, by which spellings such as ``web_url`` and ``webURL`` are equal."""
    return re.sub("[^a-z0-9]", "", name.lower())


_MEANT = {_letters(name): field for field, names in _OTHER_NAMES.items() for name in names.split()}


@lru_cache(maxsize=1_024)
def closest(name: str, fields: KnownFields) -> str:
    """Return the field that a name probably means, or an empty text.

    What one record calls a field, thousands do: a name is compared with all known ones only once.

    >>> closest("url", RECORD), closest("web_url", RECORD), closest("publishedDatetime", RECORD), closest("xyz", RECORD)
    ('webUrl', 'webUrl', 'publishedDateTime', '')
    """
    from difflib import get_close_matches

    by_letters = {_letters(field): field for field in fields.read}
    wanted = _letters(name)
    meant = _MEANT.get(wanted, "")
    if wanted not in by_letters and meant in fields.read:
        return meant
    found = get_close_matches(wanted, sorted(by_letters), 1, 0.75)
    return by_letters[found[0]] if found else ""


def report_unknown(raw: Any, fields: KnownFields, path: FieldPath, faults: list[FieldFault], notes: list[str]) -> None:
    """Report each field that has a value and that nothing reads: a fault if it is unknown, else a note."""
    for name, value in raw.items():
        if name in fields.read or value is None or value == "":
            continue
        if name in fields.unused:
            if name not in _SILENT:
                notes.append(f"unused field: {name}")
            continue
        other = closest(name, fields) if isinstance(name, str) and _IDENTIFIER.fullmatch(name) else ""
        got = f"one that is not read; did you mean {other}?" if other else "one that is not read"
        faults.append(FieldFault("GK319", (*path, name), f"a field of {fields.kind}", got))


_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,31}")
_SILENT = _fields("_id featuredContent images isCached path secured services taxonomy title")
