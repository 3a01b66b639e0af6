"""Papers and keywords that are known to match without asking the bot."""

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
"""Keywords: phrases that occur in the title or the abstract of a paper, or not at all."""

_WIDTH = 5
_HIGHEST = 10**_WIDTH - 1


class Author:
    """Writes the papers of one world: numbers increase, but some papers come late with a low number."""

    def __init__(self, chance: Random, year_month: str = "2607") -> None:
        self._chance = chance
        self._month = year_month
        self._number = 100
        self._held_back: list[int] = []

    def announce(self, count: int, now: datetime) -> list[tuple[Paper, tuple[str, ...]]]:
        """Return *count* papers with their topics, in the order of their numbers."""
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
            # Submission does not determine the number: moderators hold some papers for days.
            published=now - timedelta(hours=self._chance.uniform(1, 100)),
        )
        return paper, topics


def topics_for(chance: Random, channels: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Return the topics for each of *channels*: one or several, and each topic somewhere."""
    wanted = {channel: set(chance.sample(TOPICS, chance.choice((1, 2, 3, 4)))) for channel in channels}
    for topic in TOPICS:
        wanted[chance.choice(channels)].add(topic)
    return {channel: tuple(sorted(topics)) for channel, topics in wanted.items()}
