"""Opens threads on posts. A message has at most one thread, so a repeated request opens no second one."""

from __future__ import annotations

import discord

from bot.delivery import codes


async def open_thread(message: discord.Message, name: str) -> int:
    """Return the identifier of the thread of *message*; open one under *name* if it has none.

    Raises:
        discord.HTTPException: Discord does not open a thread.
    """
    if message.thread is not None:
        return message.thread.id
    try:
        return (await message.create_thread(name=name)).id
    except discord.HTTPException as error:
        if error.code != codes.THREAD_ALREADY_CREATED:
            raise
        return message.id  # a thread has the identifier of its message
