"""The buttons under a paper: their labels, their order, and their custom ids.

`bot.interactions.paper_buttons` handles the clicks. Its classes are registered once, at start, so that
buttons work on any message, also after a restart.
"""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot.i18n import gettext as _
from bot.i18n import gettext_noop
from bot.model.papers import Paper, PaperId
from bot.present.views import View

PAPER = r"(?P<paper>[a-z-]+(?:\.[A-Z]{2})?/\d{7}|\d{4}\.\d{4,5})"
"""The paper in a custom id."""
WORDS = {
    "abstract": gettext_noop("Abstract"),
    "save": gettext_noop("Save"),
    "bibtex": gettext_noop("Cite"),
    "discuss": gettext_noop("Discuss"),
    "thread": gettext_noop("Discuss"),
    "unsave": gettext_noop("Take back"),
    "annotate": gettext_noop("Add a note"),
    "similar": gettext_noop("More like this"),
    "less": gettext_noop("Less like this"),
    "like": gettext_noop("Subscribe to papers like this"),
}
COMPACT = ("abstract", "save", "discuss", "bibtex")
"""The buttons under a compact post: they fit into one row on a phone."""
FULL = ("abstract", "pdf", "save", "bibtex", "discuss")
"""Those under a full post, whose embed has no link to the PDF."""
ANSWER = ("save", "bibtex", "similar", "less")
"""Those under the answer to *Abstract*."""
PICKED = ("save", "thread", "bibtex", "similar", "less")
"""Those under the answer to *Open one*, where the paper can be discussed in the channel."""
REVISION = ("abstract", "save")
"""Those under the compact post of a new version, which answers the paper's post."""


MY_LIST = gettext_noop("My list")
"""The label of the button that shows a person's reading list."""


def custom_id(name: str, paper: PaperId) -> str:
    """Return the custom id of the button *name* under *paper*."""
    return f"papers:{name}:{paper}"


def under_paper(paper: Paper, *, discuss: bool = False, wanted: Sequence[str] = FULL) -> discord.ui.View:
    """Return the buttons *wanted* under *paper*; without *discuss* no thread can be opened on the message."""
    view = View()
    for name in wanted:
        if name == "discuss" and not discuss:
            continue
        if name == "pdf":
            view.add_item(discord.ui.Button(label=_("PDF"), url=paper.pdf_url))
        else:
            view.add_item(discord.ui.Button(label=_(WORDS[name]), custom_id=custom_id(name, paper.id)))
    return view
