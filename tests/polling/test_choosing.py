"""The best papers of an announcement day: chosen before they are recorded, once, and never revised."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.arxiv.calendar import last_announced, next_announced
from bot.model.history import Standing
from bot.model.outbox import PaperSubject
from bot.model.outcomes import Sent
from bot.model.papers import Match, Paper
from bot.model.subscriptions import Live
from bot.polling.choosing import Chooser
from bot.polling.parsed_queries import ParsedQueries
from bot.query.query import parse
from bot.rules.choice import BACKLOG
from bot.rules.pace import Pace
from tests.relevance.relevance_cases import LIKED, PLACE, ROBOTS, SPLATTING, Lab, lab_in, paper

QUERY = parse("abs:walk OR abs:render").canonical
FAR = [paper(number, ROBOTS.format(number)) for number in (11, 13, 15)]
CLOSE = [paper(number, SPLATTING.format(number)) for number in (12, 14, 16)]


class Day:
    """Rounds of polling, without arXiv."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.queries = ParsedQueries()
        self.chooser = Chooser(lab.store, lab.interests, self.queries)

    async def round(
        self, papers: Sequence[Paper], *, cap: int | None = None, behind: datetime | None = None
    ) -> None:
        await self.queries.update([QUERY])
        matches = [Match(QUERY, one.id, ("x",)) for one in papers]
        pace = Pace(cap=cap, behind=behind)
        pace.choice = await self.chooser.choose(papers, matches, self.lab.clock(), pace)
        await self.lab.store.record(papers, matches, self.lab.clock(), pace=pace)

    async def marked(self) -> list[int]:
        known = [one.id for one in (*FAR, *CLOSE)]
        return sorted(one.number for one in await self.lab.store.choices.marks(self.lab.channel, known))

    async def standing(self, number: int) -> Standing | None:
        now = self.lab.clock()
        day = last_announced(now), next_announced(now)
        return await self.lab.store.choices.standing(self.lab.channel, paper(number, "").id, *day)

    async def posted(self) -> list[int]:
        found = []
        for number in range(1, 99):
            head = await self.lab.store.outbox.heads(self.lab.clock(), 1)
            if not head:
                break
            claimed = await self.lab.store.outbox.claim(head[0], self.lab.clock())
            assert claimed is not None
            subject = claimed.subject
            assert isinstance(subject, PaperSubject)
            found.append(subject.paper.number)
            await self.lab.store.settle(claimed, Sent(number), self.lab.clock())
        return found


@pytest.fixture
async def day(tmp_path: Path) -> AsyncIterator[Day]:
    async with lab_in(tmp_path) as lab:
        await lab.subscribe("abs:walk OR abs:render")
        await lab.like(*LIKED)
        yield Day(lab)


async def change(day: Day, *, live: Live = Live.ALL, best: int = 2, cap: int | None = None) -> None:
    await day.lab.store.destinations.change(PLACE, day.lab.clock(), live=live, best=best, cap=cap)


async def test_the_closest_are_marked_with_their_terms(day: Day) -> None:
    await change(day)
    await day.round([*FAR, *CLOSE])
    assert set(await day.marked()) < {12, 14, 16}
    assert len(await day.marked()) == 2
    marks = await day.lab.store.choices.marks(day.lab.channel, [one.id for one in CLOSE])
    assert all(mark.star and "gaussian splatting" in mark.terms for mark in marks.values())
    heads = await day.lab.store.outbox.heads(day.lab.clock(), 1)
    assert [head.subject.paper.number for head in heads if isinstance(head.subject, PaperSubject)] == [11]


async def test_a_day_has_so_many_places_and_the_next_has_its_own(day: Day) -> None:
    await change(day)
    await day.round(FAR[:1])
    await day.round([*FAR[1:], *CLOSE[:1]])
    await day.round(CLOSE[1:])
    assert await day.marked() == [11, 12], "the first round's choice is not revised"
    day.lab.clock.advance(timedelta(days=4))
    await day.round([paper(17, SPLATTING.format("seas"))])
    later = await day.lab.store.choices.marks(day.lab.channel, [paper(17, "").id])
    assert len(later) == 1


async def test_a_round_that_is_repeated_chooses_nothing_more(day: Day) -> None:
    await change(day, best=3)
    await day.round([*FAR[:1], *CLOSE[:1]])
    before = await day.marked()
    await day.round([*FAR[:1], *CLOSE[:1]])
    assert await day.marked() == before == [11, 12]


async def test_two_rounds_at_once_do_not_take_a_place_twice(day: Day) -> None:
    """A choice that was made before another round was recorded finds the places taken."""
    await change(day, best=1)
    await day.queries.update([QUERY])
    paces = []
    for papers in (CLOSE[:1], CLOSE[1:2]):
        matches = [Match(QUERY, one.id, ("x",)) for one in papers]
        choice = await day.chooser.choose(papers, matches, day.lab.clock(), Pace())
        paces.append((papers, matches, Pace(choice=choice)))
    for papers, matches, pace in paces:
        await day.lab.store.record(papers, matches, day.lab.clock(), pace=pace)
    assert await day.marked() == [12]


async def test_with_best_live_the_others_are_listed(day: Day) -> None:
    await change(day, live=Live.BEST)
    await day.round([*FAR, *CLOSE])
    marked = await day.marked()
    assert await day.posted() == marked
    sections = await day.lab.store.overflow.sections(day.lab.channel)
    listed = [one.number for section in sections for one in section.papers]
    assert sorted([*listed, *marked]) == [11, 12, 13, 14, 15, 16]
    places = [await day.lab.store.destinations.get(day.lab.channel)]
    histories = [await day.lab.store.history.of(one.id, places) for one in (*FAR, *CLOSE)]
    beyond = [one.channels[0].arrival.beyond_best for one in histories]
    assert sorted(beyond) == [0, 0, 2, 2, 2, 2], "what waits was not among the day's two best"


async def test_under_a_cap_the_closest_are_posted(day: Day) -> None:
    await change(day, best=1, cap=3)
    await day.round([*FAR, *CLOSE])
    assert await day.posted() == [12, 14, 16]


async def test_below_three_papers_the_keyword_chooses_without_a_star(day: Day) -> None:
    await day.lab.store.feedback.reset(day.lab.channel, day.lab.clock())
    await change(day, best=1)
    await day.round([*FAR, *CLOSE])
    [mark] = (await day.lab.store.choices.marks(day.lab.channel, [one.id for one in (*FAR, *CLOSE)])).values()
    assert (mark.star, mark.terms) == (False, ())


async def test_after_an_outage_the_closest_are_posted_and_not_the_first(day: Day) -> None:
    await change(day)
    await day.lab.store.record([], [], day.lab.clock(), asked=[QUERY])
    day.lab.clock.advance(timedelta(days=9))
    far = [paper(number, ROBOTS.format(number)) for number in range(11, 61)]
    close = [paper(number, SPLATTING.format(number)) for number in (61, 62, 63)]
    await day.round([*far, *close], behind=day.lab.clock())
    posted = await day.posted()
    assert len(posted) == BACKLOG
    assert {61, 62, 63} < set(posted)


async def test_without_a_match_nothing_is_chosen(day: Day) -> None:
    choice = await day.chooser.choose(CLOSE, [], day.lab.clock(), Pace())
    assert choice.marks == {}


async def test_papers_that_are_old_to_the_channel_take_no_place_of_the_best(day: Day) -> None:
    await change(day, best=1)
    old = [paper(number, SPLATTING.format(number)) for number in (4, 5, 6)]
    known = [Match(QUERY, one.id, ("x",)) for one in old]
    await day.lab.store.record(old, known, day.lab.clock(), announce=False)
    await day.round([*old, *FAR, CLOSE[0]])
    assert await day.marked() == [12]
    assert await day.standing(12) == Standing(1, 4)
    assert await day.standing(4) is None


async def test_a_paper_has_a_place_among_all_that_the_day_brought(day: Day) -> None:
    await change(day, best=1)
    await day.round([FAR[0]])
    await day.round([*FAR[1:], *CLOSE])
    assert sorted([(await day.standing(one.id.number)).place for one in CLOSE]) == [1, 2, 3]
    assert (await day.standing(11)) == Standing(6, 6), "the first round's too, and ties go to the newest"
    day.lab.clock.advance(timedelta(days=4))
    await day.round([paper(17, SPLATTING.format("seas"))])
    assert await day.standing(17) == Standing(1, 1)


async def test_a_repeated_round_keeps_the_places(day: Day) -> None:
    await change(day, live=Live.BEST)
    for _ in range(2):
        await day.round([*FAR, *CLOSE])
    assert {(await day.standing(one.id.number)).of for one in (*FAR, *CLOSE)} == {6}
