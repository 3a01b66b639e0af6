"""Starts the parts of the demo, and stops them in reverse order."""

from __future__ import annotations

import asyncio
import contextvars
import os
import socket
import tempfile
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import discord
import simcord
import structlog
import typer
from aiohttp import web
from simcord.backend.errors import SetupError
from simcord.env import Env

from bot.arxiv.client import ArxivClient
from bot.arxiv.feeds_client import FeedsClient
from bot.arxiv.gate import Gate
from bot.arxiv.oai_client import OaiClient
from bot.config import ArxivSettings, DatabaseSettings, HttpSettings, LoggingSettings, PollSettings, Settings
from bot.demo import browser as browsers
from bot.demo.arxiv import SampleArxiv
from bot.demo.page import FrontPage
from bot.demo.world import Clock, World, on_a_day_of_papers
from bot.model.errors import BotError
from bot.polling.poller import Poller
from bot.present.audience import AUTO
from bot.relevance.interests import Interests
from bot.runtime import logs
from bot.runtime.client import PaperBot
from bot.runtime.sources import source_of
from bot.store.store import Store

NAME = "arXiv papers"
_HOST = "127.0.0.1"
_OPENED_BEFORE = timedelta(hours=12)
_PAPER_EVERY = timedelta(seconds=20)
_POLL_EVERY = "3s"
_SETTLE_SECONDS = 5.0

_log = structlog.get_logger(__name__)


class DemoBot(PaperBot):
    """The real bot, except that its jobs start outside simcord's virtual time, so they run on their own."""

    def start_jobs(self) -> None:
        contextvars.Context().run(super().start_jobs)


@dataclass(frozen=True)
class Stage:
    """The demo, prepared and served at `url`; its time passes only when `World.pass_time` is called."""

    world: World
    sample: SampleArxiv
    clock: Clock
    page: FrontPage
    url: str

    async def go_live(self) -> None:
        """Let papers arrive from now on, and poll for the first; a visitor may already be there.

        Raises:
            BotError: the poll does not end within a minute.
        """
        self.sample.live = self.clock()
        self.world.start_uptime()
        async with self.page.turn:
            await self.world.poll()  # the last poll was hours ago in the demo's time


@asynccontextmanager
async def open_stage(
    port: int = 0,
    *,
    now: datetime | None = None,
    language: str = AUTO,
    poll_every: str = _POLL_EVERY,
    patience: int = 1,
) -> AsyncGenerator[Stage, None]:
    """Set up the demo on *port* (0 for any free one) as of *now*, and close it in the end.

    Without *now* it is the present, or on a day without papers a recent moment after an announcement.
    Everything may take *patience* times as long as usual.

    Raises:
        BotError: the port is in use, or the demo does not start.
    """
    now = now or on_a_day_of_papers(datetime.now(UTC))
    async with AsyncExitStack() as stack:
        listener = stack.enter_context(_bound(port))
        clock = Clock(now - _OPENED_BEFORE)
        sample = SampleArxiv(clock, opening=clock(), every=_PAPER_EVERY)
        source = await _serve(stack, sample.application(), stack.enter_context(_bound(0)))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="papers-demo-")))
        bot, env = await _discord(stack, _settings(source, folder, language, poll_every), clock, patience)
        world = World(env, bot, clock, patience)
        preview = await stack.enter_async_context(
            env.preview(world.home, viewers=[world.visitor], layout="channel", locale=_locale(language))
        )
        await world.prepare(sample, now)
        page = FrontPage(preview, world, await stack.enter_async_context(aiohttp.ClientSession()))
        url = f"{await _serve(stack, page.application(), listener)}/"
        yield Stage(world, sample, clock, page, url)


async def show(port: int, *, browser: bool, screenshot: Path | None) -> None:
    """Run the demo on *port* (0 for any free one) until cancelled, or until *screenshot* is written.

    Raises:
        BotError: the port is in use, the screenshot fails, or the demo does not start.
    """
    if screenshot is not None:
        browsers.find()
    async with AsyncExitStack() as stack:
        stage = await stack.enter_async_context(open_stage(port))
        typer.echo(f"The demo runs at {stage.url} (stop it with Ctrl-C).")
        if screenshot is not None:  # before time passes, so that no new paper moves the page
            await browsers.take_screenshot(stage.url, screenshot)
            typer.echo(f"The screenshot is in {screenshot}.")
            return
        await stage.go_live()
        time_passing = asyncio.create_task(_pass_time(stage.page, stage.world))
        stack.push_async_callback(_cancel, time_passing)
        if browser and browsers.has_screen():
            await browsers.show(stage.url)
        await time_passing


def _settings(arxiv: str, folder: Path, language: str, poll_every: str) -> Settings:
    return Settings(
        language=language,
        arxiv=ArxivSettings(api_url=f"{arxiv}/api/query", min_interval=0),
        poll=PollSettings(every=poll_every),
        database=DatabaseSettings(url=f"sqlite:///{folder / 'papers.db'}"),
        http=HttpSettings(port=0),
        logging=LoggingSettings(level="WARNING"),
    )


def _locale(language: str) -> str:
    """Return the locale for the preview's own texts, such as times."""
    return language if language in {each.value for each in discord.Locale} else "en-US"


async def _discord(
    stack: AsyncExitStack, settings: Settings, clock: Clock, patience: int
) -> tuple[PaperBot, Env]:
    """Start the bot in a simulated Discord; *stack* closes both in order."""
    logs.configure(settings.logging)
    store = await stack.enter_async_context(await Store.open(settings.database.url, hold=True))
    # Without keep-alive, whose timer simcord would wait for after a command.
    connector = aiohttp.TCPConnector(force_close=True)
    session = await stack.enter_async_context(aiohttp.ClientSession(connector=connector))
    gate = Gate(settings.arxiv.min_interval)
    arxiv = ArxivClient(session, gate, settings.arxiv, clock=clock)
    oai = OaiClient(session, gate, settings.arxiv, clock=clock)
    feeds = FeedsClient(session, gate, settings.arxiv, clock=clock)

    def queued() -> None:
        bot.wake_delivery()

    poller = Poller(
        store,
        source_of(settings, arxiv, oai, feeds, store, clock=clock),
        settings,
        clock=clock,
        on_queued=queued,
        interests=Interests(store, clock=clock),
    )
    bot = DemoBot(settings=settings, store=store, arxiv=arxiv, poller=poller, clock=clock)
    simulated = simcord.run(bot, shard_count=1, check_errors=False, settle_timeout=_SETTLE_SECONDS * patience)
    env = await stack.enter_async_context(simulated)
    stack.push_async_callback(bot.close)
    await env.advance_time(max(0.0, (clock() - env.now()).total_seconds()))
    if bot.user is not None:
        await bot.user.edit(username=NAME)
    return bot, env


async def _pass_time(page: FrontPage, world: World) -> None:
    """Advance the demo's time every second, and update the pages when something was posted."""
    shown = 0
    while True:
        async with page.turn:
            try:
                await world.pass_time()
                if (posts := world.posts()) != shown or page.stale:
                    await page.refresh()
                    shown = posts
            except (TimeoutError, SetupError) as error:  # an operation takes long; try again in a second
                _log.debug("the simulated Discord is busy", reason=str(error))
        await asyncio.sleep(1)


def _bound(port: int) -> socket.socket:
    """Return a socket bound to *port* on this machine.

    Raises:
        BotError: another program uses the port.
    """
    try:
        return socket.create_server((_HOST, port))
    except OSError as error:
        reason = os.strerror(error.errno or 0).lower()
        raise BotError(f"Port {port} cannot be used ({reason}); choose another with --port.") from None


async def _serve(stack: AsyncExitStack, app: web.Application, listener: socket.socket) -> str:
    """Serve *app* until *stack* closes; return its URL without a slash at the end."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.SockSite(runner, listener).start()
    return f"http://{_HOST}:{listener.getsockname()[1]}"


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait({task})
