"""What a server's managers are told when papers can no longer be posted in one of its channels."""

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
    """Return one message for all of *batch*: which channel, what is missing, where to set it, what waits.

    *here* says that it is written in the server itself, where a channel can be mentioned; somebody who may
    not see that channel reads no name there. Nothing of what a channel subscribed to is told.
    """
    paused, gone = _sorted(batch)
    parts = []
    if paused:
        parts += [
            *_stopped(paused, here=here),
            _kept(sum(notice.waiting for notice in paused)),
            _("`/status` shows how it stands."),
        ]
    if gone:
        parts += [
            *_ended(gone, here=here),
            _("To have the papers elsewhere, use `/subscribe` there; `/subscriptions` shows what ended."),
        ]
    return "\n".join(parts)


def notice_head(batch: Sequence[Notice], *, here: bool) -> str:
    """Return how the message for *batch* begins, as far as that stays the same while papers go on waiting."""
    paused, gone = _sorted(batch)
    return "\n".join(_stopped(paused, here=here) if paused else _ended(gone, here=here))


def _sorted(batch: Sequence[Notice]) -> tuple[list[Notice], list[Notice]]:
    """Return the notices of what is paused and of what is gone."""
    paused = [notice for notice in batch if notice.destination.state is not State.GONE]
    gone = [notice for notice in batch if notice.destination.state is State.GONE]
    return paused, gone


def _stopped(paused: Sequence[Notice], *, here: bool) -> list[str]:
    said = ngettext(
        "⏸ I can no longer post papers in one of your channels:",
        "⏸ I can no longer post papers in {count} of your channels:",
        len(paused),
    )
    return [said.format(count=format_number(len(paused))), *_lines(paused, here=here)]


def _ended(gone: Sequence[Notice], *, here: bool) -> list[str]:
    said = ngettext(
        "⏹ I posted papers in a channel that is no more, so those subscriptions have ended:",
        "⏹ I posted papers in {count} channels that are no more, so those subscriptions have ended:",
        len(gone),
    )
    return [said.format(count=format_number(len(gone))), *_lines(gone, here=here)]


def _kept(waiting: int) -> str:
    if not waiting:
        return _("Nothing is lost: new papers wait, and I go on by myself as soon as I may.")
    return _(
        "Nothing is lost: new papers wait ({count} so far), and I go on by myself as soon as I may."
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
    # A mention is shown with the channel's name, and only to those who may see the channel.
    return f"<#{channel}>" if not gone or not here else _("a channel (id {id})").format(id=channel)
