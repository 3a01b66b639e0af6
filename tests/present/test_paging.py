"""The buttons that turn pages."""

from __future__ import annotations

from datetime import date

import discord
import pytest

from bot.model.outbox import Kind
from bot.present.paging import turns, under_issue


@pytest.mark.parametrize(
    ("page", "pages", "targets", "enabled"),
    [
        (0, 1, [0, 0, 0, 0], [False, False, False, False]),
        (0, 2, [0, 0, 1, 1], [False, False, True, True]),
        (1, 2, [0, 0, 1, 1], [True, True, False, False]),
        (0, 3, [0, 0, 1, 2], [False, False, True, True]),
        (1, 3, [0, 0, 2, 2], [True, True, True, True]),
        (2, 3, [0, 1, 2, 2], [True, True, False, False]),
        (5, 9, [0, 4, 6, 8], [True, True, True, True]),
    ],
)
def test_each_button_leads_to_another_page_or_is_disabled(
    page: int, pages: int, targets: list[int], enabled: list[bool]
) -> None:
    buttons = list(turns(page, pages))
    assert [turn for turn, _, _ in buttons] == ["first", "back", "next", "last"]
    assert [target for _, target, _ in buttons] == targets
    assert [leads for _, _, leads in buttons] == enabled


async def test_below_the_first_page_of_a_digest_only_later_pages_can_be_opened() -> None:
    view = under_issue(7, Kind.DIGEST, date(2026, 7, 21), 3)
    assert view is not None
    buttons = [item for item in view.children if isinstance(item, discord.ui.Button)]
    assert [(button.custom_id, button.disabled) for button in buttons] == [
        ("papers:issue:7:digest:2026-07-21:0:first", True),
        ("papers:issue:7:digest:2026-07-21:0:back", True),
        ("papers:issue:7:digest:2026-07-21:1:next", False),
        ("papers:issue:7:digest:2026-07-21:2:last", False),
    ]
    assert view.is_finished()


@pytest.mark.parametrize(("pages", "shown"), [(0, False), (1, False), (2, True)])
async def test_a_digest_of_one_page_has_no_buttons(pages: int, shown: bool) -> None:
    assert (under_issue(7, Kind.LIST, date(2026, 7, 21), pages) is not None) is shown
