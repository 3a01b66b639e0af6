"""What arrives without a push notification, and when."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.model.errors import UserError
from bot.model.outbox import Kind
from bot.model.subscriptions import Destination, Notify, QuietHours
from bot.rules.quiet import is_quiet, is_silent, mentions_role, read_hours


def at(hour: int) -> datetime:
    return datetime(2026, 7, 21, hour, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "hours"),
    [
        ("22-7", (22, 7)),
        (" 22:00 – 07:00 ", (22, 7)),
        ("0-6", (0, 6)),
        ("20-24", (20, 0)),
        ("off", None),
        ("None", None),
    ],
)  # fmt: skip
def test_hours_are_read_as_people_write_them(typed: str, hours: tuple[int, int] | None) -> None:
    assert read_hours(typed) == hours


@pytest.mark.parametrize("typed", ["", "night", "22", "7-7", "24-7", "22-25", "22-7-9", "-1-5"])
def test_what_are_no_hours_is_refused(typed: str) -> None:
    with pytest.raises(UserError, match="is not a range of hours"):
        read_hours(typed)


@pytest.mark.parametrize(
    ("hours", "quiet"),
    [
        (QuietHours(22, 7, "UTC"), {22, 23, *range(7)}),
        (QuietHours(9, 12, "UTC"), {9, 10, 11}),
        (QuietHours(0, 6, "Europe/Berlin"), {22, 23, 0, 1, 2, 3}),
        (QuietHours(9, 12, "Nowhere/Gone"), set()),
    ],
)
def test_quiet_hours_may_go_past_midnight(hours: QuietHours, quiet: set[int]) -> None:
    assert {hour for hour in range(24) if is_quiet(hours, at(hour))} == quiet


@pytest.mark.parametrize(
    ("notify", "kind", "best", "silent", "mentions"),
    [
        (Notify.ALL, Kind.PAPER, False, False, True),
        (Notify.BEST, Kind.PAPER, True, False, True),
        (Notify.BEST, Kind.PAPER, False, True, False),
        (Notify.BEST, Kind.DIGEST, False, False, False),
        (Notify.BEST, Kind.LIST, False, True, False),
        (Notify.NONE, Kind.PAPER, True, True, False),
        (Notify.NONE, Kind.DIGEST, False, True, False),
    ],
)
def test_who_is_notified_is_the_channels_choice(
    notify: Notify, kind: Kind, best: bool, silent: bool, mentions: bool
) -> None:
    channel = Destination(1, 100, 200, notify=notify)
    assert is_silent(channel, kind, at(12), best=best) == silent
    assert mentions_role(channel, best=best) == mentions


def test_in_quiet_hours_everything_is_silent() -> None:
    channel = Destination(1, 100, 200, quiet_hours=QuietHours(22, 7, "UTC"))
    assert is_silent(channel, Kind.DIGEST, at(23), best=True)
    assert not is_silent(channel, Kind.PAPER, at(12), best=False)
