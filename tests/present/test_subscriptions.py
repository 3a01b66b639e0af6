"""The list of `/subscriptions`, and the panel of one subscription: what arrives, and why nothing does."""

from __future__ import annotations

from dataclasses import replace

import discord
import pytest

from bot.model.reasons import Reason, ReasonCode
from bot.model.subscriptions import Deliver, Destination, Options, State, Subscription
from bot.present import colours
from bot.present.panel import subscription_embed
from bot.present.reasons import reason_in_words
from bot.present.subscriptions import existing_embed, subscriptions_embed, summary
from tests.fakes.papers import EPOCH

PLACE = Destination(1, 10, 20)
SUBSCRIPTION = Subscription(
    id=3,
    destination=PLACE,
    keyword="speech synthesis",
    query="ti:speech",
    options=Options(),
    since=None,
    created_at=EPOCH,
)
LOCKED = Reason(ReasonCode.THREAD_LOCKED)
DELETED = Reason(ReasonCode.CHANNEL_DELETED)
IN_WORDS = reason_in_words(LOCKED)
NOT_COLLECTED = "Papers announced in the meantime are not collected."


def stopped(
    own: State = State.ACTIVE, channel: State = State.ACTIVE, **reasons: Reason | None
) -> Subscription:
    place = replace(PLACE, state=channel, reason=reasons.get("of_channel"))
    return replace(SUBSCRIPTION, state=own, reason=reasons.get("of_own"), destination=place)


def listed(subscription: Subscription) -> list[str]:
    embed = subscriptions_embed([subscription], page=0, pages=1, total=1)
    return (embed.description or "").splitlines()


def panel(subscription: Subscription) -> dict[str, str]:
    embed = subscription_embed(subscription, words="in words", digest="due tomorrow")
    return {str(field.name): str(field.value) for field in embed.fields}


# -- the list


def test_what_arrives_is_one_line_under_its_channel() -> None:
    assert listed(SUBSCRIPTION) == ["**<#20>**", "• **speech synthesis** – live"]


@pytest.mark.parametrize(
    ("subscription", "at", "said"),
    [
        (stopped(State.PAUSED), 2, "  ⏸ Paused by a manager"),
        (stopped(State.PAUSED, of_own=LOCKED), 2, "  ⏸ Paused: The thread is locked"),
        (stopped(State.GONE), 2, "  ⏹ Ended"),
        (stopped(State.GONE, of_own=DELETED), 2, "  ⏹ Ended: The channel was deleted"),
        (stopped(channel=State.PAUSED), 1, "⏸ Paused by a manager"),
        (stopped(channel=State.PAUSED, of_channel=LOCKED), 1, "⏸ Paused: The thread is locked"),
        (stopped(channel=State.GONE), 1, "⏹ Ended"),
        (stopped(channel=State.GONE, of_channel=DELETED), 1, "⏹ Ended: The channel was deleted"),
    ],
)
def test_what_is_stopped_says_why_below_its_own_line(subscription: Subscription, at: int, said: str) -> None:
    lines = listed(subscription)
    assert lines[at].startswith(said)
    assert len(lines) == 3


def test_each_channel_is_named_once_above_its_subscriptions() -> None:
    other = replace(SUBSCRIPTION, destination=Destination(2, 10, 30), keyword="TTS")
    embed = subscriptions_embed([SUBSCRIPTION, SUBSCRIPTION, other], page=0, pages=1, total=3)
    assert embed.title == "3 subscriptions"
    line = "• **speech synthesis** – live"
    assert (embed.description or "").splitlines() == [
        "**<#20>**",
        line,
        line,
        "",
        "**<#30>**",
        "• **TTS** – live",
    ]


@pytest.mark.parametrize(
    ("page", "pages", "footer"), [(0, 1, None), (0, 2, "Page 1 of 2"), (1, 2, "Page 2 of 2")]
)
def test_pages_are_counted_from_one_where_there_are_several(
    page: int, pages: int, footer: str | None
) -> None:
    embed = subscriptions_embed([SUBSCRIPTION], page=page, pages=pages, total=11)
    assert embed.footer.text == footer


@pytest.mark.parametrize(
    ("subscription", "said"),
    [
        (SUBSCRIPTION, "live"),
        (stopped(State.PAUSED), "paused · live"),
        (stopped(channel=State.PAUSED), "paused · live"),
        (stopped(State.PAUSED, State.PAUSED), "paused · live"),
    ],
)
def test_a_menu_marks_what_is_paused_itself_or_with_its_channel(
    subscription: Subscription, said: str
) -> None:
    assert summary(subscription) == said


@pytest.mark.parametrize(
    ("subscription", "said"),
    [
        (SUBSCRIPTION, None),
        (stopped(State.PAUSED), "⏸ Paused by a manager"),
        (stopped(channel=State.PAUSED, of_channel=LOCKED), "⏸ Paused: The thread is locked"),
    ],
)
def test_subscribing_again_says_that_the_subscription_is_paused(
    subscription: Subscription, said: str | None
) -> None:
    lines = (existing_embed(subscription).description or "").splitlines()
    assert lines[0] == "There is already a subscription to “speech synthesis” here. Nothing has changed."
    assert len(lines) == (4 if said else 3)
    assert said is None or lines[2].startswith(said)


# -- the panel


@pytest.mark.parametrize(
    ("creator", "said"),
    [(0, f"<t:{EPOCH.timestamp():.0f}:D>"), (7, f"<t:{EPOCH.timestamp():.0f}:D> by <@7>")],
)
def test_the_panel_names_who_subscribed_if_that_is_known(creator: int, said: str) -> None:
    assert panel(replace(SUBSCRIPTION, created_by=creator))["Created"] == said


@pytest.mark.parametrize(
    ("deliver", "shown"), [(Deliver.LIVE, False), (Deliver.DIGEST, True), (Deliver.BOTH, True)]
)
def test_the_panel_says_when_the_digest_comes_to_those_who_get_one(deliver: Deliver, shown: bool) -> None:
    fields = panel(replace(SUBSCRIPTION, options=Options(deliver)))
    assert fields.get("Digest") == ("due tomorrow" if shown else None)


@pytest.mark.parametrize(
    ("subscription", "said"),
    [
        (SUBSCRIPTION, None),
        (stopped(State.PAUSED), f"A manager paused this subscription. {NOT_COLLECTED}"),
        (stopped(State.PAUSED, of_own=LOCKED), f"{IN_WORDS} {NOT_COLLECTED}"),
        (stopped(channel=State.PAUSED), "The channel is paused."),
        (stopped(channel=State.PAUSED, of_channel=LOCKED), f"The channel is paused: {IN_WORDS}"),
        (
            stopped(State.PAUSED, State.PAUSED),
            f"A manager paused this subscription. {NOT_COLLECTED}\nThe channel is paused.",
        ),
    ],
)
def test_the_panel_says_why_nothing_arrives(subscription: Subscription, said: str | None) -> None:
    assert panel(subscription).get("Paused") == said


@pytest.mark.parametrize(
    ("subscription", "colour"),
    [
        (SUBSCRIPTION, colours.GREEN),
        (stopped(State.PAUSED), colours.GREY),
        (stopped(channel=State.PAUSED), colours.GREY),
    ],
)
def test_the_panel_is_green_only_while_papers_arrive(subscription: Subscription, colour: int) -> None:
    assert subscription_embed(subscription, words="w", digest="d").colour == discord.Colour(colour)
