"""Answers that are the same for everybody: `/help`, and an error in a sentence."""

from __future__ import annotations

import discord

from bot.i18n import gettext as _
from bot.i18n import gettext_noop
from bot.model.errors import QueryError, UserError
from bot.present import limits
from bot.present.markdown import clean, code_block, escape

ACKNOWLEDGEMENT = "Thank you to arXiv for use of its open access interoperability."
_SYNTAX = "https://info.arxiv.org/help/api/user-manual.html#query_details"
_RED = 0xC23B3B
_ARXIV_RED = 0xB31B1B
_AROUND_COLUMN = 28

# One screen of a phone has room for no more lines than these make there; a test looks.
_FIRST = (
    gettext_noop("`/subscribe` – new papers on a keyword, here"),
    gettext_noop("`/search` – look through arXiv now"),
    gettext_noop("`/digest schedule` – one post a day, at your hour"),
)
_ALSO = (
    gettext_noop("`/subscriptions` `/unsubscribe` `/channel` – change what arrives"),
    gettext_noop("`/digest show` `/digest markdown` `/paper` – read"),
    gettext_noop("`/library show` `/library export` – keep papers"),
    gettext_noop("`/why` `/status` `/privacy export` – ask"),
    gettext_noop("**Apps** on a message: **Show arXiv papers**, **Save arXiv papers**"),
)
_KEYWORDS = (
    gettext_noop("`TTS` – in the title and the abstract"),
    gettext_noop("`speech synthesis` – a phrase in either"),
    gettext_noop("`ti:diffusion AND cat:cs.SD` – [a query]({link})"),
)


def help_embed() -> discord.Embed:
    """Return the help: the three commands that matter first, the others, and how keywords are written."""
    embed = discord.Embed(
        title=_("New arXiv papers, in your channel"),
        description=_("Every new paper on your keywords, once, when arXiv announces it."),
        colour=_ARXIV_RED,
    )
    for name, lines in ((_("Begin with"), _FIRST), (_("And then"), _ALSO), (_("Keywords"), _KEYWORDS)):
        value = "\n".join(_(line).format(link=_SYNTAX) for line in lines)
        embed.add_field(name=name, value=value, inline=False)
    return embed.set_footer(text=ACKNOWLEDGEMENT)


def error_embed(error: UserError | str) -> discord.Embed:
    """Return what went wrong, for the person who asked; an unreadable query is shown with its column."""
    if isinstance(error, QueryError):
        text = f"{limits.cut(escape(error.reason), 500)}\n{code_block(_pointed(error.query, error.column))}"
        return discord.Embed(title=_("This query cannot be read"), description=text, colour=_RED)
    return discord.Embed(description=limits.cut(_sentence(str(error)), 1_500), colour=_RED)


def _sentence(message: str) -> str:
    """Our own messages use backticks for what can be typed; nothing else in them is Markdown."""
    parts = message.split("`")
    if len(parts) % 2 == 0:
        return escape(message)
    shown = [f"`{clean(part)}`" if number % 2 else _kept(part) for number, part in enumerate(parts)]
    return "".join(shown)


def _kept(part: str) -> str:
    """Escape *part* without losing the blanks that separate it from the code beside it."""
    escaped = escape(part)
    left = " " if part[:1].isspace() else ""
    right = " " if part[-1:].isspace() and escaped else ""
    return f"{left}{escaped}{right}"


def _pointed(query: str, column: int) -> str:
    """The part of *query* around *column* and a caret below it; a line that wrapped would point elsewhere."""
    line = "".join(character if character.isprintable() else " " for character in query)
    at = min(max(column - 1, 0), len(line))
    start, end = max(at - _AROUND_COLUMN, 0), at + _AROUND_COLUMN
    left = limits.ELLIPSIS if start else ""
    right = limits.ELLIPSIS if end < len(line) else ""
    return f"{left}{line[start:end]}{right}\n{' ' * (len(left) + at - start)}^"
