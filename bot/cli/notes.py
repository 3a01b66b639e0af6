"""Notes on stderr about keywords that mean less than they say, or something else.

Imports little, for `match`.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from bot.query.alternatives import alternatives
from bot.query.query import Query


def notes_on(queries: Sequence[Query]) -> Iterator[str]:
    """Yield a line for each keyword of which something is left out, with what is looked for.

    Also one for each with operators of other search engines, with what to write instead.
    """
    for query in queries:
        if query.remark:
            yield f"Note: “{query.typed}”: {query.remark}"
        for other in alternatives(query, found=True).values():
            written = shlex.quote(other)
            yield f"Note: “{query.typed}” is read as a phrase; to combine its words, write {written}"
