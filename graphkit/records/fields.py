"""Fields: the values of one mapping, each read by the type that its field should have.

Reading never raises on data. An invalid value gives a `FieldFault`; valid ones are kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from graphkit.diagnostics.quoting import quoted_field, quoted_words
from graphkit.records.dates import FULL_DATE, full_date, parse_date
from graphkit.records.faults import FieldFault, FieldPath
from graphkit.records.text_values import SECURED_LINE, Spelled, plain_text, usual_text
from graphkit.urls.web_address import MAX_URL, tidy

RawRecord = Mapping[Any, Any]
"""A record as plain values, as a parser gives them."""

MAX_INTEGER = 2**63 - 1


_FULL_DATE = re.compile(FULL_DATE)

# What no address may hold as it is. Letters beyond ASCII are fine: browsers show them so.
_UNFIT = re.compile(r"[\s<>\"{}|\\^`\[\]\x00-\x1f\x7f]")


class FieldReader:
    """The fields of one mapping. Each method returns the value of a field, or the type's empty value after a fault."""

    __slots__ = ("faults", "path", "raw")

    def __init__(self, raw: RawRecord, path: FieldPath, faults: list[FieldFault]) -> None:
        self.raw = raw
        self.path = path
        self.faults = faults

    def fault(self, code: str, name: str | int, expected: str, value: object) -> None:
        """Report that a field holds `value` where something else was expected."""
        self.faults.append(FieldFault(code, (*self.path, name), expected, quoted_field(value)))

    def text(self, name: str) -> str:
        """Return a text without white space around it."""
        value = self.raw.get(name)
        if value is None:
            return ""
        usual = usual_text(value) if type(value) is str else None  # as nearly all are
        return usual if usual is not None else plain_text(value, (*self.path, name), self.faults)

    def line(self, name: str) -> str:
        """Return a text with its white space folded, line ends too."""
        return " ".join(self.text(name).split())

    def url(self, name: str | int, notes: list[str]) -> str:
        """Return a web address as an IRI."""
        value = self.raw.get(name)
        if value is None:
            return ""
        if value == "":
            notes.append(f"empty {name}")
            return ""
        if isinstance(value, str) and SECURED_LINE.search(value) is None:
            url = tidy(value)
            if url and len(url) <= MAX_URL:
                if url != value and _UNFIT.search(value.strip()):
                    self.fault("GK318", name, "a web address without characters to encode", value)
                return url
            if url:
                expected = f"a web address of at most {MAX_URL:,} characters"
                self.faults.append(FieldFault("GK310", (*self.path, name), expected, f"{len(url):,}"))
                return ""
        self.fault("GK309", name, "a web address (http or https)", value)
        return ""

    def integer(self, name: str) -> int | None:
        """Return a whole number of 64 bits; ``102.0`` is one too."""
        value = self.raw.get(name)
        number = whole(value.value if type(value) is Spelled else value)
        if number is None or (type(number) is int and -MAX_INTEGER <= number <= MAX_INTEGER):
            return number
        self.fault("GK302", name, "a whole number", value)
        return None

    def date(self, name: str) -> datetime | None:
        """Return a moment in UTC."""
        value = self.raw.get(name)
        if value is None:
            return None
        if type(value) is str and _FULL_DATE.fullmatch(value):
            with suppress(ValueError, OverflowError):
                return full_date(value)
        return _date(value, (*self.path, name), self.faults)

    def flag(self, name: str) -> bool | None:
        """Return a boolean."""
        value = self.raw.get(name)
        if value is None or type(value) is bool:
            return value
        if type(value) is Spelled and type(value.value) is bool:
            return value.value
        self.fault("GK303", name, "true or false", value)
        return None

    def status(self) -> str:
        """Return what `removed` and `published` say together."""
        if self.flag("removed"):
            return "removed"
        return status_of(self.flag("published"))

    def labels(self, name: str, notes: list[str]) -> tuple[str, ...]:
        """Return a list of texts, each once, with their white space folded."""
        value = self.raw.get(name)
        if value is None:
            return ()
        if type(value) is not list:
            self.faults.append(FieldFault("GK307", (*self.path, name), "a list", quoted_words(value)))
            if isinstance(value, dict):
                return ()
            value = [value]
        labels: dict[str, None] = {}
        null, empty = f"null in {name}", f"empty {name}"  # once: a list may hold millions
        for index, item in enumerate(value):
            if item is None:
                notes.append(null)
                continue
            label = " ".join(plain_text(item, (*self.path, name, index), self.faults).split())
            if label:
                labels[label] = None
            else:
                notes.append(empty)
        return tuple(labels)


EXACT = 2**53
"""Up to here a floating-point number holds each whole number."""


def whole(value: Any) -> Any:
    """Return a floating-point number that is whole as an integer, and any other value as it is.

    >>> whole(102.0), whole(1.5)
    (102, 1.5)
    """
    return int(value) if type(value) is float and value.is_integer() and -EXACT <= value <= EXACT else value


def status_of(published: bool | None) -> str:  # noqa: FBT001 - the value of a field
    """Return the status of a record that is not removed; empty where it does not say whether it is published."""
    return "" if published is None else "published" if published else "draft"


def _date(value: object, path: FieldPath, faults: list[FieldFault]) -> datetime | None:
    text = value.strip() if isinstance(value, str) else str(value)
    if not text:
        return None
    try:
        parsed = parse_date(text)
    except (ValueError, OverflowError):
        faults.append(FieldFault("GK306", path, "a date that exists", quoted_field(value)))
        return None
    if parsed is None:
        faults.append(FieldFault("GK304", path, "an ISO 8601 date", quoted_field(value)))
        return None
    moment, has_zone = parsed
    if not has_zone:
        faults.append(FieldFault("GK305", path, "a date with a time zone", quoted_field(value)))
    return moment
