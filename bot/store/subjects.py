"""Selects outbox rows about a paper or a day, by ranges of the subjects that `bot.model.outbox` writes.

With ranges, SQLite finds the rows in the unique index of destination, kind and subject.
"""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from bot.model.papers import PaperId
from bot.store.tables import outbox


def about_paper(paper: PaperId | sa.ColumnElement[PaperId]) -> sa.ColumnElement[bool]:
    """Select the rows about any version of *paper*: its post, revisions and edits."""
    text = paper.text if isinstance(paper, PaperId) else sa.type_coerce(paper, sa.String)
    return sa.and_(outbox.c.subject >= text + "v", outbox.c.subject < text + "w")  # “w” follows “v”


def about_day(day: date) -> sa.ColumnElement[bool]:
    """Select the pages of the digest or list of the local *day*."""
    text = day.isoformat()
    return sa.and_(outbox.c.subject >= text + "/", outbox.c.subject < text + "0")  # “0” follows “/”
