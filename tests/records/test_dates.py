"""Dates are written in one way."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from graphkit.records.dates import utc_text

MOMENT = datetime(2021, 8, 23, 17, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    "moment,text",
    [
        (MOMENT, "2021-08-23T17:08:00Z"),
        (MOMENT.replace(microsecond=1500), "2021-08-23T17:08:00.001500Z"),
        (datetime(2021, 8, 23, 19, 8, tzinfo=timezone(timedelta(hours=2))), "2021-08-23T17:08:00Z"),
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00Z"),
    ],
)
def test_a_moment_is_written_in_utc(moment: datetime, text: str) -> None:
    assert utc_text(moment) == text
