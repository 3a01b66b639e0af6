"""A digest of 300 papers, compared with building all of its pages before the first is sent.

The papers are real ones with new numbers, under three keywords, the closest first, as the digest job queues
them: ordered by an interest learnt from ten saved papers. What is sent is the first page, in all languages,
since a message must be recognized in each. Whoever turns a page has that page built.

    python -m tests.benchmarks digest
"""

from __future__ import annotations

import asyncio
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from bot import i18n
from bot.delivery.messages import compose
from bot.model.interests import Verdict
from bot.model.outbox import DigestPage, Kind, OutboxRow, PageSubject, PaperMark, PreparedRow
from bot.model.papers import Match, Paper, PaperId
from bot.model.subscriptions import Deliver, Destination, Options, Place
from bot.present.digest_files import issue_files
from bot.present.digests import issue_embeds
from bot.query.query import parse
from bot.relevance.digest_contents import digest_of
from bot.relevance.interests import Interests
from bot.rules.choice import Choice
from bot.rules.digest import pages_of, papers_on
from bot.rules.pace import Pace
from bot.store import Store
from tests.benchmarks.bench_matching import all_papers
from tests.fakes.papers import make_paper
from tests.looks import look_at

LISTED = 300
SAVED = 10
BEST = 5
KEYWORDS = ("large language models", "diffusion models", "graph neural networks")
DAY = date(2026, 12, 1)
NOW = datetime(2026, 12, 1, 9, tzinfo=UTC)
LIMIT = 10 << 20  # bytes of a file
_REPEATS = 5
Row = tuple[str, str, str, str]


async def _ordered(papers: list[Paper], saved: list[Paper]) -> tuple[DigestPage, float, float]:
    """Return the digest that is queued, the seconds that its order takes, and those of the first time."""
    with tempfile.TemporaryDirectory() as folder:
        async with await Store.open(f"sqlite:///{Path(folder) / 'papers.db'}") as store:
            place = await _subscribed(store)
            queries = [parse(keyword).canonical for keyword in KEYWORDS]
            matches = [Match(queries[at % len(queries)], paper.id) for at, paper in enumerate(papers)]
            marks = {(place.id, paper.id): PaperMark(star=True, terms=("a term",)) for paper in papers[:BEST]}
            await store.record(papers, matches, NOW, pace=Pace(choice=Choice(marks)))
            await store.feedback.give(place.id, saved, Verdict.MORE, NOW)
            interests = Interests(store, clock=lambda: NOW)
            seconds = []
            for _ in range(_REPEATS):
                start = time.perf_counter()
                sections = await store.digests.pending(place.id)
                whole = await digest_of(store, interests, place, sections, day=DAY, now=NOW)
                seconds.append(time.perf_counter() - start)
            assert whole is not None
            return whole, min(seconds), seconds[0]


async def _subscribed(store: Store) -> Destination:
    for keyword in KEYWORDS:
        made = await store.subscriptions.subscribe(
            place=Place(1, 2),
            keyword=keyword,
            query=parse(keyword).canonical,
            options=Options(deliver=Deliver.DIGEST),
            created_by=3,
            now=NOW,
            look=look_at([make_paper(1)]),
        )
    return made.subscription.destination


def _measured(work: Callable[[], object]) -> tuple[float, float]:
    """Return the shortest of a few times in seconds, and the peak of memory in bytes."""
    seconds = []
    for _ in range(_REPEATS):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return min(seconds), peak


def _row(what: str, ours: tuple[float, float], naive: tuple[float, float]) -> Row:
    return (
        what,
        f"{ours[0] * 1000:.1f} ms, {ours[1] / 2**20:.2f} MB",
        f"{naive[0] * 1000:.0f} ms, {naive[1] / 2**20:.2f} MB",
        f"{naive[0] / ours[0]:.0f} x, {naive[1] / ours[1]:.0f} x",
    )


def run(listed: int = LISTED) -> list[Row]:
    """Measure; return rows of (what, ours, naive, ratio)."""
    texts = all_papers()[-listed - SAVED :]
    numbered = [replace(text, id=PaperId(f"2612.{number:05}")) for number, text in enumerate(texts, 1)]
    saved, papers = numbered[:SAVED], numbered[SAVED:]
    whole, ordering, first_time = asyncio.run(_ordered(papers, saved))
    known: dict[PaperId, Paper] = {paper.id: paper for paper in papers}
    row = OutboxRow(1, Destination(1, 1, 2), Kind.DIGEST, PageSubject(DAY), NOW, page=whole)
    sheets = pages_of(whole, Kind.DIGEST)
    assert len(papers_on(whole)) == listed

    def all_pages() -> list[object]:
        return [issue_embeds(Kind.DIGEST, sheet, known) for sheet in pages_of(whole, Kind.DIGEST)]

    def all_pages_in_all_languages() -> list[object]:
        built: list[object] = [all_pages()]
        for language in i18n.languages():
            with i18n.in_language(language):
                built.append(all_pages())
        return built

    message = _measured(lambda: compose(PreparedRow(row, None, known)))
    turned = _measured(lambda: issue_embeds(Kind.DIGEST, pages_of(whole, Kind.DIGEST)[1], known))
    file = _measured(lambda: issue_files(whole, known, LIMIT))
    of = f"of {len(sheets)}, {listed} papers"
    return [
        _row(f"the message with the first page {of}", message, _measured(all_pages_in_all_languages)),
        _row(f"a page that somebody turns to, {of}", turned, _measured(all_pages)),
        (f"its file, {listed} papers", f"{file[0] * 1000:.0f} ms, {file[1] / 2**20:.2f} MB", "-", "-"),
        (f"order of {listed} papers", f"{ordering * 1000:.0f} ms", "-", "-"),
        ("… the first time on a day", f"{first_time * 1000:.0f} ms", "-", "-"),
    ]


if __name__ == "__main__":
    for row in [("what", "ours", "naive", "ratio"), *run()]:
        print(f"{row[0]:<60} {row[1]:>20} {row[2]:>20} {row[3]:>14}")
