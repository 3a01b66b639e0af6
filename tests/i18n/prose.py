"""Finds prose in the sources that is not marked for translation."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

WRAPPERS = frozenset({"_", "gettext", "ngettext", "pgettext", "gettext_noop"})
_SHOWN = frozenset({"title", "description", "name", "value", "label", "placeholder", "text", "content"})
# Calls whose texts nobody on Discord reads: logs, bugs, names of commands and jobs.
_UNSHOWN = re.compile(
    r"_log\.\w+|re\.\w+|regex\.\w+|(?:Value|Lookup|Runtime|Assertion|NotImplemented|Bot|Config|Arxiv\w*|Malformed\w*"
    r"|DiscordUnreachable)\w*|create_task|app_commands\.(?:command|describe|ContextMenu|Group)|Job|\w*Error\.__init__"
)
_PROSE = re.compile(r"[^\W\d_]{2,}[,;:]? [^\W\d_]{2,}")
_WORD = re.compile(r"[^\W\d_]{3,}")


def unwrapped(path: Path) -> Iterator[tuple[int, str]]:
    """Yield line and text of strings that people seem to read but that are not marked for translation."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    yield from _walk(tree, shown=False)


def _walk(node: ast.AST, *, shown: bool) -> Iterator[tuple[int, str]]:
    match node:
        case ast.Constant(value=str(text)):
            if (_WORD if shown else _PROSE).search(text):
                yield node.lineno, text
        case ast.Call():
            yield from _call(node)
        case ast.JoinedStr() | ast.IfExp() | ast.BoolOp() | ast.BinOp():
            for child in ast.iter_child_nodes(node):
                yield from _walk(child, shown=shown)
        case _:
            for child in _children(node):
                yield from _walk(child, shown=False)


def _call(node: ast.Call) -> Iterator[tuple[int, str]]:
    called = ast.unparse(node.func)
    name = called.rpartition(".")[2]
    if name in WRAPPERS or _UNSHOWN.fullmatch(called):
        return
    yield from _walk(node.func, shown=False)
    for argument in node.args:
        yield from _walk(argument, shown=name in {"UserError", "QueryError", "Unreadable"})
    for keyword in node.keywords:
        yield from _walk(keyword.value, shown=keyword.arg in _SHOWN)


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the children of *node* except docstrings, decorators and class keywords, which hold commands."""
    for name, value in ast.iter_fields(node):
        if name == "decorator_list" or (name == "keywords" and isinstance(node, ast.ClassDef)):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not _is_docstring(child):
                yield child


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
