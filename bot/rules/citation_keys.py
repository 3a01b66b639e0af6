"""Which BibTeX key a paper gets, so that a key that a person was once given stays theirs and the paper's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping

from bot.model.papers import PaperId

MOST_KEPT = 10_000
"""The keys that are kept for a person; each takes about a hundred bytes."""


def assign_keys(
    plain: Mapping[PaperId, str],
    given: Mapping[PaperId, str],
    *,
    taken: Collection[str] = (),
    room: int = MOST_KEPT,
) -> dict[PaperId, str]:
    """Return a key for each paper in *plain*: the one that it was *given* before, or a new one.

    *plain* are the keys that the papers would have alone, *taken* those that the person has for any paper. A
    new key that is taken, or that papers would share, gets the paper's identifier appended.

    The first *room* new keys are to be kept. Those beyond are made from the identifier alone, which needs no
    memory: no other paper has such a key, and the paper gets it again, whatever its title is by then.
    """
    new = [paper for paper in plain if paper not in given]
    times = Counter({*taken, *given.values()})
    times.update(plain[paper] for paper in new[:room])
    # Plain keys have no colon, so an extended key never equals a plain one.
    keys = {
        paper: _extended(plain[paper], paper) if times[plain[paper]] > 1 else plain[paper]
        for paper in new[:room]
    }
    keys |= {paper: _extended("arxiv", paper) for paper in new[room:]}
    return {paper: given.get(paper) or keys[paper] for paper in plain}


def _extended(key: str, paper: PaperId) -> str:
    return f"{key}:{paper.text.replace('/', '-')}"
