"""Which papers are new for which subscription, and which are only revised (pure).

A paper is new for a subscription when its identifier sorts after the subscription's `since` and its
destination has not seen it; anything else that matches and changed is a revision. arXiv gives a paper its
number when it announces it, so no clock is needed: what moderation held for weeks still comes with a high
number, and an old paper's new version still has a low one.

A few papers are announced late with a low number (13 of 30,181 measured). Therefore the comparison has a
margin of 3,000 numbers: below `since`, but within the margin, a paper is new when its query *first* matches
it after the subscription was made. The architecture puts what the margin holds at that moment into `seen`;
here the stored matches remember it instead, because `seen` belongs to the whole destination: a paper that is
old news for the keyword added this morning may still be unposted news for the keyword added last year.

Other decisions taken here, each tested:

- A paper comes once to a destination, whatever the number of keywords. Those that bring it in the same round
  each have their way: a live and a digest keyword together are once live and once in a digest, as `both` is.
  Whatever comes in a later round finds it seen: what was in a digest is not posted live afterwards.
- A paused subscription and one without a baseline (`since` None) find nothing new.
- A revision is announced where a subscription asks for revisions, also of papers older than `since`.
- A journal reference, DOI or withdrawal that comes without a new version is no revision: it is not announced,
  but the post is edited where a subscription asks for revisions (`amended`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from bot.model.outbox import EditSubject, Kind, PaperSubject
from bot.model.papers import NUMBERS_A_MONTH, Paper, PaperId
from bot.model.subscriptions import Deliver, Options

MARGIN = 3_000
"""How many numbers below `since` a paper may still be new: two announcement days' worth."""


@dataclass(frozen=True, slots=True)
class Interest:
    """What newness needs of a subscription; `margin` is False until it is known what the margin holds.

    `behind`: its query was not polled for several announcements, all of which come at once now. `away`: the
    bot was not in its server at some moment of this poll.
    """

    destination: int
    options: Options
    since: PaperId | None
    margin: bool = True
    behind: bool = False
    away: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """A paper that matches the query of *interest*.

    `first`: the query never matched this paper before; `revised`: an earlier version was known; `seen`: the
    destination has had it.
    """

    interest: Interest
    paper: PaperId
    version: int
    categories: tuple[str, ...]
    primary_category: str
    first: bool
    revised: bool
    seen: bool


@dataclass(frozen=True, slots=True)
class Intent:
    """*destination* shall get *paper*: as a post (`live`), in its next digest (`digest`), or both.

    `bot.rules.pace` has the last word: `overflow` is a post that goes into a digest or list instead, `held`
    neither yet.
    """

    destination: int
    paper: PaperId
    version: int
    kind: Kind
    live: bool
    digest: bool
    behind: bool = False
    overflow: bool = False
    held: bool = False

    @property
    def subject(self) -> PaperSubject:
        return PaperSubject(self.paper, self.version)


def margin_floor(since: PaperId, highest: Mapping[int, int]) -> int:
    """Return the serial above which a paper may be new: 3,000 numbers below *since*.

    *highest* maps a month (`PaperId.month`) to the highest number known in it; below the first number of a
    month the margin goes on at the highest of the month before, and ends where none is known. Old-style
    identifiers are never announced again and have no margin.
    """
    month = since.month
    if month is None:
        return since.serial
    number, left = since.number, MARGIN
    while number < left and (previous := highest.get(month - 1)) is not None:
        month, number, left = month - 1, previous, left - number
    return month * NUMBERS_A_MONTH + max(number - left, 0)


def wants(options: Options, categories: Sequence[str], primary_category: str) -> bool:
    """Tell whether the chosen categories admit a paper; an archive (`cs`) covers its subjects (`cs.LG`)."""
    if not options.categories:
        return True
    listed = categories if options.cross_lists else (primary_category,)
    return any(
        category == chosen or category.startswith(f"{chosen}.")
        for chosen in options.categories
        for category in listed
    )


def is_new(candidate: Candidate, floor: int | None) -> bool:
    """Tell whether the paper is new; *floor* is `margin_floor` of the subscription, None without a margin."""
    since = candidate.interest.since
    if candidate.seen or since is None:
        return False
    if candidate.paper > since:
        return True
    late = candidate.first and not candidate.revised  # a version known before is no late announcement
    return floor is not None and late and candidate.paper.serial > floor


def is_put_off(candidate: Candidate) -> bool:
    """Tell whether the paper is left to the next poll, which finds it again and posts all in order.

    It would not find a late or a revised paper again.
    """
    since = candidate.interest.since
    return candidate.interest.away and since is not None and candidate.paper > since


def decide(candidates: Iterable[Candidate], highest: Mapping[int, int]) -> list[Intent]:
    """Return what each destination shall get, at most one intent a paper, in the order of identifiers."""
    floors: dict[PaperId, int] = {}
    intents: dict[tuple[int, PaperId], Intent] = {}
    for candidate in candidates:
        interest = candidate.interest
        if is_put_off(candidate):
            continue
        if not wants(interest.options, candidate.categories, candidate.primary_category):
            continue
        floor = None
        if interest.margin and interest.since is not None and candidate.first:
            if interest.since not in floors:
                floors[interest.since] = margin_floor(interest.since, highest)
            floor = floors[interest.since]
        if is_new(candidate, floor):
            kind = Kind.PAPER
        elif candidate.revised and interest.options.revisions:
            kind = Kind.REVISION
        else:
            continue
        key = (interest.destination, candidate.paper)
        intents[key] = _merged(intents.get(key), _intent(candidate, kind))
    return sorted(intents.values(), key=lambda intent: (intent.paper.serial, intent.destination))


def _intent(candidate: Candidate, kind: Kind) -> Intent:
    deliver = candidate.interest.options.deliver
    return Intent(
        destination=candidate.interest.destination,
        paper=candidate.paper,
        version=candidate.version,
        kind=kind,
        live=deliver is not Deliver.DIGEST,
        digest=deliver is not Deliver.LIVE,
        behind=candidate.interest.behind,
    )


def _merged(one: Intent | None, other: Intent) -> Intent:
    """Unite what two keywords ask for; a paper that is new for one of them is no revision for the other."""
    if one is None or (one.kind is not other.kind and other.kind is Kind.PAPER):
        return other
    if one.kind is not other.kind:
        return one
    return Intent(
        destination=one.destination,
        paper=one.paper,
        version=one.version,
        kind=one.kind,
        live=one.live or other.live,
        digest=one.digest or other.digest,
        behind=one.behind and other.behind,
    )


# --- what changes without a new version --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Facts:
    """What of a paper is worth telling when it changes, and its version."""

    version: int
    journal_ref: str | None
    doi: str | None
    withdrawn: bool

    @classmethod
    def of(cls, paper: Paper) -> Self:
        return cls(paper.version, paper.journal_ref, paper.doi, paper.withdrawn)


def amended(before: Facts, after: Facts) -> bool:
    """Tell whether a post of the paper says too little, or what no longer holds; a new version is no edit."""
    return before.version == after.version and before != after


def edit_subject(paper: Paper) -> EditSubject:
    """Return the subject of the edit that makes posts show the facts of *paper*: the same facts, one edit."""
    facts = repr((paper.journal_ref, paper.doi, paper.withdrawn))
    return EditSubject(paper.id, paper.version, hashlib.sha256(facts.encode()).hexdigest()[:8])
