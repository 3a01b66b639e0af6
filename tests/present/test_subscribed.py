from __future__ import annotations

from dataclasses import replace

import discord
import pytest

from bot.model.subscriptions import Deliver, Destination, Options, State, Subscription
from bot.present import limits
from bot.present.subscribed import (
    SubscribedAnswer,
    options_in_words,
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
    assert field(embed, "New papers") == "In <#20>, as soon as arXiv announces them."
    assert field(embed, "Old papers") == "**1,234** older papers will not be posted."
    assert field(embed, "To expect") == "About 4 a day."
    assert field(embed, "Such as").count("https://arxiv.org/abs/") == 3


def test_what_is_posted_at_once_is_not_counted_as_skipped() -> None:
    embed = subscribed_embed(replace(ANSWER, posted=3))
    assert field(embed, "Old papers").startswith("The 3 newest are posted now. **1,231** older papers")


def test_without_an_answer_of_arxiv_it_says_how_the_first_poll_behaves() -> None:
    embed = subscribed_embed(replace(ANSWER, look=NotAsked()))
    assert "arXiv could not be asked just now" in field(embed, "Old papers")
    assert not field(embed, "To expect")


def test_an_edit_says_what_was_before() -> None:
    changed = replace(SUBSCRIPTION, options=Options(deliver=Deliver.BOTH))
    embed = subscribed_embed(replace(ANSWER, subscription=changed, before=SUBSCRIPTION))
    assert embed.title == "Changed the subscription to “speech synthesis”"
    assert field(embed, "Until now") == "as soon as arXiv announces them."


def test_an_edit_that_changes_nothing_says_so() -> None:
    embed = subscribed_embed(replace(ANSWER, before=SUBSCRIPTION))
    assert embed.title == "“speech synthesis” is subscribed like this already"
    assert not field(embed, "Until now")
    assert not field(embed, "Old papers"), "they were skipped, or posted, long ago"


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
    assert subscribed_embed(answer).title == "Changed the subscription to “speech synthesis”"


def test_options_are_written_in_words() -> None:
    options = Options(Deliver.DIGEST, 5, ("cs.CL", "stat"), cross_lists=False, revisions=True)
    assert options_in_words(options) == (
        "in the digest; mentioning <@&5>; only in Computation and Language (`cs.CL`), Statistics (`stat`), "
        "without cross-lists; revisions too"
    )


@pytest.mark.parametrize(
    ("per_day", "words"),
    [
        (0, "None was submitted in the last year."),
        (120.4, "About 120 a day."),
        (1.0, "About one a day."),
        (0.96, "About one a day."),
        (0.5, "About 4 a week (0.5 a day)."),
        (1 / 7, "About one a week (0.14 a day)."),
        (0.033, "About one a month (0.033 a day)."),
        (0.006, "About 2 a year (0.006 a day)."),
        (0.0027, "About one a year (0.0027 a day)."),
        (1_400, "About 1,400 a day."),
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
        "Old papers",
        "To expect",
        "Such as",
    ]
    assert field(embed, "New papers") == "In <#20>, in the digest."
    assert embed.description == answer.description


def test_an_end_says_where_and_that_posts_stay() -> None:
    assert undone_embed(SUBSCRIPTION).description == (
        "No more papers on “speech synthesis” in <#20>. What is already posted stays."
    )
    restored = undone_embed(SUBSCRIPTION, restored=Options())
    assert "as before: In <#20>, as soon as arXiv announces them." in (restored.description or "")
