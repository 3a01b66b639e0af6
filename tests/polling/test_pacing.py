"""What holds for an answer of arXiv is what the configuration says."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.config import DeliverySettings, PollSettings, Settings
from bot.polling.pacing import pace_at

FRIDAY = datetime(2026, 7, 24, 8, tzinfo=UTC)


def test_the_cap_of_a_day_and_the_most_of_a_poll_are_the_configurations() -> None:
    settings = Settings(
        poll=PollSettings(max_posts=7, surge_factor=5), delivery=DeliverySettings(daily_cap=3)
    )
    pace = pace_at(FRIDAY, settings)
    assert (pace.cap, pace.at_once, pace.surge_factor) == (3, 7, 5)


def test_who_missed_three_announcements_catches_up() -> None:
    behind = pace_at(FRIDAY, Settings()).behind
    assert behind is not None
    assert datetime(2026, 7, 21, tzinfo=UTC) < behind < datetime(2026, 7, 23, tzinfo=UTC)


def test_what_arxiv_shows_ends_with_the_deadline_of_the_last_announcement() -> None:
    saturday = datetime(2026, 7, 25, 12, tzinfo=UTC)
    assert pace_at(FRIDAY, Settings()).deadline(saturday) == datetime(2026, 7, 23, 18, tzinfo=UTC)
