"""`match`: find papers in a file that match a query, offline. Imports little, so that it starts fast."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from bot.cli.notes import notes_on
from bot.cli.terminal import tell
from bot.cli.words import require_words
from bot.model.papers import Paper
from bot.query.matcher import Matcher
from bot.query.query import parse_typed


def matches(papers: Iterable[Paper], texts: Sequence[str]) -> Iterator[str]:
    """Yield a line `QUERY<TAB>IDvN` for each match, in the order of *papers*, then of *texts*.

    Raises:
        QueryError: one of *texts* is not a valid query.
        UserError: one names a paper or a page instead of words.
    """
    for text in texts:
        require_words(text)
    queries = [parse_typed(text) for text in texts]
    for note in notes_on(queries):
        tell(note)
    matcher = Matcher(queries)
    for paper in papers:
        # One at a time: a file may hold several versions of a paper, and a match names no version.
        wanted = {match.query for match in matcher.match([paper])}
        for text, query in zip(texts, queries, strict=True):
            if query.canonical in wanted:
                yield f"{text}\t{paper.versioned}"
