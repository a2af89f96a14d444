"""Tagged values: RDDs whose records are pairs of a tag and a value, so that one pass over the data gives several."""

from __future__ import annotations

import pickle
from collections.abc import Iterable
from typing import Any


def values_of(records: Any, tag: object) -> Any:
    """Return the values with a tag."""

    def has_tag(record: tuple[object, Any]) -> bool:
        return record[0] == tag

    return records.filter(has_tag).values()


def packed_rows(rows: Iterable[tuple[Any, ...]]) -> bytes:
    """Return rows as one value: each later stage is handed all records, and unpacks only those with its tag."""
    return pickle.dumps(list(rows), pickle.HIGHEST_PROTOCOL)


def rows_of(records: Any, tag: object) -> Any:
    """Return the rows in the values with a tag."""
    return values_of(records, tag).flatMap(_unpacked)


def _unpacked(rows: bytes) -> list[tuple[Any, ...]]:
    unpacked: list[tuple[Any, ...]] = pickle.loads(rows)  # noqa: S301 - by `packed_rows`, as Spark does with all records
    return unpacked
