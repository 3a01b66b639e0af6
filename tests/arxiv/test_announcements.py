"""The feeds of a day: arXiv's own, the fake's, and what is no feed."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bot.arxiv.announcements import AnnouncementKind, parse_announcements
from bot.model.errors import ArxivRefused, MalformedFeed
from tests.fakes import rss
from tests.fakes.arxiv import FakeArxiv
from tests.fakes.clock import Clock
from tests.fakes.papers import make_paper
from tests.fakes.rss import FeedItem
from tests.shared import SHARED, needs_shared

NOW = datetime(2026, 7, 27, 7, 30, tzinfo=UTC)
MIDNIGHT = datetime(2026, 7, 27, 4, tzinfo=UTC)
FOLDER = SHARED / "arxiv" / "rss"
ITEM = FeedItem("2607.00001", 1, "new", "A title", "An abstract.", "Ada Author", ["cs.CL", "cs.SD"])


@needs_shared
def test_both_forms_of_a_real_feed_say_the_same():
    in_rss = parse_announcements((FOLDER / "official_rss_cs+eess_50items.xml").read_bytes())
    in_atom = parse_announcements((FOLDER / "official_atom_cs+eess_50items.xml").read_bytes())
    assert in_rss == in_atom
    assert in_rss.day == date(2026, 11, 22)
    kinds = Counter(each.kind for each in in_rss.announcements)
    assert kinds == {"new": 24, "cross": 8, "replace": 12, "replace-cross": 6}
    first = in_rss.announcements[0].paper
    assert first.authors == ("Bruno Dias", "Paula Coelho", "Beatriz Barbuy", "Leandro Kerber", "Thais Idiart")
    assert first.abstract.startswith("Context: Analysis of ages")
    assert (first.doi, first.primary_category) == ("10.1051/0004-6361/200912894", "astro-ph.SR")


@needs_shared
@pytest.mark.parametrize("form", ["rss", "atom"])
def test_a_real_weekend_has_a_day_and_no_announcements(form: str):
    day = parse_announcements((FOLDER / f"official_{form}_empty_weekend.xml").read_bytes())
    assert (day.day, day.announcements) == (date(2026, 11, 22), ())


@needs_shared
def test_a_recorded_feed_is_read():
    day = parse_announcements((FOLDER / "atom_csAI_2025-08-20_trimmed.xml").read_bytes())
    assert (day.day, len(day.announcements), day.skipped) == (date(2025, 8, 20), 7, 0)
    assert ("Paulo André Lima de Castro",) in {each.paper.authors for each in day.announcements}


@needs_shared
def test_a_real_refusal_is_arxivs_sentence():
    with pytest.raises(ArxivRefused, match="Bad archive 'foo'"):
        parse_announcements((FOLDER / "official_rss_error_http400.xml").read_bytes())


@pytest.mark.parametrize("form", ["rss", "atom"])
def test_what_the_fake_announces_is_read_as_the_paper_itself_but_for_what_no_feed_says(form: str):
    clock = Clock(NOW - timedelta(hours=7))
    old = make_paper(1, title="Moiré bands", comment="9 pages")
    arxiv = FakeArxiv([old], clock=clock)
    new = make_paper(
        2, authors=("Erwin Schrödinger", "Łukasz Ångström"), journal_ref="Phys. 5", doi="10.1000/5"
    )
    arxiv.publish([replace(old, version=2), new])
    clock.now = NOW
    _status, content = arxiv.feeds.answer(form, "cs")
    day = parse_announcements(content)
    assert day.day == date(2026, 7, 27)
    shown = {each.kind: each.paper for each in day.announcements}
    assert shown[AnnouncementKind.NEW] == replace(new, published=MIDNIGHT, updated=MIDNIGHT)
    month = datetime(2026, 7, 1, tzinfo=UTC)
    assert shown[AnnouncementKind.REPLACE] == replace(
        old, version=2, comment=None, published=month, updated=MIDNIGHT
    )


@pytest.mark.parametrize(
    "broken",
    [{"id": "nonsense"}, {"kind": "strange"}],
    ids=["no identifier", "a kind that arXiv has not"],
)
def test_an_entry_that_cannot_be_read_is_skipped_and_counted(broken: dict[str, Any]):
    day = parse_announcements(rss.rss("cs", [ITEM, replace(ITEM, **broken)], NOW))
    assert (len(day.announcements), day.skipped) == (1, 1)


def test_an_abstract_that_repeats_the_heading_of_the_feed_keeps_its_own():
    item = replace(ITEM, abstract="Announce Type: new. Abstract: nonsense.")
    [announcement] = parse_announcements(rss.rss("cs", [item], NOW)).announcements
    assert announcement.paper.abstract == item.abstract


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html></html>",
        b"<records/>",
        rss.rss("cs", [ITEM], NOW)[:-40],
        rss.rss("cs", [], NOW).replace(b"<pubDate>", b"<pubDate>some "),
        rss.atom("cs", [], NOW).replace(b"<updated>2026", b"<updated>x"),
        b"<!DOCTYPE rss [<!ENTITY a 'b'>]><rss/>",
    ],
    ids=["nothing", "a web page", "other XML", "half", "no day", "no day in Atom", "a document type"],
)
def test_what_is_no_feed_is_refused(content: bytes):
    with pytest.raises(MalformedFeed):
        parse_announcements(content)
