"""How `/why` is laid out: which keywords are named, which are counted, and what is cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bot.model.reasons import Reason, ReasonCode
from bot.model.subscriptions import Destination, Options, State, Subscription
from bot.present.why import event_in_words, keyword_in_words, why_embed
from bot.query.explain import Clause
from bot.rules.why import Event, EventCode, Explanation, KeywordStatus, MatchStatus
from tests.fakes.papers import make_paper

NOW = datetime(2026, 7, 24, 8, tzinfo=UTC)
PAPER = make_paper(6000)
PLACE = Destination(1, guild_id=100, channel_id=200)
SUBSCRIPTION = Subscription(1, PLACE, "TTS", "ti:tts", Options(), None, NOW)
LONG = Reason(ReasonCode.OTHER, detail="because " * 200)


def mismatch(keyword: str, *holds: bool) -> KeywordStatus:
    clauses = tuple(Clause(f"ti:{keyword}{number}", each) for number, each in enumerate(holds))
    return KeywordStatus(
        replace(SUBSCRIPTION, keyword=keyword), MatchStatus.NO_MATCH, "words", clauses=clauses
    )


def match(keyword: str = "TTS", **changes: Any) -> KeywordStatus:
    return KeywordStatus(replace(SUBSCRIPTION, keyword=keyword, **changes), MatchStatus.MATCHES, "words")


def why(*explanations: Explanation) -> str:
    return why_embed(PAPER, explanations, first_seen=NOW).description or ""


def lines(events: Sequence[Event] = (), keywords: Sequence[KeywordStatus] = ()) -> list[str]:
    """Return what is said of the paper in one channel, line by line, below the channel's name."""
    said = why(Explanation(PLACE, tuple(events), tuple(keywords))).splitlines()
    return said[said.index("**<#200>**") + 1 :]


def test_the_five_nearest_keywords_that_do_not_match_are_named_and_the_others_counted() -> None:
    keywords = [mismatch(f"k{held}", *[number < held for number in range(7)]) for held in range(7)]
    *named, counted = lines(keywords=keywords)
    assert [line.split("**")[1] for line in named] == ["k6", "k5", "k4", "k3", "k2"]
    assert counted == "2 other keywords do not match."


def test_beside_one_that_matches_keywords_that_do_not_are_only_counted() -> None:
    said = lines(keywords=[mismatch("other", True, False), match()])
    assert said == ["✓ **TTS** matches.", "1 other keyword does not match."]


def test_a_paused_keyword_is_marked() -> None:
    [said] = lines(keywords=[match(state=State.PAUSED)])
    assert said.startswith("✓ **TTS** (paused) matches.")


@pytest.mark.parametrize(
    ("events", "said"),
    [
        ([], "There are no subscriptions here."),
        ([Event(EventCode.POSTED, message_id=7)], "There are no longer any subscriptions here."),
    ],
)
def test_a_channel_without_subscriptions_says_whether_there_was_one(events: list[Event], said: str) -> None:
    assert lines(events)[-1] == said


@pytest.mark.parametrize(
    ("clauses", "said"),
    [
        (
            [Clause("ti:a", True), Clause("ti:b", True, True), Clause("ti:c", False)],
            "The paper matches `ti:a`. The paper does not match `ti:c`.",
        ),
        (
            [Clause("ti:a", True), Clause("ti:b", True, True), Clause("ti:c", False, True)],
            "The paper matches `ti:a`. The paper matches `ti:c`, which the query excludes.",
        ),
        (
            [Clause(f"ti:{letter}", False) for letter in "abcdef"],
            "The paper does not match `ti:a`, `ti:b`, `ti:c`, `ti:d` and 2 more.",
        ),
    ],
)
def test_a_mismatch_names_what_holds_what_does_not_and_what_is_left_out(
    clauses: list[Clause], said: str
) -> None:
    status = KeywordStatus(SUBSCRIPTION, MatchStatus.NO_MATCH, "words", clauses=tuple(clauses))
    assert keyword_in_words(status, PAPER) == f"**TTS** does not match. {said}"


def test_why_a_subscription_is_paused_is_said_and_cut() -> None:
    status = replace(match(reason=Reason(ReasonCode.THREAD_LOCKED)), status=MatchStatus.PAUSED)
    assert "The thread is locked." in keyword_in_words(status, PAPER)
    status = replace(match(reason=LONG), status=MatchStatus.PAUSED)
    assert keyword_in_words(status, PAPER).endswith("because…")
    assert len(keyword_in_words(status, PAPER)) < 350


def test_what_discord_said_of_a_failed_post_is_cut() -> None:
    said = event_in_words(Event(EventCode.FAILED, at=NOW, error=LONG), PLACE)
    assert said.endswith("because…")
    assert len(said) < 350


def test_a_long_story_of_one_channel_leaves_room_for_the_next() -> None:
    long = Explanation(
        PLACE, tuple(Event(EventCode.FAILED, at=NOW, error=LONG) for _ in range(20)), (match(),)
    )
    other = Explanation(replace(PLACE, channel_id=201), (), (match(),))
    said = why(long, other)
    assert said.endswith("**<#201>**\n✓ **TTS** matches.")


def test_many_channels_with_little_to_say_fit_and_the_rest_is_counted() -> None:
    some = [Explanation(replace(PLACE, channel_id=number), (), ()) for number in range(100, 400)]
    said = why(*some)
    assert len(said.rpartition("\n\n")[0]) <= 3_900, "which leaves room for the last line"
    assert f"…and {300 - said.count('**<#')} more channels" in said
