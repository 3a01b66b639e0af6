"""Scoring a day's papers for all interests, compared with one product of two papers after the other.

Each interest is learnt from ten saved papers on one subject and a hundred that were left.

    python -m tests.benchmarks.bench_ranking
"""

from __future__ import annotations

import random
import time
import tracemalloc
from collections.abc import Callable, Sequence

from bot.model.papers import Paper
from bot.present.latex.unicode import to_unicode
from bot.ranking.interest import Profile, learn, likeness
from bot.ranking.terms import PlainText, TermCounts, count_terms
from bot.ranking.vectors import Frequencies, Vector, dot, vector_of
from tests.benchmarks.bench_matching import all_papers

INTERESTS = 1_000
PAPERS = 2_000
NAIVE_SAMPLE = 20
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
    ]


if __name__ == "__main__":
    for row in [("what", "ours", "naive", "ratio"), *run()]:
        print(f"{row[0]:<60} {row[1]:>10} {row[2]:>10} {row[3]:>8}")
