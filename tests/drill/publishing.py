"""Keeps arXiv publishing: a few papers at a time, or many after a pause, and revisions."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping, Sequence
from random import Random

from tests.drill.clock import WorldClock
from tests.drill.fakes import DrillArxiv
from tests.drill.papers import Author
from tests.drill.witness import Witness
from tests.fakes.arxiv import revised

_TICK = 0.15  # seconds between two checks whether to publish more
_WAITING = 200  # posts that may be pending before it does
_QUIET = 0.01  # chance that it waits until everything has arrived, then publishes very many
_LONGEST_QUIET, _BURST = 4.0, 40
_ON_ARXIV = 140  # papers that it lists; beyond that, papers that arrived everywhere are removed
_ALWAYS_SHOWN = 25  # except that one in so many stays


class Publisher:
    """Publishes on *arxiv*, as fast as papers arrive, and tells the witness which channels want them."""

    def __init__(
        self,
        arxiv: DrillArxiv,
        author: Author,
        wanted: Mapping[int, Sequence[str]],
        witness: Witness,
        *,
        clock: WorldClock,
        chance: Random,
    ) -> None:
        self._arxiv = arxiv
        self._author = author
        self._wanted = wanted
        self._witness = witness
        self._clock = clock
        self._chance = chance

    async def run(self) -> None:
        while True:
            if self._chance.random() < _QUIET:
                # Then channels are idle, so the first of many papers is posted as soon as it is stored.
                await self._until_all_arrived(_LONGEST_QUIET)
                if not self._witness.missing:
                    self._publish(_BURST)
            elif len(self._witness.missing) < _WAITING:
                self._publish(self._chance.randint(3, 12))
            await asyncio.sleep(_TICK)

    async def _until_all_arrived(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while self._witness.missing:  # noqa: ASYNC110 - the fakes have no event for this
                    await asyncio.sleep(_TICK)

    def _publish(self, count: int) -> None:
        papers = self._author.announce(count, self._clock.now())
        for paper, topics in papers:
            wanting = [channel for channel, wanted in self._wanted.items() if set(wanted) & set(topics)]
            self._witness.announced(paper.id.text, wanting)
        self._arxiv.publish(paper for paper, _ in papers)
        if self._chance.random() < 0.2:
            paper = self._chance.choice(self._arxiv.papers)
            again = revised(paper, updated=self._clock.now(), title=f"{paper.title}, again")
            self._arxiv.publish([again])
        self._drop_old()

    def _drop_old(self) -> None:
        """Remove papers from arXiv's lists as a real look-back would; never one that has yet to arrive."""
        spare = len(self._arxiv.papers) - _ON_ARXIV
        kept = []
        for paper in self._arxiv.papers:
            if spare > 0 and paper.id.number % _ALWAYS_SHOWN and self._witness.is_everywhere(paper.id.text):
                spare -= 1
            else:
                kept.append(paper)
        self._arxiv.papers = kept
