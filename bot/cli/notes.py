"""Notes on stderr about keywords that probably mean something else. Imports little, for `match`."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from bot.query.alternatives import alternatives
from bot.query.query import Query


def notes_on(queries: Sequence[Query]) -> Iterator[str]:
    """Yield a line for each keyword with operators of other search engines, with what to write instead."""
    for query in queries:
        for other in alternatives(query, found=True).values():
            written = shlex.quote(other)
            yield f"Note: “{query.typed}” is read as a phrase; to combine its words, write {written}"
