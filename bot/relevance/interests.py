"""The interests of channels and people, learnt when they are needed and kept in memory.

How rare a term is, is counted over the ten thousand newest stored papers once a day, whatever else is stored:
by a job where that takes long, else at need. Until it is counted anew, the last count serves. An interest is
learnt anew when somebody said something new, and once a day.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.model.interests import Evidence
from bot.model.papers import Paper
from bot.ranking.interest import ENOUGH, Profile, learn
from bot.ranking.reasons import nearest, terms_in_words
from bot.ranking.terms import TermCounts, count_terms
from bot.ranking.vectors import Frequencies
from bot.relevance.scoring import Learnt, Scoring
from bot.relevance.texts import plain_text, vector_in
from bot.store import Store

_FRESH = timedelta(days=1)
_EARLY = timedelta(hours=1)  # a job counts so long before somebody would have to wait
_MANY = 1_000  # papers from which on counting takes seconds
_KEPT = 1_000  # interests in memory, of 8 kB each
_AT_ONCE = 250  # papers
_MOST, _SOME, _LESS = 5, 8, 5


@dataclass(frozen=True, slots=True)
class Words:
    """The terms of an interest in words, the strongest first; those in *less* count against a paper."""

    most: tuple[str, ...] = ()
    some: tuple[str, ...] = ()
    less: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Remembered:
    learnt: Learnt
    made: datetime


class Interests:
    """Learns interests from the store; its `scoring` scores papers by them."""

    def __init__(self, store: Store, *, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock
        self._frequencies = Frequencies()
        self._counted: datetime | None = None
        self._counting = asyncio.Lock()
        self._kept: OrderedDict[tuple[str, int], _Remembered] = OrderedDict()

    async def of_channel(self, destination_id: int) -> Learnt:
        """Return the interest of a channel."""
        return await self._learnt(
            ("channel", destination_id), await self._store.feedback.of_channel(destination_id)
        )

    async def of_person(self, user_id: int) -> Learnt:
        """Return a person's own interest."""
        return await self._learnt(("person", user_id), await self._store.feedback.of_person(user_id))

    async def in_words(self, learnt: Learnt) -> Words:
        """Return the strongest terms of an interest, as its papers spell them."""
        evidence = learnt.evidence
        given = await self._store.papers.get_many(evidence.given)
        less = await self._store.papers.get_many(evidence.less)
        return await asyncio.to_thread(_in_words, learnt.profile, given, less)

    async def scoring(self) -> Scoring:
        """Return what scores papers by interests, for one round or one answer."""
        return Scoring(await self.frequencies())

    async def nearest(self, learnt: Learnt, paper: Paper) -> Paper | None:
        """Return the saved or added paper that is most like *paper*, itself excepted; None if none is."""
        frequencies = await self.frequencies()
        others = [one for one in learnt.evidence.given if one != paper.id]
        given = await self._store.papers.get_many(others)

        def find() -> int | None:
            return nearest(vector_in(paper, frequencies), [vector_in(one, frequencies) for one in given])

        found = await asyncio.to_thread(find)
        return None if found is None else given[found]

    async def _learnt(self, key: tuple[str, int], evidence: Evidence) -> Learnt:
        now, kept = self._clock(), self._kept.get(key)
        if kept and now - kept.made < _FRESH and _said(kept.learnt.evidence) == _said(evidence):
            self._kept.move_to_end(key)
            return replace(kept.learnt, evidence=evidence)
        profile = await self._profile(evidence)
        learnt = Learnt(profile, evidence)
        self._kept[key] = _Remembered(learnt, now)
        self._kept.move_to_end(key)
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        return learnt

    async def _profile(self, evidence: Evidence) -> Profile:
        given = list(evidence.given)
        if not given and not evidence.less:
            return Profile()
        frequencies = await self.frequencies()
        groups = [given, list(evidence.left), list(evidence.less)]
        if len(groups[0]) < ENOUGH and not evidence.less:
            return Profile(given=len(groups[0]))
        loaded = [await self._store.papers.get_many(group) for group in groups]

        def learn_from() -> Profile:
            given, left, less = ([vector_in(paper, frequencies) for paper in group] for group in loaded)
            return learn(given, left, less)

        return await asyncio.to_thread(learn_from)

    async def frequencies(self) -> Frequencies:
        """Return how rare terms are, counted anew if that was more than a day ago.

        While that is being done, return what was counted before.
        """
        await self._count(_FRESH)
        return self._frequencies

    async def prepare(self) -> None:
        """Count how rare terms are before somebody needs it, if that takes long because of many papers."""
        if await self._store.papers.count() >= _MANY:
            await self._count(_FRESH - _EARLY)

    async def _count(self, fresh: timedelta) -> None:
        if self._counted is not None and self._counting.locked():
            return
        async with self._counting:
            now = self._clock()
            if self._counted is not None and timedelta() <= now - self._counted < fresh:
                return
            sample = await self._store.feedback.sample()
            frequencies = Frequencies()
            for first in range(0, len(sample), _AT_ONCE):
                papers = await self._store.papers.get_many(sample[first : first + _AT_ONCE])
                for counts in await asyncio.to_thread(_counts, papers):
                    frequencies.add(counts)
            self._frequencies, self._counted = frequencies, now


def _said(evidence: Evidence) -> object:
    """Return what people said, without what they left, which changes with every post."""
    return evidence.saved, evidence.added, evidence.less


def _counts(papers: Iterable[Paper]) -> list[TermCounts]:
    return [count_terms(plain_text(paper)) for paper in papers]


def _in_words(profile: Profile, given: Sequence[Paper], less: Sequence[Paper]) -> Words:
    weights: Mapping[int, float] = dict(
        zip(profile.vector.terms.tolist(), profile.vector.weights.tolist(), strict=True)
    )
    wanted = {term: weight for term, weight in weights.items() if weight > 0}
    unwanted = {term: -weight for term, weight in weights.items() if weight < 0}
    strongest = terms_in_words(wanted, [plain_text(paper) for paper in given], _MOST + _SOME)
    weakest = terms_in_words(unwanted, [plain_text(paper) for paper in less], _LESS)
    return Words(strongest[:_MOST], strongest[_MOST:], weakest)
