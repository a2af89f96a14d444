"""Decoding: from a record as plain values to its entry, with a fault for each value that cannot be used.

Decoding never raises on data. An invalid field gives a `FieldFault`; valid ones are kept.
"""

from __future__ import annotations

from typing import Any

from graphkit.diagnostics.quoting import quoted, quoted_field, quoted_words
from graphkit.records.attributes import ARTICLE
from graphkit.records.entry import Entry, Image, ProviderEntry, RecordEntry, TopicEntry
from graphkit.records.faults import FieldFault, FieldPath
from graphkit.records.fields import FieldReader, RawRecord
from graphkit.records.known_fields import IMAGE, ORGANIZATION, PROVIDER, RECORD, TOPIC, report_unknown
from graphkit.records.text_values import plain_text
from graphkit.urls.domains import domain_of

MAX_RELATED_DEPTH = 8


def decode(raw: RawRecord, faults: list[FieldFault]) -> RecordEntry | None:
    """Decode one record; None where nothing in it can be kept. Faults are appended to `faults`."""
    if raw.get("taxonomy") == "topic":
        return _decode_topic(raw, faults)
    if raw.get("taxonomy") == "organization":
        return _decode_provider(raw, faults)
    entry = decode_entry(raw, (), faults)
    if entry is None:
        _lose_related(raw, (), "GK314", "an entry around it with a web address or a title", "neither", faults)
    return entry


def decode_entry(raw: RawRecord, path: FieldPath, faults: list[FieldFault]) -> Entry | None:
    """Decode a record of coverage, or an entry under `related` at `path` of its record."""
    get = raw.get
    notes: list[str] = []
    if not raw.keys() <= RECORD.read:
        report_unknown(raw, RECORD, path, faults, notes)
    field = FieldReader(raw, path, faults)
    title = field.line("title")
    entry_url, original_url = field.url("webUrl", notes), field.url("originalUrl", notes)
    amp_url, cdn_url = field.url("ampWebUrl", notes), field.url("cdnAmpWebUrl", notes)
    if not title:
        if not (entry_url or original_url or amp_url or cdn_url):
            faults.append(FieldFault("GK314", path, "a web address or a title", "neither", rejects=True))
            return None
        if not isinstance(get("title"), dict | list):  # which has its fault already
            faults.append(FieldFault("GK315", (*path, "title"), "a title", quoted_field(get("title") or None)))
    heat = field.integer("heat")
    if heat is not None and heat < 0:
        notes.append("unknown heat")
        heat = None
    name, domain = _provider(get("provider"), path, faults, notes)
    topics = field.labels("topics", notes) if "topics" in raw else ()
    if "tags" in raw:
        topics = tuple(dict.fromkeys((*topics, *field.labels("tags", notes))))
    category = field.text("category")
    categories = field.labels("categories", notes) if "categories" in raw else ()
    if category and category not in categories:
        categories = (category, *categories)
    return Entry(
        title=title,
        published_at=field.date("publishedDateTime"),
        updated_at=field.date("updatedDateTime"),
        web_url=entry_url,
        original_url=original_url,
        amp_url=amp_url,
        cdn_url=cdn_url,
        media=field.text("type").lower(),
        quality=field.integer("quality"),
        heat=heat,
        status=field.status(),
        categories=categories,
        provider_name=name,
        provider_domain=domain,
        topics=topics,
        images=_images(get("images"), path, faults, notes),
        related=_related(get("related"), path, faults) if "related" in raw else (),
        notes=tuple(notes),
        **{name: field.text(source) for name, source in _PLAIN},
    )


_PLAIN = tuple((attribute.name, attribute.fields[0]) for attribute in ARTICLE if attribute.is_plain)


def _decode_topic(raw: RawRecord, faults: list[FieldFault]) -> TopicEntry | None:
    field = FieldReader(raw, (), faults)
    name = field.line("name")
    if not name:
        faults.append(FieldFault("GK317", ("name",), "a topic's name", quoted_field(raw.get("name")), rejects=True))
        return None
    notes: list[str] = []
    report_unknown(raw, TOPIC, (), faults, notes)
    short = field.line("shortname")
    return TopicEntry(
        name=name,
        labels=(short,) if short and short != name else (),
        parent=field.line("parent"),
        keywords=field.labels("keywords", notes),
        notes=tuple(notes),
    )


def _decode_provider(raw: RawRecord, faults: list[FieldFault]) -> ProviderEntry | None:
    notes: list[str] = []
    report_unknown(raw, ORGANIZATION, (), faults, notes)
    name, domain = _name_and_domain(raw, (), faults, rejects=True)
    return ProviderEntry(name, domain, tuple(notes)) if name or domain_of(domain) else None


def _name_and_domain(
    value: RawRecord, here: FieldPath, faults: list[FieldFault], *, rejects: bool = False
) -> tuple[str, str]:
    """Return a provider's name and domain; with `rejects`, a record that has neither is rejected."""
    field = FieldReader(value, here, faults)
    name, domain = field.line("name"), field.text("domain")
    if not name and not domain:
        faults.append(FieldFault("GK311", here, "a provider's name and domain", "neither", rejects))
    elif not domain:
        faults.append(FieldFault("GK312", here, "a provider's domain", "nothing"))
    elif not domain_of(domain):
        expected = "a domain that can be registered"
        faults.append(FieldFault("GK312", (*here, "domain"), expected, quoted_field(domain), rejects and not name))
    return name, domain


def _provider(value: object, path: FieldPath, faults: list[FieldFault], notes: list[str]) -> tuple[str, str]:
    here = (*path, "provider")
    if isinstance(value, dict):
        if not value.keys() <= PROVIDER.read:
            report_unknown(value, PROVIDER, here, faults, notes)
        return _name_and_domain(value, here, faults)
    if value is None or value == "":
        faults.append(FieldFault("GK311", here, "a provider", "nothing"))
        return "", ""
    faults.append(FieldFault("GK308", here, "a mapping with name and domain", quoted_words(value)))
    return (" ".join(plain_text(value, here, []).split()), "") if isinstance(value, str) else ("", "")


def _list(value: object, path: FieldPath, faults: list[FieldFault]) -> list[Any]:
    if value is None:
        return []
    if type(value) is list:
        return value
    faults.append(FieldFault("GK307", path, "a list", quoted_words(value)))
    return [value] if isinstance(value, dict) else []


def _images(value: object, path: FieldPath, faults: list[FieldFault], notes: list[str]) -> tuple[Image, ...]:
    if value is None:
        return ()
    here = (*path, "images")
    images = []
    for index, item in enumerate(_list(value, here, faults)):
        if type(item) is dict:
            if not item.keys() <= IMAGE.read:
                report_unknown(item, IMAGE, (*here, index), faults, notes)
            field = FieldReader(item, (*here, index), faults)
            url = field.url("url", notes)
            if url:
                images.append(Image(url, _pixels(field, "width"), _pixels(field, "height")))
            elif "url" not in item:
                field.fault("GK309", "url", "a web address", None)
        elif isinstance(item, str):
            field = FieldReader({index: item}, here, faults)
            url = field.url(index, notes)
            if url:
                images.append(Image(url))
        elif item is None:
            notes.append("null in images")
        else:
            faults.append(
                FieldFault("GK308", (*here, index), "a mapping with url, width and height", quoted_field(item))
            )
    return tuple(images)


def _pixels(field: FieldReader, name: str) -> int:
    number = field.integer(name)
    return number if number is not None and number > 0 else 0


def _related(value: object, path: FieldPath, faults: list[FieldFault]) -> tuple[Entry | None, ...]:
    here = (*path, "related")
    if path and value:
        faults.append(FieldFault("GK313", here, "no related entries inside a related entry", quoted(value)))
    if len(path) >= 2 * MAX_RELATED_DEPTH:
        expected = f"at most {MAX_RELATED_DEPTH} levels of related entries"
        return (None,) * _lose_related({"related": value}, path, "GK205", expected, "more", faults)
    entries: list[Entry | None] = []
    lost = 0
    for index, item in enumerate(_list(value, here, faults)):
        place = (*here, index)
        if isinstance(item, dict):
            entry = decode_entry(item, place, faults)
            if entry is None:
                expected = "an entry around it with a web address or a title"
                lost += _lose_related(item, place, "GK314", expected, "neither", faults)
            entries.append(entry)
        else:
            faults.append(FieldFault("GK210", place, "a mapping", quoted_words(item), rejects=True))
            entries.append(None)
    return (*entries, *[None] * lost)  # those lost come last, for the others to keep their ranks


def _lose_related(raw: RawRecord, path: FieldPath, code: str, expected: str, got: str, faults: list[FieldFault]) -> int:
    """Report each entry under `related`, at any depth, as lost with the entry around it; return how many."""
    value = raw.get("related")
    if value is None:
        return 0
    here = (*path, "related")
    lost = 0
    for index, item in enumerate(_list(value, here, faults)):
        faults.append(FieldFault(code, (*here, index), expected, got, rejects=True))
        lost += 1
        if isinstance(item, dict):
            lost += _lose_related(item, (*here, index), code, expected, got, faults)
    return lost
