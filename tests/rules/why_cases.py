"""A paper, a channel and their history, as the tests of `/why` use them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from bot.model.history import Arrival, ChannelHistory, KeywordHistory, MessageRecord
from bot.model.outbox import EditSubject, Kind, PageSubject, PaperSubject, Sending
from bot.model.papers import Paper, PaperId, StoredMatch
from bot.model.subscriptions import Destination, Options, Schedule, Subscription
from bot.query.query import parse
from bot.query.text import analyze_paper
from bot.rules.why import Explanation, explain
from tests.fakes.papers import make_paper

NOW = datetime(2026, 7, 24, 8, tzinfo=UTC)
REACH = timedelta(days=90)
SUBSCRIBED = datetime(2026, 7, 20, tzinfo=UTC)
SINCE = PaperId("2607.05000")
PAPER = make_paper(6000, published=datetime(2026, 7, 22, tzinfo=UTC))
PLACE = Destination(1, guild_id=100, channel_id=200)
DAILY = Schedule(9, "UTC")


def keyword(
    text: str = "speech synthesis", *, known: StoredMatch | None = None, **changes: Any
) -> KeywordHistory:
    own = {
        name: changes.pop(name) for name in ("margin_until", "last_polled", "last_error") if name in changes
    }
    fields: dict[str, Any] = {"options": Options(), "since": SINCE, "created_at": SUBSCRIBED} | changes
    return KeywordHistory(Subscription(1, PLACE, text, parse(text).canonical, **fields), known, **own)


def message(state: Sending, **changes: Any) -> MessageRecord:
    fields: dict[str, Any] = {
        "kind": Kind.PAPER,
        "subject": PaperSubject(PAPER.id, 1),
        "due": NOW,
        "created_at": NOW - timedelta(hours=1),
        "settled_at": NOW if state in {Sending.SENT, Sending.FAILED} else None,
    }
    return MessageRecord(state=state, **(fields | changes))


def explained(paper: Paper = PAPER, **changes: Any) -> Explanation:
    fields: dict[str, Any] = {"destination": PLACE, "keywords": (keyword(),)} | changes
    return explain(ChannelHistory(**fields), analyze_paper(paper), highest={318: 6000}, now=NOW, reach=REACH)


SENT = message(Sending.SENT, message_id=7, attempts=1)
PAGE = message(Sending.SENT, kind=Kind.DIGEST, subject=PageSubject(date(2026, 7, 23), 2), message_id=8)
HAD = Arrival(NOW)
EDIT: dict[str, Any] = {"kind": Kind.EDIT, "subject": EditSubject(PAPER.id, 1, "12345678")}
