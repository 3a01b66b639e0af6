"""What `/status` shows: whether papers arrive, and if not, why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import discord

from bot.i18n import format_number, gettext_noop, join_sentences, ngettext
from bot.i18n import gettext as _
from bot.model.outbox import EditSubject, PaperSubject, Subject
from bot.model.reasons import Reason
from bot.present import limits
from bot.present.markdown import escape
from bot.present.reasons import reason_in_words

_GREEN, _AMBER, _RED = 0x2E9E5B, 0xD99A1C, 0xC23B3B
_STATES = {
    "fresh": (_GREEN, gettext_noop("Up to date: arXiv's latest announcement has been read.")),
    "waiting": (_GREEN, gettext_noop("Waiting for arXiv's next announcement.")),
    "quiet": (_GREEN, gettext_noop("Quiet: arXiv announces nothing today.")),
    "stalled": (_AMBER, gettext_noop("Stalled: the latest announcement has not been read completely yet.")),
    "failed": (_RED, gettext_noop("The last poll failed; it is tried again.")),
}
_LISTED = 8
_REASON = 200


@dataclass(frozen=True, slots=True)
class PausedPlace:
    """A channel that receives nothing at the moment, and why."""

    channel_id: int
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class FailedPost:
    """Something that Discord refused even in its plain form."""

    subject: Subject
    channel_id: int
    error: Reason | None


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
    bot may not read. `conversation` is the channel of direct messages that the report is shown in, if any.
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
    conversation: int | None = None

    def name_of(self, channel_id: int) -> str:
        """Return what stands for a channel: a mention, but Discord shows none of direct messages."""
        return _("This conversation") if channel_id == self.conversation else f"<#{channel_id}>"


def status_embed(report: StatusReport) -> discord.Embed:
    """Return the report as one embed: its colour says whether something needs somebody's attention."""
    colour, sentence = _STATES.get(
        report.state, (_AMBER, gettext_noop("Starting: arXiv has not been asked yet."))
    )
    if (report.paused or report.failed or report.held) and colour == _GREEN:
        colour = _AMBER
    since = ""
    if report.state_since:  # in full: “since 3 hours ago” is no English
        since = _("Since {when}.").format(when=discord.utils.format_dt(report.state_since, "f"))
    described = join_sentences(_(sentence), since)
    embed = discord.Embed(title=_("Status"), description=described, colour=colour)
    embed.add_field(name=_("Last poll"), value=_when(report.last_poll) or _("none yet"))
    embed.add_field(name=_("Next poll"), value=_when(report.next_poll) or _("not planned"))
    if report.next_digest:
        embed.add_field(name=_("Next digest"), value=_when(report.next_digest))
    embed.add_field(name=_("Subscriptions here"), value=_subscriptions(report))
    embed.add_field(name=_("Waiting to be posted"), value=format_number(report.waiting))
    embed.add_field(name=_("Asked of arXiv"), value=_asked(report))
    if report.error:
        embed.add_field(name=_("Last error"), value=limits.cut(escape(report.error), 600), inline=False)
    paused = [f"{report.name_of(place.channel_id)}: {_reason(place.reason)}" for place in report.paused]
    failed = [_failed(post, report) for post in report.failed]
    ended = [f"{report.name_of(place.channel_id)}: {_reason(place.reason)}" for place in report.ended]
    fields = (
        (_("Paused channels"), paused),
        (_("Ended"), ended),
        (_("Held back"), [_held(place, report.name_of(place.channel_id)) for place in report.held]),
        (
            _("Too many to post one by one"),
            [_overflow(place, report.name_of(place.channel_id)) for place in report.overflow],
        ),
        (_("Refused by Discord"), failed),
        (_("Without Read Message History"), _unread(report.unread)),
    )
    at = len(embed.fields)
    for name, value in report.operator[:10]:
        shown = limits.cut(escape(value), 200) or "–"
        embed.add_field(name=limits.cut(escape(name), 60) or "–", value=shown)
    about = _("Version {version} · up for {time}")
    embed.set_footer(text=about.format(version=report.version, time=duration(report.uptime)))
    listed = [(name, lines) for name, lines in fields if lines]
    names = sum(limits.length(name) for name, _lines_of in listed)
    room = (limits.EMBED_TOTAL - limits.size(embed) - names) // max(len(listed), 1)
    for name, lines in reversed(listed):
        embed.insert_field_at(at, name=name, value=_lines(lines, min(room, limits.FIELD_VALUE)), inline=False)
    return limits.fit(embed)


def _shown(subject: Subject) -> Subject:
    """Return the post itself where an edit of it failed; people know no edits."""
    return PaperSubject(subject.paper, subject.version) if isinstance(subject, EditSubject) else subject


def _failed(post: FailedPost, report: StatusReport) -> str:
    paper, error = escape(str(_shown(post.subject))), _reason(post.error)
    if post.channel_id == report.conversation:
        return f"{paper}: {error}"
    channel = report.name_of(post.channel_id)
    return _("{paper} in {channel}: {error}").format(paper=paper, channel=channel, error=error)


def _held(place: HeldPlace, name: str) -> str:
    said = ngettext(
        "{channel}: {count} paper held back since {when}, because a poll brought far more than usual. Who "
        "manages the channel decides, or a later poll.",
        "{channel}: {count} papers held back since {when}, because a poll brought far more than usual. Who "
        "manages the channel decides, or a later poll.",
        place.papers,
    )
    return said.format(channel=name, count=format_number(place.papers), when=_when(place.since))


def _overflow(place: OverflowPlace, name: str) -> str:
    if place.digest:
        said = ngettext(
            "{channel}: {count} paper waits for the next digest",
            "{channel}: {count} papers wait for the next digest",
            place.papers,
        )
    else:
        said = ngettext(
            "{channel}: {count} paper waits for the next list, one a day",
            "{channel}: {count} papers wait for the next list, one a day",
            place.papers,
        )
    return said.format(channel=name, count=format_number(place.papers))


def duration(value: timedelta) -> str:
    """Return a length of time in its two largest units, `3 days 4 h`."""
    minutes = max(int(value.total_seconds()), 0) // 60
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return ngettext("{days} day {hours} h", "{days} days {hours} h", days).format(
            days=format_number(days), hours=hours
        )
    if hours:
        return _("{hours} h {minutes} min").format(hours=hours, minutes=minutes)
    return _("{minutes} min").format(minutes=minutes)


def _when(moment: datetime | None) -> str:
    """A moment in the reader's own zone, as Discord shows it: “in 3 hours”, “10 minutes ago”."""
    return discord.utils.format_dt(moment, "R") if moment else ""


def _subscriptions(report: StatusReport) -> str:
    subscriptions = ngettext("{count} subscription", "{count} subscriptions", report.subscriptions)
    channels = ngettext("{count} channel", "{count} channels", report.channels)
    return _("{subscriptions} in {channels}").format(
        subscriptions=subscriptions.format(count=format_number(report.subscriptions)),
        channels=channels.format(count=format_number(report.channels)),
    )


def _asked(report: StatusReport) -> str:
    requests = ngettext("{count} request", "{count} requests", report.requests)
    queries = ngettext("{count} query", "{count} queries", report.queries)
    return _("{requests} for {queries}").format(
        requests=requests.format(count=format_number(report.requests)),
        queries=queries.format(count=format_number(report.queries)),
    )


def _unread(channel_ids: Sequence[int]) -> list[str]:
    if not channel_ids:
        return []
    why = _("There a crash could post a paper twice: give me that permission, and I look before I repeat.")
    return [why, *(f"<#{channel_id}>" for channel_id in channel_ids)]


def _reason(reason: Reason | None) -> str:
    return limits.cut(escape(reason_in_words(reason)), _REASON)


def _lines(lines: Sequence[str], room: int) -> str:
    """The first lines that fit in *room*, and how many more there are."""
    kept: list[str] = []
    for line in lines[:_LISTED]:
        if limits.length("\n".join((*kept, line))) > room - 30:
            break
        kept.append(line)
    more = len(lines) - len(kept)
    return "\n".join(kept) + ("\n" + _("and {count} more").format(count=format_number(more)) if more else "")
