"""The Discord client: logs in, loads the cogs by name, runs the jobs, and shuts down in order.

Jobs start at login and need no gateway connection, so that neither polling nor delivery waits for one. The
client gets the store, arXiv and the poller as arguments, and creates what needs a connection to Discord.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime

import aiohttp
import discord
import yarl
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.arxiv.client import ArxivClient
from bot.config import DiscordSettings, Settings
from bot.delivery import http_trace
from bot.delivery.crossposts import Crossposter
from bot.delivery.digest_queue import DigestJob
from bot.delivery.invalid_requests import InvalidRequests
from bot.delivery.loop import Delivery
from bot.delivery.membership import Membership, public_name
from bot.delivery.notices import NoticeSender
from bot.delivery.threads import Discussions
from bot.delivery.unreadable import UnreadableAnswer, is_understood, reading
from bot.delivery.verdicts import token_refused
from bot.interactions.command_tree import Tree
from bot.interactions.context import Bot
from bot.interactions.quota import Quota
from bot.interactions.translator import Translator
from bot.model.errors import BotError, ConfigError, DiscordUnreachable
from bot.model.foreign_text import clean_text
from bot.polling.poller import Poller
from bot.relevance.interests import Interests
from bot.relevance.similar import SimilarPapers
from bot.relevance.vocabulary import Vocabulary
from bot.runtime import gateway
from bot.runtime.clock_watch import ClockWatch
from bot.runtime.housekeeping import Housekeeping
from bot.runtime.jobs import Job
from bot.runtime.proxy import proxy_for
from bot.store import Store

_log = logging.getLogger(__name__)

COGS = (
    "cogs.subscribe",
    "cogs.subscriptions",
    "cogs.follow",
    "cogs.channel",
    "cogs.search",
    "cogs.digests",
    "cogs.library",
    "cogs.top",
    "cogs.similar",
    "cogs.interests",
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
"""What the bot needs in a server. With Read Message History it finds what it posted before a crash."""

_REFUSED = (
    "discord.token: Discord refused the token; copy the current one from your application's Bot page at "
    "https://discord.com/developers/applications, or reset it there."
)
_UNREACHABLE = (
    discord.HTTPException,
    discord.GatewayNotFound,
    aiohttp.ClientError,
    OSError,
    UnreadableAnswer,
)
_AUTHENTICATION_FAILED = 4004  # https://discord.com/developers/docs/topics/opcodes-and-status-codes
_GRACE = 5.0  # seconds for messages in flight at shutdown


class PaperBot(Bot):
    """The bot of this process. `start(token)` runs it until `close()`.

    Cogs use its attributes. Without a *poller* (in tests) it does not poll.
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
        refusals = InvalidRequests(clock)
        super().__init__(
            command_prefix=commands.when_mentioned,  # there are no text commands
            help_command=None,
            intents=discord.Intents(guilds=True),
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            max_ratelimit_timeout=30,  # a longer wait raises RateLimited instead of blocking
            tree_cls=Tree,
            http_trace=refusals.watch(http_trace.trace()),
            proxy=proxy_for(settings.discord.api_base),  # also for the gateway
        )
        self.refusals = refusals
        self.settings = settings
        self.store = store
        self.arxiv = arxiv
        self.poller = poller
        self.clock = clock
        self.started_at = clock()
        known = poller.interests if poller else None
        self.interests = known or Interests(store, clock=clock)
        self.similar = SimilarPapers(store, self.interests, clock=clock)
        self.discussions = Discussions(self, store, clock=clock)
        self.vocabulary = Vocabulary(store, clock=clock)
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
        self.jobs = self._create_jobs()
        self._token_refused = False
        self._answered = False  # whether Discord's answers to the login could be read
        self._logged_in = False
        self._ending: asyncio.Task[None] | None = None

    def _create_jobs(self) -> dict[str, Job]:
        """Return the background jobs by name, not yet started."""
        store, clock = self.store, self.clock
        ending, send_timeout = self._end_refused, self.settings.delivery.send_timeout
        notices = NoticeSender(self, store, send_timeout=send_timeout, clock=clock, on_token_refused=ending)
        crossposter = Crossposter(
            self,
            store,
            clock=clock,
            refusals=self.refusals,
            send_timeout=send_timeout,
            on_token_refused=ending,
        )
        watch = ClockWatch(store, clock=clock, on_set_back=self._wake_senders)
        housekeeping = Housekeeping(store, self.settings, clock=clock)
        digests = DigestJob(store, clock=clock, on_queued=self.wake_delivery, interests=self.interests)
        jobs = {
            "clock": Job("clock", watch.run, on_failure_wait=60, clock=clock),
            "commands": Job(
                "commands",
                lambda: housekeeping.register_commands(self.tree),
                on_failure_wait=300,
                clock=clock,
            ),
            "delivery": Job("delivery", self.delivery.run, on_failure_wait=10, clock=clock),
            "crosspost": Job("crosspost", crossposter.run, on_failure_wait=60, clock=clock),
            "digest": Job("digest", digests.run, on_failure_wait=60, clock=clock),
            "resume": Job("resume", self.membership.check_paused, on_failure_wait=600, clock=clock),
            "notices": Job("notices", notices.run, on_failure_wait=60, clock=clock),
            "forget": Job("forget", self.membership.erase_gone, on_failure_wait=3600, clock=clock),
            "signatures": Job("signatures", self.similar.sign, on_failure_wait=600, clock=clock),
            "vocabulary": Job("vocabulary", self.vocabulary.count, on_failure_wait=600, clock=clock),
            "prune": Job("prune", housekeeping.prune, on_failure_wait=3600, clock=clock),
        }
        if self.poller is not None:
            jobs["poll"] = Job("poll", self.poller.run, on_failure_wait=300, clock=clock)
        return jobs

    # --- start and end ------------------------------------------------------------------------------------

    async def start(self, token: str, *, reconnect: bool = True) -> None:
        """Log in and run until `close()`.

        Raises:
            ConfigError: Discord rejects the token, now or later.
            DiscordUnreachable: Discord does not respond; calling this again may help.
            BotError: Discord closed the connection permanently.
        """
        try:
            await super().start(token, reconnect=reconnect)
        except discord.LoginFailure:
            self._token_refused = True
        except discord.ConnectionClosed as error:
            if error.code != _AUTHENTICATION_FAILED:
                raise BotError(f"Discord closed the connection permanently (code {error.code}).") from error
            self._token_refused = True
        except discord.PrivilegedIntentsRequired as error:  # close code 4014; the bot requests none
            raise BotError("Discord rejects the intents that the bot requests.") from error
        except _UNREACHABLE as error:
            if _is_refusal(error):
                raise ConfigError([_REFUSED]) from error
            reason = clean_text(str(error), 200) or type(error).__name__
            raise DiscordUnreachable(
                f"Discord cannot be reached at {self.settings.discord.api_base}: {reason}."
            ) from error
        except RecursionError:  # discord.py retries a shard's gateway by calling itself
            raise DiscordUnreachable("Discord's gateway has not responded for more than an hour.") from None
        if self._token_refused:
            raise ConfigError([_REFUSED])

    async def login(self, token: str) -> None:
        """Log in at `discord.api_base`, which all requests of this process use from then on."""
        Route.BASE = self.settings.discord.api_base
        if self._logged_in:  # an earlier attempt failed only at the gateway
            return
        self._answered = False
        try:
            await super().login(token)
        except BaseException as error:
            # discord.py opens a new session at every login and does not close the previous one.
            await self.http.close()
            self.http.connector = discord.utils.MISSING
            if isinstance(error, Exception) and not (self._answered or is_understood(error)):
                raise UnreadableAnswer(f"{type(error).__name__}: {error}") from error
            raise
        self._logged_in = True

    async def launch_shards(self) -> None:
        """Connect to the gateway, with connections that outlive what they cannot parse."""
        gateway.install()
        with reading():
            await super().launch_shards()

    async def setup_hook(self) -> None:
        self._answered = True
        if self.settings.discord.api_base != DiscordSettings().api_base:
            # After an invalidated session, discord.py reconnects to its default gateway.
            with reading():
                _, address, _ = await self.http.get_bot_gateway()
                DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(address)
        await self.tree.set_translator(Translator(self.settings.language))
        for cog in COGS:
            if cog not in self.extensions:
                await self.load_extension(cog)
        _log.info("logged in as %s; invite the bot with %s", self.user, self.invite_link)
        self.start_jobs()

    @property
    def invite_link(self) -> str:
        """The URL that adds the bot to a server with exactly the permissions it needs."""
        application = self.application_id or 0
        return discord.utils.oauth_url(
            application, permissions=PERMISSIONS, scopes=("bot", "applications.commands")
        )

    def start_jobs(self) -> None:
        """Start all jobs that are not running yet."""
        for job in self.jobs.values():
            job.start()

    async def close(self, *, grace: float = _GRACE) -> None:
        """Shut down in order: stop fetching and queueing, finish sending, then disconnect.

        Messages in flight have *grace* seconds; the next start checks whether an interrupted one arrived.
        """
        if not self.is_closed():
            others = [job for name, job in self.jobs.items() if name != "delivery"]
            stops = [job.stop(grace=min(1.0, grace)) for job in others]
            await asyncio.gather(*stops, self.delivery.stop(grace), self.jobs["delivery"].stop(grace))
        await super().close()

    def _end_refused(self) -> None:
        if self._token_refused:
            return  # several requests were rejected at once
        self._token_refused = True
        # In a separate task, because closing waits for the delivery that calls this.
        self._ending = asyncio.create_task(self.close(), name="close after the token was rejected")

    # --- jobs ---------------------------------------------------------------------------------------------

    def wake_delivery(self) -> None:
        """Send what was just queued without waiting for the next regular run."""
        self.jobs["delivery"].wake()

    def _wake_senders(self) -> None:
        for name in ("delivery", "notices", "crosspost"):
            self.jobs[name].wake()

    def _wake_notices(self) -> None:
        self.jobs["notices"].wake()

    # --- events: permissions, channels and servers that change --------------------------------------------

    @staticmethod
    async def _record(change: Awaitable[None]) -> None:
        """Store the consequences of an event; if that fails, the daily check or the next start catches up."""
        try:
            await change
        except (BotError, discord.HTTPException, aiohttp.ClientError, OSError) as error:
            _log.error("a change of a channel or server could not be recorded: %s", error)

    async def on_ready(self) -> None:
        await self._record(self.membership.compare_servers())

    async def on_guild_available(self, guild: discord.Guild) -> None:
        await self._record(self.membership.server_available(guild))

    async def on_guild_remove(self, guild: discord.Guild) -> None:
        # Discord.py does not call this for a server that becomes unavailable.
        await self._record(self.membership.server_left(guild.id))

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        await self._record(self.membership.channel_deleted(channel.id, public_name(channel)))

    async def on_raw_thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        await self._record(self.membership.channel_deleted(payload.thread_id))

    async def _check_again(self, guild_id: int) -> None:
        await self._record(self.membership.permissions_changed(guild_id))

    async def on_guild_channel_update(
        self, _before: discord.abc.GuildChannel, after: discord.abc.GuildChannel
    ) -> None:
        await self._check_again(after.guild.id)

    async def on_guild_role_update(self, _before: discord.Role, after: discord.Role) -> None:
        await self._check_again(after.guild.id)

    async def on_guild_role_delete(self, role: discord.Role) -> None:
        await self._check_again(role.guild.id)

    async def on_member_update(self, _before: discord.Member, after: discord.Member) -> None:
        if self.user is not None and after.id == self.user.id:
            await self._check_again(after.guild.id)

    async def on_raw_thread_update(self, payload: discord.RawThreadUpdateEvent) -> None:
        # Unlike on_thread_update, this includes archived threads, which were not in the cache before.
        await self._check_again(payload.guild_id)

    async def on_thread_join(self, thread: discord.Thread) -> None:
        await self._check_again(thread.guild.id)

    async def on_guild_join(self, guild: discord.Guild) -> None:
        await self._record(self.membership.server_available(guild))


def _is_refusal(error: Exception) -> bool:
    """Tell whether a login failed because Discord does not accept the token."""
    cause = error.__cause__  # of discord.py's `GatewayNotFound`
    return token_refused(error) or (isinstance(cause, Exception) and token_refused(cause))
