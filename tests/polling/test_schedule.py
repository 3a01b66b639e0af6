from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.polling.schedule import look_back, next_slot, retry_wait

NOW = datetime(2026, 7, 24, 8, tzinfo=UTC)  # a Friday, half an hour after the batch
BATCH = datetime(2026, 7, 24, 7, 30, tzinfo=UTC)
MONDAY = datetime(2026, 7, 27, 7, 30, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("last", "interval", "due"),
    [
        pytest.param(None, None, NOW, id="never asked"),
        pytest.param(None, HOUR, NOW, id="never asked, with an interval"),
        pytest.param(NOW - DAY, None, BATCH, id="before this morning's batch"),
        pytest.param(NOW, None, MONDAY, id="after it"),
        pytest.param(NOW, HOUR, NOW + HOUR, id="with an interval"),
        pytest.param(NOW - DAY, HOUR, NOW - 23 * HOUR, id="overdue"),
        pytest.param(NOW + DAY, None, NOW, id="asked in the future, by a wrong clock"),
    ],
)
def test_next_slot(last: datetime | None, interval: timedelta | None, due: datetime):
    assert next_slot(last, NOW, interval) == due


def test_retries_double_from_minutes_to_hours_but_never_beyond_the_interval():
    assert [retry_wait(n, None) / timedelta(minutes=1) for n in range(1, 8)] == [5, 10, 20, 40, 80, 120, 120]
    assert retry_wait(1_000, None) == 2 * HOUR
    assert retry_wait(3, timedelta(minutes=10)) == timedelta(minutes=10)


@pytest.mark.parametrize(
    ("last", "days_back"),
    [
        pytest.param(None, 14, id="never asked"),
        pytest.param(NOW - DAY, 14, id="yesterday"),
        pytest.param(NOW - 4 * DAY, 14, id="before a long weekend"),
        pytest.param(NOW - 6 * DAY, 14, id="before the longest pause of arXiv"),
        pytest.param(NOW - 7 * DAY, 21, id="after a longer one"),
        pytest.param(NOW - 20 * DAY, 34, id="after an outage"),
        pytest.param(NOW - 900 * DAY, 365, id="after years"),
    ],
)
def test_look_back(last: datetime | None, days_back: int):
    assert look_back(last, NOW, 14) == NOW - days_back * DAY
