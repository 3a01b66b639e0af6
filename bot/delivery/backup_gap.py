"""Across the gap that a restored backup leaves: what was posted in it stands in the channels alone.

Before something is sent that may have been posted then, the channel is read once, from the backup's moment to
the restore's, and what we posted is remembered for as long as the process runs. A paper counts as posted in
whatever version; in a digest or list, paper by paper, since the old pages were cut differently.
"""

from __future__ import annotations

import gzip
import logging
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta

import discord

from bot.delivery.channels import Channel
from bot.delivery.messages import Outgoing, of_digest
from bot.delivery.post_history import is_our_post, messages_between
from bot.delivery.rights import may_look_back
from bot.model.outbox import DigestPage, Gap, Kind, OutboxRow
from bot.model.papers import Paper, PaperId
from bot.model.subscriptions import Destination
from bot.rules.digest import papers_on
from bot.store import Store

_log = logging.getLogger(__name__)

_BEFORE = timedelta(minutes=5)  # what was on its way when the backup was taken, and clocks that differ
_AFTER = timedelta(minutes=2)
_ADDRESS = re.compile(r"https://arxiv\.org/abs/([a-zA-Z.-]+/\d{7}|\d{4}\.\d{4,5})(?:v(\d+))?")


@dataclass(slots=True)
class _Posted:
    """What we posted in one channel in one gap, each with its message; `read_to` is how far that is known."""

    read_to: datetime | discord.abc.Snowflake
    complete: bool = False
    versions: dict[PaperId, dict[int, int]] = field(default_factory=dict)
    listed: dict[PaperId, int] = field(default_factory=dict)
    titles: dict[str, int] = field(default_factory=dict)
    looked_at: set[int] = field(default_factory=set)  # a forum's posts
    warned: bool = False

    def warn(self, destination: Destination) -> None:
        """Say, once, that the channel cannot be read."""
        if not self.warned:
            _log.warning(
                "channel %d: no permission to read the history; what was posted between the backup and the "
                "restore may be posted again",
                destination.channel_id,
            )
        self.warned = True

    async def note(self, message: discord.Message) -> None:
        texts = [message.content, *(embed.description or "" for embed in message.embeds)]
        lines = [*message.content.splitlines(), *(embed.url or "" for embed in message.embeds)]
        posted = [found for found in map(_ADDRESS.fullmatch, lines) if found]
        for found in posted:
            self.versions.setdefault(PaperId(found[1]), {})[int(found[2] or 1)] = message.id
        if not posted:
            # A digest shows its first page; the file that comes with it holds them all.
            for text in [*texts, *[await _read(file) for file in message.attachments]]:
                for found in _ADDRESS.finditer(text):
                    self.listed.setdefault(PaperId(found[1]), message.id)
            titles = [embed.title for embed in message.embeds if embed.title] or texts[0].splitlines()[:1]
            self.titles |= dict.fromkeys(titles, message.id)

    def message_of(self, paper: PaperId, *, version: int) -> int | None:
        """Return the message in which the paper was posted, in *version* or a later one."""
        found = self.versions.get(paper, {})
        return next((message for posted, message in found.items() if posted >= version), None)


class Bridge:
    """Knows what *bot* posted in the gaps of *store*; asks Discord only where there are any."""

    def __init__(self, bot: discord.Client, store: Store) -> None:
        self._bot = bot
        self._store = store
        self._gaps: list[Gap] | None = None
        self._posted: dict[tuple[int, int, Gap], _Posted] = {}

    async def cross(
        self, channel: Channel, row: OutboxRow, outgoing: Outgoing, papers: Mapping[PaperId, Paper]
    ) -> Outgoing | discord.abc.Snowflake:
        """Return what is still to be sent of *row*, or the message in which all of it was.

        *papers* are those of the row. Where we may not read the channel, it is taken to hold nothing.

        Raises:
            discord.HTTPException: the channel is gone, or Discord is away.
        """
        if self._gaps is None:
            self._gaps = await self._store.gaps()
        for gap in self._gaps:
            if _beginning(row, papers) > gap.until:
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
                    # Its buttons turn what is stored, and a second try is recognised by its title.
                    await self._store.digests.replace_page(row)
                    outgoing = of_digest(row, papers)
        return outgoing

    async def _posts_among(self, row: OutboxRow, page: DigestPage, posted: _Posted) -> dict[PaperId, int]:
        """Return which papers of *page* were posted by themselves, and stand there only since they are many.

        In a digest that holds a paper for its own sake, it may have been posted as well.
        """
        posts = {paper: next(iter(found.values())) for paper, found in posted.versions.items()}
        among = [paper for paper in papers_on(page) if paper in posts]
        if row.kind is Kind.DIGEST:
            overflowed = await self._store.overflow.overflowed(row.destination.id, among)
            among = [paper for paper in among if paper in overflowed]
        return {paper: posts[paper] for paper in among}

    async def _read(self, channel: Channel, row: OutboxRow, gap: Gap) -> _Posted:
        thread = channel.id if isinstance(channel, discord.Thread) else 0  # perhaps a post of the forum
        key = (row.destination.id, thread, gap)
        posted = self._posted.setdefault(key, _Posted(read_to=gap.since - _BEFORE))
        if posted.complete:
            return posted
        # Discord then shows the channel as an empty one, and refuses to list a forum's archive.
        if not may_look_back(self._bot, row.destination):
            posted.warn(row.destination)
            return posted
        until = gap.until + _AFTER
        try:
            # What is known stays known when this is cut off, and the next try goes on from there.
            async for message in messages_between(
                self._bot, channel, posted.read_to, until, skip=posted.looked_at
            ):
                if is_our_post(self._bot, message):
                    await posted.note(message)
                if isinstance(channel, discord.ForumChannel):
                    posted.looked_at.add(message.id)
                else:
                    posted.read_to = message
        except discord.Forbidden:
            posted.warn(row.destination)
        posted.complete = True
        return posted


def _beginning(row: OutboxRow, papers: Mapping[PaperId, Paper]) -> datetime:
    """Return since when what *row* sends may have been posted: no paper is before it is submitted."""
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


async def _read(file: discord.Attachment) -> str:
    """Return the text of a digest's file, "" where it is another one or gone."""
    if not file.filename.endswith((".md", ".md.gz")):
        return ""
    try:
        content = await file.read()
        if file.filename.endswith(".gz"):
            content = gzip.decompress(content)
    except (discord.NotFound, discord.Forbidden, gzip.BadGzipFile, EOFError, zlib.error) as error:
        _log.warning(
            "the file %s cannot be read; what it holds may be posted again: %s", file.filename, error
        )
        return ""
    return content.decode(errors="replace")


def _found(row: OutboxRow, message: int) -> discord.abc.Snowflake:
    _log.info(
        "channel %d: %s %s was posted before the restore", row.destination.channel_id, row.kind, row.subject
    )
    return discord.Object(message)
