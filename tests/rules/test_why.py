"""Every case of `/why`: what became of a paper in a channel, and how a keyword stands to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bot import i18n
from bot.model.history import Keyword, Known, Noted, Part, Row
from bot.model.outbox import EditSubject, Kind, PageSubject, PaperSubject, Sending
from bot.model.papers import Paper, PaperId
from bot.model.reasons import Reason, ReasonCode
from bot.model.subscriptions import Destination, Options, Schedule, State, Subscription
from bot.present.why import fate_in_words, stand_in_words, why_embed
from bot.query.explain import Clause, FieldMatch, clauses, field_matches
from bot.query.query import parse
from bot.query.text import analyse_paper
from bot.rules.why import Case, Explained, Fate, Stand, Verdict, explain
from tests.fakes.papers import make_paper

NOW = datetime(2026, 7, 24, 8, tzinfo=UTC)
REACH = timedelta(days=90)
SUBSCRIBED = datetime(2026, 7, 20, tzinfo=UTC)
SINCE = PaperId("2607.05000")
PAPER = make_paper(6000, published=datetime(2026, 7, 22, tzinfo=UTC))
PLACE = Destination(1, guild_id=100, channel_id=200)
DAILY = Schedule(9, "UTC")


def keyword(text: str = "speech synthesis", *, known: Known | None = None, **changes: Any) -> Keyword:
    own = {
        name: changes.pop(name) for name in ("margin_until", "last_polled", "last_error") if name in changes
    }
    fields: dict[str, Any] = {"options": Options(), "since": SINCE, "created_at": SUBSCRIBED} | changes
    return Keyword(Subscription(1, PLACE, text, parse(text).canonical, **fields), known, **own)


def row(state: Sending, **changes: Any) -> Row:
    fields: dict[str, Any] = {
        "kind": Kind.PAPER,
        "subject": PaperSubject(PAPER.id, 1),
        "due": NOW,
        "created_at": NOW - timedelta(hours=1),
        "settled_at": NOW if state in {Sending.SENT, Sending.FAILED} else None,
    }
    return Row(state=state, **(fields | changes))


def told(paper: Paper = PAPER, **changes: Any) -> Explained:
    fields: dict[str, Any] = {"destination": PLACE, "keywords": (keyword(),)} | changes
    return explain(Part(**fields), analyse_paper(paper), highest={318: 6000}, now=NOW, reach=REACH)


SENT = row(Sending.SENT, message_id=7, attempts=1)
PAGE = row(Sending.SENT, kind=Kind.DIGEST, subject=PageSubject(date(2026, 7, 23), 2), message_id=8)
HAD = Noted(NOW)


@pytest.mark.parametrize(
    ("part", "cases"),
    [
        ({}, []),
        ({"rows": (SENT,), "noted": HAD}, [Case.POSTED]),
        ({"rows": (row(Sending.SENT),), "noted": HAD}, [Case.DELETED]),
        ({"rows": (row(Sending.QUEUED),), "noted": HAD}, [Case.QUEUED]),
        ({"rows": (row(Sending.QUEUED, attempts=2),), "noted": HAD}, [Case.RETRIED]),
        ({"rows": (row(Sending.HELD),), "noted": HAD}, [Case.HELD]),
        (
            {
                "rows": (row(Sending.FAILED, error=Reason(ReasonCode.DISCORD_ERROR, status=400)),),
                "noted": HAD,
            },
            [Case.FAILED],
        ),
        ({"noted": replace(HAD, in_digest=True)}, [Case.COLLECTED]),
        ({"noted": replace(HAD, in_digest=True, overflow=True)}, [Case.AWAITS_LIST]),
        (
            {"noted": replace(HAD, in_digest=True), "destination": replace(PLACE, schedule=DAILY)},
            [Case.AWAITS_DIGEST],
        ),
        ({"noted": replace(HAD, in_digest=True), "rows": (SENT,)}, [Case.POSTED, Case.COLLECTED]),
        ({"noted": Noted(NOW, True, date(2026, 7, 23)), "rows": (PAGE,)}, [Case.POSTED]),
        ({"noted": Noted(NOW, True, date(2026, 7, 23))}, [Case.LISTED]),
        ({"noted": HAD}, [Case.SETTLED]),
        (
            {"destination": replace(PLACE, state=State.PAUSED, reason=Reason(ReasonCode.NOT_ALLOWED))},
            [Case.STOPPED],
        ),
        (
            {"destination": replace(PLACE, state=State.GONE, reason=Reason(ReasonCode.NOT_ALLOWED))},
            [Case.ENDED],
        ),
    ],
)
def test_what_became_of_a_paper(part: dict[str, Any], cases: list[Case]) -> None:
    assert [fate.case for fate in told(**part).fates] == cases


def test_the_digest_is_due_when_its_schedule_says() -> None:
    waiting = replace(HAD, in_digest=True, overflow=True)
    [fate] = told(noted=waiting, destination=replace(PLACE, schedule=DAILY)).fates
    assert (fate.at, fate.overflow) == (datetime(2026, 7, 24, 9, tzinfo=UTC), True)
    [fate] = told(
        noted=waiting, destination=replace(PLACE, schedule=DAILY), last_digest=date(2026, 7, 24)
    ).fates
    assert fate.at == datetime(2026, 7, 25, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("revisions", "rows", "cases"),
    [
        (False, (SENT,), [Case.POSTED, Case.REVISION_UNASKED]),
        (True, (SENT,), [Case.POSTED]),
        (False, (row(Sending.QUEUED),), [Case.QUEUED]),  # the post will show the latest version
        (
            True,
            (SENT, row(Sending.SENT, kind=Kind.REVISION, subject=PaperSubject(PAPER.id, 2), message_id=9)),
            [Case.POSTED, Case.POSTED],
        ),
    ],
)
def test_a_revision_that_nobody_asked_for_is_told(
    revisions: bool, rows: tuple[Row, ...], cases: list[Case]
) -> None:
    asking = keyword(options=Options(revisions=revisions), known=Known(2))
    second = replace(PAPER, version=2)
    assert [fate.case for fate in told(second, keywords=(asking,), rows=rows, noted=HAD).fates] == cases


EDIT = {"kind": Kind.EDIT, "subject": EditSubject(PAPER.id, 1, "12345678")}


@pytest.mark.parametrize(
    ("edit", "case", "said"),
    [
        (row(Sending.SENT, message_id=7, **EDIT), Case.EDITED, "added to its post"),
        (row(Sending.SENT, **EDIT), Case.EDIT_FAILED, "could not be added"),
        (
            row(Sending.FAILED, error=Reason(ReasonCode.DISCORD_ERROR, status=400), **EDIT),
            Case.EDIT_FAILED,
            "Discord responded with HTTP 400",
        ),
        (row(Sending.QUEUED, **EDIT), Case.EDIT_WAITS, "about to be added"),
    ],
)
def test_an_edit_of_the_post_is_told(edit: Row, case: Case, said: str) -> None:
    asking = keyword(options=Options(revisions=True), known=Known(1))
    fates = told(keywords=(asking,), rows=(SENT, edit), noted=HAD).fates
    assert [fate.case for fate in fates] == [Case.POSTED, case]
    assert said in fate_in_words(fates[1], PLACE)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "There were too many papers to post each by itself. It waits for the list of the day."),
        ("zh-CN", "论文过多，无法逐篇发布。正在等待当天的列表。"),
    ],
)
def test_that_there_were_too_many_is_a_sentence_of_its_own(language: str, said: str) -> None:
    with i18n.in_language(language):
        assert fate_in_words(Fate(Case.AWAITS_LIST, Kind.LIST, overflow=True), PLACE) == said


def test_an_answer_is_linked_within_the_forums_post_that_it_answers() -> None:
    answer = row(Sending.SENT, kind=Kind.REVISION, subject=PaperSubject(PAPER.id, 2), message_id=9)
    post, revision = told(rows=(SENT, answer), noted=HAD).fates
    assert "channels/100/7)" in fate_in_words(post, PLACE, {200})
    assert "channels/100/7/9)" in fate_in_words(revision, PLACE, {200})
    assert "channels/100/200/9)" in fate_in_words(revision, PLACE)


NARROW = Options(categories=("cs.SD",), cross_lists=False)


@pytest.mark.parametrize(
    ("one", "changes", "stand"),
    [
        (keyword(known=Known(1)), {"rows": (SENT,), "noted": HAD}, Stand.MATCHES),
        (keyword(created_at=NOW), {"rows": (SENT,)}, Stand.LATER),
        (keyword("quantum gravity"), {}, Stand.NO_MATCH),
        (keyword(options=Options(categories=("math",))), {}, Stand.OTHER_CATEGORIES),
        (keyword(options=NARROW), {}, Stand.CROSS_LIST),
        (keyword(options=replace(NARROW, cross_lists=True)), {}, Stand.AWAITED),
        (keyword(state=State.PAUSED), {}, Stand.PAUSED),
        (keyword(since=None), {}, Stand.NO_BASELINE),
        (keyword(since=PaperId("2607.07000"), created_at=NOW), {}, Stand.BEFORE),
        (keyword(since=PaperId("2607.07000"), created_at=SUBSCRIBED), {}, Stand.MEANWHILE),
        (keyword(), {}, Stand.AWAITED),
        # Just below `since` a number may be late, unless the query knows the paper already.
        (keyword(since=PaperId("2607.07000"), margin_until=NOW + REACH), {}, Stand.AWAITED),
        (keyword(since=PaperId("2607.07000"), margin_until=NOW), {}, Stand.MEANWHILE),
        (
            keyword(since=PaperId("2607.07000"), margin_until=NOW + REACH, known=Known(1)),
            {},
            Stand.MEANWHILE,
        ),
        (
            keyword(since=PaperId("2607.09500"), margin_until=NOW + REACH),
            {},
            Stand.MEANWHILE,
        ),
    ],
)
def test_how_a_keyword_stands_to_a_paper(one: Keyword, changes: dict[str, Any], stand: Stand) -> None:
    [verdict] = told(keywords=(one,), **changes).verdicts
    assert verdict.stand is stand


def test_what_was_submitted_before_polls_look_back_is_out_of_reach() -> None:
    old = replace(PAPER, published=NOW - timedelta(days=91))
    assert told(old).verdicts[0].stand is Stand.OUT_OF_REACH


def test_a_match_of_an_earlier_version_keeps_the_words_of_then() -> None:
    changed = replace(PAPER, version=2, title="Parsing", abstract="Trees.")
    [verdict] = told(changed, keywords=(keyword(known=Known(1, ("speech synthesis",))),)).verdicts
    assert (verdict.version, verdict.found) == (1, (FieldMatch("", ("speech synthesis",)),))


def test_a_channel_is_concerned_by_a_match_or_by_what_happened() -> None:
    assert told().concerned
    assert told(keywords=(), noted=HAD).concerned
    assert not told(keywords=(keyword("quantum"),)).concerned
    assert not told(keywords=(), destination=replace(PLACE, state=State.PAUSED)).concerned


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
        ("ti:quantum", []),
    ],
)
def test_what_was_found_where(query: str, expected: list[FieldMatch]) -> None:
    assert list(field_matches(parse(query), analyse_paper(PAPER))) == expected


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
def test_which_part_does_not_hold(query: str, expected: list[Clause]) -> None:
    assert list(clauses(parse(query), analyse_paper(PAPER))) == expected


# --- the words --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", Case)
def test_every_fate_has_a_sentence(case: Case) -> None:
    error = Reason(ReasonCode.OTHER, detail="*x*")
    said = fate_in_words(Fate(case, version=2, at=NOW, message_id=7, attempts=3, error=error), PLACE)
    assert said
    assert "{" not in said
    assert "*x*" not in said


@pytest.mark.parametrize("stand", Stand)
def test_every_stand_has_a_sentence(stand: Stand) -> None:
    subscription = keyword().subscription
    said = stand_in_words(Verdict(subscription, stand, "words", clauses=(Clause("ti:x", False),)), PAPER)
    assert said.endswith((".", "yet."))
    assert "{" not in said


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("cat:cs.CL AND ti:quantum", "does not match: `cat:cs.CL` holds, `ti:quantum` does not."),
        ("ti:q1 AND ti:q2", "does not match: `ti:q1` and `ti:q2` do not."),
        (
            "ti:speech ANDNOT abs:model",
            "does not match: `ti:speech` holds, `abs:model` is left out by ANDNOT, and holds.",
        ),
        ("quantum gravity", "it looks for “quantum gravity” as a phrase in the title or the abstract."),
    ],
)
def test_a_mismatch_names_the_part(query: str, sentence: str) -> None:
    [verdict] = told(keywords=(keyword(query),)).verdicts
    assert stand_in_words(verdict, PAPER).endswith(sentence)


def shown(paper: Paper, *queries: str) -> str:
    parts = [told(paper, keywords=tuple(keyword(query) for query in queries))]
    return why_embed(paper, parts, first_seen=NOW).description or ""


@pytest.mark.parametrize(
    ("title", "abstract", "query", "line"),
    [
        ("A $\\beta$-decay study", "x", "ti:decay", "> title: A β-**decay** study"),
        ("On *bold* speech_units @everyone", "x", "ti:bold", "> title: On \\***bold**\\* speech\\_units @"),
        ("H$_2$O ice", "x", "ti:ice", "> title: H₂O **ice**"),
        ("Speech", f"{'word ' * 40}speech {'tail ' * 40}", "abs:speech", "word **speech** tail"),
        ("Speech", f"{'word ' * 40}speech {'tail ' * 40}", "abs:speech", "> abstract: … word"),
        ("Speech", f"a1 {'word ' * 40}b1 end", "abs:a1 AND abs:b1", "> abstract: **a1** word"),
        ("Speech", f"a1 {'word ' * 40}b1 end", "abs:a1 AND abs:b1", "word **b1** end"),
        ("Speech", "x", "cat:cs.SD", "> category: **cs.SD** Sound"),
        ("Speech", "x", "au:writer", "> author: **Bob Writer**"),
    ],
)
def test_words_stand_in_bold_where_they_are(title: str, abstract: str, query: str, line: str) -> None:
    assert line in shown(replace(PAPER, title=title, abstract=abstract), query)


def test_a_long_story_keeps_discords_limits() -> None:
    paper = replace(PAPER, title="speech **x** " * 90, abstract="speech _y_ " * 400)
    one = told(paper, keywords=tuple(keyword(f"ti:speech OR abs:{'z' * 400}{n}") for n in range(60)))
    embed = why_embed(paper, [one] * 30, first_seen=None)
    assert len(embed) <= 6000
    assert len(embed.description or "") <= 4096
    assert "more channels; name one with `channel`." in (embed.description or "")


def test_a_place_without_subscriptions_is_named() -> None:
    embed = why_embed(PAPER, [], first_seen=None, where="<#5>")
    assert "Nothing is subscribed in <#5>" in (embed.description or "")


def test_messages_are_linked_in_servers_direct_messages_and_forums() -> None:
    fate = Fate(Case.POSTED, at=NOW, message_id=7)
    assert "channels/100/200/7)" in fate_in_words(fate, PLACE)
    assert "channels/100/7)" in fate_in_words(fate, PLACE, {200})
    person = replace(PLACE, guild_id=0, user_id=5)
    assert "channels/@me/200/7)" in fate_in_words(fate, person)
