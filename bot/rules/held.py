"""What becomes of papers that were held back because a poll brought far more than usual (pure)."""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.model.papers import PaperId
from bot.model.subscriptions import Deliver, Options
from bot.rules.newness import wants

CONFIRMED_AFTER = timedelta(hours=12)
"""arXiv's lists change once a day: the same list a few minutes later confirms nothing."""

_EDGE = timedelta(days=1)  # arXiv's windows of submission are sharp, its feeds less so


@dataclass(frozen=True, slots=True)
class HeldPaper:
    """A paper held back from a channel since `since`.

    `matched` are the active subscriptions of the channel whose query matches it: the query (canonical text)
    and the options of each.
    """

    id: PaperId
    since: datetime
    published: datetime
    categories: tuple[str, ...]
    primary_category: str
    matched: Mapping[str, Options] = field(default_factory=dict, hash=False)

    @property
    def wanted_by(self) -> dict[str, Options]:
        """Those of `matched` whose chosen categories admit the paper."""
        return {
            query: options
            for query, options in self.matched.items()
            if wants(options, self.categories, self.primary_category)
        }


class Decision(enum.Enum):
    """What a later poll says of a held paper."""

    WAIT = enum.auto()
    LIST = enum.auto()
    DROP = enum.auto()


@dataclass(frozen=True, slots=True)
class Release:
    """The held papers that are posted, and those that go into a digest; a paper may be in both or neither."""

    posts: tuple[PaperId, ...]
    digest: tuple[PaperId, ...]


def release(papers: Iterable[HeldPaper]) -> Release:
    """Return how *papers* arrive now that a manager wants them: as their subscriptions say today.

    A paper that no subscription wants any more is neither posted nor listed.
    """
    posts, digest = [], []
    for paper in papers:
        ways = {options.deliver for options in paper.wanted_by.values()}
        if ways - {Deliver.DIGEST}:
            posts.append(paper.id)
        if ways - {Deliver.LIVE}:
            digest.append(paper.id)
    return Release(tuple(posts), tuple(digest))


def review(
    papers: Iterable[HeldPaper],
    *,
    returned: Collection[PaperId],
    asked: Mapping[str, datetime],
    now: datetime,
) -> dict[PaperId, Decision]:
    """Decide on each of *papers* after a poll that itself brought no more than usual.

    *returned* are the papers that the poll brought. *asked* maps each query that it asked to the submission
    date from which on it asked for all papers.
    """
    return {
        paper.id: judge(
            held_since=paper.since,
            published=paper.published,
            returned=paper.id in returned,
            asked_from=[asked.get(query) for query in paper.wanted_by],
            now=now,
        )
        for paper in papers
    }


def judge(
    *,
    held_since: datetime,
    published: datetime,
    returned: bool,
    asked_from: Sequence[datetime | None],
    now: datetime,
) -> Decision:
    """Decide on one held paper.

    *returned*: the poll brought it again. *asked_from* has, for each query that wants it, the submission date
    from which on the poll asked for all papers, None where it did not ask. A paper is dropped only if every
    query asked for it and none brought it; one submitted earlier waits for a poll that looks back further.
    """
    if now - held_since < CONFIRMED_AFTER:
        return Decision.WAIT
    if returned:
        return Decision.LIST
    asked = [start for start in asked_from if start is not None]
    if asked and len(asked) == len(asked_from) and all(start + _EDGE <= published for start in asked):
        return Decision.DROP
    return Decision.WAIT
