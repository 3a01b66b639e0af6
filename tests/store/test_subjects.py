"""Which rows of the outbox are found by a paper or a day, among their neighbours in the index."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from bot.model.outbox import EditSubject, Kind, PageSubject, PaperSubject, Subject
from bot.model.papers import PaperId
from bot.store import Store
from bot.store.outbox import new_row
from bot.store.subjects import about_day, about_paper
from bot.store.tables import outbox
from tests.store.store_cases import NOW, store, subscribe

__all__ = ["store"]

DAY = date(2026, 7, 21)
PAPER, OLD = PaperId("2607.16206"), PaperId("solv-int/9901001")


async def found(store: Store, condition: sa.ColumnElement[bool]) -> set[str]:
    async with store.database.read() as connection:
        return set(await connection.scalars(sa.select(outbox.c.subject).where(condition)))


async def queue(store: Store, *subjects: Subject) -> None:
    destination = (await subscribe(store)).subscription.destination.id
    kinds = {PaperSubject: Kind.PAPER, EditSubject: Kind.EDIT, PageSubject: Kind.DIGEST}
    async with store.database.write() as connection:
        for subject in subjects:
            row = new_row(destination=destination, kind=kinds[type(subject)], subject=subject, now=NOW)
            await connection.execute(outbox.insert().values(row))


@pytest.mark.parametrize("paper", [PAPER, OLD])
async def test_all_versions_and_edits_of_a_paper_are_found_and_no_other_paper(
    store: Store, paper: PaperId
) -> None:
    mine = [PaperSubject(paper, version) for version in (1, 9, 10, 123)]
    edit = EditSubject(paper, 9, "ffffffff")
    neighbours = [PaperId(paper.text[:-1] + last) for last in "57"]
    await queue(store, *mine, edit, *(PaperSubject(one, 1) for one in neighbours), PageSubject(DAY))
    assert await found(store, about_paper(paper)) == {str(one) for one in (*mine, edit)}


async def test_all_pages_of_a_day_are_found_and_no_other_day(store: Store) -> None:
    pages = [PageSubject(DAY, number) for number in (1, 9, 10, 99)]
    others = [PageSubject(DAY + timedelta(days=days)) for days in (-1, 1)]
    await queue(store, *pages, *others, PaperSubject(PAPER, 1))
    assert await found(store, about_day(DAY)) == {str(page) for page in pages}
