"""The buttons that turn pages: what they are called, where each leads, and those under a posted digest."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import discord

from bot.model.outbox import Kind

TURNS = {
    "first": "\N{BLACK LEFT-POINTING DOUBLE TRIANGLE}",
    "back": "\N{BLACK LEFT-POINTING TRIANGLE}",
    "next": "\N{BLACK RIGHT-POINTING TRIANGLE}",
    "last": "\N{BLACK RIGHT-POINTING DOUBLE TRIANGLE}",
}
ISSUE = r"(?P<channel>\d+):(?P<kind>digest|list):(?P<day>\d{4}-\d\d-\d\d)"
"""What stands for a digest or list in a custom identifier."""


def turns(page: int, pages: int) -> Iterator[tuple[str, int, bool]]:
    """Yield each button under *page*: its name, the page it leads to, and whether that is another one.

    Pages count from 0.
    """
    targets = {"first": 0, "back": page - 1, "next": page + 1, "last": pages - 1}
    for name, target in targets.items():
        yield name, min(max(target, 0), pages - 1), 0 <= target < pages and target != page


def issue_prefix(channel_id: int, kind: Kind, day: date) -> str:
    """Return what the custom identifiers under a digest or list begin with."""
    return f"papers:issue:{channel_id}:{kind}:{day.isoformat()}"


def under_issue(channel_id: int, kind: Kind, day: date, pages: int) -> discord.ui.View | None:
    """Return what stands under the message of a digest or list, which shows its first page.

    Nothing waits for a click on this very view, so discord.py does not keep it.
    """
    if pages <= 1:
        return None
    view = discord.ui.View(timeout=None)
    for name, target, leads in turns(0, pages):
        custom_id = f"{issue_prefix(channel_id, kind, day)}:{target}:{name}"
        view.add_item(discord.ui.Button(label=TURNS[name], custom_id=custom_id, disabled=not leads))
    view.stop()
    return view
