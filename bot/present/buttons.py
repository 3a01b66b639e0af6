"""The buttons under a paper: their labels, their order and their identifiers.

`bot.interactions.paper_buttons` says what they do. Its classes are registered once, so the buttons work under
every message, even after a restart.
"""

from __future__ import annotations

import discord

from bot.i18n import gettext as _
from bot.i18n import gettext_noop
from bot.model.papers import Paper, PaperId

PAPER = r"(?P<paper>[a-z-]+(?:\.[A-Z]{2})?/\d{7}|\d{4}\.\d{4,5})"
"""What stands for the paper in a custom identifier."""
WORDS = {
    "abstract": gettext_noop("Abstract"),
    "save": gettext_noop("Save"),
    "bibtex": gettext_noop("BibTeX"),
    "discuss": gettext_noop("Discuss"),
}


def custom_id(name: str, paper: PaperId) -> str:
    """Return what tells a click on the button *name* under *paper*."""
    return f"papers:{name}:{paper}"


def under_paper(paper: Paper, *, discuss: bool = False) -> discord.ui.View:
    """Return what one can do with a paper; *discuss* where a thread can be opened on the message.

    Nothing waits for a click on this very view, so discord.py does not keep it.
    """
    view = discord.ui.View(timeout=None)
    for name in ("abstract", "pdf", "save", "bibtex", *(["discuss"] if discuss else [])):
        if name == "pdf":
            view.add_item(discord.ui.Button(label=_("PDF"), url=paper.pdf_url))
        else:
            view.add_item(discord.ui.Button(label=_(WORDS[name]), custom_id=custom_id(name, paper.id)))
    view.stop()
    return view
