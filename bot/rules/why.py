"""Why a paper was posted in a channel, or why not (pure).

`explain` turns a channel's `ChannelHistory` of a paper into two things: what happened to the paper there
(`Event`: posted, waiting, held back, refused …), and how each keyword of the channel relates to the paper
(`KeywordStatus`). It applies the rules of `bot.rules.newness` and has none of its own.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from bot.model.history import Arrival, ChannelHistory, KeywordHistory, MessageRecord
from bot.model.outbox import Kind, PageSubject, Sending
from bot.model.papers import Paper
from bot.model.reasons import Reason
from bot.model.subscriptions import Destination, State, Subscription
from bot.query.explain import Clause, FieldMatch, clauses, field_matches
from bot.query.query import parse
from bot.query.text import AnalyzedPaper
from bot.rules.baseline import margin_is_open
from bot.rules.digest import next_due
from bot.rules.newness import Candidate, Interest, is_new, margin_floor, wants


class EventCode(enum.StrEnum):
    """What happened to a paper in a channel."""

    POSTED = "posted"
    DELETED = "deleted"  # posted, but somebody deleted the message
    QUEUED = "queued"
    RETRIED = "retried"  # queued, after at least one attempt
    HELD = "held"
    FAILED = "failed"
    EDITED = "edited"  # the post shows details that came without a new version
    EDIT_WAITS = "edit waits"
    EDIT_FAILED = "edit failed"  # refused, or the message no longer exists
    AWAITS_DIGEST = "awaits digest"
    AWAITS_LIST = "awaits list"
    COLLECTED = "collected"  # for a digest, but none is scheduled
    LISTED = "listed"  # in a digest or list whose message is no longer stored
    SETTLED = "settled"  # arrived, but no message is stored
    REVISION_UNWANTED = "revision unwanted"
    STOPPED = "stopped"  # the channel itself is paused
    ENDED = "ended"  # the channel is gone


class MatchStatus(enum.StrEnum):
    """How a keyword relates to a paper."""

    MATCHES = "matches"  # and the channel got the paper
    LATER = "later"  # it matches, but was subscribed after the channel got the paper
    NO_MATCH = "no match"
    OTHER_CATEGORIES = "other categories"
    CROSS_LIST = "cross list"
    PAUSED = "paused"
    NO_BASELINE = "no baseline"
    BEFORE = "before"  # announced before the subscription was added
    MEANWHILE = "meanwhile"  # announced later, but before the subscription started or while it was paused
    AWAITED = "awaited"  # new: the next poll that finds it queues it
    OUT_OF_REACH = "out of reach"  # new, but submitted before the days that polls cover


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened or will: to the post of a *version*, or to the digest or list of *day*.

    *at* is when it happened or is due. *overflow* means that the paper was not posted by itself: it was not
    one of the *beyond_best* best of its day or, if that is 0, there were too many papers. *error* is why it
    failed. *message_id* is the message, and *reply_to* the one that a revision replies to;
    0 stands for none.
    """

    code: EventCode
    kind: Kind = Kind.PAPER
    version: int = 0
    day: date | None = None
    at: datetime | None = None
    message_id: int = 0
    attempts: int = 0
    overflow: bool = False
    beyond_best: int = 0
    error: Reason | None = None
    reply_to: int = 0


@dataclass(frozen=True, slots=True)
class KeywordStatus:
    """How a keyword relates to the paper.

    `description` is the query in the current language. `matches` are the words that matched; for `NO_MATCH`,
    `clauses` are the conditions of the query. `version` is the version that matched if the current one does
    not, else 0. `polled` and `error` are those of the query's last poll.
    """

    subscription: Subscription
    status: MatchStatus
    description: str
    matches: tuple[FieldMatch, ...] = ()
    clauses: tuple[Clause, ...] = ()
    version: int = 0
    polled: datetime | None = None
    error: str = ""

    @property
    def closeness(self) -> float:
        """How much of the query the paper fulfils, from 0 to 1; 1 is a match."""
        if self.status is not MatchStatus.NO_MATCH:
            return 1.0
        return sum(clause.holds for clause in self.clauses if not clause.excluding) / (len(self.clauses) + 1)


@dataclass(frozen=True, slots=True)
class Explanation:
    """What happened to the paper in one channel, and why."""

    destination: Destination
    events: tuple[Event, ...]
    keywords: tuple[KeywordStatus, ...]

    @property
    def is_relevant(self) -> bool:
        """Whether the paper matches a keyword of the channel, or anything happened to it there."""
        happened = any(event.code not in {EventCode.STOPPED, EventCode.ENDED} for event in self.events)
        return happened or any(keyword.status is not MatchStatus.NO_MATCH for keyword in self.keywords)

    @property
    def closeness(self) -> float:
        """The closeness of the closest keyword; -1 without keywords."""
        return max((keyword.closeness for keyword in self.keywords), default=-1.0)


def explain(
    channel: ChannelHistory,
    paper: AnalyzedPaper,
    *,
    highest: Mapping[int, int],
    now: datetime,
    reach: timedelta,
) -> Explanation:
    """Return why *channel* got *paper*, or why not.

    *highest* is that of `History`; *reach* is how far back, by submission, the deepest poll looks.
    """
    keywords = tuple(
        _keyword_status(one, channel, paper, highest, now=now, reach=reach) for one in channel.keywords
    )
    wanted = any(
        keyword.subscription.options.revisions
        for keyword in keywords
        if keyword.status in {MatchStatus.MATCHES, MatchStatus.LATER}
    )
    events = (
        *(_with_reason(event, channel.arrival) for event in _events(channel, now)),
        *_unwanted_revision(channel, paper.paper, wanted=wanted),
        *_channel_event(channel.destination),
    )
    return Explanation(channel.destination, events, keywords)


# --- what happened to it ----------------------------------------------------------------------------------


def _events(channel: ChannelHistory, now: datetime) -> Iterator[Event]:
    overflow = channel.arrival is not None and channel.arrival.overflow
    first = next(
        (message.message_id for message in channel.messages if message.version and message.message_id), 0
    )
    for message in channel.messages:
        event = _message_event(message, overflow=overflow)
        yield replace(event, reply_to=first) if message.kind is Kind.REVISION else event
    if (arrival := channel.arrival) is None:
        return
    if arrival.in_digest and arrival.digested_on is None:
        yield _digest_event(channel, now, overflow=overflow)
    elif arrival.digested_on is not None:
        if not any(message.kind in {Kind.DIGEST, Kind.LIST} for message in channel.messages):
            yield Event(
                EventCode.LISTED, Kind.DIGEST, day=arrival.digested_on, at=arrival.at, overflow=overflow
            )
    elif not channel.messages:
        yield Event(EventCode.SETTLED, at=arrival.at)


def _with_reason(event: Event, arrival: Arrival | None) -> Event:
    """Return *event* with the reason why the paper was not posted by itself, if it was not."""
    return replace(event, beyond_best=arrival.beyond_best) if arrival and event.overflow else event


def _message_event(message: MessageRecord, *, overflow: bool) -> Event:
    if message.kind is Kind.EDIT:
        return _edit_event(message)
    page = message.kind in {Kind.DIGEST, Kind.LIST}
    event = Event(
        EventCode.POSTED,
        message.kind,
        version=message.version,
        day=message.subject.day if isinstance(message.subject, PageSubject) else None,
        message_id=message.message_id,
        attempts=message.attempts,
        overflow=overflow and page,
        error=message.error,
    )
    match message.state:
        case Sending.SENT:
            code = EventCode.POSTED if message.message_id else EventCode.DELETED
            return replace(event, code=code, at=message.settled_at or message.created_at)
        case Sending.QUEUED:
            return replace(
                event, code=EventCode.RETRIED if message.attempts else EventCode.QUEUED, at=message.due
            )
        case Sending.HELD:
            return replace(event, code=EventCode.HELD, at=message.created_at)
        case Sending.FAILED:
            return replace(event, code=EventCode.FAILED, at=message.settled_at or message.created_at)


def _edit_event(message: MessageRecord) -> Event:
    if message.state is Sending.SENT and message.message_id:
        return Event(EventCode.EDITED, Kind.EDIT, at=message.settled_at, message_id=message.message_id)
    if message.state in {Sending.QUEUED, Sending.HELD}:
        return Event(EventCode.EDIT_WAITS, Kind.EDIT, at=message.due)
    return Event(EventCode.EDIT_FAILED, Kind.EDIT, at=message.settled_at, error=message.error)


def _digest_event(channel: ChannelHistory, now: datetime, *, overflow: bool) -> Event:
    if (schedule := channel.destination.schedule) is not None:
        due = next_due(schedule, channel.last_digest, now)
        return Event(EventCode.AWAITS_DIGEST, Kind.DIGEST, at=due, overflow=overflow)
    if overflow:
        return Event(EventCode.AWAITS_LIST, Kind.LIST, overflow=True)
    return Event(EventCode.COLLECTED, Kind.DIGEST)


def _unwanted_revision(channel: ChannelHistory, paper: Paper, *, wanted: bool) -> Iterator[Event]:
    """Yield an event if a later version was not posted because no subscription wants revisions."""
    shown = [message.version for message in channel.messages if message.version]
    waits = any(
        message.state in {Sending.QUEUED, Sending.HELD} for message in channel.messages
    )  # they will show the latest version
    if shown and not waits and paper.version > max(shown) and not wanted:
        yield Event(EventCode.REVISION_UNWANTED, Kind.REVISION, version=paper.version)


def _channel_event(destination: Destination) -> Iterator[Event]:
    if destination.state is not State.ACTIVE:
        code = EventCode.ENDED if destination.state is State.GONE else EventCode.STOPPED
        yield Event(code, at=destination.state_since, error=destination.reason)


# --- how a keyword relates to it --------------------------------------------------------------------------


def _keyword_status(
    one: KeywordHistory,
    channel: ChannelHistory,
    paper: AnalyzedPaper,
    highest: Mapping[int, int],
    *,
    now: datetime,
    reach: timedelta,
) -> KeywordStatus:
    query = parse(one.subscription.query)
    matches = query.matches(paper) is not None
    keyword = KeywordStatus(
        one.subscription,
        MatchStatus.NO_MATCH,
        query.description,
        polled=one.last_polled,
        error=one.last_error,
    )
    known = one.known
    if matches:
        status = _status(one, channel, paper.paper, highest, now=now, reach=reach)
        return replace(keyword, status=status, matches=field_matches(query, paper))
    if known is None:
        return replace(keyword, clauses=clauses(query, paper))
    status = _status(one, channel, paper.paper, highest, now=now, reach=reach)
    words = (FieldMatch("", known.words),) if known.words else ()
    return replace(keyword, status=status, matches=words, version=known.version)


def _status(
    one: KeywordHistory,
    channel: ChannelHistory,
    paper: Paper,
    highest: Mapping[int, int],
    *,
    now: datetime,
    reach: timedelta,
) -> MatchStatus:
    """Return the status of a keyword that matches; reasons are tested in the order in which a poll does."""
    subscription = one.subscription
    options = subscription.options
    if not wants(options, paper.categories, paper.primary_category):
        widened = replace(options, cross_lists=True)
        crossed = wants(widened, paper.categories, paper.primary_category)
        return MatchStatus.CROSS_LIST if crossed else MatchStatus.OTHER_CATEGORIES
    if (arrived := _first_arrival(channel)) is not None:
        return MatchStatus.LATER if subscription.created_at > arrived else MatchStatus.MATCHES
    if subscription.state is not State.ACTIVE:
        return MatchStatus.PAUSED
    if subscription.since is None:
        return MatchStatus.NO_BASELINE
    if not _is_new(one, paper, highest, now):
        before = paper.published <= subscription.created_at
        return MatchStatus.BEFORE if before else MatchStatus.MEANWHILE
    listed = paper.updated if paper.version > 1 else paper.published
    return MatchStatus.OUT_OF_REACH if now - listed > reach else MatchStatus.AWAITED


def _first_arrival(channel: ChannelHistory) -> datetime | None:
    """Return when the paper first came to the channel or was queued for it; None if it never did."""
    moments = [message.created_at for message in channel.messages if message.version]
    if channel.arrival is not None:
        moments.append(channel.arrival.at)
    return min(moments, default=None)


def _is_new(one: KeywordHistory, paper: Paper, highest: Mapping[int, int], now: datetime) -> bool:
    """Tell whether the next poll would count the paper as new."""
    subscription = one.subscription
    margin = margin_is_open(one.margin_until, now)
    candidate = Candidate(
        interest=Interest(
            subscription.destination.id, subscription.options, subscription.since, margin=margin
        ),
        paper=paper.id,
        version=paper.version,
        categories=paper.categories,
        primary_category=paper.primary_category,
        first=one.known is None,
        revised=False,
        seen=False,
    )
    floor = None
    if margin and subscription.since is not None:
        floor = margin_floor(subscription.since, highest)
    return is_new(candidate, floor)
