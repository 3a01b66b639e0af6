"""What a digest holds is decided once, when it is queued."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from bot.model.outbox import DigestPage, PaperMark
from bot.model.subscriptions import Schedule
from bot.relevance.digest_contents import digest_of
from bot.rules.choice import Choice
from bot.rules.pace import Pace
from tests.relevance.relevance_cases import LIKED, SPLATTING, Lab, lab_in, paper

ONE = paper(11, SPLATTING.format("trees"))


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with lab_in(tmp_path) as opened:
        await opened.subscribe("speech", deliver="digest")
        yield opened


async def digest(lab: Lab, schedule: Schedule | None = None) -> DigestPage | None:
    place = await lab.store.destinations.schedule(lab.channel, schedule, lab.clock())
    assert place is not None
    sections = await lab.store.digests.pending(lab.channel)
    now = lab.clock()
    return await digest_of(lab.store, lab.interests, place, sections, day=date(2026, 7, 24), now=now)


@pytest.mark.parametrize(("given", "enough"), [(0, False), (2, False), (3, True)])
async def test_it_knows_whether_the_channel_saved_enough(lab: Lab, given: int, enough: bool) -> None:
    await lab.like(*LIKED[:given])
    await lab.record("speech", [ONE])
    found = await digest(lab)
    assert found is not None
    assert found.enough_saved is enough


async def test_one_paper_can_be_the_best(lab: Lab) -> None:
    await lab.like(*LIKED)
    choice = Choice({(lab.channel, ONE.id): PaperMark(star=True, terms=("radiance fields",))})
    await lab.record("speech", [ONE], pace=Pace(choice=choice))
    found = await digest(lab)
    assert found is not None
    assert [section.best for section in found.sections] == [True]


async def test_without_papers_there_is_none_or_the_note(lab: Lab) -> None:
    assert await digest(lab) is None
    assert await digest(lab, Schedule(9, "UTC", top=True, file=True)) is None
    note = await digest(lab, Schedule(9, "UTC", quiet=True))
    assert note is not None
    assert note.note is not None
    assert note.note.keywords == ("speech",)
