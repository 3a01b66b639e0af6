"""What the tests of the reading list share."""

from __future__ import annotations

from typing import Any

from bot.store import Store
from tests.conftest import World
from tests.fakes.papers import make_papers

NEXT, LAST = "▶", "▶▶"
SHOW, SAVE = "Show arXiv papers", "Save arXiv papers"


async def keep(world: World, store: Store, count: int) -> None:
    for paper in make_papers(count):
        await store.library.save(world.member.id, [paper], paper.published, most=100)


async def file_of(result: Any) -> tuple[str, bytes]:
    [attachment] = result.response.attachments
    return attachment.filename, await attachment.read()


async def say(world: World, text: str) -> Any:
    return await world.manager.send(world.papers, text)
