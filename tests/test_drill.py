"""A short drill, and proof that it notices faults; the long one is run by hand: `docs/reliability.md`."""

from __future__ import annotations

import asyncio
import gzip
import signal
import subprocess
import sys
from collections import deque
from pathlib import Path
from random import Random

import aiohttp
import pytest

from bot.store import Store
from tests.drill.clock import WorldClock
from tests.drill.fakes import DrillArxiv
from tests.drill.processes import ROOT, Life
from tests.drill.running import drill
from tests.drill.schema import at_revision, revisions
from tests.drill.witness import Count, Witness, papers_in
from tests.drill.world import Plan
from tests.fakes import arxiv as fakes
from tests.fakes.papers import make_papers
from tests.store.store_cases import NEWS, NOW, record, subscribe

CHANNEL = 1
A, B, C = "2607.00001", "2607.00002", "2607.00003"


@pytest.mark.timeout(600)  # coverage slows each of its processes down
async def test_nothing_is_lost_doubled_or_out_of_order_when_the_bot_is_killed(tmp_path: Path) -> None:
    worlds = [
        Plan(1, seed=7, kills=4, channels=4, untouched=False, folder=tmp_path / "launched", source="harvest"),
        Plan(2, seed=7, kills=2, channels=4, untouched=True, folder=tmp_path / "untouched"),
    ]
    report = await drill(worlds, parallel=2, quiet=True)
    assert report.passed, report.text()
    assert report.kills.total() >= 6
    assert report.total.posted > 0


async def test_a_process_ends_with_whoever_watches_it() -> None:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", "input()", stdin=subprocess.PIPE)
    life = Life(process.pid, deque())
    watching = asyncio.create_task(process.wait())
    watching.add_done_callback(life.no_longer_watched)
    watching.cancel()
    assert await life.end(within=60)
    assert await process.wait() == life.code == -signal.SIGKILL


def test_every_named_instant_is_in_the_bot() -> None:
    """In a separate process, because the functions at these instants stay wrapped."""
    wrap = "from tests.drill.child import POINTS, Bomb; [wrap(Bomb(0)) for wrap in POINTS.values()]"
    subprocess.run([sys.executable, "-c", wrap], cwd=ROOT, check=True)


async def test_every_older_schema_takes_todays_content_and_is_upgraded_again(tmp_path: Path) -> None:
    present = tmp_path / "papers.db"
    async with await Store.open(f"sqlite:///{present}") as store:
        await subscribe(store)
        await record(store, NEWS)
        await store.library.save(7, [NEWS], NOW, most=5)
        await store.library.give_keys(7, {NEWS.id: "author2026news"})
    for revision in revisions():
        old = tmp_path / f"{revision}.db"
        at_revision(present, revision, old)
        async with await Store.open(f"sqlite:///{old}") as upgraded:
            assert [one.paper for one in await upgraded.library.all(7)] == [NEWS]
            assert len(await upgraded.subscriptions.all()) == 1


async def test_each_road_reports_what_it_shows_and_closes_by_itself() -> None:
    witness = Witness()
    async with (
        DrillArxiv(WorldClock(), Random(1), witness) as arxiv,  # noqa: S311 - chance, not secrecy
        aiohttp.ClientSession() as session,
    ):
        arxiv.publish(make_papers(2))
        roads = {
            "API": f"{arxiv.url}?id_list={A},{B}",
            "OAI-PMH": f"{arxiv.oai_url}?verb=ListRecords&metadataPrefix=arXivRaw",
            "feeds": f"{arxiv.rss_url}/rss/cs",
        }
        for closed in ("", *roads):
            arxiv.closed = {closed: fakes.status(503)} if closed else {}
            for road, url in roads.items():
                async with session.get(url) as answer:
                    assert answer.status == (503 if road == closed else 200)
    assert witness._sweeps == [{A, B}] * 9
    assert arxiv.asked_for == dict.fromkeys(roads, 4)


@pytest.fixture
def witness() -> Witness:
    """Three papers that arXiv announced and listed together."""
    witness = Witness()
    for paper in (A, B, C):
        witness.announced(paper, [CHANNEL])
    witness.shown([C, A, B], first_page=True)
    return witness


@pytest.mark.parametrize(
    ("posted", "verdict"),
    [
        ([A, B, C], Count(3, 3)),
        ([A, C], Count(3, 2, lost=1)),
        ([A, B, A, C], Count(3, 3, doubled=1)),
        ([A, B, C, "2607.00009"], Count(3, 3, stray=1)),
        ([B, A, C], Count(3, 3, out_of_order=1)),
        ([C, A, B], Count(3, 3, out_of_order=2)),
        ([], Count(3, 0, lost=3)),
    ],
)
def test_what_went_wrong_is_counted(witness: Witness, posted: list[str], verdict: Count) -> None:
    for paper in posted:
        witness.received(CHANNEL, [paper])
    assert witness.count(CHANNEL) == verdict
    assert verdict.faultless == (posted == [A, B, C])
    counted = verdict.lost + verdict.doubled + verdict.stray + verdict.out_of_order
    assert len(list(witness.faults(CHANNEL))) == counted


def test_what_arxiv_showed_later_may_come_later(witness: Witness) -> None:
    late = "2607.00000"
    for paper in (A, B):
        witness.received(CHANNEL, [paper])
    witness.announced(late, [CHANNEL])
    witness.shown([A, B, C, late], first_page=True)
    for paper in (C, late):
        witness.received(CHANNEL, [paper])
    assert witness.count(CHANNEL) == Count(4, 4)


def test_pages_of_one_list_are_one_answer() -> None:
    witness = Witness()
    for paper in (A, B):
        witness.announced(paper, [CHANNEL])
    witness.shown([B], first_page=True)
    witness.shown([A], first_page=False)
    for paper in (B, A):
        witness.received(CHANNEL, [paper])
    assert witness.count(CHANNEL).out_of_order == 1


@pytest.mark.parametrize(
    ("message", "as_list"),
    [
        ({"content": f"A title\nhttps://arxiv.org/abs/{A}v2"}, False),
        ({"embeds": [{"title": "A title", "url": f"https://arxiv.org/abs/{A}v1"}]}, False),
        ({"content": None, "embeds": [{"description": f"[A](https://arxiv.org/abs/{A}v1), also {A}"}]}, True),
    ],
)
def test_a_message_is_known_by_the_papers_that_it_links(message: dict[str, object], as_list: bool) -> None:
    assert papers_in(message) == ([A], as_list)


def test_the_papers_of_a_list_are_those_of_its_file_too() -> None:
    message = {"embeds": [{"description": f"[a](https://arxiv.org/abs/{A}v1)"}]}
    text = f"https://arxiv.org/abs/{A}v1 https://arxiv.org/abs/{B}v1".encode()
    assert papers_in(message, {"a.md": text}) == ([A, B], True)
    files = {"a.md": text, "b.md.gz": gzip.compress(f"https://arxiv.org/abs/{C}v1".encode())}
    assert papers_in(message, files) == ([A, B, C], True)


def test_a_list_has_an_order_of_its_own(witness: Witness) -> None:
    witness.received(CHANNEL, [C, A], as_list=True)
    witness.received(CHANNEL, [B])
    assert witness.count(CHANNEL) == Count(3, 3)
