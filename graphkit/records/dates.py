"""Dates: ISO 8601 as people write it, and the one way in which exports write it."""

from __future__ import annotations

import re
from datetime import UTC, datetime

# The extended form and the basic one, and what YAML allows besides: white space, and a zone of one digit.
_ISO_DATE = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>\d\d)-(?P<day>\d\d)|(?P<basic_month>\d\d)(?P<basic_day>\d\d))"
    r"(?:(?:[Tt]|[ \t]+)(?P<hour>\d\d)(?::(?P<minute>\d\d)(?::(?P<second>\d\d(?:[.,]\d{1,9})?))?"
    r"|(?P<basic_minute>\d\d)(?P<basic_second>\d\d(?:[.,]\d{1,9})?)?)"
    r"(?:[ \t]*(?P<zone>[Zz]|(?P<sign>[+-])(?:(?P<hours>\d\d)(?::?(?P<minutes>\d\d))?"
    r"|(?P<digit>\d)(?::(?P<past>\d\d))?)))?)?",
    re.ASCII,
)


FULL_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:Z|[+-][0-9]{2}:[0-9]{2})"
"""How nearly all dates are written: with seconds and a zone, and nothing to fold."""


def full_date(text: str) -> datetime:
    """Return the moment, in UTC, of a text that matches FULL_DATE.

    Raises `ValueError` or `OverflowError` for one that does not exist.
    """
    moment = datetime.fromisoformat(text)
    return moment if text[-1] == "Z" else moment.astimezone(UTC)


def parse_date(text: str) -> tuple[datetime, bool] | None:
    """Return the moment that a date names, in UTC, and whether it names a time zone; None if it is not ISO 8601.

    Raises `ValueError` or `OverflowError` for a date that does not exist.

    >>> parse_date("2021-08-23 19:08 +2"), parse_date("23 August")
    ((datetime.datetime(2021, 8, 23, 17, 8, tzinfo=datetime.timezone.utc), True), None)
    """
    match = _ISO_DATE.fullmatch(text)
    if not match:
        return None
    part = match.group
    date = f"{part('year')}-{part('month') or part('basic_month')}-{part('day') or part('basic_day')}"
    minute, second = part("minute") or part("basic_minute") or "00", part("second") or part("basic_second") or "00"
    time = f"{part('hour') or '00'}:{minute}:{second.replace(',', '.')}"
    if not part("zone"):
        return datetime.fromisoformat(f"{date}T{time}").replace(tzinfo=UTC), False
    hours, minutes = part("hours") or part("digit") or "0", part("minutes") or part("past") or "00"
    zone = f"{part('sign') or '+'}{hours:0>2}:{minutes}"
    return datetime.fromisoformat(f"{date}T{time}{zone}").astimezone(UTC), True


def utc_text(moment: datetime) -> str:
    """Write a moment as xsd:dateTime in UTC; a fraction only where there is one.

    >>> utc_text(datetime(2021, 8, 23, 17, 8, tzinfo=UTC))
    '2021-08-23T17:08:00Z'
    """
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return f"{moment.isoformat()[:-6]}Z"
