"""What the documents say exists, and what exists is in the documents."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import discord
import pytest
import typer.main
import yaml
from discord import app_commands
from pydantic import BaseModel, ValidationError
from simcord.env import Env

from bot.cli import main
from bot.config import Settings
from bot.query.parser import FIELDS
from bot.query.query import parse
from bot.runtime.client import PERMISSIONS
from bot.store.tables import metadata

ROOT = Path(__file__).resolve().parents[1]
PAGES = [
    path.relative_to(ROOT).as_posix()
    for path in (*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md")))
    if path.name != "CHANGELOG.md"  # it tells of what was
]
TEXT = {page: (ROOT / page).read_text(encoding="utf-8") for page in PAGES}
README = TEXT["README.md"]
ALL = "\n".join(TEXT.values())


def section(title: str, page: str = "README.md", *, level: int = 2) -> str:
    """Return the text under a heading, up to the next of its level."""
    mark = "#" * level
    _, _, rest = f"\n{TEXT[page]}".partition(f"\n{mark} {title}\n")
    assert rest, f"{page} has no section {title!r}"
    return re.split(rf"^#{{2,{level}}} ", rest, maxsplit=1, flags=re.MULTILINE)[0]


def first_cells(text: str) -> list[str]:
    """Return the first cell of every table row that begins with code."""
    return re.findall(r"^\| (\**`[^|]*) \|", text, re.MULTILINE)


def pairs(text: str) -> dict[str, str]:
    """Return the rows of every table of two columns of code."""
    return dict(re.findall(r"^\| `([^|]+)` \| `([^|]+)` \|$", text, re.MULTILINE))


# The configuration


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


KEYS = keys_of(Settings)


def flat(tree: dict[str, object], prefix: str = "") -> dict[str, object]:
    keys: dict[str, object] = {}
    for name, value in tree.items():
        keys |= flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {prefix + name: value}
    return keys


def written(default: object) -> str:
    shown = list(default) if isinstance(default, tuple) else default
    return f"`{shown}`" if shown not in (None, "") else ""


def test_every_configuration_key_is_documented_with_its_default() -> None:
    page = TEXT["docs/configuration.md"]
    rows = re.findall(r"^\| `([\w.]+)` \| (.*?) ?\| ", page, re.MULTILINE)
    assert dict(rows) == {key: written(default) for key, default in KEYS.items()}
    assert len(rows) == len(KEYS)


RANGES = [
    (key, *re.findall(r"[\d,]+", allowed))
    for key, allowed in re.findall(
        r"^\| `([\w.]+)` \| (?:`.*?` )?\| ([^|`]*?\d.*?) \| ", TEXT["docs/configuration.md"], re.MULTILINE
    )
]


# What must be set for a number to have its whole range.
OTHERS: dict[str, dict[str, object]] = {
    "arxiv": {"api_url": "http://127.0.0.1/"},  # other hosts get a rest between requests
    "poll": {"look_back_days": 1, "deep_look_back_days": 365},  # the deep one looks back further
}


@pytest.mark.parametrize(("key", "limits"), [(key, limits) for key, *limits in RANGES])
def test_a_number_may_be_what_the_documentation_allows_and_no_other(key: str, limits: list[str]) -> None:
    part, _, name = key.partition(".")
    model = Settings.model_fields[part].annotation
    assert isinstance(model, type)

    def read(number: float) -> object:
        return getattr(model(**OTHERS.get(part, {}) | {name: number}), name)

    lowest, *highest = (int(limit.replace(",", "")) for limit in limits)
    for allowed in (lowest or 0.001 if key == "arxiv.timeout" else lowest, *highest):
        assert read(allowed) == allowed
    for refused in (lowest - 1, *(limit + 1 for limit in highest)):
        with pytest.raises(ValidationError, match=name):
            read(refused)


def test_every_number_of_the_configuration_has_its_range_documented() -> None:
    numbers = {key for key, default in KEYS.items() if isinstance(default, int | float)}
    assert {key for key, *_ in RANGES} == numbers


def test_every_section_of_the_configuration_has_a_section_of_its_own() -> None:
    found = re.findall(r"^## `(\w+)`$", TEXT["docs/configuration.md"], re.MULTILINE)
    assert found == list(Settings.model_fields)
    for name in found:
        keys = [cell.strip("`") for cell in first_cells(section(f"`{name}`", "docs/configuration.md"))]
        assert {key.partition(".")[0] for key in keys} == {name}


def test_example_configuration_holds_every_key_with_its_default() -> None:
    example = yaml.safe_load((ROOT / "config.example.yaml").read_text(encoding="utf-8"))
    assert {key: value or "" for key, value in flat(example).items()} == {
        key: default or "" for key, default in KEYS.items()
    }


@pytest.mark.parametrize("page", [*PAGES, "config.example.yaml", "Dockerfile"])
def test_environment_variables_name_real_keys(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    named = set(re.findall(r"PAPERS_([A-Z_]+)", text)) - {"SECTION__KEY"}
    assert {name.lower().replace("__", ".") for name in named} <= set(KEYS)


@pytest.mark.parametrize("page", PAGES)
def test_keys_that_a_page_mentions_exist(page: str) -> None:
    sections = "|".join(name for name in Settings.model_fields if name != "language")
    named = set(re.findall(rf"`((?:{sections})\.[a-z_]+)[`:]", TEXT[page]))
    assert {name for name in named if name not in KEYS and not name.endswith(".md")} <= {"arxiv.calendar"}


# The command line


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


COMMANDS: dict[str, Any] = dict(commands_of(typer.main.get_command(main.app)))


def test_every_command_of_the_command_line_is_documented_with_its_options() -> None:
    expected = {name: options_of(command) for name, command in COMMANDS.items()}
    listed = {}
    for line in re.findall(r"^\| `python -m bot (.+?)` \|", TEXT["docs/operating.md"], re.MULTILINE):
        name = next((name for name in expected if f"{line} ".startswith(f"{name} ")), line)
        listed[name] = set(re.findall(r"(?<![\w-])--?[a-z][\w-]*", line.removeprefix(name)))
    assert set(listed) == set(expected)
    for name, options in expected.items():
        for spellings in options:
            assert spellings & listed[name], f"the documentation leaves out {spellings} of {name}"
        assert listed[name] <= set().union(*options), f"the documentation invents options of {name}"


def test_commands_that_a_page_names_exist() -> None:
    groups = {name.partition(" ")[0] for name in COMMANDS}
    named = set(re.findall(r"python -m bot ([a-z][\w-]*)", ALL))
    assert named
    assert named <= groups


@pytest.mark.parametrize("module", sorted(set(re.findall(r"python -m (tests\.\w+)", ALL))))
def test_modules_that_a_page_runs_exist(module: str) -> None:
    path = ROOT / module.replace(".", "/")
    assert path.with_suffix(".py").is_file() or (path / "__main__.py").is_file()


def test_every_exit_code_is_documented() -> None:
    codes = {0}
    for node in ast.walk(ast.parse((ROOT / "bot" / "cli" / "main.py").read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "sys.exit":
            codes |= {int(str(each.value)) for each in ast.walk(node) if isinstance(each, ast.Constant)}
    listed = re.findall(r"^\| (\d+) \|", section("Commands", "docs/operating.md"), re.MULTILINE)
    assert sorted(map(int, listed)) == sorted(codes)


# Slash commands


def slash_commands(bot: discord.Client) -> dict[str, list[tuple[str, bool]]]:
    """Return the full name of every slash command with its options, and which of them are required."""
    tree = bot.tree  # type: ignore[attr-defined]
    return {
        command.qualified_name: [(each.display_name, each.required) for each in command.parameters]
        for command in tree.walk_commands()
        if isinstance(command, app_commands.Command)
    }


def options_in(text: str) -> list[tuple[str, bool]]:
    """Return the code spans of *text*, and which of them are bold."""
    return [(name, bool(bold)) for bold, name in re.findall(r"(\*\*)?`([a-z_]+)`", text)]


def test_readme_lists_every_slash_command_with_its_options(env: Env) -> None:
    rows = re.findall(r"^- `/([a-z ]+)`((?: \**`\w+`\**)*):", section("Commands"), re.MULTILINE)
    assert {name: options_in(options) for name, options in rows} == slash_commands(env.bot)


def test_every_option_of_every_slash_command_is_explained(env: Env) -> None:
    page = "docs/commands.md"
    headings = re.findall(r"^### `/([a-z ]+)`$", TEXT[page], re.MULTILINE)
    explained = {
        name: [
            option
            for cell in first_cells(section(f"`/{name}`", page, level=3))
            for option in options_in(cell)
        ]
        for name in headings
    }
    assert explained == slash_commands(env.bot)


def test_every_message_menu_is_explained(env: Env) -> None:
    tree: Any = env.bot.tree  # type: ignore[attr-defined]
    menus = {each.name for each in tree.walk_commands(type=discord.AppCommandType.message)}
    assert set(re.findall(r"^- \*(.+? arXiv papers)\*", TEXT["docs/commands.md"], re.MULTILINE)) == menus


def test_documents_mention_no_slash_command_that_does_not_exist(env: Env) -> None:
    commands = slash_commands(env.bot)
    real = {*commands, *(name.partition(" ")[0] for name in commands)}
    front_page = (ROOT / "bot" / "demo" / "static" / "front.html").read_text(encoding="utf-8")
    mentioned = {name for text in TEXT.values() for name in re.findall(r"`/([a-z]+(?: [a-z]+)?)", text)}
    mentioned |= set(re.findall(r"<code>/([a-z]+)", front_page))
    elsewhere = {"healthz", "readyz", "metrics", "etc", "opt", "data", "mnt", "srv"}  # addresses and folders
    typed = {name for name in mentioned if name.partition(" ")[0] in {"search", "paper", "subscribe"}}
    assert mentioned - typed - elsewhere <= real


def test_readme_names_every_permission_that_the_bot_asks_for() -> None:
    invitation = section("Invite the bot")
    text = " ".join(invitation.casefold().split())
    names = [name.replace("_", " ") for name, asked in PERMISSIONS if asked]
    plural = {"view channel": "view channels", "read messages": "view channels"}
    assert [name for name in names if plural.get(name, name) not in text] == []
    assert re.findall(r"permissions=(\d+)", invitation) == [str(PERMISSIONS.value)]


# Queries


def test_every_field_of_a_query_is_documented() -> None:
    line = section("Keywords and queries").partition("Fields: ")[2].partition(".")[0]
    assert tuple(re.findall(r"`(\w+)`", line)) == FIELDS
    cells = first_cells(section("Queries", "docs/queries.md"))
    assert tuple(cell.strip("`") for cell in cells if cell.strip("`").isalpha()) == FIELDS


@pytest.mark.parametrize(
    ("typed", "canonical"), pairs(section("Grouping", "docs/queries.md")).items(), ids=lambda text: text
)
def test_a_query_is_read_as_the_documentation_says(typed: str, canonical: str) -> None:
    assert parse(typed).canonical == canonical


@pytest.mark.parametrize(
    "typed", [cell.strip("`") for cell in first_cells(section("Queries", "docs/queries.md")) if ":" in cell]
)
def test_the_queries_of_the_documentation_can_be_read(typed: str) -> None:
    parse(typed)


# The design


def test_the_drawing_of_the_layers_is_the_contract() -> None:
    drawing = re.findall(
        r"^```text\n(.*?)^```", section("The layers", "docs/design.md"), re.MULTILINE | re.DOTALL
    )
    drawn = [re.split(r" {2,}", line)[0] for line in drawing[0].splitlines()]
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    (contract,) = (each for each in tools["importlinter"]["contracts"] if each["type"] == "layers")
    assert drawn == contract["layers"]


def test_readme_lists_every_package() -> None:
    packages = {path.parent.relative_to(ROOT).as_posix() for path in (ROOT / "bot").glob("*/__init__.py")}
    listed = {cell.strip("`/") for cell in first_cells(section("Find your way"))}
    assert listed == packages | {"cogs", "tests"}


def test_the_design_lists_every_table() -> None:
    cells = first_cells(section("The database", "docs/design.md"))
    assert {name for cell in cells for name in re.findall(r"`(\w+)`", cell)} == set(metadata.tables)


# Quick start, links, words


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


def anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub gives to the headings of a page."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


# The log


def log_lines() -> Iterator[str]:
    """Yield every line that the bot can log, with … for what is put in."""
    for path in (*sorted((ROOT / "bot").rglob("*.py")), *sorted((ROOT / "cogs").glob("*.py"))):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match call:
                case ast.Call(func=ast.Attribute(value=ast.Name(id="_log"), attr=level), args=arguments):
                    template = arguments[level == "log"]  # after the level, if that is an argument
                    assert isinstance(template, ast.Constant), f"{path}: a line that is put together"
                    yield re.sub(r"%[.\d]*[a-z]", "…", str(template.value))


def test_the_log_page_explains_every_line_of_the_log() -> None:
    listed = re.findall(r"^\| `([^`]+)` \|", TEXT["docs/log.md"], re.MULTILINE)
    assert listed == list(dict.fromkeys(listed))
    assert set(listed) == set(log_lines())


@pytest.mark.parametrize(
    ("page", "target"),
    [(page, target) for page in PAGES for target in re.findall(r"\]\(([^)]+)\)", TEXT[page])],
)
def test_links_lead_somewhere(page: str, target: str) -> None:
    if target.startswith("https://"):
        return
    path, _, anchor = target.partition("#")
    file = (ROOT / page).parent / path if path else ROOT / page
    assert file.is_file()
    assert not anchor or anchor in anchors(file)


@pytest.mark.parametrize(
    "path", sorted(set(re.findall(r"`((?:bot|cogs|tests|docs|\.github|\.ci)/[\w./-]*)`", ALL)))
)
def test_paths_that_a_page_names_exist(path: str) -> None:
    assert (ROOT / path).exists()


def test_readme_is_short() -> None:
    assert len(README.split()) <= 1_600


def test_picture_of_the_readme_is_a_png() -> None:
    assert (ROOT / "docs" / "demo.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")


def test_readme_thanks_arxiv_as_arxiv_asks() -> None:
    assert "Thank you to arXiv for use of its open access interoperability." in README
