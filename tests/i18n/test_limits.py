"""Answers keep Discord's limits in every language, with the longest keyword, paper and reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import discord
import pytest

from bot import i18n
from bot.delivery.messages import notice_message
from bot.model.outbox import EditSubject, Notice, Posting, QuietNote
from bot.model.papers import PaperId
from bot.model.polling import PollState
from bot.model.reasons import ChannelKind, Permission, Reason, ReasonCode
from bot.model.subscriptions import Deliver, Destination, Live, Options, Place, Schedule, State, Subscription
from bot.model.taxonomy import CATEGORIES
from bot.present import limits, privacy
from bot.present.arrival import Reception
from bot.present.channel import ChannelSettings, channel_embed
from bot.present.digest_schedule import empty_digest_embed, scheduled_embed, unscheduled_embed
from bot.present.digests import quiet_day_embed
from bot.present.help import help_embed
from bot.present.notices import notice_text
from bot.present.panel import subscription_embed
from bot.present.posts import paper_embed
from bot.present.status import (
    FailedPost,
    HeldChannel,
    LastRound,
    OperatorReport,
    OverflowChannel,
    StatusReport,
    StoppedChannel,
    status_embed,
)
from bot.present.subscribed import SubscribedAnswer, query_embed, subscribed_embed, undone_embed
from bot.present.subscriptions import PER_PAGE, subscriptions_embed
from bot.query.alternatives import Alternative
from bot.query.query import QueryKind
from bot.rules.forecast import NotAsked, Partial
from tests.fakes.papers import make_paper

NOW = datetime(2026, 7, 24, 8, tzinfo=UTC)
WHERE = f"<#{2**63}>"
LONGEST_SUBJECT = EditSubject(PaperId("astro-ph.CO/9901001"), 99, "1f8b3c0d")
LONG = "Donaudampfschifffahrtsgesellschaft * " * 120
LACK = Reason(
    ReasonCode.PERMISSION_MISSING,
    permissions=(Permission.VIEW_CHANNEL, Permission.SEND_MESSAGES_IN_THREADS, Permission.EMBED_LINKS),
    kind=ChannelKind.THREAD,
)
PAPER = make_paper(
    1, version=7, title=LONG, abstract=LONG, comment=LONG, journal_ref=LONG, authors=(LONG,) * 9,
    categories=tuple(CATEGORIES)[:40], updated=NOW, withdrawn=True,
)  # fmt: skip
PLACE = Destination(
    1,
    guild_id=2**63,
    channel_id=2**63,
    schedule=Schedule(
        23, "America/Argentina/ComodRivadavia", frozenset(range(6)), quiet=True, top=True, file=True
    ),
    state=State.PAUSED,
    reason=LACK,
)
OPTIONS = Options(Deliver.BOTH, 2**63, tuple(CATEGORIES)[:40], cross_lists=False, revisions=True)
SUBSCRIPTION = Subscription(
    1, PLACE, LONG, LONG, OPTIONS, None, NOW, created_by=2**63, state=State.PAUSED, reason=LACK
)
ANSWER = SubscribedAnswer(
    SUBSCRIPTION,
    look=Partial((PAPER,) * 3, total=123_456),
    reception=Reception(QueryKind.PHRASE, here=False, best=20, due=NOW),
    samples=[PAPER] * 3,
    per_day=0.01,
    before=replace(SUBSCRIPTION, options=Options()),
    backfill=10,
    posted=10,
    digest=LONG,
    cap=1_000,
    alternatives=dict.fromkeys(Alternative, LONG),
)
PAUSED = [StoppedChannel(Place(1, 2**63), LACK)] * 40
REPORT = StatusReport(
    version="10.20.30",
    uptime=timedelta(days=1234),
    state=PollState.STALLED,
    state_since=NOW,
    last_poll=NOW,
    next_poll=NOW,
    error=LONG,
    paused=PAUSED,
    ended=PAUSED,
    unread=[Place(1, 2**63)] * 40,
    failed=[FailedPost(LONGEST_SUBJECT, Place(1, 2**63), Reason(ReasonCode.OTHER, detail=LONG))] * 40,
    held=[HeldChannel(Place(1, 2**63), 12_345, NOW)] * 40,
    overflow=[OverflowChannel(Place(1, 2**63), 12_345, digest=False)] * 40,
    next_digest=NOW,
    operator=OperatorReport(
        1_000,
        100,
        dict.fromkeys(State, 9_999),
        9_999,
        999_999,
        NOW,
        LONG,
        {"job": LONG},
        LastRound(9_999, 9_999, 9_999, 9_999),
    ),
)
EMBEDS: dict[str, Callable[[], discord.Embed]] = {
    "paper": lambda: paper_embed(Posting(PAPER, (LONG,) * 9), whole=True),
    "quiet day": lambda: quiet_day_embed(NOW.date(), QuietNote((LONG,) * 3, 9_999, 9_999, 9_999)),
    "help": help_embed,
    "status": lambda: status_embed(REPORT),
    "subscribed": lambda: subscribed_embed(ANSWER),
    "saved, though arXiv is away": lambda: subscribed_embed(replace(ANSWER, look=NotAsked())),
    "subscribed to the best": lambda: subscribed_embed(
        replace(ANSWER, subscription=replace(SUBSCRIPTION, destination=replace(PLACE, live=Live.BEST)))
    ),
    "subscribed to a lot": lambda: subscribed_embed(replace(ANSWER, per_day=12_345)),
    "query": lambda: query_embed(SUBSCRIPTION, LONG, LONG),
    "undone": lambda: undone_embed(SUBSCRIPTION, restored=OPTIONS),
    "list": lambda: subscriptions_embed([SUBSCRIPTION] * PER_PAGE, page=999, pages=1_000, total=10_000),
    "no list": lambda: subscriptions_embed([], page=0, pages=1, total=0),
    "subscription": lambda: subscription_embed(
        SUBSCRIPTION, words=LONG, digest=LONG, alternatives=dict.fromkeys(Alternative, LONG)
    ),
    "channel": lambda: channel_embed(ChannelSettings(PLACE, WHERE, 1_000, 1_000, news=True, waiting=1_000)),
    "scheduled": lambda: scheduled_embed(
        PLACE.schedule or Schedule(0, "UTC"), where=WHERE, due=NOW, collecting=False, attaching=False
    ),
    "unscheduled": lambda: unscheduled_embed(where=WHERE, waiting=12_345),
    "empty digest": lambda: empty_digest_embed(where=WHERE, due=None),
    "exported": privacy.exported_embed,
    "erase?": privacy.confirmation_embed,
    "erased": lambda: privacy.erased_embed(papers=2_000, subscriptions=25, made=10_000),
}  # fmt: skip


def assert_within(embed: discord.Embed) -> None:
    assert limits.size(embed) <= limits.EMBED_TOTAL
    assert limits.length(embed.title or "") <= limits.EMBED_TITLE
    assert limits.length(embed.description or "") <= limits.EMBED_DESCRIPTION
    assert len(embed.fields) <= 25
    for field in embed.fields:
        assert 0 < limits.length(field.name or "") <= 256
        assert 0 < limits.length(field.value or "") <= limits.FIELD_VALUE


@pytest.mark.parametrize("language", i18n.languages())
@pytest.mark.parametrize("made", EMBEDS.values(), ids=EMBEDS)
def test_the_longest_answer_fits(made: Callable[[], discord.Embed], language: str) -> None:
    with i18n.in_language(language):
        assert_within(made())


@pytest.mark.parametrize("language", i18n.languages())
@pytest.mark.parametrize("here", [True, False])
def test_the_longest_notice_fits(language: str, *, here: bool) -> None:
    def notices(state: State) -> Sequence[Notice]:
        place = replace(PLACE, state=state)
        return [
            Notice(number, place, LACK, "x" * 100, NOW, subscriber=1, waiting=12_345) for number in range(12)
        ]

    with i18n.in_language(language):
        for state in (State.PAUSED, State.GONE):
            said = notice_message(notice_text(notices(state), here=here), ()).content
            assert 0 < limits.length(said or "") <= limits.CONTENT
