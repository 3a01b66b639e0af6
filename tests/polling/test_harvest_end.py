from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from bot.polling.harvest_end import HarvestEnd, next_start
from bot.polling.source import DueQuery
from bot.query.query import parse

NOW = datetime(2026, 7, 24, 8, tzinfo=UTC)
DAY = timedelta(days=1)
YESTERDAY = HarvestEnd(date(2026, 7, 23), NOW - DAY)


def query(polled: datetime | None, since: datetime = NOW - 14 * DAY) -> DueQuery:
    return DueQuery(parse("speech synthesis"), since, polled=polled)


@pytest.mark.parametrize(
    ("end", "queries", "start"),
    [
        pytest.param(YESTERDAY, [query(NOW - DAY)], date(2026, 7, 23), id="answered by the last harvest"),
        pytest.param(YESTERDAY, [query(NOW)], date(2026, 7, 23), id="asked for otherwise since"),
        pytest.param(
            HarvestEnd(date(2026, 7, 1), NOW - 23 * DAY), [query(NOW)], date(2026, 7, 22), id="… for weeks"
        ),
        pytest.param(None, [query(NOW - DAY)], date(2026, 7, 21), id="the first harvest"),
        pytest.param(None, [query(None)], date(2026, 7, 10), id="a query that was never answered"),
        pytest.param(YESTERDAY, [query(NOW), query(None)], date(2026, 7, 10), id="one of them never was"),
        pytest.param(
            YESTERDAY, [query(NOW), query(NOW - 5 * DAY)], date(2026, 7, 17), id="one of them failed for days"
        ),
    ],
)
def test_a_harvest_begins_where_the_last_one_ended_or_as_early_as_a_query_needs(
    end: HarvestEnd | None, queries: list[DueQuery], start: date
):
    assert next_start(end, queries) == start


def test_the_end_outlives_a_restart():
    assert HarvestEnd.from_text(YESTERDAY.to_text()) == YESTERDAY


@pytest.mark.parametrize("text", [None, "", "[]", "{}", '{"day": 1, "at": 2}', '{"day": "today", "at": ""}'])
def test_what_another_version_wrote_is_no_end(text: str | None):
    assert HarvestEnd.from_text(text) is None
