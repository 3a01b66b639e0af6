"""The seam between asking arXiv and storing what it answers (pure).

The poller decides when a query is due, and a round stores papers. Neither knows how arXiv is asked: for
queries (`api_source`), for everything that changed (`harvest_source`, `sweep_source`), or for what was
announced. A source gets one `Request` with all queries that are due. It yields an `Answer` for what it
receives and a `Failure` for what it does not.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol, TypeAlias

from bot.model.errors import ArxivError
from bot.model.papers import Paper, PaperId
from bot.model.polling import CheckedDay, Road
from bot.query.query import Query

Matching: TypeAlias = Callable[[Sequence[Paper]], Awaitable[Collection[PaperId]]]


@dataclass(frozen=True, slots=True)
class DueQuery:
    """A query that is due.

    `since` is the earliest submission or update that is asked for, `revisions` tells whether any subscriber
    wants every new version, and `failures` counts how many times in a row the query has failed before this
    request, as far as it may be the reason. `polled` is when the query was last answered in full, None if it
    never was.
    """

    query: Query
    since: datetime
    revisions: bool = False
    failures: int = 0
    polled: datetime | None = None

    @property
    def canonical(self) -> str:
        return self.query.canonical


@dataclass(frozen=True, slots=True)
class Request:
    """What one round asks a source for: all papers of *queries* up to *now*.

    *matching* returns which of some papers match any query, due or not; None where that cannot be known.
    *most* tells that these are most of the active queries.
    """

    queries: tuple[DueQuery, ...]
    now: datetime
    matching: Matching | None = None
    most: bool = True


@dataclass(frozen=True, slots=True)
class Selection:
    """The queries (canonical texts) by which arXiv selected papers, and the *request* in arXiv's words."""

    queries: frozenset[str]
    request: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Papers, and what is known once they are stored. All queries are named by their canonical text.

    `papers` come in any order; the round matches them with every active query, due or not.

    `submitted_since` maps queries to a time: every paper of the query that was submitted from then on has
    been yielded by now. What was held back and is missing from such a list may be dropped.

    `completed` names the queries that are answered in full: their new papers, and their revisions where they
    are wanted. They are recorded as polled in the transaction that stores the last of `papers`.

    `selection` is set where arXiv selected the papers by queries. A paper that none of those queries matches
    here is then a discrepancy, which is counted and logged. It is None where the source reads everything.

    `more` says that the rest of this answer follows. Only the last part counts as a success, after which the
    earlier failures of the queries in all its parts are forgotten.

    `stored` tells that the papers are stored already. They are stored again, also where no query matches any
    more.

    `road` is the one by which arXiv was asked, None where there is only one.

    `provisional` names the papers whose text is not the query API's, and `harvested` the versions that have
    been read now, of `papers` and of papers that need not be stored. `until` is set where everything has been
    read that changed before a day (UTC): the next harvest begins on it. `checked` says how much of a day's
    announcement has been read, and `days` what is known of the days up to it (`AnnouncedDays`, as text).
    """

    papers: Sequence[Paper] = ()
    submitted_since: Mapping[str, datetime] = field(default_factory=dict)
    completed: Collection[str] = ()
    selection: Selection | None = None
    more: bool = False
    provisional: Collection[PaperId] = ()
    harvested: Mapping[PaperId, int] = field(default_factory=dict)
    until: date | None = None
    stored: bool = False
    road: Road | None = None
    checked: CheckedDay | None = None
    days: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """An attempt that failed because of *error*.

    `queries` (canonical texts) are those that may be to blame; it is empty where the attempt did not depend
    on any query. `final` says that the source gives these queries up in this round; otherwise it tries them
    again, for instance in smaller groups. `blamed` is False where the error is arXiv's, whatever it was asked
    for: then smaller groups would not help in later rounds either.
    """

    queries: tuple[str, ...]
    error: ArxivError
    final: bool = True
    blamed: bool = True


class Source(Protocol):
    """A way to get the papers of many queries from arXiv.

    To write another one, implement `ask` as an asynchronous generator:

    1. Yield an `Answer` as soon as papers have arrived. The round stores each before it asks for the next, so
       what was yielded survives whatever fails later. An answer may serve one query, some, or all at once: a
       harvest yields page after page with `more=True`, and names every query of the request in `completed`
       with its last page.
    2. Name a query in `completed` only when nothing of it can be missing. A query that is never named is
       still due, and is asked for again.
    3. Catch every `ArxivError` and yield it as a `Failure`. Any other exception is a bug and may pass.
    4. Do not decide whether arXiv is down. The round judges that by the answers and failures
       (`bot.polling.health`), and closes the generator when asking on would be of no use.

    All requests go through arXiv's one gate. A source stores nothing and sends nothing.
    """

    @property
    def requests(self) -> int:
        """How many requests to arXiv have been made since the process started."""
        ...

    def ask(self, request: Request) -> AsyncGenerator[Answer | Failure, None]:
        """Yield the answers to *request*, and its failures; at the end every query has been tried."""
        ...
