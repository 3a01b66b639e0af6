"""Discord's error codes: https://discord.com/developers/docs/topics/opcodes-and-status-codes."""

from __future__ import annotations

import pytest

from bot.delivery import codes


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (10003, "UNKNOWN_CHANNEL"),
        (10004, "UNKNOWN_GUILD"),
        (10008, "UNKNOWN_MESSAGE"),
        (10015, "UNKNOWN_WEBHOOK"),
        (10062, "UNKNOWN_INTERACTION"),
        (40001, "UNAUTHORIZED"),
        (40005, "REQUEST_TOO_LARGE"),
        (40033, "MESSAGE_ALREADY_CROSSPOSTED"),
        (40060, "INTERACTION_ALREADY_ACKNOWLEDGED"),
        (50001, "MISSING_ACCESS"),
        (50005, "NOT_AUTHOR_OF_MESSAGE"),
        (50007, "CANNOT_MESSAGE_USER"),
        (50013, "MISSING_PERMISSIONS"),
        (50027, "INVALID_WEBHOOK_TOKEN"),
        (50083, "THREAD_ARCHIVED"),
        (160004, "THREAD_ALREADY_CREATED"),
        (160005, "THREAD_LOCKED"),
        (160006, "TOO_MANY_THREADS"),
        (160007, "TOO_MANY_ANNOUNCEMENT_THREADS"),
    ],
)
def test_a_code_is_discords(code: int, name: str) -> None:
    assert getattr(codes, name) == code
