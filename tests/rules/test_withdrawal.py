"""Which waiting papers stay when one of a channel's subscriptions ends or asks for digests."""

from __future__ import annotations

from itertools import product

import pytest

from bot.model.papers import PaperId
from bot.model.subscriptions import Deliver, Options
from bot.rules.withdrawal import Claim, claimed, turns_to_digest

PAPER = PaperId("2607.01001")


@pytest.mark.parametrize(
    ("options", "wanted", "wanted_as_post"),
    [
        (Options(), True, True),
        (Options(deliver=Deliver.BOTH), True, True),
        (Options(deliver=Deliver.DIGEST), True, False),
        (Options(categories=("math",)), False, False),
        (Options(categories=("eess",)), True, True),
        (Options(categories=("eess",), cross_lists=False), False, False),
    ],
)
def test_another_subscription_keeps_a_paper_that_it_wants(
    options: Options, wanted: bool, wanted_as_post: bool
) -> None:
    claim = Claim(PAPER, ("cs.CL", "eess.AS"), "cs.CL", options)
    assert claimed([claim]) == ({PAPER} if wanted else set())
    assert claimed([claim], as_post=True) == ({PAPER} if wanted_as_post else set())


@pytest.mark.parametrize(("before", "after"), list(product(Deliver, Deliver)))
def test_posts_turn_to_a_digest_only_if_nothing_but_that_is_asked_for(
    before: Deliver, after: Deliver
) -> None:
    turns = turns_to_digest(Options(deliver=before), Options(deliver=after))
    assert turns is (after is Deliver.DIGEST and before is not Deliver.DIGEST)
