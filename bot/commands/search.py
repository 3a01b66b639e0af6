"""`search`: ask arXiv, and show the newest papers as text or JSON."""

from __future__ import annotations

import json
from typing import Any

from rich.console import Console

from bot.arxiv.client import Sort
from bot.commands.asking import arxiv_client
from bot.config import Settings
from bot.newest import distinct
from bot.papers import Paper


async def found_papers(settings: Settings, text: str, *, limit: int, as_json: bool) -> str:
    """Return the *limit* papers last submitted that match *text*, as lines to read or as a JSON list.

    Raises:
        UserError: *text* is no query.
        ArxivError: arXiv could not be asked.
    """
    (query,) = distinct([text], longest=settings.limits.query_length)
    with Console(stderr=True).status("Asking arXiv"):
        async with arxiv_client(settings.arxiv) as arxiv:
            page = await arxiv.newest(query.arxiv, limit, sort=Sort.SUBMITTED)
    if as_json:
        return json.dumps([row(paper) for paper in page.papers], ensure_ascii=False, indent=2) + "\n"
    papers = [_in_words(paper) for paper in page.papers]
    return "\n".join([*papers, f"{len(papers)} of {page.total} papers for {query.canonical}\n"])


def row(paper: Paper) -> dict[str, Any]:
    """Return *paper* under the names of the store's columns; one that was only searched was never seen."""
    return {
        "id": paper.id.text,
        "version": paper.version,
        "title": paper.title,
        "abstract": paper.abstract,
        "authors": list(paper.authors),
        "categories": list(paper.categories),
        "primary_category": paper.primary_category,
        "published": paper.published.isoformat(),
        "updated": paper.updated.isoformat(),
        "comment": paper.comment,
        "journal_ref": paper.journal_ref,
        "doi": paper.doi,
        "withdrawn": paper.withdrawn,
        "first_seen": None,
    }


def _in_words(paper: Paper) -> str:
    authors = ", ".join(paper.authors[:3])
    if len(paper.authors) > 3:
        authors += f" and {len(paper.authors) - 3} more"
    facts = f"{paper.published:%Y-%m-%d}  {', '.join(paper.categories)}  {paper.abs_url}"
    return f"{paper.title}\n  {authors}\n  {facts}\n"
