"""What becomes of held papers: a manager wants them, or a later poll decides on each."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.model.papers import PaperId
from bot.model.subscriptions import Deliver, Options
from bot.rules.held import CONFIRMED_AFTER, Decision, HeldPaper, judge, release, review

NOW = datetime(2026, 7, 21, 8, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
LONG_AGO, WEEK = NOW - CONFIRMED_AFTER, NOW - 7 * DAY
FIRST, SECOND, THIRD = PaperId("2607.00001"), PaperId("2607.00002"), PaperId("2607.00003")
LIVE, DIGEST, BOTH = Options(), Options(deliver=Deliver.DIGEST), Options(deliver=Deliver.BOTH)
MATH = Options(categories=("math",))


def held(paper: PaperId = FIRST, *, since: datetime = LONG_AGO, **matched: Options) -> HeldPaper:
    return HeldPaper(paper, since, NOW - DAY, ("cs.CL", "eess.AS"), "cs.CL", matched)


@pytest.mark.parametrize(
    ("matched", "posted", "in_digest"),
    [
        ({"tts": LIVE}, True, False),
        ({"tts": DIGEST}, False, True),
        ({"tts": BOTH}, True, True),
        ({"tts": LIVE, "vocoder": DIGEST}, True, True),
        ({"tts": MATH, "vocoder": DIGEST}, False, True),  # its categories leave the paper out
        ({"tts": MATH}, False, False),
        ({}, False, False),
    ],
)
def test_released_papers_arrive_as_their_subscriptions_say_today(
    matched: dict[str, Any], posted: bool, in_digest: bool
) -> None:
    released = release([held(**matched)])
    assert (FIRST in released.posts, FIRST in released.digest) == (posted, in_digest)


def test_each_paper_is_released_for_its_own_subscriptions_in_order() -> None:
    released = release([held(SECOND, tts=LIVE), held(FIRST, vocoder=DIGEST), held(THIRD, tts=LIVE)])
    assert (released.posts, released.digest) == ((SECOND, THIRD), (FIRST,))


@pytest.mark.parametrize(
    ("held_since", "returned", "asked_from", "decision"),
    [
        (LONG_AGO, True, [WEEK], Decision.LIST),
        (LONG_AGO, True, [], Decision.LIST),
        (LONG_AGO, False, [WEEK], Decision.DROP),
        (LONG_AGO, False, [WEEK, WEEK], Decision.DROP),
        (LONG_AGO + MINUTE, True, [WEEK], Decision.WAIT),  # the same list a little later
        (LONG_AGO + MINUTE, False, [WEEK], Decision.WAIT),
        (LONG_AGO, False, [WEEK, None], Decision.WAIT),  # one of its queries was not asked
        (LONG_AGO, False, [NOW - 2 * DAY], Decision.DROP),  # asked for a day more than needed
        (LONG_AGO, False, [NOW - 2 * DAY + MINUTE], Decision.WAIT),
        (LONG_AGO, False, [WEEK, NOW - DAY], Decision.WAIT),  # one query did not ask for its date
        (LONG_AGO, False, [], Decision.WAIT),  # nobody wants it at the moment
    ],
)
def test_a_later_poll_decides_on_what_was_held_back(
    held_since: datetime, returned: bool, asked_from: list[datetime | None], decision: Decision
) -> None:
    assert decision is judge(
        held_since=held_since, published=NOW - DAY, returned=returned, asked_from=asked_from, now=NOW
    )


def test_each_held_paper_is_reviewed_by_the_queries_that_want_it() -> None:
    papers = [
        held(FIRST, tts=LIVE, vocoder=LIVE),
        held(SECOND, tts=LIVE),
        held(THIRD, tts=LIVE, vocoder=MATH),  # which does not want it, and was not asked
    ]
    assert review(papers, returned={FIRST}, asked={"tts": WEEK}, now=NOW) == {
        FIRST: Decision.LIST,
        SECOND: Decision.DROP,
        THIRD: Decision.DROP,
    }
    assert review(papers, returned=set(), asked={"vocoder": WEEK}, now=NOW) == dict.fromkeys(
        (FIRST, SECOND, THIRD), Decision.WAIT
    )
