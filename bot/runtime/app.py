"""Creates the services of the process and shuts them down in reverse order.

What needs a connection to Discord is created by the client (`PaperBot`).

Shutdown takes these steps: stop fetching, finish or release what is being sent, disconnect from Discord,
close the database. If a step hangs, the process exits anyway before a supervisor would send SIGKILL; that is
a crash, and a crash loses nothing.
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
from bot.arxiv.calendar import observe
from bot.arxiv.client import ArxivClient
from bot.arxiv.feeds_client import FeedsClient
from bot.arxiv.gate import Gate
from bot.arxiv.oai_client import OaiClient
from bot.config import Settings
from bot.model.errors import ConfigError, DiscordUnreachable
from bot.model.polling import PollState
from bot.polling.poller import Poller
from bot.relevance.interests import Interests
from bot.rules.backoff import backoff
from bot.runtime.allocator import share_one_heap
from bot.runtime.client import PaperBot
from bot.runtime.health import HealthServer, require_host
from bot.runtime.loop_lag import LoopWatch
from bot.runtime.metrics import Metrics
from bot.runtime.proxy import proxy_for
from bot.runtime.sources import source_of
from bot.store import Store

_log = logging.getLogger(__name__)

_CLOSING = 7.0  # seconds for the bot to finish what is in flight and to disconnect
_DEADLINE = 9.5  # seconds from the first signal to the end of the process, even if something hangs
_FIRST_WAIT, _LONGEST_WAIT = timedelta(seconds=1), timedelta(minutes=1)  # between two attempts to log in
_LONG = timedelta(hours=1)  # arXiv often fails for less than this


def run(settings: Settings) -> int:
    """Run the bot until SIGTERM, SIGINT or SIGHUP; return the exit code.

    Raises:
        ConfigError: the token is missing, or Discord rejects it.
        BotError: the database, the port or Discord cannot be used; the message says what to do.
    """
    share_one_heap()
    shutdown = Shutdown()
    try:
        asyncio.run(_run_until(shutdown, settings))
    finally:
        shutdown.cancel_deadline()
    return 0


class Shutdown:
    """When to shut down: in order at the first signal, at once at the second, in any case by a deadline."""

    def __init__(self) -> None:
        self.requested = asyncio.Event()
        self._deadline = threading.Timer(_DEADLINE, self._exit)
        self._deadline.daemon = True
        self._task: asyncio.Task[None] | None = None

    def handle_signals(self, task: asyncio.Task[None]) -> None:
        """Handle SIGTERM, SIGINT and SIGHUP from now on; the second signal cancels *task*.

        `nohup` ignores SIGHUP, and then it stays ignored.
        """
        self._task = task
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            if number != signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:
                loop.add_signal_handler(number, self.on_signal)

    def on_signal(self) -> None:
        if not self.requested.is_set():
            _log.info("shutting down; a second signal exits at once")
            self.requested.set()
            self.start_deadline()
        elif self._task is not None:
            self._task.cancel()

    def start_deadline(self) -> None:
        """Start the time within which everything must be closed."""
        if self._deadline.ident is None:
            self._deadline.start()

    def cancel_deadline(self) -> None:
        self._deadline.cancel()

    def _exit(self) -> None:
        os._exit(0 if self.requested.is_set() else 1)


async def _run_until(shutdown: Shutdown, settings: Settings) -> None:
    task = asyncio.create_task(serve(settings, shutdown.requested, shutdown.start_deadline), name="bot")
    shutdown.handle_signals(task)
    try:
        await task
    except asyncio.CancelledError:
        if not shutdown.requested.is_set():
            raise


async def serve(settings: Settings, stop: asyncio.Event, on_stop: Callable[[], None] = lambda: None) -> None:
    """Run the bot until *stop* is set; call *on_stop* when it stops, for whatever reason.

    Raises:
        ConfigError: the token is missing, or Discord rejects it.
        BotError: the database, the port or Discord cannot be used.
    """
    token = settings.discord.token
    if token is None:
        raise ConfigError(["discord.token: is missing; set DISCORD_TOKEN"])
    _log.info("arxiv-discord-notifier %s", __version__)
    async with AsyncExitStack() as stack:
        bot = await _open(settings, stack)
        working = asyncio.create_task(_stay_connected(bot, token.get_secret_value()), name="Discord")
        stack.push_async_callback(_cancel, working)
        stack.push_async_callback(_close, bot)
        try:
            await _wait(working, stop, bot.store)
        finally:
            on_stop()


async def _open(settings: Settings, stack: AsyncExitStack) -> PaperBot:
    """Create all services and start the jobs that work without Discord, such as polling."""

    def clock() -> datetime:
        return datetime.now(UTC)

    def wake_delivery() -> None:
        bot.wake_delivery()

    observe(settings.arxiv.holidays)
    await require_host(settings.http)  # a mistake of the configuration, to be found before a file is created
    store = await stack.enter_async_context(await Store.open(settings.database.url, hold=True))
    gate = Gate(settings.arxiv.min_interval, waiting=settings.limits.waiting_searches)
    api, oai, feeds = [
        await stack.enter_async_context(
            # arXiv allows one connection; the gate lets one request through, whatever its host.
            aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1), proxy=proxy_for(url))
        )
        for url in (settings.arxiv.api_url, settings.arxiv.oai_url, settings.arxiv.rss_url)
    ]
    arxiv = ArxivClient(api, gate, settings.arxiv, clock=clock)
    source = source_of(
        settings,
        arxiv,
        OaiClient(oai, gate, settings.arxiv, clock=clock),
        FeedsClient(feeds, gate, settings.arxiv, clock=clock),
        store,
        clock=clock,
    )
    poller = Poller(
        store,
        source,
        settings,
        clock=clock,
        on_queued=wake_delivery,
        interests=Interests(store, clock=clock),
    )
    bot = PaperBot(settings=settings, store=store, arxiv=arxiv, poller=poller, clock=clock)
    await stack.enter_async_context(bot)
    await _start_monitoring(settings, bot, poller, stack)
    for name in ("poll", "digest"):
        bot.jobs[name].start()
    # Objects that exist by now stay until the end; scanning them would block the event loop for 40 ms each
    # time.
    gc.collect()
    gc.freeze()
    return bot


async def _wait(working: asyncio.Task[None], stop: asyncio.Event, store: Store) -> None:
    """Wait until the bot ends, *stop* is set or the database fails; raise the error, if there is one.

    A database that is full, read-only or damaged stops the bot. Otherwise polls would keep fetching papers
    that cannot be stored, and the bot would have to look for each message that it could not settle.
    """
    stopping = asyncio.create_task(stop.wait())
    failing = asyncio.create_task(store.database.failure())
    try:
        await asyncio.wait({working, stopping, failing}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        failing.cancel()
    if failing.done() and not failing.cancelled():
        raise failing.result()
    if working.done():
        working.result()


async def _stay_connected(bot: PaperBot, token: str) -> None:
    """Log in, retrying while Discord is down, and run until the bot is closed."""
    failures = 0
    while True:
        try:
            await bot.start(token)
        except DiscordUnreachable as error:
            failures += 1
            level = logging.ERROR if failures == 1 else logging.DEBUG
            _log.log(level, "%s Trying again until it works; new papers are collected meanwhile.", error)
            wait = backoff(failures, first=_FIRST_WAIT, ceiling=_LONGEST_WAIT)
            await asyncio.sleep(wait.total_seconds())
        else:
            return


async def _close(bot: PaperBot) -> None:
    """Close *bot*; if that takes too long or is cancelled, stop waiting for messages in flight."""
    try:
        async with asyncio.timeout(_CLOSING):
            await bot.close()
    except (TimeoutError, asyncio.CancelledError) as reason:
        _log.warning("not waiting for messages in flight; the next start checks whether they arrived")
        with contextlib.suppress(asyncio.CancelledError):  # if closing the connection to Discord hung
            await bot.close(grace=0)
        if isinstance(reason, asyncio.CancelledError):
            raise


async def _cancel(working: asyncio.Task[None]) -> None:
    working.cancel()
    await asyncio.wait({working})  # `_wait` has already raised its error


async def _start_monitoring(settings: Settings, bot: PaperBot, poller: Poller, stack: AsyncExitStack) -> None:
    """Serve health checks and metrics over HTTP, unless `http.port` is 0."""

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
