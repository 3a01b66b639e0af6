"""Opens threads on posts. A message has one thread at most, so that repeating it can make no second one."""

from __future__ import annotations

import discord

from bot.delivery import codes


async def open_thread(message: discord.Message, name: str) -> int:
    """Return the thread of *message*, which is opened under *name* where it has none.

    Raises:
        discord.HTTPException: Discord does not open one.
    """
    if message.thread is not None:
        return message.thread.id
    try:
        return (await message.create_thread(name=name)).id
    except discord.HTTPException as error:
        if error.code != codes.THREAD_ALREADY_CREATED:
            raise
        return message.id  # a thread has the identifier of the message it was opened on
