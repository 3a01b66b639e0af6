"""Which papers are new for which subscription, and which are only revised (pure).

A paper is new for a subscription if its identifier sorts after the subscription's `since` and its destination
has not seen it; any other match that changed is a revision. arXiv assigns a number when it announces a paper,
so this needs no clock: a paper that moderators held for weeks still gets a high number, and a new version of
an old paper keeps a low one.

arXiv announces a few papers late, with a low number (13 of 30,181 measured). So the comparison has a margin
of 3,000 numbers: below `since` but within the margin, a paper is new if its query *first* matches it after
the subscription was added. The stored matches tell which papers of the margin are old. The table `seen`
cannot, because it belongs to the whole destination: a paper that is old for the keyword added this morning
may be new, and not yet posted, for the keyword added last year. What is announced late is a first version.

A paper above `since` that first matches in a later version, perhaps years after its submission, is new.

Further decisions, each tested:

- A destination gets a paper once, however many of its keywords match. Keywords that bring it in the same
  round all get their way: a live and a digest keyword together deliver it live and in a digest, like `both`.
  In later rounds the paper counts as seen: what was in a digest is not posted live afterwards.
- A paused subscription, and one without a baseline (`since` None), find nothing new.
- A revision is announced if a subscription asks for revisions, even of papers below `since`, and of papers
  that the store does not know: every version that arXiv shows only since the subscription counts. A version
  that was there before does not, which its date and the polls since then tell (`is_new_version`). What was
  submitted before the deadline of the latest announcement, and appears before the first poll of the query,
  counts as there before.
- A journal reference, DOI or withdrawal without a new version is not a revision. It is not announced, but
  posts are edited if a subscription asks for revisions (`amended`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from bot.model.outbox import EditSubject, Kind, PaperMark, PaperSubject
from bot.model.papers import NUMBERS_A_MONTH, Paper, PaperId
from bot.model.subscriptions import Deliver, Options

MARGIN = 3_000
"""How many numbers below `since` a paper may still be new: those of two announcements."""
_LONGEST_LAG = timedelta(days=7)  # all but a few per thousand


@dataclass(frozen=True, slots=True)
class Interest:
    """The parts of a subscription that decide on newness.

    `margin` is False until the old papers within the margin are known. `behind` means that its query missed
    several announcements, which all come at once now. `away` means that the bot was not in its server at some
    moment of this poll. `began` is the time of its baseline, None until a poll has completed that. At that
    time arXiv showed no version that was submitted after `deadline`. `polled` tells whether an earlier poll
    of its query has been completed since then.
    """

    destination: int
    options: Options
    since: PaperId | None
    margin: bool = True
    behind: bool = False
    away: bool = False
    began: datetime | None = None
    deadline: datetime | None = None
    polled: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """A paper that matches the query of *interest*.

    `first` means that the query never matched it before, `revised` that an earlier version was known, `seen`
    that the destination already got it. `updated` is when its version was submitted.
    """

    interest: Interest
    paper: PaperId
    version: int
    categories: tuple[str, ...]
    primary_category: str
    first: bool
    revised: bool
    seen: bool
    updated: datetime | None = None


@dataclass(frozen=True, slots=True)
class Intent:
    """*destination* should get *paper*: as a post (`live`), in its next digest (`digest`), or both.

    `bot.rules.pace` may still change that: `overflow` marks a post that goes into a digest or list instead,
    `held` one that is held back. `mark` says that it is one of the best of its day, `beyond_best` that it is
    not one of so many best and waits for that reason, and `score` how close it is to the channel.
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
    mark: PaperMark | None = None
    beyond_best: int = 0
    score: float | None = None

    @property
    def subject(self) -> PaperSubject:
        return PaperSubject(self.paper, self.version)


def margin_floor(since: PaperId, highest: Mapping[int, int]) -> int:
    """Return the serial (`PaperId.serial`) above which a paper may be new: 3,000 numbers below *since*.

    *highest* maps a month (`PaperId.month`) to the highest number known in it. Below the first number of a
    month, the margin continues at the highest number of the previous month, if one is known. Old-style
    identifiers are no longer announced and have no margin.
    """
    month = since.month
    if month is None:
        return since.serial
    number, left = since.number, MARGIN
    while number < left and (previous := highest.get(month - 1)) is not None:
        month, number, left = month - 1, previous, left - number
    return month * NUMBERS_A_MONTH + max(number - left, 0)


def wants(options: Options, categories: Sequence[str], primary_category: str) -> bool:
    """Tell whether *options* admit a paper of these categories; an archive (`cs`) includes `cs.LG`."""
    if not options.categories:
        return True
    listed = categories if options.cross_lists else (primary_category,)
    return any(
        category == chosen or category.startswith(f"{chosen}.")
        for chosen in options.categories
        for category in listed
    )


def is_new(candidate: Candidate, floor: int | None) -> bool:
    """Tell whether the paper is new; *floor* is the subscription's `margin_floor`, None without a margin."""
    since = candidate.interest.since
    if candidate.seen or since is None:
        return False
    if candidate.paper > since:
        return True
    # What is known or has later versions was announced long ago.
    late = candidate.first and not candidate.revised and candidate.version == 1
    return floor is not None and late and candidate.paper.serial > floor


def is_new_version(candidate: Candidate) -> bool:
    """Tell whether arXiv shows the paper's version only since the subscription's baseline.

    Where no earlier version was known, the date of this one tells: arXiv shows a version with the first
    announcement after its submission, or some days later. In between, an earlier poll would have seen it.
    """
    if candidate.revised:
        return True
    interest, updated = candidate.interest, candidate.updated
    if not candidate.first or candidate.version == 1 or interest.began is None or updated is None:
        return False
    return updated > (
        interest.began - _LONGEST_LAG if interest.polled else interest.deadline or interest.began
    )


def is_postponed(candidate: Candidate) -> bool:
    """Tell whether to leave the paper to the next poll, which finds it again and posts everything in order.

    The next poll would not find a late or a revised paper again.
    """
    since = candidate.interest.since
    return candidate.interest.away and since is not None and candidate.paper > since


def decide(candidates: Iterable[Candidate], highest: Mapping[int, int]) -> list[Intent]:
    """Return what each destination should get: at most one intent for each paper, ordered by identifier."""
    floors: dict[PaperId, int] = {}
    intents: dict[tuple[int, PaperId], Intent] = {}
    for candidate in candidates:
        interest = candidate.interest
        if is_postponed(candidate):
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
        elif interest.options.revisions and is_new_version(candidate):
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
    """Combine the intents of two keywords; a paper that is new for one is not a revision for the other."""
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
    """The details of a paper that are worth updating in a post, and its version."""

    version: int
    journal_ref: str | None
    doi: str | None
    withdrawn: bool

    @classmethod
    def of(cls, paper: Paper) -> Self:
        return cls(paper.version, paper.journal_ref, paper.doi, paper.withdrawn)


def amended(before: Facts, after: Facts) -> bool:
    """Tell whether a post of the paper is out of date; a new version is a revision instead."""
    return before.version == after.version and before != after


def completes(before: Paper, after: Paper) -> bool:
    """Tell whether a post of *before*, whose text was provisional, is out of date since *after* is known."""
    return before.version == after.version and before != after


def edit_subject(paper: Paper) -> EditSubject:
    """Return the subject of the edit that updates posts of *paper*; equal facts give the same subject."""
    facts = repr((paper.journal_ref, paper.doi, paper.withdrawn))
    return EditSubject(paper.id, paper.version, hashlib.sha256(facts.encode()).hexdigest()[:8])
