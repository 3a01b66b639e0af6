"""What an interest is learnt from. Every datetime is aware and UTC."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from bot.model.papers import PaperId


class Verdict(enum.StrEnum):
    """What a channel was told about a paper: more like it, which was added, or less."""

    MORE = "more"
    LESS = "less"


@dataclass(frozen=True, slots=True)
class Evidence:
    """The papers that an interest is learnt from, the newest first.

    *saved* counts for each paper the people who saved it; in a person's own evidence, each counts once.
    *added* were given to a channel. *less* are those of which fewer are wanted, *left* those that were seen
    and not saved. *savers* is how many people saved something.
    """

    saved: tuple[tuple[PaperId, int], ...] = ()
    added: tuple[PaperId, ...] = ()
    less: tuple[PaperId, ...] = ()
    left: tuple[PaperId, ...] = ()
    savers: int = 0

    @property
    def saves(self) -> int:
        """How often a paper was saved, once for each person."""
        return sum(count for _, count in self.saved)

    @property
    def given(self) -> dict[PaperId, int]:
        """Each saved or added paper, with how often it counts."""
        saved = dict(self.saved)
        return saved | {paper: 1 for paper in self.added if paper not in saved}
