"""Every case of `/why` in words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from bot import i18n
from bot.model.history import KeywordHistory, Standing
from bot.model.outbox import Kind, PaperMark
from bot.model.papers import Paper
from bot.model.reasons import Reason, ReasonCode
from bot.model.subscriptions import State
from bot.present.posts import title_link
from bot.present.why import ShownCloseness, closeness_in_words, event_in_words, keyword_in_words, why_embed
from bot.query.explain import Clause
from bot.rules.why import Event, EventCode, KeywordStatus, MatchStatus
from tests.rules.why_cases import NOW, PAPER, PLACE, explained, keyword


@pytest.mark.parametrize("language", i18n.languages())
@pytest.mark.parametrize("code", EventCode)
def test_every_event_has_a_sentence(code: EventCode, language: str) -> None:
    error = Reason(ReasonCode.OTHER, detail="*x*")
    with i18n.in_language(language):
        said = event_in_words(Event(code, version=2, at=NOW, message_id=7, attempts=3, error=error), PLACE)
    assert said.endswith("\\*x\\*")
    assert "{" not in said


@pytest.mark.parametrize("language", i18n.languages())
@pytest.mark.parametrize("status", MatchStatus)
def test_every_status_has_a_sentence_that_names_the_keyword(status: MatchStatus, language: str) -> None:
    one = KeywordStatus(keyword().subscription, status, "words", clauses=(Clause("ti:x", False),))
    with i18n.in_language(language):
        said = keyword_in_words(one, PAPER)
    assert "**speech synthesis**" in said
    assert said.endswith((".", "。"))
    assert "{" not in said


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (Event(EventCode.QUEUED, version=1), "Waiting in the channel's queue."),
        (Event(EventCode.QUEUED, version=2), "**Version 2** – Waiting in the channel's queue."),
        (
            Event(EventCode.QUEUED, Kind.DIGEST, day=date(2026, 7, 23)),
            "**Digest of 23 July 2026** – Waiting in the channel's queue.",
        ),
        (
            Event(EventCode.QUEUED, Kind.LIST, day=date(2026, 7, 23), overflow=True),
            (
                "**List of 23 July 2026** – There were too many papers to post each one. "
                "Waiting in the channel's queue."
            ),
        ),
        (
            Event(EventCode.AWAITS_DIGEST, Kind.DIGEST, at=NOW, overflow=True, beyond_best=5),
            (
                "It was not among the day's 5 best papers here. "
                "Waiting for the digest that is due <t:1784880000>."
            ),
        ),
        (
            Event(EventCode.AWAITS_LIST, Kind.LIST, overflow=True, beyond_best=1),
            "It was not the day's best paper here. Waiting for the list of the day.",
        ),
        (
            Event(EventCode.LISTED, Kind.DIGEST, day=date(2026, 7, 23)),
            "Listed in the digest or list of 23 July 2026.",
        ),
        (
            Event(EventCode.RETRIED, version=1, at=NOW, attempts=1),
            "Not posted yet after 1 attempt; the next is due <t:1784880000>.",
        ),
        (
            Event(EventCode.REVISION_UNWANTED, Kind.REVISION, version=2),
            "Version 2 was not posted, because no subscription here asks for `revisions`.",
        ),
    ],
)
def test_an_event_names_its_version_or_its_digest(event: Event, said: str) -> None:
    assert event_in_words(event, PLACE) == said


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "There were too many papers to post each one. Waiting for the list of the day."),
        ("zh-CN", "论文过多，无法逐篇发布。正在等待当天的列表。"),
    ],
)
def test_sentences_are_joined_as_the_language_joins_them(language: str, said: str) -> None:
    with i18n.in_language(language):
        assert event_in_words(Event(EventCode.AWAITS_LIST, Kind.LIST, overflow=True), PLACE) == said


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (keyword(), "**speech synthesis** matches."),
        (keyword("a*b"), r"**a\*b** matches."),
        (keyword(state=State.PAUSED), "**speech synthesis** (paused) matches."),
    ],
)
def test_a_keyword_that_matches_is_named(one: KeywordHistory, said: str) -> None:
    status = KeywordStatus(one.subscription, MatchStatus.MATCHES, "words")
    assert keyword_in_words(status, PAPER) == said


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        (ShownCloseness(), ""),
        (ShownCloseness(standing=Standing(1, 1)), ""),
        (ShownCloseness(standing=Standing(12, 40)), "≈ By closeness, number 12 of the day's 40 papers here."),
        (
            ShownCloseness(standing=Standing(2, 40), late=True),
            (
                "≈ By closeness, number 2 of the day's 40 papers here. "
                "When it came, the day's best had already been chosen."
            ),
        ),
        (
            ShownCloseness(PaperMark(star=True), ("a*b",), PAPER, Standing(1, 2)),
            (
                "★ By closeness, number 1 of the day's 2 papers here. "
                r"It shares with what is saved here: a\*b. "
                f"Nearest saved paper: {title_link(PAPER, 100)}."
            ),
        ),
    ],
)
def test_how_close_a_paper_is_names_its_place_the_terms_and_the_nearest(
    shown: ShownCloseness, said: str
) -> None:
    assert "\n".join(closeness_in_words(shown)) == said


def test_a_match_of_an_earlier_version_says_which() -> None:
    status = KeywordStatus(keyword().subscription, MatchStatus.MATCHES, "words", version=1)
    assert keyword_in_words(status, PAPER) == "**speech synthesis** matched version 1."


@pytest.mark.parametrize(
    ("polled", "error", "said"),
    [
        (None, "", "arXiv has not been polled for this keyword yet."),
        (NOW, "", "arXiv was last polled <t:1784880000:R>."),
        (NOW, "arXiv is *busy*.", r"But its last poll failed: arXiv is \*busy\*."),
    ],
)
def test_an_awaited_paper_says_when_arxiv_was_polled(polled: datetime | None, error: str, said: str) -> None:
    status = KeywordStatus(
        keyword().subscription,
        MatchStatus.AWAITED,
        "words",
        polled=polled,
        error=error,
    )
    assert keyword_in_words(status, PAPER).endswith(
        f"The paper is new: the next poll that finds it will post it. {said}"
    )


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        (
            "cat:cs.CL AND ti:quantum",
            "does not match. The paper matches `cat:cs.CL`. The paper does not match `ti:quantum`.",
        ),
        ("ti:q1 AND ti:q2", "does not match. The paper does not match `ti:q1` and `ti:q2`."),
        (
            "ti:speech ANDNOT abs:model",
            (
                "does not match. The paper matches `ti:speech`. "
                "The paper matches `abs:model`, which the query excludes."
            ),
        ),
        ("quantum gravity", "it looks for “quantum gravity” as a phrase in the title or the abstract."),
    ],
)
def test_a_mismatch_names_the_part(query: str, sentence: str) -> None:
    [status] = explained(keywords=(keyword(query),)).keywords
    assert keyword_in_words(status, PAPER).endswith(sentence)


def shown(paper: Paper, *queries: str) -> str:
    parts = [explained(paper, keywords=tuple(keyword(query) for query in queries))]
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
        (
            "Speech",
            f"a1 {'word ' * 20}b1 end",
            "abs:a1 AND abs:b1",
            f"> abstract: **a1** {'word ' * 20}**b1** end",
        ),
        (
            "Speech",
            "A speech synthesis",
            'abs:speech AND abs:"speech synthesis"',
            "abstract: A **speech synthesis**",
        ),
        ("Speech", "xspeech-to", "abs:xspeech OR abs:x", "> abstract: **xspeech**\\-to"),
        (
            "Speech",
            f"a1 {'word ' * 40}b1 {'word ' * 40}c1 {'word ' * 40}d1 end",
            "abs:a1 AND abs:b1 AND abs:c1 AND abs:d1",
            "**c1** word word word word word word word word word word word …",
        ),
        ("Speech", "x", "cat:cs.SD", "> category: **cs.SD** Sound"),
        ("Speech", "x", "au:writer", "> author: **Bob Writer**"),
    ],
)
def test_matching_words_are_bold(title: str, abstract: str, query: str, line: str) -> None:
    assert line in shown(replace(PAPER, title=title, abstract=abstract), query)


def test_a_long_history_keeps_discords_limits() -> None:
    paper = replace(PAPER, title="speech **x** " * 90, abstract="speech _y_ " * 400)
    one = explained(paper, keywords=tuple(keyword(f"ti:speech OR abs:{'z' * 400}{n}") for n in range(60)))
    embed = why_embed(paper, [one] * 30, first_seen=None)
    assert len(embed) <= 6000
    assert len(embed.description or "") <= 4096
    assert "more channels; choose one with `channel`." in (embed.description or "")


def test_a_place_without_subscriptions_is_named() -> None:
    embed = why_embed(PAPER, [], first_seen=None, where="<#5>")
    assert "There are no subscriptions in <#5>" in (embed.description or "")


def test_messages_are_linked_in_servers_direct_messages_and_forums() -> None:
    event = Event(EventCode.POSTED, at=NOW, message_id=7)
    assert "channels/100/200/7)" in event_in_words(event, PLACE)
    assert "channels/100/7)" in event_in_words(event, PLACE, {200})
    reply = replace(event, reply_to=6)
    assert "channels/100/6/7)" in event_in_words(reply, PLACE, {200}), "a reply is in its post's thread"
    assert "channels/100/200/7)" in event_in_words(reply, PLACE)
    person = replace(PLACE, guild_id=0, user_id=5)
    assert "channels/@me/200/7)" in event_in_words(event, person)


def test_many_short_channels_keep_discords_limits() -> None:
    one = explained(keywords=())
    embed = why_embed(PAPER, [one] * 300, first_seen=NOW)
    assert len(embed.description or "") <= 4096
    assert "There are no subscriptions here." in (embed.description or "")
