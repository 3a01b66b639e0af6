"""`python -m tests.replay [--lists N] [--weekly]`: a month of arXiv for people who save papers.

The papers are real, and so are the people: curators of reading lists, whose listed papers are the saves. Each
reads in the month of which they listed most papers; those of one month share a server. It prints how many of
the saved papers were among the first five of their digest: newest first, as the digest was without interests
(the newest of each keyword first), and as it is.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bot.model.papers import Paper, PaperId
from tests.replay.curated import SOURCE, Curator, read_curators
from tests.replay.month import EVERY_DAY, ReadDigest, Share, replay, worth_ordering

_MONDAY = frozenset({0})


async def replay_months(
    papers: dict[PaperId, Paper], curators: Sequence[Curator], days: frozenset[int]
) -> list[ReadDigest]:
    """Replay the months of *curators*, who get digests on *days* of the week; return these."""
    found: list[ReadDigest] = []
    for month in sorted({one.month for one in curators}):
        readers = [one.reader(papers) for one in curators if one.month == month]
        announced = [paper for paper in papers.values() if paper.id.text.startswith(month)]
        with tempfile.TemporaryDirectory() as folder:
            found += await replay(announced, [one for one in readers if one.known], Path(folder), days=days)
        sys.stderr.write(f"{month}: {len(readers)} readers, {len(announced)} papers\n")
    return found


def table_of(digests: Sequence[ReadDigest], title: str) -> Table:
    """Return the shares of each reader and of all."""
    table = Table("reader", title=title, title_justify="left")
    for column in ("digests", "papers each", "saved", "newest first", "without interests", "by interest"):
        table.add_column(column, justify="right")
    readers = sorted({one.reader for one in digests})
    for name in [*readers, "all"]:
        table.add_row(*_row(name, [one for one in digests if name in {one.reader, "all"}]))
    return table


def _row(name: str, digests: Sequence[ReadDigest]) -> tuple[str, ...]:
    shares = (
        Share.of((one.newest_first, one.saved) for one in digests),
        Share.of((one.without_interest, one.saved) for one in digests),
        Share.of((one.papers, one.saved) for one in digests),
    )
    papers = sum(len(one.papers) for one in digests) / len(digests)
    saved = sum(len(one.saved) for one in digests)
    per_cent = [f"{share.per_cent:.0f} %" for share in shares]
    return name, str(len(digests)), f"{papers:.0f}", str(saved), *per_cent


def main() -> int:
    """Replay and print; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.replay", description=__doc__)
    parser.add_argument("--lists", type=int, default=None, help="only so many curators")
    parser.add_argument("--weekly", action="store_true", help="a digest on Mondays, not every day")
    arguments = parser.parse_args()
    days = _MONDAY if arguments.weekly else EVERY_DAY
    if not SOURCE.is_file():
        sys.stderr.write(f"The curators' lists are not beside this checkout ({SOURCE.name} is missing).\n")
        return 2
    started = time.perf_counter()
    papers, curators = read_curators()
    digests = worth_ordering(asyncio.run(replay_months(papers, curators[: arguments.lists], days)))
    title = f"saved papers among the first five of a digest ({time.perf_counter() - started:.0f} s)"
    console = Console(width=None if sys.stdout.isatty() else 110)
    console.print(table_of(digests, title))
    return 0


if __name__ == "__main__":
    sys.exit(main())
