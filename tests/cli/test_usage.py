"""`--help` of every command, at the 80 columns of a plain terminal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from bot.cli.main import app
from tests.commands import clean_process, ran

__all__ = ["clean_process"]

USAGES = {
    (): "[OPTIONS] [COMMAND] [ARGUMENTS]",
    ("run",): "[OPTIONS]",
    ("demo",): "[OPTIONS]",
    ("digest",): "[OPTIONS]",
    ("search",): "[OPTIONS] QUERY",
    ("match",): "[OPTIONS] QUERY...",
    ("rank",): "[OPTIONS] PAPERS",
    ("check",): "[OPTIONS]",
    ("backup",): "[OPTIONS] FILE",
    ("restore",): "[OPTIONS] FILE",
    ("subscriptions",): "[OPTIONS] COMMAND [ARGUMENTS]",
    ("subscriptions", "export"): "[OPTIONS] [FILE]",
    ("subscriptions", "import"): "[OPTIONS] FILE",
}
COMMANDS = pytest.mark.parametrize("command", USAGES, ids=lambda path: " ".join(path) or "none")


@pytest.fixture(autouse=True)
def plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def paths(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    yield path
    for name, below in getattr(command, "commands", {}).items():
        yield from paths(below, (*path, name))


def rows(section: str, text: str) -> list[tuple[str, str]]:
    """Return the terms of a section of the help, each with its description on one line."""
    [body] = re.findall(rf"^{section}:\n((?:  .*(?:\n|$))+)", text, re.MULTILINE)
    found = re.findall(r"^  (\S.*?)(?:  |\n)\s*(\S.*(?:\n {4,}\S.*)*)", body, re.MULTILINE)
    return [(term, " ".join(described.split())) for term, described in found]


def test_the_table_has_every_command() -> None:
    assert set(USAGES) == set(paths(typer.main.get_command(app)))


@COMMANDS
def test_help_names_arguments_as_people_write_them(command: tuple[str, ...]) -> None:
    ended = ran(*command, "--help")
    assert ended.code == 0
    assert ended.err == ""
    assert ended.out.splitlines()[0] == " ".join(["Usage: python -m bot", *command, USAGES[command]])
    assert not re.search(r"[<>{}]|\[\[|\]\]|str\b|path\b", ended.out.replace("[default", "")), "no types"


@COMMANDS
def test_help_fits_80_columns_and_cuts_nothing(command: tuple[str, ...]) -> None:
    text = ran(*command, "--help").out
    assert max(map(len, text.splitlines())) <= 80
    assert not re.search(r"\.\.\.(?!\s|$)|\.\.\.$", text.replace("QUERY...", "QUERY")), "no cut sentence"


@COMMANDS
def test_help_describes_everything_in_whole_sentences(command: tuple[str, ...]) -> None:
    text = ran(*command, "--help").out
    lines = text.splitlines()
    introduction = " ".join(line.strip() for line in lines[2 : lines.index("", 2)])
    assert re.fullmatch(r"[A-Z].*\.", introduction)
    sections = re.findall(r"^(\w+):$", text, re.MULTILINE)
    described = [row for section in sections for row in rows(section, text)]
    assert len(described) == sum(bool(re.match(r"  \S", line)) for line in lines[lines.index("", 2) :])
    for term, description in described:
        assert re.fullmatch(r"(?:[A-Z]|opml:).*\.", description), term


@pytest.mark.parametrize("command", [(), ("subscriptions",)])
def test_a_list_of_commands_describes_each_as_its_own_help_does(command: tuple[str, ...]) -> None:
    listed = rows("Commands", ran(*command, "--help").out)
    assert [(*command, name) for name, _ in listed] == [
        path for path in USAGES if path[:-1] == command and path
    ]
    for name, description in listed:
        own = ran(*command, name, "--help").out.split("\n\n")[1]
        assert " ".join(own.split()) == description


@pytest.mark.parametrize(
    ("arguments", "option", "said"),
    [
        (("search",), "-n, --number N", "1 to 2000 (default: 10)"),
        (("digest",), "--max N", "1 to 2000"),
        (("demo",), "--port N", "0 to 65535"),
        (("demo",), "--browser, --no-browser", "(default: yes)"),
        (("match",), "-p, --papers FILE", "(required)"),
        (("rank",), "--saved FILE", "(required)"),
        (("subscriptions", "export"), "--format yaml|opml", "(default: yaml)"),
    ],
)
def test_help_names_the_limits_of_an_option_in_words(
    arguments: tuple[str, ...], option: str, said: str
) -> None:
    assert said in dict(rows("Options", ran(*arguments, "--help").out))[option]


@pytest.mark.parametrize(
    ("arguments", "usage", "said"),
    [
        (("search",), "search [OPTIONS] QUERY", "Missing argument 'QUERY'."),
        (("match", "-p", "x"), "match [OPTIONS] QUERY...", "Missing argument 'QUERY'."),
        (("backup",), "backup [OPTIONS] FILE", "Missing argument 'FILE'."),
        (("subscriptions", "import"), "subscriptions import [OPTIONS] FILE", "Missing argument 'FILE'."),
        (("serch",), "[OPTIONS] [COMMAND] [ARGUMENTS]", "No such command 'serch'. Did you mean 'search'?"),
    ],
)
def test_wrong_usage_names_arguments_as_the_help_does(
    arguments: tuple[str, ...], usage: str, said: str
) -> None:
    ended = ran(*arguments)
    assert ended.code == 2
    assert ended.err.splitlines()[0] == f"Usage: python -m bot {usage}"
    assert ended.err.splitlines()[-1] == f"Error: {said}"
