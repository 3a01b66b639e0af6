"""ArXiv's feeds of one day's announcements, in RSS and Atom, with their limit and their lies.

What it writes is, byte for byte, what arXiv's serializer writes: new papers first, and each kind by
identifier, the highest last. Above the limit the new papers are the first that it leaves out, without a word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime
from xml.sax.saxutils import escape

from bot.arxiv.calendar import EASTERN
from bot.model.papers import Paper
from bot.model.taxonomy import ARCHIVES, CATEGORIES
from tests.fakes.announced import Ledger, Listed
from tests.fakes.arxiv_faults import Faults
from tests.fakes.tex import to_tex

LIMIT = 2000
_LATE_VERSION = 6  # replacements from this version on are not listed
_KINDS = ("replace-cross", "replace", "cross", "new")  # in the order in which the limit keeps them
_RSS = """<?xml version='1.0' encoding='UTF-8'?>
<rss xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/" \
xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/" \
version="2.0">
  <channel>
    <title>{title}</title>
    <link>http://rss.arxiv.org/rss/{query}</link>
    <description>{description}</description>
    <atom:link href="http://rss.arxiv.org/rss/{query}" rel="self" type="application/rss+xml"/>
    <docs>http://www.rssboard.org/rss-specification</docs>
    <language>en-us</language>
    <lastBuildDate>{built}</lastBuildDate>
    <managingEditor>{editor}</managingEditor>
    <pubDate>{midnight}</pubDate>
{skip}"""
_SKIP = """    <skipDays>
      <day>Sunday</day>
      <day>Saturday</day>
    </skipDays>
"""
_ATOM = """<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/" \
xmlns="http://www.w3.org/2005/Atom" xml:lang="en-us">
  <id>http://rss.arxiv.org/atom/{query}</id>
  <title>{title}</title>
  <updated>{built}</updated>
  <link href="http://rss.arxiv.org/atom/{query}" rel="self" type="application/atom+xml"/>
  <subtitle>{description}</subtitle>
"""


@dataclass(frozen=True)
class FeedItem:
    """What one item says; the texts are TeX."""

    id: str
    version: int
    kind: str
    title: str
    abstract: str
    authors: str
    categories: Sequence[str]
    rights: str | None = "http://arxiv.org/licenses/nonexclusive-distrib/1.0/"
    doi: str | None = None
    journal_ref: str | None = None


class FakeFeeds(Faults):
    """Answers with what *ledger* announced on the day of *clock*, of the papers that *papers* returns.

    `limit` is the most items of a feed, and `stale` names the queries whose feed is that of the day before,
    as fresh as it may look.
    """

    def __init__(
        self, papers: Callable[[], Iterable[Paper]], ledger: Ledger, clock: Callable[[], datetime]
    ) -> None:
        super().__init__()
        self.limit = LIMIT
        self.stale: set[str] = set()
        self.disordered = False
        self._papers = papers
        self._ledger = ledger
        self._clock = clock

    def answer(self, form: str, query: str) -> tuple[int, bytes]:
        """Return status and body of `/rss/QUERY` or `/atom/QUERY`; *form* says which."""
        now = self._clock().astimezone(EASTERN)
        asked = query.split("+")
        for name in asked:
            if name not in ARCHIVES and name not in CATEGORIES:
                return 400, refusal(query, f"Bad archive '{name}'. Valid archive names are: ...", now)
        stale = "*" in self.stale or query in self.stale
        items = self._items(asked, self._listed(now.date(), stale=stale))
        return 200, (rss if form == "rss" else atom)(query, items, now)

    def _listed(self, day: date, *, stale: bool) -> Sequence[Listed]:
        if stale:
            days = (day - timedelta(days=back) for back in range(1, 8))
            return next((listed for each in days if (listed := self._ledger.listed(each))), ())
        return self._ledger.listed(day)

    def _items(self, asked: Sequence[str], listed: Iterable[Listed]) -> list[FeedItem]:
        papers = {paper.id: paper for paper in self._papers()}
        found: list[FeedItem] = []
        for each in listed:
            paper = papers.get(each.paper)
            if paper is None or (each.kind == "replace" and each.version >= _LATE_VERSION):
                continue
            if any(_within(category, asked) for category in paper.categories):
                found.append(_item(paper, each, primary=_within(paper.primary_category, asked)))
        found.sort(key=lambda item: item.id, reverse=True)
        found.sort(key=lambda item: _KINDS.index(item.kind))
        shown = found[: self.limit][::-1]
        return sorted(shown, key=lambda item: item.id[::-1]) if self.disordered else shown


def _within(category: str, asked: Sequence[str]) -> bool:
    return category in asked or category.partition(".")[0] in asked


def _item(paper: Paper, listed: Listed, *, primary: bool) -> FeedItem:
    kind = listed.kind
    if not primary:
        kind = "replace-cross" if kind == "replace" else "cross"
    return FeedItem(
        id=paper.id.text,
        version=paper.version,
        kind=kind,
        title=to_tex(paper.title),
        abstract=to_tex(paper.abstract),
        authors=to_tex(", ".join(paper.authors)),
        categories=paper.categories,
        doi=paper.doi,
        journal_ref=paper.journal_ref and to_tex(paper.journal_ref),
    )


def rss(query: str, items: Iterable[FeedItem], now: datetime) -> bytes:
    head = _RSS.format(
        **_about(query),
        built=format_datetime(now.astimezone(UTC)),
        midnight=format_datetime(_midnight(now)),
        editor="rss-help@arxiv.org",
        skip=_SKIP,
    )
    body = "".join(_rss_item(item, format_datetime(_midnight(now))) for item in items)
    return f"{head}{body}  </channel>\n</rss>\n".encode()


def refusal(query: str, reason: str, now: datetime) -> bytes:
    """Return the feed that comes with HTTP 400."""
    head = _RSS.format(
        title=f"Feed error for query: http://rss.arxiv.org/rss/{query}",
        query=query,
        description=escape(reason),
        built=format_datetime(now.astimezone(UTC)),
        midnight=format_datetime(_midnight(now)),
        editor="rss-help.arxiv.org",
        skip="",
    )
    return f"{head}  </channel>\n</rss>\n".encode()


def atom(query: str, items: Iterable[FeedItem], now: datetime) -> bytes:
    built = now.astimezone(UTC).isoformat(timespec="microseconds")
    head = _ATOM.format(**_about(query), built=built)
    body = "".join(_atom_item(item, built, _midnight(now).isoformat()) for item in items)
    return f"{head}{body}</feed>\n".encode()


def _about(query: str) -> dict[str, str]:
    names = query.replace("+", ", ")
    return {
        "query": query,
        "title": f"{names} updates on arXiv.org",
        "description": f"{names} updates on the arXiv.org e-print archive.",
    }


def _midnight(now: datetime) -> datetime:
    return datetime.combine(now.astimezone(EASTERN).date(), time(), EASTERN)


def _summary(item: FeedItem) -> str:
    return f"arXiv:{item.id}v{item.version} Announce Type: {item.kind} \nAbstract: {escape(item.abstract)}"


def _rss_item(item: FeedItem, midnight: str) -> str:
    lines = [
        f"<title>{escape(item.title)}</title>",
        f"<link>https://arxiv.org/abs/{item.id}</link>",
        f"<description>{_summary(item)}</description>",
        f'<guid isPermaLink="false">oai:arXiv.org:{item.id}v{item.version}</guid>',
        *(f"<category>{category}</category>" for category in item.categories),
        f"<pubDate>{midnight}</pubDate>",
        *_extension(item, ("DOI", item.doi), ("journal_reference", item.journal_ref)),
    ]
    return "    <item>\n" + "".join(f"      {line}\n" for line in lines) + "    </item>\n"


def _atom_item(item: FeedItem, built: str, midnight: str) -> str:
    lines = [
        f"<id>oai:arXiv.org:{item.id}v{item.version}</id>",
        f"<title>{escape(item.title)}</title>",
        f"<updated>{built}</updated>",
        f'<link href="https://arxiv.org/abs/{item.id}" rel="alternate" type="text/html"/>',
        f"<summary>{_summary(item)}</summary>",
        *(f'<category term="{category}"/>' for category in item.categories),
        f"<published>{midnight}</published>",
        *_extension(item, ("journal_reference", item.journal_ref), ("DOI", item.doi)),
    ]
    return "  <entry>\n" + "".join(f"    {line}\n" for line in lines) + "  </entry>\n"


def _extension(item: FeedItem, *facts: tuple[str, str | None]) -> Iterable[str]:
    yield f"<arxiv:announce_type>{item.kind}</arxiv:announce_type>"
    if item.rights:
        yield f"<dc:rights>{item.rights}</dc:rights>"
    for name, fact in facts:
        if fact:
            yield f"<arxiv:{name}>{escape(fact)}</arxiv:{name}>"
    yield f"<dc:creator>{escape(item.authors)}</dc:creator>"
