"""A harvest matches what arXiv's own search returns: with the query API's text, and with OAI-PMH's alone.

The real papers of `tests/query/test_parity.py` come through OAI-PMH, the poller and the database, version by
version, as the TeX that authors type.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.model.papers import Paper, PaperId
from bot.query.query import parse
from bot.store.tables import matches, queries
from tests.fakes import arxiv as fakes
from tests.polling.poller_cases import DAY, recent
from tests.polling.roads_cases import RoadsWorld, close, world
from tests.query.parity_cases import papers, rows
from tests.shared import needs_shared

__all__ = ["world"]

pytestmark = [needs_shared, pytest.mark.timeout(600)]

_SUBMITTED = timedelta(hours=20)  # before the poll


def generations() -> Iterator[list[Paper]]:
    """Yield the papers so that each comes at most once in a list, its versions one after the other."""
    versions: defaultdict[PaperId, list[Paper]] = defaultdict(list)
    for paper in papers():
        versions[paper.id].append(paper)
    for each in versions.values():
        each.sort(key=lambda paper: paper.version)
    for number in range(max(map(len, versions.values()))):
        yield [each[number] for each in versions.values() if number < len(each)]


async def matched(world: RoadsWorld) -> set[tuple[str, str]]:
    """Return the matches that are stored: the query's canonical text, and the version that matched last."""
    statement = sa.select(queries.c.canonical, matches.c.paper_id, matches.c.version).join(matches)
    async with world.store.database.read() as connection:
        return {(row[0], f"{row.paper_id}v{row.version}") for row in await connection.execute(statement)}


@pytest.mark.parametrize("text", ["the query API's text", "the text of OAI-PMH alone"])
async def test_a_harvest_matches_exactly_what_arxiv_returns(
    world: RoadsWorld, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    world.prefer("harvest")
    world.arxiv.publish(recent(3))
    for channel, row in enumerate(rows(), 1):
        await world.subscribe(row["query"], channel=channel, known=recent(3))
    await world.announce([])
    await world.poller.run()
    close(world.arxiv.feeds, fakes.status(500))  # the witness would compare what is read here anyway
    provisional = "alone" in text
    if provisional:
        close(world.arxiv)
    real = {paper.versioned for paper in papers()}
    found: set[tuple[str, str]] = set()
    for generation in generations():
        now = world.clock() + DAY - _SUBMITTED
        await world.announce(
            replace(paper, published=now - DAY if paper.version > 1 else now, updated=now)
            for paper in generation
        )
        await world.poller.run()
        found |= {each for each in await matched(world) if each[1] in real}
    expected = {(parse(row["query"]).canonical, each) for row in rows() for each in row["expected"]}
    missing, extra = expected - found, found - expected
    with capsys.disabled():
        print(  # noqa: T201 - the counts are what this test is for
            f"\nparity of a harvest with {text}: {len(rows())} queries x {len(papers())} papers, "
            f"{len(found)} matches, {len(missing)} missing, {len(extra)} extra"
        )
    assert not missing
    assert not extra
    assert bool(await world.store.papers.provisional(1)) == provisional
