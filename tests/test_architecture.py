"""Rules that import-linter cannot express: which code may call what, import what, and how long it may be."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from bot.delivery import codes

ROOT = Path(__file__).parents[1]
SOURCES = {
    path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
    for folder in ("bot", "cogs")
    for path in sorted((ROOT / folder).rglob("*.py"))
}
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
    "contracts"
]

# The only paths, by their beginnings, that may import a library.
ONLY = {
    "sqlalchemy": ("bot/store/",),
    "alembic": ("bot/store/",),
    "sqlite3": ("bot/store/",),
    "asyncpg": ("bot/store/postgres",),
    "filelock": ("bot/store/lock.py",),
    "feedparser": ("bot/arxiv/feed.py",),
    "cachetools": ("bot/arxiv/cache.py",),
    "simcord": ("bot/demo/", "bot/cli/"),
    "Stemmer": ("bot/query/text.py",),
    "numpy": ("bot/ranking/",),
    "pylatexenc": ("bot/present/",),
    "yaml": ("bot/config/sources.py", "bot/cli/yaml_format.py"),
    "typer": ("bot/cli/", "bot/demo/"),
    "rich": ("bot/cli/",),
    "pydantic": ("bot/config/",),
    "pydantic_settings": ("bot/config/",),
}
OPENING = ("bot/store/sqlite.py", "bot/store/postgres.py")
# Methods of discord.py that post a message, other than as the answer to an interaction.
SENDS = {"send", "create_thread", "create_post", "publish"}
ANSWERS = {"followup", "response"}
CLOCKS = {"now", "utcnow", "today", "time", "monotonic", "perf_counter", "fromtimestamp"}


def imported(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def importers(library: str) -> set[str]:
    return {name for name, libraries in _libraries().items() if library in libraries}


@cache
def _libraries() -> dict[str, set[str]]:
    return {name: set(imported(tree)) for name, tree in SOURCES.items()}


def calls(tree: ast.AST) -> Iterator[tuple[str, str, int]]:
    """Yield (receiver, method, line) of every method call; the receiver by its last name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            inner = node.func.value
            receiver = inner.attr if isinstance(inner, ast.Attribute) else getattr(inner, "id", "")
            yield receiver, node.func.attr, node.lineno


def pure() -> set[str]:
    """Return the files of the modules that import-linter's contracts declare pure."""
    modules = [
        module
        for contract in CONTRACTS
        if contract["type"] == "forbidden" and "asyncio" in contract["forbidden_modules"]
        for module in contract["source_modules"]
    ]
    files = set()
    for module in modules:
        path = module.replace(".", "/")
        found = {name for name in SOURCES if name == f"{path}.py" or name.startswith(f"{path}/")}
        assert found, f"{module} is declared pure and does not exist"
        files |= found
    return files


@pytest.mark.parametrize("library", ONLY)
def test_a_library_is_imported_by_its_own_room_only(library: str) -> None:
    assert importers(library), f"nothing imports {library}"
    assert {name for name in importers(library) if not name.startswith(ONLY[library])} == set()


def test_only_delivery_posts() -> None:
    """And only it knows how to do so once."""
    posts = {
        f"{name}:{line} {receiver}.{method}"
        for name, tree in SOURCES.items()
        for receiver, method, line in calls(tree)
        if method in SENDS and receiver not in ANSWERS and not name.startswith(("bot/delivery", "bot/demo/"))
    }
    assert posts == set()
    delivery = [tree for name, tree in SOURCES.items() if name.startswith("bot/delivery")]
    assert any(method == "send" for tree in delivery for _, method, _ in calls(tree))


def test_only_present_builds_embeds() -> None:
    builders = {
        name
        for name, tree in SOURCES.items()
        if any(receiver == "discord" and method == "Embed" for receiver, method, _ in calls(tree))
    }
    assert builders
    assert {name for name in builders if not name.startswith("bot/present/")} == set()


def test_discords_error_codes_have_one_home() -> None:
    home = "bot/delivery/codes.py"
    known = {value for value in vars(codes).values() if isinstance(value, int)}
    strays = {
        f"{name}:{node.lineno} {node.value}"
        for name, tree in SOURCES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and node.value in known and name != home
    }
    assert known
    assert strays == set()


def test_the_pure_rooms_are_handed_the_time() -> None:
    readers = {
        f"{name}:{line} {receiver}.{method}"
        for name in pure()
        for receiver, method, line in calls(SOURCES[name])
        if method in CLOCKS and receiver in {"datetime", "date", "time", "dt"}
    }
    assert readers == set()


def test_the_time_is_read_where_the_process_begins() -> None:
    """Everyone else is passed it; opening a database and migrating it are beginnings, too."""
    beginnings = ("bot/runtime/", "bot/cli/", "bot/demo/", *OPENING, "bot/store/migrations/")
    readers = {
        name
        for name, tree in SOURCES.items()
        for receiver, method, _line in calls(tree)
        if method in {"now", "utcnow", "today"} and receiver in {"datetime", "date", "dt"}
    }
    assert {name for name in readers if not name.startswith(beginnings)} == set()


def test_cogs_hold_no_sql() -> None:
    words = ("SELECT ", "INSERT ", "UPDATE ", "DELETE FROM")
    found = {
        f"{name}:{node.lineno}"
        for name, tree in SOURCES.items()
        if not name.startswith("bot/store/")
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith(words)
    }
    assert found == set()


@pytest.mark.parametrize("name", SOURCES)
def test_no_file_is_longer_than_400_lines_and_no_function_than_60(name: str) -> None:
    assert len((ROOT / name).read_text(encoding="utf-8").splitlines()) <= 400
    long = {
        f"{node.name}: {node.end_lineno - node.lineno + 1}"
        for node in ast.walk(SOURCES[name])
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno >= 60
        and "/migrations/" not in name  # tables of columns
    }
    assert long == set()


TESTS = sorted((ROOT / "tests").rglob("test_*.py"))


def test_no_test_file_imports_from_another() -> None:
    """Shared code is in a `*_cases.py` next to them."""
    imports = [
        (path.relative_to(ROOT).as_posix(), node.module or "")
        for path in TESTS
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
    ]
    assert {file for file, module in imports if re.match(r"tests\..*\btest_", module)} == set()


def test_no_two_classes_share_a_name() -> None:
    places: dict[str, list[str]] = {}
    for name, tree in SOURCES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                places.setdefault(node.name, []).append(name)
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


def test_statements_are_written_for_both_engines() -> None:
    """What only one of them understands is in the modules that are about that engine, and in `dialect`."""
    about_one = (
        "dialect.py",
        "sqlite",
        "postgres",
        "driver.py",
        "schema.py",
        "backup.py",
        "presence.py",
        "migrations/",
    )
    allowed = tuple(f"bot/store/{name}" for name in about_one)
    found = {
        name
        for name in SOURCES
        if name.startswith("bot/store/") and not name.startswith(allowed)
        for word in ("sqlalchemy.dialects", "PRAGMA", "sqlite_sequence", "json_each", "sa.func.date(")
        if word in (ROOT / name).read_text(encoding="utf-8")
    }
    assert found == set()
