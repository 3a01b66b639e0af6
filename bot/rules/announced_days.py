"""What the feeds say about a day, and whether that can be true (pure).

A feed may be a day old under today's date, or far too short. What was announced before tells: a paper's
number is given when it is announced, so new papers have higher numbers than all before; and the same weekday
usually brings about as many.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from statistics import median
from typing import Self

from bot.model.papers import PaperId

_WEEKS = 4
_DOUBTFUL = 0.5


@dataclass(frozen=True, slots=True)
class AnnouncedDays:
    """What was announced up to `day` (Eastern time), and the `highest` serial of it and of all before.

    `counts` are those of `feed_groups.count_papers` on that day, and `usual` the numbers of new papers of the
    last weeks, the latest last, by weekday (Monday is 0).
    """

    day: date | None = None
    highest: int = 0
    highest_before: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)
    usual: Mapping[int, Sequence[int]] = field(default_factory=dict)

    def to_text(self) -> str:
        return json.dumps(
            {
                "day": self.day.isoformat() if self.day else None,
                "highest": [self.highest, self.highest_before],
                "counts": dict(self.counts),
                "usual": {str(weekday): list(numbers) for weekday, numbers in self.usual.items()},
            }
        )

    @classmethod
    def from_text(cls, text: str | None) -> Self:
        """Return what `to_text` wrote; nothing where nothing or something else was stored."""
        try:
            kept = json.loads(text or "")
            return cls(
                day=date.fromisoformat(kept["day"]) if kept["day"] else None,
                highest=int(kept["highest"][0]),
                highest_before=int(kept["highest"][1]),
                counts={str(name): int(count) for name, count in kept["counts"].items()},
                usual={int(weekday): [int(n) for n in numbers] for weekday, numbers in kept["usual"].items()},
            )
        except (ValueError, TypeError, LookupError, AttributeError):
            return cls()

    def before(self, day: date) -> Self:
        """Return what was known before *day*, which may have been read already."""
        if self.day != day:
            return self
        earlier = dict(self.usual)
        earlier[day.weekday()] = list(earlier.get(day.weekday(), ()))[:-1]
        return replace(self, day=None, highest=self.highest_before, usual=earlier)

    def after(self, day: date, new: Collection[PaperId], counts: Mapping[str, int]) -> Self:
        """Return what is known after *day*, under which the papers *new* were announced."""
        weeks = [*self.usual.get(day.weekday(), ()), len(new)][-_WEEKS:]
        return replace(
            self,
            day=day,
            highest=max([self.highest, *(paper.serial for paper in new)]),
            highest_before=self.highest,
            counts=counts or self.counts,
            usual=dict(self.usual) | {day.weekday(): weeks},
        )

    def is_stale(self, new: Collection[PaperId]) -> bool:
        """Tell whether a feed with the papers *new* is that of an earlier day: all of them are known."""
        return bool(new) and max(paper.serial for paper in new) <= self.highest

    def newer(self, papers: Collection[PaperId]) -> int:
        """Return how many of *papers* have been announced after all that is known."""
        return sum(paper.serial > self.highest for paper in papers)

    def expected(self, day: date) -> int:
        """Return how many new papers are usual on the weekday of *day*, but for silent ones; 0 if unknown."""
        usual = [number for number in self.usual.get(day.weekday(), ()) if number]
        return round(median(usual)) if usual else 0

    def is_doubtful(self, day: date, new: int) -> bool:
        """Tell whether *new* papers are far fewer than usual on the weekday of *day*."""
        return is_far_below(new, self.expected(day))


def is_far_below(count: int, expected: int) -> bool:
    """Tell whether *count* papers are so few that they cannot be the *expected* ones."""
    return count < _DOUBTFUL * expected
