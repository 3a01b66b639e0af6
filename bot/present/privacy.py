"""What is said about one's own data."""

from __future__ import annotations

import discord

_RED = 0xC23B3B


def exported_embed() -> discord.Embed:
    """Return what the exported file holds."""
    return discord.Embed(
        title="Everything I hold about you",
        description="The file has your reading list with its notes, what you subscribed to in direct "
        "messages and what I sent you there, and which subscriptions of servers you made. There is nothing "
        "else: I do not read messages, and I keep no names.",
    )


def confirmation_embed() -> discord.Embed:
    """Return what erasing will do, before it is done."""
    return discord.Embed(
        title="Erase everything I hold about you?",
        description="Your reading list and its notes, and your subscriptions in direct messages with all "
        "that came of them, will be gone for good. `/library export` and `/privacy export` keep a copy.\n\n"
        "What you subscribed servers to stays with the servers, without your number beside it. Messages that "
        "I sent stay in Discord. The operator's backups go on holding it for as long as they are kept.",
        colour=_RED,
    )


def erased_embed(*, papers: int, subscriptions: int, made: int) -> discord.Embed:
    """Return what was erased."""
    counts = (
        _count(papers, "saved paper"),
        _count(subscriptions, "subscription") + " in direct messages",
        "your number beside " + _count(made, "subscription") + " of servers",
    )
    return discord.Embed(
        title="Erased", description=f"Gone for good: {', '.join(counts)}. I hold nothing about you any more."
    )


def kept_embed() -> discord.Embed:
    """Return that nothing was erased."""
    return discord.Embed(description="Nothing was erased.")


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
