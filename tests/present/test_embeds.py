"""What is sent keeps every limit of Discord, and its own description of a message, for any paper."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import discord
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.model.errors import QueryError, UserError
from bot.model.outbox import PaperSubject, Posting
from bot.model.papers import Paper, PaperId
from bot.model.polling import PollState
from bot.model.reasons import Reason, ReasonCode
from bot.model.subscriptions import Place
from bot.present import limits
from bot.present.help import ACKNOWLEDGEMENT, error_embed, help_embed
from bot.present.posts import mentions, paper_embed, plain_post, post_content
from bot.present.status import FailedPost, OperatorReport, StatusReport, StoppedChannel, status_embed
from tests.fakes.papers import make_paper
from tests.present.embed_cases import (
    NOW,
    PAPER,
    audit,
    kept,
    posting,
    recorded_papers,
    rendered,
)
from tests.shared import needs_shared


@needs_shared
def test_all_recorded_answers_keep_discords_limits() -> None:
    papers = recorded_papers()
    assert len(papers) > 100
    assert max(len(paper.authors) for paper in papers) > 1000
    assert any(paper.withdrawn for paper in papers)
    for paper in papers:
        audit(posting(paper))


SUBJECT = PaperSubject(PaperId("2601.00001"), 1)
CHANNEL = Place(1, 5)
WILD_TEXT = st.text(max_size=300) | st.lists(
    st.sampled_from(
        [
            "@everyone ",
            "<@1>",
            "<@&2> ",
            "<#3>",
            "<t:0>",
            "<a:b:1>",
            "😀" * 90,
            "x" * 400,
            "*_`~|[](",
            "\\",
            "> # - ",
            "[x](http://y.z) ",
            "$x^2$ ",
            r"\frac{",
            "\u202e",
            "\ud800",
            "👩‍👩‍👧‍👦" * 20,
            "https://x.org/" + "a" * 300,
            "\n",
        ]
    ),
    max_size=40,
).map("".join)
WILD_PAPER = st.builds(
    Paper,
    id=st.just(PaperId("hep-th/9901001")),
    version=st.integers(1, 99),
    title=WILD_TEXT,
    abstract=WILD_TEXT,
    authors=st.lists(WILD_TEXT, max_size=5).map(tuple),
    categories=st.lists(WILD_TEXT, max_size=30).map(tuple),
    primary_category=WILD_TEXT,
    published=st.just(NOW),
    updated=st.just(NOW),
    comment=st.none() | WILD_TEXT,
    journal_ref=st.none() | WILD_TEXT,
    doi=st.none() | WILD_TEXT,
    withdrawn=st.booleans(),
)


@needs_shared
@settings(deadline=None, max_examples=40)
@given(WILD_PAPER, st.lists(WILD_TEXT, max_size=30), st.sets(st.integers(1, 2**63), max_size=60))
def test_no_paper_and_no_keyword_breaks_a_message(
    paper: Paper, keywords: list[str], role_ids: set[int]
) -> None:
    audit(Posting(paper, tuple(keywords), tuple(role_ids)))


# -- what a reader sees


def fields(embed: discord.Embed) -> dict[str, str]:
    return {str(field.name): str(field.value) for field in embed.fields}


def test_a_paper_shows_what_a_researcher_looks_for() -> None:
    embed = paper_embed(posting(PAPER))
    assert embed.title == r"Learning α-stable \*processes\*"
    assert embed.url == "https://arxiv.org/abs/2601.12345v1"
    assert embed.description
    authors, abstract = embed.description.split("\n\n")
    assert authors == "**Ada Lovelace, Émilie du Châtelet, Emmy Noether and 1 more**"
    assert abstract.startswith("We show that O(n²) is optimal. We")
    assert abstract.endswith(("optimal.…", "is…", "that…", "show…", "We…", "O(n²)…"))
    assert fields(embed) == {
        "Categories": "**Machine Learning (cs.LG)** · Machine Learning (stat.ML) · Probability (math.PR)",
        "Comment": r"12 pages, ICLR\_2026",
        "Published in": r"Ann. Prob. 1 (2026) 1-9",
        "Submitted": "31 January 2026",
        "DOI": "[10.1214/26-AOP(1)](https://doi.org/10.1214/26-AOP%281%29)",
    }
    assert embed.footer.text == "arXiv:2601.12345v1 · “speech synthesis”, “TTS”"


def test_two_names_of_one_category_are_shown_once() -> None:
    paper = make_paper(categories=("math-ph", "math.MP", "hep-th"), primary_category="math.MP")
    shown = fields(paper_embed(posting(paper)))["Categories"]
    assert shown == "**Mathematical Physics (math.MP)** · High Energy Physics - Theory (hep-th)"


def test_a_revision_says_when_and_which_version() -> None:
    embed = paper_embed(posting(replace(PAPER, version=3, updated=NOW)))
    assert fields(embed)["Revised"] == "2 February 2026 (version 3)"


def test_a_revision_of_the_day_of_submission_is_named() -> None:
    paper = replace(PAPER, version=2, updated=PAPER.published)
    assert fields(paper_embed(posting(paper)))["Revised"] == "31 January 2026 (version 2)"


def test_a_withdrawn_paper_says_so_first() -> None:
    embed = paper_embed(posting(replace(PAPER, withdrawn=True)))
    assert (embed.description or "").startswith("⚠️ **Withdrawn.**")
    assert embed.colour != paper_embed(posting(PAPER)).colour


def test_a_paper_asked_for_shows_more_of_its_abstract_than_a_post() -> None:
    post, answer = paper_embed(posting(PAPER)), paper_embed(posting(PAPER), whole=True)
    assert len(answer.description or "") > 1000 > len(post.description or "") > 500


def test_only_the_subscribers_roles_are_mentioned() -> None:
    mentioning = posting(PAPER, role_ids=(7, 8, 7))
    assert post_content(mentioning) == "<@&7> <@&8>"
    assert dict(mentions(mentioning).to_dict()) == {"parse": [], "roles": ["7", "8"]}
    assert post_content(posting(PAPER)) is None
    assert dict(mentions(posting(PAPER)).to_dict()) == {"parse": []}


def test_a_plain_post_with_all_its_mentions_fits_one_message() -> None:
    roles = range(2**64 - 100, 2**64)
    said = plain_post(posting(make_paper(1, title="Speech synthesis " * 40), role_ids=roles))
    assert limits.length(said) <= limits.CONTENT
    assert said.count("<@&") == 75
    assert said.splitlines()[1].startswith("Speech synthesis")
    assert said.endswith("\nhttps://arxiv.org/abs/2607.00001v1")


# -- answers


def test_help_fits_a_screen_and_thanks_arxiv() -> None:
    embed = help_embed()
    kept([embed])
    assert embed.footer.text == ACKNOWLEDGEMENT
    assert limits.size(embed) < 1000
    assert re.findall(r"^`/(\w+)", fields(embed)["Start with"], re.MULTILINE) == [
        "subscribe",
        "search",
        "digest",
    ]


def _odd(detail: str) -> Reason:
    return Reason(ReasonCode.OTHER, detail=detail)


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        (StatusReport("1.2.3", timedelta(hours=30)), "Starting"),
        (StatusReport("1.2.3", timedelta(0), state=PollState.FRESH, state_since=NOW), "Up to date"),
        (
            StatusReport("1.2.3", timedelta(0), state=PollState.FAILED, error="arXiv <@1> *busy*" * 99),
            "failed",
        ),
        (
            StatusReport(
                "1.2.3",
                timedelta(days=3),
                state=PollState.QUIET,
                last_poll=NOW,
                next_poll=NOW,
                next_digest=NOW,
                requests=12_345,
                queries=1,
                paused=[StoppedChannel(CHANNEL, _odd("no `Send Messages` " * 40))] * 50,
                failed=[FailedPost(SUBJECT, CHANNEL, _odd("@everyone " * 50))] * 30,
                operator=OperatorReport(
                    9,
                    9,
                    {},
                    9,
                    9,
                    arxiv_error="x" * 900,
                    failing={f"job {number}": "x" * 900 for number in range(40)},
                ),
            ),
            "Quiet",
        ),
    ],
    ids=["starting", "fresh", "failed", "everything"],
)
def test_status_keeps_the_limits_whatever_is_wrong(report: StatusReport, expected: str) -> None:
    embed = status_embed(report)
    kept([embed])
    assert expected in (embed.description or "")
    assert (embed.footer.text or "").startswith("Version 1.2.3 · running for ")
    assert not re.search(r"@everyone|<@", rendered(embed))


def test_status_has_a_sentence_for_every_state() -> None:
    states = [None, *PollState]
    said = {status_embed(StatusReport("1", timedelta(0), state=state)).description for state in states}
    assert len(said) == len(states)


def test_status_says_since_when_it_is_as_it_is() -> None:
    report = StatusReport("1.2.3", timedelta(0), state=PollState.QUIET, state_since=NOW)
    said = status_embed(report).description
    assert (
        said == "Quiet: arXiv announces no papers today. "
        f"This has been the case since <t:{int(NOW.timestamp())}:f>."
    )


@pytest.mark.parametrize("seconds", [-86_400, -61, -1, 0, 1, 59, 3_600, 86_400 * 3])
def test_status_never_says_that_something_is_to_come_seconds_ago(seconds: int) -> None:
    to_come = NOW + timedelta(seconds=seconds)
    report = StatusReport("1", timedelta(0), next_poll=to_come, next_digest=to_come, now=NOW)
    shown = fields(status_embed(report))
    expected = "now" if seconds <= 0 else f"<t:{int(to_come.timestamp())}:f>"
    assert (shown["Next poll"], shown["Next digest"]) == (expected, expected)


def test_trouble_is_counted_where_it_is_too_much_to_list() -> None:
    reason = Reason(ReasonCode.CHANNEL_DELETED)
    paused = [StoppedChannel(Place(1, number), reason) for number in range(50)]
    shown = fields(status_embed(StatusReport("1", timedelta(0), paused=paused)))["Paused channels"]
    assert shown.startswith("<#0>: The channel was deleted.\n<#1>: The channel was deleted.")
    assert shown.endswith("and 42 more")


@pytest.mark.parametrize(
    ("query", "column", "pointed"),
    [
        ('ti:"open', 4, 'ti:"open\n   ^'),
        ("x" * 100 + "(" + "y" * 100, 101, "…" + "x" * 28 + "(" + "y" * 27 + "…\n" + " " * 29 + "^"),
        ("a\tb`c", 4, "a bˋc\n   ^"),
        ("", 1, "\n^"),
    ],
    ids=["short", "long", "odd_characters", "empty"],
)
def test_a_query_that_cannot_be_read_is_pointed_at(query: str, column: int, pointed: str) -> None:
    embed = error_embed(QueryError("The quote is never closed", query=query, column=column))
    assert embed.description == f"The quote is never closed\n```\n{pointed}\n```"
    kept([embed])


def test_an_error_shows_what_was_typed_as_it_is() -> None:
    embed = error_embed(UserError("There is no “a*b <@1>”; try `/subscribe`."))
    assert embed.description == "There is no “a\\*b \\<\u200b@\u200b1>”; try `/subscribe`."
    kept([embed, error_embed("x" * 9000), error_embed("an odd ` backtick")])


def body_of(**changes: Any) -> Posting:
    return posting(replace(PAPER, **changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"title": ""},
        {"title": "\u200b", "abstract": "", "authors": ()},
        {"title": "😀" * 300},
        {"categories": (), "primary_category": ""},
        {"authors": tuple(f"Author {number}" for number in range(5000))},
        {
            "abstract": "word " * 5000,
            "comment": "word " * 900,
            "journal_ref": "word " * 900,
            "doi": "1" * 900,
        },
        {"comment": "   ", "doi": " ", "journal_ref": ""},
    ],
    ids=["no_title", "nothing", "surrogates", "no_category", "many_authors", "long", "blank"],
)
@needs_shared
def test_odd_papers_still_make_a_message(changes: dict[str, Any]) -> None:
    audit(body_of(**changes))
