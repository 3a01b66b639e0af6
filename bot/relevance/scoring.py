"""Scores papers by interests, for a round of polling or an answer to a person.

What a score needs of a paper is read once, however many channels ask for it: that costs a millisecond, and a
score a hundredth of one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from bot.model.interests import Evidence
from bot.model.papers import Paper, PaperId
from bot.query.query import Query
from bot.ranking.interest import Profile, likeness, with_keyword
from bot.ranking.keywords import Centrality, StemmedPaper, stemmed
from bot.ranking.reasons import shared_weights, terms_in_words
from bot.ranking.vectors import Frequencies, Vector
from bot.relevance.texts import plain_text, vector_in

REASONS = 3
"""How many terms say why a paper is close."""
_KEPT = 4_000  # papers in memory, of 5 kB each


@dataclass(frozen=True, slots=True)
class Learnt:
    """An interest and the *evidence* it was learnt from."""

    profile: Profile
    evidence: Evidence

    @property
    def is_enough(self) -> bool:
        """Whether papers that are close to it may be marked."""
        return self.profile.is_enough


class _ReadPaper(NamedTuple):
    vector: Vector
    stems: StemmedPaper


class Scoring:
    """Scores papers, whose rare terms are rare by *frequencies*; used for one round or one answer.

    It keeps what it has read of the first 4,000 papers; further ones are read each time.
    """

    def __init__(self, frequencies: Frequencies) -> None:
        self._frequencies = frequencies
        self._read: dict[tuple[PaperId, int], _ReadPaper] = {}

    async def scores(
        self, learnt: Learnt, papers: Sequence[Paper], queries: Sequence[Query]
    ) -> dict[PaperId, float]:
        """Return how close each paper is to an interest, and to the *queries* of the channel."""
        return await asyncio.to_thread(self._scores, learnt.profile, papers, queries)

    async def reasons(self, learnt: Learnt, papers: Iterable[Paper]) -> dict[PaperId, tuple[str, ...]]:
        """Return in words why each paper is close to an interest; none where it is not."""
        return await asyncio.to_thread(self._reasons, learnt.profile, list(papers))

    def _scores(
        self, profile: Profile, papers: Sequence[Paper], queries: Sequence[Query]
    ) -> dict[PaperId, float]:
        read = [self._of(paper) for paper in papers]
        alike = likeness([profile], [one.vector for one in read])[:, 0].tolist()
        central = Centrality(queries, self._frequencies)
        return {
            paper.id: with_keyword(like, central.of(one.stems), profile.given)
            for paper, one, like in zip(papers, read, alike, strict=True)
        }

    def _reasons(self, profile: Profile, papers: Iterable[Paper]) -> dict[PaperId, tuple[str, ...]]:
        explained = {}
        for paper in papers:
            weights = shared_weights(profile.vector, self._of(paper).vector)
            explained[paper.id] = terms_in_words(weights, [plain_text(paper)], REASONS)
        return explained

    def _of(self, paper: Paper) -> _ReadPaper:
        key = (paper.id, paper.version)
        if (known := self._read.get(key)) is not None:
            return known
        read = _ReadPaper(vector_in(paper, self._frequencies), stemmed(paper))
        if len(self._read) < _KEPT:
            self._read[key] = read
        return read
