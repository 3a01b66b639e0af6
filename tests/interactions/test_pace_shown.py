"""Whether the answer to a new subscription warns of more papers than the channel gets in a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from bot.config import DeliverySettings, Settings
from bot.interactions.subscribe import _backfill
from bot.model.subscriptions import Deliver, Destination, Options, Subscription
from bot.present.arrival import Reception
from bot.present.subscribed import SubscribedAnswer
from bot.query.query import QueryKind
from bot.rules.forecast import Partial
from tests.fakes.papers import make_paper

NOW = datetime(2026, 7, 24, 8, tzinfo=UTC)
HERE = Reception(QueryKind.WORD, here=True, best=5)
# 48 papers in four days are 12 a day; half of them are in cs.SD.
CATEGORIES = (("cs.CL",), ("cs.SD",))
PAPERS = tuple(
    make_paper(
        number,
        published=NOW - timedelta(hours=2 * number),
        categories=CATEGORIES[number % 2],
        primary_category=CATEGORIES[number % 2][0],
    )
    for number in range(1, 49)
)


@pytest.mark.parametrize(
    ("daily_cap", "own_cap", "options", "shown"),
    [
        (11, None, Options(), 11),
        (12, None, Options(), None),
        (None, None, Options(), None),
        (100, 11, Options(), 11),
        (5, 100, Options(), None),
        (11, None, Options(Deliver.BOTH), 11),
        (11, None, Options(Deliver.DIGEST), None),
        (5, None, Options(categories=("cs.SD",)), 5),
        (6, None, Options(categories=("cs.SD",)), None),
    ],
)
async def test_the_cap_is_named_where_more_papers_are_expected(
    daily_cap: int | None, own_cap: int | None, options: Options, shown: int | None
) -> None:
    settings = Settings(delivery=DeliverySettings(daily_cap=daily_cap))
    bot: Any = SimpleNamespace(clock=lambda: NOW, settings=settings)
    place = Destination(1, 10, 20, cap=own_cap)
    subscription = Subscription(3, place, "TTS", "tts", options=options, since=None, created_at=NOW)
    look = Partial(PAPERS, 1_000)
    answer = await _backfill(bot, SubscribedAnswer(subscription, look, HERE), look)
    assert answer.cap == shown
    assert answer.posted == 0
    assert len(answer.samples) == (24 if options.categories else 48)


async def test_without_papers_nothing_is_expected() -> None:
    bot: Any = SimpleNamespace(clock=lambda: NOW, settings=Settings())
    subscription = Subscription(
        3, Destination(1, 10, 20), "TTS", "tts", options=Options(), since=None, created_at=NOW
    )
    look = Partial((), 0)
    answer = replace(SubscribedAnswer(subscription, look, HERE), backfill=3)
    assert (await _backfill(bot, answer, look)).per_day == 0
