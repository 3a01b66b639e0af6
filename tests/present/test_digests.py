"""How digests, their pages and quiet days look, within Discord's limits."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from bot.model.outbox import DigestPage, Kind, QuietNote, Section, WeeklyTop
from bot.model.papers import Paper, PaperId
from bot.present.digests import digest_embeds, issue_content, numbered, quiet_day_embed
from tests.fakes.papers import make_papers
from tests.openapi import valid_request
from tests.present.embed_cases import (
    _MENTION,
    PAPER,
    kept,
    parity_papers,
)
from tests.shared import needs_shared


def page(papers: Sequence[Paper], *, sections: int = 2, more: int = 0) -> DigestPage:
    ids = [paper.id for paper in papers]
    step = max(-(-len(ids) // sections), 1)
    parts = [
        Section(f"keyword *{number}* @everyone", tuple(ids[start : start + step]), more)
        for number, start in enumerate(range(0, len(ids), step))
    ]
    return DigestPage(date(2026, 2, 2), 1, 3, len(ids) + more, tuple(parts))


@needs_shared
@pytest.mark.parametrize("with_top", [False, True])
@pytest.mark.parametrize("count", [1, 5, 10, 20, 40, 100, 400])
def test_a_page_of_a_digest_fits_one_message_and_counts_what_it_leaves_out(
    count: int, with_top: bool
) -> None:
    papers = parity_papers()[:count]
    day = date(2026, 2, 2)
    longest = sorted(parity_papers(), key=lambda paper: len(paper.title))[-5:] if with_top else []
    top = WeeklyTop(day, day, tuple((paper.id, 1_000_000) for paper in longest))
    known = {paper.id: paper for paper in (*papers, *longest)}
    embeds = digest_embeds(replace(page(papers), top=top), known)
    assert len(embeds) == 1 + with_top
    kept(embeds)
    valid_request("POST", "/channels/1/messages", {"embeds": [embed.to_dict() for embed in embeds]})
    description = embeds[0].description or ""
    assert _MENTION.search(description) is None
    shown = description.count("](https://arxiv.org/abs/")
    left = re.search(r"\*and (\d+) more\*", description)
    assert shown + (int(left[1]) if left else 0) == count
    assert count > 40 or shown == count


@pytest.mark.parametrize("length", range(40, 60, 2))
def test_papers_that_a_cap_left_out_are_counted_however_little_room_there_is(length: int) -> None:
    papers = make_papers(25, title="x" * 60)
    sections = tuple(Section("k" * length, (paper.id,), 4) for paper in papers)
    whole = DigestPage(date(2026, 2, 2), 1, 1, 125, sections)
    (embed,) = digest_embeds(whole, {paper.id: paper for paper in papers})
    kept([embed])
    description = embed.description or ""
    shown = description.count("](https://arxiv.org/abs/")
    assert shown + sum(map(int, re.findall(r"\*and (\d+) more\*", description))) == 125


@pytest.mark.parametrize(("pages", "footer"), [(1, "1 paper"), (2, "1 paper\u00a0· page 1 of 2")])
def test_a_page_is_numbered_if_there_are_several(pages: int, footer: str) -> None:
    (embed,) = digest_embeds(
        DigestPage(date(2026, 2, 2), 1, pages, 1, (Section("TTS", (PAPER.id,)),)), {PAPER.id: PAPER}
    )
    assert embed.footer.text == footer


@pytest.mark.parametrize(
    ("enough", "footer"),
    [
        (None, "1 paper\u00a0· page 1 of 2"),
        (False, "Save three papers and the closest come first\u00a0· page 1 of 2"),
        (True, "Best first in each list\u00a0· page 1 of 2"),
    ],
)
def test_without_stars_a_digest_is_red_and_says_how_to_get_them(enough: bool | None, footer: str) -> None:
    whole = DigestPage(date(2026, 2, 2), 1, 2, 1, (Section("TTS", (PAPER.id,)),), enough_saved=enough)
    (embed,) = digest_embeds(whole, {PAPER.id: PAPER})
    assert embed.footer.text == footer
    assert "★" not in (embed.description or "")
    assert embed.colour.value == 0xB31B1B


def test_a_digest_groups_by_keyword_and_says_how_much_there_is() -> None:
    other = replace(PAPER, id=PaperId("2601.99999"), title="[Re] Other")
    pages = DigestPage(
        date(2026, 2, 2),
        2,
        3,
        12,
        (Section("a_b", (PAPER.id, PaperId("2601.00404"))), Section("TTS", (other.id,), 4)),
    )
    (embed,) = digest_embeds(pages, {PAPER.id: PAPER, other.id: other})
    assert embed.title is None
    assert embed.footer.text == "12 papers\u00a0· page 2 of 3"
    lines = (embed.description or "").splitlines()
    assert [line for line in lines if line.startswith("### ")] == [r"### a\_b · 2", "### TTS · 5"]
    facts = "\u00a0· Lovelace … Kovalevskaya\u00a0· Ann.\u00a0Prob.\u00a02026"
    assert f"**21** [Learning α-stable ∗processes∗](https://arxiv.org/abs/2601.12345v1){facts}" in lines
    assert "**22** [arXiv:2601.00404](https://arxiv.org/abs/2601.00404)" in lines
    assert f"**23** [［Re］ Other](https://arxiv.org/abs/2601.99999v1){facts}" in lines
    assert lines[-1] == "*and 4 more*"


def test_the_closest_papers_come_first_with_what_is_new_and_the_terms() -> None:
    other = replace(PAPER, id=PaperId("2601.99999"), title="Other", abstract="We act.")
    best = Section("", (other.id,), best=True, terms={other.id: ("test *oracle*", "latent space")})
    sections = (best, Section("TTS", (PAPER.id,)))
    whole = DigestPage(date(2026, 2, 2), 1, 1, 2, sections, enough_saved=True)
    papers = {PAPER.id: PAPER, other.id: other}
    (embed,) = digest_embeds(whole, papers)
    assert embed.colour.value == 0xF0B132
    assert embed.footer.text == "Best first in each list"
    assert (embed.description or "").splitlines()[:6] == [
        "### ★ Closest to what you save",
        "**1** **[Other](https://arxiv.org/abs/2601.99999v1)**",
        "We act.",
        "Lovelace … Kovalevskaya\u00a0· Ann.\u00a0Prob.\u00a02026",
        r"★ test \*oracle\*, latent space",
        "### TTS · 1",
    ]
    said = issue_content(Kind.DIGEST, whole, papers)
    assert said == "**2 new papers, 2 February**\u00a0· closest: Other"
    assert [number for number, _paper in numbered(Kind.DIGEST, whole, papers)] == [1, 2]


@pytest.mark.parametrize(
    ("note", "lines"),
    [
        (None, []),
        (QuietNote(), ["Nothing came in the last 7 days either."]),
        (QuietNote((), 0, 1, 1), ["Last 7 days: 1 paper, 1 saved here."]),
        (QuietNote(("TTS",), 0, 9, 2), [" on TTS.", "Last 7 days: 9 papers, 2 saved here."]),
        (QuietNote(("TTS", "a*b"), 0, 1), [r" on TTS and a\*b.", "Last 7 days: 1 paper."]),
        (QuietNote(("a", "b", "c"), 4, 1_234), [" on a, b, c and 4 more.", "Last 7 days: 1,234 papers."]),
    ],
)
def test_a_quiet_day_is_two_lines(note: QuietNote | None, lines: list[str]) -> None:
    embed = quiet_day_embed(date(2026, 3, 3), note)
    first = lines.pop(0) if note and note.keywords else ""
    assert (embed.description or "").split("\n") == [f"**3 March: nothing new**{first}", *lines]
    assert (embed.title, embed.colour.value if embed.colour else 0) == (None, 0x80848E)
    kept([embed])


def test_long_keywords_of_a_quiet_day_are_cut() -> None:
    embed = quiet_day_embed(date(2026, 3, 3), QuietNote(("x y " * 100,) * 3, 5, 1, 1))
    assert len(embed.description or "") < 300
