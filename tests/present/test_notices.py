"""The message to managers when the bot can no longer post in a channel."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.model.outbox import Notice
from bot.model.reasons import Reason, ReasonCode
from bot.model.subscriptions import Destination, State
from bot.present.notices import notice_text

NOW = datetime(2026, 7, 24, 8, tzinfo=UTC)
DELETED = Reason(ReasonCode.CHANNEL_DELETED)


@pytest.mark.parametrize(
    ("state", "here", "name", "shown"),
    [
        (State.PAUSED, True, "", "• <#5>: "),
        (State.PAUSED, False, "", "• <#5>: "),
        (State.GONE, True, "", "• a channel (id 5): "),
        (State.GONE, False, "", "• <#5>: "),
        (State.GONE, True, "a*b", r"• #a\*b: "),
    ],
)
def test_a_channel_is_mentioned_unless_discord_cannot_show_its_name(
    state: State, here: bool, name: str, shown: str
) -> None:
    place = Destination(1, 1, 5, state=state, reason=DELETED)
    assert shown in notice_text([Notice(1, place, DELETED, name, NOW, 7, 3)], here=here)
