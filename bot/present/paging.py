"""The buttons that turn pages: their labels, where each leads, and those below a posted digest."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from datetime import date

import discord

from bot.model.outbox import Kind
from bot.present.views import View


class Turn(enum.StrEnum):
    """Where a button leads; the values are part of the identifiers of posted buttons."""

    FIRST = "first"
    BACK = "back"
    NEXT = "next"
    LAST = "last"


TURN_LABELS = {
    Turn.FIRST: "\N{BLACK LEFT-POINTING DOUBLE TRIANGLE}",
    Turn.BACK: "\N{BLACK LEFT-POINTING TRIANGLE}",
    Turn.NEXT: "\N{BLACK RIGHT-POINTING TRIANGLE}",
    Turn.LAST: "\N{BLACK RIGHT-POINTING DOUBLE TRIANGLE}",
}
ISSUE = r"(?P<channel>\d+):(?P<kind>digest|list):(?P<day>\d{4}-\d\d-\d\d)"
"""The pattern of a digest or list in an identifier."""


def turns(page: int, pages: int) -> Iterator[tuple[Turn, int, bool]]:
    """Yield each button below *page*: where it leads, the number of that page, and whether it is another one.

    Pages count from 0.
    """
    targets = {Turn.FIRST: 0, Turn.BACK: page - 1, Turn.NEXT: page + 1, Turn.LAST: pages - 1}
    for turn, target in targets.items():
        yield turn, min(max(target, 0), pages - 1), 0 <= target < pages and target != page


def issue_prefix(channel_id: int, kind: Kind, day: date) -> str:
    """Return the beginning of the identifiers of the buttons below a digest or list."""
    return f"papers:issue:{channel_id}:{kind}:{day.isoformat()}"


def under_issue(channel_id: int, kind: Kind, day: date, pages: int) -> discord.ui.View | None:
    """Return the buttons below the first page of a digest or list; None if that is the only one."""
    if pages <= 1:
        return None
    view = View()
    for turn, target, leads in turns(0, pages):
        custom_id = f"{issue_prefix(channel_id, kind, day)}:{target}:{turn}"
        view.add_item(discord.ui.Button(label=TURN_LABELS[turn], custom_id=custom_id, disabled=not leads))
    return view
