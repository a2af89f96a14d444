"""Envelopes: the lists and pages of results that services put around records."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from graphkit.formats.input_format import MAX_DEPTH
from graphkit.records.faults import FieldFault, FieldPath

_RECORDS = ("value", "news")
"""The fields of a page under which services list its records."""

_ADDRESSES = ("webUrl", "originalUrl", "ampWebUrl", "cdnAmpWebUrl")


def is_envelope(value: Any) -> bool:
    """Return whether a value is a list, or a page of results with its records in a list.

    >>> is_envelope({"page": 1, "value": []}), is_envelope({"webUrl": "https://a.example/", "value": []})
    (True, False)
    """
    if not isinstance(value, dict):
        return isinstance(value, list)
    return any(_is_listing(value.get(name)) for name in _RECORDS) and not any(map(value.get, _ADDRESSES))


def _is_listing(value: Any) -> bool:
    # A page may have another around it.
    return isinstance(value, list) or (
        isinstance(value, dict) and any(isinstance(value.get(n), list) for n in _RECORDS)
    )


def records_in(value: Any, faults: list[FieldFault], path: FieldPath = ()) -> Iterator[tuple[FieldPath, Any]]:
    """Yield each record in a value that may be an envelope, at any depth, with its path.

    Other lists of mappings on a page are faults, because records in them would be lost.
    """
    if not is_envelope(value) or len(path) >= MAX_DEPTH:
        yield path, value
    elif isinstance(value, list):
        for index, item in enumerate(value):
            if isinstance(item, dict | list):
                yield from records_in(item, faults, (*path, index))
            else:
                yield (*path, index), item
    else:
        for name, item in value.items():
            if name in _RECORDS and _is_listing(item):
                yield from records_in(item, faults, (*path, name))
            elif isinstance(item, list) and any(isinstance(one, dict) for one in item):
                got = "a list that is not read"
                faults.append(FieldFault("GK319", (*path, name), "records under value or news", got))
