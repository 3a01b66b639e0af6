from __future__ import annotations

import io
import json
import logging

import pytest
import structlog

from bot.config import LoggingSettings
from bot.runtime.logs import Redaction, configure

TOKEN = "not-shaped-like-a-token-but-secret"


def logged(style: str = "console", level: str = "INFO") -> io.StringIO:
    stream = io.StringIO()
    configure(LoggingSettings(level=level, format=style), secrets=[TOKEN], stream=stream)
    return stream


@pytest.mark.parametrize("style", ["console", "json"])
def test_the_token_never_appears_wherever_it_is(style: str) -> None:
    stream = logged(style, "DEBUG")
    structlog.get_logger("bot").warning("message with " + TOKEN, token=TOKEN, nested={"a": [TOKEN]})
    logging.getLogger("discord.http").error("headers %s", {"Authorization": f"Bot {TOKEN}"})
    local = TOKEN  # a traceback that showed local variables would show this one
    try:
        raise RuntimeError(f"login with {local} failed")
    except RuntimeError:
        structlog.get_logger("bot").exception("broke", Authorization="Bot another-secret")
        logging.getLogger("aiohttp").exception("broke too")
    text = stream.getvalue()
    assert TOKEN not in text
    assert "another-secret" not in text
    assert "RuntimeError: login with [hidden] failed" in text
    assert text.count("Traceback") == 2


@pytest.mark.parametrize(
    "line",
    [
        "Authorization: Bot s3cret.x-y",
        "{'Authorization': 'Bearer s3cret.x-y', 'User-Agent': 'kept'}",
        '{"authorization":"s3cret.x-y"}',
        r'"headers": "{\"Authorization\": \"Bot s3cret.x-y\"}"',
        "('Authorization', 'Bot s3cret.x-y')",
        "postgresql://papers:s3cret.x-y@db/papers",
        "POST https://discord.com/api/v10/webhooks/123/s3cret.x-y-s3cret.x-y-aaaa/messages/@original",
        "POST https://discord.com/api/v10/interactions/123/s3cret.x-y-s3cret.x-y-aaaa/callback",
    ],
)
def test_what_looks_like_a_secret_is_hidden(line: str) -> None:
    shown = Redaction()(None, "info", line)
    assert "s3cret" not in shown
    assert "[hidden]" in shown


def test_any_bot_token_is_hidden() -> None:
    token = "x" * 24 + ".GXyZ1a." + "aB3-dE6_gH9" * 3
    assert token not in Redaction()(None, "info", f"token {token}.")


def test_ordinary_lines_stay_as_they_are() -> None:
    line = "polled https://export.arxiv.org/api/query?search_query=ti:x for 2607.16206v1 in 3.0 s"
    assert Redaction(["", "unused"])(None, "info", line) == line


def test_json_is_one_object_a_line_with_the_traceback_in_it() -> None:
    stream = logged("json")
    structlog.get_logger("bot.polling.poller").info("poll done", papers=3, title="Über α")
    try:
        raise ValueError("two\nlines")
    except ValueError:
        logging.getLogger("alembic").exception("failed")
    first, second = (json.loads(line) for line in stream.getvalue().splitlines())
    assert first["event"] == "poll done"
    assert (first["papers"], first["level"], first["logger"]) == (3, "info", "bot.polling.poller")
    assert first["title"] == "Über α"
    assert "ValueError" in second["exception"]


@pytest.mark.parametrize(("level", "shown"), [("DEBUG", 4), ("INFO", 3), ("WARNING", 2), ("ERROR", 1)])
def test_the_level_holds_for_everything(level: str, shown: int) -> None:
    stream = logged(level=level)
    log = structlog.get_logger("bot")
    for method in (log.debug, log.info, log.warning, log.error):
        method("said")
    assert len(stream.getvalue().splitlines()) == shown


def test_libraries_do_not_chat_below_a_warning() -> None:
    stream = logged(level="INFO")
    logging.getLogger("alembic.runtime.migration").info("Context impl SQLiteImpl.")
    logging.getLogger("discord.gateway").info("Shard ID 0 has connected")
    assert stream.getvalue() == ""


def test_configuring_twice_logs_once() -> None:
    logged()
    stream = logged()
    logging.getLogger("bot").info("once")
    assert stream.getvalue().count("once") == 1


def test_an_outage_of_the_gateway_is_said_once_and_shortly() -> None:
    stream = logged()
    shard = logging.getLogger("discord.shard")
    for attempt in range(50):
        try:
            raise ConnectionResetError("by peer")
        except ConnectionResetError:
            shard.exception("Failed to connect for shard_id: %s. Retrying...", attempt)
    shard.warning("reconnecting")
    shard.warning("reconnecting")
    shard.error("something else")
    logging.getLogger("discord.client").warning("PyNaCl is not installed, voice will NOT be supported")
    first, second, third = stream.getvalue().splitlines()
    assert "Failed to connect for shard_id: 0. Retrying... (ConnectionResetError)" in first
    assert "reconnecting" in second
    assert "something else" in third


@pytest.mark.parametrize("style", ["console", "json"])
def test_a_value_of_any_length_makes_a_line_of_bounded_length(style: str) -> None:
    stream = logged(style)
    structlog.get_logger("bot").error("arXiv refuses " + "x." * 100_000, papers=["y" * 1000] * 1000)
    logging.getLogger("aiohttp").error("%s", "z" * 200_000)
    first, second = stream.getvalue().splitlines()
    assert len(first) < 10_000
    assert len(second) < 6_000
    if style == "json":
        assert json.loads(first)["event"].endswith(".…")


def test_of_a_long_traceback_the_end_is_kept() -> None:
    stream = logged("json")
    try:
        raise ValueError("long " * 100_000 + "END")
    except ValueError:
        logging.getLogger("aiohttp").exception("failed")
    shown = json.loads(stream.getvalue())["exception"]
    assert len(shown) < 41_000
    assert shown.endswith("END")


INTERACTION = "".join(f"aW50ZXJhY3Rpb24{number:02}" for number in range(26))  # 442 characters
ANSWER = f"https://discord.com/api/v10/webhooks/1234567890/{INTERACTION}/messages/@original"


@pytest.mark.parametrize("kept", range(30, len(INTERACTION), 40))
def test_no_part_of_a_secret_remains_where_a_traceback_is_cut(kept: int) -> None:
    stream = logged("json")
    after = len(ANSWER) - ANSWER.index(INTERACTION) - len(INTERACTION) + kept
    end = f" {ANSWER} "
    end += "x" * (40_500 - after - len(end))
    try:
        raise ValueError(ANSWER + end)
    except ValueError:
        logging.getLogger("aiohttp").exception("failed")
    shown = json.loads(stream.getvalue())["exception"]
    assert len(shown) > 39_000
    assert "aW50ZXJhY3Rpb24" not in shown


@pytest.mark.parametrize("kept", range(1, len(TOKEN), 3))
def test_none_remains_where_a_value_is_cut_after_others_were_hidden(kept: int) -> None:
    stream = logged("json")
    start = f"{ANSWER} {ANSWER} "
    start += "-" * (4_500 - kept - len(start))
    logging.getLogger("aiohttp").error("%s", start + TOKEN + "-" * 9_000)
    assert f"-{TOKEN[:kept]}…" not in json.loads(stream.getvalue())["event"]


@pytest.mark.parametrize("before", range(3_900, 4_001, 10))
def test_no_part_of_a_secret_remains_where_a_value_is_cut(before: int) -> None:
    stream = logged("json")
    logging.getLogger("aiohttp").error("%s", "-" * before + TOKEN + "-" * 9_000)
    assert "not-shaped" not in stream.getvalue()
