"""Files that the bot hands out in an answer."""

from __future__ import annotations

import gzip
import io
from collections.abc import Mapping
from typing import Any

import discord

from bot.i18n import gettext as _
from bot.model.errors import UserError


class Upload(discord.File):
    """An upload whose number is text, as Discord describes it; discord.py sends an integer."""

    def to_dict(self, index: int) -> dict[str, Any]:
        return {**super().to_dict(index), "id": str(index)}


def uploads(files: Mapping[str, bytes]) -> list[Upload]:
    """Return *files*, contents by name, to be sent once: a second try needs them anew."""
    return [Upload(io.BytesIO(content), filename=name) for name, content in files.items()]


def upload(name: str, content: bytes, limit: int) -> Upload:
    """Return *content* as a file called *name*, compressed where Discord takes no more than *limit* bytes.

    It takes a while for a long content.

    Raises:
        UserError: even compressed it is larger than that.
    """
    if len(content) > limit:
        name, content = f"{name}.gz", gzip.compress(content, mtime=0)
    if len(content) > limit:
        raise UserError(
            _(
                "That file is larger than Discord takes here, even compressed; a server with more "
                "boosts takes larger ones."
            )
        )
    return Upload(io.BytesIO(content), filename=name)
