"""Scoring a day's papers for all interests, compared with one product of two papers after the other.

Each interest is learnt from ten saved papers on one subject and a hundred that were left. The last rows are a
round of polling in which each of many channels wants all of the papers, compared with reading these anew for
each channel.

    python -m tests.benchmarks.bench_ranking
"""

from __future__ import annotations

import asyncio
import random
import time
import tracemalloc
from collections.abc import Callable, Iterable, Sequence
from itertools import repeat

from bot.model.interests import Evidence
from bot.model.papers import Paper
from bot.present.latex.unicode import to_unicode
from bot.query.query import parse_typed
from bot.ranking.interest import Profile, learn, likeness
from bot.ranking.terms import PlainText, TermCounts, count_terms
from bot.ranking.vectors import Frequencies, Vector, dot, vector_of
from bot.relevance.scoring import Learnt, Scoring
from tests.benchmarks.bench_matching import all_papers

INTERESTS = 1_000
PAPERS = 2_000
CHANNELS = 100
OF_A_ROUND = 300
NAIVE_SAMPLE = 20
NAIVE_CHANNELS = 3
Row = tuple[str, str, str, str]


def _seconds(work: Callable[[], object]) -> float:
    start = time.process_time()  # the work is done in one thread
    work()
    return time.process_time() - start


def _counted(papers: Sequence[Paper]) -> list[TermCounts]:
    return [count_terms(PlainText(to_unicode(paper.title), to_unicode(paper.abstract))) for paper in papers]


def _interests(vectors: Sequence[Vector], count: int) -> list[Profile]:
    chance = random.Random(3)  # noqa: S311 - a benchmark, not a secret
    found = []
    for _ in range(count):
        at = chance.randrange(len(vectors) - 10)  # neighbours in the file are on one subject
        found.append(learn(vectors[at : at + 10], chance.sample(vectors, 100)))
    return found


def _naive(interests: Sequence[Profile], vectors: Sequence[Vector]) -> None:
    for vector in vectors:
        for interest in interests:
            dot(interest.vector, vector)


async def _round(learnt: Sequence[Learnt], papers: Sequence[Paper], scorings: Iterable[Scoring]) -> None:
    queries = [parse_typed("large language models")]
    for one, scoring in zip(learnt, scorings, strict=False):
        await scoring.scores(one, papers, queries)


def _rounds(interests: Sequence[Profile], papers: Sequence[Paper], frequencies: Frequencies) -> list[Row]:
    learnt = [Learnt(one, Evidence()) for one in interests]
    scoring = Scoring(frequencies)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    asyncio.run(_round(learnt[:1], papers, repeat(scoring)))
    kept = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    ours = _seconds(lambda: asyncio.run(_round(learnt, papers, repeat(Scoring(frequencies)))))
    anew = [Scoring(frequencies) for _ in range(min(NAIVE_CHANNELS, len(learnt)))]
    naive = _seconds(lambda: asyncio.run(_round(learnt, papers, anew))) * len(learnt) / len(anew)
    return [
        (
            f"scores of a round, {len(learnt)} channels x {len(papers)} papers",
            f"{ours:.2f} s",
            f"{naive:.1f} s",
            f"{naive / ours:.0f} x",
        ),
        (f"memory of {len(papers)} papers in a round", f"{kept / 2**20:.1f} MB", "-", "-"),
    ]


def run(interests: int = INTERESTS, papers: int = PAPERS) -> list[Row]:
    """Measure; return rows of (what, ours, naive, ratio)."""
    day = all_papers()[-papers:]
    counted = _counted(day)
    analysis = _seconds(lambda: _counted(day))
    frequencies = Frequencies.of(counted)
    vectors = [vector_of(one, frequencies) for one in counted]
    weighing = _seconds(lambda: [vector_of(one, frequencies) for one in counted])
    learnt = _interests(vectors, interests)
    scoring = _seconds(lambda: likeness(learnt, vectors))
    sample = vectors[:: max(1, len(vectors) // NAIVE_SAMPLE)]
    naive = _seconds(lambda: _naive(learnt, sample)) * len(vectors) / len(sample)
    tracemalloc.start()
    likeness(learnt, vectors)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    held = sum(one.vector.terms.nbytes + one.vector.weights.nbytes for one in learnt)
    whole = analysis + weighing + scoring
    what = f"{interests:,} interests x {papers:,} papers"
    return [
        (f"terms and vectors, {papers:,} papers", f"{analysis + weighing:.2f} s", "-", "-"),
        (f"scores, {what}", f"{scoring:.2f} s", f"{naive:.1f} s", f"{naive / scoring:.0f} x"),
        (f"all of it, {what}", f"{whole:.2f} s", "-", "-"),
        (f"memory of {interests:,} interests", f"{held / 2**20:.1f} MB", "-", "-"),
        ("peak memory while scoring, with them", f"{(held + peak) / 2**20:.1f} MB", "-", "-"),
        *_rounds(learnt[:CHANNELS], day[-OF_A_ROUND:], frequencies),
    ]


if __name__ == "__main__":
    for row in [("what", "ours", "naive", "ratio"), *run()]:
        print(f"{row[0]:<60} {row[1]:>10} {row[2]:>10} {row[3]:>8}")
