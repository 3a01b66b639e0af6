from __future__ import annotations

from dataclasses import replace

import discord
import pytest

from bot.model.subscriptions import Deliver, Destination, Options, State, Subscription
from bot.present import limits
from bot.present.subscribed import (
    SubscribedAnswer,
    pace_in_words,
    redirected_embed,
    subscribed_embed,
    undone_embed,
)
from bot.rules.forecast import NotAsked, Partial
from tests.fakes.papers import EPOCH, make_paper, make_papers

SUBSCRIPTION = Subscription(
    id=3,
    destination=Destination(1, 10, 20),
    keyword="speech synthesis",
    query="speech synthesis",
    options=Options(),
    since=None,
    created_at=EPOCH,
)
PAUSED = replace(SUBSCRIPTION.destination, state=State.PAUSED)
ANSWER = SubscribedAnswer(
    SUBSCRIPTION,
    "as a phrase",
    Partial(tuple(make_papers(5)), total=1_234),
    samples=make_papers(5),
    per_day=4.2,
)


def field(embed: discord.Embed, name: str) -> str:
    return next((str(one.value) for one in embed.fields if one.name == name), "")


def test_the_answer_says_all_that_the_contract_promises() -> None:
    embed = subscribed_embed(ANSWER)
    assert embed.title == "Subscribed to “speech synthesis”"
    assert embed.description == "as a phrase\n```\nspeech synthesis\n```"
    assert field(embed, "New papers") == "Posted in <#20> as soon as arXiv announces them."
    assert field(embed, "Existing papers") == "**1,234** existing papers will not be posted."
    assert field(embed, "Expected") == "About 4 papers a day."
    assert field(embed, "Examples").count("https://arxiv.org/abs/") == 3


def test_what_is_posted_at_once_is_not_counted_as_skipped() -> None:
    embed = subscribed_embed(replace(ANSWER, posted=3))
    assert field(embed, "Existing papers").startswith(
        "The 3 newest papers are being posted now. **1,231** existing papers"
    )


def test_without_an_answer_of_arxiv_it_says_how_the_first_poll_behaves() -> None:
    embed = subscribed_embed(replace(ANSWER, look=NotAsked()))
    assert field(embed, "Existing papers").startswith("arXiv is not responding right now. Your subscription")
    assert not field(embed, "Expected")


def test_over_their_quota_a_person_is_told_that_and_that_the_subscription_is_saved() -> None:
    look = NotAsked("You have searched 6 times in the last minute. Please try again in 40 seconds.")
    embed = subscribed_embed(replace(ANSWER, look=look, backfill=3))
    assert field(embed, "Existing papers") == (
        "You have searched 6 times in the last minute. Please try again in 40 seconds. Your subscription is "
        "saved anyway: the first poll only records existing papers, and papers announced after it are "
        "posted. Existing papers cannot be posted right now."
    )


def test_an_edit_says_what_was_before() -> None:
    changed = replace(SUBSCRIPTION, options=Options(deliver=Deliver.BOTH))
    embed = subscribed_embed(replace(ANSWER, subscription=changed, before=SUBSCRIPTION))
    assert embed.title == "Updated the subscription to “speech synthesis”"
    assert field(embed, "Previously") == "Posted in <#20> as soon as arXiv announces them."


def test_an_edit_that_changes_nothing_says_so() -> None:
    embed = subscribed_embed(replace(ANSWER, before=SUBSCRIPTION))
    assert embed.title == "You already have this subscription: “speech synthesis”"
    assert not field(embed, "Previously")
    assert not field(embed, "Existing papers"), "they were skipped, or posted, long ago"


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(replace(ANSWER, before=SUBSCRIPTION, backfill=3, posted=3), id="papers were posted"),
        pytest.param(
            replace(ANSWER, before=replace(SUBSCRIPTION, keyword="Speech  synthesis")), id="spelt differently"
        ),
        pytest.param(
            replace(
                ANSWER,
                subscription=replace(SUBSCRIPTION, destination=PAUSED),
                before=replace(SUBSCRIPTION, destination=PAUSED),
            ),
            id="the channel was paused",
        ),
    ],
)
def test_an_edit_that_does_something_is_called_a_change(answer: SubscribedAnswer) -> None:
    assert subscribed_embed(answer).title == "Updated the subscription to “speech synthesis”"


@pytest.mark.parametrize(
    ("per_day", "words"),
    [
        (0, "No matching papers were submitted in the last year."),
        (120.4, "About 120 papers a day."),
        (1.0, "About one paper a day."),
        (0.96, "About one paper a day."),
        (0.5, "About 4 papers a week (0.5 a day)."),
        (1 / 7, "About one paper a week (0.14 a day)."),
        (0.033, "About one paper a month (0.033 a day)."),
        (0.006, "About 2 papers a year (0.006 a day)."),
        (0.0027, "About one paper a year (0.0027 a day)."),
        (1_400, "About 1,400 papers a day."),
    ],
)
def test_a_pace_is_told_in_the_unit_that_people_count_in(per_day: float, words: str) -> None:
    assert pace_in_words(per_day) == words


def test_the_longest_answer_fits() -> None:
    options = Options(
        Deliver.BOTH, 2**63, tuple(f"cond-mat.{n}-quant-gas" for n in range(60)), revisions=True
    )
    subscription = replace(SUBSCRIPTION, keyword="*_" * 2_000, query="`" * 4_000, options=options)
    embed = subscribed_embed(
        replace(
            ANSWER,
            subscription=subscription,
            words="word " * 3_000,
            samples=[make_paper(n, title="|_*" * 900) for n in range(3)],
            before=replace(subscription, options=replace(options, deliver=Deliver.LIVE)),
            backfill=10,
            posted=10,
            digest="x" * 1_000,
            cap=1_000,
        )
    )
    assert limits.size(embed) <= limits.EMBED_TOTAL
    assert len(embed.title or "") <= limits.EMBED_TITLE
    assert all(len(one.value or "") <= limits.FIELD_VALUE for one in embed.fields)


def test_choosing_the_digest_instead_keeps_the_rest_of_the_answer() -> None:
    answer = subscribed_embed(ANSWER)
    changed = replace(SUBSCRIPTION, options=Options(deliver=Deliver.DIGEST))
    embed = redirected_embed(answer, changed, digest="due soon")
    assert [one.name for one in embed.fields] == [
        "New papers",
        "Digest",
        "Existing papers",
        "Expected",
        "Examples",
    ]
    assert field(embed, "New papers") == "Collected for the digest in <#20>."
    assert embed.description == answer.description


def test_an_end_says_where_and_that_posts_stay() -> None:
    assert undone_embed(SUBSCRIPTION).description == (
        "No more papers on “speech synthesis” will be posted in <#20>. Existing posts stay."
    )
    restored = undone_embed(SUBSCRIPTION, restored=Options())
    assert "has been restored. Posted in <#20> as soon as arXiv announces them." in (
        restored.description or ""
    )
