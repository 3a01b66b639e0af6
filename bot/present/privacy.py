"""What is said about one's own data."""

from __future__ import annotations

import discord

from bot.i18n import format_number, ngettext
from bot.i18n import gettext as _

_RED = 0xC23B3B


def exported_embed() -> discord.Embed:
    """Return what the exported file holds."""
    return discord.Embed(
        title=_("Everything I hold about you"),
        description=_(
            "The file has your reading list with its notes, what you subscribed to in direct messages and "
            "what I sent you there, and which subscriptions of servers you made. There is nothing else: I do "
            "not read messages, and I keep no names."
        ),
    )


def confirmation_embed() -> discord.Embed:
    """Return what erasing will do, before it is done."""
    return discord.Embed(
        title=_("Erase everything I hold about you?"),
        description=_(
            "Your reading list and its notes, and your subscriptions in direct messages with all that came "
            "of them, will be gone for good. `/library export` and `/privacy export` keep a copy.\n\n"
            "What you subscribed servers to stays with the servers, without your number beside it. Messages "
            "that I sent stay in Discord. The operator's backups go on holding it for as long as they are "
            "kept."
        ),
        colour=_RED,
    )


def erased_embed(*, papers: int, subscriptions: int, made: int) -> discord.Embed:
    """Return what was erased."""
    counts = (
        ngettext("{count} saved paper", "{count} saved papers", papers).format(count=format_number(papers)),
        ngettext(
            "{count} subscription in direct messages",
            "{count} subscriptions in direct messages",
            subscriptions,
        ).format(count=format_number(subscriptions)),
        ngettext(
            "your number beside {count} subscription of servers",
            "your number beside {count} subscriptions of servers",
            made,
        ).format(count=format_number(made)),
    )
    text = _("Gone for good: {what}. I hold nothing about you any more.").format(what=", ".join(counts))
    return discord.Embed(title=_("Erased"), description=text)


def kept_embed() -> discord.Embed:
    """Return that nothing was erased."""
    return discord.Embed(description=_("Nothing was erased."))
