"""The check itself: it accepts what Discord accepts and names what Discord would refuse."""

from __future__ import annotations

import pytest

from tests.openapi import schema_problems, valid_request
from tests.shared import needs_shared

pytestmark = needs_shared


@pytest.mark.parametrize(
    "path",
    [
        "/channels/1/messages",
        "/api/v10/channels/1/messages?x=1",
        "http://127.0.0.1:8/api/v10/channels/1/messages",
    ],
)
def test_a_message_is_found_by_its_path(path: str) -> None:
    valid_request("POST", path, {"content": "hello", "nonce": "n", "enforce_nonce": True})


@pytest.mark.parametrize(
    ("method", "path", "body", "problem"),
    [
        ("POST", "/channels/1/messages", {"content": 1}, "body.content"),
        ("POST", "/channels/1/messages", {"embeds": [{"title": "x" * 257}]}, "body.embeds[0].title"),
        ("POST", "/channels/1/messages", None, "needs a body"),
        ("PATCH", "/webhooks/1/token/messages/@original", {"embeds": "none"}, "body.embeds"),
        ("GET", "/gateway/bot", {"a": 1}, "takes no body"),
        ("POST", "/nowhere", {}, "Discord has no POST /nowhere"),
    ],
    ids=["type", "too_long", "no_body", "literal_segment", "body_unwanted", "unknown_path"],
)
def test_what_discord_would_refuse_is_named(method: str, path: str, body: object, problem: str) -> None:
    assert problem in " ".join(schema_problems(method, path, body))


def test_an_answer_to_a_slash_command_is_described() -> None:
    valid_request(
        "POST", "/interactions/1/token/callback", {"type": 4, "data": {"content": "hi", "flags": 64}}
    )
