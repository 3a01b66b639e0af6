"""The answers about a person's own data: `/privacy export` and `/privacy erase`."""

from __future__ import annotations

import discord

from bot.i18n import format_list, format_number, ngettext
from bot.i18n import gettext as _
from bot.present import colours


def exported_embed() -> discord.Embed:
    """Return the description of the exported file."""
    return discord.Embed(
        title=_("Everything I store about you"),
        description=_(
            "The file contains your reading list with your notes and where you saved each paper, the BibTeX "
            "keys that I gave you, your *Less like this* choices, whether your saves count, your "
            "subscriptions in direct messages with what I sent you there, the server subscriptions that you "
            "created, also those that were just removed, and the notices about stopped channels that I sent "
            "you or could not deliver to you. I store nothing else about you: I do not read messages, and I "
            "do not keep your name."
        ),
    )


def saves_embed(*, count: bool) -> discord.Embed:
    """Return what becomes of a person's saves from now on."""
    if count:
        text = _(
            "Your saves count: a channel learns from what you save of its papers, and what was saved most is "
            "counted with yours. Nobody sees who saved what."
        )
    else:
        text = _(
            "Your saves no longer count, including earlier ones: no channel learns from them, and they are "
            "not in what was saved most. Your own reading list stays as it is."
        )
    return discord.Embed(description=text, colour=colours.GREEN)


def confirmation_embed() -> discord.Embed:
    """Return the question before erasing: what will be deleted and what stays."""
    return discord.Embed(
        title=_("Erase everything I store about you?"),
        description=_(
            "This permanently deletes your reading list with your notes, the BibTeX keys that I gave you, "
            "your *Less like this* choices, and your subscriptions in direct messages with everything that "
            "belongs to them. To keep a copy, use `/library export` and `/privacy export` first.\n\n"
            "Subscriptions that you created for a server, and notices about its channels, are kept, but "
            "without your user ID. Messages that I sent stay in Discord. The operator's backups contain your "
            "data until they are deleted."
        ),
        colour=colours.RED,
    )


def erased_embed(*, papers: int, subscriptions: int, made: int) -> discord.Embed:
    """Return what was erased: *papers* of the reading list, *subscriptions*, and *made* for servers."""
    counts = (
        ngettext("{count} saved paper", "{count} saved papers", papers).format(count=format_number(papers)),
        ngettext(
            "{count} subscription in direct messages",
            "{count} subscriptions in direct messages",
            subscriptions,
        ).format(count=format_number(subscriptions)),
        ngettext(
            "your user ID on {count} server subscription",
            "your user ID on {count} server subscriptions",
            made,
        ).format(count=format_number(made)),
    )
    text = _("Permanently deleted: {what}. I no longer store anything about you.").format(
        what=format_list(counts)
    )
    return discord.Embed(title=_("Erased"), description=text)


def not_erased_embed() -> discord.Embed:
    """Return the answer to a person who decided against erasing."""
    return discord.Embed(description=_("Nothing was erased."))
