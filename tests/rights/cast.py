"""The kinds of channel and the kinds of member, and what Discord shows to whom."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import aiohttp
import discord
from simcord.actors import MemberActor
from simcord.backend.access import channel_accessible
from simcord.backend.models import Channel
from simcord.backend.models.channel import Overwrite
from simcord.builders import ChannelHandle, GuildHandle, UserHandle
from simcord.enums import ChannelType, OverwriteType
from simcord.env import Env

from bot.arxiv.client import ArxivClient
from bot.arxiv.gate import Gate
from bot.config import ArxivSettings, LimitsSettings, Settings
from bot.model.interests import Verdict
from bot.model.papers import Match
from bot.model.subscriptions import Deliver, Options, Place, Schedule, Subscription
from bot.query.query import parse
from bot.runtime.client import PaperBot
from bot.store import Store
from tests.database import lay_out
from tests.fakes.arxiv import FakeArxiv
from tests.fakes.clock import Clock
from tests.fakes.papers import make_paper, make_papers
from tests.looks import look_at

KINDS = (
    "text channel",
    "hidden text channel",
    "announcement channel",
    "forum",
    "hidden forum",
    "thread",
    "thread in a hidden channel",
    "private thread",
    "archived thread",
    "archived private thread",
    "deleted channel",
    "channel of another server",
    "direct messages of somebody else",
)
PEOPLE = (
    "a plain member",
    "an insider",
    "a former insider",
    "a manager of channels",
    "an insider who manages channels",
    "a manager of threads",
    "a manager of channels and threads",
    "a manager of the channel alone",
    "an administrator",
    "the owner",
    "a manager of another server",
    "somebody in direct messages",
)
People: TypeAlias = dict[str, MemberActor | UserHandle]
KEYWORD, REMOVED, NAME = "zugzwang theory", "luftschloss", "vault"
MESSAGE = 471147114711471147
PAPER, HELD, FAILED, SAVED = 100, 101, 102, 103
SAVED_TITLE = "Fianchetto"
ADDED = 103  # and the two after it


@dataclass(frozen=True)
class Subject:
    """What a deed is about; a *twin* is a channel of the same kind without any subscription."""

    guild: int  # 0 for direct messages
    channel: int
    can_be_named: bool  # in the option of a command
    destination: int
    subscription: int
    removed: int
    keyword: str
    removed_keyword: str
    name: str


@dataclass(frozen=True)
class Person:
    """Somebody, and the channel where they do everything, which all there can see."""

    kind: str
    actor: MemberActor | UserHandle
    place: ChannelHandle
    message: int  # one of the bot's, in that place


@dataclass
class Cast:
    """A simulated Discord with a subject and its twin, and the people."""

    env: Env
    store: Store
    database: Path
    kind: str
    subject: Subject
    twin: Subject
    people: list[Person]

    @property
    def bot(self) -> PaperBot:
        bot = self.env.bot
        assert isinstance(bot, PaperBot)
        return bot

    def sees(self, person: Person) -> bool:
        """Tell whether Discord shows the channel to *person*.

        Nobody sees a deleted channel; what is left of it is for those who manage the server's channels and
        threads, for nothing tells whether it was a private thread.
        """
        if self.kind == "deleted channel":
            threads = self._has(person, None, discord.Permissions.manage_threads.flag)
            return threads and self.manages_server(person)
        guild = person.place.guild
        return (
            guild is not None
            and guild.id == self.subject.guild
            and channel_accessible(self.env.backend, self.subject.channel, person.actor.id)
        )

    def manages(self, person: Person) -> bool:
        """Tell whether *person* sees the channel and has Manage Channels there."""
        channel = None if self.kind == "deleted channel" else self.subject.channel
        return self.sees(person) and self._has(person, channel, discord.Permissions.manage_channels.flag)

    def manages_server(self, person: Person) -> bool:
        """Tell whether *person* has Manage Channels in the whole server."""
        return self._has(person, None, discord.Permissions.manage_channels.flag)

    def _has(self, person: Person, channel: int | None, flag: int) -> bool:
        guild = person.place.guild
        if guild is None or guild.id != self.subject.guild:
            return False
        return bool(self.env.backend.compute_permissions(guild.id, person.actor.id, channel) & flag)


@asynccontextmanager
async def cast(kind: str, folder: Path) -> AsyncIterator[Cast]:
    """Start the bot with a subject of this *kind*; its database is in *folder*."""
    clock, database = Clock(), folder / "papers.db"
    lay_out(database)
    connector = aiohttp.TCPConnector(force_close=True)  # simcord would wait for idle connections
    async with FakeArxiv(make_papers(30)) as arxiv, aiohttp.ClientSession(connector=connector) as session:
        arxiv.publish([make_paper(PAPER)])
        settings = Settings(
            arxiv=ArxivSettings(api_url=arxiv.url, contact="operator@example.org", min_interval=0, timeout=5),
            database={"url": f"sqlite:///{database}"},
            limits=LimitsSettings(searches_per_minute=1_000_000),
        )
        async with await Store.open(settings.database.url) as store:
            client = ArxivClient(session, Gate(0), settings.arxiv, clock=clock)
            bot = PaperBot(settings=settings, store=store, arxiv=client, poller=None, clock=clock)
            env = Env(bot, shard_count=1, settle_timeout=5)
            await env.start()
            try:
                for job in bot.jobs.values():  # simcord would wait for those that are due within its time-out
                    await job.stop()
                yield await _furnished(env, store, database, kind, clock)
            finally:
                await env.shutdown()


async def _furnished(env: Env, store: Store, database: Path, kind: str, clock: Clock) -> Cast:
    owner = env.create_user("owner")
    guild, elsewhere = env.create_guild("Lab", owner=owner), env.create_guild("Elsewhere")
    people = _people(env, guild, elsewhere, owner)
    channel, bare = [
        await _channel(env, kind, name, (guild, elsewhere), people) for name in (NAME, f"un{NAME}")
    ]
    named = kind not in {"deleted channel", "direct messages of somebody else"}
    subject = await _subscribed(store, database, env.backend.channels[channel], clock, can_be_named=named)
    twin = Subject(
        subject.guild, bare, named, 999_001, 999_002, 999_003, "qqnobody", "qqnothing", f"un{NAME}"
    )
    for each in (channel, bare):
        if kind == "deleted channel":
            env.backend.delete_channel(each)
        elif kind.startswith("archived"):
            thread = env.bot.get_channel(each)
            assert isinstance(thread, discord.Thread)
            with env._bot_scope():
                await thread.edit(archived=True)
    await env.settle()
    places = {one.id: one.create_text_channel("lobby") for one in (guild, elsewhere)}
    for server, place in places.items():
        await _subscribe(store, Place(server, place.id), "pawn endings", clock)
    made = []
    for name, actor in people.items():
        place = places[actor.guild.id] if isinstance(actor, MemberActor) else actor.dm_channel
        message = env.backend.create_message(place.id, env.backend.bot_user.id, content="x")
        made.append(Person(name, actor, place, message.id))
    await env.settle()
    return Cast(env, store, database, kind, subject, twin, made)


def _people(env: Env, guild: GuildHandle, elsewhere: GuildHandle, owner: UserHandle) -> People:
    """Return everybody, in the order of `PEOPLE`; what some may do in one channel is set with the channel."""
    channels = discord.Permissions(manage_channels=True)
    threads = discord.Permissions(manage_threads=True)
    rights = {
        "a manager of channels": channels,
        "an insider who manages channels": channels,
        "a manager of threads": threads,
        "a manager of channels and threads": channels | threads,
        "an administrator": discord.Permissions(administrator=True),
        "a manager of another server": channels | threads | discord.Permissions(administrator=True),
    }
    people: People = {}
    for number, name in enumerate(PEOPLE):
        home = elsewhere if name == "a manager of another server" else guild
        user = owner if name == "the owner" else env.create_user(f"person{number}")
        if name == "somebody in direct messages":
            people[name] = user
            continue
        roles = [home.create_role(name, permissions=rights[name])] if name in rights else []
        people[name] = MemberActor(env, home, user) if user is owner else home.add_member(user, roles=roles)
    return people


async def _channel(
    env: Env, kind: str, name: str, servers: tuple[GuildHandle, GuildHandle], people: People
) -> int:
    """Make a channel of this *kind* with its insiders, and return its id."""
    backend, bot, (guild, elsewhere) = env.backend, env.backend.bot_user.id, servers
    if kind == "direct messages of somebody else":
        return env.create_user(name).dm_channel.id
    home = elsewhere if kind == "channel of another server" else guild
    if "forum" in kind:
        room = home.create_forum_channel(name)
    elif "announcement" in kind:
        room = home.create_news_channel(name)
    else:
        room = home.create_text_channel(f"around-{name}" if "thread" in kind else name)
    insiders = [people["an insider"].id, people["an insider who manages channels"].id]
    former, manager = people["a former insider"].id, people["a manager of the channel alone"].id
    overwrites = {manager: discord.PermissionOverwrite(manage_channels=True)}
    if "hidden" in kind:
        everybody = Overwrite(home.id, OverwriteType.ROLE, deny=discord.Permissions.view_channel.flag)
        backend.set_overwrite(room.id, everybody)
        overwrites |= {each: discord.PermissionOverwrite(view_channel=True) for each in (*insiders, bot)}
    if home is guild:
        for person, overwrite in overwrites.items():
            allow, deny = overwrite.pair()
            backend.set_overwrite(room.id, Overwrite(person, OverwriteType.MEMBER, allow.value, deny.value))
    if "thread" not in kind:
        return room.id
    private = "private" in kind
    thread = backend.create_thread(
        room.id, name, bot, type=ChannelType.PRIVATE_THREAD if private else ChannelType.PUBLIC_THREAD
    )
    for each in (*insiders, former):
        backend.add_thread_member(thread.id, each)
    backend.remove_thread_member(thread.id, former)
    await env.settle()
    return thread.id


async def _subscribed(
    store: Store, database: Path, channel: Channel, clock: Clock, *, can_be_named: bool
) -> Subject:
    """Give a channel a subscription, a removed one, a digest, and papers in every state."""
    user = channel.recipient_ids[0] if channel.guild_id is None else 0
    place = Place(channel.guild_id or 0, channel.id, user)
    ids = []
    for keyword in (KEYWORD, REMOVED):
        made = await _subscribe(store, place, keyword, clock)
        ids.append(made.id)
    await store.subscriptions.remove(ids[1], clock())
    destination = made.destination.id
    await store.destinations.schedule(destination, Schedule(6, "UTC"), clock())
    papers = [make_paper(number) for number in (PAPER, HELD, FAILED)]
    query = parse(KEYWORD).canonical
    await store.record(papers, [Match(query, paper.id, ("speech",)) for paper in papers], clock())
    liked = [make_paper(ADDED + more, title=KEYWORD, abstract=f"{KEYWORD}.") for more in range(3)]
    await store.feedback.give(destination, liked, Verdict.MORE, clock())
    states = ((PAPER, "sent"), (HELD, "held"), (FAILED, "failed"))
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        for number, state in states:
            connection.execute(
                "UPDATE outbox SET state = ?, message_id = ? WHERE paper_id = ?",
                (state, MESSAGE if state == "sent" else 0, f"2607.{number:05d}"),
            )
    if channel.guild_id is not None:
        saved = make_paper(SAVED, title=SAVED_TITLE, abstract="A bishop on the long diagonal.")
        await store.library.save(1, [saved], clock(), most=10, channel_id=channel.id)
    return Subject(
        channel.guild_id or 0,
        channel.id,
        can_be_named,
        destination,
        ids[0],
        ids[1],
        KEYWORD,
        REMOVED,
        channel.name or NAME,
    )


async def _subscribe(store: Store, place: Place, keyword: str, clock: Clock) -> Subscription:
    made = await store.subscriptions.subscribe(
        place=place,
        keyword=keyword,
        query=parse(keyword).canonical,
        options=Options(deliver=Deliver.BOTH),
        created_by=place.user_id or 1,
        now=clock(),
        look=look_at([make_paper(1)]),
    )
    return made.subscription
