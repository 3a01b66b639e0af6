from __future__ import annotations

import itertools
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.config import DatabaseSettings, DeliverySettings, PollSettings, Settings, load
from bot.config.values import LONGEST_LOOK_BACK, is_loopback
from bot.delivery.nonces import NONCE_KEPT
from bot.model.errors import ConfigError
from tests.config.config_cases import LOOPBACK, flat, problems, written

EXAMPLE = Path(__file__).parents[2] / "config.example.yaml"


# The example file


def test_the_example_file_holds_every_key_with_its_default() -> None:
    content = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    shown: dict[str, Any] = {}
    for section, keys in content.items():
        if isinstance(keys, dict):
            shown |= {f"{section}.{key}": value for key, value in keys.items()}
        else:
            shown[section] = keys
    assert shown == flat(Settings())


def test_every_key_of_the_example_file_has_a_line_of_why() -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    for before, line in itertools.pairwise(lines):
        if re.match(r"  \w+:|language:", line):
            assert before.lstrip().startswith("# "), line


def test_the_example_file_loads_to_the_defaults() -> None:
    assert load(EXAMPLE, environ={}) == Settings()


# What protects arXiv


@pytest.mark.parametrize(
    ("url", "polite_needed"),
    [
        ("https://export.arxiv.org/api/query", True),
        ("http://localhost.example.org/", True),
        ("http://10.0.0.1/", True),
        ("http://127.0.0.1:8000/api/query", False),
        ("http://localhost:8000", False),
        ("http://[::1]:8000/", False),
    ],
)
def test_the_limits_that_protect_arxiv_fall_only_on_this_machine(url: str, polite_needed: bool) -> None:
    fast = {"PAPERS_ARXIV__MIN_INTERVAL": "0", "PAPERS_POLL__EVERY": "1s", "PAPERS_ARXIV__API_URL": url}
    assert is_loopback(url) is not polite_needed
    if polite_needed:
        assert {line.partition(":")[0] for line in problems(environ=fast)} == {
            "arxiv.min_interval",
            "poll.every",
        }
    else:
        assert load(environ=fast).poll.interval == timedelta(seconds=1)


def test_while_the_address_is_wrong_the_limits_are_those_for_arxiv_itself() -> None:
    found = problems(
        environ={
            "PAPERS_ARXIV__API_URL": "nonsense",
            "PAPERS_ARXIV__MIN_INTERVAL": "1",
            "PAPERS_POLL__EVERY": "5m",
        }
    )
    assert [line.partition(":")[0] for line in found] == ["arxiv.api_url", "arxiv.min_interval", "poll.every"]


def test_the_limits_hold_for_settings_made_by_hand_too() -> None:
    with pytest.raises(ValueError, match="10m"):
        Settings(poll={"every": "1m"})


@pytest.mark.parametrize(
    "text", ["2027-01-18, 2027-06-18", "2027-01-18 2027-06-18", "[2027-01-18, 2027-06-18]"]
)
def test_holidays_come_from_the_environment_too(text: str) -> None:
    found = load(environ=LOOPBACK | {"PAPERS_ARXIV__HOLIDAYS": text}).arxiv.holidays
    assert found == (date(2027, 1, 18), date(2027, 6, 18))


def test_holidays_are_dates_quoted_or_not(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text("arxiv: {contact: a@b.org, holidays: [2027-01-18, '2027-06-18']}")
    assert load(path, environ={}).arxiv.holidays == (date(2027, 1, 18), date(2027, 6, 18))


# What cannot be done without


def test_what_a_command_needs_is_asked_for() -> None:
    found = problems(needs=["discord.token", "arxiv.contact"])
    assert [line.partition(" ")[0] for line in found] == ["discord.token:", "arxiv.contact:"]


@pytest.mark.parametrize(
    "contact",
    [
        "you@example.org", "first.last+arxiv@mail.example.ac.uk", "mailto:you@example.org", "a_b-c@x-y.de",
        "https://example.org", "https://example.org/bot?lab=1", "http://lab.example.org:8080/~me", "HTTPS://X.ORG",
    ],
)  # fmt: skip
def test_a_contact_is_an_address_or_a_link(contact: str) -> None:
    assert load(environ=LOOPBACK | {"PAPERS_ARXIV__CONTACT": f" {contact} "}).arxiv.contact == contact


@pytest.mark.parametrize(
    "contact",
    [
        "me", "you", "x@", "@example.org", "you@localhost", "you at example.org", "https://",
        "https://localhost", "ftp://example.org", "https://exa mple.org", "a@b@example.org", "-",
        "<you@example.org>",
        "+49 30 1234",
    ],
)  # fmt: skip
def test_anything_else_is_no_contact(contact: str) -> None:
    with pytest.raises(ConfigError, match=r"arxiv\.contact: must be an email address or a web address"):
        load(environ=LOOPBACK | {"PAPERS_ARXIV__CONTACT": contact})


def test_a_contact_is_not_needed_for_a_server_on_this_machine() -> None:
    assert load(environ=LOOPBACK, needs=["arxiv.contact"]).arxiv.contact == ""


def test_a_wrong_token_is_not_also_missing() -> None:
    (line,) = problems(environ={"DISCORD_TOKEN": "a b"}, needs=["discord.token"])
    assert line.startswith("discord.token: is not a bot token")


def test_a_server_on_this_machine_may_take_any_token() -> None:
    environ = LOOPBACK | {"DISCORD_TOKEN": "abc", "PAPERS_DISCORD__API_BASE": "http://localhost:1/api"}
    assert load(environ=environ, needs=["discord.token"]).discord.token is not None
    (line,) = problems(environ=LOOPBACK | {"DISCORD_TOKEN": "abc"}, needs=["discord.token"])
    assert line.startswith("discord.token: does not look like a bot token; copy all of it")


# Secrets


@pytest.mark.parametrize(
    "text",
    [
        "discord: {token: hunter2 x}",
        "discord: {tokn: hunter2}",
        "discord: hunter2",
        "discord: [hunter2]",
        "discord: {token: [hunter2]}",
        "discord: {token: {hunter2: hunter2}}",
        "discord: {token: 'Bot hunter2'}",
        "token: hunter2",
        "hunter2",
        "discord: {token: *hunter2}",
        "discord: {token: !hunter2 x}",
        "discord:\n  token: 'hunter2\n",
        "discord:\n  token: hunter2\n token: x",
        "database: {url: postgresql://me:hunter2@db}",
        "arxiv: {api_url: 'ftp://me:hunter2@proxy/'}",
        "arxiv: {source: hunter2}",
        "arxiv: {timeout: hunter2}",
        "poll: {every: hunter2}",
    ],
)
def test_no_mistake_repeats_a_value(tmp_path: Path, text: str) -> None:
    assert "hunter2" not in "\n".join(problems(written(tmp_path, text)))


def test_settings_do_not_show_the_token() -> None:
    settings = load(environ={"DISCORD_TOKEN": "hunter2"})
    for shown in (repr(settings), str(settings), settings.model_dump_json(), repr(settings.model_dump())):
        assert "hunter2" not in shown


def test_settings_do_not_change_after_start() -> None:
    settings = Settings()
    with pytest.raises(ValueError, match="frozen"):
        settings.arxiv.contact = "x"  # type: ignore[misc]
    with pytest.raises(ValueError, match="frozen"):
        settings.language = "en"  # type: ignore[misc]


# Values


def test_periods_are_what_they_always_were() -> None:
    delivery = DeliverySettings()
    assert (delivery.send_timeout, delivery.undo, delivery.grace) == (
        90,
        timedelta(days=1),
        timedelta(days=30),
    )
    assert (DatabaseSettings().keep, PollSettings().surge_factor) == (timedelta(days=365), 3)


def test_no_setting_can_bring_a_message_twice() -> None:
    """A paper is known for as long as a poll may look back, and a nonce for as long as a send may last."""
    with pytest.raises(ValidationError):
        DatabaseSettings(keep_days=LONGEST_LOOK_BACK.days - 1)
    with pytest.raises(ValidationError):
        DeliverySettings(send_timeout=NONCE_KEPT.total_seconds())
    assert DatabaseSettings(keep_days=LONGEST_LOOK_BACK.days).keep == LONGEST_LOOK_BACK


def test_arxivs_own_clock_is_no_interval() -> None:
    assert Settings().poll.interval is None


def test_the_level_is_read_in_any_case() -> None:
    assert load(environ={"PAPERS_LOGGING__LEVEL": "debug"}).logging.level == "DEBUG"


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
_keys = st.sampled_from(sorted({part for path in flat(Settings()) for part in path.split(".")})) | st.text(
    max_size=8
)


@given(st.dictionaries(_keys, _values | st.dictionaries(_keys, _values, max_size=4), max_size=4))
def test_any_yaml_is_settings_or_mistakes(tmp_path_factory: pytest.TempPathFactory, content: Any) -> None:
    path = tmp_path_factory.mktemp("any") / "config.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    lines: tuple[str, ...] = ()
    try:
        load(path, environ={})
    except ConfigError as refused:
        lines = refused.problems
    assert all(": " in line and "\n" not in line for line in lines)
