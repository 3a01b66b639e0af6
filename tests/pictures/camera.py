"""Takes screenshots of a channel in the simulated Discord, in a wide window and as on a phone."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from PIL import Image
from playwright.async_api import Browser, Page, async_playwright
from playwright.async_api import Frame as Content

from bot.demo import browser as browsers
from bot.demo.stage import Stage
from tests.pictures.scenes import Shot

_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage", "--no-first-run",
          "--disable-background-networking", "--disable-component-update", "--disable-sync",
          "--hide-scrollbars"]  # fmt: skip
_PATIENCE_MS = 400_000
_COLOURS = 96  # enough for smooth text on Discord's few greys
_TO_DRAW_MS = 250
_AIR = 40  # above the message
_READY = "() => window.simcordPreview?.ready && document.fonts.status === 'loaded'"
_POSTS = """() => [...document.querySelectorAll("article.channel-message")]
  .filter((one) => [...one.querySelectorAll("button")].some((it) => /^(Discuss|Reden)$/.test(it.innerText)))
  .map((one) => ({
    height: one.getBoundingClientRect().height,
    marked: one.querySelector(".message-content")?.innerText.startsWith("★") ?? false,
    title: one.querySelector(".embed-title, .message-content a")?.innerText ?? "",
    rows: new Set([...one.querySelectorAll(".component-row button")]
      .map((it) => it.getBoundingClientRect().top)).size,
  }))"""
_TO_ITS_END = """(article) => {
  const timeline = document.getElementById("channel-timeline");
  timeline.scrollTop += article.getBoundingClientRect().bottom - timeline.getBoundingClientRect().bottom;
}"""
_LAST = "article.channel-message >> nth=-1"


@dataclass(frozen=True)
class Frame:
    """A window; *height* is a minimum, because it grows until the whole last message is visible.

    A wide window includes the list of channels, a phone shows the channel *alone*.
    """

    name: str
    width: int
    height: int
    sharpness: int
    alone: bool


FRAMES = (Frame("wide", 1280, 800, 1, alone=False), Frame("narrow", 390, 844, 2, alone=True))


@dataclass(frozen=True)
class ShownPost:
    """A post as a window shows it: its *height* in CSS pixels, and in how many *rows* its buttons are."""

    height: float
    marked: bool
    title: str
    rows: int


class Camera:
    """A browser for one stage, neither of which it owns; windows stay open, so that nothing loads twice."""

    def __init__(self, chromium: Browser, stage: Stage) -> None:
        self._chromium = chromium
        self._url = stage.url
        self._open: dict[Frame, Page] = {}

    async def photograph(self, shot: Shot, frame: Frame) -> bytes:
        """Return a screenshot of what *shot* says, as PNG."""
        page, inner = await self._go(shot.channel, frame)
        message = _LAST if shot.message is None else f'article[data-message-id="{shot.message}"]'
        return await asyncio.to_thread(_small, await _whole(page, inner, frame, message))

    async def posts(self, channel: str, frame: Frame) -> tuple[list[ShownPost], float]:
        """Return the posts in *channel*, and how many CSS pixels the window has for them.

        A post is a message with a button *Discuss*.
        """
        _page, inner = await self._go(channel, frame)
        found = await inner.evaluate(_POSTS)
        room = await inner.locator("#channel-timeline").bounding_box()
        assert room is not None
        return [ShownPost(**one) for one in found], room["height"]

    async def _go(self, channel: str, frame: Frame) -> tuple[Page, Content]:
        """Return the window of *frame* with *channel* in it, and the part that holds the messages."""
        page = self._open.get(frame) or await self._opened(frame)
        await page.set_viewport_size({"width": frame.width, "height": frame.height})
        await page.goto("about:blank")  # otherwise another fragment of the same page does not reload it
        await page.goto(f"{self._url}#{channel}")
        inner = page.main_frame
        if frame.alone:
            capability = await page.get_attribute("body", "data-capability")
            await page.goto(f"{self._url}channels/{channel}#{capability}")
        else:
            inner = await _inner(page)
        await inner.wait_for_function(_READY)
        await inner.locator(_LAST).wait_for()
        return page, inner

    async def _opened(self, frame: Frame) -> Page:
        context = await self._chromium.new_context(device_scale_factor=frame.sharpness)
        page = await context.new_page()
        page.set_default_timeout(_PATIENCE_MS)
        self._open[frame] = page
        return page


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Start Chromium, and stop it in the end.

    Raises:
        BotError: Chromium is not installed.
    """
    path = browsers.find()
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=path, args=_FLAGS)
        try:
            yield started
        finally:
            await started.close()


async def _inner(page: Page) -> Content:
    await page.locator("#channel").wait_for()
    found = page.frame(name="channel")
    assert found is not None
    return found


async def _whole(page: Page, inner: Content, frame: Frame, message: str) -> bytes:
    """Return a screenshot of the window, grown to show all of the message that it ends with, as PNG.

    *message* is its selector.
    """
    timeline = inner.locator("#channel-timeline")
    room = await timeline.bounding_box()
    shown = await inner.locator(message).bounding_box()
    assert room is not None
    assert shown is not None
    height = max(frame.height, round(shown["height"] + frame.height - room["height"]) + _AIR)
    await page.set_viewport_size({"width": frame.width, "height": height})
    await page.wait_for_timeout(_TO_DRAW_MS)
    if message == _LAST:
        await timeline.evaluate("(element) => { element.scrollTop = element.scrollHeight; }")
    else:
        await inner.locator(message).evaluate(_TO_ITS_END)
    await page.wait_for_timeout(_TO_DRAW_MS)
    return await page.screenshot()


def _small(png: bytes) -> bytes:
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    out = io.BytesIO()
    picture.quantize(_COLOURS, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()
