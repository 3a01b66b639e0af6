"""Papers and keywords of which it is known, without asking the bot, which belong together."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

from bot.model.papers import Paper, PaperId
from tests.fakes.papers import make_paper

_COLOURS = ("amber", "blue", "coral", "denim", "ebony", "fawn", "green", "honey", "ivory", "jade", "khaki")
_BIRDS = (
    *("avocet", "bittern", "condor", "dunlin", "eider", "finch"),
    *("gannet", "heron", "ibis", "jay", "kestrel"),
)
TOPICS = tuple(f"{colour} {bird}" for colour, bird in zip(_COLOURS, _BIRDS, strict=True))
"""Keywords: a phrase that stands in the title or the abstract of a paper, or does not occur in it at all."""

_WIDTH = 5
_HIGHEST = 10**_WIDTH - 1


class Author:
    """Writes the papers of one world: numbers rise, but some were held back and come late with a low one."""

    def __init__(self, chance: Random, year_month: str = "2607") -> None:
        self._chance = chance
        self._month = year_month
        self._number = 100
        self._held_back: list[int] = []

    def announce(self, count: int, now: datetime) -> list[tuple[Paper, tuple[str, ...]]]:
        """Return *count* papers, each with its topics, in the order of their numbers."""
        numbers = []
        for _ in range(count):
            if self._held_back and self._chance.random() < 0.1:
                numbers.append(self._held_back.pop(self._chance.randrange(len(self._held_back))))
                continue
            self._number += 1
            if self._chance.random() < 0.1:
                self._held_back.append(self._number)
                self._number += 1
            numbers.append(self._number)
        assert self._number <= _HIGHEST, "the month has no more numbers"
        return [self._write(number, now) for number in sorted(numbers)]

    def _write(self, number: int, now: datetime) -> tuple[Paper, tuple[str, ...]]:
        topics = tuple(self._chance.sample(TOPICS, self._chance.choice((0, 1, 1, 1, 2, 3))))
        paper = make_paper(
            id=PaperId(f"{self._month}.{number:0{_WIDTH}d}"),
            title=f"On the {' and the '.join(topics[:1]) or 'sparrow'}, {number}",
            abstract=f"Paper {number} on birds. {' '.join(f'Some say {topic}.' for topic in topics[1:])}",
            # Submission says nothing of the number: some papers are held for days.
            published=now - timedelta(hours=self._chance.uniform(1, 100)),
        )
        return paper, topics


def topics_for(chance: Random, channels: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Return what each of *channels* is to subscribe to: one topic or several, and every topic somewhere."""
    wanted = {channel: set(chance.sample(TOPICS, chance.choice((1, 2, 3, 4)))) for channel in channels}
    for topic in TOPICS:
        wanted[chance.choice(channels)].add(topic)
    return {channel: tuple(sorted(topics)) for channel, topics in wanted.items()}
