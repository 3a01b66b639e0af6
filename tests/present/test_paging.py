"""The buttons that turn pages."""

from __future__ import annotations

from datetime import date

import discord
import pytest

from bot.model.outbox import DigestPage, Kind, Section
from bot.present.paging import issue_prefix, turns, under_page
from tests.fakes.papers import make_papers


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


@pytest.mark.parametrize("discuss", [False, True])
async def test_below_the_first_page_of_a_digest_only_later_pages_can_be_opened(discuss: bool) -> None:
    day = date(2026, 7, 21)
    papers = {paper.id: paper for paper in make_papers(2)}
    sheet = DigestPage(day, 1, 3, 2, (Section("TTS", tuple(papers)),))
    view = under_page(issue_prefix(7, Kind.DIGEST, day), Kind.DIGEST, sheet, papers, discuss=discuss)
    assert view is not None
    menus = [item for item in view.children if isinstance(item, discord.ui.Select)]
    assert [(menu.custom_id, menu.max_values) for menu in menus] == [
        (f"papers:{'open-here' if discuss else 'open'}:0", 1),
        ("papers:save-some:0", 2),
    ]
    assert [option.label for option in menus[0].options] == [
        "1  Speech synthesis with model 1",
        "2  Speech synthesis with model 2",
    ]
    buttons = [item for item in view.children if isinstance(item, discord.ui.Button)]
    assert [(button.custom_id, button.disabled) for button in buttons] == [
        ("papers:issue:7:digest:2026-07-21:0:back", True),
        ("papers:issue:7:digest:2026-07-21:here", True),
        ("papers:issue:7:digest:2026-07-21:1:next", False),
    ]
    assert view.is_finished()


@pytest.mark.parametrize(("pages", "shown"), [(0, False), (1, False), (2, True)])
async def test_without_papers_or_pages_nothing_is_below(pages: int, shown: bool) -> None:
    sheet = DigestPage(date(2026, 7, 21), 1, pages, 0, ())
    assert (under_page("papers:issue:7", Kind.DIGEST, sheet, {}) is not None) is shown
