"""A simulated server around the real bot: its channels, what people subscribed to, and time that passes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import discord
from simcord.builders import ChannelHandle
from simcord.env import Env

from bot.arxiv import calendar
from bot.demo.arxiv import SampleArxiv
from bot.model.errors import BotError
from bot.query.query import parse
from bot.query.text import AnalysedPaper
from bot.runtime.client import PaperBot

SERVER = "Reading Group"
_CHANNELS = {
    "papers": "New papers on speech and language, and a digest of the rest",
    "robotics": "Arms, grippers and what they learn",
}
_PEOPLE = ("mira", "you")
_SUBSCRIPTIONS = (
    ("papers", "speech synthesis", "live"),
    ("papers", "large language models", "live"),
    ("papers", "diffusion models", "digest"),
    ("papers", "quantum error correction", "digest"),
    ("robotics", "robot learning", "live"),
    ("robotics", "abs:manipulation AND cat:cs.RO", "live"),
)
_PATIENCE_SECONDS = 60
_VISIT = timedelta(hours=3)
_AFTER_THE_BATCH = timedelta(hours=6)


def on_a_day_of_papers(now: datetime) -> datetime:
    """Return *now* if what arXiv announced last stays its news for a visit, or else a moment when it was.

    On a weekend the bot says rightly that arXiv announces nothing, which is no day to see papers arrive on.
    """
    batch = calendar.last_complete(now)
    news_until = min(batch + timedelta(days=1), calendar.announced(batch))
    return now if now + _VISIT < news_until else batch + _AFTER_THE_BATCH


class Clock:
    """Real time, shifted: the demo opens half a day ago, so that papers and a digest are there."""

    def __init__(self, opening: datetime) -> None:
        self._shift = opening - datetime.now(UTC)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._shift

    def jump(self, moment: datetime) -> None:
        """Go on from *moment*; time never goes back."""
        self._shift = max(self._shift, moment - datetime.now(UTC))


class World:
    """The server, its channels and the people in it.

    Whoever changes it holds the front page's turn; the bot's own jobs need not, they live outside its time.
    """

    def __init__(self, env: Env, bot: PaperBot, clock: Clock) -> None:
        self._env = env
        self._bot = bot
        self._clock = clock
        guild = env.create_guild(SERVER)
        self._organisers = guild.create_role(
            "Organisers", permissions=discord.Permissions(manage_channels=True)
        )
        self._people = {
            name: guild.add_member(env.create_user(name), roles=[self._organisers]) for name in _PEOPLE
        }
        self.channels: dict[str, ChannelHandle] = {
            name: guild.create_text_channel(name, topic=topic) for name, topic in _CHANNELS.items()
        }
        # Answers to settings are for whoever typed the command; so the visitor's page begins with posts.
        self._organiser, self.visitor = self._people.values()

    @property
    def home(self) -> ChannelHandle:
        """The channel that a visitor sees first."""
        return self.channels["papers"]

    def mentions(self) -> dict[str, str]:
        """Return what stands in a message for a channel, a role or a person, and the name that is read."""
        channels = {f"<#{channel.id}>": f"#{name}" for name, channel in self.channels.items()}
        roles = {f"<@&{self._organisers.id}>": f"@{self._organisers.name}"}
        return channels | roles | {f"<@{one.id}>": f"@{name}" for name, one in self._people.items()}

    def posts(self, name: str | None = None) -> int:
        """Return how many messages the channel *name* holds, or all of them do; private answers included."""
        channels = self.channels.values() if name is None else [self.channels[name]]
        return sum(len(self._env.backend.messages.get(channel.id, ())) for channel in channels)

    def newest(self, name: str) -> str:
        """Return the identifier of the paper that was posted last in the channel *name*."""
        posted = self._env.backend.messages.get(self.channels[name].id, {}).values()
        addresses = [str(embed.get("url") or "") for message in posted for embed in message.embeds]
        return next(url.rpartition("/")[2] for url in reversed(addresses) if "/abs/" in url)

    def start_uptime(self) -> None:
        """Let the bot count how long it runs from now, not from the hours that were skipped."""
        self._bot.started_at = self._clock()

    async def pass_time(self) -> None:
        """Bring the simulated Discord up to the clock."""
        await self._env.advance_time(max(0.0, (self._clock() - self._env.now()).total_seconds()))

    async def prepare(self, arxiv: SampleArxiv, until: datetime) -> None:
        """Subscribe the channels, let a batch of papers arrive and a digest come due, up to *until*.

        Raises:
            BotError: a command is not answered, or posts do not arrive.
        """
        await self._until(lambda: self._bot.jobs["commands"].last_success is not None)
        for channel, keyword, deliver in _SUBSCRIPTIONS:
            await self._command(channel, "subscribe", keyword=keyword, deliver=deliver)
        await self._command("papers", "digest schedule", hour=until.hour, zone="UTC")
        answers = self.posts()
        known = len(arxiv.papers())
        self._clock.jump(self._clock() + timedelta(minutes=45))  # whatever the demo polls by
        self._bot.jobs["poll"].wake()
        posts = answers + _live_posts(arxiv.papers()[known:])
        await self._until(lambda: self.posts() >= posts)
        self._clock.jump(until)
        self._bot.jobs["digest"].wake()
        await self._until(lambda: self.posts() > posts)

    async def poll(self) -> None:
        """Let the bot ask arXiv now, and wait until it has.

        Raises:
            BotError: it does not within a minute.
        """
        job = self._bot.jobs["poll"]
        before = job.last_success
        job.wake()
        await self._until(lambda: job.last_success != before)

    async def _command(self, channel: str, name: str, **options: object) -> None:
        result = await self._organiser.slash(self.channels[channel], name, **options)
        if result.response is None:
            raise BotError(f"The demo cannot be prepared: /{name} was not answered.")

    async def _until(self, condition: Callable[[], bool]) -> None:
        for _ in range(_PATIENCE_SECONDS * 10):
            await self.pass_time()
            if condition():
                return
            await asyncio.sleep(0.1)
        raise BotError(f"The demo cannot be prepared: nothing came within {_PATIENCE_SECONDS} s.")


def _live_posts(papers: Sequence[AnalysedPaper]) -> int:
    """Return how many posts *papers* make: one for each channel that any of its live keywords wants."""
    posts = {
        (channel, each.paper.id)
        for channel, keyword, deliver in _SUBSCRIPTIONS
        for each in papers
        if deliver == "live" and parse(keyword).matches(each) is not None
    }
    return len(posts)
