"""Writes Atom as arXiv's query API does: an element on each line, http identifiers, https links."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

from bot.model.papers import Page, Paper

_HEAD = """<?xml version='1.0' encoding='UTF-8'?>
<feed xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns:arxiv="http://arxiv.org/schemas/atom" \
xmlns="http://www.w3.org/2005/Atom">
  <id>{id}</id>
  <title>{title}</title>
  <updated>{updated}</updated>
{link}  <opensearch:itemsPerPage>{per_page}</opensearch:itemsPerPage>
  <opensearch:totalResults>{total}</opensearch:totalResults>
  <opensearch:startIndex>{start}</opensearch:startIndex>
"""


def atom(
    papers: Page | Sequence[Paper],
    *,
    total: int | None = None,
    start: int = 0,
    per_page: int = 10,
    query: str = "",
    id_list: str = "",
    now: datetime | None = None,
) -> bytes:
    """Return *papers* as an answer; *total* defaults to their number."""
    if isinstance(papers, Page):
        page, papers = papers, papers.papers
        total, start, per_page = page.total, page.start, page.per_page
    asked = f"search_query={query}&id_list={id_list}&start={start}&max_results={per_page}"
    address = f"https://arxiv.org/api/query?search_query={query}&start={start}&max_results={per_page}&id_list={id_list}"
    head = _HEAD.format(
        id="https://arxiv.org/api/kNotAHashAtAll",
        title=escape(f"arXiv Query: {asked}"),
        updated=_stamp(now or datetime(2026, 7, 24, 8, tzinfo=UTC)),
        link=f'  <link href={quoteattr(address)} type="application/atom+xml"/>\n',
        per_page=per_page,
        total=len(papers) if total is None else total,
        start=start,
    )
    return (head + "".join(map(_entry, papers)) + "</feed>").encode()


def error_feed(message: str, *, anchor: str = "") -> bytes:
    """Return the feed with which arXiv refuses a request; its HTTP status is 400."""
    address = "https://arxiv.org/api/errors" + (f"#{anchor}" if anchor else "")
    if anchor.startswith("https:"):
        address = anchor
    head = _HEAD.format(
        id="https://arxiv.org/",
        title="arXiv Search Results",
        updated="2026-07-24T08:00:00Z",
        link="",
        per_page=1,
        total=1,
        start=0,
    )
    entry = f"""  <entry>
    <id>{escape(address)}</id>
    <title>Error</title>
    <updated>2026-07-24T08:00:00Z</updated>
    <link href={quoteattr(address)} rel="alternate" type="text/html"/>
    <summary>{escape(message)}</summary>
    <author>
      <name>arXiv api core</name>
    </author>
  </entry>
"""
    return (head + entry + "</feed>").encode()


def _entry(paper: Paper) -> str:
    pdf = f"https://arxiv.org/pdf/{paper.versioned}"
    lines = [
        f"<id>http://arxiv.org/abs/{paper.versioned}</id>",
        f"<title>{escape(paper.title)}</title>",
        f"<updated>{_stamp(paper.updated)}</updated>",
        f'<link href="https://arxiv.org/abs/{paper.versioned}" rel="alternate" type="text/html"/>',
        f'<link href="{pdf}" rel="related" type="application/pdf" title="pdf"/>',
        f"<summary>{escape(paper.abstract)}</summary>",
        *(
            f'<category term={quoteattr(category)} scheme="http://arxiv.org/schemas/atom"/>'
            for category in paper.categories
        ),
        f"<published>{_stamp(paper.published)}</published>",
    ]
    if paper.comment:
        lines.append(f"<arxiv:comment>{escape(paper.comment)}</arxiv:comment>")
    lines.append(f"<arxiv:primary_category term={quoteattr(paper.primary_category)}/>")
    if paper.journal_ref:
        lines.append(f"<arxiv:journal_ref>{escape(paper.journal_ref)}</arxiv:journal_ref>")
    for author in paper.authors:
        lines += ["<author>", f"  <name>{escape(author)}</name>", "</author>"]
    if paper.doi:
        link = quoteattr(f"https://doi.org/{paper.doi}")
        lines += [
            f"<arxiv:doi>{escape(paper.doi)}</arxiv:doi>",
            f'<link rel="related" href={link} title="doi"/>',
        ]
    return "  <entry>\n" + "".join(f"    {line}\n" for line in lines) + "  </entry>\n"


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
