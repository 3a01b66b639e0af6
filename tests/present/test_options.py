from __future__ import annotations

from dataclasses import replace

from bot.model.subscriptions import Deliver, Destination, Options, Subscription
from bot.present.options import delivery_in_words, options_in_short
from tests.fakes.papers import EPOCH

SUBSCRIPTION = Subscription(
    id=3,
    destination=Destination(1, 10, 20),
    keyword="speech synthesis",
    query="speech synthesis",
    options=Options(),
    since=None,
    created_at=EPOCH,
)
ALL = Options(Deliver.DIGEST, 5, ("cs.CL", "stat"), cross_lists=False, revisions=True)


def test_every_option_is_a_sentence() -> None:
    assert delivery_in_words(replace(SUBSCRIPTION, options=ALL)) == (
        "Collected for the digest in <#20>. Each post mentions <@&5>. Only papers in Computation and "
        "Language (`cs.CL`), Statistics (`stat`), without cross-lists. New versions are posted too."
    )


def test_defaults_are_one_sentence() -> None:
    assert delivery_in_words(SUBSCRIPTION) == "Posted in <#20> as soon as arXiv announces them."


def test_other_options_than_the_present_ones_are_written() -> None:
    before = Options(Deliver.BOTH, categories=("cs.CL",))
    assert delivery_in_words(SUBSCRIPTION, before) == (
        "Posted in <#20> as soon as arXiv announces them, and again in the digest. Only papers in "
        "Computation and Language (`cs.CL`), including cross-lists."
    )


def test_a_list_says_the_same_in_short() -> None:
    assert options_in_short(ALL) == (
        "in the digest · mentions <@&5> · cs.CL, stat · without cross-lists · new versions too"
    )
    assert options_in_short(Options()) == "live"


def test_a_menu_shows_no_mentions() -> None:
    assert options_in_short(Options(Deliver.BOTH, 5), mention=False) == "live and in the digest"
