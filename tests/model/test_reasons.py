from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.reasons import ChannelKind, Permission, Reason, ReasonCode

REASONS = st.builds(
    Reason,
    code=st.sampled_from(ReasonCode),
    permissions=st.lists(st.sampled_from(Permission)).map(tuple),
    kind=st.sampled_from(ChannelKind),
    status=st.integers(0, 599),
    error=st.integers(0, 999_999),
    detail=st.text(),
)


@given(REASONS)
def test_a_stored_reason_is_read_back_as_it_was(reason: Reason) -> None:
    assert Reason.from_json(reason.to_json()) == reason


def test_the_code_and_the_facts_that_there_are_is_all_that_is_stored() -> None:
    permissions = (Permission.SEND_MESSAGES, Permission.EMBED_LINKS)
    reason = Reason(ReasonCode.PERMISSION_MISSING, permissions=permissions, kind=ChannelKind.FORUM)
    assert json.loads(reason.to_json()) == {
        "code": "permission_missing",
        "permissions": ["send_messages", "embed_links"],
        "kind": "forum",
    }
    assert json.loads(Reason(ReasonCode.THREAD_LOCKED).to_json()) == {"code": "thread_locked"}


@pytest.mark.parametrize(
    "text",
    [
        "The moon is full.",
        "{}",
        "[]",
        "7",
        '"bot_removed"',
        '{"code": "of a later version"}',
        '{"code": "bot_removed", "fact": "of a later version"}',
        '{"code": "permission_missing", "permissions": ["fly"]}',
        '{"code": "permission_missing", "permissions": 7}',
        '{"code": "permission_missing", "kind": "moon"}',
    ],
)
def test_a_text_that_is_no_reason_is_kept_word_for_word(text: str) -> None:
    assert Reason.from_json(text) == Reason(ReasonCode.OTHER, detail=text)
