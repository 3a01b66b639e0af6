"""The message to managers when the bot can no longer post in a channel."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bot.model.outbox import Notice
from bot.model.reasons import Reason, ReasonCode
from bot.model.subscriptions import Destination, State
from bot.present.notices import notice_head, notice_text

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


def notices(count: int, *, state: State = State.PAUSED, waiting: int = 0) -> list[Notice]:
    return [
        Notice(number, Destination(number, 1, number, state=state), DELETED, f"room{number}", NOW, 7, waiting)
        for number in range(count)
    ]


@pytest.mark.parametrize(
    ("waiting", "said"),
    [
        ((0,), "new papers stay queued, and I"),
        ((1,), "new papers stay queued (1 so far), and I"),
        ((0, 1_200, 34), "new papers stay queued (1,234 so far), and I"),
    ],
)
def test_the_papers_that_wait_are_counted_over_all_paused_channels(
    waiting: tuple[int, ...], said: str
) -> None:
    batch = [notice for count in waiting for notice in notices(1, waiting=count)]
    assert said in notice_text(batch, here=True)


def test_of_a_channel_that_is_gone_nothing_is_said_to_wait() -> None:
    said = notice_text(notices(1, state=State.GONE, waiting=5), here=True)
    assert "queued" not in said
    assert said.startswith("⏹ I can no longer reach one of your channels, so its subscriptions have ended:")


@pytest.mark.parametrize(
    ("count", "named", "rest"),
    [(1, 1, None), (10, 10, None), (11, 10, "• and 1 more"), (12, 10, "• and 2 more")],
)
def test_ten_channels_are_named_and_the_others_counted(count: int, named: int, rest: str | None) -> None:
    lines = notice_text(notices(count), here=True).splitlines()
    assert sum(line.startswith("• #room") for line in lines) == named
    assert next((line for line in lines if line.startswith("• and")), None) == rest


def test_paused_and_deleted_channels_are_told_apart_in_one_message() -> None:
    said = notice_text([*notices(2), *notices(1, state=State.GONE)], here=True)
    assert said.index("post papers in 2 of your channels") < said.index("reach one of your channels")


@pytest.mark.parametrize("states", [(State.PAUSED,), (State.GONE,), (State.PAUSED, State.GONE)])
def test_a_message_is_recognised_by_its_beginning_however_many_papers_wait(states: tuple[State, ...]) -> None:
    before, after = ([one for state in states for one in notices(2, state=state, waiting=n)] for n in (1, 9))
    assert notice_text(after, here=True).startswith(notice_head(before, here=True))
