"""Opens the demo in the visitor's browser, or takes a screenshot of it with Chromium."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import tempfile
import webbrowser
from collections.abc import Mapping
from pathlib import Path

from bot.model.errors import BotError

_CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage",
    "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--hide-scrollbars",
)  # fmt: skip
_WIDTH, _HEIGHT = 1080, 1200
_TO_RENDER_MS = 6_000
_TIMEOUT_SECONDS = 60


def has_screen(environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> bool:
    """Tell whether this machine has a screen for a browser window."""
    if environ.get("CI"):
        return False
    return platform in {"darwin", "win32"} or bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))


async def show(url: str) -> None:
    """Open *url* in the default browser, if there is one."""
    await asyncio.to_thread(webbrowser.open, url)


def find() -> str:
    """Return the path of an installed Chromium.

    Raises:
        BotError: Chromium is not installed.
    """
    for name in _CHROMIUM:
        if path := shutil.which(name):
            return path
    raise BotError(
        "--screenshot needs Chromium, which was not found; on Debian, run: sudo apt-get install chromium"
    )


async def take_screenshot(url: str, file: Path) -> None:
    """Write a PNG of *url* to *file*.

    Raises:
        BotError: Chromium is missing or took no screenshot, or *file* cannot be written.
    """
    chromium = find()
    with tempfile.TemporaryDirectory(prefix="papers-chromium-", ignore_cleanup_errors=True) as folder:
        picture = Path(folder) / "page.png"
        process = await asyncio.create_subprocess_exec(
            chromium,
            *_FLAGS,
            f"--user-data-dir={folder}/profile",
            f"--window-size={_WIDTH},{_HEIGHT}",
            f"--virtual-time-budget={_TO_RENDER_MS}",
            f"--screenshot={picture}",
            url,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            _, errors = await asyncio.wait_for(process.communicate(), _TIMEOUT_SECONDS)
        except TimeoutError:
            raise BotError(f"{chromium} took longer than {_TIMEOUT_SECONDS} s for the screenshot.") from None
        finally:  # also if the demo is stopped meanwhile
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode or not picture.is_file():
            last = errors.decode(errors="replace").strip().splitlines()[-1:]
            raise BotError(f"{chromium} took no screenshot: {' '.join(last) or 'it does not say why'}")
        try:
            shutil.copyfile(picture, file)
        except OSError as error:
            raise BotError(f"The screenshot cannot be written to {file}: {error.strerror}.") from error
