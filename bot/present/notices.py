"""The message to a server's managers when the bot can no longer post in some of its channels."""

from __future__ import annotations

from collections.abc import Sequence

from bot.i18n import format_number, ngettext
from bot.i18n import gettext as _
from bot.model.outbox import Notice
from bot.model.subscriptions import State
from bot.present.markdown import escape
from bot.present.reasons import reason_in_words

_LISTED = 10


def notice_text(batch: Sequence[Notice], *, here: bool) -> str:
    """Return one message for all of *batch*: the channels, the reasons, what to do, and how many papers wait.

    *here* means that the message is posted in the same server, where channels can be mentioned: Discord shows
    their names only to those who may see them. The message does not say what a channel subscribed to.
    """
    paused, gone = _split(batch)
    parts = []
    if paused:
        parts += [
            *_stopped(paused, here=here),
            _queued(sum(notice.waiting for notice in paused)),
            _("See `/status` for the current state."),
        ]
    if gone:
        parts += [
            *_ended(gone, here=here),
            _("To get the papers elsewhere, use `/subscribe` there; `/subscriptions` shows what has ended."),
        ]
    return "\n".join(parts)


def notice_head(batch: Sequence[Notice], *, here: bool) -> str:
    """Return the beginning of the message for *batch*, which does not change with the number of papers."""
    paused, gone = _split(batch)
    return "\n".join(_stopped(paused, here=here) if paused else _ended(gone, here=here))


def _split(batch: Sequence[Notice]) -> tuple[list[Notice], list[Notice]]:
    """Return the notices about paused channels and those about channels that are gone."""
    paused = [notice for notice in batch if notice.destination.state is not State.GONE]
    gone = [notice for notice in batch if notice.destination.state is State.GONE]
    return paused, gone


def _stopped(paused: Sequence[Notice], *, here: bool) -> list[str]:
    heading = ngettext(
        "⏸ I can no longer post papers in one of your channels:",
        "⏸ I can no longer post papers in {count} of your channels:",
        len(paused),
    )
    return [heading.format(count=format_number(len(paused))), *_lines(paused, here=here)]


def _ended(gone: Sequence[Notice], *, here: bool) -> list[str]:
    heading = ngettext(
        "⏹ I can no longer reach one of your channels, so its subscriptions have ended:",
        "⏹ I can no longer reach {count} of your channels, so their subscriptions have ended:",
        len(gone),
    )
    return [heading.format(count=format_number(len(gone))), *_lines(gone, here=here)]


def _queued(waiting: int) -> str:
    if not waiting:
        return _("Nothing is lost: new papers stay queued, and I will continue as soon as I can post again.")
    return _(
        "Nothing is lost: new papers stay queued ({count} so far), and I will continue as soon as I can post "
        "again."
    ).format(count=format_number(waiting))


def _lines(batch: Sequence[Notice], *, here: bool) -> list[str]:
    lines = [
        f"• {_name(notice, here=here)}: {escape(reason_in_words(notice.reason))}"
        for notice in batch[:_LISTED]
    ]
    more = len(batch) - len(lines)
    return [*lines, "• " + _("and {count} more").format(count=format_number(more))] if more else lines


def _name(notice: Notice, *, here: bool) -> str:
    if notice.name:
        return f"#{escape(notice.name)}"
    channel = notice.destination.channel_id
    gone = notice.destination.state is State.GONE
    # Discord shows a mention with the channel's name, but only to those who may see the channel.
    return f"<#{channel}>" if not gone or not here else _("a channel (id {id})").format(id=channel)
