"""Parts of the answer to `/status`."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.present.status import duration


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (timedelta(seconds=-90), "0 min"),
        (timedelta(seconds=59), "0 min"),
        (timedelta(minutes=1), "1 min"),
        (timedelta(minutes=59, seconds=59), "59 min"),
        (timedelta(hours=1), "1 h 0 min"),
        (timedelta(hours=23, minutes=59), "23 h 59 min"),
        (timedelta(days=1), "1 day 0 h"),
        (timedelta(days=2, hours=23, minutes=59), "2 days 23 h"),
        (timedelta(days=1234, hours=1), "1,234 days 1 h"),
    ],
)
def test_a_length_of_time_is_shown_in_its_two_largest_units(value: timedelta, shown: str) -> None:
    assert duration(value) == shown
