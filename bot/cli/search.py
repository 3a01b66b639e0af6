"""`search`: search arXiv and print the newest papers as text or JSON."""

from __future__ import annotations

import json

from rich.console import Console

from bot.arxiv.client import Sort
from bot.cli.arxiv import arxiv_client
from bot.cli.newest import distinct
from bot.cli.notes import notes_on
from bot.cli.terminal import tell
from bot.config import Settings
from bot.model.errors import ArxivRefused, UserError
from bot.model.foreign_text import clean_text, terminal_text
from bot.model.jsonl import row
from bot.model.papers import Paper
from bot.model.taxonomy import named_once
from bot.present.latex.unicode import to_unicode


async def search_papers(settings: Settings, text: str, *, limit: int, as_json: bool) -> str:
    """Return the *limit* most recently submitted papers that match *text*, as plain text or a JSON list.

    Raises:
        UserError: *text* is not a valid query, or arXiv refuses it.
        ArxivError: arXiv did not answer.
    """
    (query,) = distinct([text], longest=settings.limits.query_length)
    for note in notes_on([query]):
        tell(note)
    with Console(stderr=True).status("Asking arXiv"):
        async with arxiv_client(settings.arxiv) as arxiv:
            try:
                page = await arxiv.newest(query.arxiv, limit, sort=Sort.SUBMITTED)
            except ArxivRefused as error:
                raise UserError(f"arXiv refuses this query: {error}. Rephrase it.") from error
    if as_json:
        return (
            json.dumps(
                [{**row(paper), "first_seen": None} for paper in page.papers], ensure_ascii=False, indent=2
            )
            + "\n"
        )
    papers = [_in_words(paper) for paper in page.papers]
    found = f"{len(papers)} of {page.total} papers for {query.canonical}\n"
    return terminal_text("\n".join([*papers, found]))


def _in_words(paper: Paper) -> str:
    authors = ", ".join(filter(None, map(_shown, paper.authors[:3])))
    if len(paper.authors) > 3:
        authors += f" and {len(paper.authors) - 3} more"
    categories = named_once(paper.categories, paper.primary_category)
    facts = f"{paper.published:%Y-%m-%d}  {', '.join(categories)}  {paper.abs_url}"
    return f"{_shown(paper.title) or paper.versioned}\n  {authors}\n  {facts}\n"


def _shown(text: str) -> str:
    """Return *text* as a post shows it: with its HTML and LaTeX read, but without Discord's Markdown."""
    return clean_text(to_unicode(text))
