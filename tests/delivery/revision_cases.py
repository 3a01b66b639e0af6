"""What the tests of revisions share: a paper that is posted, and then changes."""

from __future__ import annotations

from typing import Any

from tests.delivery.delivery_cases import Desk, forum_of, forum_posts
from tests.store.store_cases import NOW


async def posted(desk: Desk, channel: int = 0, **options: Any) -> dict[str, Any]:
    """Post a paper where revisions are asked for; return its message."""
    await desk.subscribe(channel, **({"revisions": True} | options))
    await desk.queue(1001)
    await desk.run()
    [message] = desk.discord.posts(channel or desk.channel)
    return message


async def change(desk: Desk, **changes: Any) -> None:
    await desk.queue(1001, **changes)
    await desk.run()


async def revise(desk: Desk, version: int = 2, **changes: Any) -> None:
    await change(desk, version=version, updated=NOW, **changes)
    assert await desk.failed() == []


async def forum_with_a_post(desk: Desk, **extra: Any) -> tuple[int, int]:
    forum = forum_of(desk, **extra)
    await desk.subscribe(forum, revisions=True)
    await desk.queue(1001)
    await desk.run()
    [post] = forum_posts(desk, forum)
    return forum, int(post["id"])
