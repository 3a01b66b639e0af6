from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import load
from bot.config.values import duration

LOOPBACK = {"PAPERS_ARXIV__API_URL": "http://127.0.0.1:8000/api/query"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90s", timedelta(seconds=90)),
        ("30m", timedelta(minutes=30)),
        ("6h", timedelta(hours=6)),
        ("1d", timedelta(days=1)),
        (" 1.5 h ", timedelta(minutes=90)),
    ],
)
def test_durations_are_read(text: str, expected: timedelta) -> None:
    assert duration(text) == expected
    assert load(environ={"PAPERS_POLL__EVERY": text} | LOOPBACK).poll.interval == expected


def test_addresses_lose_their_last_slash() -> None:
    assert load(environ={"PAPERS_DISCORD__API_BASE": "http://x:1/api/v10/"}).discord.api_base.endswith("v10")


@given(st.text())
def test_any_duration_is_read_or_refused_with_a_sentence(text: str) -> None:
    try:
        read = duration(text)
    except ValueError as refused:
        sentence = str(refused)
    else:
        assert read >= timedelta()
        return
    assert "90s, 30m, 6h or 1d" in sentence
