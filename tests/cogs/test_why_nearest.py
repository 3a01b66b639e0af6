"""Which channels the answer to `/why` explains."""

from __future__ import annotations

from bot.model.history import ChannelHistory, History
from bot.model.subscriptions import Destination
from cogs.why import _explanations
from tests.rules.why_cases import NOW, PAPER, REACH, keyword

APART, HALF, THIRD, MATCH = (
    "ti:quantum",
    "ti:speech AND ti:quantum",
    "ti:speech AND ti:quantum AND ti:gravity",
    "ti:speech",
)


def explained(*keywords: str) -> list[int]:
    """Return the channels that are explained, of one with each of *keywords*, numbered from 1."""
    channels = tuple(
        ChannelHistory(Destination(number, guild_id=100, channel_id=number), keywords=(keyword(text),))
        for number, text in enumerate(keywords, start=1)
    )
    history = History(channels=channels, highest={318: 6000})
    return [one.destination.channel_id for one in _explanations(history, PAPER, NOW, REACH)]


def test_channels_that_it_concerns_are_explained_however_many() -> None:
    assert explained(APART, MATCH, HALF, MATCH, MATCH, MATCH) == [2, 4, 5, 6]


def test_otherwise_the_three_closest_are_the_closest_first() -> None:
    assert explained(APART, THIRD, HALF, APART) == [3, 2, 1]
    assert explained(APART, APART) == [1, 2]
