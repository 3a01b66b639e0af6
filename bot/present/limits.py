"""Discord's limits on what a bot may send, and functions that cut text to them.

The numbers are those of https://discord.com/developers/docs/resources/message#embed-object-embed-limits,
…/resources/message#create-message, …/resources/channel#start-thread-in-forum-or-media-channel,
…/components/reference and …/interactions/application-commands#application-command-object. Discord's OpenAPI
description agrees with them, but does not mention the total of 6000.

Discord does not document whether it counts code points or UTF-16 units, and its clients and its API have not
always agreed. Here text is counted in UTF-16 units, which are never fewer than code points.
"""

from __future__ import annotations

import itertools

import discord
import regex

EMBED_TITLE = 256
EMBED_DESCRIPTION = 4096
EMBED_URL = 2048
FIELD_VALUE = 1024
EMBED_TOTAL = 6000
"""Length of all text in all embeds of one message."""

CONTENT = 2000
ATTACHMENTS = 10
REQUEST = 25_000_000
"""Bytes of all files of one message together; each file has its own limit, too."""
THREAD_NAME = 100
FORUM_TAGS = 5
"""Tags of one forum post."""
NONCE = 25

CUSTOM_ID = 100
ACTION_ROWS = 5
"""Rows of buttons or menus under one message."""
TEXT_INPUT = 4000
"""Characters of one text field in a form."""
CHOICES = 25
"""Suggestions of one option, and entries of one menu."""
CHOICE = 100
"""Characters of a suggestion's or menu entry's name, description or value."""

ELLIPSIS = "…"
_LONGEST_WORD = 64

# Pieces that must not be cut. `cut` works on finished Markdown, so an escape, a masked link, a mention or a
# bare address is one piece; anything else is cut between grapheme clusters.
_PIECE = regex.compile(
    r"(?P<link>\[(?:\\.|[^\[\]\\])*\]\((?:\\.|[^()\s\\])*\))"
    r"|\\[^0-9A-Za-z\s]"
    r"|<[@#/:at][^<>\s]{0,150}>"
    r"|(?P<address>https?://[^\s<>]+)"
    r"|(?P<space>\s+)"
    r"|\X",
    regex.DOTALL,
)


def length(text: str) -> int:
    """Return the length of *text* in UTF-16 units, the most that Discord may count."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut(text: str, limit: int) -> str:
    """Return *text* in at most *limit* UTF-16 units; if it is longer, cut after a word, with “…” at the end.

    No visible character, escape, masked link, mention or address is split. A word of more than 64 units (or a
    script without spaces) is cut inside the word.
    """
    if length(text) <= limit:
        return text
    if limit <= 0:
        return ""
    room = limit - length(ELLIPSIS)
    used = end = word_end = 0
    last = None
    for piece in _PIECE.finditer(text):
        if piece["space"] is not None:
            word_end = piece.start()
        used += length(piece[0])
        if used > room:
            last = piece
            break
        end = piece.end()
    if last is not None and last["space"] is not None:
        word_end = end
    if word_end and length(text[word_end:end]) <= _LONGEST_WORD:
        end = word_end
    kept = _without_comma(text[:end].rstrip())
    return kept + ELLIPSIS if kept else _beginning(last, limit)


def _without_comma(text: str) -> str:
    """Remove a comma, semicolon or colon at the end, unless a backslash escapes it."""
    return text[:-1] if text[-1:] in tuple(",;:") and text[-2:-1] != "\\" else text


def _beginning(piece: regex.Match[str] | None, limit: int) -> str:
    """Return what fits of a first *piece* that is too long; a masked link is reduced to its label."""
    if piece is None or piece[0].startswith(("\\", "<")):
        return ELLIPSIS
    if piece["link"] is not None:
        words = piece["link"][1:].split("](", 1)[0]
        return f"{words}{ELLIPSIS}" if length(words) < limit else cut(words, limit)
    units = itertools.accumulate(length(character) for character in piece[0])
    fitting = sum(unit < limit for unit in units)
    return f"{piece[0][:fitting]}{ELLIPSIS}"


def size(*embeds: discord.Embed) -> int:
    """Return the length of all text in *embeds*, which Discord limits to `EMBED_TOTAL`."""
    return sum(
        length(text or "")
        for embed in embeds
        for text in (
            embed.title,
            embed.description,
            embed.footer.text,
            embed.author.name,
            *(part for field in embed.fields for part in (field.name, field.value)),
        )
    )


def fit(embed: discord.Embed) -> discord.Embed:
    """Shorten the description of *embed* so that its text is within `EMBED_TOTAL`; return *embed*."""
    over = size(embed) - EMBED_TOTAL
    if over > 0 and embed.description:
        embed.description = cut(embed.description, length(embed.description) - over)
    return embed
