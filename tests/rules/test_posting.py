"""What a post says of the subscriptions that brought its paper."""

from __future__ import annotations

import pytest

from bot.model.subscriptions import Deliver, Options, State
from bot.rules.posting import MatchingSubscription, posting
from tests.fakes.papers import make_paper

PAPER = make_paper(1001)
TTS = MatchingSubscription("tts", Options(role_id=1), words=("speech",))
VOCODER = MatchingSubscription("vocoder", Options(role_id=2), words=("vocoder", "speech"))
PAUSED = MatchingSubscription("paused", Options(role_id=3), State.PAUSED, words=("paused",))
ELSEWHERE = MatchingSubscription("math", Options(role_id=4, categories=("math",)), words=("math",))
DIGEST = MatchingSubscription("digest", Options(role_id=5, deliver=Deliver.DIGEST))
BOTH = MatchingSubscription("both", Options(role_id=1, deliver=Deliver.BOTH))


def test_a_post_names_every_keyword_role_and_word_once_in_order() -> None:
    made = posting(PAPER, [VOCODER, TTS, BOTH, DIGEST, ELSEWHERE, PAUSED])
    assert made is not None
    assert made.paper == PAPER
    assert made.keywords == ("vocoder", "tts", "both", "digest")
    assert made.role_ids == (2, 1)
    assert made.words == ("vocoder", "speech")


def test_a_subscription_without_a_role_mentions_nobody() -> None:
    made = posting(PAPER, [MatchingSubscription("tts", Options())])
    assert made is not None
    assert made.role_ids == ()


@pytest.mark.parametrize(("subscriptions", "keywords"), [([PAUSED], ("paused",)), ([TTS, PAUSED], ("tts",))])
def test_a_paused_subscription_counts_only_alone(
    subscriptions: list[MatchingSubscription], keywords: tuple[str, ...]
) -> None:
    made = posting(PAPER, subscriptions)
    assert made is not None
    assert made.keywords == keywords


@pytest.mark.parametrize("subscriptions", [[], [ELSEWHERE]])
def test_there_is_no_post_that_nobody_wants(subscriptions: list[MatchingSubscription]) -> None:
    assert posting(PAPER, subscriptions) is None
