"""How the time that hostile texts and feeds take grows with their length: at n, 4n and 16n.

For each function that reads other people's text, the row shows the text that took longest at n; for each
hostile feed, the feed. Linear growth is a ratio of about 4 from one column to the next, or less where a limit
stops the reading; quadratic growth is 16.

    python -m tests.benchmarks.bench_growth
"""

from __future__ import annotations

import contextlib
import gc
import time
from collections.abc import Callable
from typing import Any

from bot.arxiv.feed import parse
from bot.model.errors import ArxivError
from tests.arxiv.arxiv_cases import HOSTILE_FEEDS, hostile_feed
from tests.growth_cases import FUNCTIONS, TEXTS

COLUMNS = ("n", "4n", "16n")
_CHARACTERS = 5_000  # 16n is four times the longest abstract that is kept
_BYTES = 100_000


def run() -> list[tuple[str, str, str, str]]:
    """Return the rows of the table; takes about a minute."""
    texts = [_worst(name, function) for name, function in FUNCTIONS.items()]
    return texts + [_row(f"feed: {kind}", _read_feed, _feeds(kind), _BYTES) for kind in HOSTILE_FEEDS]


def _worst(name: str, function: Callable[[str], object]) -> tuple[str, str, str, str]:
    """Return the row of the text that takes *function* longest."""
    function("a")  # fills caches
    slowest = max(TEXTS, key=lambda what: _seconds(function, TEXTS[what](_CHARACTERS)))
    return _row(f"{name}: {slowest}", function, TEXTS[slowest], _CHARACTERS)


def _row(
    what: str, function: Callable[[Any], object], make: Callable[[int], Any], n: int
) -> tuple[str, str, str, str]:
    one, four, sixteen = (_seconds(function, make(factor * n)) for factor in (1, 4, 16))
    return (
        what,
        f"{one * 1000:.1f} ms",
        f"{four * 1000:.1f} ms ({four / one:.1f}×)",
        f"{sixteen * 1000:.1f} ms ({sixteen / four:.1f}×)",
    )


def _seconds(function: Callable[[Any], object], content: Any) -> float:
    """Return the processor time of a call, without that of the garbage collector, which sees all objects."""
    gc.disable()
    try:
        started = time.thread_time()
        function(content)
        return time.thread_time() - started
    finally:
        gc.enable()


def _feeds(kind: str) -> Callable[[int], bytes]:
    return lambda length: hostile_feed(kind, length)


def _read_feed(content: bytes) -> None:
    with contextlib.suppress(ArxivError):
        parse(content)


if __name__ == "__main__":
    for row in run():
        print(" | ".join(row))
