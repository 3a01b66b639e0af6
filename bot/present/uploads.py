"""Files attached to an answer."""

from __future__ import annotations

import gzip
import io
from collections.abc import Mapping
from typing import Any

import discord

from bot.i18n import gettext as _
from bot.model.errors import UserError


class Upload(discord.File):
    """A file whose attachment id is a string, as Discord documents it; discord.py sends an integer."""

    def to_dict(self, index: int) -> dict[str, Any]:
        return {**super().to_dict(index), "id": str(index)}


def uploads(files: Mapping[str, bytes]) -> list[Upload]:
    """Return *files*, contents by name, as attachments for one request; another attempt needs new ones."""
    return [Upload(io.BytesIO(content), filename=name) for name, content in files.items()]


def upload(name: str, content: bytes, limit: int) -> Upload:
    """Return *content* as an attachment called *name*, compressed if it has more than *limit* bytes.

    Compressing takes a while for large content.

    Raises:
        UserError: it is too large even when compressed.
    """
    if len(content) > limit:
        name, content = f"{name}.gz", gzip.compress(content, mtime=0)
    if len(content) > limit:
        raise UserError(
            _(
                "This file is too large for Discord here, even compressed. Servers with more boosts "
                "allow larger files."
            )
        )
    return Upload(io.BytesIO(content), filename=name)
