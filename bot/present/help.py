"""The answer to `/help`, and error messages."""

from __future__ import annotations

import discord

from bot.i18n import gettext as _
from bot.i18n import gettext_noop
from bot.model.errors import QueryError, UserError
from bot.present import colours, limits
from bot.present.markdown import clean, code_block, escape, escape_inside

ACKNOWLEDGEMENT = "Thank you to arXiv for use of its open access interoperability."
_SYNTAX = "https://info.arxiv.org/help/api/user-manual.html#query_details"
_AROUND_COLUMN = 28

# These lines just fit the screen of a phone; a test checks that they do.
_FIRST = (
    gettext_noop("`/subscribe` – post a keyword's new papers"),
    gettext_noop("`/search` – search arXiv"),
    gettext_noop("`/digest schedule` – one post a day, when you want"),
)
_ALSO = (
    gettext_noop("`/follow author` `/similar` `/top` `/paper` – find"),
    gettext_noop("`/subscriptions` `/unsubscribe` `/channel` – settings"),
    gettext_noop("`/library show` `/interests show` – your taste"),
    gettext_noop("`/why` `/status` `/privacy export` – details"),
    gettext_noop("**Apps**: **Show arXiv papers**, **Save arXiv papers**, **Similar arXiv papers**"),
)
_KEYWORDS = (
    gettext_noop("`TTS` – in both title and abstract"),
    gettext_noop("`speech synthesis` – a phrase in either"),
    gettext_noop("`ti:diffusion AND cat:cs.SD` – [a query]({link})"),
)


def help_embed() -> discord.Embed:
    """Return the help: the three commands to start with, the others, and how to write keywords."""
    embed = discord.Embed(
        title=_("New arXiv papers in your channel"),
        description=_(
            "Each new paper on your keywords, once, when announced. With `revisions`, each new version."
        ),
        colour=colours.ARXIV_RED,
    )
    for name, lines in ((_("Start with"), _FIRST), (_("Then"), _ALSO), (_("Keywords"), _KEYWORDS)):
        value = "\n".join(_(line).format(link=_SYNTAX) for line in lines)
        embed.add_field(name=name, value=value, inline=False)
    return embed.set_footer(text=ACKNOWLEDGEMENT)


def error_embed(error: UserError | str) -> discord.Embed:
    """Return *error* as an embed; a query error shows the query with a caret below the column."""
    if isinstance(error, QueryError):
        text = (
            f"{limits.cut(escape(error.reason), 500)}\n{code_block(_with_caret(error.query, error.column))}"
        )
        return discord.Embed(title=_("This query is not valid"), description=text, colour=colours.RED)
    return discord.Embed(description=limits.cut(_sentence(str(error)), 1_500), colour=colours.RED)


def _sentence(message: str) -> str:
    """Escape a message of ours, whose only Markdown is backticks around what can be typed."""
    parts = message.split("`")
    if len(parts) % 2 == 0:
        return escape(message)
    shown = [f"`{clean(part)}`" if number % 2 else escape_inside(part) for number, part in enumerate(parts)]
    return "".join(shown)


def _with_caret(query: str, column: int) -> str:
    """Return the part of *query* around *column*, short enough not to wrap, and a caret on the next line."""
    line = "".join(character if character.isprintable() else " " for character in query)
    at = min(max(column - 1, 0), len(line))
    start, end = max(at - _AROUND_COLUMN, 0), at + _AROUND_COLUMN
    left = limits.ELLIPSIS if start else ""
    right = limits.ELLIPSIS if end < len(line) else ""
    return f"{left}{line[start:end]}{right}\n{' ' * (len(left) + at - start)}^"
