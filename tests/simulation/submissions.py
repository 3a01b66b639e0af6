"""Papers as authors submit them and arXiv announces them, with topics that are known without the bot."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import accumulate
from random import Random

from bot.arxiv.calendar import EASTERN
from bot.model.papers import Paper, PaperId

_DAY = timedelta(days=1)
_EVENING, _DEADLINE = time(20), time(14)
_FRIDAY, _SATURDAY = 4, 5
# Not the bot's own list, which is under test: evenings of late 2026 without an announcement.
_HOLIDAYS = frozenset({date(2026, 11, 26), date(2026, 12, 25), date(2026, 12, 29), date(2026, 12, 31)})
_OLD_ENOUGH = 3 * _DAY  # between two versions
_LATE = 0.0005  # of the new papers have a number that was left free the day before
_SECOND_THOUGHTS = 0.02  # of the new versions are on a further topic
# How long papers wait for their announcement after the deadline: days at most, and their share.
_HELD = ((1, 0.90), (4, 0.085), (13, 0.014), (70, 0.001))

_CATEGORIES: Mapping[str, int] = {
    "cs.LG": 150,
    "cs.CV": 140,
    "cs.CL": 120,
    "cs.AI": 90,
    "cs.RO": 60,
    "cs.CR": 40,
    "cs.SE": 40,
    "cs.IT": 25,
    "cs.HC": 25,
    "cs.DS": 20,
    "cs.DC": 20,
    "cs.NI": 15,
    "cs.SD": 15,
    "cs.CY": 15,
    "cs.LO": 10,
    "math.AP": 35,
    "math.NA": 30,
    "math.CO": 30,
    "math.PR": 25,
    "math.OC": 25,
    "math.AG": 20,
    "math.NT": 20,
    "quant-ph": 70,
    "cond-mat.mtrl-sci": 35,
    "cond-mat.mes-hall": 25,
    "cond-mat.str-el": 20,
    "hep-th": 35,
    "astro-ph.GA": 30,
    "astro-ph.HE": 25,
    "astro-ph.CO": 20,
    "hep-ph": 35,
    "hep-ex": 10,
    "gr-qc": 25,
    "physics.optics": 25,
    "physics.flu-dyn": 20,
    "physics.chem-ph": 12,
    "eess.SP": 25,
    "eess.SY": 25,
    "eess.IV": 15,
    "stat.ML": 20,
    "stat.ME": 25,
    "math-ph": 15,
    "q-bio.NC": 8,
    "econ.GN": 8,
    "nucl-th": 10,
    "q-fin.ST": 5,
    "nlin.CD": 6,
    "hep-lat": 5,
}
_NAMES_OF_CATEGORIES, _SHARES = tuple(_CATEGORIES), tuple(accumulate(_CATEGORIES.values()))
_CONSONANTS, _VOWELS = "bdfgklmnprtvz", "aeiou"
# None of these is in a topic. Some are TeX where only OAI-PMH or the feeds show them.
_FILLERS = (
    *("bounds", "for", "sparse", "models", "with", "noise", "in", "fast", "flows", "and", "maps", "under"),
    *("weak", "priors", "of", "large", "graphs", "at", "scale", "via", "robust", "transport", "on", "thin"),
    *("surfaces", "from", "few", "samples", "by", "means", "of", "deep", "search", "in", "many", "steps"),
    *("Schrödinger", "Poincaré", "γ-rays", "$\\ell_1$", "x < y", "R&D"),
)
_NAMES = ("Ada Miller", "Bo Łukasz", "Chen Wei", "Dana Smith", "Eve O'Neil", "Femi Ade", "Gil García")


def topics_of(chance: Random, count: int) -> list[str]:
    """Return *count* topics: phrases of two invented words, each word in one topic only.

    No rule of a stemmer changes words that end in k.
    """
    found: dict[str, None] = {}
    while len(found) < 2 * count:
        syllables = (chance.choice(_CONSONANTS) + chance.choice(_VOWELS) for _ in range(3))
        found["".join(syllables) + "k"] = None
    words = list(found)
    return [f"{one} {other}" for one, other in zip(words[::2], words[1::2], strict=True)]


def evenings(first: date) -> Iterator[datetime]:
    """Yield when arXiv announces, from the day *first* on."""
    day = first
    while True:
        if day.weekday() not in {_FRIDAY, _SATURDAY} and day not in _HOLIDAYS:
            yield datetime.combine(day, _EVENING, EASTERN)
        day += _DAY


@dataclass(frozen=True)
class Announced:
    """A *paper* that arXiv announces, and what it is about; it is `old` if it was before anybody asked."""

    paper: Paper
    topics: frozenset[str]
    old: bool = False


class Submissions:
    """What is announced evening by evening: *new* papers and as many *replaced* ones, each on a topic."""

    def __init__(self, chance: Random, topics: Sequence[str], *, new: int, replaced: int) -> None:
        self._chance = chance
        self._topics = topics
        self._new, self._replaced = new, replaced
        self._months: dict[str, int] = {}
        self._free: list[PaperId] = []
        # By when each may get its next version; old papers take turns with those of these days.
        self._waiting: deque[tuple[datetime, Announced]] = deque()
        self._archive: deque[Announced] = deque()

    def archive(self, count: int, now: datetime) -> list[Paper]:
        """Return *count* papers of earlier years, of which some get new versions later."""
        for number in range(1, count + 1):
            paper = self._write(PaperId(f"2401.{number:05d}"), now - timedelta(days=900), self._topic())
            self._archive.append(replace(paper, old=True))
        return [each.paper for each in self._archive]

    def evening(self, at: datetime) -> list[Announced]:
        """Return what is announced from *at* on, in the order of numbers."""
        deadline = datetime.combine(at.astimezone(EASTERN).date(), _DEADLINE, EASTERN)
        replaced = [self._revise(each, deadline) for each in self._due(at)]
        new = [self._write(number, self._submitted(deadline), self._topic()) for number in self._numbers(at)]
        self._waiting.extend((at + _OLD_ENOUGH, each) for each in [*new, *replaced] if not each.old)
        self._archive.extend(each for each in replaced if each.old)
        return sorted([*new, *replaced], key=lambda each: each.paper.id.text)

    def touched(self, count: int) -> list[PaperId]:
        """Return some papers that somebody edits without changing what is shown."""
        some = self._chance.sample(range(len(self._waiting)), min(count, len(self._waiting)))
        return [self._waiting[number][1].paper.id for number in some]

    def _due(self, at: datetime) -> list[Announced]:
        found: list[Announced] = []
        while len(found) < self._replaced and (self._waiting or self._archive):
            ready = bool(self._waiting) and self._waiting[0][0] <= at
            if ready and (self._chance.random() < 0.8 or not self._archive):
                found.append(self._waiting.popleft()[1])
            elif self._archive:
                found.append(self._archive.popleft())
            else:
                break
        return found

    def _numbers(self, at: datetime) -> list[PaperId]:
        """Return the numbers of an evening; some come a day late, after higher ones."""
        month = at.astimezone(EASTERN).strftime("%y%m")
        given, self._free = self._free, []
        while len(given) < self._new:
            number = self._months[month] = self._months.get(month, 0) + 1
            late = self._chance.random() < _LATE
            (self._free if late else given).append(PaperId(f"{month}.{number:05d}"))
        return given

    def _topic(self) -> frozenset[str]:
        return frozenset({self._chance.choice(self._topics)})

    def _submitted(self, deadline: datetime) -> datetime:
        share, days = self._chance.random(), 1
        for most, part in _HELD:
            days = most
            share -= part
            if share < 0:
                break
        seconds = self._chance.randrange(round(timedelta(days=days).total_seconds()))
        return deadline - timedelta(seconds=seconds)

    def _write(self, number: PaperId, submitted: datetime, topics: frozenset[str]) -> Announced:
        title, abstract = self._words(4), self._words(14)
        for topic in topics:
            if self._chance.random() < 0.5:
                title = f"{title} {topic}"
            else:
                abstract = f"{abstract} {topic} {self._words(3)}"
        primary = self._category()
        crossed = (self._category() for _ in range(self._chance.choice((0, 0, 1))))
        paper = Paper(
            id=number,
            version=1,
            title=title,
            abstract=f"{abstract}.",
            authors=tuple(self._chance.sample(_NAMES, 2)),
            categories=tuple(dict.fromkeys((primary, *crossed))),
            primary_category=primary,
            published=submitted,
            updated=submitted,
            comment=self._chance.choice((None, "12 pages, 3 figures", "Übersicht")),
        )
        return Announced(paper, topics)

    def _revise(self, before: Announced, deadline: datetime) -> Announced:
        topics, title = before.topics, before.paper.title
        if self._chance.random() < _SECOND_THOUGHTS:
            further = self._chance.choice(self._topics)
            topics, title = topics | {further}, f"{title} and {further}"
        submitted = deadline - timedelta(seconds=self._chance.randrange(20 * 3600))
        paper = replace(before.paper, version=before.paper.version + 1, title=title, updated=submitted)
        return replace(before, paper=paper, topics=topics)

    def _category(self) -> str:
        return self._chance.choices(_NAMES_OF_CATEGORIES, cum_weights=_SHARES)[0]

    def _words(self, count: int) -> str:
        return " ".join(self._chance.choices(_FILLERS, k=count))
