from __future__ import annotations

from collections.abc import Callable
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


def test_at_most_two_requests_of_a_person_wait_at_once() -> None:
    quota = Quota(6)
    with quota.waiting(1, at(NOW)), quota.waiting(1, at(NOW)):
        for _ in range(40):
            with pytest.raises(UserError, match="I am still asking arXiv for you"):
                quota.require(1, NOW)
        with quota.waiting(2, at(NOW)):
            pass
    with quota.waiting(1, at(NOW)):
        pass


def test_only_what_leaves_is_counted_and_once() -> None:
    quota = Quota(2)
    for _ in range(10):  # answered from memory meanwhile, or refused at the gate
        with quota.waiting(1, at(NOW)):
            pass
    for _ in range(2):
        with quota.waiting(1, at(NOW)) as left:
            left()
            left()  # arXiv did not answer the first time
    with pytest.raises(UserError, match="2 times in the last 60 seconds"):
        quota.require(1, NOW)
    quota.require(1, NOW + timedelta(seconds=60))


def test_what_waits_has_its_place_in_the_quota() -> None:
    quota = Quota(2)
    quota.take(1, NOW)
    with quota.waiting(1, at(NOW)) as left:
        with pytest.raises(UserError, match="try again in 60 seconds"):
            quota.require(1, NOW)
        left()
    with pytest.raises(UserError, match="try again in 60 seconds"):
        quota.require(1, NOW)


def test_a_limit_of_one_lets_one_request_wait() -> None:
    quota = Quota(1)
    with quota.waiting(1, at(NOW)) as left:
        with pytest.raises(UserError, match="I am still asking"):
            quota.require(1, NOW)
        left()
        with pytest.raises(UserError, match="You have searched once"):
            quota.require(1, NOW)


def test_nobody_who_waited_is_kept_in_memory() -> None:
    quota = Quota(2)
    for person in range(100):
        with pytest.raises(TimeoutError), quota.waiting(person, at(NOW)):
            raise TimeoutError
    assert not quota._waiting
    assert not quota._unsent
    assert not quota._uses


def at(now: datetime) -> Callable[[], datetime]:
    return lambda: now
