"""How a place is named: a channel by its mention or name, direct messages, which have neither, in words."""

from __future__ import annotations

from bot.i18n import gettext as _
from bot.model.subscriptions import Place


def mention(place: Place) -> str:
    """Return the place inside a sentence in Discord's Markdown, after “in”."""
    # TRANSLATORS: it follows “in”, as in “Posted in this conversation”
    return _("this conversation") if place.user_id else _mention(place)


def heading(place: Place) -> str:
    """Return the place at the beginning of a line in Discord's Markdown."""
    return _("This conversation") if place.user_id else _mention(place)


def plain(place: Place, name: str | None) -> str:
    """Return the place inside a sentence where Discord shows no mentions; *name* is that of the channel."""
    if place.user_id:
        return mention(place)
    return f"#{name}" if name else _("that channel")


def _mention(place: Place) -> str:
    return f"<#{place.channel_id}>"
