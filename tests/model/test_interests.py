"""What an interest is learnt from."""

from __future__ import annotations

from collections.abc import Iterator

from bot.model.interests import Evidence
from bot.model.papers import PaperId
from tests.fakes.papers import make_papers

ONE, TWO, THREE = (paper.id for paper in make_papers(3))


class _Saved(tuple[tuple[PaperId, int], ...]):
    """Saved papers that count how often somebody goes through them."""

    __slots__ = ()
    readings: list[int] = []  # noqa: RUF012 - it is shared on purpose

    def __iter__(self) -> Iterator[tuple[PaperId, int]]:
        self.readings.append(len(self))
        return super().__iter__()


def test_a_saved_paper_counts_for_each_person_and_an_added_one_once() -> None:
    evidence = Evidence(saved=((ONE, 3), (TWO, 1)), added=(THREE, ONE))
    assert list(evidence.given.items()) == [(ONE, 3), (TWO, 1), (THREE, 1)]
    assert evidence.saves == 4


def test_the_saved_papers_are_read_once_however_many_were_added() -> None:
    """They are hundreds in a busy channel, and every poll asks for them."""
    saved = _Saved((paper.id, 1) for paper in make_papers(50))
    evidence = Evidence(saved=saved, added=tuple(paper.id for paper in make_papers(80)))
    assert len(evidence.given) == 80
    assert saved.readings == [50]
