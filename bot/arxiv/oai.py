"""Read arXiv's answers to OAI-PMH's `ListRecords` in its format `arXivRaw`: bytes in, records out (pure).

A record is a paper that changed on a day: it is new, has a new version, or was only edited. It has every
version with its date, and the text in TeX, which becomes what the query API would show. Errors come with HTTP
200; `noRecordsMatch` is a day on which nothing changed.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime

from bot.arxiv.author_line import authors_of
from bot.arxiv.elements import Element, read_rows
from bot.arxiv.tex import as_indexed
from bot.model.errors import ArxivRefused, BotError, MalformedFeed
from bot.model.foreign_text import clean_text
from bot.model.papers import Paper, PaperId
from bot.model.withdrawal import says_withdrawn

_PREFIX = re.compile(r"oai:arXiv\.org:", re.IGNORECASE)
_TITLE, _ABSTRACT, _COMMENT, _REFERENCE, _CATEGORY = 2_000, 20_000, 4_000, 1_000, 64
_MOST_CATEGORIES = 100
_NAME = 100
_LONGEST_TOKEN = 2_000


@dataclass(frozen=True, slots=True)
class Harvested:
    """*paper* as a record shows it, and the day (UTC) of its last change, whatever that was."""

    paper: Paper
    changed: date


@dataclass(frozen=True, slots=True)
class RecordPage:
    """One answer. `token` asks for the next page, None on the last; `responded` is arXiv's own time.

    `resumed` tells that an earlier page led here, as far as the answer shows it. `skipped` counts the records
    that could not be read.
    """

    records: tuple[Harvested, ...]
    token: str | None
    responded: datetime
    skipped: int = 0


@dataclass(frozen=True, slots=True)
class Identity:
    """Who answers; nothing of it can be `skipped`."""

    name: str
    skipped: int = 0


class BadToken(ArxivRefused):
    """A list cannot be resumed; it can be asked for from its beginning."""


def parse_records(
    content: bytes | bytearray, *, url: str = "", late: Callable[[], bool] = lambda: False
) -> RecordPage:
    """Return the records of one answer. A record that cannot be read is skipped and counted.

    Call it in a thread. *url* is only added to errors. *late* tells whether reading has taken too long.

    Raises:
        BadToken: the list cannot be resumed.
        ArxivRefused: any other error of the protocol; `id` is its code.
        MalformedFeed: the answer is not one of `ListRecords`, or is incomplete.
    """
    records: list[Harvested] = []
    skipped = 0

    def take(record: Element) -> None:
        nonlocal skipped
        try:
            if (found := _record(record)) is not None:
                records.append(found)
        except (BotError, LookupError, TypeError, ValueError, OverflowError):
            skipped += 1

    root = read_rows(content, {"record"}, take, url=url, late=late)
    responded = _responded(root, url)
    if (error := root.first("error")) is not None:
        return _empty_or_refused(error, responded, url)
    listed = root.first("ListRecords")
    if root.name != "OAI-PMH" or listed is None:
        raise MalformedFeed("arXiv's answer is not a list of records.", url=url)
    token = listed.text_of("resumptionToken").strip()
    if len(token) > _LONGEST_TOKEN:
        raise MalformedFeed("arXiv's answer has a longer token than arXiv ever sends.", url=url)
    return RecordPage(tuple(records), token or None, responded, skipped)


def parse_identity(
    content: bytes | bytearray, *, url: str = "", late: Callable[[], bool] = lambda: False
) -> Identity:
    """Return who answers, from the answer to `Identify`; the arguments are those of `parse_records`.

    Raises:
        MalformedFeed: it is no such answer.
    """
    root = read_rows(content, (), lambda _: None, url=url, late=late)
    identity = root.first("Identify")
    if root.name != "OAI-PMH" or identity is None:
        raise MalformedFeed("arXiv's answer does not say who answers.", url=url)
    return Identity(clean_text(identity.text_of("repositoryName"), _NAME))


def _responded(root: Element, url: str) -> datetime:
    try:
        return datetime.fromisoformat(root.text_of("responseDate").strip()).astimezone(UTC)
    except ValueError:
        raise MalformedFeed("arXiv's answer is not one of its harvesting interface.", url=url) from None


def _empty_or_refused(error: Element, responded: datetime, url: str) -> RecordPage:
    code = error.attributes.get("code", "")
    if code == "noRecordsMatch":
        return RecordPage((), None, responded)
    message = clean_text(error.text, _COMMENT) or "the request was refused without a reason"
    raise (BadToken if code == "badResumptionToken" else ArxivRefused)(message, url=url, id=code)


def _record(record: Element) -> Harvested | None:
    """Return what *record* says; None of a deleted one, which arXiv declares and never sends."""
    header = record.first("header")
    if header is None or header.attributes.get("status") == "deleted":
        return None
    raw = record.first("metadata", "arXivRaw")
    if raw is None:
        raise LookupError("not in the format arXivRaw")
    paper_id, _ = PaperId.parse(_PREFIX.sub("", header.text_of("identifier").strip()))
    versions = sorted(_version(each) for each in raw.all("version"))
    (_, published), (version, updated) = versions[0], versions[-1]
    categories = tuple(dict.fromkeys(_text(raw, "categories", 10_000).split()))[:_MOST_CATEGORIES]
    comment = _text(raw, "comments", _COMMENT) or None
    paper = Paper(
        id=paper_id,
        version=version,
        title=_text(raw, "title", _TITLE) or f"arXiv:{paper_id}",
        abstract=_text(raw, "abstract", _ABSTRACT),
        authors=authors_of(raw.text_of("authors")),
        categories=tuple(category[:_CATEGORY] for category in categories),
        primary_category=categories[0][:_CATEGORY] if categories else "",
        published=published,
        updated=updated,
        comment=comment,
        journal_ref=_text(raw, "journal-ref", _REFERENCE) or None,
        doi=next(iter(_text(raw, "doi", _REFERENCE).split()), None),
        # Not by its source type: the query API has none, and both must say the same of a paper.
        withdrawn=says_withdrawn(comment),
    )
    return Harvested(paper, date.fromisoformat(header.text_of("datestamp").strip()[:10]))


def _version(version: Element) -> tuple[int, datetime]:
    number = int(version.attributes["version"].removeprefix("v"))
    submitted = parsedate_to_datetime(version.text_of("date"))
    return number, (submitted if submitted.tzinfo else submitted.replace(tzinfo=UTC)).astimezone(UTC)


def _text(raw: Element, name: str, most: int) -> str:
    return clean_text(as_indexed(raw.text_of(name)), most)
