"""Every case of `/why`: what happened to a paper in a channel, and how a keyword relates to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bot.model.history import Arrival, KeywordHistory, MessageRecord
from bot.model.outbox import Kind, PageSubject, PaperSubject, Sending
from bot.model.papers import PaperId, StoredMatch
from bot.model.reasons import Reason, ReasonCode
from bot.model.subscriptions import Options, State
from bot.query.explain import Clause, FieldMatch, clauses, field_matches
from bot.query.query import parse
from bot.query.text import analyze_paper
from bot.rules.why import EventCode, MatchStatus
from tests.rules.why_cases import (
    DAILY,
    EDIT,
    HAD,
    NOW,
    PAGE,
    PAPER,
    PLACE,
    REACH,
    SENT,
    SUBSCRIBED,
    explained,
    keyword,
    message,
)

REFUSED = Reason(ReasonCode.DISCORD_ERROR, status=400)


@pytest.mark.parametrize(
    ("channel", "codes"),
    [
        ({}, []),
        ({"messages": (SENT,), "arrival": HAD}, [EventCode.POSTED]),
        ({"messages": (message(Sending.SENT),), "arrival": HAD}, [EventCode.DELETED]),
        ({"messages": (message(Sending.QUEUED),), "arrival": HAD}, [EventCode.QUEUED]),
        ({"messages": (message(Sending.QUEUED, attempts=2),), "arrival": HAD}, [EventCode.RETRIED]),
        ({"messages": (message(Sending.HELD),), "arrival": HAD}, [EventCode.HELD]),
        (
            {
                "messages": (message(Sending.FAILED, error=REFUSED),),
                "arrival": HAD,
            },
            [EventCode.FAILED],
        ),
        ({"arrival": replace(HAD, in_digest=True)}, [EventCode.COLLECTED]),
        ({"arrival": replace(HAD, in_digest=True, overflow=True)}, [EventCode.AWAITS_LIST]),
        (
            {"arrival": replace(HAD, in_digest=True), "destination": replace(PLACE, schedule=DAILY)},
            [EventCode.AWAITS_DIGEST],
        ),
        (
            {"arrival": replace(HAD, in_digest=True), "messages": (SENT,)},
            [EventCode.POSTED, EventCode.COLLECTED],
        ),
        ({"arrival": Arrival(NOW, True, date(2026, 7, 23)), "messages": (PAGE,)}, [EventCode.POSTED]),
        ({"arrival": Arrival(NOW, True, date(2026, 7, 23))}, [EventCode.LISTED]),
        ({"arrival": HAD}, [EventCode.SETTLED]),
        (
            {"destination": replace(PLACE, state=State.PAUSED, reason=Reason(ReasonCode.NOT_ALLOWED))},
            [EventCode.STOPPED],
        ),
        (
            {"destination": replace(PLACE, state=State.GONE, reason=Reason(ReasonCode.NOT_ALLOWED))},
            [EventCode.ENDED],
        ),
    ],
)
def test_what_happened_to_a_paper(channel: dict[str, Any], codes: list[EventCode]) -> None:
    assert [event.code for event in explained(**channel).events] == codes


def test_the_digest_is_due_when_its_schedule_says() -> None:
    waiting = replace(HAD, in_digest=True, overflow=True)
    [event] = explained(arrival=waiting, destination=replace(PLACE, schedule=DAILY)).events
    assert (event.at, event.overflow) == (datetime(2026, 7, 24, 9, tzinfo=UTC), True)
    [event] = explained(
        arrival=waiting, destination=replace(PLACE, schedule=DAILY), last_digest=date(2026, 7, 24)
    ).events
    assert event.at == datetime(2026, 7, 25, 9, tzinfo=UTC)
    [listed] = explained(arrival=waiting).events
    assert (listed.code, listed.overflow) == (EventCode.AWAITS_LIST, True)


WAITS = replace(HAD, in_digest=True)
LISTED = replace(WAITS, digested_on=date(2026, 7, 23))


@pytest.mark.parametrize(
    ("arrival", "channel", "code"),
    [
        (WAITS, {}, EventCode.AWAITS_LIST),
        (WAITS, {"destination": replace(PLACE, schedule=DAILY)}, EventCode.AWAITS_DIGEST),
        (LISTED, {}, EventCode.LISTED),
        (LISTED, {"messages": (PAGE,)}, EventCode.POSTED),
    ],
)
@pytest.mark.parametrize("best", [0, 5])
def test_wherever_a_paper_is_that_was_not_posted_it_says_whether_others_were_better(
    arrival: Arrival, channel: dict[str, Any], code: EventCode, best: int
) -> None:
    [event] = explained(arrival=replace(arrival, overflow=True, beyond_best=best), **channel).events
    assert (event.code, event.overflow, event.beyond_best) == (code, True, best)


def test_the_post_of_a_paper_does_not_say_why_others_have_none() -> None:
    listed = replace(HAD, in_digest=True, overflow=True, beyond_best=5)
    post, waits = explained(arrival=listed, messages=(SENT,)).events
    assert (post.beyond_best, waits.beyond_best) == (0, 5)


@pytest.mark.parametrize(
    ("revisions", "messages", "codes"),
    [
        (False, (SENT,), [EventCode.POSTED, EventCode.REVISION_UNWANTED]),
        (True, (SENT,), [EventCode.POSTED]),
        (False, (message(Sending.QUEUED),), [EventCode.QUEUED]),  # the post will show the latest version
        (
            True,
            (
                SENT,
                message(Sending.SENT, kind=Kind.REVISION, subject=PaperSubject(PAPER.id, 2), message_id=9),
            ),
            [EventCode.POSTED, EventCode.POSTED],
        ),
    ],
)
def test_a_revision_that_nobody_wants_is_an_event(
    revisions: bool, messages: tuple[MessageRecord, ...], codes: list[EventCode]
) -> None:
    asking = keyword(options=Options(revisions=revisions), known=StoredMatch(2))
    second = replace(PAPER, version=2)
    assert [
        event.code for event in explained(second, keywords=(asking,), messages=messages, arrival=HAD).events
    ] == codes


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (message(Sending.SENT, message_id=7, **EDIT), EventCode.EDITED),
        (message(Sending.SENT, **EDIT), EventCode.EDIT_FAILED),
        (message(Sending.FAILED, error=REFUSED, **EDIT), EventCode.EDIT_FAILED),
        (message(Sending.QUEUED, **EDIT), EventCode.EDIT_WAITS),
    ],
)
def test_an_edit_of_the_post_is_an_event(edit: MessageRecord, code: EventCode) -> None:
    asking = keyword(options=Options(revisions=True), known=StoredMatch(1))
    events = explained(keywords=(asking,), messages=(SENT, edit), arrival=HAD).events
    assert [event.code for event in events] == [EventCode.POSTED, code]
    assert events[1].error == edit.error


def test_a_revision_in_a_forum_replies_to_the_first_post() -> None:
    revision = message(Sending.SENT, kind=Kind.REVISION, subject=PaperSubject(PAPER.id, 2), message_id=9)
    post, reply = explained(messages=(SENT, revision), arrival=HAD).events
    assert (post.reply_to, reply.reply_to) == (0, 7)


def test_a_revision_replies_to_the_post_that_arrived() -> None:
    failed = message(Sending.FAILED, error=REFUSED)
    digest = message(Sending.SENT, kind=Kind.DIGEST, subject=PageSubject(date(2026, 7, 24)), message_id=5)
    revision = message(Sending.SENT, kind=Kind.REVISION, subject=PaperSubject(PAPER.id, 2), message_id=9)
    *_, reply = explained(messages=(failed, digest, SENT, revision), arrival=HAD).events
    assert reply.reply_to == 7


SECOND = timedelta(seconds=1)
NARROW = Options(categories=("cs.SD",), cross_lists=False)


@pytest.mark.parametrize(
    ("one", "changes", "status"),
    [
        (keyword(known=StoredMatch(1)), {"messages": (SENT,), "arrival": HAD}, MatchStatus.MATCHES),
        (keyword(created_at=NOW), {"messages": (SENT,)}, MatchStatus.LATER),
        (keyword(created_at=SENT.created_at), {"messages": (SENT,)}, MatchStatus.MATCHES),
        (keyword(), {"messages": (PAGE,)}, MatchStatus.AWAITED),
        (keyword(), {"arrival": HAD}, MatchStatus.MATCHES),
        (keyword(created_at=NOW + REACH), {"arrival": HAD}, MatchStatus.LATER),
        (keyword(created_at=NOW), {"arrival": HAD, "messages": (SENT,)}, MatchStatus.LATER),
        (keyword("quantum gravity"), {}, MatchStatus.NO_MATCH),
        (keyword(options=Options(categories=("math",))), {}, MatchStatus.OTHER_CATEGORIES),
        (keyword(options=NARROW), {}, MatchStatus.CROSS_LIST),
        (keyword(options=replace(NARROW, cross_lists=True)), {}, MatchStatus.AWAITED),
        (keyword(state=State.PAUSED), {}, MatchStatus.PAUSED),
        (keyword(since=None), {}, MatchStatus.NO_BASELINE),
        (keyword(since=PaperId("2607.07000"), created_at=NOW), {}, MatchStatus.BEFORE),
        (keyword(since=PaperId("2607.07000"), created_at=PAPER.published), {}, MatchStatus.BEFORE),
        (keyword(since=PaperId("2607.07000"), created_at=SUBSCRIBED), {}, MatchStatus.MEANWHILE),
        (keyword(), {}, MatchStatus.AWAITED),
        # Just below `since` a number may be late, unless the query knows the paper already.
        (keyword(since=PaperId("2607.07000"), margin_until=NOW + REACH), {}, MatchStatus.AWAITED),
        (keyword(since=PaperId("2607.07000"), margin_until=NOW), {}, MatchStatus.MEANWHILE),
        (
            keyword(since=PaperId("2607.07000"), margin_until=NOW + REACH, known=StoredMatch(1)),
            {},
            MatchStatus.MEANWHILE,
        ),
        (
            keyword(since=PaperId("2607.09500"), margin_until=NOW + REACH),
            {},
            MatchStatus.MEANWHILE,
        ),
    ],
)
def test_how_a_keyword_relates_to_a_paper(
    one: KeywordHistory, changes: dict[str, Any], status: MatchStatus
) -> None:
    [found] = explained(keywords=(one,), **changes).keywords
    assert found.status is status


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"published": NOW - REACH - SECOND}, MatchStatus.OUT_OF_REACH),
        ({"published": NOW - REACH}, MatchStatus.AWAITED),
        ({"published": NOW - 2 * REACH, "version": 2, "updated": NOW - REACH}, MatchStatus.AWAITED),
        (
            {"published": NOW - 2 * REACH, "version": 2, "updated": NOW - REACH - SECOND},
            MatchStatus.OUT_OF_REACH,
        ),
        ({"published": NOW - 2 * REACH, "version": 1, "updated": NOW}, MatchStatus.OUT_OF_REACH),
    ],
)
def test_a_paper_listed_before_the_days_that_polls_cover_is_out_of_reach(
    changes: dict[str, Any], status: MatchStatus
) -> None:
    assert explained(replace(PAPER, **changes)).keywords[0].status is status


def test_a_match_of_an_earlier_version_keeps_its_words() -> None:
    changed = replace(PAPER, version=2, title="Parsing", abstract="Trees.")
    [status] = explained(changed, keywords=(keyword(known=StoredMatch(1, ("speech synthesis",))),)).keywords
    assert (status.version, status.matches) == (1, (FieldMatch("", ("speech synthesis",)),))


def test_a_channel_is_relevant_by_a_match_or_an_event() -> None:
    assert explained().is_relevant
    assert explained(keywords=(), arrival=HAD).is_relevant
    assert not explained(keywords=(keyword("quantum"),)).is_relevant
    assert not explained(keywords=(), destination=replace(PLACE, state=State.PAUSED)).is_relevant


@pytest.mark.parametrize(
    ("asked", "closeness"),
    [
        ((), -1.0),
        (("ti:quantum",), 0.0),
        (("ti:speech AND ti:quantum",), 1 / 3),
        (("ti:speech ANDNOT abs:model",), 1 / 3),
        (("ti:quantum", "ti:speech AND ti:quantum"), 1 / 3),
        (("ti:speech",), 1.0),
        (("ti:quantum", "ti:speech"), 1.0),
    ],
)
def test_a_channel_is_as_close_as_its_closest_keyword(asked: tuple[str, ...], closeness: float) -> None:
    channel = explained(keywords=tuple(keyword(text) for text in asked))
    assert channel.closeness == pytest.approx(closeness)


# --- the evidence -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (
            "speech synthesis",
            [FieldMatch("ti", ("Speech synthesis",)), FieldMatch("abs", ("speech synthesis",))],
        ),
        ("speech", [FieldMatch("ti", ("Speech",)), FieldMatch("abs", ("speech",))]),
        ("ti:quantum OR cat:cs.SD", [FieldMatch("cat", ("cs.SD",))]),
        ("au:writer", [FieldMatch("au", ("Bob Writer",))]),
        ("ti:speech ANDNOT abs:quantum", [FieldMatch("ti", ("Speech",))]),
        ("ti:speech ANDNOT abs:model", []),
        ("ti:speech AND submittedDate:[2026 TO 2026]", [FieldMatch("ti", ("Speech",))]),
        ("submittedDate:[2026 TO 2026]", []),
        ("ti:quantum", []),
    ],
)
def test_which_words_matched_in_which_field(query: str, expected: list[FieldMatch]) -> None:
    assert list(field_matches(parse(query), analyze_paper(PAPER))) == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("cat:cs.CL AND ti:quantum", [Clause("cat:cs.CL", True), Clause("ti:quantum", False)]),
        ("quantum", [Clause("ti:quantum", False), Clause("abs:quantum", False)]),
        ("ti:a1 OR ti:b1", [Clause("ti:a1 OR ti:b1", False)]),
        ("ti:speech ANDNOT abs:model", [Clause("ti:speech", True), Clause("abs:model", False, True)]),
        ("ti:speech AND (abs:x1 OR abs:y1)", [Clause("ti:speech", True), Clause("abs:x1 OR abs:y1", False)]),
    ],
)
def test_which_condition_fails(query: str, expected: list[Clause]) -> None:
    assert list(clauses(parse(query), analyze_paper(PAPER))) == expected
