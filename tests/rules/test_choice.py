"""The best of an announcement day, and what waits where a cap is short."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.model.outbox import Kind, PaperMark
from bot.model.papers import PaperId
from bot.rules.choice import (
    BACKLOG,
    BEST,
    NOTHING_CHOSEN,
    Choice,
    Places,
    ScoredPaper,
    choose,
    explained,
    places_left,
    together,
)
from bot.rules.newness import Intent
from bot.rules.pace import Allowance, Pace, apply_limits

NOW = datetime(2026, 7, 21, tzinfo=UTC)


def paper(number: int) -> PaperId:
    return PaperId(f"2607.{number:05d}")


def scored(*scores: float, live: bool = True) -> list[ScoredPaper]:
    return [ScoredPaper(paper(number), score, live) for number, score in enumerate(scores, 1)]


def chosen(choice: Choice) -> list[int]:
    return [key[1].number for key in choice.marks]


def new(number: int, **changes: Any) -> Intent:
    fields: dict[str, Any] = {"live": True, "digest": False} | changes
    return Intent(1, paper(number), 1, kind=Kind.PAPER, **fields)


def test_the_closest_take_the_places_and_ties_go_to_the_newest() -> None:
    choice = choose(1, scored(0.1, 0.9, 0.5, 0.5), Places(best=2))
    assert chosen(choice) == [2, 4]
    assert choice.deferred == frozenset()
    assert choice.score(1, paper(2)) == 0.9
    assert choice.score(1, paper(9)) is choice.score(2, paper(2)) is None


def test_under_a_cap_the_closest_are_posted() -> None:
    papers = [*scored(0.1, 0.9, 0.5), ScoredPaper(paper(9), 0.7, live=False)]
    choice = choose(1, papers, Places(best=1, posted=2))
    assert choice.deferred == {(1, paper(1))}


@pytest.mark.parametrize(
    ("places", "waiting"),
    [
        (Places(1, None, 2), [1, 2]),
        (Places(1, 3, 2), [1, 2]),
        (Places(1, 1, 2), [1, 2, 4]),
        (Places(1, None, 0), [1, 2, 3]),
    ],
)
def test_of_a_backlog_the_closest_are_posted(places: Places, waiting: list[int]) -> None:
    behind = [ScoredPaper(paper(number), number / 9, behind=True) for number in (1, 2, 3)]
    choice = choose(1, [*behind, ScoredPaper(paper(4), 0.3)], places)
    assert sorted(key[1].number for key in choice.deferred) == waiting


@pytest.mark.parametrize(
    ("best", "cap", "marked", "posted", "left"),
    [
        (None, None, 0, 9, Places(BEST, None, BACKLOG - 9)),
        (3, None, 2, 0, Places(1, None)),
        (3, None, 7, 99, Places(0, None, 0)),
        (None, 2, 0, 1, Places(2, 1, BACKLOG - 1)),
        (20, 4, 3, 9, Places(1, 0, BACKLOG - 9)),
    ],
)
def test_the_best_are_never_more_than_the_cap(
    best: int | None, cap: int | None, marked: int, posted: int, left: Places
) -> None:
    assert places_left(best, cap, marked=marked, posted=posted) == left


def test_reasons_and_a_star_are_added_where_enough_was_saved() -> None:
    choice = explained(choose(1, scored(0.1, 0.9), Places(best=2)), {paper(2): ("spin glass",)})
    assert choice.marks[1, paper(2)] == PaperMark(star=True, terms=("spin glass",))
    assert choice.marks[1, paper(1)] == PaperMark(star=True)


def test_choices_of_channels_are_kept_apart() -> None:
    one, other = (choose(number, scored(0.1, 0.9), Places(1, 1)) for number in (1, 2))
    both = together([one, other], NOW)
    assert set(both.marks) == {(1, paper(2)), (2, paper(2))}
    assert both.deferred == {(1, paper(1)), (2, paper(1))}
    assert both.since == NOW
    assert both.score(2, paper(1)) == 0.1


# What becomes of a choice when it is recorded


def marked(*numbers: int, deferred: tuple[int, ...] = ()) -> Choice:
    marks = {(1, paper(number)): PaperMark() for number in numbers}
    return Choice(marks, frozenset((1, paper(number)) for number in deferred))


def where(intent: Intent) -> str:
    return ("★" if intent.mark else "") + ("digest" if intent.overflow or not intent.live else "live")


def limited(allowance: Allowance, choice: Choice, *numbers: int, **changes: Any) -> list[str]:
    intents = [new(number, **changes) for number in numbers]
    return [where(one) for one in apply_limits(intents, {1: allowance}, Pace(choice=choice))]


def test_the_best_are_posted_and_the_others_come_together() -> None:
    assert limited(Allowance(cap=None, best=5, best_only=True), marked(2), 1, 2, 3) == [
        "digest",
        "★live",
        "digest",
    ]
    assert limited(Allowance(cap=None, best=5), marked(2), 1, 2) == ["live", "★live"]


def test_what_is_not_among_the_best_says_so_and_what_is_above_the_cap_does_not() -> None:
    pace = Pace(choice=marked(2))
    allowance = Allowance(cap=None, best=5, best_of_day=5, best_only=True)
    assert [one.beyond_best for one in apply_limits([new(1), new(2)], {1: allowance}, pace)] == [5, 0]
    pace = Pace(choice=marked(deferred=(1,)))
    assert [one.beyond_best for one in apply_limits([new(1), new(2)], {1: Allowance(cap=1)}, pace)] == [0, 0]


def test_a_paper_keeps_its_score_however_it_arrives() -> None:
    choice = choose(1, scored(0.1, 0.9, 0.5), Places(best=1))
    allowance = Allowance(cap=None, best=1, best_only=True, most=2)
    limited = apply_limits([new(number) for number in (1, 2, 3, 4)], {1: allowance}, Pace(choice=choice))
    assert [one.score for one in limited] == [0.1, 0.9, 0.5, None]


def test_a_choice_counts_only_as_long_as_there_are_places() -> None:
    assert limited(Allowance(cap=None, best=1, best_only=True), marked(1, 2), 1, 2) == ["★live", "digest"]


def test_a_chosen_paper_of_a_digest_is_marked_and_not_posted() -> None:
    assert limited(Allowance(cap=None, best=1), marked(1), 1, live=False, digest=True) == ["★digest"]


def test_after_an_outage_the_closest_are_posted_and_not_the_first() -> None:
    scores = [number / 100 for number in range(100)]
    papers = [ScoredPaper(paper(number), score, behind=True) for number, score in enumerate(scores, 1)]
    choice = choose(1, papers, Places(best=5))
    numbers = [one.paper.number for one in papers]
    shared = limited(Allowance(cap=None, best=5), choice, *numbers, behind=True)
    assert shared == ["digest"] * 75 + ["live"] * 20 + ["★live"] * 5


def test_what_comes_first_uses_up_no_place_of_the_closest() -> None:
    """Some queries of a channel catch up, and others bring much before them by number."""
    usual = [ScoredPaper(paper(number), 0.1) for number in range(1, BACKLOG + 9)]
    best = ScoredPaper(paper(99), 0.9, behind=True)
    choice = choose(1, [*usual, best], Places(best=1))
    intents = [*(new(one.paper.number) for one in usual), new(99, behind=True)]
    shared = apply_limits(intents, {1: Allowance(cap=None, best=1)}, Pace(choice=choice))
    assert where(shared[-1]) == "★live"


def test_of_the_marked_the_closest_are_posted_where_a_cap_is_short() -> None:
    choice = choose(1, scored(0.1, 0.5, 0.9), Places(best=2, posted=1))
    assert limited(Allowance(cap=5, today=4, best=2), choice, 1, 2, 3) == ["digest", "★digest", "★live"]


def test_what_waits_under_a_cap_leaves_room_for_the_closer() -> None:
    assert limited(Allowance(cap=2), marked(deferred=(1, 3)), 1, 2, 3, 4) == [
        "digest",
        "live",
        "digest",
        "live",
    ]


def test_a_paper_held_back_is_not_marked() -> None:
    pace = Pace(choice=marked(1))
    [held] = apply_limits([new(1)], {1: Allowance(cap=None, best=1, most=0)}, pace)
    assert (held.held, held.mark) == (True, None)


@given(
    st.lists(st.floats(0, 1), max_size=30),
    st.integers(0, 5),
    st.none() | st.integers(0, 10),
    st.booleans(),
)
def test_nothing_is_lost_and_no_limit_exceeded(
    scores: list[float], best: int, cap: int | None, best_only: bool
) -> None:
    places = places_left(best or None, cap, marked=0, posted=0)
    choice = choose(1, scored(*scores), places)
    allowance = Allowance(cap=cap, best=places.best, best_only=best_only)
    intents = [new(number) for number in range(1, len(scores) + 1)]
    limited = apply_limits(intents, {1: allowance}, Pace(choice=choice))
    live = [one for one in limited if one.live]
    assert [one.paper for one in limited] == [one.paper for one in intents]
    assert all(one.live != (one.digest and one.overflow) for one in limited), "in exactly one place"
    assert cap is None or len(live) <= cap
    assert sum(one.mark is not None for one in limited) == min(places.best, len(scores))
    if best_only:
        assert all(one.mark for one in live)


def test_nothing_chosen_changes_nothing() -> None:
    assert limited(Allowance(cap=1), NOTHING_CHOSEN, 1, 2) == ["live", "digest"]
