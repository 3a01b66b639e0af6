"""Which stored papers are most like a given one.

The signatures of all stored papers pick candidates in milliseconds, and the candidates' texts decide. A job
makes the signatures of papers that have none yet, and counts the terms, so that neither a poll nor a person
waits for it.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.model.papers import Paper, PaperId
from bot.ranking.reasons import shared_weights, terms_in_words
from bot.ranking.signatures import Signatures, signature_of
from bot.ranking.vectors import Frequencies, Vector, dot
from bot.relevance.interests import Interests
from bot.relevance.scoring import REASONS
from bot.relevance.texts import plain_text, vector_in
from bot.store import Store

MOST = 10
"""How many papers are returned at most."""

_CANDIDATES = 200
_LEAST = 0.06  # a cosine below this is chance: 95 of 100 pairs of papers from kindred fields have less
_AT_ONCE = 100  # papers that get their signatures between two other tasks
_QUERY_TERMS = 2
_EVERY = timedelta(minutes=10)
_LOOK_EVERY = timedelta(minutes=1)  # how often a question looks for papers without a signature
_IDLE = timedelta(hours=1)  # how long the signatures stay in memory, 13 MB for a hundred thousand papers


@dataclass(frozen=True, slots=True)
class Alike:
    """A paper that is like another one, and the *terms* that they share, the strongest first."""

    paper: Paper
    terms: tuple[str, ...]


class SimilarPapers:
    """Finds papers that are alike among those of *store*; *interests* knows which terms are rare."""

    def __init__(self, store: Store, interests: Interests, *, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._interests = interests
        self._clock = clock
        self._signatures: Signatures | None = None
        self._used = clock()
        self._looked = self._used - _LOOK_EVERY
        self._loading = asyncio.Lock()

    async def sign(self) -> float:
        """Make the signatures that are missing; return the seconds until the next run."""
        await self._interests.prepare()
        while await self._sign_some():
            pass
        if self._clock() - self._used > _IDLE:
            self._signatures = None
        return _EVERY.total_seconds()

    async def to(self, paper: Paper, most: int = MOST) -> list[Alike]:
        """Return up to *most* stored papers that are most like *paper*, without itself and withdrawn ones."""
        shared = await self._most_alike(paper, most)
        return await asyncio.to_thread(_in_words, shared)

    async def query_for(self, paper: Paper) -> str:
        """Return a query for papers like *paper*, as people would type it; "" if its words say nothing.

        It asks for the terms that *paper* shares most with those like it, or else its own strongest.
        """
        frequencies, shared = await self._interests.frequencies(), await self._most_alike(paper, MOST)

        def strongest() -> tuple[str, ...]:
            vector = vector_in(paper, frequencies)
            own = dict(zip(vector.terms.tolist(), vector.weights.tolist(), strict=True))
            common: Counter[int] = Counter()
            for _, weights in shared:
                common.update(weights)
            return terms_in_words(common or own, [plain_text(paper)], _QUERY_TERMS)

        terms = await asyncio.to_thread(strongest)
        return " AND ".join(f'abs:"{term}"' for term in terms)

    async def _most_alike(self, paper: Paper, most: int) -> list[tuple[Paper, dict[int, float]]]:
        """Return the papers most like *paper*, each with what every term adds to that."""
        self._used = self._clock()
        if self._clock() - self._looked >= _LOOK_EVERY:  # also what a poll has just brought
            await self._sign_some()
        frequencies, signatures = await self._interests.frequencies(), await self._loaded()
        vector, wanted = await asyncio.to_thread(_candidates, paper, signatures, frequencies)
        stored = await self._store.papers.get_many(wanted)
        candidates = [one for one in stored if one.id != paper.id and not one.withdrawn]
        return await asyncio.to_thread(_ranked, vector, candidates, frequencies, most)

    async def _sign_some(self) -> bool:
        """Make some of the signatures that are missing; return whether more may be."""
        self._looked = self._clock()
        papers = await self._store.signatures.missing(_AT_ONCE)
        if not papers:
            return False
        frequencies = await self._interests.frequencies()
        made = await asyncio.to_thread(_signed, papers, frequencies)
        async with self._loading:
            await self._store.signatures.put(made)
            if self._signatures is not None:
                self._signatures.add((paper.id, signature) for paper, signature in made)
        return len(papers) == _AT_ONCE

    async def _loaded(self) -> Signatures:
        async with self._loading:
            if self._signatures is None:
                signatures, stored = Signatures(), await self._store.signatures.all()
                await asyncio.to_thread(signatures.add, stored)
                self._signatures = signatures
            return self._signatures


def _signed(papers: Sequence[Paper], frequencies: Frequencies) -> list[tuple[Paper, bytes]]:
    return [(paper, signature_of(vector_in(paper, frequencies))) for paper in papers]


def _candidates(
    paper: Paper, signatures: Signatures, frequencies: Frequencies
) -> tuple[Vector, list[PaperId]]:
    vector = vector_in(paper, frequencies)
    return vector, signatures.most_alike(vector, _CANDIDATES)


def _ranked(
    vector: Vector, candidates: Sequence[Paper], frequencies: Frequencies, most: int
) -> list[tuple[Paper, dict[int, float]]]:
    vectors = [vector_in(one, frequencies) for one in candidates]
    likeness = [dot(vector, one) for one in vectors]
    order = sorted(range(len(candidates)), key=lambda at: (likeness[at], candidates[at].id), reverse=True)
    return [
        (candidates[at], shared_weights(vector, vectors[at])) for at in order[:most] if likeness[at] >= _LEAST
    ]


def _in_words(shared: Sequence[tuple[Paper, dict[int, float]]]) -> list[Alike]:
    return [Alike(paper, terms_in_words(weights, [plain_text(paper)], REASONS)) for paper, weights in shared]
