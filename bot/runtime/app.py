"""Opens everything, outermost first, and closes it in reverse. The only place that wires.

Ending goes in this order: nothing new is fetched, what is being sent arrives or is released, Discord is left,
the database is closed. If any of that hangs, the process ends all the same before whoever sent SIGTERM loses
patience: that is a crash, and a crash loses nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import signal
import threading
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import aiohttp

from bot import __version__
from bot.arxiv.client import ArxivClient
from bot.arxiv.gate import Gate
from bot.config import Settings
from bot.model.errors import ConfigError, DiscordUnreachable
from bot.polling.api_source import ApiSource
from bot.polling.poller import Poller
from bot.polling.report import PollState
from bot.polling.source import Source
from bot.rules.backoff import backoff
from bot.runtime.client import PaperBot
from bot.runtime.health import HealthServer
from bot.runtime.loop_lag import LoopWatch
from bot.runtime.metrics import Metrics
from bot.store import Store

_log = logging.getLogger(__name__)

_LEAVING = 7.0  # seconds for the bot to finish what is in flight and to leave Discord
_DEADLINE = 9.5  # seconds from the first signal to the end of the process, whatever hangs
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=1), timedelta(minutes=1)  # between two attempts to log in
_LONG = timedelta(hours=1)  # failing for less than this is arXiv's ordinary evening


def run(settings: Settings) -> int:
    """Run the bot until SIGTERM or SIGINT; return the exit code.

    Raises:
        ConfigError: the token is missing, or Discord refuses it.
        BotError: the database, the port or Discord cannot be used; the sentence says what to do.
    """
    ending = Ending()
    try:
        asyncio.run(_until(ending, settings))
    finally:
        ending.over()
    return 0


class Ending:
    """When to end: at the first signal in order, at the second at once, after a time in any case."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self._deadline = threading.Timer(_DEADLINE, self._give_up)
        self._deadline.daemon = True
        self._task: asyncio.Task[None] | None = None

    def watch(self, task: asyncio.Task[None]) -> None:
        """Take the signals of the process; *task* is what the second one cuts short."""
        self._task = task
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.signalled)

    def signalled(self) -> None:
        if not self.asked.is_set():
            _log.info("ending; a second signal ends at once")
            self.asked.set()
            self.closing()
        elif self._task is not None:
            self._task.cancel()

    def closing(self) -> None:
        """Let the time run within which everything has to be closed."""
        if self._deadline.ident is None:
            self._deadline.start()

    def over(self) -> None:
        self._deadline.cancel()

    def _give_up(self) -> None:
        os._exit(0 if self.asked.is_set() else 1)


async def _until(ending: Ending, settings: Settings) -> None:
    task = asyncio.create_task(serve(settings, ending.asked, ending.closing), name="bot")
    ending.watch(task)
    try:
        await task
    except asyncio.CancelledError:
        if not ending.asked.is_set():
            raise


async def serve(settings: Settings, ended: asyncio.Event, closing: Callable[[], None] = lambda: None) -> None:
    """Be the bot until *ended* is set; call *closing* when it ends, for whatever reason.

    Raises:
        ConfigError: the token is missing, or Discord refuses it.
        BotError: the database, the port or Discord cannot be used.
    """
    token = settings.discord.token
    if token is None:
        raise ConfigError(["discord.token: is missing; set DISCORD_TOKEN"])
    _log.info("arxiv-discord-notifier %s", __version__)
    async with AsyncExitStack() as stack:
        bot = await _open(settings, stack)
        working = asyncio.create_task(_stay_connected(bot, token.get_secret_value()), name="Discord")
        stack.push_async_callback(_end, working)
        stack.push_async_callback(_leave, bot)
        try:
            await _first(working, ended, bot.store)
        finally:
            closing()


async def _open(settings: Settings, stack: AsyncExitStack) -> PaperBot:
    """Open all parts and start what needs no Discord: papers are found while it is away."""

    def clock() -> datetime:
        return datetime.now(UTC)

    def announce() -> None:
        bot.wake_delivery()

    store = await stack.enter_async_context(await Store.open(settings.database.url, hold=True))
    session = await stack.enter_async_context(
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1))  # arXiv allows one connection
    )
    gate = Gate(settings.arxiv.min_interval, waiting=settings.limits.waiting_searches)
    arxiv = ArxivClient(session, gate, settings.arxiv, clock=clock)
    poller = Poller(store, source_of(settings, arxiv, store), settings, clock=clock, on_queued=announce)
    bot = PaperBot(settings=settings, store=store, arxiv=arxiv, poller=poller, clock=clock)
    await stack.enter_async_context(bot)
    await _watch(settings, bot, poller, stack)
    for name in ("poll", "digest"):
        bot.jobs[name].start()
    # What is loaded by now stays for good: looking through it would hold the event loop for 40 ms each time.
    gc.collect()
    gc.freeze()
    return bot


def source_of(settings: Settings, arxiv: ArxivClient, store: Store) -> Source:
    """Return how papers are asked for, as `arxiv.source` chooses."""
    match settings.arxiv.source:
        case "auto" | "api":
            return ApiSource(arxiv, store.papers.matched_between)
        case "harvest":
            raise AssertionError("the configuration refuses what is not built")


async def _first(working: asyncio.Task[None], ended: asyncio.Event, store: Store) -> None:
    """Wait for whichever comes first, and raise what ended the work.

    A database that is full, read-only or damaged ends it: polls would only ask arXiv again and again for what
    cannot be stored, and messages that cannot be settled would have to be looked for one by one.
    """
    asked = asyncio.create_task(ended.wait())
    failing = asyncio.create_task(store.database.failure())
    try:
        await asyncio.wait({working, asked, failing}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        asked.cancel()
        failing.cancel()
    if failing.done() and not failing.cancelled():
        raise failing.result()
    if working.done():
        working.result()


async def _stay_connected(bot: PaperBot, token: str) -> None:
    """Log in, however long Discord is away, and work until the bot is closed."""
    failures = 0
    while True:
        try:
            await bot.start(token)
        except DiscordUnreachable as error:
            failures += 1
            level = logging.ERROR if failures == 1 else logging.DEBUG
            _log.log(level, "%s Trying until it can; new papers are collected meanwhile.", error)
            wait = backoff(failures, first=_FIRST_WAIT, ceiling=_LONGEST_WAIT)
            await asyncio.sleep(wait.total_seconds())
        else:
            return


async def _leave(bot: PaperBot) -> None:
    """Close *bot*; where that takes too long or is cut short, without waiting for what is in flight."""
    try:
        async with asyncio.timeout(_LEAVING):
            await bot.close()
    except (TimeoutError, asyncio.CancelledError) as reason:
        _log.warning("ending without waiting for what is in flight; the next start looks after it")
        with contextlib.suppress(asyncio.CancelledError):  # of a close that hung in Discord's
            await bot.close(grace=0)
        if isinstance(reason, asyncio.CancelledError):
            raise


async def _end(working: asyncio.Task[None]) -> None:
    working.cancel()
    await asyncio.wait({working})  # what it raised is on its way already


async def _watch(settings: Settings, bot: PaperBot, poller: Poller, stack: AsyncExitStack) -> None:
    """Let others see how it goes: over HTTP, where that is not turned off."""

    async def database() -> str:
        await bot.store.responds()
        return ""

    def connected() -> bool:
        return bot.is_ready() and not any(shard.is_closed() for shard in bot.shards.values())

    async def gateway() -> str:
        return "" if connected() else "not connected to Discord"

    async def polling() -> str:
        report = poller.report
        if error := bot.jobs["poll"].last_error:
            return error
        if report.state is PollState.FAILED and report.since and bot.clock() - report.since > _LONG:
            return f"{report.state} since {report.since:%Y-%m-%d %H:%M} UTC: {report.error}"
        if report.overdue and bot.clock() - report.overdue > _LONG:
            return f"no poll has worked that was due at {report.overdue:%Y-%m-%d %H:%M} UTC: {report.error}"
        return ""

    metrics = Metrics(
        poller=poller,
        arxiv=bot.arxiv,
        delivery=bot.delivery,
        store=bot.store,
        gateway_up=connected,
        clock=bot.clock,
    )
    loop = await stack.enter_async_context(LoopWatch(metrics.observe_lag))
    server = HealthServer(
        settings.http,
        alive={"database": database, "event loop": loop.probe},
        ready={"discord": gateway, "arxiv": polling},
        metrics=metrics.text,
    )
    await stack.enter_async_context(server)
