"""How well people of one name are told apart and followed, measured on 50 names that several people have.

`homonyms.jsonl` holds for each name up to eight people, and up to six papers of each: a number, the year, the
areas (named as arXiv's categories), and up to twelve authors. Who wrote what was decided in two ways:

- For 46 names, all of the family Wang, which is as hard as it gets, by INSPIRE's curators and the authors
  themselves, as published with https://github.com/inspirehep/beard (metadata, CC0). The numbers of people and
  papers are those of INSPIRE's records.
- Four names are from arXiv's recorded answers. `decided` says how: different given names or second initials
  are different people, and papers with the same co-authors are by one. So these are easy, and no others in
  those answers are certain: six of the 320 papers name an affiliation.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.model.papers import Paper, PaperId
from bot.query.person_names import PersonName, author_as, read_name
from bot.query.text import analyze_paper
from bot.ranking.authors import AuthorQuery, Guard, Namesakes
from bot.ranking.homonyms import Signature, same_person

_TABLE = Path(__file__).with_name("homonyms.jsonl")
_LONGEST = 500  # of a query, as in the default configuration


@dataclass(frozen=True)
class LabelledName:
    """A *name*, and the papers by it, newest first, each with the number of its person."""

    name: str
    papers: tuple[tuple[Paper, int], ...]

    @property
    def readings(self) -> tuple[PersonName, ...]:
        return read_name(self.name)

    def signatures(self) -> list[Signature]:
        return [_signature(paper, self.readings[0]) for paper, _person in self.papers]

    def people(self) -> list[int]:
        return [person for _paper, person in self.papers]

    def earlier(self) -> frozenset[PaperId]:
        """Return the older half of each person's papers, and the one in the middle."""
        found: set[PaperId] = set()
        for person in set(self.people()):
            oldest_first = sorted(paper.id for paper, who in self.papers if who == person)
            found.update(oldest_first[: (len(oldest_first) + 1) // 2])
        return frozenset(found)


@dataclass
class Followed:
    """What queries for people bring: papers by them, *wrong* ones, and how many of theirs are *missed*."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    def __str__(self) -> str:
        precision, recall = self.right / (self.right + self.wrong), self.right / (self.right + self.missed)
        counts = f"{self.right} right, {self.wrong} wrong, {self.missed} missed"
        return f"{counts}; precision {precision:.2f}, recall {recall:.2f}"


def labelled() -> list[LabelledName]:
    lines = _TABLE.read_text(encoding="utf-8").splitlines()
    return [_read(json.loads(line)) for line in lines]


def _read(row: dict[str, Any]) -> LabelledName:
    """Return a name of the table; its papers are numbered as arXiv would number them."""
    entries = {
        str(number): (year, areas, names, person["person"])
        for person in row["people"]
        for number, year, areas, names in person["papers"]
    }
    oldest_first = sorted(entries, key=lambda number: (entries[number][0], float(number)))
    papers = []
    for place, number in enumerate(oldest_first, 1):
        year, areas, names, person = entries[number]
        day, categories = datetime(year, 1, 1, tzinfo=UTC), tuple(areas.split())
        paper = Paper(
            PaperId(f"2001.{place:05d}"),
            1,
            "",
            "",
            tuple(names.split("; ")),
            categories,
            categories[0],
            day,
            day,
        )
        papers.append((paper, person))
    return LabelledName(row["name"], tuple(reversed(papers)))


def _signature(paper: Paper, name: PersonName) -> Signature:
    can_be = [(one, author) for author in paper.authors if (one := author_as(author, name)) is not None]
    fullest, author = max(can_be, key=lambda pair: sum(map(len, pair[0].given)))
    return Signature(paper, author, fullest)


def test_people_of_one_name_are_told_apart_as_well_as_measured() -> None:
    right = close = wrong = papers = 0
    names = labelled()
    for one in names:
        people, groups = one.people(), same_person(one.signatures())
        off = abs(len(groups) - len(set(people)))
        right += off == 0
        close += off <= 1
        papers += len(people)
        for group in groups:
            of_each = Counter(people[number] for number in group)
            wrong += len(group) - max(of_each.values())
    print(f"number of people right in {right} of {len(names)} names, at most one off in {close}")  # noqa: T201
    print(f"papers put with the wrong person: {wrong} of {papers}")  # noqa: T201
    assert len(names) == 50
    assert right >= 23
    assert close >= 36
    assert wrong <= 70


def test_following_a_person_brings_their_new_papers_as_well_as_measured() -> None:
    """Whoever follows picks the person of their older papers; the newer ones are what it then brings."""
    found = {guard: Followed() for guard in Guard}
    for one in labelled():
        known = one.earlier()
        new = [paper for paper, _person in one.papers if paper.id not in known]
        for guard, person, query in _queries(one, known):
            theirs = {paper.id for paper, who in one.papers if who == person and paper in new}
            brought = {paper.id for paper in new if query and query.query.matches(analyze_paper(paper))}
            found[guard].right += len(brought & theirs)
            found[guard].wrong += len(brought - theirs)
            found[guard].missed += len(theirs - brought)
    for guard, followed in found.items():
        print(f"{guard.name.lower()}: {followed}")  # noqa: T201
    categories, co_authors = found[Guard.CATEGORIES], found[Guard.CO_AUTHORS]
    assert categories.right >= 166
    assert categories.wrong <= 98
    assert co_authors.right >= 140
    assert co_authors.wrong <= 45


def _queries(one: LabelledName, known: frozenset[PaperId]) -> Iterator[tuple[Guard, int, AuthorQuery | None]]:
    """Yield each guard's query for each person who has papers among the *known* ones and others."""
    papers = [paper for paper, _person in one.papers if paper.id in known]
    namesakes = Namesakes(one.readings, papers, _LONGEST)
    for person in dict.fromkeys(one.people()):
        own = {paper.id for paper, who in one.papers if who == person}
        if own <= known:
            continue
        picked = max(namesakes.people, key=lambda each: len(own.intersection(_ids(each.papers))))
        for guard in Guard:
            yield guard, person, namesakes.only(picked, guard)


def _ids(papers: Sequence[Paper]) -> set[PaperId]:
    return {paper.id for paper in papers}
