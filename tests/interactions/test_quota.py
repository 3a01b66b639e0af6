from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.interactions.quota import Quota
from bot.model.errors import UserError

NOW = datetime(2026, 7, 21, 8, 0, tzinfo=UTC)


def test_the_limit_is_per_person() -> None:
    quota = Quota(2)
    for person in (1, 2, 1, 2):
        quota.take(person, NOW)
    with pytest.raises(UserError, match="2 times in the last 60 seconds"):
        quota.take(1, NOW)


def test_a_refusal_says_when_there_is_room_again() -> None:
    quota = Quota(1)
    quota.take(1, NOW)
    with pytest.raises(UserError, match="try again in 18 seconds"):
        quota.take(1, NOW + timedelta(seconds=42))


def test_the_window_slides() -> None:
    quota = Quota(2)
    quota.take(1, NOW)
    quota.take(1, NOW + timedelta(seconds=50))
    quota.take(1, NOW + timedelta(seconds=60))
    with pytest.raises(UserError):
        quota.take(1, NOW + timedelta(seconds=61))


def test_a_refused_use_does_not_prolong_the_wait() -> None:
    quota = Quota(1)
    quota.take(1, NOW)
    for second in range(1, 60, 10):
        with pytest.raises(UserError):
            quota.take(1, NOW + timedelta(seconds=second))
    quota.take(1, NOW + timedelta(seconds=60))


def test_people_who_left_are_forgotten() -> None:
    quota = Quota(1)
    for person in range(5_000):
        quota.take(person, NOW + timedelta(minutes=2) * (person // 1_000))
    assert len(quota._uses) <= 1_001


def test_a_clock_that_is_set_back_does_not_prolong_the_wait() -> None:
    quota = Quota(1)
    quota.take(1, NOW)
    quota.take(1, NOW - timedelta(hours=1))
    with pytest.raises(UserError):
        quota.take(1, NOW - timedelta(hours=1))
