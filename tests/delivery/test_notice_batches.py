"""Which notices become one message, and when a notice is due."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.delivery import notices
from bot.model.outbox import Notice
from bot.model.reasons import Reason, ReasonCode
from bot.model.subscriptions import Destination
from tests.store.store_cases import NOW

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
SECOND = timedelta(seconds=1)
CHANNEL, PERSON = notices._Recipient(channel_id=30), notices._Recipient(user_id=40)


def notice(number: int = 1, *, guild: int = 10, channel: int = 20, **changes: Any) -> Notice:
    fields: dict[str, Any] = {"name": "", "due": NOW, "subscriber": 40, "waiting": 0} | changes
    return Notice(number, Destination(number, guild, channel), Reason(ReasonCode.NOT_ALLOWED), **fields)


HEAD = notice()


@pytest.mark.parametrize(
    ("other", "recipient", "shares"),
    [
        (notice(2, channel=21), CHANNEL, True),
        (notice(2, channel=21), PERSON, True),
        (notice(2, channel=21), None, False),
        (notice(2, channel=21, guild=11), CHANNEL, False),
        (notice(2, channel=21, guild=11), PERSON, False),
        (notice(2, channel=21, batch=2), CHANNEL, False),  # tried before, in a message of its own
        (notice(2, channel=21, refused=(31,)), CHANNEL, False),
        (notice(2, channel=21, subscriber=41), CHANNEL, True),
        (notice(2, channel=21, subscriber=41), PERSON, False),
        (notice(2, channel=30), CHANNEL, False),  # the channel itself has stopped, too
        (HEAD, CHANNEL, True),
        (HEAD, PERSON, True),
        (HEAD, None, True),
        (HEAD, notices._Recipient(channel_id=20), True),
    ],
)
def test_notices_of_one_server_to_one_recipient_are_one_message(
    other: Notice, recipient: notices._Recipient | None, shares: bool
) -> None:
    assert notices._shares_message(other, HEAD, recipient) is shares


def test_those_that_were_refused_alike_go_on_together() -> None:
    head, other = replace(HEAD, refused=(31,)), notice(2, channel=21, refused=(31,))
    assert notices._shares_message(other, head, CHANNEL)
    assert not notices._shares_message(notice(2, channel=21), head, CHANNEL)


@pytest.mark.parametrize(
    ("due", "attempts", "expected"),
    [
        (NOW - DAY, 0, NOW - DAY),
        (NOW + MINUTE, 0, NOW + MINUTE),
        (NOW + MINUTE + SECOND, 0, NOW),  # written while the clock was ahead
        (NOW + MINUTE + SECOND, 1, NOW + MINUTE + SECOND),
        (NOW + 8 * DAY, 1, NOW),
    ],
)
def test_a_notice_is_due_at_once_if_its_clock_was_ahead(
    due: datetime, attempts: int, expected: datetime
) -> None:
    assert notices._due(notice(due=due, attempts=attempts), NOW) == expected
