"""Read arXiv's feeds of what it announced on a day, in RSS or Atom: bytes in, announcements out (pure).

A feed says authoritatively what is new, cross-listed or replaced. It has neither comments nor the times of
submission, and its text is TeX, which becomes what the query API would show.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime

from bot.arxiv.author_line import authors_of
from bot.arxiv.calendar import EASTERN
from bot.arxiv.elements import Element, read_rows
from bot.arxiv.tex import as_indexed
from bot.model.errors import ArxivRefused, BotError, MalformedFeed
from bot.model.foreign_text import clean_text
from bot.model.papers import Paper, PaperId

_PREFIX = re.compile(r"oai:arXiv\.org:", re.IGNORECASE)
_ABSTRACT = re.compile(r"\s*(?:arXiv:\S+\s+)?Announce Type:\s*\S+\s+Abstract:\s?", re.IGNORECASE)
_ERROR = "Feed error"
_TITLE, _TEXT, _REFERENCE, _CATEGORY = 2_000, 20_000, 1_000, 64
_MOST_CATEGORIES = 100


class AnnouncementKind(enum.StrEnum):
    """Why a feed lists a paper; the values are arXiv's. What is new elsewhere is a cross-list here."""

    NEW = "new"
    CROSS = "cross"
    REPLACE = "replace"
    REPLACE_CROSS = "replace-cross"


@dataclass(frozen=True, slots=True)
class Announcement:
    """A listed paper. Its comment is unknown, and so is when it was submitted: `paper` has estimates.

    `published` and `updated` of a first version are the beginning of the day under which it is listed, in
    Eastern time. `published` of a later version is the beginning of the month that its number names.
    """

    paper: Paper
    kind: AnnouncementKind


@dataclass(frozen=True, slots=True)
class AnnouncedDay:
    """One feed: what was announced under *day* (Eastern time), in the feed's order.

    `skipped` counts the entries that could not be read.
    """

    day: date
    announcements: tuple[Announcement, ...]
    skipped: int = 0


def parse_announcements(
    content: bytes | bytearray, *, url: str = "", late: Callable[[], bool] = lambda: False
) -> AnnouncedDay:
    """Return what a feed says. An entry that cannot be read is skipped and counted.

    Call it in a thread. *url* is only added to errors. *late* tells whether reading has taken too long.

    Raises:
        ArxivRefused: the feed is arXiv's refusal; the message is its own.
        MalformedFeed: the answer is not one of these feeds, or is incomplete.
    """
    announcements: list[Announcement] = []
    skipped = 0

    def take(item: Element) -> None:
        nonlocal skipped
        try:
            announcements.append(_announcement(item))
        except (BotError, LookupError, TypeError, ValueError, OverflowError):
            skipped += 1

    root = read_rows(content, {"item", "entry"}, take, url=url, late=late)
    head = root.first("channel") if root.name == "rss" else root
    if head is None or root.name not in {"rss", "feed"}:
        raise MalformedFeed("arXiv's answer is not a feed.", url=url)
    if head.text_of("title").strip().startswith(_ERROR):
        reason = head.text_of("description") or head.text_of("subtitle")
        raise ArxivRefused(clean_text(reason, _REFERENCE) or "the feed was refused without a reason", url=url)
    return AnnouncedDay(_day(head, announcements, url), tuple(announcements), skipped)


def _day(head: Element, announcements: list[Announcement], url: str) -> date:
    """Return the day that a feed is about; an empty one in Atom says only when it was made."""
    try:
        if text := head.text_of("pubDate").strip():
            return parsedate_to_datetime(text).astimezone(EASTERN).date()
        if announcements:
            return max(each.paper.updated for each in announcements).astimezone(EASTERN).date()
        return datetime.fromisoformat(head.text_of("updated").strip()).astimezone(EASTERN).date()
    except (ValueError, OverflowError):
        raise MalformedFeed("arXiv's answer is a feed without a date.", url=url) from None


def _announcement(item: Element) -> Announcement:
    text = item.text_of("guid") or item.text_of("id")
    paper_id, version = PaperId.parse(_PREFIX.sub("", text.strip()))
    listed = _listed(item)
    terms = (each.attributes.get("term") or each.text for each in item.all("category"))
    categories = tuple(dict.fromkeys(term.strip()[:_CATEGORY] for term in terms if term.strip()))
    summary = item.text_of("description") or item.text_of("summary")
    paper = Paper(
        id=paper_id,
        version=version or 1,
        title=_text(item.text_of("title"), _TITLE) or f"arXiv:{paper_id}",
        abstract=_text(_ABSTRACT.sub("", summary, count=1), _TEXT),
        authors=authors_of(item.text_of("creator")),
        categories=categories[:_MOST_CATEGORIES],
        primary_category=categories[0] if categories else "",
        published=listed if version in {1, None} else min(paper_id.month_begins, listed),
        updated=listed,
        journal_ref=_text(item.text_of("journal_reference"), _REFERENCE) or None,
        doi=next(iter(_text(item.text_of("DOI"), _REFERENCE).split()), None),
    )
    return Announcement(paper, AnnouncementKind(item.text_of("announce_type").strip()))


def _listed(item: Element) -> datetime:
    if text := item.text_of("pubDate").strip():
        return parsedate_to_datetime(text).astimezone(UTC)
    return datetime.fromisoformat(item.text_of("published").strip()).astimezone(UTC)


def _text(text: str, most: int) -> str:
    return clean_text(as_indexed(text), most)
