"""What to do with the records of a harvest: which papers to ask the query API for, which tell enough (pure).

A record is a paper that changed: it is new, has a new version, or was only edited. The query API's text is
what matching and posts are made for, so new papers and versions are asked for there. An edit costs a request
only where it changes what the bot shows of a stored paper. Of papers that are not stored, the record itself
is matched: almost none of them match, and those that do are asked for afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.model.papers import Paper, PaperId

_LAG = timedelta(days=5)
"""How long after its submission a version is announced, but for one or two in a hundred."""
_OLDEST = timedelta(days=90)
"""Papers that were submitted earlier are not looked at again; the query API is not asked for them either."""


@dataclass(frozen=True, slots=True)
class KnownPaper:
    """A stored paper; the text of a *provisional* one is not the query API's."""

    paper: Paper
    provisional: bool = False


@dataclass(slots=True)
class SortedRecords:
    """The papers of some records.

    `wanted` are new, or have a new version. `edited` are stored and shown differently now; they are the
    stored ones with what the record says. `told` need nothing else: what is shown of a stored one is the same
    as before, and the others are as the record shows them. `provisional` names those of `edited` and `told`
    whose text is not the query API's.
    """

    wanted: list[Paper] = field(default_factory=list)
    edited: list[Paper] = field(default_factory=list)
    told: list[Paper] = field(default_factory=list)
    provisional: set[PaperId] = field(default_factory=set)


def sort_records(
    papers: Iterable[Paper],
    *,
    known: Mapping[PaperId, KnownPaper],
    read: Mapping[PaperId, int],
    since: datetime,
) -> SortedRecords:
    """Return the *papers* of records by what to do with them.

    *known* are those that are stored, and *read* has the versions that earlier harvests read. *since* is the
    first moment of the harvest.
    """
    result = SortedRecords()
    for paper in papers:
        stored = known.get(paper.id)
        if stored is not None and stored.paper.version > paper.version:
            continue
        if stored is not None and stored.paper.version == paper.version:
            _compare(stored, paper, result)
        elif read.get(paper.id, 0) < paper.version and paper.updated >= since - _LAG:
            result.wanted.append(paper)
        elif stored is not None or paper.published >= since - _OLDEST:
            result.told.append(paper)
            result.provisional.add(paper.id)
    return result


def _compare(stored: KnownPaper, paper: Paper, result: SortedRecords) -> None:
    before = stored.paper
    told = replace(
        before,
        comment=paper.comment,
        journal_ref=paper.journal_ref,
        doi=paper.doi,
        withdrawn=paper.withdrawn,
        categories=_in_order(before.categories, paper.categories),
    )
    same_text = (paper.title, paper.abstract) == (before.title, before.abstract)
    if told == before and same_text:
        result.told.append(before)
        if stored.provisional:
            result.provisional.add(paper.id)
    else:
        result.edited.append(told)
        result.provisional.add(paper.id)


def _in_order(before: tuple[str, ...], now: tuple[str, ...]) -> tuple[str, ...]:
    """Return *now*, in the order of *before* where both are the same: interfaces order differently."""
    return before if set(before) == set(now) else now
