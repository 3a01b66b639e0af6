from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bot.model.subscriptions import Deliver, Destination, Live, Options, Subscription
from bot.present.arrival import Reception, arrival_in_words
from bot.query.query import QueryKind
from tests.fakes.papers import EPOCH

HERE = Reception(QueryKind.PHRASE, here=True, best=5)
DUE = datetime(2026, 7, 25, 9, tzinfo=UTC)
THERE = Destination(1, 10, 20)
DIRECT = Destination(0, 0, 20, user_id=7)


def subscription(destination: Destination = THERE, deliver: Deliver = Deliver.LIVE) -> Subscription:
    return Subscription(3, destination, "TTS", "tts", Options(deliver), since=None, created_at=EPOCH)


@pytest.mark.parametrize(
    ("kind", "what"),
    [
        (QueryKind.WORD, "with this word in the title and abstract"),
        (QueryKind.PHRASE, "with this phrase in the title or abstract"),
        (QueryKind.OTHER, "that match this query"),
    ],
)
@pytest.mark.parametrize(
    ("deliver", "how"),
    [
        (Deliver.LIVE, "arrive here as soon as arXiv announces them."),
        (Deliver.DIGEST, "are collected here for the digest."),
        (Deliver.BOTH, "arrive here as soon as arXiv announces them, and again in the digest."),
    ],
)
def test_it_says_what_and_when(kind: QueryKind, what: str, deliver: Deliver, how: str) -> None:
    sentence = arrival_in_words(subscription(deliver=deliver), replace(HERE, kind=kind))
    assert sentence == f"New papers {what} {how}"


@pytest.mark.parametrize(
    ("destination", "here", "where"),
    [(THERE, True, "here"), (THERE, False, "in <#20>"), (DIRECT, True, "here")],
)
def test_it_says_where(destination: Destination, here: bool, where: str) -> None:
    sentence = arrival_in_words(subscription(destination=destination), replace(HERE, here=here))
    assert f" arrive {where} as soon as " in sentence


@pytest.mark.parametrize(
    ("deliver", "due", "rest"),
    [
        (Deliver.LIVE, None, "the others come in one list a day."),
        (Deliver.LIVE, DUE, "the others come in the digest, next due <t:1784970000>."),
        (Deliver.BOTH, DUE, "all of them come in the digest, next due <t:1784970000>."),
    ],
)
def test_where_only_the_best_come_live_it_says_so_of_the_channel(
    deliver: Deliver, due: datetime | None, rest: str
) -> None:
    best = subscription(destination=replace(THERE, live=Live.BEST), deliver=deliver)
    assert arrival_in_words(best, replace(HERE, due=due)) == (
        "In <#20>, each day’s 5 papers closest to what is saved there arrive as soon as arXiv announces "
        f"them, and {rest}"
    )
    assert "each day’s paper closest to" in arrival_in_words(best, replace(HERE, best=1, due=due))


def test_a_digest_is_a_digest_also_where_only_the_best_come_live() -> None:
    best = subscription(destination=replace(THERE, live=Live.BEST), deliver=Deliver.DIGEST)
    assert "are collected here for the digest" in arrival_in_words(best, HERE)
