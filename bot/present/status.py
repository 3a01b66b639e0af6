"""The answer to `/status`: whether papers arrive, and if not, why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import discord

from bot.i18n import format_number, gettext_noop, join_sentences, ngettext
from bot.i18n import gettext as _
from bot.model.outbox import EditSubject, PaperSubject, Subject
from bot.model.polling import CheckedDay, PollState, Road, RoadStatus
from bot.model.reasons import Reason
from bot.model.subscriptions import Place, State
from bot.present import limits, places
from bot.present.colours import AMBER, GREEN, RED
from bot.present.markdown import escape
from bot.present.reasons import reason_in_words

_STATES = {
    PollState.FRESH: (GREEN, gettext_noop("Up to date: arXiv's latest announcement has been read.")),
    PollState.WAITING: (GREEN, gettext_noop("Waiting for arXiv's next announcement.")),
    PollState.QUIET: (GREEN, gettext_noop("Quiet: arXiv announces no papers today.")),
    PollState.INCOMPLETE: (
        AMBER,
        gettext_noop("Incomplete: not everything that arXiv announced is known to have been read yet."),
    ),
    PollState.STALLED: (
        AMBER,
        gettext_noop("Stalled: the latest announcement has not been read in full yet."),
    ),
    PollState.FAILED: (RED, gettext_noop("The last poll failed. The next one will try again.")),
}
_ROADS = {
    Road.API: gettext_noop("query API"),
    Road.OAI: "OAI-PMH",
    Road.FEEDS: gettext_noop("feeds"),
}
_STARTING = (AMBER, gettext_noop("Starting up: arXiv has not been polled yet."))
_LISTED = 8
_MORE = 30  # room for the line that counts the others
_REASON, _OPERATOR, _ERROR = 200, 200, 600


@dataclass(frozen=True, slots=True)
class StoppedChannel:
    """A channel that receives nothing at the moment, or never again, and why."""

    place: Place
    reason: Reason | None


@dataclass(frozen=True, slots=True)
class FailedPost:
    """Something that Discord refused even in its plain form."""

    subject: Subject
    place: Place
    error: Reason | None


@dataclass(frozen=True, slots=True)
class HeldChannel:
    """A channel where *papers* have been held back since a poll brought far more than usual."""

    place: Place
    papers: int
    since: datetime


@dataclass(frozen=True, slots=True)
class OverflowChannel:
    """A channel with *papers* that are not posted one by one: they wait for its *digest*, else for a list."""

    place: Place
    papers: int
    digest: bool


@dataclass(frozen=True, slots=True)
class LastRound:
    """The counts of the last round of polling."""

    requests: int
    papers: int
    matches: int
    unclaimed: int


@dataclass(frozen=True, slots=True)
class OperatorReport:
    """What only operators see. *failing* holds the jobs that do not work, each with its error."""

    servers: int
    shards: int
    channels: Mapping[State, int]
    queued: int
    papers: int
    arxiv_responded_at: datetime | None = None
    arxiv_error: str = ""
    failing: Mapping[str, str] = field(default_factory=dict)
    last_round: LastRound | None = None


@dataclass(frozen=True, slots=True)
class StatusReport:
    """Everything that `/status` can say.

    `state` is None before the first poll, and `state_since` is when it began. The counts of requests and
    queries are those of the whole process; subscriptions, waiting and failed posts are those of the channels
    that the person can see. `unread` are the channels whose history the bot may not read, and `roads` those
    to arXiv. `checked` is how what was read compares with what arXiv announced, as far as that was looked at.
    `now` is when the report is made.
    """

    version: str
    uptime: timedelta
    state: PollState | None = None
    state_since: datetime | None = None
    last_poll: datetime | None = None
    next_poll: datetime | None = None
    error: str = ""
    requests: int = 0
    queries: int = 0
    subscriptions: int = 0
    channels: int = 0
    waiting: int = 0
    paused: Sequence[StoppedChannel] = ()
    ended: Sequence[StoppedChannel] = ()
    unread: Sequence[Place] = ()
    failed: Sequence[FailedPost] = ()
    held: Sequence[HeldChannel] = ()
    overflow: Sequence[OverflowChannel] = ()
    next_digest: datetime | None = None
    operator: OperatorReport | None = None
    roads: Sequence[RoadStatus] = ()
    checked: CheckedDay | None = None
    now: datetime | None = None


def status_embed(report: StatusReport) -> discord.Embed:
    """Return the report as one embed. Its colour is green where all is well."""
    colour, sentence = _STATES[report.state] if report.state else _STARTING
    if (report.paused or report.failed or report.held) and colour == GREEN:
        colour = AMBER
    since = ""
    if report.state_since:  # not relative: “since 3 hours ago” is not English
        since = _("This has been the case since {when}.").format(
            when=discord.utils.format_dt(report.state_since, "f")
        )
    told = join_sentences(_(sentence), _compared(report), since)
    embed = discord.Embed(title=_("Status"), description=told, colour=colour)
    embed.add_field(name=_("Last poll"), value=_when(report.last_poll) or _("none yet"))
    next_poll = _upcoming(report.next_poll, report.now) if report.next_poll else _("not scheduled")
    embed.add_field(name=_("Next poll"), value=next_poll)
    if report.next_digest:
        embed.add_field(name=_("Next digest"), value=_upcoming(report.next_digest, report.now))
    embed.add_field(name=_("Subscriptions here"), value=_subscriptions(report))
    embed.add_field(name=_("Waiting to be posted"), value=format_number(report.waiting))
    embed.add_field(name=_("arXiv requests"), value=_requests(report))
    if report.error:
        embed.add_field(name=_("Last error"), value=limits.cut(escape(report.error), _ERROR), inline=False)
    if report.operator or any(road.closed_since for road in report.roads):
        for name, value in _roads(report.roads):
            embed.add_field(name=name, value=value, inline=False)
    lists_at = len(embed.fields)
    for name, value in _for_operators(report.operator) if report.operator else ():
        embed.add_field(name=name, value=limits.cut(value, _OPERATOR))
    footer = _("Version {version} · running for {time}")
    embed.set_footer(text=footer.format(version=report.version, time=duration(report.uptime)))
    _insert_lists(embed, lists_at, report)
    return limits.fit(embed)


def _insert_lists(embed: discord.Embed, at: int, report: StatusReport) -> None:
    """Insert the lists of channels and posts before field *at*, each cut to its share of the room left."""
    lists = {
        _("Paused channels"): [_stopped(channel) for channel in report.paused],
        _("Ended"): [_stopped(channel) for channel in report.ended],
        _("Held back"): [_held(channel) for channel in report.held],
        _("Not posted one by one"): [_overflow(channel) for channel in report.overflow],
        _("Refused by Discord"): [_failed(post) for post in report.failed],
        _("Missing Read Message History"): _unread(report.unread),
    }
    filled = [(name, lines) for name, lines in lists.items() if lines]
    names = sum(limits.length(name) for name, _lines_of in filled)
    room = (limits.EMBED_TOTAL - limits.size(embed) - names) // max(len(filled), 1)
    for name, lines in reversed(filled):
        embed.insert_field_at(at, name=name, value=_lines(lines, min(room, limits.FIELD_VALUE)), inline=False)


def _stopped(channel: StoppedChannel) -> str:
    return f"{places.heading(channel.place)}: {_reason(channel.reason)}"


def _shown(subject: Subject) -> Subject:
    """Return the post itself where an edit of it failed; people know no edits."""
    return PaperSubject(subject.paper, subject.version) if isinstance(subject, EditSubject) else subject


def _failed(post: FailedPost) -> str:
    paper, error = escape(str(_shown(post.subject))), _reason(post.error)
    if post.place.user_id:
        return f"{paper}: {error}"
    channel = places.mention(post.place)
    return _("{paper} in {channel}: {error}").format(paper=paper, channel=channel, error=error)


def _held(channel: HeldChannel) -> str:
    return ngettext(
        "{channel}: {count} paper held back {when}, because a poll brought far more than usual. A channel "
        "manager can decide in `/status`; otherwise a later poll will.",
        "{channel}: {count} papers held back {when}, because a poll brought far more than usual. A channel "
        "manager can decide in `/status`; otherwise a later poll will.",
        channel.papers,
    ).format(
        channel=places.heading(channel.place),
        count=format_number(channel.papers),
        when=_when(channel.since),
    )


def _overflow(channel: OverflowChannel) -> str:
    if channel.digest:
        line = ngettext(
            "{channel}: {count} paper is waiting for the next digest",
            "{channel}: {count} papers are waiting for the next digest",
            channel.papers,
        )
    else:
        line = ngettext(
            "{channel}: {count} paper is waiting for the next daily list",
            "{channel}: {count} papers are waiting for the next daily list",
            channel.papers,
        )
    return line.format(channel=places.heading(channel.place), count=format_number(channel.papers))


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
    """Return a moment as Discord shows it relative to now, “in 3 hours” or “10 minutes ago”; "" for None."""
    return discord.utils.format_dt(moment, "R") if moment else ""


def _upcoming(moment: datetime, now: datetime | None) -> str:
    """Return a moment to come, which is never relative: Discord would soon call it “1 second ago”."""
    if now is not None and moment <= now:
        return _("now")
    return discord.utils.format_dt(moment, "f")


def _subscriptions(report: StatusReport) -> str:
    return _("{count} (channels: {channels})").format(
        count=format_number(report.subscriptions), channels=format_number(report.channels)
    )


def _requests(report: StatusReport) -> str:
    return _("{count} (queries: {queries})").format(
        count=format_number(report.requests), queries=format_number(report.queries)
    )


def _unread(channels: Sequence[Place]) -> list[str]:
    if not channels:
        return []
    why = _(
        "After a crash I might post a paper twice in these channels. Grant me that permission, and I will "
        "look before I post again."
    )
    return [why, *map(places.heading, channels)]


def _compared(report: StatusReport) -> str:
    """Return how many of the announced papers have been read, where some may be missing; "" otherwise."""
    checked = report.checked
    if report.state is not PollState.INCOMPLETE or checked is None or not checked.listed:
        return ""
    return _("Read: {read} of {listed} papers.").format(
        read=format_number(checked.read), listed=format_number(checked.listed)
    )


def _roads(roads: Sequence[RoadStatus]) -> list[tuple[str, str]]:
    """Return the name and the value of the field on the roads to arXiv; none where there is no choice."""
    if len(roads) < 2:
        return []
    lines = [_road(road) for road in roads]
    return [(_("Access to arXiv"), limits.cut("\n".join(lines), limits.FIELD_VALUE))]


def _road(road: RoadStatus) -> str:
    name = _(_ROADS[road.road])
    if road.closed_since is None:
        if road.served is None:
            return _("{road}: open").format(road=name)
        return _("{road}: open, last answered {when}").format(road=name, when=_when(road.served))
    return _("{road}: closed since {when}. {error}").format(
        road=name,
        when=discord.utils.format_dt(road.closed_since, "f"),
        error=limits.cut(escape(road.error), _REASON),
    )


def _for_operators(report: OperatorReport) -> list[tuple[str, str]]:
    """Return the name and the value of each field for operators, in Discord's Markdown."""
    servers = _("{count} (shards: {shards})").format(
        count=format_number(report.servers), shards=format_number(report.shards)
    )
    channels = _("active: {active}, paused: {paused}, ended: {ended}").format(
        active=format_number(report.channels.get(State.ACTIVE, 0)),
        paused=format_number(report.channels.get(State.PAUSED, 0)),
        ended=format_number(report.channels.get(State.GONE, 0)),
    )
    errors = "; ".join(f"{escape(job)}: {escape(error)}" for job, error in report.failing.items())
    fields = [
        (_("Servers"), servers),
        (_("Channels"), channels),
        (_("Messages to send"), format_number(report.queued)),
        (_("Stored papers"), format_number(report.papers)),
        (_("Last response from arXiv"), _when(report.arxiv_responded_at) or _("none yet")),
        (_("Last arXiv error"), escape(report.arxiv_error) or _("none")),
        (_("Failing jobs"), errors or _("none")),
    ]
    if last := report.last_round:
        counts = _("requests: {requests}, papers: {papers}, matches: {matches}, unclaimed: {unclaimed}")
        value = counts.format(
            requests=format_number(last.requests),
            papers=format_number(last.papers),
            matches=format_number(last.matches),
            unclaimed=format_number(last.unclaimed),
        )
        fields.append((_("Last round"), value))
    return fields


def _reason(reason: Reason | None) -> str:
    return limits.cut(escape(reason_in_words(reason)), _REASON)


def _lines(lines: Sequence[str], room: int) -> str:
    """Return the first lines that fit in *room* characters, and how many more there are."""
    kept: list[str] = []
    for line in lines[:_LISTED]:
        if limits.length("\n".join((*kept, line))) > room - _MORE:
            break
        kept.append(line)
    if more := len(lines) - len(kept):
        kept.append(_("and {count} more").format(count=format_number(more)))
    return "\n".join(kept)
