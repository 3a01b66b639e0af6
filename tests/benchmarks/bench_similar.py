"""The papers that are most like one, of 100,000 stored ones, compared with looking at all of them.

python -m tests.benchmarks similar
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path

from bot.model.papers import Paper, PaperId
from bot.ranking.vectors import Vector, dot
from bot.relevance.interests import Interests
from bot.relevance.similar import SimilarPapers
from bot.relevance.texts import vector_in
from bot.store import Store
from tests.benchmarks.bench_matching import all_papers

STORED = 100_000
ASKED = 60
NAIVE_SAMPLE = 2_000
NOW = datetime(2026, 12, 1, tzinfo=UTC)
_A_MONTH = 20_000
Row = tuple[str, str, str, str]


def _papers(count: int) -> list[Paper]:
    """Return *count* papers with numbers of their own; the texts repeat."""
    texts = islice(cycle(all_papers()), count)
    return [
        replace(text, id=PaperId(f"{2501 + at // _A_MONTH}.{at % _A_MONTH:05d}"), version=1)
        for at, text in enumerate(texts)
    ]


async def _measured(count: int, asked: int) -> tuple[list[float], float, float]:
    """Return the seconds of each question, of making a signature, and of comparing all papers."""
    papers = _papers(count)
    with tempfile.TemporaryDirectory() as folder:
        async with await Store.open(f"sqlite:///{Path(folder) / 'papers.db'}") as store:
            for first in range(0, count, 2_000):
                await store.record(papers[first : first + 2_000], [], NOW)
            interests = Interests(store, clock=lambda: NOW)
            similar = SimilarPapers(store, interests, clock=lambda: NOW)
            frequencies = await interests.frequencies()
            start = time.perf_counter()
            await similar.sign()
            signing = (time.perf_counter() - start) / count
            wanted = random.Random(4).sample(papers, asked + 1)  # noqa: S311 - a benchmark, not a secret
            await similar.to(wanted.pop())  # loads the signatures
            seconds = []
            for paper in wanted:
                start = time.perf_counter()
                await similar.to(paper)
                seconds.append(time.perf_counter() - start)
            vectors = [vector_in(paper, frequencies) for paper in papers[:NAIVE_SAMPLE]]
            return seconds, signing, _naive(vectors[0], vectors) * count / len(vectors)


def _naive(wanted: Vector, vectors: Sequence[Vector]) -> float:
    start = time.perf_counter()
    sorted(vectors, key=lambda one: dot(wanted, one))
    return time.perf_counter() - start


def run(stored: int = STORED, asked: int = ASKED) -> list[Row]:
    """Measure; return rows of (what, ours, naive, ratio)."""
    seconds, signing, naive = asyncio.run(_measured(stored, asked))
    seconds.sort()
    median, late = seconds[len(seconds) // 2], seconds[int(len(seconds) * 0.95)]
    return [
        (
            f"similar papers of {stored:,}, median",
            f"{median * 1000:.0f} ms",
            f"{naive:.1f} s",
            f"{naive / median:.0f} x",
        ),
        (f"similar papers of {stored:,}, p95", f"{late * 1000:.0f} ms", "-", "-"),
        ("a signature, once for each paper", f"{signing * 1000:.2f} ms", "-", "-"),
    ]


if __name__ == "__main__":
    for row in [("what", "ours", "naive", "ratio"), *run()]:
        print(f"{row[0]:<50} {row[1]:>10} {row[2]:>10} {row[3]:>8}")
