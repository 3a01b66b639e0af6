"""What a server's managers are told when papers can no longer be posted in one of its channels."""

from __future__ import annotations

from collections.abc import Sequence

from bot.papers import Notice, State
from bot.present.markdown import escape

_LISTED = 10


def notice_text(batch: Sequence[Notice], *, here: bool) -> str:
    """Return one message for all of *batch*: which channel, what is missing, where to set it, what waits.

    *here* says that it is written in the server itself, where a channel can be mentioned; somebody who may
    not see that channel reads no name there. Nothing of what a channel subscribed to is told.
    """
    paused = [notice for notice in batch if notice.destination.state is not State.GONE]
    gone = [notice for notice in batch if notice.destination.state is State.GONE]
    parts = []
    if paused:
        waiting = sum(notice.waiting for notice in paused)
        held = f" ({waiting:,} so far)" if waiting else ""
        where = "one of your channels" if len(paused) == 1 else f"{len(paused)} of your channels"
        parts += [
            f"⏸ I can no longer post papers in {where}:",
            *_lines(paused, here=here),
            f"Nothing is lost: new papers wait{held}, and I go on by myself as soon as I may.",
            "`/status` shows how it stands.",
        ]
    if gone:
        what = "a channel that is" if len(gone) == 1 else f"{len(gone)} channels that are"
        parts += [
            f"⏹ I posted papers in {what} no more, so those subscriptions have ended:",
            *_lines(gone, here=here),
            "To have the papers elsewhere, use `/subscribe` there; `/subscriptions` shows what ended.",
        ]
    return "\n".join(parts)


def _lines(batch: Sequence[Notice], *, here: bool) -> list[str]:
    lines = [f"• {_name(notice, here=here)}: {escape(notice.reason)}" for notice in batch[:_LISTED]]
    more = len(batch) - len(lines)
    return [*lines, f"• and {more:,} more"] if more else lines


def _name(notice: Notice, *, here: bool) -> str:
    if notice.name:
        return f"#{escape(notice.name)}"
    channel = notice.destination.channel_id
    gone = notice.destination.state is State.GONE
    # A mention is shown with the channel's name, and only to those who may see the channel.
    return f"<#{channel}>" if not gone or not here else f"a channel (id {channel})"
