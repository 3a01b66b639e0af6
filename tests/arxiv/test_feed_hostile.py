from __future__ import annotations

import contextlib
import tracemalloc

import pytest

from bot.arxiv.feed import parse
from bot.model.errors import ArxivError, MalformedFeed
from tests.arxiv.arxiv_cases import HOSTILE_FEEDS, hostile_feed
from tests.fakes.atom import atom


@pytest.mark.parametrize("kind", HOSTILE_FEEDS)
def test_a_hostile_feed_takes_little_memory(kind: str) -> None:
    """A few megabytes, whatever the feed repeats: with 32 MiB of content that is below twice its size."""
    limit = 2**17
    content = hostile_feed(kind, limit)
    tracemalloc.start()
    try:
        with contextlib.suppress(ArxivError):
            parse(content)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2**22


@pytest.mark.parametrize("kind", ["deep elements", "flat namespaces", "nested namespaces", "attributes"])
def test_what_no_feed_of_arxiv_holds_is_refused(kind: str) -> None:
    content = atom([]).removesuffix(b"</feed>") + HOSTILE_FEEDS[kind](400_000) + b"</feed>"
    with pytest.raises(MalformedFeed, match="than its feeds ever"):
        parse(content)
