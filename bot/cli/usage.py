"""The `--help` of the command line, and its refusals of wrong usage.

Typer decorates arguments with braces and types, and cuts the descriptions of commands to one line. Here they
read as in the documents: `QUERY...`, `[FILE]`, and whole sentences.
"""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup


class Command(TyperCommand):
    """A command whose help names arguments as people write them."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        arguments = [one for one in self.get_params(ctx) if one.param_type_name == "argument"]
        return ["[OPTIONS]", *map(_usage, arguments)]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        _write_parameters(self, ctx, formatter)


class Commands(TyperGroup):
    """All commands; refuses a bad argument in the same words as a bad value in the configuration."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            from bot.config.problems import refusal

            error.message = refusal(error.__cause__) or error.message
            raise

    def collect_usage_pieces(self, _ctx: Any) -> list[str]:
        return ["[OPTIONS]", "COMMAND" if self.no_args_is_help else "[COMMAND]", "[ARGUMENTS]"]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        _write_parameters(self, ctx, formatter)
        rows = [(name, self.commands[name].help or "") for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def _write_parameters(command: Any, ctx: Any, formatter: Any) -> None:
    parameters = command.get_params(ctx)
    arguments = [(_usage(one), one.help) for one in parameters if one.param_type_name == "argument"]
    options = [(_option(one), one.help) for one in parameters if one.param_type_name == "option"]
    for title, rows in (("Arguments", arguments), ("Options", options)):
        if rows:
            with formatter.section(title):
                formatter.write_dl(rows)


def _usage(argument: Any) -> str:
    """Return an argument as it stands in the usage: `QUERY...` for several, `[FILE]` for one to leave out."""
    name = argument.metavar + ("..." if argument.nargs != 1 else "")
    return name if argument.required else f"[{name}]"


def _option(option: Any) -> str:
    """Return an option with the name of its value, such as `-n, --number N`."""
    names = ", ".join(sorted((*option.opts, *option.secondary_opts), key=lambda name: name.startswith("--")))
    return names if option.is_flag else f"{names} {option.metavar}"
