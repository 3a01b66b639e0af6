"""Answers that are the same for everybody: `/help`, and an error in a sentence."""

from __future__ import annotations

import discord

from bot.errors import QueryError, UserError
from bot.present import limits
from bot.present.markdown import clean, code_block, escape

ACKNOWLEDGEMENT = "Thank you to arXiv for use of its open access interoperability."
_SYNTAX = "https://info.arxiv.org/help/api/user-manual.html#query_details"
_RED = 0xC23B3B
_ARXIV_RED = 0xB31B1B
_AROUND_COLUMN = 28

_FIRST = """\
`/subscribe keyword:speech synthesis` – new papers on it are posted here
`/search query:speech synthesis` – look through arXiv now
`/digest schedule hour:9 zone:Europe/Berlin` – collect them in one post a day"""
_ALSO = """\
`/subscriptions` · `/unsubscribe` – what is subscribed here: pause, edit, test, remove
`/channel` – how many papers a day a channel gets one by one, and whether they are crossposted
`/paper` – one paper, by identifier or link
`/library show` · `/library export` – your reading list, also as BibTeX; **Apps → Show arXiv papers** or \
**Save arXiv papers** on a message
`/privacy export` · `/privacy erase` – what is held about you
`/digest show` · `/digest markdown` · `/digest off` – the digest now, as a file, or no longer
`/why` – why a paper was posted, or why not · `/status` – whether papers arrive at all"""
_KEYWORDS = f"""\
`TTS` – one word: in the title and in the abstract
`speech synthesis` – several words: a phrase in the title or in the abstract
`ti:diffusion AND cat:cs.SD` – a query, by field: `ti` `abs` `au` `cat` `co` `jr` `all`
`au:hinton ANDNOT abs:"capsule network"` – with `AND` `OR` `ANDNOT`, quotes, parentheses
[arXiv's own description of queries]({_SYNTAX})"""


def help_embed() -> discord.Embed:
    """Return the help: the three commands that matter first, the others, and how keywords are written."""
    embed = discord.Embed(
        title="New arXiv papers, in your channel",
        description="Every new paper on your keywords, once, on the day arXiv announces it.",
        colour=_ARXIV_RED,
    )
    embed.add_field(name="Begin with", value=_FIRST, inline=False)
    embed.add_field(name="And then", value=_ALSO, inline=False)
    embed.add_field(name="Keywords", value=_KEYWORDS, inline=False)
    return embed.set_footer(text=ACKNOWLEDGEMENT)


def error_embed(error: UserError | str) -> discord.Embed:
    """Return what went wrong, for the person who asked; an unreadable query is shown with its column."""
    if isinstance(error, QueryError):
        text = f"{limits.cut(escape(error.reason), 500)}\n{code_block(_pointed(error.query, error.column))}"
        return discord.Embed(title="This query cannot be read", description=text, colour=_RED)
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
