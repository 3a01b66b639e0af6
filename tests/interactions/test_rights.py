"""The matrix of rights: kinds of channel × kinds of member × everything that one can do with the bot."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import World
from tests.rights.cast import KINDS, cast
from tests.rights.deeds import DEEDS, Needs, everything_in
from tests.rights.matrix import cells, summary

OF_A_CHANNEL = [name for name, deed in DEEDS.items() if deed.needs is not Needs.NEVER]
PRIVATE_FIRST = sorted(KINDS, key=lambda kind: "private" not in kind)
OF_NONE = [name for name in DEEDS if name not in OF_A_CHANNEL]


async def test_everything_that_the_bot_answers_is_in_the_matrix(world: World) -> None:
    assert everything_in(world.bot) == DEEDS.keys()


@pytest.mark.timeout(400)
@pytest.mark.parametrize("kind", PRIVATE_FIRST)
async def test_a_channel_is_open_to_those_alone_who_may(kind: str, tmp_path: Path) -> None:
    async with cast(kind, tmp_path) as players:
        tried = await cells(players, OF_A_CHANNEL)
    assert [cell for cell in tried if not cell.is_right] == [], summary(tried)
    assert len(tried) > 200


@pytest.mark.timeout(400)
@pytest.mark.parametrize("kind", ["private thread"])
async def test_what_concerns_no_channel_tells_of_none(kind: str, tmp_path: Path) -> None:
    async with cast(kind, tmp_path) as players:
        tried = await cells(players, OF_NONE)
    assert [cell for cell in tried if not cell.is_right] == [], summary(tried)
