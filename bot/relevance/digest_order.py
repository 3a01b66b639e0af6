"""The order of a digest: first the best papers of their days, then each keyword's, the closest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.model.errors import QueryError
from bot.model.outbox import PaperMark, Section
from bot.model.papers import Paper, PaperId
from bot.query.query import Query, parse_typed
from bot.relevance.interests import Interests
from bot.relevance.scoring import Learnt, Scoring
from bot.store import Store


async def in_order(
    store: Store,
    interests: Interests,
    learnt: Learnt,
    destination_id: int,
    sections: Sequence[Section],
) -> list[Section]:
    """Return *sections* of a digest, each in order of the channel's interest, after one with the best papers.

    Every paper is in one section. There are no best papers where the channel has saved too few.
    """
    ids = [paper for section in sections for paper in section.papers]
    papers = {paper.id: paper for paper in await store.papers.get_many(ids)}
    marks = await store.choices.marks(destination_id, ids) if learnt.is_enough else {}
    starred = {paper: mark for paper, mark in marks.items() if mark.star}
    scoring = await interests.scoring()
    ranked = [await _ranked(scoring, learnt, section, papers) for section in sections]
    rest = [
        replace(section, papers=tuple(paper for paper in section.papers if paper not in starred))
        for section, _ in ranked
    ]
    best = _best(ranked, starred)
    return [*best, *(section for section in rest if section.papers or section.more)]


async def _ranked(
    scoring: Scoring, learnt: Learnt, section: Section, papers: dict[PaperId, Paper]
) -> tuple[Section, dict[PaperId, float]]:
    known = [papers[paper] for paper in section.papers if paper in papers]
    scores = await scoring.scores(learnt, known, _queries(section.keyword))
    order = sorted(section.papers, key=lambda paper: (scores.get(paper, 0.0), paper), reverse=True)
    return replace(section, papers=tuple(order)), scores


def _queries(keyword: str) -> list[Query]:
    try:
        return [parse_typed(keyword)]
    except QueryError:  # accepted by an earlier version
        return []


def _best(
    ranked: Sequence[tuple[Section, dict[PaperId, float]]], starred: dict[PaperId, PaperMark]
) -> list[Section]:
    scores = {paper: score for _, found in ranked for paper, score in found.items()}
    keywords = {
        paper: (section.keyword, *section.also.get(paper, ()))
        for section, _ in ranked
        for paper in section.papers
        if paper in starred
    }
    if not keywords:
        return []
    order = sorted(keywords, key=lambda paper: (scores.get(paper, 0.0), paper), reverse=True)
    terms = {paper: starred[paper].terms for paper in order}
    return [Section("", tuple(order), also=keywords, best=True, terms=terms)]
