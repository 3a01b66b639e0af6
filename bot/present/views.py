"""Views and forms that discord.py does not keep in memory.

discord.py keeps every view that it sends, and every form until it is filled in, so that it can call their
items. The bot needs none of that: clicks and forms are recognized by their identifiers. Kept views would make
the process grow with every answer.
"""

from __future__ import annotations

import discord


class View(discord.ui.View):
    """Buttons and menus under a message."""

    def __init__(self) -> None:
        super().__init__(timeout=None)

    def is_finished(self) -> bool:
        """Tell discord.py not to keep the view: it keeps only what is not finished."""
        return True


class Form(discord.ui.Modal):
    """A form with the identifier *custom_id*."""

    def __init__(self, *, title: str, custom_id: str) -> None:
        super().__init__(title=title, custom_id=custom_id)

    def is_finished(self) -> bool:
        """See `View.is_finished`."""
        return True
