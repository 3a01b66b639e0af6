"""Scores of a round: each paper is read once, however many channels ask for it."""

from __future__ import annotations

import pytest

from bot.model.interests import Evidence
from bot.query.query import parse
from bot.ranking.interest import Profile, learn
from bot.ranking.terms import count_terms
from bot.ranking.vectors import Frequencies
from bot.relevance import scoring
from bot.relevance.scoring import Learnt, Scoring
from bot.relevance.texts import plain_text, vector_in
from tests.relevance.relevance_cases import LIKED, ROBOTS, SPLATTING, paper

PAPERS = [paper(11, SPLATTING.format("trees")), paper(12, ROBOTS.format("ice"))]
FREQUENCIES = Frequencies.of(count_terms(plain_text(one)) for one in (*LIKED, *PAPERS))
LEARNT = Learnt(learn([vector_in(one, FREQUENCIES) for one in LIKED]), Evidence())
NOTHING = Learnt(Profile(), Evidence())
ROBOT = [parse("abs:robots")]


async def test_a_paper_is_read_once_for_all_channels_and_anew_in_a_later_version() -> None:
    round_ = Scoring(FREQUENCIES)
    await round_.scores(LEARNT, PAPERS, ROBOT)
    read = dict(round_._read)
    await round_.scores(NOTHING, PAPERS, [])
    await round_.reasons(LEARNT, PAPERS)
    assert all(round_._read[key] is read[key] for key in read)
    assert len(round_._read) == 2
    later = paper(11, ROBOTS.format("sand"), version=2)
    scores = await round_.scores(NOTHING, [later], ROBOT)
    assert scores[later.id] > 0


@pytest.mark.parametrize("kept", [0, 1])
async def test_of_more_papers_than_are_kept_the_scores_are_the_same(
    monkeypatch: pytest.MonkeyPatch, kept: int
) -> None:
    expected = [await Scoring(FREQUENCIES).scores(one, PAPERS, ROBOT) for one in (LEARNT, NOTHING)]
    monkeypatch.setattr(scoring, "_KEPT", kept)
    round_ = Scoring(FREQUENCIES)
    assert [await round_.scores(one, PAPERS, ROBOT) for one in (LEARNT, NOTHING)] == expected
    assert len(round_._read) == kept
