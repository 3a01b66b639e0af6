"""Lines for a person at a terminal, which obeys some of the characters that other people write."""

from __future__ import annotations

import typer

from bot.model.foreign_text import terminal_text


def tell(text: str) -> None:
    """Write *text* and a line end to stderr, as `terminal_text` shows it."""
    typer.echo(terminal_text(text), err=True)
