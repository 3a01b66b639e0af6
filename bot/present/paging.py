"""The buttons that turn pages: their labels, where each leads, and those below a posted digest."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from datetime import date

import discord

from bot.i18n import format_number
from bot.i18n import gettext as _
from bot.model.outbox import DigestPage, Kind
from bot.model.papers import Paper, PaperId
from bot.present.digests import numbered
from bot.present.listing import open_menu, save_menu
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


def under_page(
    prefix: str,
    kind: Kind,
    sheet: DigestPage,
    papers: Mapping[PaperId, Paper],
    *,
    discuss: bool = False,
) -> discord.ui.View | None:
    """Return what stands below a page of a digest or list: two menus of its *papers*, and turns.

    *prefix* is the beginning of the identifiers of the buttons. With *discuss*, threads can be opened there.
    None if there is nothing to open nor to turn.
    """
    view, page, pages = View(), sheet.number - 1, sheet.pages
    listed = numbered(kind, sheet, papers)
    if listed:
        counts = sheet.top.counts if sheet.top else ()
        starred = [(people, papers[paper]) for paper, people in counts if paper in papers]
        view.add_item(open_menu(page, listed, sheet.day, starred=starred, discuss=discuss))
        view.add_item(save_menu(f"papers:save-some:{page}", listed, sheet.day))
    if pages > 1:
        _first, back, forward, _last = turns(page, pages)
        for turn, target, leads in (back, forward):
            if turn is Turn.NEXT:
                view.add_item(_where(prefix, page, pages))
            custom_id = f"{prefix}:{target}:{turn}"
            view.add_item(discord.ui.Button(label=TURN_LABELS[turn], custom_id=custom_id, disabled=not leads))
    return view if view.children else None


def _where(prefix: str, page: int, pages: int) -> discord.ui.Button[discord.ui.View]:
    label = _("{page} of {pages}").format(page=format_number(page + 1), pages=format_number(pages))
    return discord.ui.Button(label=label, custom_id=f"{prefix}:here", disabled=True)
