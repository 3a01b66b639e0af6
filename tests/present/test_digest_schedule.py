"""When a digest is posted: alone, and in the answer to `/digest schedule`."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot import i18n
from bot.model.subscriptions import Schedule
from bot.present.digest_schedule import schedule_in_words, scheduled_embed

DAILY, WEEKDAYS = frozenset(range(7)), frozenset(range(5))
CASES = [
    ("en", DAILY, "Every day at 09:00, UTC", "In <#5>, every day at 09:00, UTC."),
    ("en", WEEKDAYS, "On weekdays at 09:00, UTC", "In <#5>, on weekdays at 09:00, UTC."),
    ("en", {0, 3}, "On Monday and Thursday at 09:00, UTC", "In <#5>, on Monday and Thursday at 09:00, UTC."),
    ("en", {6}, "On Sunday at 09:00, UTC", "In <#5>, on Sunday at 09:00, UTC."),
    ("de", DAILY, "Täglich um 09:00, UTC", "In <#5>: täglich um 09:00, UTC."),
    ("de", WEEKDAYS, "Montags bis freitags um 09:00, UTC", "In <#5>: montags bis freitags um 09:00, UTC."),
    ("de", {0}, "Jeden Montag um 09:00, UTC", "In <#5>: jeden Montag um 09:00, UTC."),
    (
        "de",
        {5, 6},
        "Jeden Samstag und Sonntag um 09:00, UTC",
        "In <#5>: jeden Samstag und Sonntag um 09:00, UTC.",
    ),
    ("zh-CN", DAILY, "每天 09:00（UTC）", "在 <#5>：每天 09:00（UTC）。"),
    ("zh-CN", WEEKDAYS, "工作日 09:00（UTC）", "在 <#5>：工作日 09:00（UTC）。"),
    ("zh-CN", {2}, "每星期三 09:00（UTC）", "在 <#5>：每星期三 09:00（UTC）。"),
]


@pytest.mark.parametrize(("language", "days", "alone", "somewhere"), CASES)
def test_a_schedule_is_a_whole_sentence_in_each_language(
    language: str, days: set[int], alone: str, somewhere: str
) -> None:
    schedule = Schedule(9, "UTC", frozenset(days))
    due = datetime(2026, 7, 24, 9, tzinfo=UTC)
    with i18n.in_language(language):
        assert schedule_in_words(schedule) == alone
        answer = scheduled_embed(schedule, where="<#5>", due=due, collecting=True, attaching=True)
    assert (answer.description or "").startswith(somewhere)


def test_a_schedule_shows_an_offset_as_people_write_it() -> None:
    assert schedule_in_words(Schedule(9, "Etc/GMT-8", frozenset({0}))) == "On Monday at 09:00, UTC+8"
