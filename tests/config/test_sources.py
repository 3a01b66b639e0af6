"""What is read, and in which order: a file, the environment, and defaults."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import Settings, load
from bot.model.errors import ConfigError
from tests.config.config_cases import flat, written


def test_without_a_file_the_defaults_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load(environ={}) == Settings()


def test_config_yaml_in_the_working_folder_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(tmp_path, "http: {port: 1234}")
    monkeypatch.chdir(tmp_path)
    assert load(environ={}).http.port == 1234


def test_the_process_environment_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PAPERS_HTTP__PORT", "4321")
    assert load().http.port == 4321


def test_the_environment_goes_over_the_file_key_by_key(tmp_path: Path) -> None:
    path = written(tmp_path, "arxiv: {contact: file@example.org, timeout: 5}\nlanguage: auto\n")
    settings = load(path, environ={"PAPERS_ARXIV__CONTACT": "env@example.org", "PAPERS_LANGUAGE": "en"})
    assert settings.arxiv.contact == "env@example.org"
    assert settings.arxiv.timeout == 5
    assert settings.language == "en"


def test_every_key_can_be_set_from_the_environment() -> None:
    environ = {
        f"PAPERS_{path.replace('.', '__').upper()}": str(value)
        for path, value in flat(Settings()).items()
        if value is not None
    }
    assert len(environ) > 20
    assert load(environ=environ) == Settings()


@pytest.mark.parametrize(
    ("environ", "token"),
    [
        ({"DISCORD_TOKEN": "a"}, "a"),
        ({"PAPERS_DISCORD__TOKEN": "b"}, "b"),
        ({"DISCORD_TOKEN": "a", "PAPERS_DISCORD__TOKEN": "b"}, "b"),
        ({"DISCORD_TOKEN": " a\n"}, "a"),
    ],
)
def test_the_token_comes_from_either_variable(environ: dict[str, str], token: str) -> None:
    found = load(environ=environ).discord.token
    assert found is not None
    assert found.get_secret_value() == token


def test_the_token_may_be_in_a_file_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "token"
    path.write_text("a.b.c\n", encoding="utf-8")
    found = load(environ={"DISCORD_TOKEN_FILE": str(path)}, needs=["discord.token"]).discord.token
    assert found is not None
    assert found.get_secret_value() == "a.b.c"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "the file {} does not exist"),
        (b"", "the file {} must hold the token, and nothing else"),
        (b" \n", "the file {} must hold the token, and nothing else"),
        (b"\xff\xfe", "the file {} must hold the token, and nothing else"),
        (b"a" * 5_000, "the file {} must hold the token, and nothing else"),
    ],
)
def test_a_file_without_a_token_is_one_mistake(tmp_path: Path, content: bytes | None, why: str) -> None:
    path = tmp_path / "token"
    if content is not None:
        path.write_bytes(content)
    environ = {"DISCORD_TOKEN_FILE": str(path), "PAPERS_HTTP__PORT": "x"}
    with pytest.raises(ConfigError) as error:
        load(environ=environ, needs=["discord.token"])
    told, port = error.value.problems
    assert told == f"discord.token: {why.format(path)} (from DISCORD_TOKEN_FILE)"
    assert port.startswith("http.port")


def test_a_folder_is_no_file_with_a_token(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load(environ={"DISCORD_TOKEN_FILE": str(tmp_path)})


def test_one_of_the_two_variables_with_a_token_must_go() -> None:
    with pytest.raises(ConfigError, match="are both set; remove one of them"):
        load(environ={"DISCORD_TOKEN": "a.b.c", "DISCORD_TOKEN_FILE": "/run/secrets/token"})


def test_empty_values_count_as_not_set(tmp_path: Path) -> None:
    path = written(tmp_path, "arxiv:\ndiscord:\n  token:\nhttp:\n  port:\n")
    assert (
        load(path, environ={"DISCORD_TOKEN": "", "DISCORD_TOKEN_FILE": "", "PAPERS_HTTP__PORT": " "})
        == Settings()
    )


@pytest.mark.parametrize("text", ["", "\n", "# nothing yet\n", "arxiv:\n  # contact: me\n", "---\n"])
def test_a_file_in_which_nothing_is_set_means_the_defaults(tmp_path: Path, text: str) -> None:
    assert load(written(tmp_path, text), environ={}) == Settings()


def test_no_token_may_be_said_in_so_many_words() -> None:
    assert Settings(discord={"token": None}) == Settings()


def test_the_word_none_takes_the_cap_off(tmp_path: Path) -> None:
    assert load(written(tmp_path, "delivery: {daily_cap: none}"), environ={}).delivery.daily_cap is None
    assert load(environ={"PAPERS_DELIVERY__DAILY_CAP": "None"}).delivery.daily_cap is None


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes("﻿http: {port: 7}".encode())
    assert load(path, environ={}).http.port == 7
