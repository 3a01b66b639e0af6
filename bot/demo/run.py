"""`python -m bot demo`: show the demo until it is stopped."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from pathlib import Path

import typer

from bot.demo.stage import show
from bot.model.errors import BotError


def run(*, port: int | None = None, browser: bool = True, screenshot: Path | None = None) -> int:
    """Show the demo until SIGINT or SIGTERM, or until *screenshot* is written; return the exit code.

    Without *port*, any free port is used. *browser* opens the page if this machine has a screen.
    """
    try:
        asyncio.run(_until_stopped(port or 0, browser=browser, screenshot=screenshot))
    except BotError as error:
        typer.echo(str(error), err=True)
        return 1
    return 0


async def _until_stopped(port: int, *, browser: bool, screenshot: Path | None) -> None:
    loop = asyncio.get_running_loop()
    showing = asyncio.create_task(show(port, browser=browser, screenshot=screenshot))
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, showing.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await showing
