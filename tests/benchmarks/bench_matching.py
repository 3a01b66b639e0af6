"""Analysis and matching, compared with evaluating every query for every paper.

The naive scan takes too long for all papers, so it runs over a sample and is scaled up. Queries consist of
words from real titles: mostly phrases of two or three words, some single words, some in the query language.

    python -m tests.benchmarks.bench_matching
"""

from __future__ import annotations

import random
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

from bot.model.errors import QueryError
from bot.model.jsonl import papers_from_jsonl
from bot.model.papers import Paper, PaperId
from bot.query.matcher import Matcher
from bot.query.query import Query, parse
from bot.query.text import STOP_WORDS, analyze_paper, words
from tests.shared import SHARED

PAPERS = 2_000
NAIVE_SAMPLE = 20
Row = tuple[str, str, str, str]


def made_up_papers(count: int) -> list[Paper]:
    """Return papers of pseudo-words with natural frequencies, for a checkout without the real ones."""
    chance = random.Random(1)  # noqa: S311 - a benchmark, not a secret
    vocabulary = ["".join(chance.choices("aeioustrnmlkpd", k=chance.randint(3, 9))) for _ in range(20_000)]
    weights = [1 / rank for rank in range(1, len(vocabulary) + 1)]
    now = datetime(2026, 1, 1, tzinfo=UTC)
    return [
        Paper(
            PaperId(f"2601.{number:05}"),
            1,
            " ".join(chance.choices(vocabulary, weights, k=10)),
            " ".join(chance.choices(vocabulary, weights, k=180)),
            ("A. Author",),
            ("cs.LG",),
            "cs.LG",
            now,
            now,
        )
        for number in range(count)
    ]


def all_papers() -> list[Paper]:
    """Return the real papers if they are available, else invented ones."""
    source = SHARED / "arxiv" / "parity_papers.jsonl.gz"
    return list(papers_from_jsonl(source)) if source.is_file() else made_up_papers(8_000)


def some_queries(papers: Sequence[Paper], count: int) -> list[Query]:
    """Return distinct queries of adjacent words from titles of *papers*."""
    chance = random.Random(2)  # noqa: S311 - a benchmark, not a secret
    found: dict[Query, None] = {}
    for text in _texts(papers, chance):
        try:
            found[parse(text)] = None
        except QueryError:
            continue  # only stop words
        if len(found) == count:
            break
    return list(found)


def _texts(papers: Sequence[Paper], chance: random.Random) -> Iterator[str]:
    while True:
        paper = chance.choice(papers)
        line = [word for word in words(paper.title) if word.lower() not in STOP_WORDS] or ["graph"]
        start, length = chance.randrange(len(line)), chance.choice((1, 2, 2, 2, 3, 3, 4))
        text = " ".join(line[start : start + length])
        kind = chance.random()
        if kind < 0.85 or length == 1:
            yield text
        elif kind < 0.95:
            yield f'ti:"{text}" OR (abs:"{text}" AND abs:{line[-1]})'
        else:
            yield f'abs:"{text}" ANDNOT ti:{line[-1]}'


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _naive(queries: Sequence[Query], papers: Sequence[Paper]) -> None:
    for paper in papers:
        analyzed = analyze_paper(paper)
        for query in queries:
            query.matches(analyzed)


def _matching(queries: Sequence[Query], papers: Sequence[Paper]) -> Row:
    matcher = Matcher(queries)
    ours = _seconds(lambda: matcher.match(papers))
    sample = papers[:: max(1, len(papers) // NAIVE_SAMPLE)]
    naive = _seconds(lambda: _naive(queries, sample)) * len(papers) / len(sample)
    what = f"analysis + matching, {len(queries):,} queries x {len(papers):,} papers"
    return what, f"{ours:.2f} s", f"{naive:.1f} s", f"{naive / ours:.0f} x"


def _memory(texts: Sequence[str], papers: Sequence[Paper]) -> Row:
    tracemalloc.start()
    matcher = Matcher([parse(text) for text in texts])
    matcher.match(papers[:50])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return f"peak memory, {len(texts):,} queries", f"{peak / 2**20:.0f} MB", "-", "-"


def run(counts: Sequence[int] = (1_000, 10_000), *, memory_of: int = 100_000) -> list[Row]:
    """Measure; return rows of (what, ours, naive, ratio)."""
    known = all_papers()
    papers = known[-PAPERS:]
    analysis = _seconds(lambda: [(p.fields["ti"], p.fields["abs"]) for p in map(analyze_paper, papers)])
    rows: list[Row] = [(f"analysis, {len(papers):,} papers", f"{analysis:.2f} s", "-", "-")]
    queries = some_queries(known, max(*counts, memory_of))
    rows += [_matching(queries[:count], papers) for count in counts]
    rows.append(_memory([query.typed for query in queries[:memory_of]], papers))
    return rows


if __name__ == "__main__":
    for row in [("what", "ours", "naive", "ratio"), *run((1_000, 10_000, 100_000))]:
        print(f"{row[0]:<60} {row[1]:>10} {row[2]:>10} {row[3]:>8}")
