"""How a place is named in a sentence, at the beginning of a line, and in plain text."""

from __future__ import annotations

import pytest

from bot import i18n
from bot.model.subscriptions import Place
from bot.present import places

CHANNEL, CONVERSATION = Place(1, 5), Place(0, 5, 7)


def test_a_channel_is_mentioned_and_named_where_there_are_no_mentions() -> None:
    assert places.mention(CHANNEL) == places.heading(CHANNEL) == "<#5>"
    assert places.plain(CHANNEL, "papers") == "#papers"
    assert places.plain(CHANNEL, None) == "that channel"


@pytest.mark.parametrize(
    ("language", "inside", "heading"),
    [
        ("en", "this conversation", "This conversation"),
        ("de", "dieser Unterhaltung", "Diese Unterhaltung"),
        ("zh-CN", "此对话", "此对话"),
    ],
)
def test_direct_messages_are_named_alike_everywhere(language: str, inside: str, heading: str) -> None:
    with i18n.in_language(language):
        assert places.mention(CONVERSATION) == places.plain(CONVERSATION, "ann") == inside
        assert places.heading(CONVERSATION) == heading
