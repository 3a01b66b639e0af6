"""Parse the Atom feeds of arXiv's query API: bytes in, a `Page` or a typed error out.

This is the only module that imports feedparser, and it uses the strict parser only. `feedparser.parse` would
change what arXiv says: it guesses at broken encodings, reads half of a truncated feed as if it were complete,
“repairs” text that looks doubly encoded (`CAFÉ»` becomes `CAFɻ`), and takes bytes for a file name. Here, XML
that is not well-formed is an error, and text stays as it is.
"""

from __future__ import annotations

import io
import re
import xml.sax
from collections.abc import Callable, Mapping, Sequence, Sized
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote
from xml.sax.handler import LexicalHandler, feature_external_ges, feature_namespaces, property_lexical_handler

import feedparser.api

from bot.model.errors import ArxivError, ArxivRefused, BotError, MalformedFeed
from bot.model.papers import Page, Paper, PaperId
from bot.model.withdrawal import says_withdrawn

_DOI_LINK = re.compile(r"^https?://(?:dx\.)?doi\.org/", re.IGNORECASE)
_HTML = re.compile(rb"\s*<(?:!doctype\s+html|html)\b", re.IGNORECASE)
_ERRORS = "/api/errors"
# feedparser reads the control characters U+0080 to U+009F as Windows-1252. So, while it parses, they are
# replaced by the 32 code points that Unicode reserves for internal use.
_DISGUISE = {0x80 + n: 0xFDD0 + n for n in range(32)}
_UNDISGUISE = {there: here for here, there in _DISGUISE.items()}
_ERROR_AUTHOR = "arXiv api core"
# Far more than arXiv ever sends. feedparser takes quadratic time for the attributes of one element.
_MOST_ATTRIBUTES = 100
_MOST_ELEMENTS = 2_000_000


def parse(content: bytes, *, url: str = "") -> Page:
    """Return the papers of one answer. An entry that cannot be parsed is skipped and counted.

    It takes about half a millisecond of CPU time for each entry, so call it in a thread. *url* is only added
    to errors.

    Raises:
        ArxivRefused: the answer is an error feed; the message is arXiv's own.
        MalformedFeed: the answer is not an Atom feed, is incomplete, or declares a document type (arXiv's
            feeds do not, and entity bombs need one).
    """
    atom = _read(content, url)
    entries = atom.entries
    for entry in entries:
        _raise_refusal(entry, url)
    papers = []
    for entry in entries:
        try:
            papers.append(_paper(entry))
        except (BotError, LookupError, TypeError, ValueError, OverflowError):
            continue
    return Page(
        papers=tuple(papers),
        total=_count(atom.feeddata, "opensearch_totalresults", url),
        start=_count(atom.feeddata, "opensearch_startindex", url),
        per_page=_count(atom.feeddata, "opensearch_itemsperpage", url),
        skipped=len(entries) - len(papers),
    )


class _NoDocumentType(LexicalHandler):
    def startDTD(self, name: str, public_id: str | None, system_id: str | None) -> None:  # noqa: N802 - SAX's name
        raise MalformedFeed("arXiv's answer declares a document type, which arXiv's feeds never do.")


def _read(content: bytes, url: str) -> Any:
    """Return feedparser's strict parser, filled with *content*."""
    if _HTML.match(content):
        raise MalformedFeed("arXiv answered with a web page instead of a feed.", url=url)
    # Any encoding but the literal "utf-8" keeps feedparser from re-decoding text that is right already.
    atom = feedparser.api.StrictFeedParser("", None, "utf8")
    atom.resolve_relative_uris = False
    atom.sanitize_html = False
    atom.characters = lambda text: atom.handle_data(text if text.isascii() else text.translate(_DISGUISE))
    atom.startElementNS = _counted(atom.startElementNS)
    reader = xml.sax.make_parser()  # noqa: S317 - a document type ends the parsing, external entities are off
    reader.setFeature(feature_namespaces, 1)
    reader.setFeature(feature_external_ges, 0)
    reader.setProperty(property_lexical_handler, _NoDocumentType())
    reader.setContentHandler(atom)
    reader.setErrorHandler(atom)
    try:
        reader.parse(io.BytesIO(content))
    except xml.sax.SAXParseException as error:
        where = f"line {error.getLineNumber()}, column {error.getColumnNumber()}"
        raise MalformedFeed(
            f"arXiv's answer is incomplete or not well-formed ({error.getMessage()}, {where}).",
            url=url,
        ) from error
    except ArxivError as error:
        error.url = url
        raise
    except Exception as error:  # feedparser's handlers may raise anything on strange documents
        raise MalformedFeed(f"arXiv's answer cannot be parsed ({type(error).__name__}).", url=url) from error
    finally:
        del atom.characters, atom.startElementNS  # reference cycles, which only the collector would free
    if atom.version != "atom10":
        raise MalformedFeed("arXiv's answer is not an Atom feed.", url=url)
    return atom


def _counted(start: Callable[..., None]) -> Callable[..., None]:
    """Return the handler *start* of start tags with a limit on the number of elements and attributes.

    Raises (the returned handler):
        MalformedFeed: the limit is exceeded.
    """
    elements = 0

    def begin(name: object, qualified: object, attributes: Sized) -> None:
        nonlocal elements
        elements += 1
        if elements > _MOST_ELEMENTS or len(attributes) > _MOST_ATTRIBUTES:
            raise MalformedFeed("arXiv's answer has more elements or attributes than arXiv ever sends.")
        start(name, qualified, attributes)

    return begin


def _raise_refusal(entry: Mapping[str, Any], url: str) -> None:
    # Refusals of sortBy and sortOrder link to the manual instead of /api/errors. They are recognised by their
    # title and author.
    identifier = _text(entry.get("id"))
    authors = [_text(author.get("name")) for author in entry.get("authors", ())]
    if _ERRORS in identifier or (_text(entry.get("title")) == "Error" and authors == [_ERROR_AUTHOR]):
        message = _text(entry.get("summary")) or "the request was refused without a reason"
        raise ArxivRefused(message, url=url, id=identifier)


def _count(feed: Mapping[str, Any], key: str, url: str) -> int:
    text = _text(feed.get(key))
    # arXiv will never count ten digits of papers, and int() has a limit of its own on longer numbers.
    if not re.fullmatch(r"[0-9]{1,10}", text):
        raise MalformedFeed("arXiv's answer is an Atom feed, but not from its query API.", url=url)
    return int(text)


def _paper(entry: Mapping[str, Any]) -> Paper:
    identifier = _text(entry["id"])
    if not identifier.isascii():
        raise ValueError(identifier)
    paper_id, version = PaperId.parse(identifier)
    title = _text(entry["title"])
    if not title:
        raise ValueError("no title")
    published, updated = _dates(entry)
    categories = tuple(
        dict.fromkeys(term for tag in entry.get("tags", ()) if (term := _text(tag.get("term"))))
    )
    primary = entry.get("arxiv_primary_category")
    comment = _text(entry.get("arxiv_comment")) or None
    return Paper(
        id=paper_id,
        version=version or 1,
        title=title,
        abstract=_text(entry.get("summary")),
        authors=tuple(name for author in entry.get("authors", ()) if (name := _text(author.get("name")))),
        categories=categories,
        primary_category=(_text(primary.get("term")) if isinstance(primary, Mapping) else "")
        or next(iter(categories), ""),
        published=published,
        updated=updated,
        comment=comment,
        journal_ref=_text(entry.get("arxiv_journal_ref")) or None,
        doi=_doi(entry),
        withdrawn=says_withdrawn(comment),
    )


def _dates(entry: Mapping[str, Any]) -> tuple[datetime, datetime]:
    """Return when version 1 and this version were submitted; where one is missing, both are the other."""
    # feedparser falls back from one to the other with a warning, so only keys that exist are read.
    found = [_moment(_text(entry[key])) for key in ("published", "updated") if key in entry]
    return found[0], found[-1]


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def _doi(entry: Mapping[str, Any]) -> str | None:
    """Return the first DOI, or None. feedparser keeps every link, but only the last `arxiv:doi`."""
    links: Sequence[Mapping[str, str]] = entry.get("links", ())
    linked = [link.get("href", "") for link in links if link.get("title") == "doi"]
    if len(linked) > 1 and _DOI_LINK.match(linked[0]):
        return unquote(_DOI_LINK.sub("", linked[0]))
    return _text(entry.get("arxiv_doi")) or None


def _text(value: object) -> str:
    """Return *value* with white space collapsed; empty where feedparser did not read the element as text."""
    if not isinstance(value, str):
        return ""
    return " ".join((value if value.isascii() else value.translate(_UNDISGUISE)).split())
