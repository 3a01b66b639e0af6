"""When a destination's digest is due, and how its papers are split into pages (pure).

A digest belongs to a *local date*, not to an interval: that is what is remembered once it has run, so that
restarts, clock changes and even a move to another zone cannot post one date twice. Where several dates passed
unposted (the bot was down), only the latest is due; it covers everything that waits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.model.outbox import DigestPage, Kind, Section
from bot.model.papers import PaperId
from bot.model.subscriptions import Options, Schedule
from bot.rules.newness import wants

PAPERS_A_PAGE = 10
LISTED_A_PAGE = 15
"""A list shows less of each paper."""
_DAY = timedelta(days=1)
# Any weekday comes up within a week; the second week covers dates that do not exist in the zone.
_HORIZON = 15


def due(schedule: Schedule, last_run: date | None, since: datetime, now: datetime) -> date | None:
    """Return the local date whose digest is to be posted now; None if none is.

    *last_run* is the latest local date already posted. Nothing is due for a moment before *since*, when the
    schedule was set.

    Raises:
        ZoneInfoNotFoundError: the schedule's zone is none.
    """
    day = now.astimezone(ZoneInfo(schedule.zone)).date()
    last_run = _believed(last_run, day)
    for _ in range(_HORIZON):
        if last_run is not None and day <= last_run:
            return None
        moment = _moment(schedule, day)
        if moment is not None and moment <= now:
            return day if moment >= since else None
        day -= _DAY
    return None


def next_due(schedule: Schedule, last_run: date | None, now: datetime) -> datetime:
    """Return the next moment after *now* (UTC) at which a digest becomes due.

    Raises:
        ValueError: the schedule has no days.
        ZoneInfoNotFoundError: the schedule's zone is none.
    """
    day = now.astimezone(ZoneInfo(schedule.zone)).date()
    last_run = _believed(last_run, day)
    if last_run is not None:
        day = max(day, last_run + _DAY)
    for _ in range(_HORIZON):
        moment = _moment(schedule, day)
        if moment is not None and moment > now:
            return moment
        day += _DAY
    raise ValueError("a schedule without days is never due")


def _believed(last_run: date | None, today: date) -> date | None:
    """Return *last_run* unless a clock that was ahead wrote it: a change of zone explains a day or two.

    Days that were posted are not posted again all the same: the ledger has each once.
    """
    return last_run if last_run is None or last_run <= today + 2 * _DAY else None


def _moment(schedule: Schedule, day: date) -> datetime | None:
    """Return when (UTC) the digest of *day* is due; None on a weekday or a date that has none.

    An hour that clocks skip that night becomes the first moment after the gap; of an hour that comes twice,
    the first counts.
    """
    if day.weekday() not in schedule.days:
        return None
    zone = ZoneInfo(schedule.zone)
    wall = datetime.combine(day, time(schedule.hour), zone)
    moment = wall.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != wall.replace(tzinfo=None):
        # In a gap, fold=1 takes the later offset and so names a moment before it, and fold=0 one after it.
        moment = _change(zone, wall.replace(fold=1).astimezone(UTC), moment)
    # Samoa had no 30 December 2011: what falls on such a date belongs to no day.
    return moment if moment.astimezone(zone).date() == day else None


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """Return the first second between two moments at which *zone* has another offset than at *before*."""
    offset = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after


@dataclass(frozen=True, slots=True)
class PendingPaper:
    """A paper that waits for a digest, and a subscription of the channel whose query matches it."""

    subscription_id: int
    keyword: str
    options: Options
    paper: PaperId
    categories: Sequence[str]
    primary_category: str


def sections_of(entries: Iterable[PendingPaper]) -> list[Section]:
    """Return the sections of a digest, one a keyword, in the order in which the subscriptions were made.

    A paper stands once: under the subscription of its first entry whose categories admit it. That section
    names the keywords of its other entries (`also`). Within a section papers keep the order of *entries*.
    """
    keywords: dict[int, str] = {}
    listed: dict[int, list[PaperId]] = {}
    placed: dict[PaperId, list[str]] = {}
    for entry in entries:
        if not wants(entry.options, entry.categories, entry.primary_category):
            continue
        if entry.paper in placed:
            placed[entry.paper].append(entry.keyword)
            continue
        placed[entry.paper] = []
        keywords[entry.subscription_id] = entry.keyword
        listed.setdefault(entry.subscription_id, []).append(entry.paper)
    return [
        Section(
            keyword=keywords[key],
            papers=tuple(listed[key]),
            also={paper: tuple(placed[paper]) for paper in listed[key] if placed[paper]},
        )
        for key in sorted(listed)
    ]


def pages(
    day: date, sections: Iterable[Section], *, per_page: int = PAPERS_A_PAGE, quiet: bool = False
) -> list[DigestPage]:
    """Split *sections* in order into pages of at most *per_page* papers; a section may go on over pages.

    What a cap left out (`more`) is told where its section ends, and counts in the total. Without papers there
    are no pages, or with *quiet* the one that says so.
    """
    if per_page < 1:
        raise ValueError("a page holds at least one paper")
    kept = [section for section in sections if section.papers or section.more]
    total = sum(len(section.papers) + section.more for section in kept)
    filled = list(_filled(kept, per_page))
    if not filled and quiet:
        filled = [()]
    return [DigestPage(day, number, len(filled), total, content) for number, content in enumerate(filled, 1)]


def issue(day: date, sections: Iterable[Section], *, quiet: bool = False) -> DigestPage | None:
    """Return the whole digest or list of *day*, one message; None if it has nothing to say."""
    kept = tuple(section for section in sections if section.papers or section.more)
    if not kept and not quiet:
        return None
    return DigestPage(day, 1, 1, sum(len(section.papers) + section.more for section in kept), kept)


def leaves(whole: DigestPage, kind: Kind) -> list[DigestPage]:
    """Return the pages that the message of *whole*, a digest or list, turns.

    Earlier versions queued each page as a message of its own: such a page stays what it is.
    """
    if whole.pages > 1 or not whole.sections:
        return [whole]
    return pages(whole.day, whole.sections, per_page=LISTED_A_PAGE if kind is Kind.LIST else PAPERS_A_PAGE)


def papers_on(page: DigestPage) -> list[PaperId]:
    """Return the papers of all sections, in order."""
    return [paper for section in page.sections for paper in section.papers]


def _filled(sections: Sequence[Section], per_page: int) -> Iterator[tuple[Section, ...]]:
    page: list[Section] = []
    room = per_page
    for section in sections:
        rest: tuple[PaperId, ...] = section.papers
        count = len(rest) + section.more
        if not room:
            yield tuple(page)
            page, room = [], per_page
        while len(rest) > room:
            page.append(replace(section, papers=rest[:room], more=0, of=count))
            yield tuple(page)
            page, rest, room = [], rest[room:], per_page
        page.append(section if rest is section.papers else replace(section, papers=rest, of=count))
        room -= len(rest)
    if page:
        yield tuple(page)
