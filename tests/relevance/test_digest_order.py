"""A digest begins with the best, and each keyword with the closest; every paper is in it once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from bot.model.outbox import PaperMark, Section
from bot.model.papers import PaperId
from bot.relevance.digest_order import in_order
from bot.rules.choice import Choice
from bot.rules.digest import by_keyword
from bot.rules.pace import Pace
from tests.relevance.relevance_cases import LIKED, ROBOTS, SPLATTING, Lab, lab_in, paper

PAPERS = [
    paper(11, ROBOTS.format("ice")),
    paper(12, SPLATTING.format("trees")),
    paper(13, ROBOTS.format("snow")),
    paper(14, SPLATTING.format("cars")),
]


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with lab_in(tmp_path) as opened:
        await opened.subscribe("speech", deliver="digest")
        yield opened


async def digest(lab: Lab, *, star: bool = True) -> list[Section]:
    choice = Choice({(lab.channel, PAPERS[3].id): PaperMark(star=star, terms=("radiance fields",))})
    await lab.record("speech", PAPERS, pace=Pace(choice=choice))
    sections = await lab.store.digests.pending(lab.channel)
    return await ordered(lab, sections)


async def ordered(lab: Lab, sections: Sequence[Section]) -> list[Section]:
    learnt = await lab.interests.of_channel(lab.channel)
    return await in_order(lab.store, lab.interests, learnt, lab.channel, sections)


def numbers(section: Section) -> list[int]:
    return [one.number for one in section.papers]


async def test_the_best_come_first_then_the_closest(lab: Lab) -> None:
    await lab.like(*LIKED)
    best, rest = await digest(lab)
    assert (best.best, numbers(best)) == (True, [14])
    assert best.terms == {PaperId("2607.00014"): ("radiance fields",)}
    assert best.also == {PaperId("2607.00014"): ("speech",)}
    assert (rest.keyword, numbers(rest)) == ("speech", [12, 13, 11])
    assert [numbers(one) for one in by_keyword([best, rest])] == [[14, 12, 13, 11]]
    assert [numbers(one) for one in by_keyword([best])] == [[14]]


async def test_below_three_papers_there_are_no_best(lab: Lab) -> None:
    [only] = await digest(lab, star=False)
    assert sorted(numbers(only)) == [11, 12, 13, 14]
    assert not only.best


async def test_a_single_paper_needs_no_order(lab: Lab) -> None:
    section = Section("speech", (PAPERS[0].id,))
    assert await ordered(lab, [section]) == [section]
    assert await ordered(lab, []) == []
    odd = Section('ti:"open', (PAPERS[0].id, PAPERS[1].id))
    [kept] = await ordered(lab, [odd])
    assert sorted(numbers(kept)) == [11, 12]


async def test_a_mark_is_read_back_as_it_was(lab: Lab) -> None:
    await digest(lab)
    marks = await lab.store.choices.marks(lab.channel, [one.id for one in PAPERS])
    assert marks == {PAPERS[3].id: PaperMark(star=True, terms=("radiance fields",))}
