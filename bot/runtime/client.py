"""The bot as Discord sees it: logs in, loads the cogs by name, keeps the jobs going, and ends in order.

Jobs start with the login and need no gateway, so that neither polling nor delivery waits for one. What they
need comes in by the constructor; wiring is `bot.runtime.app`'s.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import aiohttp
import discord
import yarl
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.arxiv.client import ArxivClient
from bot.config import Discord, Settings
from bot.delivery import http_trace
from bot.delivery.crossposts import Crossposter
from bot.delivery.digest_queue import DigestJob
from bot.delivery.loop import Delivery
from bot.delivery.membership import Membership, name_for_all
from bot.delivery.notices import Notices
from bot.delivery.refusals import Refusals
from bot.interactions.command_tree import Tree, fingerprint_of
from bot.interactions.context import Bot
from bot.interactions.quota import Quota
from bot.interactions.translator import Translator
from bot.model.errors import BotError, ConfigError, DiscordUnreachable
from bot.polling.poller import Poller
from bot.runtime.clock_watch import ClockWatch
from bot.runtime.jobs import Job
from bot.store import Store

_log = logging.getLogger(__name__)

COGS = (
    "cogs.subscribe",
    "cogs.subscriptions",
    "cogs.channel",
    "cogs.search",
    "cogs.digests",
    "cogs.library",
    "cogs.privacy",
    "cogs.status",
    "cogs.why",
)

PERMISSIONS = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    create_public_threads=True,
    embed_links=True,
    attach_files=True,
    read_message_history=True,
)
"""What the bot needs in a server; Read Message History is how it finds what it posted before a crash."""

_FINGERPRINT = "commands"  # the key in the store's `meta`
_PRUNED = "pruned"
_DAY = 86_400.0
_WEEK = timedelta(days=7)
_REFUSED = (
    "discord.token: Discord refused the token; copy the current one from the Bot page of your application at "
    "https://discord.com/developers/applications, or reset it there."
)
_AUTHENTICATION_FAILED = 4004  # https://discord.com/developers/docs/topics/opcodes-and-status-codes
_GRACE = 5.0  # seconds for messages in flight when the bot ends


class PaperBot(Bot):
    """One bot of one process. `start(token)` runs it until `close()`.

    Cogs use its attributes; *poller* is None where nothing is to be polled (in tests).
    """

    jobs: dict[str, Job]

    def __init__(
        self,
        *,
        settings: Settings,
        store: Store,
        arxiv: ArxivClient,
        poller: Poller | None,
        clock: Callable[[], datetime],
    ) -> None:
        refusals = Refusals(clock)
        super().__init__(
            command_prefix=commands.when_mentioned,  # there are no text commands
            help_command=None,
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            max_ratelimit_timeout=30,  # longer waits come back as RateLimited, and hold up nothing
            tree_cls=Tree,
            http_trace=refusals.watch(http_trace.trace()),
        )
        self.refusals = refusals
        self.settings = settings
        self.store = store
        self.arxiv = arxiv
        self.poller = poller
        self.clock = clock
        self.started_at = clock()
        self.quota = Quota(settings.limits.searches_per_minute)
        self.delivery = Delivery(
            self,
            store,
            concurrency=settings.delivery.concurrency,
            send_timeout=settings.delivery.send_timeout,
            clock=clock,
            on_token_refused=self._end_refused,
            on_paused=self._wake_notices,
            refusals=self.refusals,
        )
        self.membership = Membership(
            self,
            store,
            self.delivery,
            grace=settings.delivery.grace,
            clock=clock,
            on_resumed=self.wake_delivery,
            on_stopped=self._wake_notices,
        )
        self.jobs = self._made_jobs()
        self._token_refused = False
        self._logged_in = False
        self._ending: asyncio.Task[None] | None = None

    def _made_jobs(self) -> dict[str, Job]:
        """Return what goes on by itself, by name; nothing is started."""
        store, clock = self.store, self.clock
        ending = self._end_refused
        notices = Notices(self, store, self.delivery, clock=clock, on_token_refused=ending)
        crossposter = Crossposter(
            self,
            store,
            clock=clock,
            refusals=self.refusals,
            send_timeout=self.settings.delivery.send_timeout,
            on_token_refused=ending,
        )
        watch = ClockWatch(store, clock=clock, on_set_back=self._wake_senders)
        digests = DigestJob(store, clock=clock, on_queued=self.wake_delivery)
        jobs = {
            "clock": Job("clock", watch.run, on_failure_wait=60, clock=clock),
            "commands": Job("commands", self._sync_commands, on_failure_wait=300, clock=clock),
            "delivery": Job("delivery", self.delivery.run, on_failure_wait=10, clock=clock),
            "crosspost": Job("crosspost", crossposter.run, on_failure_wait=60, clock=clock),
            "digest": Job("digest", digests.run, on_failure_wait=60, clock=clock),
            "resume": Job("resume", self.membership.look, on_failure_wait=600, clock=clock),
            "notices": Job("notices", notices.run, on_failure_wait=60, clock=clock),
            "forget": Job("forget", self.membership.forget, on_failure_wait=3600, clock=clock),
            "prune": Job("prune", self._prune, on_failure_wait=3600, clock=clock),
        }
        if self.poller is not None:
            jobs["poll"] = Job("poll", self.poller.run, on_failure_wait=300, clock=clock)
        return jobs

    # --- start and end ------------------------------------------------------------------------------------

    async def start(self, token: str, *, reconnect: bool = True) -> None:
        """Log in and work until `close()`.

        Raises:
            ConfigError: Discord refuses the token, now or later.
            DiscordUnreachable: not now; it may be called again.
            BotError: Discord closed the connection for good.
        """
        try:
            await super().start(token, reconnect=reconnect)
        except discord.LoginFailure:
            self._token_refused = True
        except discord.ConnectionClosed as error:
            if error.code != _AUTHENTICATION_FAILED:
                raise BotError(f"Discord closed the connection for good (code {error.code}).") from error
            self._token_refused = True
        except discord.PrivilegedIntentsRequired as error:  # close code 4014; we ask for none
            raise BotError("Discord refuses the intents that the bot asks for.") from error
        except (discord.HTTPException, discord.GatewayNotFound, aiohttp.ClientError, OSError) as error:
            said = " ".join(str(error).split())[:200] or type(error).__name__
            raise DiscordUnreachable(
                f"Discord cannot be reached at {self.settings.discord.api_base}: {said}."
            ) from error
        except RecursionError:  # discord.py tries a shard's gateway again from within its own handler
            raise DiscordUnreachable("Discord's gateway has not answered for more than an hour.") from None
        if self._token_refused:
            raise ConfigError([_REFUSED])

    async def login(self, token: str) -> None:
        """Log in at `discord.api_base`, which holds for every request of the process from then on."""
        Route.BASE = self.settings.discord.api_base
        if self._logged_in:  # and only the gateway could not be reached
            return
        try:
            await super().login(token)
        except BaseException:
            # discord.py opens a session at every login, and leaves the one before open.
            await self.http.close()
            self.http.connector = discord.utils.MISSING
            raise
        self._logged_in = True

    async def setup_hook(self) -> None:
        if self.settings.discord.api_base != Discord().api_base:
            # Where discord.py begins anew after an invalidated session, it would go to Discord's own gateway.
            _, gateway, _ = await self.http.get_bot_gateway()
            DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway)
        await self.tree.set_translator(Translator(self.settings.language))
        for cog in COGS:
            if cog not in self.extensions:
                await self.load_extension(cog)
        _log.info("logged in as %s; invite me with %s", self.user, self.invite_link)
        self.start_jobs()

    @property
    def invite_link(self) -> str:
        """The address that adds the bot to a server with exactly what it needs, for who may do so there."""
        application = self.application_id or 0
        return discord.utils.oauth_url(
            application, permissions=PERMISSIONS, scopes=("bot", "applications.commands")
        )

    def start_jobs(self) -> None:
        """Start what goes on by itself; those that are running already go on."""
        for job in self.jobs.values():
            job.start()

    async def close(self, *, grace: float = _GRACE) -> None:
        """End in order: nothing more is fetched or queued, what is being sent arrives, Discord is left.

        Messages in flight have *grace* seconds; what is cut off is looked for at the next start.
        """
        if not self.is_closed():
            makers = [job for name, job in self.jobs.items() if name != "delivery"]
            ends = [job.stop(grace=min(1.0, grace)) for job in makers]
            await asyncio.gather(*ends, self.delivery.stop(grace), self.jobs["delivery"].stop(grace))
        await super().close()

    def _end_refused(self) -> None:
        if self._token_refused:
            return  # several requests were on their way
        self._token_refused = True
        # In a task of its own: closing waits for the very delivery that noticed.
        self._ending = asyncio.create_task(self.close(), name="end, since the token is refused")

    # --- jobs ---------------------------------------------------------------------------------------------

    def wake_delivery(self) -> None:
        """Let what was just queued be sent at once."""
        self.jobs["delivery"].wake()

    async def _sync_commands(self) -> float:
        """Tell Discord the commands if it has others; it allows few such calls a day."""
        fingerprint = await fingerprint_of(self.tree)
        if await self.store.meta.get(_FINGERPRINT) != fingerprint:
            try:
                synced = await self.tree.sync()
            except (discord.HTTPException, aiohttp.ClientError, OSError) as error:
                raise BotError(f"Discord did not take the slash commands: {error}") from error
            await self.store.meta.set(_FINGERPRINT, fingerprint)
            _log.info("told Discord %d commands", len(synced))
        return _DAY

    async def _prune(self) -> float:
        """Forget, once a week whatever restarts, what nobody needs any more."""
        now = self.clock()
        last = await self.store.meta.get(_PRUNED)
        rest = _WEEK if last is None else _WEEK - (now - datetime.fromisoformat(last))
        if last is not None and timedelta() < rest <= _WEEK:
            return rest.total_seconds()
        gone = await self.store.prune(now, keep=self.settings.database.keep, undo=self.settings.delivery.undo)
        await self.store.meta.set(_PRUNED, now.isoformat())
        _log.info(
            "pruned what is older than %d days: papers %d, queries %d, sent messages %d, papers seen %d",
            self.settings.database.keep_days,
            gone.papers,
            gone.queries,
            gone.outbox,
            gone.seen,
        )
        return _WEEK.total_seconds()

    def _wake_senders(self) -> None:
        for name in ("delivery", "notices", "crosspost"):
            self.jobs[name].wake()

    def _wake_notices(self) -> None:
        self.jobs["notices"].wake()

    # --- events: rights, channels and servers that come and go --------------------------------------------

    @staticmethod
    async def _noted(noting: Awaitable[None]) -> None:
        """Let what an event says be stored; where that fails, the daily look or the next start makes up."""
        try:
            await noting
        except (BotError, discord.HTTPException, aiohttp.ClientError, OSError) as error:
            _log.error("a change of a channel or server is not noted for now: %s", error)

    async def on_ready(self) -> None:
        await self._noted(self.membership.compare())

    async def on_guild_available(self, guild: discord.Guild) -> None:
        await self._noted(self.membership.here(guild))

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        # Not called when a server becomes unavailable.
        await self._noted(self.membership.left(guild.id))

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        await self._noted(self.membership.deleted(channel.id, name_for_all(channel)))

    async def on_raw_thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        await self._noted(self.membership.deleted(payload.thread_id))

    async def _look_again(self, guild_id: int) -> None:
        await self._noted(self.membership.changed(guild_id))

    async def on_guild_channel_update(
        self, _before: discord.abc.GuildChannel, after: discord.abc.GuildChannel
    ) -> None:
        await self._look_again(after.guild.id)

    async def on_guild_role_update(self, _before: discord.Role, after: discord.Role) -> None:
        await self._look_again(after.guild.id)

    async def on_guild_role_delete(self, role: discord.Role) -> None:
        await self._look_again(role.guild.id)

    async def on_member_update(self, _before: discord.Member, after: discord.Member) -> None:
        if self.user is not None and after.id == self.user.id:
            await self._look_again(after.guild.id)

    async def on_raw_thread_update(self, payload: discord.RawThreadUpdateEvent) -> None:
        # Also of archived threads, which are not in the cache; it is there when this runs.
        await self._look_again(payload.guild_id)

    async def on_thread_join(self, thread: discord.Thread) -> None:
        await self._look_again(thread.guild.id)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        await self._noted(self.membership.here(guild))
