"""The answer to `/channel`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from bot.model.reasons import Reason, ReasonCode
from bot.model.subscriptions import Destination, Live, Schedule, State
from bot.present.channel import ChannelSettings, channel_embed
from bot.present.reasons import reason_in_words

PLACE = Destination(1, 10, 20)
LOCKED = Reason(ReasonCode.THREAD_LOCKED)
DAILY = replace(PLACE, schedule=Schedule(9, "UTC"))
CHANNEL = ChannelSettings(PLACE, "<#20>", subscriptions=2, default_cap=None, news=False)
IN_A_LIST = "The others go into one list a day, because no digest is scheduled; nothing is dropped."
IN_THE_DIGEST = "The others go into the digest; nothing is dropped."
ON = "On: posts are published to the channels that follow this one, at most ten an hour."


def fields(**changes: Any) -> dict[str, str]:
    embed = channel_embed(replace(CHANNEL, **changes))
    return {str(field.name): str(field.value) for field in embed.fields}


@pytest.mark.parametrize(
    ("place", "default", "said"),
    [
        (PLACE, None, "No cap: each paper gets its own post."),
        (
            PLACE,
            20,
            f"20 papers a day get their own posts. That is the default here. {IN_A_LIST}",
        ),
        (replace(PLACE, cap=1), None, f"1 paper a day gets its own post. {IN_A_LIST}"),
        (replace(PLACE, cap=5), 20, f"5 papers a day get their own posts. {IN_A_LIST}"),
        (replace(DAILY, cap=5), 20, f"5 papers a day get their own posts. {IN_THE_DIGEST}"),
    ],
)
def test_the_cap_is_the_channels_own_or_else_the_default(
    place: Destination, default: int | None, said: str
) -> None:
    assert fields(destination=place, default_cap=default)["Daily cap"] == said


@pytest.mark.parametrize(
    ("best", "cap", "default", "shown"),
    [(None, None, None, 5), (8, None, None, 8), (None, 3, None, 3), (4, 3, None, 3), (None, None, 2, 2)],
)
@pytest.mark.parametrize("live", Live)
def test_no_more_papers_are_the_best_than_get_their_own_posts(
    best: int | None, cap: int | None, default: int | None, shown: int, live: Live
) -> None:
    place = replace(PLACE, best=best, cap=cap, live=live)
    said = fields(destination=place, default_cap=default)["Best of the day"]
    assert f"{shown} papers a day that are closest to what is saved here" in said


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"news": False}, None),
        ({"news": True}, ON),
        ({"news": True, "waiting": 1}, f"{ON} 1 post is waiting."),
        ({"news": True, "waiting": 12}, f"{ON} 12 posts are waiting."),
        ({"news": True, "destination": replace(PLACE, crosspost=False)}, "Off: posts stay in this channel."),
    ],
)
def test_crossposting_is_told_where_posts_can_be_published(changes: dict[str, Any], said: str | None) -> None:
    assert fields(**changes).get("Crossposting") == said


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (PLACE, None),
        (replace(PLACE, state=State.PAUSED), "A manager paused this channel."),
        (
            replace(PLACE, state=State.PAUSED, reason=LOCKED),
            reason_in_words(LOCKED),
        ),
    ],
)
def test_a_paused_channel_says_why(place: Destination, said: str | None) -> None:
    assert fields(destination=place).get("Paused") == said


def test_the_answer_says_whether_something_has_changed() -> None:
    assert channel_embed(CHANNEL).title == "Channel settings"
    assert channel_embed(replace(CHANNEL, changed=True)).title == "Updated"
    assert channel_embed(CHANNEL).description == "2 subscriptions in <#20>"
    assert channel_embed(replace(CHANNEL, subscriptions=1)).description == "1 subscription in <#20>"
