"""Chooses the best papers of what an answer brings, before it is recorded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.arxiv.calendar import last_announced
from bot.model.papers import Match, Paper, PaperId
from bot.model.subscriptions import Deliver
from bot.polling.parsed_queries import ParsedQueries
from bot.relevance.interests import Interests
from bot.relevance.scoring import Scoring
from bot.rules.choice import Choice, Places, ScoredPaper, choose, explained, together
from bot.rules.newness import MARGIN, wants
from bot.rules.pace import Pace
from bot.store.choices import ChoiceFacts, Subscriber
from bot.store.store import Store


class Chooser:
    """Scores the papers that are new to channels by the channels' interests. Owns none of its parts."""

    def __init__(self, store: Store, interests: Interests, queries: ParsedQueries) -> None:
        self._store = store
        self._interests = interests
        self._queries = queries

    async def choose(
        self, papers: Sequence[Paper], matches: Sequence[Match], now: datetime, pace: Pace
    ) -> Choice:
        """Return the best of *papers* for each channel, and what waits where its cap is short.

        *pace* is that of the poll. Which papers are new is decided when they are recorded; a choice of one
        that is not counts for nothing.
        """
        if not matches:
            return Choice()
        announced = last_announced(now)
        facts = await self._store.choices.facts(
            {match.query for match in matches},
            [paper.id for paper in papers],
            announced=announced,
            now=now,
            default_cap=pace.cap,
        )
        by_id = {paper.id: paper for paper in papers}
        scoring = await self._interests.scoring()
        choices = [
            await self._choose(destination, wanted, scoring, by_id, facts.places.get(destination, Places()))
            for destination, wanted in _wanted(by_id, matches, facts, pace).items()
        ]
        return together(choices, announced)

    async def _choose(
        self,
        destination: int,
        wanted: _Wanted,
        scoring: Scoring,
        by_id: dict[PaperId, Paper],
        places: Places,
    ) -> Choice:
        learnt = await self._interests.of_channel(destination)
        papers = [by_id[paper] for paper in wanted.live]
        queries = [self._queries[query] for query in sorted(wanted.queries)]
        scores = await scoring.scores(learnt, papers, queries)
        scored = [
            ScoredPaper(paper, scores[paper], live, wanted.behind[paper])
            for paper, live in wanted.live.items()
        ]
        choice = choose(destination, scored, places)
        if not learnt.is_enough:
            return choice
        marked = [by_id[paper] for _, paper in choice.marks]
        return explained(choice, await scoring.reasons(learnt, marked))


class _Wanted:
    """The papers that may be new to a channel: whether they are live or catch up, and why they match."""

    def __init__(self) -> None:
        self.live: dict[PaperId, bool] = {}
        self.behind: dict[PaperId, bool] = {}
        self.queries: set[str] = set()


def _may_be_new(paper: Paper, subscriber: Subscriber, facts: ChoiceFacts) -> bool:
    """Tell whether *paper* may be new to *subscriber*; `bot.rules.newness` decides when it is recorded."""
    serial = paper.id.serial
    if serial > subscriber.since_serial:
        return True
    late = paper.version == 1 and (subscriber.query, paper.id) not in facts.matched
    return subscriber.margin and late and serial > subscriber.since_serial - MARGIN


def _wanted(
    by_id: dict[PaperId, Paper], matches: Sequence[Match], facts: ChoiceFacts, pace: Pace
) -> dict[int, _Wanted]:
    subscribers: dict[str, list[int]] = {}
    for number, one in enumerate(facts.subscribers):
        subscribers.setdefault(one.query, []).append(number)
    found: dict[int, _Wanted] = {}
    for match in matches:
        paper = by_id[match.paper]
        for number in subscribers.get(match.query, ()):
            one = facts.subscribers[number]
            if (one.destination, paper.id) in facts.seen or not _may_be_new(paper, one, facts):
                continue
            if wants(one.options, paper.categories, paper.primary_category):
                wanted = found.setdefault(one.destination, _Wanted())
                live = one.options.deliver is not Deliver.DIGEST
                wanted.live[paper.id] = wanted.live.get(paper.id, False) or live
                behind = pace.is_behind(one.last_polled)
                wanted.behind[paper.id] = wanted.behind.get(paper.id, True) and behind
                wanted.queries.add(match.query)
    return found
