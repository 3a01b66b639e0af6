"""What `/status` shows: whether papers arrive, and if not, why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import discord

from bot.present import limits
from bot.present.markdown import escape

_GREEN, _AMBER, _RED = 0x2E9E5B, 0xD99A1C, 0xC23B3B
_STATES = {
    "fresh": (_GREEN, "Up to date: arXiv's latest announcement has been read."),
    "waiting": (_GREEN, "Waiting for arXiv's next announcement."),
    "quiet": (_GREEN, "Quiet: arXiv announces nothing today."),
    "stalled": (_AMBER, "Stalled: the latest announcement has not been read completely yet."),
    "failed": (_RED, "The last poll failed; it is tried again."),
}
_LISTED = 8
_REASON = 200


@dataclass(frozen=True, slots=True)
class PausedPlace:
    """A channel that receives nothing at the moment; `reason` is written for its manager."""

    channel_id: int
    reason: str


@dataclass(frozen=True, slots=True)
class FailedPost:
    """Something that Discord refused even in its plain form; `subject` is a paper or a digest's page."""

    subject: str
    channel_id: int
    error: str


@dataclass(frozen=True, slots=True)
class HeldPlace:
    """A channel from which *papers* are held back since a poll brought far more than usual."""

    channel_id: int
    papers: int
    since: datetime


@dataclass(frozen=True, slots=True)
class OverflowPlace:
    """A channel in which *papers* were too many to be posted one by one; `digest`: one will take them."""

    channel_id: int
    papers: int
    digest: bool


@dataclass(frozen=True, slots=True)
class StatusReport:
    """Everything `/status` can say. What an operator alone may see is None or empty for everybody else.

    `state` is one of fresh, waiting, quiet, stalled, failed, or empty before the first poll; `state_since` is
    when it began; the counts of requests and queries are the whole process's, those of subscriptions, waiting
    and failed posts this server's. `ended` are channels that were deleted, `unread` those whose history the
    bot may not read.
    """

    version: str
    uptime: timedelta
    state: str = ""
    state_since: datetime | None = None
    last_poll: datetime | None = None
    next_poll: datetime | None = None
    error: str = ""
    requests: int = 0
    queries: int = 0
    subscriptions: int = 0
    channels: int = 0
    waiting: int = 0
    paused: Sequence[PausedPlace] = ()
    ended: Sequence[PausedPlace] = ()
    unread: Sequence[int] = ()
    failed: Sequence[FailedPost] = ()
    held: Sequence[HeldPlace] = ()
    overflow: Sequence[OverflowPlace] = ()
    next_digest: datetime | None = None
    operator: Sequence[tuple[str, str]] = ()


def status_embed(report: StatusReport) -> discord.Embed:
    """Return the report as one embed: its colour says whether something needs somebody's attention."""
    colour, sentence = _STATES.get(report.state, (_AMBER, "Starting: arXiv has not been asked yet."))
    if (report.paused or report.failed or report.held) and colour == _GREEN:
        colour = _AMBER
    since = f" ({_when(report.state_since)})" if report.state_since else ""
    embed = discord.Embed(title="Status", description=sentence + since, colour=colour)
    embed.add_field(name="Last poll", value=_when(report.last_poll) or "none yet")
    embed.add_field(name="Next poll", value=_when(report.next_poll) or "not planned")
    if report.next_digest:
        embed.add_field(name="Next digest", value=_when(report.next_digest))
    embed.add_field(name="Subscriptions here", value=_subscriptions(report))
    embed.add_field(name="Waiting to be posted", value=f"{report.waiting:,}")
    embed.add_field(name="Asked of arXiv", value=_count(report.requests, "request", report.queries, "query"))
    if report.error:
        embed.add_field(name="Last error", value=limits.cut(escape(report.error), 600), inline=False)
    paused = [f"<#{place.channel_id}>: {_reason(place.reason)}" for place in report.paused]
    failed = [
        f"{escape(post.subject[:40])} in <#{post.channel_id}>: {_reason(post.error)}"
        for post in report.failed
    ]
    ended = [f"<#{place.channel_id}>: {_reason(place.reason)}" for place in report.ended]
    fields = (
        ("Paused channels", paused),
        ("Ended", ended),
        ("Held back", [_held(place) for place in report.held]),
        ("Too many to post one by one", [_overflow(place) for place in report.overflow]),
        ("Refused by Discord", failed),
        ("Without Read Message History", _unread(report.unread)),
    )
    for name, lines in fields:
        if lines:
            embed.add_field(name=name, value=_lines(lines), inline=False)
    for name, value in report.operator[:10]:
        shown = limits.cut(escape(value), 200) or "–"
        embed.add_field(name=limits.cut(escape(name), 60) or "–", value=shown)
    embed.set_footer(text=f"Version {report.version} · up for {duration(report.uptime)}")
    return limits.fit(embed)


def _held(place: HeldPlace) -> str:
    papers = f"{_several(place.papers, 'paper')} held back since {_when(place.since)}"
    why = "because a poll brought far more than usual"
    return f"<#{place.channel_id}>: {papers}, {why}. Who manages the channel decides, or a later poll."


def _overflow(place: OverflowPlace) -> str:
    where = "the next digest" if place.digest else "the next list, one a day"
    verb = "waits" if place.papers == 1 else "wait"
    return f"<#{place.channel_id}>: {_several(place.papers, 'paper')} {verb} for {where}"


def duration(value: timedelta) -> str:
    """Return a length of time in its two largest units, `3 days 4 h`."""
    minutes = max(int(value.total_seconds()), 0) // 60
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days:,} day{'s' if days > 1 else ''} {hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def _when(moment: datetime | None) -> str:
    """A moment in the reader's own zone, as Discord shows it: “in 3 hours”, “10 minutes ago”."""
    return discord.utils.format_dt(moment, "R") if moment else ""


def _subscriptions(report: StatusReport) -> str:
    return _count(report.subscriptions, "subscription", report.channels, "channel", " in ")


def _count(first: int, one: str, second: int, other: str, between: str = " for ") -> str:
    return f"{_several(first, one)}{between}{_several(second, other)}"


def _several(count: int, noun: str) -> str:
    if count == 1:
        return f"1 {noun}"
    return f"{count:,} {noun[:-1]}ies" if noun.endswith("y") else f"{count:,} {noun}s"


def _unread(channel_ids: Sequence[int]) -> list[str]:
    if not channel_ids:
        return []
    why = "There a crash could post a paper twice: give me that permission, and I look before I repeat."
    return [why, *(f"<#{channel_id}>" for channel_id in channel_ids)]


def _reason(text: str) -> str:
    return limits.cut(escape(text), _REASON)


def _lines(lines: Sequence[str]) -> str:
    """The first lines that fit a field, and how many more there are."""
    kept: list[str] = []
    for line in lines[:_LISTED]:
        if limits.length("\n".join((*kept, line))) > limits.FIELD_VALUE - 30:
            break
        kept.append(line)
    more = len(lines) - len(kept)
    return "\n".join(kept) + (f"\nand {more:,} more" if more else "")
