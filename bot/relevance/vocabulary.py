"""The words of the stored papers, by which a misspelt query is recognized.

They are counted over the ten thousand newest papers, as the terms of interests are. Counting takes seconds,
so a job does it; the words take three megabytes.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from bot.query.spelling import typed_words
from bot.ranking.spelling import LEAST, meant_word, words_in
from bot.store import Store

_FRESH = timedelta(days=1)
_GROWTH = 1.1  # so many times the papers that were counted are worth counting again
_LOOK_EVERY = timedelta(hours=1)
_AT_ONCE = 250  # papers
_MOST = 4  # unknown words of one query; each takes ten milliseconds


class Vocabulary:
    """Knows how many of the papers of *store* hold a word."""

    def __init__(self, store: Store, *, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock
        self._known: Mapping[str, int] = {}
        self._counted: datetime | None = None
        self._papers = 0
        self._counting = asyncio.Lock()

    async def count(self) -> float:
        """Count the words unless that has been done lately; return the seconds until the next look."""
        await self._current()
        return _LOOK_EVERY.total_seconds()

    async def meant(self, typed: str) -> dict[int, str]:
        """Return the words that were meant by misspelt ones in *typed*, a query that can be read.

        The keys are their numbers in `bot.query.spelling.typed_words`.
        """
        return await asyncio.to_thread(_meant, typed, await self._current())

    async def _current(self) -> Mapping[str, int]:
        async with self._counting:
            now, stored = self._clock(), await self._store.papers.count()
            fresh = self._counted is not None and timedelta() <= now - self._counted < _FRESH
            if not fresh or stored > self._papers * _GROWTH:
                self._known = await self._count()
                self._counted, self._papers = now, stored
            return self._known

    async def _count(self) -> Mapping[str, int]:
        counts: Counter[str] = Counter()
        sample = await self._store.feedback.sample()
        for first in range(0, len(sample), _AT_ONCE):
            texts = await self._store.papers.texts(sample[first : first + _AT_ONCE])
            counts.update(await asyncio.to_thread(_counts, texts))
        return {word: papers for word, papers in counts.items() if papers >= LEAST}


def _counts(texts: Iterable[str]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(words_in(text))
    return counts


def _meant(typed: str, known: Mapping[str, int]) -> dict[int, str]:
    unknown = [
        (number, word.text)
        for number, word in enumerate(typed_words(typed))
        if word.text.lower() not in known
    ]
    meant = {number: meant_word(word, known) for number, word in unknown[:_MOST]}
    return {number: word for number, word in meant.items() if word}
