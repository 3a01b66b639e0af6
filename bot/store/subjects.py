"""Which rows of the outbox are about a paper or a day: ranges of the text that `bot.model.outbox` writes.

They are written so that SQLite finds the rows in the unique index of destination, kind and subject.
"""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from bot.model.papers import PaperId
from bot.store.tables import outbox


def about_paper(paper: PaperId | sa.ColumnElement[PaperId]) -> sa.ColumnElement[bool]:
    """Say that a row is about *paper*, in whatever version: its post, a revision or an edit."""
    text = paper.text if isinstance(paper, PaperId) else sa.type_coerce(paper, sa.String)
    return sa.and_(outbox.c.subject >= text + "v", outbox.c.subject < text + "w")  # what follows “v”


def about_day(day: date) -> sa.ColumnElement[bool]:
    """Say that a row is a page of the digest or list of the local *day*."""
    text = day.isoformat()
    return sa.and_(outbox.c.subject >= text + "/", outbox.c.subject < text + "0")  # what follows “/”
