from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import discord
import pytest

from bot.model.subscriptions import Deliver, Destination, Live, Options, State, Subscription
from bot.present import colours, limits
from bot.present.arrival import Reception
from bot.present.subscribed import (
    SubscribedAnswer,
    pace_in_words,
    query_embed,
    redirected_embed,
    subscribed_embed,
    undone_embed,
)
from bot.query.query import QueryKind
from bot.rules.forecast import NotAsked, Partial
from tests.fakes.papers import EPOCH, make_paper, make_papers

HERE = Reception(QueryKind.PHRASE, here=True, best=5)
SUBSCRIPTION = Subscription(
    id=3,
    destination=Destination(1, 10, 20),
    keyword="speech synthesis",
    query='ti:"speech synthesis" OR abs:"speech synthesis"',
    options=Options(),
    since=None,
    created_at=EPOCH,
)
PAUSED = replace(SUBSCRIPTION.destination, state=State.PAUSED)
ARRIVE = "New papers with this phrase in the title or abstract arrive here as soon as arXiv announces them."
ANSWER = SubscribedAnswer(
    SUBSCRIPTION,
    Partial(tuple(make_papers(5)), total=1_234),
    HERE,
    today=date(2026, 7, 24),
    samples=make_papers(5),
    per_day=4.2,
)


def field(embed: discord.Embed, name: str) -> str:
    return next((str(one.value) for one in embed.fields if one.name == name), "")


def test_the_answer_says_what_arrives_how_much_and_what_is_newest() -> None:
    embed = subscribed_embed(ANSWER)
    assert embed.title == "Subscribed to “speech synthesis”"
    assert embed.description == f"{ARRIVE}\n\n**About 4 a day.** The 1,234 older ones are not posted."
    assert [one.name for one in embed.fields] == ["The newest"]
    first, *others = field(embed, "The newest").splitlines()
    assert re.fullmatch(r"\[.+\]\(https://arxiv\.org/abs/2607\.00001v1\)\u00a0· 20\u00a0Jul", first)
    assert len(others) == 2
    assert embed.footer.text == 'ti:"speech synthesis" OR abs:"speech synthesis"'
    assert embed.colour == discord.Colour(colours.GREEN)


BUSY = replace(ANSWER, per_day=34.4)


def test_of_many_papers_it_asks_how_they_should_arrive() -> None:
    embed = subscribed_embed(BUSY)
    assert embed.description == (
        "**About 34 papers a day.** That is a lot for one channel. How should they arrive?\n\n"
        "Until you choose, all of them arrive one by one."
    )
    assert embed.colour == discord.Colour(colours.ORANGE)
    assert [one.name for one in embed.fields] == ["The newest"]


def test_the_question_tells_what_else_was_saved() -> None:
    subscription = replace(SUBSCRIPTION, options=Options(role_id=7, revisions=True))
    embed = subscribed_embed(replace(BUSY, subscription=subscription, posted=2, remark="Understood: speech"))
    assert str(embed.description).endswith(
        "Until you choose, all of them arrive one by one. The 2 newest papers are being posted now. Each "
        "post mentions <@&7>. New versions are posted too.\nUnderstood: speech"
    )


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(replace(ANSWER, per_day=10.4), id="ten a day"),
        pytest.param(
            replace(BUSY, subscription=replace(SUBSCRIPTION, options=Options(Deliver.DIGEST))), id="a digest"
        ),
        pytest.param(
            replace(
                BUSY,
                subscription=replace(
                    SUBSCRIPTION, destination=replace(SUBSCRIPTION.destination, live=Live.BEST)
                ),
            ),
            id="only the best come live",
        ),
    ],
)
def test_nothing_is_asked_where_not_so_many_arrive_one_by_one(answer: SubscribedAnswer) -> None:
    embed = subscribed_embed(answer)
    assert "How should they arrive?" not in str(embed.description)
    assert embed.colour == discord.Colour(colours.GREEN)


def test_what_was_chosen_takes_the_place_of_the_question() -> None:
    embed = redirected_embed(
        subscribed_embed(BUSY), SUBSCRIPTION, HERE, digest="", note="Nothing has changed."
    )
    assert embed.description == f"{ARRIVE} Nothing has changed."
    assert embed.colour == discord.Colour(colours.GREEN)
    assert [one.name for one in embed.fields] == ["The newest"]


def test_what_is_posted_at_once_is_not_counted_as_skipped() -> None:
    embed = subscribed_embed(replace(ANSWER, posted=3))
    assert str(embed.description).endswith(
        "**About 4 a day.** The 3 newest papers are being posted now. The 1,231 older ones are not posted."
    )


def test_with_categories_it_says_that_the_old_ones_are_counted_in_all() -> None:
    subscription = replace(SUBSCRIPTION, options=Options(categories=("cs.SD",)))
    embed = subscribed_embed(replace(ANSWER, subscription=subscription))
    assert "Only papers in Sound (`cs.SD`), including cross-lists." in str(embed.description)
    assert str(embed.description).endswith("The 1,234 older ones, in all categories, are not posted.")


def test_without_an_answer_of_arxiv_it_says_how_the_first_poll_behaves() -> None:
    embed = subscribed_embed(replace(ANSWER, look=NotAsked(), samples=()))
    assert str(embed.description).startswith(
        f"{ARRIVE}\n\narXiv is not responding right now. Your subscription is saved anyway"
    )
    assert not embed.fields


def test_over_their_quota_a_person_is_told_that_and_that_the_subscription_is_saved() -> None:
    look = NotAsked("You have searched 6 times in the last minute. Please try again in 40 seconds.")
    embed = subscribed_embed(replace(ANSWER, look=look, backfill=3))
    assert str(embed.description).endswith(
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
    assert "older" not in str(embed.description), "they were skipped, or posted, long ago"


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
        (120.4, "About 120 a day."),
        (1.0, "About one a day."),
        (0.96, "About one a day."),
        (0.5, "About 4 a week."),
        (1 / 7, "About one a week."),
        (0.033, "About one a month."),
        (0.006, "About 2 a year."),
        (0.0027, "About one a year."),
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
            remark="word " * 3_000,
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
    answer = subscribed_embed(replace(ANSWER, cap=3, remark="Understood: speech"))
    assert [one.name for one in answer.fields] == ["Suggestion", "The newest"]
    changed = replace(SUBSCRIPTION, options=Options(deliver=Deliver.DIGEST))
    embed = redirected_embed(answer, changed, HERE, digest="It is due soon.")
    assert embed.description == (
        "New papers with this phrase in the title or abstract are collected here for the digest. It is due "
        "soon.\nUnderstood: speech\n\n**About 4 a day.** The 1,234 older ones are not posted."
    )
    assert [one.name for one in embed.fields] == ["The newest"]


def test_the_query_is_shown_in_words_and_in_arxivs_syntax() -> None:
    embed = query_embed(SUBSCRIPTION, "“speech synthesis” as a phrase", "Something was left out.")
    assert embed.title == "“speech synthesis”"
    assert embed.description == (
        "“speech synthesis” as a phrase\nSomething was left out.\n"
        '```\nti:"speech synthesis" OR abs:"speech synthesis"\n```'
    )


def test_an_end_says_where_and_that_posts_stay() -> None:
    assert undone_embed(SUBSCRIPTION).description == (
        "No more papers on “speech synthesis” will be posted in <#20>. Existing posts stay."
    )
    restored = undone_embed(SUBSCRIPTION, restored=Options())
    assert "has been restored. Posted in <#20> as soon as arXiv announces them." in (
        restored.description or ""
    )
