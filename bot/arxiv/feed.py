"""Parse the Atom feeds of arXiv's query API: bytes in, a `Page` or a typed error out.

This is the only module that imports feedparser, and it uses the strict parser only. `feedparser.parse` would
change what arXiv says: it guesses at broken encodings, reads half of a truncated feed as if it were complete,
“repairs” text that looks doubly encoded (`CAFÉ»` becomes `CAFɻ`), and takes bytes for a file name. Here, XML
that is not well-formed is an error, and text stays as it is.
"""

from __future__ import annotations

import re
import xml.sax
from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Sized
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote
from xml.sax.handler import LexicalHandler, feature_external_ges, feature_namespaces, property_lexical_handler

import feedparser.api

from bot.model.errors import ArxivError, ArxivRefused, BotError, MalformedFeed
from bot.model.foreign_text import clean_text
from bot.model.papers import Page, Paper, PaperId
from bot.model.withdrawal import says_withdrawn

_DOI_LINK = re.compile(r"^https?://(?:dx\.)?doi\.org/", re.IGNORECASE)
_HTML = re.compile(rb"\s*<(?:!doctype\s+html|html)\b", re.IGNORECASE)
_LONG_TAG = re.compile(rb"<[^<>]{65536}")
_ERRORS = "/api/errors"
# feedparser reads the control characters U+0080 to U+009F as Windows-1252. So, while it parses, they are
# replaced by the 32 code points that Unicode reserves for internal use.
_DISGUISE = {0x80 + n: 0xFDD0 + n for n in range(32)}
_UNDISGUISE = {there: here for here, there in _DISGUISE.items()}
_ERROR_AUTHOR = "arXiv api core"
# Far more than arXiv ever sends. feedparser takes quadratic time for the attributes of one element.
_MOST_ATTRIBUTES = 100
_MOST_ELEMENTS = 400_000
_MOST_NAMESPACES = 1_000
_DEEPEST = 40  # elements within one another; arXiv's feeds have 5
_PIECE = 64 * 1024
# The longest texts that are kept, in characters; what is longer is cut. arXiv refuses abstracts of more than
# 1,920 characters (https://info.arxiv.org/help/prep.html); older ones reach 6,000.
_LONGEST_TEXT = 100_000
_TITLE, _ABSTRACT, _COMMENT, _REFERENCE, _NAME = 2_000, 20_000, 4_000, 1_000, 300
_MOST_IN_ENTRY = {"category": 100, "author": 10_000, "contributor": 100, "link": 100}


def parse(content: bytes | bytearray, *, url: str = "", late: Callable[[], bool] = lambda: False) -> Page:
    """Return the papers of one answer. An entry that cannot be parsed is skipped and counted.

    It takes about half a millisecond of CPU time for each entry, so call it in a thread. *url* is only added
    to errors. *late* tells whether parsing has taken too long; it is asked at each element.

    Raises:
        ArxivRefused: the answer is an error feed; the message is arXiv's own.
        MalformedFeed: the answer is not an Atom feed, is incomplete, declares a document type (arXiv's
            feeds do not, and entity bombs need one), or is larger or deeper than any feed of arXiv's.
    """
    if _HTML.match(content):
        raise MalformedFeed("arXiv answered with a web page instead of a feed.", url=url)
    if _LONG_TAG.search(content):  # the XML parser would hold all of its attributes before we see one
        raise MalformedFeed("arXiv's answer has a longer tag than its feeds ever have.", url=url)
    feed = _Feed(late)
    feed.read(content, url)
    if feed.refusal is not None:
        message, identifier = feed.refusal
        raise ArxivRefused(message, url=url, id=identifier)
    return Page(
        papers=tuple(feed.papers),
        total=_count(feed.about, "opensearch_totalresults", url),
        start=_count(feed.about, "opensearch_startindex", url),
        per_page=_count(feed.about, "opensearch_itemsperpage", url),
        skipped=feed.skipped,
    )


class _NoDocumentType(LexicalHandler):
    def startDTD(self, name: str, public_id: str | None, system_id: str | None) -> None:  # noqa: N802 - SAX's name
        raise MalformedFeed("arXiv's answer declares a document type, which arXiv's feeds never do.")


class _Feed:
    """Parses one feed, and turns each entry into a paper as soon as it ends, so that few are in memory."""

    def __init__(self, late: Callable[[], bool]) -> None:
        self.papers: list[Paper] = []
        self.skipped = 0
        self.refusal: tuple[str, str] | None = None  # arXiv's message, and the address that names the error
        self.about: Mapping[str, Any] = {}
        self._elements = self._namespaces = self._depth = self._length = 0
        self._in_entry: Counter[str] = Counter()
        self._skipping = 0  # the depth of the element that is skipped
        self._late = late

    def read(self, content: bytes | bytearray, url: str) -> None:
        """Parse *content*.

        Raises:
            MalformedFeed: as `parse` says.
        """
        # Any encoding but the literal "utf-8" keeps feedparser from re-decoding text that is right already.
        atom = feedparser.api.StrictFeedParser("", None, "utf8")
        atom.resolve_relative_uris = False
        atom.sanitize_html = False
        self._watch(atom)
        reader: Any = xml.sax.make_parser()  # noqa: S317 - a document type ends the parsing, external entities are off
        reader.setFeature(feature_namespaces, 1)
        reader.setFeature(feature_external_ges, 0)
        reader.setProperty(property_lexical_handler, _NoDocumentType())
        reader.setContentHandler(atom)
        reader.setErrorHandler(atom)
        try:
            # In pieces, since a file object would hold a second copy of the content.
            for start in range(0, len(content), _PIECE):
                reader.feed(bytes(content[start : start + _PIECE]))
            reader.close()
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
            raise MalformedFeed(
                f"arXiv's answer cannot be parsed ({type(error).__name__}).", url=url
            ) from error
        finally:
            # These refer to their own object: only the garbage collector would free them.
            del atom.characters, atom.startElementNS, atom.endElementNS, atom.startPrefixMapping
        if atom.version != "atom10":
            raise MalformedFeed("arXiv's answer is not an Atom feed.", url=url)
        self.about = atom.feeddata

    def _watch(self, atom: Any) -> None:
        """Put limits around feedparser's handlers, and take each entry from it."""
        begin, end, namespace = atom.startElementNS, atom.endElementNS, atom.startPrefixMapping

        def start_element(name: tuple[str | None, str], qualified: object, attributes: Sized) -> None:
            self._enter(name[1], len(attributes))
            if not self._skipping:
                begin(name, qualified, attributes)

        def end_element(name: tuple[str | None, str], qualified: object) -> None:
            self._depth -= 1
            self._length = 0
            if not self._skipping:
                end(name, qualified)
            elif self._depth < self._skipping:
                self._skipping = 0
            if name[1] == "entry":
                self._take(atom.entries)

        def characters(text: str) -> None:
            self._length += len(text)
            if self._length <= _LONGEST_TEXT and not self._skipping:
                atom.handle_data(text if text.isascii() else text.translate(_DISGUISE))

        def start_namespace(prefix: str | None, address: str) -> None:
            self._declare()
            namespace(prefix, address)

        atom.startElementNS, atom.endElementNS = start_element, end_element
        atom.characters, atom.startPrefixMapping = characters, start_namespace

    def _enter(self, name: str, attributes: int) -> None:
        """Count an element that begins, and skip it where its entry has too many of them.

        feedparser compares each category with all before it.

        Raises:
            MalformedFeed: there are more or deeper ones than arXiv sends, or parsing takes too long.
        """
        self._elements += 1
        self._depth += 1
        self._length = 0
        if self._elements > _MOST_ELEMENTS or self._depth > _DEEPEST or attributes > _MOST_ATTRIBUTES:
            raise MalformedFeed("arXiv's answer has more or deeper elements than its feeds ever have.")
        self._in_entry[name] += 1
        if not self._skipping and self._in_entry[name] > _MOST_IN_ENTRY.get(name, _MOST_ELEMENTS):
            self._skipping = self._depth
        if self._late():
            raise MalformedFeed("arXiv's answer takes too long to parse.")

    def _declare(self) -> None:
        self._namespaces += 1
        if self._namespaces > _MOST_NAMESPACES:
            raise MalformedFeed("arXiv's answer declares more namespaces than its feeds ever do.")

    def _take(self, entries: list[Mapping[str, Any]]) -> None:
        """Turn *entries* into papers, and leave none there."""
        self._in_entry.clear()
        for entry in entries:
            self.refusal = self.refusal or _refusal(entry)
            try:
                self.papers.append(_paper(entry))
            except (BotError, LookupError, TypeError, ValueError, OverflowError):
                self.skipped += 1
        entries.clear()


def _refusal(entry: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the message and the identifier of an entry that is arXiv's refusal; None of any other."""
    # Refusals of sortBy and sortOrder link to the manual instead of /api/errors; their author tells them.
    identifier = _text(entry.get("id"))
    authors = [_text(author.get("name")) for author in entry.get("authors", ())]
    if _ERRORS in identifier or (_text(entry.get("title")) == "Error" and authors == [_ERROR_AUTHOR]):
        return _text(entry.get("summary"), _COMMENT) or "the request was refused without a reason", identifier
    return None


def _count(feed: Mapping[str, Any], key: str, url: str) -> int:
    text = _text(feed.get(key))
    # arXiv will never count ten digits of papers, and int() has a limit of its own on longer numbers.
    if not re.fullmatch(r"[0-9]{1,10}", text):
        raise MalformedFeed("arXiv's answer is an Atom feed, but not from its query API.", url=url)
    return int(text)


def _paper(entry: Mapping[str, Any]) -> Paper:
    paper_id, version = PaperId.parse(_text(entry["id"]))
    published, updated = _dates(entry)
    tags = entry.get("tags", ())
    categories = tuple(dict.fromkeys(term for tag in tags if (term := _text(tag.get("term"), _NAME))))
    authors = entry.get("authors", ())
    primary = entry.get("arxiv_primary_category")
    comment = _text(entry.get("arxiv_comment"), _COMMENT) or None
    return Paper(
        id=paper_id,
        version=version or 1,
        title=_text(entry.get("title"), _TITLE) or f"arXiv:{paper_id}",
        abstract=_text(entry.get("summary"), _ABSTRACT),
        authors=tuple(name for author in authors if (name := _text(author.get("name"), _NAME))),
        categories=categories,
        primary_category=(_text(primary.get("term"), _NAME) if isinstance(primary, Mapping) else "")
        or next(iter(categories), ""),
        published=published,
        updated=updated,
        comment=comment,
        journal_ref=_text(entry.get("arxiv_journal_ref"), _REFERENCE) or None,
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
        return _text(unquote(_DOI_LINK.sub("", linked[0])), _REFERENCE)
    return _text(entry.get("arxiv_doi"), _REFERENCE) or None


def _text(value: object, most: int = _LONGEST_TEXT) -> str:
    """Return *value* as `clean_text` does; empty where feedparser did not read the element as text."""
    if not isinstance(value, str):
        return ""
    return clean_text(value if value.isascii() else value.translate(_UNDISGUISE), most)
