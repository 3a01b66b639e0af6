"""Why a paper was posted in a channel, or why not (pure).

`explain` reads one channel's part of a paper's `bot.model.history.Story` and says two things: what became of
the paper there (`Fate`: posted, waiting, held back, refused …), and for each keyword of the channel how it
stands to the paper (`Verdict`). The rules of newness are those of `bot.rules.newness`; here they are only
asked.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from bot.model.history import Keyword, Part, Row
from bot.model.outbox import Kind, PageSubject, Sending
from bot.model.papers import Paper
from bot.model.reasons import Reason
from bot.model.subscriptions import Destination, State, Subscription
from bot.query.explain import Clause, FieldMatch, clauses, field_matches
from bot.query.query import parse
from bot.query.text import AnalysedPaper
from bot.rules.digest import next_due
from bot.rules.newness import Candidate, Interest, is_new, margin_floor, wants


class Case(enum.StrEnum):
    """What became of a paper in a channel."""

    POSTED = "posted"
    DELETED = "deleted"  # it was posted, and somebody deleted the message
    QUEUED = "queued"
    RETRIED = "retried"  # queued, after at least one try
    HELD = "held"
    FAILED = "failed"
    EDITED = "edited"  # a post shows what came to be known without a new version
    EDIT_WAITS = "edit waits"
    EDIT_FAILED = "edit failed"  # refused, or the message is not there to be edited
    AWAITS_DIGEST = "awaits digest"
    AWAITS_LIST = "awaits list"
    COLLECTED = "collected"  # for a digest that nobody has scheduled
    LISTED = "listed"  # in a digest or list of which no message is remembered
    SETTLED = "settled"  # the channel had it, but nothing tells how
    REVISION_UNASKED = "revision unasked"
    STOPPED = "stopped"  # the channel itself is paused
    ENDED = "ended"  # the channel is gone


class Stand(enum.StrEnum):
    """How a keyword stands to a paper."""

    MATCHES = "matches"  # and the channel has had the paper
    LATER = "later"  # so it does, but the channel had the paper before the keyword
    NO_MATCH = "no match"
    OTHER_CATEGORIES = "other categories"
    CROSS_LIST = "cross list"
    PAUSED = "paused"
    NO_BASELINE = "no baseline"
    BEFORE = "before"  # announced before the subscription was made
    MEANWHILE = "meanwhile"  # announced after that, but before the subscription began or was resumed
    AWAITED = "awaited"  # new: the next poll that finds it queues it
    OUT_OF_REACH = "out of reach"  # new, but submitted before the days that polls look back


@dataclass(frozen=True, slots=True)
class Fate:
    """One thing that happened, or will: to the post of a *version*, or on the page of *kind* for *day*.

    *at* is when it happened or is due; *overflow*: by itself it would have been too much. *error* is why
    it did not go as it should; *answers* the message to which that of a revision is an answer.
    """

    case: Case
    kind: Kind = Kind.PAPER
    version: int = 0
    day: date | None = None
    at: datetime | None = None
    message_id: int = 0
    attempts: int = 0
    overflow: bool = False
    error: Reason | None = None
    answers: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a keyword stands to the paper.

    `found` says where its words stand, `clauses` (for `NO_MATCH`) which parts of the query are right; `plain`
    is the query in plain words. `version` is the one that matched, where the present one does not. `polled`
    and `error` are those of the query.
    """

    subscription: Subscription
    stand: Stand
    plain: str
    found: tuple[FieldMatch, ...] = ()
    clauses: tuple[Clause, ...] = ()
    version: int = 0
    polled: datetime | None = None
    error: str = ""

    @property
    def nearness(self) -> float:
        """Which share of the query holds, 1 for a match."""
        if self.stand is not Stand.NO_MATCH:
            return 1.0
        return sum(clause.holds for clause in self.clauses if not clause.excluding) / (len(self.clauses) + 1)


@dataclass(frozen=True, slots=True)
class Explained:
    """The paper in one channel."""

    destination: Destination
    fates: tuple[Fate, ...]
    verdicts: tuple[Verdict, ...]

    @property
    def concerned(self) -> bool:
        """Tell whether the channel has anything to do with the paper."""
        happened = any(fate.case not in {Case.STOPPED, Case.ENDED} for fate in self.fates)
        return happened or any(verdict.stand is not Stand.NO_MATCH for verdict in self.verdicts)

    @property
    def nearness(self) -> float:
        """That of the keyword that comes nearest."""
        return max((verdict.nearness for verdict in self.verdicts), default=-1.0)


def explain(
    part: Part, paper: AnalysedPaper, *, highest: Mapping[int, int], now: datetime, reach: timedelta
) -> Explained:
    """Tell why the channel of *part* has *paper*, or why not.

    *highest* is that of the story; *reach* how far back, by submission, the deepest poll looks.
    """
    verdicts = tuple(_verdict(one, part, paper, highest, now=now, reach=reach) for one in part.keywords)
    asked = any(
        verdict.subscription.options.revisions
        for verdict in verdicts
        if verdict.stand in {Stand.MATCHES, Stand.LATER}
    )
    fates = (*_fates(part, now), *_unasked(part, paper.paper, asked=asked), *_stopped(part.destination))
    return Explained(part.destination, fates, verdicts)


# --- what became of it ------------------------------------------------------------------------------------


def _fates(part: Part, now: datetime) -> Iterator[Fate]:
    overflow = part.noted is not None and part.noted.overflow
    first = next((row.message_id for row in part.rows if row.version and row.message_id), 0)
    for row in part.rows:
        fate = _of_row(row, overflow=overflow)
        yield replace(fate, answers=first) if row.kind is Kind.REVISION else fate
    if (noted := part.noted) is None:
        return
    if noted.in_digest and noted.digested_on is None:
        yield _waiting(part, now, overflow=overflow)
    elif noted.digested_on is not None:
        if not any(row.kind in {Kind.DIGEST, Kind.LIST} for row in part.rows):
            yield Fate(Case.LISTED, Kind.DIGEST, day=noted.digested_on, at=noted.at, overflow=overflow)
    elif not part.rows:
        yield Fate(Case.SETTLED, at=noted.at)


def _of_row(row: Row, *, overflow: bool) -> Fate:
    if row.kind is Kind.EDIT:
        return _of_edit(row)
    page = row.kind in {Kind.DIGEST, Kind.LIST}
    fate = Fate(
        Case.POSTED,
        row.kind,
        version=row.version,
        day=row.subject.day if isinstance(row.subject, PageSubject) else None,
        message_id=row.message_id,
        attempts=row.attempts,
        overflow=overflow and page,
        error=row.error,
    )
    match row.state:
        case Sending.SENT:
            case = Case.POSTED if row.message_id else Case.DELETED
            return replace(fate, case=case, at=row.settled_at or row.created_at)
        case Sending.QUEUED:
            return replace(fate, case=Case.RETRIED if row.attempts else Case.QUEUED, at=row.due)
        case Sending.HELD:
            return replace(fate, case=Case.HELD, at=row.created_at)
        case Sending.FAILED:
            return replace(fate, case=Case.FAILED, at=row.settled_at or row.created_at)


def _of_edit(row: Row) -> Fate:
    if row.state is Sending.SENT and row.message_id:
        return Fate(Case.EDITED, Kind.EDIT, at=row.settled_at, message_id=row.message_id)
    if row.state in {Sending.QUEUED, Sending.HELD}:
        return Fate(Case.EDIT_WAITS, Kind.EDIT, at=row.due)
    return Fate(Case.EDIT_FAILED, Kind.EDIT, at=row.settled_at, error=row.error)


def _waiting(part: Part, now: datetime, *, overflow: bool) -> Fate:
    if (schedule := part.destination.schedule) is not None:
        due = next_due(schedule, part.last_digest, now)
        return Fate(Case.AWAITS_DIGEST, Kind.DIGEST, at=due, overflow=overflow)
    if overflow:
        return Fate(Case.AWAITS_LIST, Kind.LIST, overflow=True)
    return Fate(Case.COLLECTED, Kind.DIGEST)


def _unasked(part: Part, paper: Paper, *, asked: bool) -> Iterator[Fate]:
    """Say that a later version was not posted since no keyword asks for revisions."""
    shown = [row.version for row in part.rows if row.version]
    waits = any(row.state in {Sending.QUEUED, Sending.HELD} for row in part.rows)  # and will show the latest
    if shown and not waits and paper.version > max(shown) and not asked:
        yield Fate(Case.REVISION_UNASKED, Kind.REVISION, version=paper.version)


def _stopped(destination: Destination) -> Iterator[Fate]:
    if destination.state is not State.ACTIVE:
        case = Case.ENDED if destination.state is State.GONE else Case.STOPPED
        yield Fate(case, at=destination.state_since, error=destination.reason)


# --- how a keyword stands to it ---------------------------------------------------------------------------


def _verdict(
    one: Keyword,
    part: Part,
    paper: AnalysedPaper,
    highest: Mapping[int, int],
    *,
    now: datetime,
    reach: timedelta,
) -> Verdict:
    query = parse(one.subscription.query)
    matches = query.matches(paper) is not None
    verdict = Verdict(
        one.subscription, Stand.NO_MATCH, query.description, polled=one.last_polled, error=one.last_error
    )
    if one.known is None and not matches:
        return replace(verdict, clauses=clauses(query, paper))
    stand = _stand(one, part, paper.paper, highest, now=now, reach=reach)
    if matches or one.known is None:
        return replace(verdict, stand=stand, found=field_matches(query, paper))
    words = (FieldMatch("", one.known.words),) if one.known.words else ()
    return replace(verdict, stand=stand, found=words, version=one.known.version)


def _stand(
    one: Keyword, part: Part, paper: Paper, highest: Mapping[int, int], *, now: datetime, reach: timedelta
) -> Stand:
    """Return how a keyword that matches stands to the paper, by what was decided first when it came."""
    subscription = one.subscription
    options = subscription.options
    if not wants(options, paper.categories, paper.primary_category):
        widened = replace(options, cross_lists=True)
        crossed = wants(widened, paper.categories, paper.primary_category)
        return Stand.CROSS_LIST if crossed else Stand.OTHER_CATEGORIES
    if (arrived := _arrived(part)) is not None:
        return Stand.LATER if subscription.created_at > arrived else Stand.MATCHES
    if subscription.state is not State.ACTIVE:
        return Stand.PAUSED
    if subscription.since is None:
        return Stand.NO_BASELINE
    if not _is_new(one, paper, highest, now):
        before = paper.published <= subscription.created_at
        return Stand.BEFORE if before else Stand.MEANWHILE
    return Stand.OUT_OF_REACH if now - paper.published > reach else Stand.AWAITED


def _arrived(part: Part) -> datetime | None:
    """Return when the channel had the paper for the first time, or was about to."""
    moments = [row.created_at for row in part.rows if row.version]
    if part.noted is not None:
        moments.append(part.noted.at)
    return min(moments, default=None)


def _is_new(one: Keyword, paper: Paper, highest: Mapping[int, int], now: datetime) -> bool:
    """Ask the rules of newness as the next poll would."""
    subscription = one.subscription
    margin = one.margin_until is not None and now < one.margin_until
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
