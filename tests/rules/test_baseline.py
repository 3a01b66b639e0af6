"""From which paper on a subscription gets papers: when it is made, polled, paused, and taken up again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.model.papers import PaperId
from bot.rules.baseline import (
    FIRST_IDENTIFIER,
    Baseline,
    after_pause,
    after_poll,
    after_removal,
    at_subscription,
    began,
    margin_is_open,
)

NOW = datetime(2026, 7, 21, 8, tzinfo=UTC)
SECOND = timedelta(seconds=1)
ACCIDENT, MARGIN_LASTS = timedelta(days=1), timedelta(days=90)
LATER, EVEN_LATER = NOW + MARGIN_LASTS, NOW + 2 * MARGIN_LASTS
OLD, HIGHEST = PaperId("2607.01000"), PaperId("2607.05000")
BELOW_THE_MARGIN, IN_THE_MARGIN = PaperId("2607.02000"), PaperId("2607.02001")


def at(*known: PaperId, highest: PaperId | None = HIGHEST, complete: bool = False) -> Baseline:
    return at_subscription(known, highest=highest, highest_by_month={}, complete=complete, now=NOW)


def test_a_subscription_starts_at_the_highest_paper_known() -> None:
    assert at(OLD).since == HIGHEST


def test_where_nothing_is_known_at_all_every_paper_is_new() -> None:
    assert at(highest=None, complete=True) == Baseline(FIRST_IDENTIFIER, LATER)


@pytest.mark.parametrize(
    ("known", "complete", "open_"),
    [
        ([IN_THE_MARGIN], True, True),  # arXiv has no other papers
        ([HIGHEST, IN_THE_MARGIN], False, False),
        ([HIGHEST, BELOW_THE_MARGIN], False, True),
        ([], False, False),
    ],
)
def test_the_margin_opens_once_it_is_known_what_it_holds(
    known: list[PaperId], complete: bool, open_: bool
) -> None:
    assert at(*known, complete=complete).margin_until == (LATER if open_ else None)


@pytest.mark.parametrize(
    ("before", "highest", "after"),
    [
        (Baseline(None), HIGHEST, Baseline(HIGHEST, LATER)),
        (Baseline(None), None, Baseline(FIRST_IDENTIFIER, LATER)),
        (Baseline(OLD), HIGHEST, Baseline(OLD, LATER)),  # only the margin was missing
        (Baseline(OLD, EVEN_LATER), HIGHEST, Baseline(OLD, EVEN_LATER)),
        (Baseline(OLD, NOW - SECOND), HIGHEST, Baseline(OLD, NOW - SECOND)),  # closed for good
    ],
)
def test_the_first_poll_completes_a_baseline(
    before: Baseline, highest: PaperId | None, after: Baseline
) -> None:
    assert after_poll(before, highest, NOW) == after


@pytest.mark.parametrize(("highest", "since"), [(HIGHEST, HIGHEST), (None, OLD)])
def test_a_resumed_subscription_starts_afresh(highest: PaperId | None, since: PaperId) -> None:
    assert after_pause(Baseline(OLD, LATER), highest) == Baseline(since, None)


@pytest.mark.parametrize(
    ("since", "highest", "away", "after"),
    [
        (OLD, HIGHEST, ACCIDENT - SECOND, Baseline(OLD, LATER)),  # an accident: nothing is missed
        (OLD, HIGHEST, ACCIDENT, Baseline(HIGHEST, None)),
        (OLD, HIGHEST, None, Baseline(OLD, LATER)),  # it was not removed
        (OLD, None, 2 * ACCIDENT, Baseline(OLD, LATER)),
        (None, HIGHEST, 2 * ACCIDENT, Baseline(None, LATER)),  # its first poll is still to come
        (HIGHEST, HIGHEST, 2 * ACCIDENT, Baseline(HIGHEST, LATER)),  # nothing came meanwhile
    ],
)
def test_who_invites_the_bot_again_after_a_day_is_not_flooded(
    since: PaperId | None, highest: PaperId | None, away: timedelta | None, after: Baseline
) -> None:
    removed_at = None if away is None else NOW - away
    assert after_removal(Baseline(since, LATER), highest, removed_at=removed_at, now=NOW) == after


@pytest.mark.parametrize(
    ("until", "open_"), [(None, False), (NOW + SECOND, True), (NOW, False), (NOW - SECOND, False)]
)
def test_the_margin_ends_when_nothing_can_be_late_any_more(until: datetime | None, open_: bool) -> None:
    assert margin_is_open(until, NOW) is open_


@pytest.mark.parametrize(("until", "at"), [(LATER, NOW), (EVEN_LATER, LATER), (None, None)])
def test_a_baseline_began_when_its_margin_opened(until: datetime | None, at: datetime | None) -> None:
    assert began(until) == at
