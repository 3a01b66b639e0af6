"""Papers that a person gives: typed as links and identifiers, or in a file that holds such links."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta

import aiohttp
import discord

from bot.i18n import format_number, join_sentences, ngettext
from bot.i18n import gettext as _
from bot.interactions.ask_arxiv import find_papers
from bot.interactions.context import Interaction
from bot.model import links
from bot.model.errors import UserError
from bot.model.papers import Paper, PaperId

MOST_AT_ONCE = 200
_PATIENCE = timedelta(minutes=1)  # for the download of a file
_LARGEST = 1_000_000  # bytes of a file: a bibliography of some thousand entries


@dataclass(frozen=True, slots=True)
class GivenPapers:
    """The *papers* that were named and found, and sentences (*notes*) on those that were not."""

    papers: tuple[Paper, ...]
    notes: tuple[str, ...] = ()


async def read_given(
    interaction: Interaction, typed: str, file: discord.Attachment | None = None
) -> GivenPapers:
    """Return the papers named in *typed* and in *file*; arXiv is asked, once, for those that are not stored.

    Raises:
        UserError: neither names a paper, the file is too large, or the person asked arXiv too often.
        ArxivError: arXiv could not be asked, and none of the papers is stored.
    """
    text = typed if file is None else f"{typed}\n{await _text_of(file)}"
    named = await asyncio.to_thread(links.papers_in, text)
    if not named:
        raise UserError(
            _(
                "I found no arXiv paper there: neither a link such as https://arxiv.org/abs/2607.16206 nor "
                "an identifier such as 2607.16206. A .bib, .ris, or text file with such links works, too."
            )
        )
    found = await find_papers(interaction, named[:MOST_AT_ONCE])
    return GivenPapers(found.papers, (_unread(len(named)), _missing(found.missing, found.trouble)))


async def _text_of(file: discord.Attachment) -> str:
    if file.size > _LARGEST:
        raise UserError(
            _("This file is too large: at most {most} kB are read. Please split it.").format(
                most=format_number(_LARGEST // 1000)
            )
        )
    try:
        async with asyncio.timeout(_PATIENCE.total_seconds()):
            content = await file.read()
    except (discord.HTTPException, aiohttp.ClientError, TimeoutError) as error:
        raise UserError(_("Discord did not provide the file. Please try again.")) from error
    return content[:_LARGEST].decode("utf-8-sig", errors="replace")


def _unread(named: int) -> str:
    if named <= MOST_AT_ONCE:
        return ""
    return _("Only the first {most} of {count} papers were read; give me the others in another file.").format(
        most=format_number(MOST_AT_ONCE), count=format_number(named)
    )


def _missing(missing: tuple[PaperId, ...], trouble: str) -> str:
    """Say how many papers were not found, and why; "" if all were."""
    if not missing:
        return ""
    left_out = ngettext("{count} paper was left out.", "{count} papers were left out.", len(missing))
    unknown = ngettext("arXiv has no such paper.", "arXiv has no such papers.", len(missing))
    return join_sentences(left_out.format(count=format_number(len(missing))), trouble or unknown)
