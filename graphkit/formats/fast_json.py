"""The fast path through JSON: one struct for a record, and one for a related entry."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from typing import TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from graphkit.formats.fast_path import entry_from
from graphkit.records.dates import FULL_DATE, full_date
from graphkit.records.entry import Entry
from graphkit.records.fields import MAX_INTEGER, status_of, whole

T = TypeVar("T")

_FULL_DATE = re.compile(FULL_DATE)


class _Picture(msgspec.Struct, forbid_unknown_fields=True, rename="camel", gc=False):
    url: str
    width: int | float | UnsetType | None = UNSET
    height: int | float | UnsetType | None = UNSET
    is_cached: bool | UnsetType | None = UNSET


class _Provider(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    name: str
    domain: str
    images: list[_Picture] | UnsetType | None = UNSET


class _Related(msgspec.Struct, forbid_unknown_fields=True, rename="camel", gc=False):
    title: str
    provider: _Provider
    category: str | UnsetType | None = UNSET
    excerpt: str | UnsetType | None = UNSET
    published_date_time: str | UnsetType | None = UNSET
    original_url: str | UnsetType | None = UNSET
    web_url: str | UnsetType | None = UNSET
    amp_web_url: str | UnsetType | None = UNSET
    cdn_amp_web_url: str | UnsetType | None = UNSET
    type: str | UnsetType | None = UNSET
    quality: int | float | UnsetType | None = UNSET
    heat: int | float | UnsetType | None = UNSET
    published: bool | UnsetType | None = UNSET
    topics: list[str] | UnsetType | None = UNSET
    images: list[_Picture] | UnsetType | None = UNSET


class _Record(_Related, forbid_unknown_fields=True, rename="camel", gc=False):
    featured_content: str | UnsetType | None = UNSET
    secured: str | UnsetType | None = UNSET
    related: list[msgspec.Raw] | UnsetType | None = UNSET


_JSON_RECORD = msgspec.json.Decoder(_Record).decode
_JSON_RELATED = msgspec.json.Decoder(_Related).decode
_ENCODE = msgspec.json.Encoder().encode


def record_of_json(data: bytes) -> Entry | None:
    """Read a record in JSON; None if it has another layout."""
    try:
        read = _JSON_RECORD(data)
        related = []
        for raw in read.related or ():
            entry = _related_of_json(bytes(raw))
            if entry is None:
                return None
            related.append(entry)
        return _taken(read, data, tuple(related))
    except (ValueError, OverflowError, RecursionError):
        return None


@lru_cache(maxsize=16_384)
def _related_of_json(data: bytes) -> Entry | None:
    try:
        return _taken(_JSON_RELATED(data), data, ())
    except (ValueError, OverflowError, RecursionError):
        return None


def _taken(read: _Related, data: bytes, related: tuple[Entry, ...]) -> Entry:
    """Return the entry that a struct holds. Raises `ValueError` where it has another layout."""
    # Each key is followed by `":`. A repeated key is lost in the struct, and so in the JSON written from it.
    if data.count(b'":') != _ENCODE(read).count(b'":'):
        raise ValueError("expected each key once")
    return entry_from(
        read.title,
        read.excerpt or "",
        _date(read.published_date_time),
        _known(read.original_url),
        _known(read.web_url),
        _known(read.amp_web_url),
        _known(read.cdn_amp_web_url),
        read.type or "",
        read.provider.name,
        read.provider.domain,
        _number(read.quality),
        _number(read.heat),
        status_of(_known(read.published)),
        read.topics or (),
        [(one.url, _number(one.width) or 0, _number(one.height) or 0) for one in read.images or ()],
        read.category or "",
        related,
    )


def _date(value: str | UnsetType | None) -> datetime | None:
    if not value:
        return None
    if _FULL_DATE.fullmatch(value) is None:
        raise ValueError("expected a date and time with seconds and a zone")
    return full_date(value)


def _known(value: T | UnsetType | None) -> T | None:
    return None if value is UNSET else value


def _number(value: float | UnsetType | None) -> int | None:
    number = whole(_known(value))
    if number is None or (type(number) is int and -MAX_INTEGER <= number <= MAX_INTEGER):
        return number
    raise ValueError("expected a whole number of 64 bits")
