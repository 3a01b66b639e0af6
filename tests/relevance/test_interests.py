"""Interests learnt from a real store: anew when somebody said something, and once a day."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.model.interests import Verdict
from bot.query.query import parse
from bot.relevance import interests
from tests.fakes.papers import make_paper
from tests.relevance.relevance_cases import LIKED, ROBOTS, SPLATTING, Lab, lab_in, paper

CLOSE, FAR = paper(11, SPLATTING.format("trees")), paper(12, ROBOTS.format("ice"))


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with lab_in(tmp_path) as opened:
        yield opened


async def test_papers_like_those_that_were_added_score_higher_and_say_why(lab: Lab) -> None:
    await lab.like(*LIKED)
    learnt = await lab.interests.of_channel(lab.channel)
    assert learnt.is_enough
    scoring = await lab.interests.scoring()
    scores = await scoring.scores(learnt, [FAR, CLOSE], [])
    assert scores[CLOSE.id] > scores[FAR.id]
    reasons = await scoring.reasons(learnt, [FAR, CLOSE])
    assert {"gaussian splatting", "radiance fields"} <= set(reasons[CLOSE.id])
    assert reasons[FAR.id] == ()
    assert (await lab.interests.nearest(learnt, CLOSE)) in LIKED
    assert (await lab.interests.nearest(learnt, LIKED[0])) in LIKED[1:]
    assert await lab.interests.nearest(learnt, make_paper(99, title="x", abstract="y")) is None


async def test_below_three_papers_the_keyword_decides(lab: Lab) -> None:
    await lab.like(*LIKED[:2])
    learnt = await lab.interests.of_channel(lab.channel)
    assert (learnt.is_enough, learnt.profile.given) == (False, 2)
    scoring = await lab.interests.scoring()
    scores = await scoring.scores(learnt, [FAR, CLOSE], [parse("robots")])
    assert scores[FAR.id] > scores[CLOSE.id] == 0


async def test_an_interest_in_words_is_spelt_by_its_papers(lab: Lab) -> None:
    await lab.like(*LIKED)
    await lab.like(FAR, verdict=Verdict.LESS)
    words = await lab.interests.in_words(await lab.interests.of_channel(lab.channel))
    assert "gaussian splatting" in words.most
    assert any("robots" in term for term in words.less)


async def test_it_is_learnt_anew_when_somebody_says_something_or_after_a_day(lab: Lab) -> None:
    await lab.like(*LIKED)
    first = await lab.interests.of_channel(lab.channel)
    assert (await lab.interests.of_channel(lab.channel)).profile is first.profile
    await lab.like(CLOSE)
    second = await lab.interests.of_channel(lab.channel)
    assert second.profile is not first.profile
    assert second.profile.given == 4
    lab.clock.advance(timedelta(days=1))
    assert (await lab.interests.of_channel(lab.channel)).profile is not second.profile


async def test_only_the_latest_are_kept(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interests, "_KEPT", 1)
    await lab.like(*LIKED)
    first = await lab.interests.of_channel(lab.channel)
    await lab.interests.of_person(300)
    assert (await lab.interests.of_channel(lab.channel)).profile is not first.profile


async def test_how_rare_a_term_is_is_counted_once_a_day(lab: Lab) -> None:
    await lab.like(*LIKED)
    await lab.interests.of_channel(lab.channel)
    before = lab.interests._frequencies
    assert before.papers == 3
    await lab.like(CLOSE)
    await lab.interests.of_channel(lab.channel)
    assert lab.interests._frequencies is before
    lab.clock.advance(timedelta(days=1))
    await lab.interests.of_channel(lab.channel)
    assert lab.interests._frequencies.papers == 4


async def test_while_a_job_counts_anew_the_old_count_serves(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interests, "_MANY", 4)
    await lab.like(*LIKED)
    await lab.interests.prepare()
    assert lab.interests._counted is None, "so few are counted in no time"
    await lab.like(CLOSE)
    await lab.interests.prepare()
    before = lab.interests._frequencies
    assert before.papers == 4
    lab.clock.advance(timedelta(hours=22))
    await lab.interests.prepare()
    assert lab.interests._frequencies is before
    lab.clock.advance(timedelta(hours=4))
    counting = asyncio.create_task(lab.interests._count(timedelta()))
    await asyncio.sleep(0)
    assert await lab.interests.frequencies() is before
    await counting
    assert await lab.interests.frequencies() is not before


async def test_a_persons_own_interest_is_their_reading_list(lab: Lab) -> None:
    await lab.store.library.save(300, LIKED, lab.clock(), most=10)
    learnt = await lab.interests.of_person(300)
    assert learnt.is_enough
    assert not (await lab.interests.of_person(301)).is_enough
