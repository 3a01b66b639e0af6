"""Finds what the bot posted in the gap between a backup and its restore; only the channels know of it.

Before the bot sends something that it may have posted in the gap, it reads the channel once, from the time of
the backup to the time of the restore, and remembers its posts for as long as the process runs. A paper counts
as posted in whatever version. In a digest or list it counts paper by paper, since the old pages may have held
others.
"""

from __future__ import annotations

import gzip
import logging
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta

import aiohttp
import discord

from bot.delivery.channels import Channel
from bot.delivery.messages import Outgoing, digest_message
from bot.delivery.post_history import is_own_post, messages_between
from bot.delivery.posted_messages import PostedFile, PostedMessage
from bot.delivery.rights import may_look_back
from bot.model.outbox import DigestPage, Gap, Kind, OutboxRow
from bot.model.papers import Paper, PaperId
from bot.model.subscriptions import Destination
from bot.present.further_papers import papers_in
from bot.present.top import weekly_top_titles
from bot.rules.digest import papers_on
from bot.store import Store

_log = logging.getLogger(__name__)

_BEFORE = timedelta(minutes=5)  # for messages on their way during the backup, and for differing clocks
_AFTER = timedelta(minutes=2)
_UNUSABLE = (aiohttp.InvalidURL, gzip.BadGzipFile, EOFError, zlib.error)
_HEAD = re.compile(r"\*\*(.+?)\*\*")  # of the note of a quiet day
_ADDRESS = re.compile(r"https://arxiv\.org/abs/([a-zA-Z.-]+/\d{7}|\d{4}\.\d{4,5})(?:v(\d+))?")


@dataclass(slots=True)
class _Posted:
    """The bot's posts in one channel in one gap, each with its message. It is complete up to `read_to`."""

    read_to: datetime | discord.abc.Snowflake
    complete: bool = False
    versions: dict[PaperId, dict[int, int]] = field(default_factory=dict)
    listed: dict[PaperId, int] = field(default_factory=dict)
    titles: dict[str, int] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)  # posts of a forum
    warned: bool = False

    def warn(self, destination: Destination) -> None:
        """Log, once, that the channel cannot be read."""
        if not self.warned:
            _log.warning(
                "channel %d: no permission to read the history; messages posted between the backup and the "
                "restore may be posted again",
                destination.channel_id,
            )
        self.warned = True

    async def add(self, bot: discord.Client, message: PostedMessage) -> None:
        """Add the papers that *message*, one of the bot's posts, shows."""
        own = [embed for embed in message.embeds if embed.title not in weekly_top_titles()]
        texts = [message.content, *(embed.description for embed in own)]
        lines = [*message.content.splitlines(), *(embed.url for embed in message.embeds)]
        posted = [found for found in map(_ADDRESS.fullmatch, lines) if found]
        for found in posted:
            self.versions.setdefault(PaperId(found[1]), {})[int(found[2] or 1)] = message.id
        if not posted:
            # A digest shows its first page; its address, and its file, hold the others. What was saved most
            # is no part of it.
            for paper in (paper for embed in own for paper in papers_in(embed.url)):
                self.listed.setdefault(paper, message.id)
            for text in [*texts, *[await _read(bot, file) for file in message.files]]:
                for found in _ADDRESS.finditer(text):
                    self.listed.setdefault(PaperId(found[1]), message.id)
            heads = [found[1] for found in map(_HEAD.match, texts) if found]
            titles = [embed.title for embed in own if embed.title]
            self.titles |= dict.fromkeys((*heads, *titles), message.id)

    def message_of(self, paper: PaperId, *, version: int) -> int | None:
        """Return the message in which the paper was posted, in *version* or a later one."""
        found = self.versions.get(paper, {})
        return next((message for posted, message in found.items() if posted >= version), None)


class BackupGaps:
    """Knows what *bot* posted in the backup gaps of *store*; asks Discord only if there are any."""

    def __init__(self, bot: discord.Client, store: Store) -> None:
        self._bot = bot
        self._store = store
        self._gaps: list[Gap] | None = None
        self._posted: dict[tuple[int, int, Gap], _Posted] = {}

    async def unposted(
        self, channel: Channel, row: OutboxRow, outgoing: Outgoing, papers: Mapping[PaperId, Paper]
    ) -> Outgoing | discord.abc.Snowflake:
        """Return the part of *row* that was not posted in a gap, or the message that holds all of it.

        *papers* are those of the row. A channel that the bot may not read counts as empty.

        Raises:
            discord.HTTPException: the channel was deleted, or Discord cannot be reached.
        """
        if self._gaps is None:
            self._gaps = await self._store.gaps()
        for gap in self._gaps:
            if _earliest(row, papers) > gap.until:
                continue
            posted = await self._read(channel, row, gap)
            if row.page is None:
                lowest = outgoing.version if row.kind is Kind.REVISION else 1
                found = posted.message_of(outgoing.paper, version=lowest) if outgoing.paper else None
                if found is not None:
                    return _found(row, found)
            elif not row.page.sections:
                noted = [posted.titles[name] for name in outgoing.names if name in posted.titles]
                if noted:
                    return _found(row, noted[0])
            else:
                known = posted.listed | await self._posts_among(row, row.page, posted)
                page = _without(row.page, known)
                if not page.sections:
                    return _found(row, min(known[paper] for paper in papers_on(row.page)))
                if page != row.page:
                    row = replace(row, page=page)
                    # The buttons turn the stored pages, and the title identifies a second attempt.
                    await self._store.digests.replace_page(row)
                    outgoing = digest_message(row, papers)
        return outgoing

    async def _posts_among(self, row: OutboxRow, page: DigestPage, posted: _Posted) -> dict[PaperId, int]:
        """Return the papers of *page* that had posts of their own, each with its post.

        A digest may hold a paper that was posted as well. There, only the overflow of live posts counts.
        """
        posts = {paper: next(iter(found.values())) for paper, found in posted.versions.items()}
        among = [paper for paper in papers_on(page) if paper in posts]
        if row.kind is Kind.DIGEST:
            overflowed = await self._store.overflow.overflowed(row.destination.id, among)
            among = [paper for paper in among if paper in overflowed]
        return {paper: posts[paper] for paper in among}

    async def _read(self, channel: Channel, row: OutboxRow, gap: Gap) -> _Posted:
        thread = channel.id if isinstance(channel, discord.Thread) else 0  # it may be a post of a forum
        key = (row.destination.id, thread, gap)
        posted = self._posted.setdefault(key, _Posted(read_to=gap.since - _BEFORE))
        if posted.complete:
            return posted
        # Without the permission Discord shows an empty channel, and refuses to list a forum's archive.
        if not may_look_back(self._bot, row.destination):
            posted.warn(row.destination)
            return posted
        until = gap.until + _AFTER
        try:
            # If this is cut off, the next attempt continues where it ended.
            async for message in messages_between(
                self._bot, channel, posted.read_to, until, skip=posted.seen
            ):
                if is_own_post(self._bot, message):
                    await posted.add(self._bot, message)
                if isinstance(channel, discord.ForumChannel):
                    posted.seen.add(message.id)
                else:
                    posted.read_to = discord.Object(message.id)
        except discord.Forbidden:
            posted.warn(row.destination)
        posted.complete = True
        return posted


def _earliest(row: OutboxRow, papers: Mapping[PaperId, Paper]) -> datetime:
    """Return the earliest time at which *row* can have been posted: papers are submitted before that."""
    if row.page is not None and not row.page.sections:
        return datetime.combine(row.page.day, time(), UTC) - timedelta(days=1)  # in whatever zone
    moments = (one.updated if row.kind is Kind.REVISION else one.published for one in papers.values())
    return min(moments, default=datetime.min.replace(tzinfo=UTC))


def _without(page: DigestPage, known: Mapping[PaperId, int]) -> DigestPage:
    sections = [
        replace(section, papers=tuple(paper for paper in section.papers if paper not in known))
        for section in page.sections
    ]
    left = tuple(section for section in sections if section.papers)
    gone = len(papers_on(page)) - sum(len(section.papers) for section in left)
    return replace(page, sections=left, total=max(page.total - gone, 0))


async def _read(bot: discord.Client, file: PostedFile) -> str:
    """Return the text of a digest's file; "" if *file* is something else or was deleted."""
    if not file.filename.endswith((".md", ".md.gz")):
        return ""
    try:
        content = await bot.http.get_from_cdn(file.url)
        if file.filename.endswith(".gz"):
            content = gzip.decompress(content)
    except (discord.NotFound, discord.Forbidden, *_UNUSABLE) as error:
        _log.warning("could not read the file %s; its papers may be posted again: %s", file.filename, error)
        return ""
    return content.decode(errors="replace")


def _found(row: OutboxRow, message: int) -> discord.abc.Snowflake:
    _log.info(
        "channel %d: %s %s was posted before the restore",
        row.destination.channel_id,
        row.kind,
        row.subject,
    )
    return discord.Object(message)
