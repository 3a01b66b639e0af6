"""What the README says exists, and what exists is in the README."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import discord
import pytest
import typer.main
import yaml
from discord import app_commands
from pydantic import BaseModel
from simcord.env import Env

from bot.cli import main
from bot.config import Settings
from bot.query.parser import FIELDS
from bot.runtime.client import PERMISSIONS

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    """Return the text under a `## ` heading."""
    _, _, rest = README.partition(f"\n## {title}\n")
    assert rest, f"README has no section {title!r}"
    return rest.partition("\n## ")[0]


def code_rows(text: str) -> list[list[str]]:
    """Return the code spans of the first cell of every table row that begins with one."""
    rows = re.findall(r"^\| (`[^|]*) \|", text, re.MULTILINE)
    return [re.findall(r"`([^`]+)`", row) for row in rows]


def keys_of(model: type[BaseModel], prefix: str = "") -> dict[str, object]:
    """Return the dotted keys of a configuration model with their defaults."""
    keys: dict[str, object] = {}
    for name, field in model.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            keys |= keys_of(kind, f"{prefix}{name}.")
        else:
            keys[prefix + name] = field.get_default(call_default_factory=True)
    return keys


def flat(tree: dict[str, object], prefix: str = "") -> dict[str, object]:
    keys: dict[str, object] = {}
    for name, value in tree.items():
        keys |= flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {prefix + name: value}
    return keys


def written(default: object) -> str:
    return f"`{default}`" if default not in (None, "") else ""


def test_readme_lists_every_configuration_key_with_its_default() -> None:
    rows = re.findall(r"^\| `([\w.]+)` \| (.*?) ?\|", section("Configuration"), re.MULTILINE)
    assert dict(rows) == {key: written(default) for key, default in keys_of(Settings).items()}


def test_example_configuration_holds_every_key_with_its_default() -> None:
    example = yaml.safe_load((ROOT / "config.example.yaml").read_text(encoding="utf-8"))
    assert {key: value or "" for key, value in flat(example).items()} == {
        key: default or "" for key, default in keys_of(Settings).items()
    }


def test_environment_variables_of_the_readme_name_real_keys() -> None:
    named = set(re.findall(r"PAPERS_([A-Z_]+__[A-Z_]+)", README)) - {"SECTION__KEY"}
    assert named
    assert {name.lower().replace("__", ".") for name in named} <= set(keys_of(Settings))


def test_readme_lists_every_command_of_the_command_line_with_its_options() -> None:
    group: Any = typer.main.get_command(main.app)
    expected = {name: options_of(command) for name, command in commands_of(group)}
    listed = {}
    for [line, *_] in code_rows(section("Run it for real")):
        typed = line.removeprefix("python -m bot ")
        name = next((name for name in expected if f"{typed} ".startswith(f"{name} ")), typed)
        rest = typed.removeprefix(name)
        listed[name] = set(re.findall(r"(?<![\w-])--?[a-z][\w-]*", rest))
    assert set(listed) == set(expected)
    for name, options in expected.items():
        for spellings in options:
            assert spellings & listed[name], f"README leaves out {spellings} of {name}"
        assert listed[name] <= set().union(*options), f"README invents options of {name}"


def commands_of(group: Any) -> Iterator[tuple[str, Any]]:
    """Yield every command by its full name."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from ((f"{name} {inner}", found) for inner, found in commands_of(command))
        else:
            yield name, command


def options_of(command: Any) -> list[set[str]]:
    """Return the spellings of each option of *command*, without `--help`."""
    options = [each for each in command.params if each.param_type_name == "option"]
    return [{*option.opts, *option.secondary_opts} for option in options]


def slash_commands(bot: discord.Client) -> dict[str, list[str]]:
    """Return the full name of every slash command with the names of its options."""
    tree = bot.tree  # type: ignore[attr-defined]
    return {
        command.qualified_name: [parameter.display_name for parameter in command.parameters]
        for command in tree.walk_commands()
        if isinstance(command, app_commands.Command)
    }


def test_readme_lists_every_slash_command_with_its_options(env: Env) -> None:
    listed = {row[0].removeprefix("/"): row[1:] for row in code_rows(section("Commands"))}
    assert listed == slash_commands(env.bot)


def test_documents_mention_no_slash_command_that_does_not_exist(env: Env) -> None:
    real = {name.split()[0] for name in slash_commands(env.bot)}
    front_page = (ROOT / "bot" / "demo" / "static" / "front.html").read_text(encoding="utf-8")
    mentioned = set(re.findall(r"`/([a-z]+)", README)) | set(re.findall(r"<code>/([a-z]+)", front_page))
    assert mentioned - {"healthz", "readyz", "metrics", "etc", "opt"} <= real


def test_readme_lists_every_field_of_a_query() -> None:
    fields = section("Keywords and queries").partition("Fields: ")[2].partition(". Operators")[0]
    assert tuple(re.findall(r"`([A-Za-z]+)", fields)) == FIELDS


def test_readme_names_every_permission_that_the_bot_asks_for() -> None:
    table = section("Invite the bot").casefold()
    names = [name.replace("_", " ") for name, asked in PERMISSIONS if asked]
    plural = {"view channel": "view channels", "read messages": "view channels"}
    assert [name for name in names if plural.get(name, name) not in table] == []


def test_quick_start_begins_with_the_demo_and_the_tests() -> None:
    """`.ci/run` and newcomers run these blocks as they stand."""
    blocks = re.findall(r"^```sh\n(.*?)^```", section("Quick start"), re.MULTILINE | re.DOTALL)
    demo, tests = (block.strip().splitlines() for block in blocks[:2])
    for block in (demo, tests):
        assert block[0] == "python3 -m venv .venv && . .venv/bin/activate"
        assert block[1].startswith("pip install -q -c requirements.lock")
    assert demo[-1] == "python -m bot demo"
    assert {"ruff check .", "ruff format --check .", "mypy", "lint-imports"} == set(tests[2].split(" && "))
    assert tests[-1].startswith("pytest -q")


def test_ci_runs_the_second_block() -> None:
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "README.md" in script
    assert "n==2" in script


@pytest.mark.parametrize("target", re.findall(r"\]\(([^)#]+)\)", README))
def test_relative_links_lead_somewhere(target: str) -> None:
    assert target.startswith("https://") or (ROOT / target).is_file()


@pytest.mark.parametrize("path", re.findall(r"`((?:bot|cogs|tests|docs)/[\w./]*)`", README))
def test_paths_of_the_readme_exist(path: str) -> None:
    assert (ROOT / path).exists()


def test_picture_of_the_readme_is_a_png() -> None:
    assert (ROOT / "docs" / "demo.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")


def test_readme_thanks_arxiv_as_arxiv_asks() -> None:
    assert "Thank you to arXiv for use of its open access interoperability." in README
