"""Opens threads on posts. A message has at most one thread, so a repeated request opens no second one."""

from __future__ import annotations

import discord

from bot.delivery import codes
from bot.delivery.http_trace import watched
from bot.delivery.unreadable import is_understood


async def open_thread(message: discord.Message, name: str) -> int:
    """Return the identifier of the thread of *message*; open one under *name* if it has none.

    Raises:
        discord.HTTPException: Discord does not open a thread.
    """
    if message.thread is not None:
        return message.thread.id
    with watched() as watch:
        try:
            await message.create_thread(name=name)
        except discord.HTTPException as error:
            if error.code != codes.THREAD_ALREADY_CREATED:
                raise
        except Exception as error:
            # An answer that cannot be parsed still says by its status that the thread is there.
            if is_understood(error) or not watch.performed:
                raise
    return message.id  # a thread has the identifier of its message
