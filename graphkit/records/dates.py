"""Dates: ISO 8601 as people write it, and the one way in which exports write it."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_ISO_DATE = re.compile(
    r"\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?: ?(?P<zone>[Zz]|[+-]\d\d(?::?\d\d)?))?)?",
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

    >>> parse_date("2021-08-23 19:08 +02"), parse_date("23 August")
    ((datetime.datetime(2021, 8, 23, 17, 8, tzinfo=datetime.timezone.utc), True), None)
    """
    match = _ISO_DATE.fullmatch(text)
    if not match:
        return None
    moment = datetime.fromisoformat(text.upper().replace(" Z", "Z").replace(" +", "+").replace(" -", "-"))
    return (moment.astimezone(UTC), True) if match["zone"] else (moment.replace(tzinfo=UTC), False)


def utc_text(moment: datetime) -> str:
    """Write a moment as xsd:dateTime in UTC; a fraction only where there is one.

    >>> utc_text(datetime(2021, 8, 23, 17, 8, tzinfo=UTC))
    '2021-08-23T17:08:00Z'
    """
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return f"{moment.isoformat()[:-6]}Z"
