"""The simulated server: its channels and members, their subscriptions, and its time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import discord
from simcord.builders import ChannelHandle
from simcord.env import Env

from bot.arxiv import calendar
from bot.demo.arxiv import SampleArxiv
from bot.model.errors import BotError
from bot.model.papers import PaperId
from bot.present.buttons import custom_id
from bot.query.query import parse
from bot.query.text import AnalyzedPaper
from bot.runtime.client import PaperBot

SERVER = "Reading Group"
_CHANNELS = {
    "papers": "New papers on speech and language, and a digest of the rest",
    "robotics": "Arms, grippers and what they learn",
}
_PEOPLE = ("mira", "jonas", "lin", "you")
_SUBSCRIPTIONS = (
    ("papers", "speech synthesis", "live"),
    ("papers", "large language models", "live"),
    ("papers", "diffusion models", "digest"),
    ("papers", "quantum error correction", "digest"),
    ("robotics", "robot learning", "live"),
)
_INTERESTS = {"papers": ("abs:streaming", 'abs:"conformal prediction"', "ti:decoding")}
_PAPERS_ADDED = 3  # for each: as many as an interest takes to count
_SAVED_BY = (3, 2, 1)  # people, for each of the first posts in the channel that opens first
_TIMEOUT_SECONDS = 60
_VISIT = timedelta(hours=3)
_AFTER_THE_BATCH = timedelta(hours=6)


def on_a_day_of_papers(now: datetime) -> datetime:
    """Return *now* if arXiv's last announcement is still recent, else a moment shortly after it.

    On a weekend the bot rightly says that arXiv announces nothing, which would make a dull demo.
    """
    batch = calendar.last_complete(now)
    news_until = min(batch + timedelta(days=1), calendar.announced(batch))
    return now if now + _VISIT < news_until else batch + _AFTER_THE_BATCH


class Clock:
    """Real time with an offset: the demo starts half a day ago, so that there are papers and a digest."""

    def __init__(self, opening: datetime) -> None:
        self._shift = opening - datetime.now(UTC)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._shift

    def jump(self, moment: datetime) -> None:
        """Continue from *moment*, unless it is in the past: time never goes back."""
        self._shift = max(self._shift, moment - datetime.now(UTC))


class World:
    """The server, its channels and its members.

    Code that changes it holds `FrontPage.turn`, except for the bot's jobs, which run outside its time. It
    waits *patience* times as long as usual.
    """

    def __init__(self, env: Env, bot: PaperBot, clock: Clock, patience: int = 1) -> None:
        self._env = env
        self._bot = bot
        self._clock = clock
        self._seconds = _TIMEOUT_SECONDS * patience
        guild = env.create_guild(SERVER)
        self._organizers = guild.create_role(
            "Organizers", permissions=discord.Permissions(manage_channels=True)
        )
        self._people = {
            name: guild.add_member(env.create_user(name), roles=[self._organizers]) for name in _PEOPLE
        }
        self.channels: dict[str, ChannelHandle] = {
            name: guild.create_text_channel(name, topic=topic) for name, topic in _CHANNELS.items()
        }
        # The organizer, not the visitor, subscribes, so that the visitor's page starts with posts, not
        # answers.
        self.organizer, self.visitor = self._people["mira"], self._people["you"]

    @property
    def home(self) -> ChannelHandle:
        """The channel that opens first."""
        return self.channels["papers"]

    def rooms(self) -> dict[str, tuple[ChannelHandle, str | None]]:
        """Return each channel by its name, followed by its threads by their identifiers.

        With each room comes the name of the channel that it is a thread of, or None.
        """
        rooms: dict[str, tuple[ChannelHandle, str | None]] = {}
        for name, channel in self.channels.items():
            rooms[name] = (channel, None)
            rooms |= {str(thread.id): (thread, name) for thread in channel.threads}
        return rooms

    def mentions(self) -> dict[str, str]:
        """Return each mention of a channel, role or person as in a message, with the name to show for it."""
        channels = {f"<#{room.id}>": f"#{room.name}" for room, _ in self.rooms().values()}
        roles = {f"<@&{self._organizers.id}>": f"@{self._organizers.name}"}
        return channels | roles | {f"<@{one.id}>": f"@{name}" for name, one in self._people.items()}

    def posts(self, key: str | None = None) -> int:
        """Return the number of messages in the room *key* (see `rooms`), or in all, with private answers."""
        rooms = self.rooms()
        wanted = rooms.values() if key is None else [rooms[key]]
        return sum(len(self._env.backend.messages.get(room.id, ())) for room, _ in wanted)

    def newest(self, key: str) -> str:
        """Return the identifier, with version, of the last paper posted in the room *key*, or "".

        In a thread it is the paper that the thread belongs to, unless another was posted there.
        """
        messages = self._env.backend.messages
        room, parent = self.rooms()[key]
        posted = [*messages.get(room.id, {}).values()]
        if parent is not None and (start := messages.get(self.channels[parent].id, {}).get(room.id)):
            posted.insert(0, start)
        addresses = [str(embed.get("url") or "") for message in posted for embed in message.embeds]
        return next((url.rpartition("/")[2] for url in reversed(addresses) if "/abs/" in url), "")

    def start_uptime(self) -> None:
        """Reset the bot's uptime, which otherwise includes the hours that were skipped."""
        self._bot.started_at = self._clock()

    async def pass_time(self) -> None:
        """Advance the simulated Discord's time to the clock."""
        await self._env.advance_time(max(0.0, (self._clock() - self._env.now()).total_seconds()))

    async def prepare(self, arxiv: SampleArxiv, until: datetime) -> None:
        """Subscribe the channels, then let a batch of papers and a digest arrive by *until*.

        Raises:
            BotError: the bot does not answer a command or does not post.
        """
        await self._until(lambda: self._bot.jobs["commands"].last_success is not None)
        for channel, keyword, deliver in _SUBSCRIPTIONS:
            await self._command(channel, "subscribe", keyword=keyword, deliver=deliver)
        for channel, keywords in _INTERESTS.items():
            added = [identifier for keyword in keywords for identifier in _to_add(arxiv.papers(), keyword)]
            await self._command(channel, "interests add", paper=" ".join(added))
        await self._command("papers", "digest schedule", hour=until.hour, zone="UTC")
        await self.news(arxiv, self._clock() + timedelta(minutes=45))  # longer than any interval of polls
        await self.digest(until)
        await self._save()

    async def news(self, arxiv: SampleArxiv, moment: datetime) -> None:
        """Continue from *moment*, and wait until what was announced by then has been posted.

        Raises:
            BotError: it is not posted within a minute.
        """
        posts, known = self.posts(), len(arxiv.papers())
        self._clock.jump(moment)
        self._bot.jobs["poll"].wake()
        posts += _live_posts(arxiv.papers()[known:])
        await self._until(lambda: self.posts() >= posts)

    async def digest(self, moment: datetime) -> None:
        """Continue from *moment*, at which a digest is due, and wait until it has been posted.

        Raises:
            BotError: none is posted within a minute.
        """
        posts = self.posts()
        self._clock.jump(moment)
        self._bot.jobs["digest"].wake()
        await self._until(lambda: self.posts() > posts)

    async def poll(self) -> None:
        """Make the bot poll arXiv now, and wait until it has.

        Raises:
            BotError: the poll does not end within a minute.
        """
        job = self._bot.jobs["poll"]
        before = job.last_success
        job.wake()
        await self._until(lambda: job.last_success != before)

    async def _save(self) -> None:
        """Let everybody but the visitor save some papers, so that `/top` has something to show."""
        savers = [person for person in self._people.values() if person is not self.visitor]
        marked = [post for post in self.home.history() if post.content.startswith("★")]
        for post, count in zip(marked, _SAVED_BY, strict=False):
            paper = PaperId.parse(str(post.embeds[0].url))[0]
            for person in savers[:count]:
                await person.click(post, custom_id=custom_id("save", paper))

    async def _command(self, channel: str, name: str, **options: object) -> None:
        result = await self.organizer.slash(self.channels[channel], name, **options)
        if result.response is None:
            raise BotError(f"The demo cannot start: /{name} was not answered.")

    async def _until(self, condition: Callable[[], bool]) -> None:
        for _ in range(self._seconds * 10):
            with contextlib.suppress(TimeoutError):  # the machine is busy; what did not settle goes on
                await self.pass_time()
            if condition():
                return
            await asyncio.sleep(0.1)
        raise BotError(f"The demo cannot start: nothing arrived within {self._seconds} s.")


def _to_add(papers: Sequence[AnalyzedPaper], keyword: str) -> list[str]:
    """Return the identifiers of the newest of *papers* on *keyword*, each about another system."""
    query = parse(keyword)
    systems = {
        each.paper.title.partition(":")[0]: str(each.paper.id) for each in papers if query.matches(each)
    }
    return list(systems.values())[-_PAPERS_ADDED:]


def _live_posts(papers: Sequence[AnalyzedPaper]) -> int:
    """Return the number of posts for *papers*: one for each channel with a live keyword that matches."""
    posts = {
        (channel, each.paper.id)
        for channel, keyword, deliver in _SUBSCRIPTIONS
        for each in papers
        if deliver == "live" and parse(keyword).matches(each) is not None
    }
    return len(posts)
