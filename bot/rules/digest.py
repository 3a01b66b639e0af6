"""When a destination's digest is due, and how its papers are split into pages (pure).

A digest belongs to a *local date*, not to an interval. The date is recorded when it has run, so that
restarts, clock changes and even a move to another time zone cannot post one date twice. If several dates were
missed because the bot was down, only the latest is due; it covers everything that waits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.model.outbox import DigestPage, Kind, QuietNote, Section, WeeklyTop
from bot.model.papers import PaperId
from bot.model.subscriptions import Options, Schedule
from bot.rules.newness import wants

PAPERS_A_PAGE = LISTED_A_PAGE = 20
"""How many fit into one embed, and into the menus below it, which hold 25."""
_DAY = timedelta(days=1)
# Any weekday occurs within a week; the second week covers dates that do not exist in a time zone.
_HORIZON = 15


def due(schedule: Schedule, last_run: date | None, since: datetime, now: datetime) -> date | None:
    """Return the local date whose digest is due now, None if none is.

    *last_run* is the latest local date already posted. Nothing is due before *since*, when the schedule was
    set.

    Raises:
        ZoneInfoNotFoundError: the schedule's time zone does not exist.
    """
    day = now.astimezone(ZoneInfo(schedule.zone)).date()
    last_run = _credible(last_run, day)
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
        ZoneInfoNotFoundError: the schedule's time zone does not exist.
    """
    day = now.astimezone(ZoneInfo(schedule.zone)).date()
    last_run = _credible(last_run, day)
    if last_run is not None:
        day = max(day, last_run + _DAY)
    for _ in range(_HORIZON):
        moment = _moment(schedule, day)
        if moment is not None and moment > now:
            return moment
        day += _DAY
    raise ValueError("a schedule without days is never due")


def _credible(last_run: date | None, today: date) -> date | None:
    """Return *last_run*, or None if it lies so far ahead that the clock must have been wrong.

    A change of time zone explains up to two days. Days that were posted are not posted again in either case,
    because the table of runs has each day once.
    """
    return last_run if last_run is None or last_run <= today + 2 * _DAY else None


def _moment(schedule: Schedule, day: date) -> datetime | None:
    """Return when (UTC) the digest of *day* is due, None if that day has none.

    If clocks skip the hour that night, it is due at the first moment after the gap; if the hour comes twice,
    at the first one.
    """
    if day.weekday() not in schedule.days:
        return None
    zone = ZoneInfo(schedule.zone)
    wall = datetime.combine(day, time(schedule.hour), zone)
    moment = wall.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) != wall.replace(tzinfo=None):
        # In a gap, fold=1 uses the later offset, which gives a moment before the gap; fold=0 gives one after
        # it.
        moment = _change(zone, wall.replace(fold=1).astimezone(UTC), moment)
    # Samoa had no 30 December 2011; such a date has no digest.
    return moment if moment.astimezone(zone).date() == day else None


def _change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """Return the first second between two moments at which the offset of *zone* differs from *before*."""
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


def pages(day: date, sections: Iterable[Section], *, per_page: int = PAPERS_A_PAGE) -> list[DigestPage]:
    """Split *sections* in order into pages of at most *per_page* papers; a section may span several pages.

    Papers that a cap left out (`more`) are mentioned at the end of their section and count in the total.
    Without papers there are no pages.
    """
    if per_page < 1:
        raise ValueError("a page holds at least one paper")
    kept = [section for section in sections if section.papers or section.more]
    total = sum(len(section.papers) + section.more for section in kept)
    filled = list(_filled(kept, per_page))
    return [DigestPage(day, number, len(filled), total, content) for number, content in enumerate(filled, 1)]


def issue(
    day: date,
    sections: Iterable[Section],
    *,
    note: QuietNote | None = None,
    top: WeeklyTop | None = None,
    file: bool = False,
) -> DigestPage | None:
    """Return the whole digest or list of *day* as one page; without papers it is the *note*, if any."""
    kept = tuple(section for section in sections if section.papers or section.more)
    if not kept:
        return DigestPage(day, 1, 1, 0, (), note=note) if note else None
    total = sum(len(section.papers) + section.more for section in kept)
    return DigestPage(day, 1, 1, total, kept, top, file)


def pages_of(whole: DigestPage, kind: Kind) -> list[DigestPage]:
    """Return the pages between which a reader of *whole*, a digest or list, can turn.

    Earlier versions queued each page as its own message; such a page is returned unchanged.
    """
    if whole.pages > 1 or not whole.sections:
        return [whole]
    per_page = LISTED_A_PAGE if kind is Kind.LIST else PAPERS_A_PAGE
    return [
        replace(page, top=whole.top if page.number == 1 else None, enough_saved=whole.enough_saved)
        for page in pages(whole.day, whole.sections, per_page=per_page)
    ]


def by_keyword(sections: Iterable[Section]) -> list[Section]:
    """Return *sections* with the best papers back under the first keyword that matches each."""
    plain: dict[str, Section] = {}
    best: dict[str, list[PaperId]] = {}
    for section in sections:
        if section.best:
            for paper in section.papers:
                best.setdefault(section.also[paper][0], []).append(paper)
        else:
            plain[section.keyword] = section
    for keyword, papers in best.items():
        section = plain.get(keyword, Section(keyword, ()))
        plain[keyword] = replace(section, papers=(*papers, *section.papers))
    return list(plain.values())


def papers_on(page: DigestPage) -> list[PaperId]:
    """Return the papers of all sections, in order."""
    return [paper for section in page.sections for paper in section.papers]


def papers_shown(page: DigestPage) -> list[PaperId]:
    """Return the papers of all sections, and those that were saved most; each once."""
    top = [paper for paper, _ in page.top.counts] if page.top else []
    return list(dict.fromkeys((*papers_on(page), *top)))


def is_first_of_week(day: date, last: date | None) -> bool:
    """Tell whether the digest of *day* is the first since Monday; *last* is the day of the one before it.

    That one shows what was saved most, however many digests a week has.
    """
    monday = day - day.weekday() * _DAY
    return last is None or last < monday


def week_before(day: date, zone: str) -> tuple[datetime, datetime]:
    """Return when (UTC) the seven days before *day* begin and end in *zone*.

    Raises:
        ZoneInfoNotFoundError: there is no such time zone.
    """
    first, end = (
        datetime.combine(date, time(), ZoneInfo(zone)).astimezone(UTC) for date in (day - 7 * _DAY, day)
    )
    return first, end


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
