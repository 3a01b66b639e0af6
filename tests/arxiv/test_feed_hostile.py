from __future__ import annotations

import contextlib
import tracemalloc

import pytest

from bot.arxiv.feed import parse
from bot.model.errors import ArxivError, MalformedFeed
from tests.fakes.atom import atom

HOSTILE = {
    "deep elements": lambda n: b"<a>" * n,
    "flat elements": lambda n: b"<a/>" * n,
    "flat elements with text": lambda n: b"<title>x</title>" * (n // 5),
    "nested namespaces": lambda n: b"".join(b'<a xmlns:n%d="u%d">' % (i, i) for i in range(n // 8)),
    "flat namespaces": lambda n: b"".join(b'<a xmlns:n%d="u%d"/>' % (i, i) for i in range(n // 8)),
    "categories": lambda n: b"<entry>" + b'<category term="c"/>' * (n // 8) + b"</entry>",
    "authors": lambda n: b"<entry>" + b"<author><name>A</name></author>" * (n // 10) + b"</entry>",
    "one long text": lambda n: b"<entry><summary>" + b"x" * (4 * n) + b"</summary></entry>",
    "attributes": lambda n: b"<a " + b"".join(b'x%d="" ' % i for i in range(n // 4)) + b"/>",
    "empty entries": lambda n: b"<entry></entry>" * (n // 6),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_feed_takes_little_memory(kind: str) -> None:
    """A few megabytes, whatever the feed repeats: with 32 MiB of content that is below twice its size."""
    limit = 2**18
    content = (atom([]).removesuffix(b"</feed>") + HOSTILE[kind](limit // 4))[: limit - 7] + b"</feed>"
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
    content = atom([]).removesuffix(b"</feed>") + HOSTILE[kind](400_000) + b"</feed>"
    with pytest.raises(MalformedFeed, match="than its feeds ever"):
        parse(content)
